"""A person gets in touch: whoever could not be reached is due again."""

from typing import ClassVar
from uuid import UUID

from services.scheduler.events import ContactRestored
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import FollowUps, PolicyBook
from shared.clock import local_date
from shared.events import Event, Reading


class ContactRecorded(Reading):
    """intake has recorded a contact."""

    type: ClassVar[str] = "intake.contact-recorded.v1"
    person_id: UUID | None
    direction: str


@handlers.on(ContactRecorded)
async def restore_lost_contact(
    event: ContactRecorded, follow_ups: FollowUps, policies: PolicyBook, settings: Settings
) -> None:
    """Take up all that waits for a person who got in touch; that contact is restored is told once."""
    if event.person_id is None or event.direction != "inbound":
        return
    told: list[Event] = [ContactRestored(person_id=event.person_id)]
    today = local_date(follow_ups.transaction.clock)
    for follow_up in await follow_ups.unreachable_of(event.person_id):
        policy = await policies.version(follow_up.policy, follow_up.policy_version)
        await follow_ups.record(follow_up, *told, follow_up.restore(today, policy, settings.calendar))
        told = []
