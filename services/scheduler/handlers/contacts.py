"""A person gets in touch: whoever could not be reached is due again."""

from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import LeftReason
from services.scheduler.events import ContactRestored
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import Calendars, CampaignCalls, FollowUps, LastContacts, PolicyBook
from shared.clock import local_date
from shared.events import Event, Reading

NOT_REACHED = "call-back"
"""The outcome of a call of ours in which nobody may have been reached."""


class ContactRecorded(Reading):
    """intake has recorded a contact. `person_id` is whom it was about, whoever of their people spoke."""

    type: ClassVar[str] = "intake.contact-recorded.v1"
    person_id: UUID | None
    direction: str
    outcome: str


@handlers.on(ContactRecorded)
async def restore_lost_contact(
    event: ContactRecorded,
    follow_ups: FollowUps,
    calls: CampaignCalls,
    contacts: LastContacts,
    policies: PolicyBook,
    calendars: Calendars,
    settings: Settings,
) -> None:
    """Take up all that waits for a person who got in touch; that contact is restored is told once."""
    if event.person_id is None:
        return
    today = local_date(follow_ups.transaction.clock)
    is_inbound = event.direction == "inbound"
    if is_inbound or event.outcome != NOT_REACHED:
        await contacts.note(event.person_id, today)
    if not is_inbound:
        return
    is_told = await calls.leave(event.person_id, LeftReason.RESTORED, today)
    told: list[Event] = [] if is_told else [ContactRestored(person_id=event.person_id)]
    now = follow_ups.transaction.clock.now()
    for follow_up in await follow_ups.unreachable_of(event.person_id):
        policy = await policies.version(follow_up.policy, follow_up.policy_version)
        calendar = await calendars.of(follow_up.organisation, settings.calendar)
        await follow_ups.record(follow_up, *told, follow_up.restore(now, policy, calendar))
        told = []
