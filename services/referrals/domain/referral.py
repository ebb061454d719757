"""A referral as an aggregate: the sender's wish, what was received, and every step that both sides take."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.referrals.domain.document import Document, fingerprint
from services.referrals.domain.history import (
    CONSENT_MISSING,
    Care,
    Door,
    IdentifierReused,
    IllegalMove,
    Message,
    MessageKind,
    MissingConsent,
    Move,
    NotYourMove,
    Rejection,
)
from services.referrals.domain.programme import Programme
from services.referrals.domain.states import MOVES, NEXT, OPEN_CASE, UNDECIDED, Actor, State
from services.referrals.events import (
    CancellationCode,
    CancellationRequested,
    ConsentBrought,
    InformationGiven,
    InformationRequested,
    MessageSent,
    PersonLinked,
    PossibleDuplicateFound,
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralCorrected,
    ReferralOverdue,
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
from shared.clock import BRUSSELS
from shared.ids import new_id

CANCELLATION_REQUESTED = "cancellation-requested"


class Referral(BaseModel):
    """A hospital's wish, its document as received, and its state."""

    id: UUID = Field(default_factory=new_id)
    sender: str
    identifier_system: str
    identifier_value: str
    fingerprint: str
    corrected_fingerprint: str | None = None
    door: Door = Door.JSON
    state: State = State.RECEIVED
    urgency: Urgency
    consent_given: bool
    received_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    reminders: int = 0
    document: Document
    sheets_checked: bool
    moves: tuple[Move, ...]
    messages: tuple[Message, ...] = ()
    person_id: UUID | None = None
    case_id: UUID | None = None
    cancellation_requested: bool = False
    possible_duplicates: tuple[UUID, ...] = ()
    totals: tuple[dict[str, Any], ...] = ()
    rejections: tuple[Rejection, ...] = ()
    care: Care = Care()
    version: int = 0

    @classmethod
    def facts_of(
        cls, document: Document, sender: str, at: datetime, checked: bool, door: Door = Door.JSON
    ) -> dict[str, Any]:
        """The fields of a new referral."""
        return {
            **cls.read_from(document, checked),
            "fingerprint": fingerprint(document.content()),
            "corrected_fingerprint": None,
            "id": new_id(),
            "sender": sender,
            "identifier_system": document.identifier.system,
            "identifier_value": document.identifier.value,
            "door": door,
            "state": State.RECEIVED,
            "received_at": at,
            "updated_at": at,
            "due_at": None,
            "reminders": 0,
            "moves": (Move(state=State.RECEIVED, at=at, actor=Actor.SENDER),),
            "messages": (),
            "person_id": None,
            "case_id": None,
            "cancellation_requested": False,
            "possible_duplicates": (),
            "totals": (),
            "rejections": (),
            "care": Care(),
        }

    @staticmethod
    def read_from(document: Document, checked: bool) -> dict[str, Any]:
        """The fields that follow from the document alone."""
        return {
            "urgency": document.urgency,
            "consent_given": document.consent.given,
            "document": document,
            "sheets_checked": checked,
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

    def correct(self, by: Actor, document: Document, checked: bool) -> ReferralCorrected:
        """Replace the document while nothing is decided: the sender's to do; its identifier stays."""
        if by is not Actor.SENDER:
            raise NotYourMove
        if self.state not in UNDECIDED:
            raise self._illegal()
        if (document.identifier.system, document.identifier.value) != (self.identifier_system, self.identifier_value):
            raise IdentifierReused("A correction keeps the referral's identifier.")
        before = self.document
        parts = [name for name in type(document).model_fields if getattr(before, name) != getattr(document, name)]
        for name, value in self.read_from(document, checked).items():
            setattr(self, name, value)
        self.corrected_fingerprint = fingerprint(document.content())
        return ReferralCorrected(referral_id=self.id, parts=parts, discharge_on=self.discharge_on)

    @property
    def discharge_on(self) -> date | None:
        """The day of discharge, where the sender said it."""
        return self.document.stay.discharge_on if self.document.stay else None

    def triage(self, by: Actor, at: datetime) -> ReferralTriaged:
        """Begin to look at it."""
        if by is Actor.SENDER:
            raise NotYourMove
        self._become(State.IN_TRIAGE, by, at)
        return ReferralTriaged(referral_id=self.id)

    def accept(
        self, by: Actor, at: datetime, emergency_reason: str | None, programme: Programme | None = None
    ) -> ReferralAccepted:
        """Take the person on; needs consent, or a reason why it could not be had in an emergency.

        `programme` is the one of the register that takes the person, where several do case management.
        """
        self._check(State.ACCEPTED, by)
        if not self.consent_given and not emergency_reason:
            raise MissingConsent(CONSENT_MISSING)
        self._become(State.ACCEPTED, by, at, note=emergency_reason)
        return ReferralAccepted(
            referral_id=self.id,
            person_id=self.person_id,
            urgency=self.urgency,
            programme=programme.code if programme else None,
            organisation=programme.run_by if programme else None,
            discharge_on=self.discharge_on,
        )

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
        self._tell(MessageKind.QUESTION, by, at, question)
        return InformationRequested(referral_id=self.id)

    def inform(self, by: Actor, at: datetime, answer: str, consent_given: bool | None) -> InformationGiven:
        """Answer the question; the sender may report the consent it lacked."""
        if by is not Actor.SENDER:
            raise NotYourMove
        if self.state is not State.INFORMATION_REQUESTED:
            raise self._illegal()
        self._become(State.IN_TRIAGE, by, at, note=answer)
        self._tell(MessageKind.ANSWER, by, at, answer, answers=self.open_question())
        if consent_given is not None:
            self.consent_given = consent_given
        return InformationGiven(referral_id=self.id)

    def open_question(self) -> int | None:
        """The number of the question that waits for an answer."""
        answered = {message.answers for message in self.messages}
        asked = [message.number for message in self.messages if message.kind is MessageKind.QUESTION]
        return next((number for number in reversed(asked) if number not in answered), None)

    def write(self, by: Actor, at: datetime, text: str) -> MessageSent:
        """Tell the other side something that moves nothing; possible in every state, for the loop stays open."""
        number = self._tell(MessageKind.MESSAGE, by, at, text)
        return MessageSent(referral_id=self.id, number=number, kind=MessageKind.MESSAGE, by=by)

    def report_follow_up(self, at: datetime, codes: Sequence[str]) -> MessageSent:
        """Tell the sender what a follow-up call after the closing found, in codes."""
        number = self._tell(MessageKind.FOLLOW_UP, Actor.SYSTEM, at, codes=tuple(codes))
        return MessageSent(referral_id=self.id, number=number, kind=MessageKind.FOLLOW_UP, by=Actor.SYSTEM)

    def cancel(self, by: Actor, at: datetime, reason: str) -> ReferralCancelled | CancellationRequested:
        """Take it back; once its case is open, only ask: nobody is dropped because a ward closes a form."""
        if self.state in OPEN_CASE and by is Actor.SENDER:
            self.cancellation_requested = True
            asked = Move(
                state=self.state,
                at=at,
                actor=by,
                reason=CANCELLATION_REQUESTED,
                note=reason,
                version=self.version + 1,
            )
            self.moves += (asked,)
            return CancellationRequested(referral_id=self.id, case_id=self.case_id)
        if by is not Actor.SENDER:
            raise NotYourMove
        self._become(State.CANCELLED, by, at, CancellationCode.BY_SENDER, reason)
        return ReferralCancelled(referral_id=self.id, code=CancellationCode.BY_SENDER)

    def grant_cancellation(self, by: Actor, at: datetime, note: str | None) -> ReferralCancelled:
        """End it as the sender asked; only what was asked can be granted."""
        if by is Actor.SENDER:
            raise NotYourMove
        self._check(State.CANCELLED, by)
        if not self.cancellation_requested:
            raise self._illegal()
        self._become(State.CANCELLED, by, at, CancellationCode.GRANTED, note)
        return ReferralCancelled(referral_id=self.id, code=CancellationCode.GRANTED)

    def void(self, by: Actor, at: datetime, reason: str) -> ReferralCancelled:
        """Declare that it should never have been sent (wrong person, wrong form)."""
        self._become(State.VOIDED, by, at, CancellationCode.ENTERED_IN_ERROR, reason)
        return ReferralCancelled(referral_id=self.id, code=CancellationCode.ENTERED_IN_ERROR)

    def serve_elsewhere(self, at: datetime) -> ReferralRefused:
        """Close it because the person has come to a case by another road: an open wish must not go stale."""
        self._become(State.REFUSED, Actor.SYSTEM, at, RefusalReason.EXISTING_CASE_MANAGER, SERVED_ELSEWHERE)
        return ReferralRefused(referral_id=self.id, reason=RefusalReason.EXISTING_CASE_MANAGER)

    def follow_case(
        self, state: State, case_id: UUID, at: datetime, reason: str | None = None
    ) -> ReferralProgressed | ReferralClosed | None:
        """Follow what became of the case; None where that no longer fits, and then nothing has changed."""
        if (self.state, state, Actor.SYSTEM) not in MOVES:
            return None
        self.case_id = case_id
        self._become(state, Actor.SYSTEM, at, reason)
        if state in (State.CLOSED, State.NOT_ACHIEVED):
            return ReferralClosed(referral_id=self.id, achieved=state is State.CLOSED)
        return ReferralProgressed(referral_id=self.id, case_id=case_id, state=state)

    def note_care(self, case_id: UUID, **care: Any) -> ReferralProgressed:
        """Note what the sender may know of the case (see `Care`)."""
        self.care = self.care.model_copy(update=care)
        return ReferralProgressed(referral_id=self.id, case_id=case_id, state=self.state)

    def brought(self) -> list[ConsentBrought]:
        """That the person agreed to be followed by us, for the record of consents, once it is known who it is."""
        if self.person_id is None or not self.consent_given:
            return []
        day = self.received_at.astimezone(BRUSSELS).date()
        return [self.document.consent.brought((self.id, self.person_id), "case-management", day)]

    def link(self, person_id: UUID) -> PersonLinked:
        """Note whom it is about."""
        self.person_id = person_id
        return PersonLinked(referral_id=self.id, person_id=person_id)

    def suspect(self, others: Sequence[UUID]) -> PossibleDuplicateFound:
        """Note the sender's other open referrals about the same person: staff decide, nothing is merged."""
        self.possible_duplicates = tuple(others)
        return PossibleDuplicateFound(referral_id=self.id, others=list(others))

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

    def remind(self, waits_for: Actor, due_at: datetime) -> ReferralOverdue:
        """Say that an answer is late, and when it will be asked for again."""
        self.reminders += 1
        self.due_at = due_at
        return ReferralOverdue(referral_id=self.id, state=self.state, waits_for=waits_for, reminders=self.reminders)

    def allowed(self) -> list[State]:
        """The states it can move to now."""
        return sorted(NEXT[self.state])

    def _become(
        self, state: State, by: Actor, at: datetime, reason: str | None = None, note: str | None = None
    ) -> None:
        self._check(state, by)
        self.moves += (Move(state=state, at=at, actor=by, reason=reason, note=note, version=self.version + 1),)
        self.state = state

    def _check(self, state: State, by: Actor) -> None:
        if (self.state, state, by) in MOVES:
            return
        if not any(end is state and who is by for _, end, who in MOVES) or state in NEXT[self.state]:
            raise NotYourMove
        raise self._illegal()

    def _tell(self, kind: MessageKind, by: Actor, at: datetime, text: str | None = None, **more: Any) -> int:
        number = len(self.messages) + 1
        self.messages += (Message(number=number, kind=kind, at=at, actor=by, text=text, **more),)
        return number

    def _illegal(self) -> IllegalMove:
        return IllegalMove(facts={"state": self.state, "allowed": [state.value for state in self.allowed()]})


SERVED_ELSEWHERE = "served-elsewhere"

__all__ = ["CANCELLATION_REQUESTED", "SERVED_ELSEWHERE", "Referral"]
