"""The routes of transfers: a case is offered or asked for, and the other side answers."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from services.cases.api.doors import AgendaDep, CasesDep, MayTransfer, OrganisationsDep, TransfersDep, router
from services.cases.api.stepping import Step, StepDep
from services.cases.domain import Phase, Reason, State, refuse_unknown
from services.cases.domain.transfer import (
    Party,
    Transfer,
    TransferAcceptance,
    TransferAnswer,
    TransferOffer,
    TransferReason,
    TransferRefusal,
    TransferState,
    hand_over,
    offer_transfer,
)
from services.cases.events import TransferKind, TransferOutcome, Urgency
from services.cases.store import Agenda, Caseload, CaseRow, Cases, HandOvers, TransferRow, Transfers, Workers
from services.cases.store.transfers import asked_of
from shared.access import widest
from shared.acting import SERVICE
from shared.auth import Caller
from shared.clock import Clock, local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, SeenVersion, Tag, Tagged


class ShortSheet(BaseModel):
    """What the other side may know of a case before it answers: no person, no plan, nothing that anybody wrote."""

    state: State
    phase: Phase
    urgency: Urgency
    opened_on: date
    next_step_on: date | None
    open_tasks: int
    has_hand_over: bool = Field(description="Whether a hand-over sheet goes with it")

    @classmethod
    def of(cls, case: CaseRow) -> "ShortSheet":
        return cls.model_validate({**dict(case), "phase": case.phase, "has_hand_over": case.hand_over_version > 0})


class TransferView(BaseModel):
    """A transfer with the short sheet of its case. Who takes the case over reads all of it after the acceptance."""

    id: UUID
    case_id: UUID
    kind: TransferKind
    state: TransferState
    reason: TransferReason
    note: str | None
    from_organisation: str
    from_worker: str
    to_organisation: str
    to_worker: str | None = Field(description="Null where the receiving organisation decides who takes it")
    asked_by: str
    asked_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    sheet: ShortSheet

    @classmethod
    def of(cls, transfer: Transfer, case: CaseRow) -> "TransferView":
        return cls.model_validate({**dict(transfer), "sheet": ShortSheet.of(case)})


class For(StrEnum):
    """Whose transfers: those that the caller has to answer, or the caller's organisation, or those the caller asked."""

    ME = "me"
    ORGANISATION = "organisation"
    SENT = "sent"


def party_of(caller: Caller) -> Party:
    """The caller as a party; who may assign cases decides for the organisation."""
    decides = widest(caller, "case:assign") is not None
    return Party(subject=caller.subject, organisation=caller.organisation, decides=decides)


@router.post("/{case_id:uuid}/transfers", status_code=201)
async def ask_transfer(
    body: TransferOffer,
    step: StepDep,
    transfers: TransfersDep,
    organisations: OrganisationsDep,
    agenda: AgendaDep,
    caller: MayTransfer,
    tag: Tag,
) -> TransferView:
    """Offer a case to a worker or an organisation, or ask to take it over. The ETag sent is the case's.

    The ETag of the answer is the transfer's.
    """
    case = await step.cases.get(step.case_id, caller, step.seen)
    await transfers.hold_case(case)
    if body.to_organisation and body.to_organisation != case.organisation:
        known = await organisations.active_among([body.to_organisation])
        refuse_unknown({"/to_organisation": body.to_organisation}, known)
    await refuse_absent(step, body.to_worker)
    has_sheet = await HandOvers(step.transaction).is_written(case)
    transfer, fact = offer_transfer(case, body, party_of(caller), has_sheet, step.now)
    row = await transfers.add(transfer, fact, body.note)
    await agenda.raise_line(case.id, Reason.TRANSFER_WAITING, row.id, row.id)
    return TransferView.of(tag(row), case)


async def refuse_absent(step: Step, worker: str | None) -> None:
    """Raise WorkerAbsent where a worker that is named is away today."""
    if worker:
        await Workers(step.transaction).refuse_absent(worker, step.today)


@router.get("/transfers")
async def list_transfers(
    transfers: TransfersDep,
    paging: PagingDep,
    caller: MayTransfer,
    whose: Annotated[For, Query(alias="for")] = For.ME,
    state: TransferState = TransferState.OFFERED,
) -> Page[TransferView]:
    """The inbox of transfers, the newest first."""
    which: ColumnElement[bool] = (
        col(TransferRow.asked_by) == caller.subject
        if whose is For.SENT
        else asked_of(caller, in_person=whose is For.ME)
    )
    rows = await transfers.page(caller, and_(which, col(TransferRow.state) == state), paging.limit, paging.after)
    keys = [(transfer.asked_at.isoformat(), transfer.id) for transfer, _ in rows]
    return paging.page([TransferView.of(transfer, case) for transfer, case in rows], keys)


@router.get("/transfers/{transfer_id:uuid}")
async def read_transfer(
    transfer_id: UUID, transfers: TransfersDep, cases: CasesDep, caller: MayTransfer, tag: Tag
) -> TransferView:
    """One transfer that the caller's organisation gives or takes."""
    transfer = await transfers.get(transfer_id, caller)
    return TransferView.of(tag(transfer), await cases.get(transfer.case_id))


@dataclass(frozen=True)
class Answering:
    """An answer to one transfer, in the version that the caller has seen."""

    transfer_id: UUID
    transfers: Transfers
    cases: Cases
    seen: SeenVersion
    clock: Clock
    tag: Tagged

    async def hold(self, caller: Caller) -> tuple[TransferRow, CaseRow]:
        """The transfer and its case; NotFound, StaleVersion."""
        return await self.transfers.hold(self.transfer_id, caller, self.seen)

    async def end(self, caller: Caller, outcome: TransferOutcome, note: str | None) -> TransferView:
        """End it without a change of hands."""
        transfer, case = await self.hold(caller)
        party = party_of(caller)
        if outcome is TransferOutcome.WITHDRAWN:
            transfer.check_asked(party)
        else:
            transfer.check_answers(party)
        fact = transfer.end(outcome, caller.subject, self.clock.now())
        await self.transfers.keep(transfer, caller.subject, fact, note)
        return TransferView.of(self.tag(transfer), case)


async def current_answer(
    transfer_id: UUID, transfers: TransfersDep, cases: CasesDep, seen: IfMatch, clock: ClockDep, tag: Tag
) -> Answering:
    """The answer that this request gives."""
    return Answering(transfer_id, transfers, cases, seen, clock, tag)


AnsweringDep = Annotated[Answering, Depends(current_answer)]


@router.post("/transfers/{transfer_id:uuid}/acceptance", status_code=201)
async def accept_transfer(body: TransferAcceptance, answering: AnsweringDep, caller: MayTransfer) -> TransferView:
    """Take the case, or let it go to who asked for it: it has a new owner now, maybe in another organisation."""
    transfer, case = await answering.hold(caller)
    party, today = party_of(caller), local_date(answering.clock)
    transfer.check_answers(party)
    worker = transfer.taker(body, party)
    transaction = answering.transfers.transaction
    # The case goes from one organisation to another: one of the two does not see it, before or after.
    async with transaction.in_name_of(SERVICE):
        await Workers(transaction).refuse_absent(worker, today)
        load = await Caseload(transaction).room_for(worker, case)
        ended = transfer.end(TransferOutcome.ACCEPTED, caller.subject, answering.clock.now())
        facts = hand_over(case, transfer, body, load, (worker, today))
        await answering.transfers.keep(transfer, caller.subject, ended)
        words = {"over_cap_reason": body.over_cap_reason} if body.over_cap_reason else {}
        await answering.cases.keep(case, caller.subject, *facts, words=words)
        if load.is_over:
            await Agenda(transaction).raise_line(case.id, Reason.CASELOAD_OVER_CAP, case.id, transfer.id)
        await transaction.session.flush()
    return TransferView.of(answering.tag(transfer), case)


@router.post("/transfers/{transfer_id:uuid}/refusal", status_code=201)
async def refuse_transfer(body: TransferRefusal, answering: AnsweringDep, caller: MayTransfer) -> TransferView:
    """Say no, with why: the case stays where it is."""
    return await answering.end(caller, TransferOutcome.REFUSED, body.note)


@router.post("/transfers/{transfer_id:uuid}/withdrawal", status_code=201)
async def withdraw_transfer(body: TransferAnswer, answering: AnsweringDep, caller: MayTransfer) -> TransferView:
    """Take back what one asked or offered."""
    return await answering.end(caller, TransferOutcome.WITHDRAWN, body.note)
