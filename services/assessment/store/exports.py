"""What left the service for studies: who took how many rows and when. The rows themselves are not kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, col, select

from services.assessment.events import EvaluationExported
from services.assessment.store.table import Table, visible, within
from shared.auth import Caller
from shared.ids import new_id
from shared.store import Collection, Json


class ExportRow(Table, table=True):
    """One export."""

    __tablename__ = "export"

    id: UUID = Field(primary_key=True)
    organisation: str
    study: str = Field(index=True)
    first: date
    last: date
    format: str
    precision: str
    on_small: str
    columns: list[str] = Field(sa_type=Json(list[str]))
    rows: int
    suppressed_rows: int
    left_out: int
    small_cell_limit: int
    checksum: str
    exported_by: str
    exported_at: datetime
    version: int


class Exports(Collection):
    """The exports, as far as the caller may see them."""

    async def add(self, caller: Caller, **values: Any) -> ExportRow:
        """Note an export and tell of it."""
        row = ExportRow(
            id=new_id(),
            organisation=caller.organisation,
            exported_by=caller.subject,
            exported_at=self.transaction.clock.now(),
            version=0,
            **values,
        )
        fact = EvaluationExported(export_id=row.id, study=row.study, rows=row.rows, checksum=row.checksum)
        await self.record(row, fact)
        return row

    async def get(self, export_id: UUID, caller: Caller) -> ExportRow:
        """One export; raises NotFound."""
        return visible(await self.session.get(ExportRow, export_id), caller)

    async def page(self, caller: Caller, study: str | None, limit: int, after: Sequence[str] | None) -> list[ExportRow]:
        """At most `limit` + 1 rows, newest first."""
        query = select(ExportRow).where(*within(ExportRow, caller))
        if study:
            query = query.where(ExportRow.study == study)
        if after:
            query = query.where(col(ExportRow.id) < UUID(after[0]))
        return list((await self.session.exec(query.order_by(col(ExportRow.id).desc()).limit(limit + 1))).all())
