"""A referral brings a consent along: it goes on record once its person is known, beside what we ask ourselves."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.intake.domain.consent import Brought, Consent
from services.intake.domain.elsewhere import ConsentBy, ConsentKind
from services.intake.events import Purpose
from services.intake.handlers.registry import handlers
from services.intake.store import Consents, Persons
from shared.events import Reading


class ConsentBrought(Reading):
    """A referral of a known person says that she or he agreed."""

    type: ClassVar[str] = "referrals.consent-brought.v1"
    source_id: UUID
    person_id: UUID
    purpose: Purpose
    recipient: str | None = None
    how: ConsentKind = ConsentKind.ORAL
    on: date


@handlers.on(ConsentBrought)
async def keep_brought(event: ConsentBrought, consents: Consents, persons: Persons) -> None:
    """Put it on record, once per referral and purpose. What the person says later, or said later, counts more."""
    person = await persons.find(event.person_id)
    if person is None or await consents.was_brought(event.source_id, event.purpose):
        return
    brought = Brought(event.source_id, event.purpose, event.recipient, event.how, ConsentBy.PERSON, event.on)
    await consents.keep(*Consent.bring((person.id, person.programme), brought, consents.transaction.clock.now()))
