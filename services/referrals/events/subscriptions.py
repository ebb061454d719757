"""Facts about who is told of facts."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class SubscriptionChanged(Event):
    """Somebody's wish to be told of referrals began, came back, stopped or ended."""

    type: ClassVar[str] = "referrals.subscription-changed.v1"
    subscription_id: UUID
    organisation: str = Field(description="Who is told", examples=["chu"])
    kind: str = Field(description="`webhook` or `fhir`", examples=["webhook"])
    state: str = Field(examples=["active"])
    failure: str | None = Field(description="Why it stopped", examples=["timeout"])


class SubscriptionFailed(Event):
    """A receiver did not answer for 72 hours: an operator is to look at it and to send again what it missed."""

    type: ClassVar[str] = "referrals.subscription-failed.v1"
    subscription_id: UUID
    organisation: str = Field(description="Who is not told any more", examples=["chu"])
    kind: str = Field(description="`webhook` or `fhir`", examples=["webhook"])
    failure: str = Field(description="What the last attempt ended with", examples=["503"])
    undelivered: int = Field(description="How many notices are kept to be sent again")
