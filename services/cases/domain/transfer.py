"""A case changes hands: offered or asked for by one side, accepted by the other."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.assignment import Assignment, Second
from services.cases.domain.case import Case
from services.cases.domain.caseload import Load
from services.cases.domain.steps import NextStep
from services.cases.domain.words import Code, Part, Prose, Subject, refuse
from services.cases.events import (
    CaseHandedOver,
    CaseTransferEnded,
    CaseTransferOffered,
    Discipline,
    SecondWorkerAssigned,
    TransferKind,
    TransferOutcome,
)
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id


class TransferReason(StrEnum):
    """Why a case should change hands."""

    WORKER_LEAVES = "worker-leaves"
    LONG_ABSENCE = "long-absence"
    WORKLOAD = "workload"
    DISCIPLINE = "discipline"
    PERSON_MOVED = "person-moved"
    PERSON_ASKED = "person-asked"
    KNOWS_THE_PERSON = "knows-the-person"
    OUTSIDE_MISSION = "outside-mission"
    OTHER = "other"


class TransferState(StrEnum):
    """Where a transfer stands; all but `offered` are its end."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class TransferEnded(DomainError):
    """The transfer was answered, withdrawn or overtaken already."""


class TransferPending(DomainError):
    """One transfer at a time: another one of this case waits for its answer."""


class NotYourTransfer(DomainError):
    """Only the side that is asked answers, and only the side that asked takes it back."""


class HandOverMissing(DomainError):
    """A case does not change hands without a hand-over sheet of its present stretch."""


@dataclass(frozen=True)
class Party:
    """Somebody who acts on a transfer. `decides` for those who assign the cases of their organisation."""

    subject: str
    organisation: str
    decides: bool


class TransferOffer(Part):
    """A case offered to a worker or an organisation, or asked for by the caller."""

    kind: TransferKind = TransferKind.TRANSFER
    to_worker: Subject | None = Field(None, description="Whom it is offered to, by subject")
    to_organisation: Code | None = Field(None, description="By default the case stays in its organisation")
    reason: TransferReason
    note: Prose | None = Field(None, description="The other side reads it before it answers: nothing that identifies")

    @model_validator(mode="after")
    def addressed(self) -> Self:
        """A transfer goes to somebody; a request to take over comes to the one who asks."""
        if (self.kind is TransferKind.TRANSFER) == (self.to_worker is None and self.to_organisation is None):
            raise PydanticCustomError("addressee", "a transfer names a worker or an organisation, a request names none")
        return self


class TransferAnswer(Part):
    """What there is to say with a refusal or a withdrawal."""

    note: Prose | None = None


class TransferRefusal(Part):
    """Why the answer is no."""

    note: Prose


class TransferAcceptance(Part):
    """Who takes the case, and what comes first."""

    worker: Subject | None = Field(None, description="By default whom it was offered to, else the caller")
    discipline: Discipline
    next_step: NextStep
    over_cap_reason: Prose | None = Field(None, description="Why one more, where the worker's caseload is full")
    discipline_reason: Prose | None = Field(None, description="Why this profile, where the person needs another one")


class Transfer(BaseModel):
    """A case on its way from one worker to another; one at a time per case."""

    id: UUID
    case_id: UUID
    kind: TransferKind
    state: TransferState = TransferState.OFFERED
    reason: TransferReason
    note: str | None
    from_organisation: str
    from_worker: str
    to_organisation: str
    to_worker: str | None
    asked_by: str
    asked_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def is_takeover(self) -> bool:
        """Whether the receiving side asked for it."""
        return self.kind is TransferKind.TAKEOVER_REQUEST

    def check_answers(self, party: Party) -> None:
        """Raise NotYourTransfer unless this party is on the side that is asked: the worker named, or who decides."""
        organisation, worker = (
            (self.from_organisation, self.from_worker) if self.is_takeover else (self.to_organisation, self.to_worker)
        )
        if party.organisation != organisation or not (party.decides or worker in (None, party.subject)):
            raise NotYourTransfer

    def check_asked(self, party: Party) -> None:
        """Raise NotYourTransfer unless this party asked, or decides on that side."""
        organisation = self.to_organisation if self.is_takeover else self.from_organisation
        if party.subject != self.asked_by and not (party.decides and party.organisation == organisation):
            raise NotYourTransfer

    def taker(self, acceptance: TransferAcceptance, party: Party) -> str:
        """Who will own the case. Raises Unfit for another worker than the one it was offered to or who asked."""
        worker = acceptance.worker or self.to_worker or party.subject
        if worker != (self.to_worker or worker):
            refuse([Fault("/worker", "not-the-one-named")])
        return worker

    def end(self, outcome: TransferOutcome, by: str | None, at: datetime) -> CaseTransferEnded:
        """Note how it ended. Raises TransferEnded where it has ended already."""
        if self.state is not TransferState.OFFERED:
            raise TransferEnded(facts={"state": self.state, "allowed": []})
        self.state, self.ended_by, self.ended_at = TransferState(outcome.value), by, at
        return CaseTransferEnded(case_id=self.case_id, transfer_id=self.id, outcome=outcome)


def offer_transfer(
    case: Case, offer: TransferOffer, party: Party, has_sheet: bool, at: datetime
) -> tuple[Transfer, CaseTransferOffered]:
    """Offer a case, or ask for it.

    Raises IllegalStep where nobody owns it, NotYourTransfer where neither the owner nor who decides offers it,
    HandOverMissing, Unfit where it would go to whom it belongs to.
    """
    case.needs_owner()
    owner = case.worker or ""
    organisation, worker = offer.to_organisation or case.organisation, offer.to_worker
    if offer.kind is TransferKind.TAKEOVER_REQUEST:
        organisation, worker = party.organisation, party.subject
    elif party.subject != owner and not (party.decides and party.organisation == case.organisation):
        raise NotYourTransfer
    elif not has_sheet:
        raise HandOverMissing
    if organisation == case.organisation and worker in (None, owner):
        refuse([Fault("/to_worker", "owns-it-already")])
    transfer = Transfer(
        id=new_id(),
        case_id=case.id,
        kind=offer.kind,
        reason=offer.reason,
        note=offer.note,
        from_organisation=case.organisation,
        from_worker=owner,
        to_organisation=organisation,
        to_worker=worker,
        asked_by=party.subject,
        asked_at=at,
    )
    fact = CaseTransferOffered(
        case_id=case.id, transfer_id=transfer.id, kind=transfer.kind, organisation=organisation, worker=worker
    )
    return transfer, fact


def hand_over(
    case: Case, transfer: Transfer, acceptance: TransferAcceptance, load: Load, day: tuple[str, date]
) -> list[Event]:
    """Give the case to who takes it (`day` is the new owner and today), in its organisation: the case's facts.

    Raises IllegalStep, CaseloadFull and DisciplineMismatch without a reason, Unfit for a next step in the past.
    """
    worker, today = day
    stays = transfer.to_organisation == case.organisation
    taken = Assignment(
        worker=worker,
        discipline=acceptance.discipline,
        second=second_beside(case, worker) if stays else None,
        next_step=acceptance.next_step,
        over_cap_reason=acceptance.over_cap_reason,
        discipline_reason=acceptance.discipline_reason,
    )
    facts = change_owner(case, taken, load, today)
    case.organisation = transfer.to_organisation
    told = [fact.model_copy(update={"organisation": case.organisation}) for fact in facts[:1]] + facts[1:]
    handed = CaseHandedOver(
        case_id=case.id,
        transfer_id=transfer.id,
        from_organisation=transfer.from_organisation,
        organisation=case.organisation,
        worker=worker,
    )
    return [handed, *told]


def second_beside(case: Case, owner: str) -> Second | None:
    """The second worker who stays beside a new owner, unless that is the same person."""
    if case.second_worker in (None, owner) or case.second_discipline is None:
        return None
    return Second(worker=case.second_worker or "", discipline=case.second_discipline)


def change_owner(case: Case, taken: Assignment, load: Load, today: date) -> list[Event]:
    """Give a case another owner; the second worker stays, or goes where `taken` names none.

    Raises IllegalStep, CaseloadFull and DisciplineMismatch without a reason, Unfit for a next step in the past.
    """
    case.needs_owner()
    taken.refuse_mismatch(case.wanted_discipline)
    facts: list[Event] = [case.assign(taken, load, today)]
    if case.second_worker and taken.second is None:
        facts.append(release_second(case))
    return facts


def release_second(case: Case) -> SecondWorkerAssigned:
    """Note that nobody is the second worker any more."""
    case.second_worker = case.second_discipline = None
    return SecondWorkerAssigned(case_id=case.id, worker=None, discipline=None)
