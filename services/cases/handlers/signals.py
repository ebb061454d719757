"""What comes before the weekly meeting, from what the follow-up calls and the partners tell, and from the clock."""

from datetime import date
from typing import ClassVar
from uuid import UUID, uuid5

from services.cases.domain import Reason
from services.cases.domain.agenda import Signal
from services.cases.handlers.registry import handlers
from services.cases.store import Agenda, Cases
from services.cases.store.meetings import Meetings
from services.cases.store.signals import Signals
from shared.clock import BRUSSELS, Clock, local_date
from shared.events import Envelope, Reading

FAILED = frozenset({"no-answer", "wrong-number"})
"""Outcomes of an attempt at which nobody was spoken with."""

FOLLOW_UPS = frozenset({Reason.FOLLOW_UP_DUE, Reason.FOLLOW_UP_MISSED})
UNREACHED = frozenset({Reason.PERSON_UNREACHABLE, Reason.FOLLOW_UP_MISSED})
REFUSED = "refused"


class FollowUpDue(Reading):
    """A follow-up call is to be made."""

    type: ClassVar[str] = "scheduler.follow-up-due.v1"
    follow_up_id: UUID
    case_id: UUID | None
    due_on: date


class AttemptRecorded(Reading):
    """Somebody tried to reach the person."""

    type: ClassVar[str] = "scheduler.attempt-recorded.v1"
    follow_up_id: UUID
    case_id: UUID | None
    number: int
    outcome: str


class PersonUnreachable(Reading):
    """Nobody answered the follow-up calls."""

    type: ClassVar[str] = "scheduler.person-unreachable.v1"
    follow_up_id: UUID


class FollowUpCompleted(Reading):
    """A follow-up call was made."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    follow_up_id: UUID
    case_id: UUID | None


class FollowUpRefused(Reading):
    """The person wants no follow-up."""

    type: ClassVar[str] = "scheduler.follow-up-refused.v1"
    follow_up_id: UUID
    case_id: UUID | None


class FollowUpCancelled(Reading):
    """A follow-up no longer makes sense."""

    type: ClassVar[str] = "scheduler.follow-up-cancelled.v1"
    follow_up_id: UUID


class ContactRestored(Reading):
    """Somebody who could not be reached got in touch."""

    type: ClassVar[str] = "scheduler.contact-restored.v1"
    person_id: UUID


class TopicRepeated(Reading):
    """The same topic came back at the line for one person, and no contact solved it."""

    type: ClassVar[str] = "intake.topic-repeated.v1"
    contact_id: UUID
    person_id: UUID
    topic: str


class OutgoingSent(Reading):
    """A referral went to an organisation, perhaps in the place of one that was refused."""

    type: ClassVar[str] = "referrals.outgoing-sent.v1"
    outgoing_id: UUID
    replaces: UUID | None


class OutgoingAnswered(Reading):
    """The organisation answered."""

    type: ClassVar[str] = "referrals.outgoing-answered.v1"
    outgoing_id: UUID
    state: str


class OutgoingExpired(Reading):
    """The organisation did not answer."""

    type: ClassVar[str] = "referrals.outgoing-expired.v1"
    outgoing_id: UUID


class OutgoingPersonLinked(Reading):
    """It is known whom a referral to an organisation is about."""

    type: ClassVar[str] = "referrals.outgoing-person-linked.v1"
    outgoing_id: UUID
    person_id: UUID


def day_of(envelope: Envelope, clock: Clock) -> date:
    """The day of a fact in Belgium; never one to come, whatever the clock of its service says."""
    return min(envelope.time.astimezone(BRUSSELS).date(), local_date(clock))


@handlers.on(FollowUpDue)
async def follow_up_due(event: FollowUpDue, cases: Cases, agenda: Agenda) -> None:
    """Put a call that is to be made on the agenda, once per day that it is due on."""
    if event.case_id is None:
        return
    case = await cases.get(event.case_id)
    source = uuid5(event.follow_up_id, event.due_on.isoformat())
    await agenda.raise_signal(Signal(case.id, Reason.FOLLOW_UP_DUE, event.follow_up_id, source, event.due_on))


@handlers.on(AttemptRecorded)
async def attempt_recorded(event: AttemptRecorded, envelope: Envelope, cases: Cases, agenda: Agenda) -> None:
    """An attempt answers the call that was due; one at which nobody answered is a missed call."""
    await agenda.settle_subject(event.follow_up_id, [Reason.FOLLOW_UP_DUE])
    if event.outcome in FAILED and event.case_id:
        case = await cases.get(event.case_id)
        source = uuid5(event.follow_up_id, str(event.number))
        on = day_of(envelope, agenda.transaction.clock)
        missed = Signal(case.id, Reason.FOLLOW_UP_MISSED, event.follow_up_id, source, on)
        await agenda.raise_signal(missed)


@handlers.on(PersonUnreachable)
async def calls_given_up(event: PersonUnreachable, agenda: Agenda) -> None:
    """The person cannot be reached: that line takes the place of the missed calls."""
    await agenda.settle_subject(event.follow_up_id, FOLLOW_UPS)


@handlers.on(FollowUpCompleted)
async def call_made(event: FollowUpCompleted, agenda: Agenda) -> None:
    """The call was made: it is neither due nor missed, and the person was reached."""
    await agenda.settle_subject(event.follow_up_id, FOLLOW_UPS)
    if event.case_id:
        await agenda.settle(event.case_id, [Reason.PERSON_UNREACHABLE])


@handlers.on(FollowUpRefused)
async def call_refused(event: FollowUpRefused, agenda: Agenda) -> None:
    """The person was reached, and wants no more calls."""
    await agenda.settle_subject(event.follow_up_id, FOLLOW_UPS)
    if event.case_id:
        await agenda.settle(event.case_id, [Reason.PERSON_UNREACHABLE])


@handlers.on(FollowUpCancelled)
async def call_cancelled(event: FollowUpCancelled, agenda: Agenda) -> None:
    """There is nothing to call for."""
    await agenda.settle_subject(event.follow_up_id, FOLLOW_UPS)


@handlers.on(ContactRestored)
async def contact_restored(event: ContactRestored, agenda: Agenda) -> None:
    """The person can be reached again."""
    await agenda.settle_person(event.person_id, UNREACHED)


@handlers.on(TopicRepeated)
async def topic_repeated(event: TopicRepeated, envelope: Envelope, cases: Cases, agenda: Agenda) -> None:
    """What the line cannot solve for a person comes before the meeting of the people who follow that person."""
    subject = uuid5(event.person_id, event.topic)
    on = day_of(envelope, agenda.transaction.clock)
    for case in await cases.open_of(event.person_id):
        await agenda.raise_signal(Signal(case.id, Reason.TOPIC_REPEATED, subject, event.contact_id, on))


@handlers.on(OutgoingAnswered)
async def outgoing_answered(event: OutgoingAnswered, envelope: Envelope, signals: Signals, agenda: Agenda) -> None:
    """A refusal comes before the meeting; any other answer, a late one too, takes the line off."""
    if event.state == REFUSED:
        await signals.referral_refused(event.outgoing_id, day_of(envelope, signals.transaction.clock))
    else:
        await agenda.settle_subject(event.outgoing_id, [Reason.REFERRAL_REFUSED])


@handlers.on(OutgoingExpired)
async def outgoing_expired(event: OutgoingExpired, envelope: Envelope, signals: Signals) -> None:
    """A referral that nobody answers is as good as refused."""
    await signals.referral_refused(event.outgoing_id, day_of(envelope, signals.transaction.clock))


@handlers.on(OutgoingSent)
async def outgoing_sent(event: OutgoingSent, agenda: Agenda) -> None:
    """Another organisation was asked in its place."""
    if event.replaces:
        await agenda.settle_subject(event.replaces, [Reason.REFERRAL_REFUSED])


@handlers.on(OutgoingPersonLinked)
async def outgoing_person_linked(event: OutgoingPersonLinked, signals: Signals) -> None:
    """A refusal that was nobody's may be a case's now."""
    await signals.refused_before(event.outgoing_id, event.person_id)


@handlers.every(300)
async def sweep(signals: Signals) -> None:
    """Put what is overdue or new on the agenda."""
    await signals.sweep(local_date(signals.transaction.clock))


@handlers.every(3600)
async def plan_meetings(meetings: Meetings) -> None:
    """See that the weeks ahead have their meeting."""
    for series in await meetings.all_series():
        await meetings.plan(series)
