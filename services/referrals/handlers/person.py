"""Whom a referral is about, once intake knows."""

from typing import ClassVar
from uuid import UUID

from services.referrals.handlers.registry import handlers
from services.referrals.store import Outgoings, Referrals
from shared.events import Event, Reading


class PersonIdentified(Reading):
    """intake knows whom a referral is about."""

    type: ClassVar[str] = "intake.person-identified.v1"
    referral_id: UUID
    person_id: UUID


@handlers.on(PersonIdentified)
async def name_person(event: PersonIdentified, referrals: Referrals, outgoings: Outgoings) -> None:
    """Note whom the referral is about, and the same sender's other open referrals about that person."""
    referral = await referrals.get(event.referral_id)
    facts: list[Event] = [referral.link(event.person_id)]
    others = [other.id for other in await referrals.open_of_person(event.person_id, referral.sender)]
    if others := [other for other in others if other != referral.id]:
        facts.append(referral.suspect(others))
    await referrals.record(referral, *facts)
    await outgoings.link(referral.id, event.person_id)
