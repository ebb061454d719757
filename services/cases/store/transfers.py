"""The transfers of cases: offered, asked for, answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, Integer, and_, or_, text, true, tuple_
from sqlmodel import Field, col, select

from services.cases.domain import answered_by
from services.cases.domain.transfer import Transfer, TransferPending, TransferReason, TransferState
from services.cases.events import CaseTransferEnded, TransferKind, TransferOutcome
from services.cases.store.agenda import Agenda
from services.cases.store.case_row import CaseRow
from services.cases.store.table import Table
from services.cases.store.ties import Ties, subject_of
from services.cases.store.timeline import Timeline
from services.cases.store.visibility import SUBJECT
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.relationships.asked import related
from shared.relationships.links import Relationships
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_transfer_version = Column("version", Integer, nullable=False)


class TransferRow(Table, Transfer, table=True):
    """A transfer; a case has at most one that waits for its answer."""

    __tablename__ = "transfer"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _transfer_version, "version_id_generator": False}
    __table_args__ = (
        Index("uq_transfer_live", "case_id", unique=True, postgresql_where=text("state = 'offered'")),
        Index("ix_transfer_to_organisation_asked_at_id", "to_organisation", "asked_at", "id"),
        Index("ix_transfer_from_organisation_asked_at_id", "from_organisation", "asked_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    kind: TransferKind = Field(sa_type=text_enum(TransferKind))
    state: TransferState = Field(default=TransferState.OFFERED, sa_type=text_enum(TransferState))
    reason: TransferReason = Field(sa_type=text_enum(TransferReason))
    note: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_transfer_version)


WAITING = col(TransferRow.state) == TransferState.OFFERED


def on_side_of(caller: Caller) -> ColumnElement[bool]:
    """Whether the caller's organisation gives or takes the case."""
    if caller.scope == Scope.ALL:
        return true()
    mine = caller.organisation
    return or_(col(TransferRow.from_organisation) == mine, col(TransferRow.to_organisation) == mine)


def asked_of(caller: Caller, *, in_person: bool) -> ColumnElement[bool]:
    """Whether the caller's organisation has to answer; `in_person` for those that name the caller."""
    offered = [col(TransferRow.kind) == TransferKind.TRANSFER, col(TransferRow.to_organisation) == caller.organisation]
    wanted = [
        col(TransferRow.kind) == TransferKind.TAKEOVER_REQUEST,
        col(TransferRow.from_organisation) == caller.organisation,
    ]
    if in_person:
        offered.append(col(TransferRow.to_worker) == caller.subject)
        wanted.append(col(TransferRow.from_worker) == caller.subject)
    return or_(and_(*offered), and_(*wanted))


class Transfers(Collection):
    """The transfers of cases. Whoever changes one holds its case first, so that no two of a case are live at once."""

    async def hold_case(self, case: CaseRow) -> None:
        """Lock a case and read it again: it stays as it is until this transaction ends."""
        await self.session.refresh(case, with_for_update=True)

    async def live(self, case_id: UUID) -> TransferRow | None:
        """The transfer of a case that waits for its answer."""
        return (await self.session.exec(select(TransferRow).where(TransferRow.case_id == case_id, WAITING))).first()

    async def add(self, transfer: Transfer, fact: Event, note: str | None) -> TransferRow:
        """Store a new one, whose case is held. Raises TransferPending where another one waits."""
        other = await self.live(transfer.case_id)
        if other is not None:
            raise TransferPending(facts={"transfer_id": str(other.id)})
        row = TransferRow(**dict(transfer))
        await self.keep(row, transfer.asked_by, fact, note)
        return row

    async def keep(self, transfer: TransferRow, by: str | None, fact: Event, note: str | None = None) -> None:
        """Record what became of one, on the case's timeline too, and take its line off the agenda."""
        await self.record(transfer, fact)
        case = await self.session.get(CaseRow, transfer.case_id)
        if case:
            await Ties(self.transaction).offered(case, fact)
        Timeline(self.transaction).tell(transfer.case_id, [fact], by, {"note": note} if note else None)
        await Agenda(self.transaction).settle(transfer.case_id, answered_by([fact]))

    async def get(self, transfer_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> TransferRow:
        """One that the caller's organisation gives or takes; NotFound, StaleVersion by `seen`."""
        query = select(TransferRow).where(TransferRow.id == transfer_id, on_side_of(caller))
        transfer = (await self.session.exec(query)).first()
        if transfer is None:
            raise NotFound
        case = await self.session.get(CaseRow, transfer.case_id)
        await Relationships(self.transaction).demand(subject_of(case) if case else None, caller)
        if seen:
            seen.check(transfer)
        return transfer

    async def hold(self, transfer_id: UUID, caller: Caller, seen: SeenVersion) -> tuple[TransferRow, CaseRow]:
        """One with its case, both held; the case whether or not the caller may see it: the sides have agreed on that.

        Raises NotFound, StaleVersion.
        """
        transfer = await self.get(transfer_id, caller)
        case = (await self.session.exec(select(CaseRow).where(CaseRow.id == transfer.case_id).with_for_update())).one()
        await self.session.refresh(transfer)
        seen.check(transfer)
        return transfer, case

    async def lapse(self, case_id: UUID) -> None:
        """End what waits for an answer: the case ended, or went to somebody else."""
        transfer = await self.live(case_id)
        if transfer is not None:
            fact: CaseTransferEnded = transfer.end(TransferOutcome.LAPSED, None, self.transaction.clock.now())
            await self.keep(transfer, None, fact)

    async def page(
        self, caller: Caller, which: ColumnElement[bool], limit: int, after: Sequence[str] | None
    ) -> list[tuple[TransferRow, CaseRow]]:
        """At most `limit` + 1 of these with their cases, the newest first."""
        query = select(TransferRow, CaseRow).join(CaseRow, col(CaseRow.id) == col(TransferRow.case_id))
        query = query.where(on_side_of(caller), which, related(SUBJECT, caller, self.transaction.clock.now()))
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(TransferRow.asked_at), col(TransferRow.id)) < place)
        query = query.order_by(col(TransferRow.asked_at).desc(), col(TransferRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
