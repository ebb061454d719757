"""A campaign: people whose link lapsed are called again, so many a day, the greatest risk first."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain.calendar import Calendar, instant_of
from services.scheduler.domain.follow_up import FollowUp
from services.scheduler.domain.policy import Policy
from services.scheduler.domain.record import ROUTINE
from services.scheduler.domain.replan import Place
from services.scheduler.domain.states import Status, WrongInput
from services.scheduler.events import (
    CampaignCompleted,
    CampaignDrafted,
    CampaignEnd,
    CampaignPaused,
    CampaignResumed,
    CampaignStarted,
    Outcome,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id

SOON = timedelta(days=7)
"""Somebody who is called within so many days of the batch's day anyway is not called twice."""

FURTHEST_START = timedelta(days=366)

RISKS: Mapping[str, int] = {
    "open-safety-issue": 0,
    "open-plan": 1,
    "recent-hospital-stay": 2,
    "lives-alone": 3,
    "recent-need": 4,
}
"""The risk of a follow-up by the reason that intake gives, in the order of intake's weights; 0 is the highest."""

SPOKE = frozenset({Outcome.ANSWERED, Outcome.CALL_BACK, Outcome.REFUSED})
"""The outcomes of an attempt in which somebody spoke with the person."""


class CampaignStatus(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CLOSED = "closed"


CAMPAIGN_NEXT: Mapping[CampaignStatus, frozenset[CampaignStatus]] = {
    CampaignStatus.DRAFT: frozenset({CampaignStatus.RUNNING, CampaignStatus.CLOSED}),
    CampaignStatus.RUNNING: frozenset({CampaignStatus.PAUSED, CampaignStatus.COMPLETED, CampaignStatus.CLOSED}),
    CampaignStatus.PAUSED: frozenset({CampaignStatus.RUNNING, CampaignStatus.CLOSED}),
    CampaignStatus.COMPLETED: frozenset(),
    CampaignStatus.CLOSED: frozenset(),
}


class CallOrder(StrEnum):
    """Who is called first among those without an open safety issue, who always come before the others."""

    RISK = "risk"
    LONGEST_SILENT = "longest-silent"


class LeftReason(StrEnum):
    """Why somebody left a campaign without its call."""

    RESTORED = "restored"
    DECEASED = "deceased"
    CLOSED = "closed"


class Standing(StrEnum):
    """Where a campaign stands with one person."""

    WAITING = "waiting"
    PLANNED = "planned"
    DUE = "due"
    IN_PROGRESS = "in-progress"
    REACHED = "reached"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    DECEASED = "deceased"
    CLOSED = "closed"


OPEN = frozenset({Standing.WAITING, Standing.PLANNED, Standing.DUE, Standing.IN_PROGRESS})
"""Whom a campaign is not finished with."""


class CampaignStepRefused(DomainError):
    """The campaign is not in a state that allows this step."""


class NobodyToCall(DomainError):
    """Nobody is on this campaign."""


class NoCampaignPolicy(DomainError):
    """No policy for the outage of the line is in force: nothing says how often somebody tries."""


class Member(BaseModel):
    """One person of a campaign, once. `rank` is the place in the order of risk, from 1; `reasons` are intake's codes.

    `follow_up_id` is the call that serves it: its own, or another one that was planned for these days anyway.
    `number` is the place among the campaign's own follow-ups.
    """

    campaign_id: UUID
    person_id: UUID
    rank: int
    risk: int = ROUTINE
    reasons: tuple[str, ...] = ()
    since: date | None = None
    number: int | None = None
    follow_up_id: UUID | None = None
    left: LeftReason | None = None
    left_on: date | None = None

    @property
    def first_reason(self) -> str:
        """The reason that weighs most; `none` where nothing is known."""
        return min(self.reasons, key=lambda reason: RISKS.get(reason, ROUTINE), default="none")


class Tally(BaseModel):
    """How many people a campaign has in each standing."""

    counts: Mapping[Standing, int]

    def of(self, *standings: Standing) -> int:
        """How many stand in any of these."""
        return sum(self.counts.get(each, 0) for each in standings)

    @property
    def people(self) -> int:
        """How many are on it."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """With how many it is not finished."""
        return self.of(*OPEN)


class Campaign(BaseModel):
    """People to be called again after an outage of the line, or named by hand; at most `per_day` new ones a day.

    `expected` is how many people the outage announced, None for one made by hand.
    """

    id: UUID = Field(default_factory=new_id)
    outage_id: UUID | None = None
    organisation: str
    programme: str | None = None
    status: CampaignStatus = CampaignStatus.DRAFT
    per_day: int
    order: CallOrder = CallOrder.RISK
    expected: int | None = None
    made_by: str | None = None
    first_on: date | None = None
    ended_on: date | None = None

    def drafted(self) -> CampaignDrafted:
        """The fact that it exists."""
        return CampaignDrafted(campaign_id=self.id, outage_id=self.outage_id)

    def start(self, first_on: date, today: date, calendar: Calendar, people: int) -> CampaignStarted:
        """Begin to call on the first working day from `first_on` on.

        Raises CampaignStepRefused when it was started before, NobodyToCall, WrongInput for a day that cannot be.
        """
        self.check(CampaignStatus.RUNNING, CampaignStatus.DRAFT)
        if not people:
            raise NobodyToCall
        if first_on < today:
            raise WrongInput(faults=[Fault("/first_on", "in-past")])
        if first_on > today + FURTHEST_START:
            raise WrongInput(faults=[Fault("/first_on", "out-of-range")])
        self.status, self.first_on = CampaignStatus.RUNNING, calendar.on_or_after(first_on)
        return CampaignStarted(
            campaign_id=self.id,
            outage_id=self.outage_id,
            people=people,
            per_day=self.per_day,
            first_on=self.first_on,
        )

    def pause(self, tally: Tally) -> CampaignPaused:
        """Let nothing fall due; raises CampaignStepRefused when it is not running."""
        self.check(CampaignStatus.PAUSED)
        self.status = CampaignStatus.PAUSED
        return CampaignPaused(campaign_id=self.id, open=tally.open)

    def resume(self, today: date, calendar: Calendar, tally: Tally) -> CampaignResumed:
        """Go on with the next working day, or later where the start lies ahead; raises CampaignStepRefused."""
        self.check(CampaignStatus.RUNNING, CampaignStatus.PAUSED)
        self.status = CampaignStatus.RUNNING
        self.first_on = max(calendar.working_days_after(today, 1), self.first_on or today)
        return CampaignResumed(campaign_id=self.id, open=tally.open, first_on=self.first_on)

    def finish(self, status: CampaignStatus, today: date, tally: Tally) -> CampaignCompleted:
        """End it, completed or closed; raises CampaignStepRefused when it is over or, to complete it, not running."""
        self.check(status)
        self.status, self.ended_on = status, today
        return CampaignCompleted(
            campaign_id=self.id,
            outage_id=self.outage_id,
            ended=CampaignEnd.CLOSED if status is CampaignStatus.CLOSED else CampaignEnd.ALL_DONE,
            people=tally.people,
            reached=tally.of(Standing.REACHED),
            unreachable=tally.of(Standing.UNREACHABLE),
            refused=tally.of(Standing.REFUSED),
            restored=tally.of(Standing.RESTORED),
        )

    def is_done(self, tally: Tally) -> bool:
        """Whether everybody that was announced is on it and it is finished with all of them."""
        return tally.people > 0 and tally.people >= (self.expected or 0) and not tally.open

    def allowed(self) -> list[CampaignStatus]:
        """The states it can move to now."""
        return sorted(CAMPAIGN_NEXT[self.status])

    def place(self, member: Member) -> tuple[bool, date, int, UUID]:
        """The sort key of its members: open safety issues first, then the chosen order."""
        since = (member.since or date.min) if self.order is CallOrder.LONGEST_SILENT else date.min
        return member.risk > 0, since, member.rank, member.person_id

    def check(self, status: CampaignStatus, *only_from: CampaignStatus) -> None:
        """Raise CampaignStepRefused where this state cannot follow, or not from the state it is in."""
        if status not in CAMPAIGN_NEXT[self.status] or (only_from and self.status not in only_from):
            allowed = [each.value for each in self.allowed()]
            raise CampaignStepRefused(facts={"state": self.status, "allowed": allowed})

    @classmethod
    def after(cls, outage_id: UUID, organisation: str, per_day: int) -> Self:
        """The draft of a campaign after an outage."""
        return cls(outage_id=outage_id, organisation=organisation, per_day=per_day)


def risk_of(reasons: tuple[str, ...]) -> int:
    """The risk of somebody by the reasons known: the highest of them."""
    return min((RISKS.get(reason, ROUTINE) for reason in reasons), default=ROUTINE)


def lay_out(count: int, per_day: int, first: date, calendar: Calendar, taken: Mapping[date, int]) -> list[date]:
    """The working days of so many people in their order, at most `per_day` a day with those `taken` already."""
    days: list[date] = []
    day = calendar.on_or_after(first)
    while len(days) < count:
        room = max(per_day - taken.get(day, 0), 0)
        days += [day] * min(room, count - len(days))
        day = calendar.on_or_after(day + timedelta(days=1))
    return days


def has_spoken(follow_up: FollowUp) -> bool:
    """Whether somebody spoke with the person for this follow-up already."""
    return any(each.outcome in SPOKE for each in follow_up.attempts)


def is_movable(follow_up: FollowUp, first: date) -> bool:
    """Whether a resumed campaign gives a planned follow-up another day: not one agreed or led to for a later day."""
    return follow_up.status is Status.PLANNED and (not follow_up.attempts or follow_up.due_on < first)


def placed_on(follow_up: FollowUp, day: date, policy: Policy) -> Place:
    """Where a follow-up stands that a resumed campaign puts on a day; what was tried keeps the day of its plan."""
    planned_on = follow_up.planned_on if follow_up.attempts else day
    return Place(planned_on, day, policy.slot, instant_of(day, policy.slot, policy.clock_zone))
