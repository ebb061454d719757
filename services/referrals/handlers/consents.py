"""What people agree to: an organisation whose person no longer agrees is asked to give a referral back."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.referrals.handlers.registry import handlers
from services.referrals.store import Outgoings
from shared.agreements import Agreements, Decision, Statement
from shared.events import Reading


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
async def follow_consent(event: ConsentRecorded, agreements: Agreements, outgoings: Outgoings) -> None:
    """Keep it; what an organisation was disclosed is recalled, or given again, by the word that counts now."""
    await agreements.learn(event.word())
    await outgoings.realign(event.person_id)
