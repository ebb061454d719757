"""What intake tells of people's consents: codes and ids, never what was said or who heard it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class Purpose(StrEnum):
    """What a person may agree to, or refuse."""

    CASE_MANAGEMENT = "case-management"
    SHARING = "sharing"
    TEAM_MEETING = "team-meeting"
    STATISTICS = "statistics"
    CHANNEL = "channel"


class ConsentChannel(StrEnum):
    """A way to reach a person."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    POST = "post"


class ConsentDecision(StrEnum):
    """What was said: yes, no, or no longer."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ConsentRecorded(Event):
    """A person agreed to a purpose, refused it or withdrew a consent.

    The word with the latest `since` counts; of two at one moment the one that is no consent.
    """

    type: ClassVar[str] = "intake.consent-recorded.v1"
    consent_id: UUID
    person_id: UUID
    purpose: Purpose
    recipient: str | None = Field(description="For `sharing`: code of the organisation", examples=["centre"])
    channel: ConsentChannel | None = Field(description="For `channel`: which one")
    decision: ConsentDecision
    since: datetime = Field(description="When it was said; a withdrawal counts from here")


CONSENTS = (ConsentRecorded,)
