"""Outgoing referrals: what the line's contacts bring about, who else serves a person, and the clocks."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from services.referrals.domain.care_service import Channel
from services.referrals.domain.deadline import deadline
from services.referrals.domain.document import Address, Gender
from services.referrals.domain.exchange import Disclosed, Party, waits_for
from services.referrals.domain.gap import Unmet
from services.referrals.domain.outgoing_from import Addressee, Orientation, of_orientation
from services.referrals.domain.states import State
from services.referrals.events import GapSource, Urgency
from services.referrals.handlers.registry import handlers
from services.referrals.settings import Settings
from services.referrals.store import Gaps, Organisations, OutgoingRow, Outgoings
from shared.events import Reading
from shared.http import Http

AT_ONCE = 50
NO_ONE_COULD_HELP = "no-one-could-help"
UNANSWERED = frozenset({State.RECEIVED, State.IN_TRIAGE})


class OrientationRequested(Reading):
    """The line oriented somebody to an organisation."""

    type: ClassVar[str] = "intake.orientation-requested.v1"
    contact_id: UUID
    person_id: UUID | None
    organisation: str
    topics: tuple[str, ...]
    urgency: Urgency = Urgency.ROUTINE


class ContactRecorded(Reading):
    """A contact with the line took place; some end with nobody who could help."""

    type: ClassVar[str] = "intake.contact-recorded.v1"
    contact_id: UUID
    outcome: str
    topics: tuple[str, ...]


class PersonCard(BaseModel):
    """What intake tells of a person whom the line orients."""

    family_name: str
    given_names: str
    birth_date: date | None = None
    gender: Gender | None = None
    language: str | None = None
    phones: list[str] = Field(default_factory=list)
    address: Address | None = None


async def pull_card(event: OrientationRequested, http: Http) -> PersonCard | None:
    """The person's card, from intake; an anonymous question has none."""
    if event.person_id is None:
        return None
    return await http.get("intake", f"/intake/persons/{event.person_id}/card", PersonCard)


@handlers.on(OrientationRequested, pull=pull_card)
async def follow_orientation(
    event: OrientationRequested, outgoings: Outgoings, organisations: Organisations, pulled: PersonCard | None
) -> None:
    """Track an orientation as a referral: one per contact and organisation, however often it is told.

    An organisation that the directory does not know is tracked too: staff reaches it by hand.
    """
    known = await organisations.find(event.organisation)
    channel = known.about.channel if known and known.active else Channel.MANUAL
    card = Disclosed.model_validate(dict(pulled)) if pulled else None
    orientation = Orientation(event.contact_id, event.person_id, event.topics, card, event.urgency)
    now = outgoings.transaction.clock.now()
    await outgoings.open_once(of_orientation(orientation, Addressee(event.organisation, channel), now))


@handlers.on(ContactRecorded)
async def note_unmet_contact(event: ContactRecorded, gaps: Gaps) -> None:
    """Record a demand at the line that nobody could help with."""
    if event.outcome == NO_ONE_COULD_HELP:
        needs = [topic.removeprefix("need.") for topic in event.topics]
        await gaps.note(Unmet(GapSource.NO_SERVICE, event.contact_id, needs, None, NO_ONE_COULD_HELP))


@handlers.every(60)
async def remind_of_outgoing(outgoings: Outgoings, settings: Settings) -> bool:
    """Remind whoever acts next; an organisation that does not answer, reminders included, is given up on."""
    now = outgoings.transaction.clock.now()
    late = await outgoings.overdue(now, AT_ONCE)
    for referral in late:
        await remind(referral, outgoings, settings, now)
    return len(late) == AT_ONCE


async def remind(referral: OutgoingRow, outgoings: Outgoings, settings: Settings, now: datetime) -> None:
    """One reminder, or the end of waiting."""
    party = waits_for(referral.state)
    is_unanswered = party is Party.FULFILLER and referral.state in UNANSWERED
    again = deadline(referral.state, referral.urgency, now, settings.outgoing_times)
    if is_unanswered and referral.reminders >= settings.outgoing_reminders:
        await outgoings.record(referral, referral.expire(now))
    elif party and again:
        await outgoings.record(referral, referral.remind(party, again))


@handlers.every(300)
async def ask_service_status(outgoings: Outgoings) -> bool:
    """Ask whether people use the services that took them on, until somebody has said yes or no."""
    now = outgoings.transaction.clock.now()
    due = await outgoings.status_overdue(now, AT_ONCE)
    for referral in due:
        await outgoings.record(referral, referral.ask_status(outgoings.status_due(now)))
    return len(due) == AT_ONCE
