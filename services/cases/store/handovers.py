"""The hand-over sheets and the checklists of cases."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.cases.domain.handover import HandOver, Sheet, Tick
from services.cases.store.case_row import CaseRow
from services.cases.store.table import Table
from shared.encryption import EncryptedJson
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class SheetRow(Table, Sheet, table=True):
    """One version of a hand-over sheet."""

    __tablename__ = "hand_over"

    case_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("case.id")])
    number: int = Field(primary_key=True)
    content: HandOver = Field(sa_type=EncryptedJson(HandOver))
    written_at: datetime


class TickRow(Table, Tick, table=True):
    """An item of a checklist that was done."""

    __tablename__ = "checklist_tick"

    case_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("case.id")])
    stretch: int = Field(primary_key=True)
    item: str = Field(primary_key=True)


class HandOvers(Collection):
    """What a case needs to survive a change of worker."""

    def add(self, sheet: Sheet) -> SheetRow:
        """Store a version whose case is recorded already."""
        row = SheetRow(**dict(sheet))
        self.session.add(row)
        return row

    async def newest(self, case: CaseRow) -> SheetRow | None:
        """The newest version of a case's sheet."""
        return await self.session.get(SheetRow, (case.id, case.hand_over_version)) if case.hand_over_version else None

    async def is_written(self, case: CaseRow) -> bool:
        """Whether there is one of the case's present stretch."""
        sheet = await self.newest(case)
        return sheet is not None and sheet.stretch == len(case.intervals)

    async def page(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[SheetRow]:
        """At most `limit` + 1 versions, the newest first."""
        query = select(SheetRow).where(SheetRow.case_id == case_id)
        if after:
            query = query.where(SheetRow.number < int(after[0]))
        return list((await self.session.exec(query.order_by(col(SheetRow.number).desc()).limit(limit + 1))).all())

    async def ticks(self, case: CaseRow) -> dict[str, TickRow]:
        """What is done of the checklists in the case's present (or last) stretch, by item."""
        query = select(TickRow).where(TickRow.case_id == case.id, TickRow.stretch == len(case.intervals))
        return {row.item: row for row in (await self.session.exec(query)).all()}

    async def tick(self, tick: Tick, *, is_done: bool) -> None:
        """Note that an item is done, or take that back; its case is recorded already."""
        key = {"case_id": tick.case_id, "stretch": tick.stretch, "item": tick.item}
        if not is_done:
            same = [col(getattr(TickRow, name)) == value for name, value in key.items()]
            await self.session.exec(delete(TickRow).where(*same))
            return
        done = {"done_by": tick.done_by, "done_on": tick.done_on}
        statement = insert(TickRow).values(**key, **done)
        await self.session.exec(statement.on_conflict_do_update(index_elements=list(key), set_=done))
