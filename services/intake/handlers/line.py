"""The line's links: restored by the next contact, or by a campaign's answer."""

from typing import ClassVar
from uuid import UUID

from services.intake.domain import Restored
from services.intake.handlers.registry import handlers
from services.intake.store import Links
from shared.clock import local_date
from shared.events import Reading

AT_ONCE = 50


class ContactRestored(Reading):
    """Somebody who could not be reached is in touch again."""

    type: ClassVar[str] = "scheduler.contact-restored.v1"
    person_id: UUID


@handlers.every(30)
async def restore_links(links: Links) -> bool:
    """Say of everybody on a roster who was reached since the outage began that the link holds again."""
    again = await links.in_touch_again(AT_ONCE)
    for link, on in again:
        await links.restore(link, Restored.CONTACT, on)
    return len(again) == AT_ONCE


@handlers.on(ContactRestored)
async def take_over_answer(event: ContactRestored, links: Links) -> None:
    """A campaign reached somebody."""
    today = local_date(links.transaction.clock)
    for link in await links.lapsed_of(event.person_id):
        await links.restore(link, Restored.CAMPAIGN, today)
