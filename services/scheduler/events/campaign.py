"""What scheduler tells of campaigns: ids and counts."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class CampaignEnd(StrEnum):
    """How a campaign came to its end."""

    ALL_DONE = "all-done"
    CLOSED = "closed"


class CampaignDrafted(Event):
    """There is a campaign; nobody is called for it before it starts."""

    type: ClassVar[str] = "scheduler.campaign-drafted.v1"
    campaign_id: UUID
    outage_id: UUID | None = Field(description="The outage of the line behind it; null for one made by hand")


class CampaignStarted(Event):
    """People are called from now on."""

    type: ClassVar[str] = "scheduler.campaign-started.v1"
    campaign_id: UUID
    outage_id: UUID | None = Field(description="The outage of the line behind it; null for one made by hand")
    people: int = Field(description="How many are on it now")
    per_day: int = Field(description="How many are newly called on a working day at most")
    first_on: date = Field(description="The working day of the first calls, in Belgium")


class CampaignPaused(Event):
    """Nothing of it falls due until it goes on."""

    type: ClassVar[str] = "scheduler.campaign-paused.v1"
    campaign_id: UUID
    open: int = Field(description="How many people it is not finished with")


class CampaignResumed(Event):
    """It goes on after a pause."""

    type: ClassVar[str] = "scheduler.campaign-resumed.v1"
    campaign_id: UUID
    open: int = Field(description="How many people it is not finished with")
    first_on: date = Field(description="The working day on which it goes on, in Belgium")


class CampaignCompleted(Event):
    """It is over: with everybody, or because somebody closed it."""

    type: ClassVar[str] = "scheduler.campaign-completed.v1"
    campaign_id: UUID
    outage_id: UUID | None = Field(description="The outage of the line behind it; null for one made by hand")
    ended: CampaignEnd
    people: int
    reached: int
    unreachable: int
    refused: int
    restored: int = Field(description="Who got in touch before the campaign reached them")


CAMPAIGN = (CampaignDrafted, CampaignStarted, CampaignPaused, CampaignResumed, CampaignCompleted)
