"""What people agree to: an agreement to share a profile ends with the consent to share with that organisation."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.assessment.domain.purposes import SHARING
from services.assessment.handlers.registry import handlers
from services.assessment.store import ProfileConsents
from shared.agreements import Agreements, Decision, Statement
from shared.events import Reading

BY_WORD = "intake"
"""Who took an agreement back where the person's word in intake did."""


class ConsentRecorded(Reading):
    """A person agreed to a purpose, refused it or withdrew a consent."""

    type: ClassVar[str] = "intake.consent-recorded.v1"
    consent_id: UUID
    person_id: UUID
    purpose: str
    recipient: str | None = None
    channel: str | None = None
    decision: Decision
    since: datetime

    def word(self) -> Statement:
        """The word itself."""
        about = self.recipient or self.channel or ""
        return Statement(self.consent_id, self.person_id, self.purpose, about, self.decision, self.since)


@handlers.on(ConsentRecorded)
async def follow_consent(event: ConsentRecorded, agreements: Agreements, consents: ProfileConsents) -> None:
    """Keep it; where the person says no to an organisation, take back what let it read the profile."""
    await agreements.learn(event.word())
    if event.purpose != SHARING or not event.recipient:
        return
    if await agreements.denied(event.person_id, SHARING, event.recipient):
        for consent in await consents.standing(event.person_id, event.recipient):
            await consents.record(consent, consent.revoke(BY_WORD, consents.transaction.clock.now()))
