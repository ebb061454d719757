"""What people agree to: the ways to reach them that they do not want are not tried."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.scheduler.handlers.registry import handlers
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
async def follow_consent(event: ConsentRecorded, agreements: Agreements) -> None:
    """Keep it: the worklist and the record of attempts ask for it."""
    await agreements.learn(event.word())
