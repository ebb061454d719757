"""Who has died, as intake tells it."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text, update
from sqlmodel import Field, col, select

from services.scheduler.store.table import Table
from shared.ids import new_id
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class DeathRow(Table, table=True):
    """A death that was told. One that was taken back is kept, with the day on which it was.

    It stays with the person whom it was told of: of whom two merged records stand for, intake tells it anew.
    """

    __tablename__ = "death"
    __table_args__ = (Index("ix_death_person_id", "person_id", postgresql_where=text("withdrawn_on IS NULL")),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID
    on: date
    withdrawn_on: date | None = None


class Deaths(Collection):
    """The deaths that stand."""

    async def note(self, person_id: UUID, on: date) -> None:
        """A person died on a day, or the day is corrected. Whoever plans for this person waits meanwhile."""
        await self.serialise(str(person_id))
        query = select(DeathRow).where(DeathRow.person_id == person_id, col(DeathRow.withdrawn_on).is_(None))
        known = (await self.session.exec(query.limit(1))).one_or_none() or DeathRow(person_id=person_id, on=on)
        known.on = on
        self.session.add(known)
        await self.session.flush()

    async def withdraw(self, person_id: UUID, on: date) -> None:
        """The person lives."""
        await self.serialise(str(person_id))
        standing = update(DeathRow).where(col(DeathRow.person_id) == person_id, col(DeathRow.withdrawn_on).is_(None))
        await self.session.exec(standing.values(withdrawn_on=on))
