"""What we count of each case's closings."""

from uuid import UUID

from sqlalchemy import Integer, cast, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col

from services.scheduler.store.table import Table
from shared.store import Collection


class ClosingRow(Table, table=True):
    """How often a case was closed, and whether it was reopened since."""

    __tablename__ = "closing"

    case_id: UUID = Field(primary_key=True)
    number: int
    reopened: bool = False


class Closings(Collection):
    """What we count of each case's closings."""

    async def close(self, case_id: UUID) -> int:
        """The number of this closing, from 1: the same again until the case is reopened."""
        first = insert(ClosingRow).values(case_id=case_id, number=1, reopened=False)
        closing = first.on_conflict_do_update(
            index_elements=["case_id"],
            set_={
                "number": ClosingRow.number + cast(ClosingRow.reopened, Integer),
                "reopened": False,
            },
        )
        return int((await self.session.exec(closing.returning(col(ClosingRow.number)))).scalar_one())

    async def reopen(self, case_id: UUID) -> None:
        """From now on the next closing is another one."""
        await self.session.exec(update(ClosingRow).where(col(ClosingRow.case_id) == case_id).values(reopened=True))
