"""An outage of the line, and the people whose link lapsed in it, the greatest risk first."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.events import LineOutageRecorded, LinkLapsed, LinkReason, LinkRestored
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id

WEIGHTS: Mapping[LinkReason, int] = {
    LinkReason.OPEN_SAFETY_ISSUE: 8,
    LinkReason.OPEN_PLAN: 4,
    LinkReason.RECENT_HOSPITAL_STAY: 3,
    LinkReason.LIVES_ALONE: 2,
    LinkReason.RECENT_NEED: 1,
}
"""What each reason weighs. An open safety issue comes before any two others; of equals the latest in touch is first:
whoever spoke to the line days before it fell silent expected an answer."""


class ImpossibleOutage(DomainError):
    """The line cannot have been out of order at these times."""


class OutageOverlaps(DomainError):
    """An outage of these days is on record; see `outage_id`."""


class Cause(StrEnum):
    """Why nobody reached the line."""

    TELEPHONE_EXCHANGE = "telephone-exchange"
    NETWORK = "network"
    POWER = "power"
    STAFF_ABSENT = "staff-absent"
    WRONG_NUMBER_PUBLISHED = "wrong-number-published"
    SOFTWARE = "software"
    OTHER = "other"
    UNKNOWN = "unknown"


class LinkState(StrEnum):
    """Whether the programme is in touch again."""

    LAPSED = "lapsed"
    RESTORED = "restored"


class Restored(StrEnum):
    """By what a link was restored."""

    CONTACT = "contact"
    CAMPAIGN = "campaign"


class OutageAccount(BaseModel):
    """An outage as somebody tells it."""

    began_at: AwareDatetime
    ended_at: AwareDatetime = Field(description="When the line could be reached again")
    cause: Cause
    note: Annotated[str, Field(max_length=2000)] | None = Field(default=None, description="Stays in intake")

    def refuse_impossible(self, now: datetime) -> None:
        """Raise ImpossibleOutage for an outage that ends before it begins, or has not ended yet."""
        faults = [
            Fault(f"/{name}", "in-future")
            for name, at in (("began_at", self.began_at), ("ended_at", self.ended_at))
            if at > now
        ]
        if self.ended_at <= self.began_at:
            faults.append(Fault("/ended_at", "before-start"))
        if faults:
            raise ImpossibleOutage(faults=faults)


class Reach(BaseModel):
    """How far back an outage looks for people, for hospital stays and for needs."""

    began_at: datetime
    known_since: datetime
    stay_since: datetime
    need_since: datetime

    @classmethod
    def of(cls, began_at: datetime, known_days: int, recent_days: int) -> Self:
        """So many days back from the outage's beginning."""
        recent = began_at - timedelta(days=recent_days)
        return cls(
            began_at=began_at,
            known_since=began_at - timedelta(days=known_days),
            stay_since=recent,
            need_since=recent,
        )


class Standing(BaseModel):
    """What is known of somebody at the time of an outage. `last_on` is the day of the last contact before it."""

    person_id: UUID
    last_on: date | None
    reasons: tuple[LinkReason, ...]

    @property
    def risk(self) -> int:
        """How much there is to lose: the weights of the reasons together."""
        return sum(WEIGHTS[reason] for reason in self.reasons)


def by_risk(people: Iterable[Standing]) -> list[Standing]:
    """The order to call in, reproducible: by risk, then the latest in touch, then by id."""

    def place(each: Standing) -> tuple[int, int, UUID]:
        return (-each.risk, -(each.last_on or date.min).toordinal(), each.person_id)

    return sorted(people, key=place)


class Outage(OutageAccount):
    """A recorded outage; `people` is how many links lapsed in it."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    people: int
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def record(
        cls, account: OutageAccount, programme: str, subject: str, at: datetime, roster: Iterable[Standing]
    ) -> tuple[Self, list["Link"], list[Event]]:
        """The outage, its links in the order of risk, and what is told of both."""
        ranked = by_risk(roster)
        told = {name: getattr(account, name) for name in OutageAccount.model_fields}
        outage = cls(**told, id=new_id(), programme=programme, people=len(ranked), recorded_by=subject, recorded_at=at)
        began_on, ended_on = (each.astimezone(BRUSSELS).date() for each in (account.began_at, account.ended_at))
        links = [
            Link(
                outage_id=outage.id,
                person_id=each.person_id,
                rank=rank,
                reasons=each.reasons,
                since=each.last_on or began_on,
            )
            for rank, each in enumerate(ranked, 1)
        ]
        fact = LineOutageRecorded(outage_id=outage.id, began_on=began_on, ended_on=ended_on, people=len(ranked))
        return outage, links, [fact, *(link.lapse() for link in links)]


class Link(BaseModel):
    """One person's link with the line, lapsed in an outage."""

    outage_id: UUID
    person_id: UUID
    rank: int
    reasons: tuple[LinkReason, ...]
    since: date
    state: LinkState = LinkState.LAPSED
    restored_on: date | None = None
    restored_by: Restored | None = None

    def lapse(self) -> LinkLapsed:
        """What is told of a lapsed link."""
        return LinkLapsed(
            outage_id=self.outage_id,
            person_id=self.person_id,
            rank=self.rank,
            reasons=list(self.reasons),
            since=self.since,
        )

    def restore(self, by: Restored, on: date) -> LinkRestored:
        """The link holds again."""
        self.state, self.restored_by, self.restored_on = LinkState.RESTORED, by, on
        return LinkRestored(person_id=self.person_id, outage_id=self.outage_id, on=on)
