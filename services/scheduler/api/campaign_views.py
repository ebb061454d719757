"""What the routes of campaigns take and answer."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt

from services.scheduler.api.doors import Body
from services.scheduler.domain import CallOrder, CampaignStatus, Member, Standing, Tally, risk_of
from services.scheduler.domain.campaign_report import OutcomeCount
from services.scheduler.store import CampaignRow
from services.scheduler.store.campaigns import Place

Reason = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["open-safety-issue"])]
PerDay = Annotated[StrictInt, Field(ge=1, le=500, description="How many are newly called on a working day at most")]


class NewMember(Body):
    """Somebody to be called."""

    person_id: UUID
    reasons: Annotated[tuple[Reason, ...], Field(max_length=10, description="What makes the lapsed link risky")] = ()
    since: Annotated[date | None, Field(description="The day of the last contact")] = None


class NewCampaign(Body):
    """A campaign made by hand; the order of the people is the order of risk among equals."""

    people: Annotated[list[NewMember], Field(min_length=1, max_length=2000)]
    per_day: PerDay
    order: CallOrder = CallOrder.RISK

    def members(self, campaign_id: UUID) -> list[Member]:
        """Its members, ranked by risk and then as they are listed."""
        ranked = sorted(self.people, key=lambda each: risk_of(each.reasons))
        return [
            Member(campaign_id=campaign_id, rank=rank, risk=risk_of(each.reasons), **dict(each))
            for rank, each in enumerate(ranked, 1)
        ]


class CampaignStart(Body):
    """How a campaign begins."""

    first_on: Annotated[date | None, Field(description="The first day; today where none is named")] = None
    per_day: PerDay | None = None
    order: CallOrder | None = None


class NoBody(Body):
    """Nothing is to be said."""


class Progress(BaseModel):
    """How many people stand where."""

    waiting: int = Field(description="No day is given yet")
    planned: int
    due: int
    in_progress: int = Field(description="Somebody spoke with the person, the result is not written yet")
    reached: int
    unreachable: int
    refused: int
    restored: int = Field(description="Got in touch before the campaign reached them")
    cancelled: int = Field(description="Nobody is to call any more, for another reason")
    deceased: int
    closed: int = Field(description="Not called because the campaign was closed")

    @classmethod
    def of(cls, tally: Tally) -> "Progress":
        return cls(**{standing.value.replace("-", "_"): tally.of(standing) for standing in Standing})


class Batch(BaseModel):
    """The calls of one day."""

    on: date
    people: int


class CampaignView(BaseModel):
    """A campaign and how far it is. Its ETag counts its own steps, not what becomes of the people."""

    id: UUID
    outage_id: UUID | None = Field(description="The outage of the line behind it; null for one made by hand")
    status: CampaignStatus
    allowed: list[CampaignStatus] = Field(description="The states it can move to from here")
    per_day: int
    order: CallOrder
    first_on: date | None = Field(description="The working day on which it began, or went on after a pause")
    ended_on: date | None
    people: int
    progress: Progress

    @classmethod
    def of(cls, row: CampaignRow, tally: Tally) -> "CampaignView":
        more = {"allowed": row.allowed(), "people": tally.people, "progress": Progress.of(tally)}
        return cls.model_validate({**row.model_dump(), **more})


class CampaignDetail(CampaignView):
    """A campaign with its batches."""

    batches: list[Batch] = Field(description="Its own calls per day, as far as they are not cancelled")


class MemberView(BaseModel):
    """One person of a campaign; who it is is to be read in intake."""

    person_id: UUID
    rank: int
    risk: int = Field(description="0 is the highest")
    reasons: list[str]
    since: date | None
    standing: Standing
    follow_up_id: UUID | None = Field(description="The call that serves it; another one where that was planned anyway")
    due_on: date | None

    @classmethod
    def of(cls, place: Place) -> "MemberView":
        due_on = place.follow_up.due_on if place.follow_up else None
        known = {
            **place.member.model_dump(),
            "person_id": place.member.whom,
            "standing": place.standing,
            "due_on": due_on,
        }
        return cls.model_validate(known)


class CampaignReport(BaseModel):
    """What a campaign came to."""

    campaign_id: UUID
    status: CampaignStatus
    smallest: int | None = Field(description="Counts below this are hidden; null where none is")
    counts: list[OutcomeCount]
