"""Who has died, as intake tells it: a case may be opened, or its person known, only later."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, col, select

from services.cases.store.table import Table
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
    """The deaths that were told. Whoever tells of one and whoever opens a case for the person wait for each other."""

    async def standing(self, person_id: UUID) -> DeathRow | None:
        """The death of a person, if one was told and not taken back."""
        await self.serialise(f"death:{person_id}")
        query = select(DeathRow).where(DeathRow.person_id == person_id, col(DeathRow.withdrawn_on).is_(None))
        return (await self.session.exec(query.order_by(col(DeathRow.id)).limit(1))).one_or_none()

    async def note(self, person_id: UUID, on: date) -> DeathRow:
        """A person died on a day, or the day is corrected."""
        row = await self.standing(person_id) or DeathRow(person_id=person_id, on=on)
        row.on = on
        self.session.add(row)
        await self.session.flush()
        return row

    async def withdraw(self, person_id: UUID, on: date) -> DeathRow | None:
        """The person lives; the death that was a mistake, if it was known."""
        found = None
        while row := await self.standing(person_id):
            row.withdrawn_on = on
            await self.session.flush()
            found = row
        return found
