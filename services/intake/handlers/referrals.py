"""A referral came in, or was corrected: whom it is about."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.intake.domain import Identity, identify, understood
from services.intake.events import Certainty
from services.intake.handlers.registry import handlers
from services.intake.settings import Settings
from services.intake.store import Apart, Identifications, PersonRow, Persons, ReviewRow, Reviews, Standings
from shared.clock import local_date
from shared.events import Reading
from shared.http import Http

LIVES_ALONE = "living_alone"
"""The complexity factor by which a hospital says that nobody else is at home."""


class ReferralReceived(Reading):
    """A referral is in the programme's hands; who it is about is to be pulled."""

    type: ClassVar[str] = "referrals.referral-received.v1"
    referral_id: UUID
    factors: list[str] = []


class Demographics(BaseModel):
    """What the sender wrote of the person, and who the sender is."""

    person: dict[str, Any]
    sender: str


async def pull_demographics(event: ReferralReceived, http: Http) -> Demographics:
    """The demographics, from referrals."""
    return await http.get("referrals", f"/referrals/{event.referral_id}/demographics", Demographics)


@handlers.on(ReferralReceived, pull=pull_demographics)
async def identify_person(
    event: ReferralReceived,
    persons: Persons,
    identifications: Identifications,
    reviews: Reviews,
    standings: Standings,
    apart: Apart,
    settings: Settings,
    pulled: Demographics,
) -> None:
    """Find the person in the index, register somebody new, or ask for a review."""
    clock = persons.transaction.clock
    programme = settings.organisation
    await standings.stay(event.referral_id, clock.now(), lives_alone=LIVES_ALONE in event.factors)
    incoming = understood(pulled.person, pulled.sender, local_date(clock))
    await persons.hold(incoming, programme)
    people = await persons.resembling(incoming, programme)
    verdict = identify(incoming, people, await apart.among({person.current_id for person in people}))
    if verdict.known:
        known = next(person for person in people if person.id == verdict.known.person_id)
        await complete(known, incoming, persons)
        await identifications.settle(event.referral_id, known, Certainty.CERTAIN, verdict.known)
    elif verdict.candidates:
        await reviews.record(*ReviewRow.open(event.referral_id, programme, incoming, verdict.candidates, clock.now()))
    else:
        person, registered = PersonRow.register(incoming, programme, clock.now())
        await persons.keep(person, [registered])
        await identifications.settle(event.referral_id, person, Certainty.REGISTERED)


class ReferralCorrected(Reading):
    """The sender corrected what it had sent."""

    type: ClassVar[str] = "referrals.referral-corrected.v1"
    referral_id: UUID
    parts: list[str]


async def pull_corrected(event: ReferralCorrected, http: Http) -> Demographics | None:
    """The demographics as they are now, where they are what was corrected."""
    if "person" not in event.parts:
        return None
    return await http.get("referrals", f"/referrals/{event.referral_id}/demographics", Demographics)


@handlers.on(ReferralCorrected, pull=pull_corrected)
async def look_again(
    event: ReferralCorrected,
    persons: Persons,
    identifications: Identifications,
    reviews: Reviews,
    apart: Apart,
    settings: Settings,
    pulled: Demographics | None,
) -> None:
    """Complete the person who is certainly still meant; else somebody decides, and decided before is no more."""
    if pulled is None:
        return
    clock = persons.transaction.clock
    incoming = understood(pulled.person, pulled.sender, local_date(clock))
    await persons.hold(incoming, settings.organisation)
    people = await persons.resembling(incoming, settings.organisation)
    review = await reviews.of_referral(event.referral_id)
    settled = await identifications.of_referral(event.referral_id)
    pairs = await apart.among({person.current_id for person in people})
    verdict = identify(incoming, people, pairs, settled.person_id if settled else None)
    known = verdict.known
    if settled and known and known.person_id == settled.person_id:
        await complete(next(person for person in people if person.id == known.person_id), incoming, persons)
        return
    if review:
        await reviews.record(review, review.put_anew(incoming, verdict.candidates, clock.now()))
    else:
        opened = ReviewRow.open(event.referral_id, settings.organisation, incoming, verdict.candidates, clock.now())
        await reviews.record(*opened)


async def complete(person: PersonRow, incoming: Identity, persons: Persons) -> None:
    """Add to a person what was missing."""
    updated = person.complete(incoming)
    if updated:
        await persons.keep(person, updated)
