"""The imports with their rows, the column mappings, and all SQL about them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Field, col, select

from services.intake.domain import Candidate
from services.intake.domain.imports import (
    ENDED,
    ColumnMapping,
    Entry,
    ImportKind,
    ImportState,
    MappingExists,
    RowState,
    UnknownMapping,
)
from services.intake.store.table import Table, visible
from shared.auth import Caller
from shared.encryption import EncryptedJson
from shared.errors import NotFound
from shared.ids import new_id
from shared.spreadsheets import CellFault, RejectedRow, TableRow
from shared.spreadsheets import Table as ReadTable
from shared.store import Collection, Json, text_enum

AT_ONCE = 500
"""Rows per statement."""

T = TypeVar("T")


def in_parts(rows: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """The rows in parts of what is worked on at once."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


class MappingRow(Table, table=True):
    """How a programme reads another list; it never changes."""

    __tablename__ = "column_mapping"

    programme: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    content: ColumnMapping = Field(sa_type=Json(ColumnMapping))


class ImportRow(Table, table=True):
    """An import. The same file of the same programme, read in the same way, is the same import."""

    __tablename__ = "list_import"
    __table_args__ = (
        UniqueConstraint("programme", "content_hash"),
        Index("ix_list_import_state_created_at", "state", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    programme: str
    content_hash: str
    state: ImportState = Field(sa_type=text_enum(ImportState))
    created_at: datetime
    created_by: str
    finished_at: datetime | None = None
    rows_forgotten_at: datetime | None = None
    total: int
    columns: tuple[str, ...] = Field(sa_type=Json(tuple[str, ...]))
    mapping: ColumnMapping = Field(sa_type=Json(ColumnMapping))


class ImportedRow(Table, table=True):
    """A row of an import. Its cells are gone once it has entered; of the others they stay until forgotten."""

    __tablename__ = "import_row"
    __table_args__ = (Index("ix_import_row_import_id_state_number", "import_id", "state", "number"),)

    import_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("list_import.id", ondelete="CASCADE")])
    number: int = Field(primary_key=True)
    state: RowState = Field(default=RowState.WAITING, sa_type=text_enum(RowState))
    content: TableRow | None = Field(default=None, sa_type=EncryptedJson(TableRow), nullable=True)
    faults: tuple[CellFault, ...] = Field(default=(), sa_type=Json(tuple[CellFault, ...]))
    target_id: UUID | None = None
    candidates: tuple[Candidate, ...] = Field(default=(), sa_type=Json(tuple[Candidate, ...]))
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def verdict(self) -> RejectedRow:
        """What was wrong with it."""
        return RejectedRow(row=self.number, faults=self.faults)

    def end(self, entry: Entry) -> None:
        """Keep what became of it; of a row that is in nothing more is kept than what it became."""
        self.state, self.faults, self.target_id = entry.state, tuple(entry.faults), entry.target_id
        self.candidates = entry.candidates
        if entry.state in (RowState.ENTERED, RowState.KNOWN):
            self.content = None


class ReferenceRow(Table, table=True):
    """What another list calls somebody, or a contact, that came in from it."""

    __tablename__ = "import_reference"

    programme: str = Field(primary_key=True)
    kind: ImportKind = Field(primary_key=True, sa_type=text_enum(ImportKind))
    reference: str = Field(primary_key=True)
    target_id: UUID = Field(index=True)
    fingerprint: str


class References(Collection):
    """What other lists call the people and contacts of the index."""

    async def of(self, programme: str, kind: ImportKind, named: Sequence[str]) -> dict[str, ReferenceRow]:
        """Those of these references that are known."""
        query = select(ReferenceRow).where(
            ReferenceRow.programme == programme, ReferenceRow.kind == kind, col(ReferenceRow.reference).in_(named)
        )
        return {row.reference: row for row in (await self.session.exec(query)).all()}


class Mappings(Collection):
    """The column mappings of the programmes."""

    async def put(self, programme: str, code: str, content: ColumnMapping) -> None:
        """Keep a mapping; raises MappingExists where the code stands for another one."""
        await self.transaction.insert_once(MappingRow, programme=programme, code=code, content=content)
        known = await self.session.get(MappingRow, (programme, code))
        if known and known.content != content:
            raise MappingExists

    async def get(self, programme: str, code: str) -> ColumnMapping:
        """One mapping; NotFound."""
        known = await self.session.get(MappingRow, (programme, code))
        if known is None:
            raise NotFound
        return known.content

    async def for_import(self, programme: str, code: str | None, kind: ImportKind) -> ColumnMapping:
        """How to read a list; raises UnknownMapping."""
        if code is None:
            return ColumnMapping(kind=kind)
        known = await self.session.get(MappingRow, (programme, code))
        if known is None or known.content.kind is not kind:
            raise UnknownMapping
        return known.content


class Imports(Collection):
    """The imports, as far as the caller may see them."""

    async def open(self, table: ReadTable, caller: Caller, content_hash: str, mapping: ColumnMapping) -> ImportRow:
        """The import of these rows, to be gone on with on the clock.

        What comes again is the import that it was: what is in stays, what was rejected is looked at once more.
        """
        values = {"id": new_id(), "programme": caller.organisation, "content_hash": content_hash, "mapping": mapping}
        values |= {"created_at": self.transaction.clock.now(), "created_by": caller.subject, "finished_at": None}
        values |= {"state": ImportState.RUNNING, "total": len(table.rows), "columns": table.columns}
        is_new = await self.transaction.insert_once(ImportRow, **values)
        query = select(ImportRow).where(
            ImportRow.programme == caller.organisation, ImportRow.content_hash == content_hash
        )
        found = (await self.session.exec(query)).one()
        if not is_new and (
            found.state is ImportState.RUNNING or not await self.rows(found.id, RowState.REJECTED, 1, 0)
        ):
            return found
        await self.session.refresh(found, with_for_update=True)
        found.state, found.finished_at, found.rows_forgotten_at = ImportState.RUNNING, None, None
        self.session.add(found)
        for rows in in_parts(table.rows):
            await self._put(found.id, rows)
        return found

    async def get(self, import_id: UUID, caller: Caller) -> ImportRow:
        """One import; NotFound when there is none that this caller may see."""
        found = await self.session.get(ImportRow, import_id)
        if found is None or not visible(found, caller):
            raise NotFound
        return found

    async def counts(self, import_id: UUID) -> Mapping[RowState, int]:
        """How many rows are in which state."""
        query = select(ImportedRow.state, func.count()).where(ImportedRow.import_id == import_id)
        found = await self.session.exec(query.group_by(col(ImportedRow.state)))
        return {RowState(state): count for state, count in found.all()}

    async def rows(self, import_id: UUID, state: RowState | None, limit: int, after: int) -> list[ImportedRow]:
        """At most `limit` rows behind that number in order, in one state where one is named."""
        query = select(ImportedRow).where(ImportedRow.import_id == import_id, col(ImportedRow.number) > after)
        if state:
            query = query.where(ImportedRow.state == state)
        return list((await self.session.exec(query.order_by(col(ImportedRow.number)).limit(limit))).all())

    async def row(self, import_id: UUID, number: int) -> ImportedRow:
        """One row, kept for this transaction; NotFound."""
        query = select(ImportedRow).where(ImportedRow.import_id == import_id, ImportedRow.number == number)
        found = (await self.session.exec(query.with_for_update())).first()
        if found is None:
            raise NotFound
        return found

    async def next(self, limit: int) -> tuple[ImportRow, list[ImportedRow]] | None:
        """The oldest running import with its next rows, kept for this transaction; one without rows is finished."""
        query = select(ImportRow).where(ImportRow.state == ImportState.RUNNING).order_by(col(ImportRow.created_at))
        found = (await self.session.exec(query.limit(1).with_for_update(skip_locked=True))).first()
        if found is None:
            return None
        rows = await self.rows(found.id, RowState.WAITING, limit, 0)
        if not rows:
            found.state, found.finished_at = ImportState.FINISHED, self.transaction.clock.now()
            self.session.add(found)
        return found, rows

    async def forget(self, before: datetime) -> int:
        """Delete the cells of rejected rows of imports that ended before that instant; counts and codes stay."""
        ended = select(ImportRow.id).where(
            col(ImportRow.finished_at) < before, col(ImportRow.rows_forgotten_at).is_(None)
        )
        ids = list((await self.session.exec(ended.limit(20).with_for_update(skip_locked=True))).all())
        if ids:
            rejected = col(ImportedRow.import_id).in_(ids) & (col(ImportedRow.state) == RowState.REJECTED)
            await self.session.exec(update(ImportedRow).where(rejected).values(content=None))
            now = self.transaction.clock.now()
            await self.session.exec(update(ImportRow).where(col(ImportRow.id).in_(ids)).values(rows_forgotten_at=now))
        return len(ids)

    async def _put(self, import_id: UUID, rows: Sequence[TableRow]) -> None:
        """Store rows to be looked at; those that are in, or wait for a person's decision, stay as they are."""
        values = [
            {"import_id": import_id, "number": row.number, "state": RowState.WAITING, "content": row, "faults": ()}
            | {"candidates": ()}
            for row in rows
        ]
        statement = upsert(ImportedRow).values(values)
        fresh = {name: statement.excluded[name] for name in ("state", "content", "faults")}
        ended = col(ImportedRow.state).in_(ENDED)
        again = statement.on_conflict_do_update(index_elements=["import_id", "number"], set_=fresh, where=~ended)
        await self.session.exec(again)
