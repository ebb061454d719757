"""An outgoing referral as an aggregate: what we ask of an organisation, and how the loop closes again."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.referrals.domain.care_service import Channel
from services.referrals.domain.document import Consent
from services.referrals.domain.exchange import (
    EXCHANGED,
    PLACER,
    Confirmation,
    Disclosed,
    Hand,
    OutgoingMove,
    Party,
    Recorded,
    StatusReport,
    part_of,
)
from services.referrals.domain.history import IllegalMove, Message, MessageKind, MissingConsent, NotYourMove
from services.referrals.domain.states import OPEN_CASE, STANDING, UNDECIDED, Actor, State
from services.referrals.events import (
    CancellationCode,
    ConsentBrought,
    Origin,
    OutgoingAnswered,
    OutgoingCancellationRequested,
    OutgoingCancelled,
    OutgoingClosed,
    OutgoingDisclosed,
    OutgoingExpired,
    OutgoingMessageSent,
    OutgoingOverdue,
    OutgoingPersonLinked,
    OutgoingPrepared,
    OutgoingProgressed,
    OutgoingRecallRequested,
    OutgoingSent,
    RefusalReason,
    ServiceStatus,
    ServiceStatusChanged,
    ServiceStatusDue,
    Urgency,
)
from shared.clock import BRUSSELS
from shared.events import Event
from shared.ids import new_id

SENT_ELSEWHERE = "sent-elsewhere"
CONSENT_TO_DISCLOSE = "A person is disclosed to an organisation only with their consent."
SETTLED = frozenset({ServiceStatus.USED, ServiceStatus.NOT_USED})
ALLOWS_RESENDING = frozenset({State.REFUSED, State.REDIRECTED, State.CANCELLED, State.NOT_ACHIEVED})
TAKEN_ON = frozenset({State.ACCEPTED, State.CLOSED}) | OPEN_CASE
"""The organisation helps, or has helped."""


class OutgoingReferral(BaseModel):
    """One demand to one organisation; with no person where the contact was anonymous.

    `chain_id` is shared by everything that was tried for the same demand: the incoming referral that was redirected,
    else the first outgoing one. `sent_at` null: an organisation that we reach by hand has not been reached yet.
    """

    id: UUID = Field(default_factory=new_id)
    organisation: str
    service_id: UUID | None = None
    channel: Channel
    origin: Origin
    chain_id: UUID
    based_on: UUID | None = None
    replaces: UUID | None = None
    contact_id: UUID | None = None
    case_id: UUID | None = None
    person_id: UUID | None = None
    needs: tuple[str, ...]
    commune: str | None = None
    reason_text: str | None = None
    urgency: Urgency
    disclosed: Disclosed | None = None
    consent: Consent | None = None
    answer_by: date | None = None
    state: State = State.RECEIVED
    prepared_at: datetime
    sent_at: datetime | None = None
    updated_at: datetime
    due_at: datetime | None = None
    reminders: int = 0
    expired_at: datetime | None = None
    status_due_at: datetime | None = None
    recall_requested_at: datetime | None = None
    moves: tuple[OutgoingMove, ...]
    messages: tuple[Message, ...] = ()
    cancellation_requested: bool = False
    service_status: ServiceStatus | None = None
    confirmations: tuple[Confirmation, ...] = ()
    version: int = 0

    @property
    def discloses(self) -> bool:
        """Whether the organisation may read whom it is about: only by the person's consent, while it holds."""
        return self.was_disclosed and self.recall_requested_at is None

    @property
    def was_disclosed(self) -> bool:
        """Whether the person's consent came with it, whatever was said since."""
        return self.disclosed is not None and self.consent is not None and self.consent.given

    @property
    def readable_messages(self) -> tuple[Message, ...]:
        """What the organisation may read of the messages: nothing of a referral that is recalled."""
        return () if self.recall_requested_at else self.messages

    @property
    def is_unused(self) -> bool:
        """Whether the organisation is done, and nobody has confirmed that the person uses the service."""
        return self.state is State.CLOSED and self.service_status is not ServiceStatus.USED

    def begin(self, at: datetime) -> OutgoingSent | OutgoingPrepared:
        """The fact of a new one: sent at once where a system carries it, else prepared until staff has sent it."""
        self.moves = (OutgoingMove(state=State.RECEIVED, at=at, actor=Actor.SENDER, party=Party.PLACER),)
        if self.channel is Channel.MANUAL:
            return OutgoingPrepared(
                outgoing_id=self.id, organisation=self.organisation, origin=self.origin, contact_id=self.contact_id
            )
        return self._sent(at)

    def send(self, at: datetime, recorded: Recorded) -> OutgoingSent:
        """Note that an organisation without a system was reached, by letter or by phone: the clock runs from now."""
        if self.sent_at is not None or self.state is not State.RECEIVED:
            raise self._illegal()
        sent = {"state": self.state, "at": at, "actor": Actor.SENDER, "party": Party.PLACER, "reason": recorded.how}
        self.moves += (OutgoingMove(**sent, version=self.version + 1, recorded=recorded),)
        return self._sent(at)

    def acknowledge(self, by: Hand, at: datetime) -> OutgoingAnswered:
        """The organisation looks at it."""
        return self._answer(State.IN_TRIAGE, by, at)

    def accept(self, by: Hand, at: datetime, note: str | None) -> OutgoingAnswered:
        """The organisation takes the person on."""
        return self._answer(State.ACCEPTED, by, at, note=note)

    def wait_list(self, by: Hand, at: datetime, note: str | None) -> OutgoingAnswered:
        """The organisation keeps it for a free place."""
        return self._answer(State.WAITING_LIST, by, at, note=note)

    def refuse(self, by: Hand, at: datetime, reason: RefusalReason, onward: str) -> OutgoingAnswered:
        """The organisation says no, why, and where the person could turn instead."""
        return self._answer(State.REFUSED, by, at, reason, onward)

    def ask(self, by: Hand, at: datetime, question: str) -> OutgoingAnswered:
        """The organisation asks us something."""
        answered = self._answer(State.INFORMATION_REQUESTED, by, at, note=question)
        self._tell(MessageKind.QUESTION, by, at, question)
        return answered

    def inform(self, at: datetime, answer: str) -> OutgoingMessageSent:
        """We answer the organisation's question."""
        self._become(State.IN_TRIAGE, PLACER, at, note=answer)
        return self._tell(MessageKind.ANSWER, PLACER, at, answer, answers=self.open_question())

    def open_question(self) -> int | None:
        """The number of the question that waits for an answer."""
        answered = {message.answers for message in self.messages}
        asked = [message.number for message in self.messages if message.kind is MessageKind.QUESTION]
        return next((number for number in reversed(asked) if number not in answered), None)

    def write(self, by: Hand, at: datetime, text: str) -> OutgoingMessageSent:
        """One side tells the other something that moves nothing."""
        return self._tell(MessageKind.MESSAGE, by, at, text)

    def progress(
        self, by: Hand, at: datetime, state: State, reason: str | None, note: str | None
    ) -> OutgoingProgressed | OutgoingClosed:
        """The organisation reports what it has begun, how far it is, or how it ended.

        Whoever reports an end has begun: from an acceptance that takes both moves of the table.
        """
        ended = state in (State.CLOSED, State.NOT_ACHIEVED)
        if ended and self.state in (State.ACCEPTED, State.WAITING_LIST):
            self._become(State.CASE_OPENED, by, at)
        self._become(state, by, at, reason, note)
        if ended:
            achieved = state is State.CLOSED
            return OutgoingClosed(outgoing_id=self.id, organisation=self.organisation, achieved=achieved)
        return OutgoingProgressed(outgoing_id=self.id, organisation=self.organisation, state=state)

    def cancel(self, at: datetime, reason: str | None, code: str | None = None) -> Event:
        """We no longer ask; once the organisation has begun this only asks it to end."""
        if self.state in OPEN_CASE:
            self.cancellation_requested = True
            return OutgoingCancellationRequested(outgoing_id=self.id, organisation=self.organisation)
        self._become(State.CANCELLED, PLACER, at, code or CancellationCode.BY_SENDER, reason)
        return self._cancelled(CancellationCode.BY_SENDER)

    def void(self, at: datetime, reason: str) -> OutgoingCancelled:
        """It should never have been sent: the wrong person, the wrong organisation."""
        self._become(State.VOIDED, PLACER, at, CancellationCode.ENTERED_IN_ERROR, reason)
        return self._cancelled(CancellationCode.ENTERED_IN_ERROR)

    def grant_cancellation(self, by: Hand, at: datetime, note: str | None) -> OutgoingCancelled:
        """The organisation ends it as we asked; only what was asked can be granted."""
        if not self.cancellation_requested:
            raise self._illegal()
        self._become(State.CANCELLED, by, at, CancellationCode.GRANTED, note)
        return self._cancelled(CancellationCode.GRANTED)

    def disclose(self, disclosed: Disclosed | None, consent: Consent) -> OutgoingDisclosed:
        """Let the organisation read whom it is about, now that the person agrees. Raises MissingConsent."""
        if not STANDING[self.state].waits_for and self.state not in OPEN_CASE:
            raise self._illegal()
        if not consent.given:
            raise MissingConsent(CONSENT_TO_DISCLOSE)
        self.disclosed, self.consent = disclosed or self.disclosed, consent
        if self.disclosed is None:
            raise self._illegal()
        return OutgoingDisclosed(outgoing_id=self.id, organisation=self.organisation)

    def recall(self, since: datetime) -> OutgoingRecallRequested:
        """The person no longer agrees: from now on the organisation reads only that it is to give it back."""
        self.recall_requested_at = since
        return OutgoingRecallRequested(outgoing_id=self.id, organisation=self.organisation, since=since)

    def give_again(self) -> OutgoingDisclosed:
        """The person agrees again: the organisation reads it as before."""
        self.recall_requested_at = None
        return OutgoingDisclosed(outgoing_id=self.id, organisation=self.organisation)

    def brought(self, person_id: UUID) -> list[ConsentBrought]:
        """What it says the person agreed to, for the record of consents; nothing where nobody was disclosed."""
        if not self.was_disclosed or self.consent is None:
            return []
        return [
            self.consent.brought(
                (self.id, person_id), "sharing", self.prepared_at.astimezone(BRUSSELS).date(), self.organisation
            )
        ]

    def confirm(self, report: StatusReport, by: str) -> ServiceStatusChanged:
        """Note how far the person has come with the service, and on whose word; it moves nothing else."""
        self.confirmations += (Confirmation(recorded_by=by, **dict(report)),)
        self.service_status = report.status
        return ServiceStatusChanged(
            outgoing_id=self.id,
            organisation=self.organisation,
            status=report.status,
            confirmed_by=report.confirmed_by,
            shown_by=report.evidence,
            on=report.on,
        )

    def link(self, person_id: UUID) -> OutgoingPersonLinked:
        """Note whom it is about; the organisation learns nothing by it."""
        self.person_id = person_id
        return OutgoingPersonLinked(outgoing_id=self.id, person_id=person_id)

    def give_up(self, at: datetime, note: str | None) -> list[Event]:
        """Make room for another organisation: what is still open with this one is withdrawn. Raises IllegalMove."""
        if self.state in ALLOWS_RESENDING:
            return []
        if self.state not in UNDECIDED:
            raise self._illegal()
        return [self.cancel(at, note, SENT_ELSEWHERE)]

    def remind(self, waits_for: Party, due_at: datetime) -> OutgoingOverdue:
        """Say that an answer is late, and when it will be asked for again."""
        self.reminders, self.due_at = self.reminders + 1, due_at
        return OutgoingOverdue(
            outgoing_id=self.id,
            organisation=self.organisation,
            state=self.state,
            waits_for=waits_for,
            reminders=self.reminders,
        )

    def expire(self, at: datetime) -> OutgoingExpired:
        """Nobody answered, reminders included. The state stays, for a late answer is still one."""
        self.expired_at, self.due_at = at, None
        return OutgoingExpired(outgoing_id=self.id, organisation=self.organisation)

    def ask_status(self, again: datetime) -> ServiceStatusDue:
        """Ask whoever follows the person how far they have come with the service."""
        self.status_due_at = again
        return ServiceStatusDue(outgoing_id=self.id, organisation=self.organisation, status=self.service_status)

    def allowed(self, party: Party | None = None) -> list[State]:
        """The states it can move to now, by one side or by either."""
        return sorted({end for start, end, by in EXCHANGED if start is self.state and party in (None, by)})

    def _sent(self, at: datetime) -> OutgoingSent:
        self.sent_at = at
        return OutgoingSent(
            outgoing_id=self.id,
            organisation=self.organisation,
            origin=self.origin,
            channel=self.channel,
            urgency=self.urgency,
            based_on=self.based_on,
            replaces=self.replaces,
            discloses=self.discloses,
            contact_id=self.contact_id,
            case_id=self.case_id,
            person_id=self.person_id,
        )

    def _answer(
        self, state: State, by: Hand, at: datetime, reason: RefusalReason | None = None, note: str | None = None
    ) -> OutgoingAnswered:
        if by.party is not Party.FULFILLER:
            raise NotYourMove
        self._become(state, by, at, reason, note)
        self.sent_at, self.expired_at = self.sent_at or at, None
        return OutgoingAnswered(
            outgoing_id=self.id,
            organisation=self.organisation,
            state=state,
            reason=reason,
            on_behalf=by.recorded is not None,
        )

    def _become(self, state: State, by: Hand, at: datetime, reason: str | None = None, note: str | None = None) -> None:
        actor = part_of(by.party, self.state, state)
        if actor is None:
            raise NotYourMove if any((self.state, state, party) in EXCHANGED for party in Party) else self._illegal()
        made = {"state": state, "at": at, "actor": actor, "reason": reason, "note": note}
        move = OutgoingMove(**made, version=self.version + 1, party=by.party, recorded=by.recorded)
        self.moves, self.state = (*self.moves, move), state

    def _tell(
        self, kind: MessageKind, by: Hand, at: datetime, text: str, answers: int | None = None
    ) -> OutgoingMessageSent:
        number = len(self.messages) + 1
        actor = Actor.SENDER if by.party is Party.PLACER else Actor.COORDINATOR
        told = Message(number=number, kind=kind, at=at, actor=actor, text=text, answers=answers)
        self.messages += (told,)
        return OutgoingMessageSent(
            outgoing_id=self.id, organisation=self.organisation, number=number, kind=kind, by=by.party
        )

    def _cancelled(self, code: CancellationCode) -> OutgoingCancelled:
        return OutgoingCancelled(outgoing_id=self.id, organisation=self.organisation, code=code)

    def _illegal(self) -> IllegalMove:
        return IllegalMove(facts={"state": self.state, "allowed": [state.value for state in self.allowed()]})
