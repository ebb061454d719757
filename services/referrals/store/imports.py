"""The imports with their rows, and all SQL about them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Field, col, select

from services.referrals.domain import Document, Door, IdentifierReused, SheetFaults
from services.referrals.domain.document import fingerprint
from services.referrals.domain.imports import ImportState, RowState
from services.referrals.formats.table import cell_faults, document_of
from services.referrals.store.instruments import Instruments
from services.referrals.store.referrals import ReferralRow, Referrals
from services.referrals.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.encryption import EncryptedJson
from shared.errors import NotFound
from shared.ids import new_id
from shared.spreadsheets import CellFault, RejectedRow, TableRow
from shared.spreadsheets import Table as ReadTable
from shared.store import Collection, Json, text_enum

REUSED = CellFault(column="identifier_value", code="identifier-reused")
AT_ONCE = 500
"""Rows per statement: about a megabyte."""

T = TypeVar("T")


def in_parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows in parts of what one statement takes."""
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


@dataclass
class Judged:
    """A row, the document that it means, and what would become of it."""

    row: TableRow
    document: Document | None
    faults: list[CellFault]
    state: RowState = RowState.REJECTED


class SpoiltRow(Exception):
    """This row of an all-or-nothing import cannot enter."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class ImportRow(Table, table=True):
    """An import. The same file of the same organisation, imported in the same way, is the same import."""

    __tablename__ = "referral_import"
    __table_args__ = (
        UniqueConstraint("organisation", "content_hash"),
        Index("ix_referral_import_state_created_at", "state", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str = Field(sa_column_args=[ForeignKey("organisation.code")])
    content_hash: str
    all_or_nothing: bool
    state: ImportState = Field(sa_type=text_enum(ImportState))
    created_at: datetime
    finished_at: datetime | None = None
    rows_forgotten_at: datetime | None = None
    total: int
    columns: tuple[str, ...] = Field(sa_type=Json(tuple[str, ...]))


class ImportedRow(Table, table=True):
    """A row of an import. Its cells are kept until they are forgotten; its verdict stays."""

    __tablename__ = "import_row"
    __table_args__ = (Index("ix_import_row_import_id_state_number", "import_id", "state", "number"),)

    import_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("referral_import.id", ondelete="CASCADE")])
    number: int = Field(primary_key=True)
    state: RowState = Field(default=RowState.WAITING, sa_type=text_enum(RowState))
    content: TableRow | None = Field(default=None, sa_type=EncryptedJson(TableRow))
    faults: tuple[CellFault, ...] = Field(default=(), sa_type=Json(tuple[CellFault, ...]))
    referral_id: UUID | None = None

    @property
    def verdict(self) -> RejectedRow:
        """What was wrong with it."""
        return RejectedRow(row=self.number, faults=self.faults)

    def reject(self, faults: Sequence[CellFault]) -> None:
        """Keep what was wrong with it."""
        self.state, self.faults = RowState.REJECTED, tuple(faults)

    def enter(self, referral_id: UUID, is_new: bool) -> None:
        """Keep which referral it became, or was already."""
        self.state, self.referral_id = (RowState.RECEIVED if is_new else RowState.REPEATED), referral_id


class Imports(Collection):
    """The imports, as far as the caller may see them."""

    async def open(self, table: ReadTable, organisation: str, content_hash: str, all_or_nothing: bool) -> ImportRow:
        """The import of these rows, to be worked on by `advance`.

        What comes again is the import that it was: what entered stays, what was rejected is looked at once more.
        """
        now = self.transaction.clock.now()
        values = {"id": new_id(), "organisation": organisation, "content_hash": content_hash, "created_at": now}
        values |= {"all_or_nothing": all_or_nothing, "state": ImportState.RUNNING, "finished_at": None}
        values |= {"rows_forgotten_at": None, "total": len(table.rows), "columns": table.columns}
        await self.transaction.insert_once(ImportRow, **values)
        found = await self._of_file(organisation, content_hash)
        is_known = found.id != values["id"]
        if is_known and (found.state is ImportState.RUNNING or not await self.rejected(found.id, 1, 0)):
            return found
        await self.session.refresh(found, with_for_update=True)
        found.state, found.finished_at, found.rows_forgotten_at = ImportState.RUNNING, None, None
        for rows in in_parts(table.rows):
            await self._put(found.id, rows)
        return found

    async def get(self, import_id: UUID, caller: Caller) -> ImportRow:
        """One import; NotFound when there is none, or none of this caller."""
        found = await self.session.get(ImportRow, import_id)
        if found is None or (caller.scope != Scope.ALL and found.organisation != caller.organisation):
            raise NotFound
        return found

    async def counts(self, import_id: UUID) -> Mapping[RowState, int]:
        """How many rows are in which state."""
        query = select(ImportedRow.state, func.count()).where(ImportedRow.import_id == import_id)
        found = await self.session.exec(query.group_by(col(ImportedRow.state)))
        return {RowState(state): count for state, count in found.all()}

    async def rejected(self, import_id: UUID, limit: int, after: int) -> list[ImportedRow]:
        """At most `limit` rejected rows behind that number, in order."""
        query = select(ImportedRow).where(
            ImportedRow.import_id == import_id,
            ImportedRow.state == RowState.REJECTED,
            col(ImportedRow.number) > after,
        )
        return list((await self.session.exec(query.order_by(col(ImportedRow.number)).limit(limit))).all())

    async def judge(self, rows: Sequence[Judged], sender: str) -> None:
        """Set what would become of these rows, nothing stored: the same checks, and the identifiers known already."""
        seen: dict[tuple[str, str], tuple[str | None, ...]] = {}
        for some in in_parts(rows):
            seen = await self._known([each.document for each in some if each.document], sender) | seen
            for each in some:
                await self._judge(each, seen)

    async def _judge(self, each: Judged, seen: dict[tuple[str, str], tuple[str | None, ...]]) -> None:
        if each.document:
            each.faults += (await self._at_door(each.document, each.row))[1]
        if each.document is None or each.faults:
            each.state = RowState.REJECTED
            return
        key = (each.document.identifier.system, each.document.identifier.value)
        mark = fingerprint(each.document.content())
        if key not in seen:
            seen[key] = (mark,)
            each.state = RowState.RECEIVED
        elif mark in seen[key]:
            each.state = RowState.REPEATED
        else:
            each.faults.append(REUSED)

    async def advance(self, limit: int) -> bool:
        """Work on the oldest import that runs, at most `limit` rows; says whether there is more to do."""
        query = select(ImportRow).where(ImportRow.state == ImportState.RUNNING).order_by(col(ImportRow.created_at))
        found = (await self.session.exec(query.limit(1).with_for_update(skip_locked=True))).first()
        if found is None:
            return False
        rows = await self._in_state(found.id, RowState.WAITING, limit)
        if not rows:
            await self._finish(found)
        elif found.all_or_nothing:
            await self._check_only(rows, found.organisation)
        else:
            for row in rows:
                await self._take(row, found.organisation)
        return True

    async def forget(self, before: datetime) -> int:
        """Delete the cells of imports that ended before that instant; their counts and codes stay."""
        ended = select(ImportRow.id).where(
            col(ImportRow.finished_at) < before, col(ImportRow.rows_forgotten_at).is_(None)
        )
        ids = list((await self.session.exec(ended.limit(20).with_for_update(skip_locked=True))).all())
        if ids:
            now = self.transaction.clock.now()
            await self.session.exec(update(ImportedRow).where(col(ImportedRow.import_id).in_(ids)).values(content=None))
            await self.session.exec(update(ImportRow).where(col(ImportRow.id).in_(ids)).values(rows_forgotten_at=now))
        return len(ids)

    async def _of_file(self, organisation: str, content_hash: str) -> ImportRow:
        query = select(ImportRow).where(ImportRow.organisation == organisation, ImportRow.content_hash == content_hash)
        return (await self.session.exec(query)).one()

    async def _put(self, import_id: UUID, rows: Sequence[TableRow]) -> None:
        """Store rows to be looked at; those that have entered stay as they are."""
        values = [
            {"import_id": import_id, "number": row.number, "state": RowState.WAITING, "content": row, "faults": ()}
            for row in rows
        ]
        statement = upsert(ImportedRow).values(values)
        fresh = {name: statement.excluded[name] for name in ("state", "content", "faults")}
        entered = col(ImportedRow.state).in_((RowState.RECEIVED, RowState.REPEATED))
        again = statement.on_conflict_do_update(index_elements=["import_id", "number"], set_=fresh, where=~entered)
        await self.session.exec(again)

    async def _in_state(self, import_id: UUID, state: RowState, limit: int) -> list[ImportedRow]:
        query = select(ImportedRow).where(ImportedRow.import_id == import_id, ImportedRow.state == state)
        return list((await self.session.exec(query.order_by(col(ImportedRow.number)).limit(limit))).all())

    async def _known(self, documents: Sequence[Document], sender: str) -> dict[tuple[str, str], tuple[str | None, ...]]:
        """The fingerprints that the sender's identifiers stand for already."""
        keys = [(each.identifier.system, each.identifier.value) for each in documents]
        query = select(
            ReferralRow.identifier_system,
            ReferralRow.identifier_value,
            ReferralRow.fingerprint,
            ReferralRow.corrected_fingerprint,
        ).where(
            ReferralRow.sender == sender,
            tuple_(col(ReferralRow.identifier_system), col(ReferralRow.identifier_value)).in_(keys),
        )
        found = (await self.session.exec(query)).all()
        return {(system, value): (first, corrected) for system, value, first, corrected in found}

    async def _at_door(self, document: Document, row: TableRow) -> tuple[bool, list[CellFault]]:
        """Whether every sheet could be checked, and what the door refuses."""
        try:
            today = local_date(self.transaction.clock)
            return await Instruments(self.transaction).check(document, today), []
        except SheetFaults as error:
            return False, cell_faults(list(error.faults), row.cells)

    async def _check_only(self, rows: Sequence[ImportedRow], sender: str) -> None:
        judged = [Judged(row.content, *document_of(row.content)) for row in rows if row.content]
        await self.judge(judged, sender)
        for row, verdict in zip(rows, judged, strict=True):
            if verdict.state is RowState.REJECTED:
                row.reject(verdict.faults)
            else:
                row.state = RowState.CHECKED

    async def _take(self, row: ImportedRow, sender: str) -> None:
        """Let a row enter by the same command as a push, or keep why not."""
        if row.content is None:
            return
        document, faults = document_of(row.content)
        checked, refused = await self._at_door(document, row.content) if document else (False, [])
        if document is None or refused:
            row.reject([*faults, *refused])
            return
        try:
            referral_id, _, is_new = await Referrals(self.transaction).receive(document, sender, checked, Door.IMPORT)
            row.enter(referral_id, is_new)
        except IdentifierReused:
            row.reject([REUSED])

    async def _finish(self, found: ImportRow) -> None:
        found.state = ImportState.FINISHED
        if found.all_or_nothing:
            found.state = await self._all_or_nothing(found)
        found.finished_at = self.transaction.clock.now()

    async def _all_or_nothing(self, found: ImportRow) -> ImportState:
        if await self.rejected(found.id, 1, 0):
            return ImportState.REFUSED
        try:
            async with self.session.begin_nested():
                while rows := await self._in_state(found.id, RowState.CHECKED, AT_ONCE):
                    for row in rows:
                        await self._take(row, found.organisation)
                        if row.state is RowState.REJECTED:
                            raise SpoiltRow(row.number)
                    await self.session.flush()
        except SpoiltRow as spoilt:
            where = (col(ImportedRow.import_id) == found.id) & (col(ImportedRow.number) == spoilt.number)
            await self.session.exec(update(ImportedRow).where(where).values(state=RowState.REJECTED, faults=(REUSED,)))
            return ImportState.REFUSED
        return ImportState.FINISHED
