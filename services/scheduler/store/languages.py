"""Which language a person speaks, as intake tells it: a code and nothing else."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col

from services.scheduler.store.table import Table
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class PersonLanguageRow(Table, table=True):
    """The language of one person, such as `fr`."""

    __tablename__ = "person_language"

    person_id: UUID = Field(primary_key=True)
    language: str


class Languages(Collection):
    """What is known of people's languages."""

    async def keep(self, person_id: UUID, language: str | None) -> None:
        """Remember what was told last; None forgets it."""
        if language is None:
            await self.session.exec(delete(PersonLanguageRow).where(col(PersonLanguageRow.person_id) == person_id))
            return
        row = insert(PersonLanguageRow).values(person_id=person_id, language=language)
        await self.session.exec(
            row.on_conflict_do_update(index_elements=["person_id"], set_={"language": row.excluded.language})
        )
