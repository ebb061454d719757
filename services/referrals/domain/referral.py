"""A referral's life: one table of states and moves, and who may make each move."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.referrals.domain.document import Document, fingerprint
from services.referrals.events import (
    CancellationRequested,
    InformationGiven,
    InformationRequested,
    PersonLinked,
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralProgressed,
    ReferralReceived,
    ReferralRedirected,
    ReferralRefused,
    ReferralTriaged,
    ReferralWaitlisted,
    RefusalReason,
    SheetAssessed,
    Urgency,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id


class State(StrEnum):
    """Where a referral stands, as the sender sees it."""

    RECEIVED = "received"
    IN_TRIAGE = "in-triage"
    INFORMATION_REQUESTED = "information-requested"
    WAITING_LIST = "waiting-list"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    CASE_OPENED = "case-opened"
    HOME_VISIT_DONE = "home-visit-done"
    CARE_PLAN_SHARED = "care-plan-shared"
    CLOSED = "closed"
    NOT_ACHIEVED = "not-achieved"
    CANCELLED = "cancelled"


class Actor(StrEnum):
    """Who makes a move."""

    SENDER = "sender"
    LINE_NURSE = "line-nurse"
    COORDINATOR = "coordinator"
    SYSTEM = "system"


_DECISIONS = {State.WAITING_LIST, State.ACCEPTED, State.REFUSED, State.REDIRECTED, State.CANCELLED}
_IN_CARE = {State.CASE_OPENED, State.HOME_VISIT_DONE, State.CARE_PLAN_SHARED}
_ENDS = {State.CLOSED, State.NOT_ACHIEVED}

NEXT: dict[State, set[State]] = {
    State.RECEIVED: {State.IN_TRIAGE, State.INFORMATION_REQUESTED} | _DECISIONS,
    State.IN_TRIAGE: {State.INFORMATION_REQUESTED} | _DECISIONS,
    State.INFORMATION_REQUESTED: {State.IN_TRIAGE} | _DECISIONS,
    State.WAITING_LIST: {State.ACCEPTED, State.REFUSED, State.REDIRECTED, State.CASE_OPENED, State.CANCELLED},
    State.ACCEPTED: {State.WAITING_LIST, State.REDIRECTED, State.CASE_OPENED, State.CANCELLED},
    State.CASE_OPENED: {State.HOME_VISIT_DONE, State.CARE_PLAN_SHARED} | _ENDS,
    State.HOME_VISIT_DONE: {State.CARE_PLAN_SHARED} | _ENDS,
    State.CARE_PLAN_SHARED: {State.HOME_VISIT_DONE} | _ENDS,
    State.REFUSED: set(),
    State.REDIRECTED: set(),
    State.CLOSED: set(),
    State.NOT_ACHIEVED: set(),
    State.CANCELLED: set(),
}
"""Terminal states never reopen: a new demand is a new referral."""

MOVED_BY: dict[State, set[Actor]] = {
    State.RECEIVED: {Actor.SENDER},
    State.IN_TRIAGE: {Actor.LINE_NURSE, Actor.COORDINATOR},
    State.INFORMATION_REQUESTED: {Actor.LINE_NURSE, Actor.COORDINATOR},
    State.WAITING_LIST: {Actor.COORDINATOR},
    State.ACCEPTED: {Actor.COORDINATOR},
    State.REFUSED: {Actor.COORDINATOR},
    State.REDIRECTED: {Actor.COORDINATOR},
    State.CASE_OPENED: {Actor.SYSTEM},
    State.HOME_VISIT_DONE: {Actor.SYSTEM},
    State.CARE_PLAN_SHARED: {Actor.SYSTEM},
    State.CLOSED: {Actor.SYSTEM},
    State.NOT_ACHIEVED: {Actor.SYSTEM},
    State.CANCELLED: {Actor.SENDER},
}


class IllegalMove(DomainError):
    """The referral is not in a state that allows this move."""


class NotYourMove(DomainError):
    """This move belongs to somebody else."""


class MissingConsent(DomainError):
    """The person has not agreed: a referral is received without consent, and accepted only with it."""


class IdentifierReused(DomainError):
    """Your identifier already names a referral with other content; send the correction under a new one."""


CONSENT_MISSING = "The sender recorded no consent; accept with an emergency reason or ask for the consent."


class Move(BaseModel):
    """One entry of a referral's history."""

    model_config = ConfigDict(frozen=True)

    state: State
    at: datetime
    actor: Actor
    reason: str | None = None
    note: str | None = None


class Rejection(BaseModel):
    """A sheet that assessment could not take; the referral itself stands."""

    model_config = ConfigDict(frozen=True)

    sheet_number: int
    faults: tuple[Fault, ...]


class Referral(BaseModel):
    """A hospital's wish, its document as received, and its state."""

    id: UUID = Field(default_factory=new_id)
    sender: str
    identifier_system: str
    identifier_value: str
    fingerprint: str
    state: State = State.RECEIVED
    urgency: Urgency
    consent_given: bool
    received_at: datetime
    document: Document
    sheets_checked: bool
    moves: tuple[Move, ...]
    person_id: UUID | None = None
    case_id: UUID | None = None
    cancellation_requested: bool = False
    totals: tuple[dict[str, Any], ...] = ()
    rejections: tuple[Rejection, ...] = ()

    @classmethod
    def facts_of(cls, document: Document, sender: str, at: datetime, checked: bool) -> dict[str, Any]:
        """The fields of a new referral."""
        return {
            "id": new_id(),
            "sender": sender,
            "identifier_system": document.identifier.system,
            "identifier_value": document.identifier.value,
            "fingerprint": fingerprint(document.content()),
            "state": State.RECEIVED,
            "urgency": document.urgency,
            "consent_given": document.consent.given,
            "received_at": at,
            "document": document,
            "sheets_checked": checked,
            "moves": (Move(state=State.RECEIVED, at=at, actor=Actor.SENDER),),
            "person_id": None,
            "case_id": None,
            "cancellation_requested": False,
            "totals": (),
            "rejections": (),
        }

    def received(self) -> ReferralReceived:
        """The fact of its arrival."""
        return ReferralReceived(
            referral_id=self.id,
            sender=self.sender,
            urgency=self.urgency,
            factors=list(self.document.reason.factors),
            sheets=len(self.document.sheets),
        )

    def triage(self, by: Actor, at: datetime) -> ReferralTriaged:
        """Begin to look at it."""
        self._become(State.IN_TRIAGE, by, at)
        return ReferralTriaged(referral_id=self.id)

    def accept(self, by: Actor, at: datetime, emergency_reason: str | None) -> ReferralAccepted:
        """Take the person on; needs consent, or a reason why it could not be had in an emergency."""
        self._check(State.ACCEPTED, by)
        if not self.consent_given and not emergency_reason:
            raise MissingConsent(CONSENT_MISSING)
        self._become(State.ACCEPTED, by, at, note=emergency_reason)
        return ReferralAccepted(referral_id=self.id, person_id=self.person_id, urgency=self.urgency)

    def refuse(self, by: Actor, at: datetime, reason: RefusalReason, onward: str) -> ReferralRefused:
        """Say no, why, and where the person can turn instead."""
        self._become(State.REFUSED, by, at, reason, onward)
        return ReferralRefused(referral_id=self.id, reason=reason)

    def wait_list(self, by: Actor, at: datetime, note: str | None) -> ReferralWaitlisted:
        """Keep it for a free place."""
        self._become(State.WAITING_LIST, by, at, note=note)
        return ReferralWaitlisted(referral_id=self.id)

    def redirect(self, by: Actor, at: datetime, organisation: str, note: str | None) -> ReferralRedirected:
        """Ask another organisation instead."""
        self._become(State.REDIRECTED, by, at, organisation, note)
        return ReferralRedirected(referral_id=self.id, organisation=organisation)

    def ask(self, by: Actor, at: datetime, question: str) -> InformationRequested:
        """Ask the sender a question."""
        self._become(State.INFORMATION_REQUESTED, by, at, note=question)
        return InformationRequested(referral_id=self.id)

    def inform(self, by: Actor, at: datetime, answer: str, consent_given: bool | None) -> InformationGiven:
        """Answer the question; the sender may report the consent it lacked."""
        if by is not Actor.SENDER:
            raise NotYourMove
        if self.state is not State.INFORMATION_REQUESTED:
            raise self._illegal()
        self._enter(Move(state=State.IN_TRIAGE, at=at, actor=by, note=answer))
        if consent_given is not None:
            self.consent_given = consent_given
        return InformationGiven(referral_id=self.id)

    def cancel(self, by: Actor, at: datetime, reason: str) -> ReferralCancelled | CancellationRequested:
        """Take it back; once its case is open, only ask: nobody is dropped because a ward closes a form."""
        if self.state in _IN_CARE and by is Actor.SENDER:
            self.cancellation_requested = True
            self.moves += (Move(state=self.state, at=at, actor=by, reason="cancellation-requested", note=reason),)
            return CancellationRequested(referral_id=self.id, case_id=self.case_id)
        self._become(State.CANCELLED, by, at, note=reason)
        return ReferralCancelled(referral_id=self.id)

    def follow_case(
        self, state: State, case_id: UUID, at: datetime, reason: str | None = None
    ) -> ReferralProgressed | ReferralClosed | None:
        """Follow what became of the case; None where that no longer fits, and then nothing has changed."""
        if state not in NEXT[self.state]:
            return None
        self.case_id = case_id
        self._become(state, Actor.SYSTEM, at, reason)
        if state in _ENDS:
            return ReferralClosed(referral_id=self.id, achieved=state is State.CLOSED)
        return ReferralProgressed(referral_id=self.id, case_id=case_id, state=state)

    def link(self, person_id: UUID) -> PersonLinked:
        """Note whom it is about."""
        self.person_id = person_id
        return PersonLinked(referral_id=self.id, person_id=person_id)

    def show_totals(self, totals: dict[str, Any]) -> SheetAssessed:
        """Let the sender read the computed totals of one of its sheets."""
        others = (known for known in self.totals if known["sheet_id"] != totals["sheet_id"])
        self.totals = (*others, totals)
        return SheetAssessed(referral_id=self.id, scored=True)

    def reject_sheet(self, rejection: Rejection) -> SheetAssessed:
        """Let the sender read what was wrong with one of its sheets."""
        others = (known for known in self.rejections if known.sheet_number != rejection.sheet_number)
        self.rejections = (*others, rejection)
        return SheetAssessed(referral_id=self.id, scored=False)

    def allowed(self) -> list[State]:
        """The states it can move to now."""
        return sorted(NEXT[self.state])

    def _become(
        self, state: State, by: Actor, at: datetime, reason: str | None = None, note: str | None = None
    ) -> None:
        self._check(state, by)
        self._enter(Move(state=state, at=at, actor=by, reason=reason, note=note))

    def _check(self, state: State, by: Actor) -> None:
        if by not in MOVED_BY[state]:
            raise NotYourMove
        if state not in NEXT[self.state]:
            raise self._illegal()

    def _enter(self, move: Move) -> None:
        self.state = move.state
        self.moves += (move,)

    def _illegal(self) -> IllegalMove:
        return IllegalMove(facts={"state": self.state, "allowed": [state.value for state in self.allowed()]})
