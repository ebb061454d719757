"""The worklists: what is to be done, by the line or by oneself, and by the team."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.scheduler.api.doors import (
    AbsencesDep,
    LineTasksDep,
    MayRead,
    MaySeeTeam,
    PoliciesDep,
    WorklistsDep,
    router,
)
from services.scheduler.domain import Channel, Escalation, Holder, Owner, Policy, Status, Target, Trigger
from services.scheduler.domain.reaching import PURPOSE, WANTED_AS, next_way
from services.scheduler.events import HoldReason
from services.scheduler.store import Entry, LineTaskRow, Load, Order, Wanted, When, days_of, place_of
from shared.agreements import Agreements
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep


class Filter(BaseModel):
    """Which part of the worklist."""

    when: Annotated[When | None, Field(description="Overdue, today, or today to Sunday; else all until Sunday")] = None
    mine: Annotated[bool, Field(description="One's own and those of whom one stands in for today")] = False
    owner: Annotated[Owner | None, Field(description="Whose role; the line's where neither this nor a worker")] = None
    worker: Annotated[str | None, Field(min_length=1, max_length=200, description="A worker's subject")] = None
    language: Annotated[str | None, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$", description="Of the person")] = None
    trigger: Trigger | None = None
    kind: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="Step of the policy")] = None
    worst: Annotated[int | None, Field(ge=0, le=9, description="Only risks up to this; 0 is the highest")] = None
    free: Annotated[bool, Field(description="Only what nobody else has claimed")] = False
    held: Annotated[bool, Field(description="What rests, instead of what does not")] = False
    order: Annotated[Order, Field(description="By day and then risk, or by risk and then day")] = Order.DAY


@dataclass(frozen=True)
class Reader:
    """Who reads the worklist, on which day, and by way who does not want to be reached so."""

    subject: str
    today: date
    refusing: Mapping[str, set[UUID]]

    def unwanted(self, person_id: UUID | None) -> set[str]:
        """The ways by which a person does not want to be reached."""
        return {way for way, people in self.refusing.items() if person_id in people}


class WorkItem(BaseModel):
    """A follow-up on the worklist."""

    follow_up_id: UUID
    reason: str = Field(description="Why somebody is to be reached: the step of the policy")
    trigger: Trigger = Field(description="What called for it")
    case_id: UUID | None
    person_id: UUID | None
    origin_id: UUID = Field(description="The case, referral or campaign that called for it")
    owner: Owner
    worker: str | None = Field(description="The worker's subject; null for whoever of the role comes first")
    status: Status
    risk: int = Field(description="0 is the highest, 9 the lowest")
    language: str | None = Field(description="Of the person, where intake knows it")
    due_on: date
    overdue: bool = Field(description="True when its day has passed")
    attempts: int = Field(description="How often somebody tried so far")
    next_channel: Channel = Field(description="How the person is tried next: by the policy, past what is refused")
    target: Target = Field(description="Who is to be tried now: the person, or whoever is turned to")
    escalation: Escalation = Field(description="Who is turned to when the attempts are exhausted")
    claimed_by: Holder | None = Field(description="Who holds the person just now; null where nobody does")
    lease_until: datetime | None = Field(description="Until when, by the database's clock")
    held_until: date | None = Field(description="The day until which it rests")
    hold_reason: HoldReason | None

    @classmethod
    def of(cls, entry: Entry, policy: Policy, reader: Reader) -> "WorkItem":
        row, subject, today = entry.follow_up, reader.subject, reader.today
        held = row.held_until if row.held_until and row.held_until > today else None
        facts = {
            "follow_up_id": row.id,
            "reason": row.kind,
            "language": entry.language,
            "overdue": row.due_on < today,
            "attempts": len(row.attempts),
            "next_channel": next_way(policy.attempts, row.failures, reader.unwanted(row.person_id)),
            "escalation": policy.escalation,
            "claimed_by": entry.holder and (Holder.SELF if entry.holder == subject else Holder.OTHER),
            "lease_until": entry.lease_until,
            "held_until": held,
            "hold_reason": row.hold_reason if held else None,
        }
        return cls.model_validate({**dict(row), **facts})


class LineTaskView(BaseModel):
    """A task that the meeting or a case manager gave the line."""

    task_id: UUID
    case_id: UUID
    domain: str = Field(description="Life domain, as cases names it")
    due_on: date
    overdue: bool = Field(description="True when its day has passed")

    @classmethod
    def of(cls, row: LineTaskRow, today: date) -> "LineTaskView":
        return cls(**row.model_dump(exclude={"organisation"}), overdue=row.due_on < today)


class LoadView(BaseModel):
    """How much an owner's role, or one worker of it, has to do until Sunday."""

    model_config = ConfigDict(from_attributes=True)

    owner: Owner
    worker: str | None = Field(description="The worker's subject; null for what belongs to the role as a whole")
    today: int
    overdue: int
    week: int = Field(description="From today to Sunday")
    claimed: int = Field(description="Of these, follow-ups of people whom somebody has claimed just now")
    held: int = Field(description="Resting; counted nowhere else")


class ClaimCount(BaseModel):
    """How many people a worker has claimed just now."""

    worker: str
    people: int


class TeamView(BaseModel):
    """What the team has to do, by role and worker."""

    on: date
    loads: list[LoadView]
    claims: list[ClaimCount]


def wanted_of(filters: Filter, workers: frozenset[str] | None, today: date) -> Wanted:
    """What to look for; without an owner or a worker, the line's."""
    owner = filters.owner or (Owner.LINE if workers is None else None)
    return Wanted(
        on=today,
        days=days_of(filters.when, today),
        owner=owner,
        workers=workers,
        language=filters.language,
        trigger=filters.trigger,
        kind=filters.kind,
        worst=filters.worst,
        free=filters.free,
        resting=filters.held,
        order=filters.order,
    )


@router.get("/worklist")
async def read_worklist(
    worklists: WorklistsDep,
    policies: PoliciesDep,
    absences: AbsencesDep,
    paging: PagingDep,
    clock: ClockDep,
    caller: MayRead,
    filters: Annotated[Filter, Query()],
) -> Page[WorkItem]:
    """What the line, or oneself, has to do until Sunday: by day and risk, so overdue first. What rests is left out."""
    today = local_date(clock)
    workers = frozenset({filters.worker}) if filters.worker else None
    if filters.mine:
        mine = frozenset(await absences.covered_by(caller.subject, today, caller.organisation))
        workers = mine & workers if workers else mine
    found = await worklists.page(caller, wanted_of(filters, workers, today), paging.limit, paging.after)
    known = await policies.all()
    agreements = Agreements(worklists.transaction)
    refusing = {way: await agreements.denying(PURPOSE, way) for way in WANTED_AS.values()}
    reader = Reader(caller.subject, today, refusing)
    items = [
        WorkItem.of(entry, known.version(entry.follow_up.policy, entry.follow_up.policy_version), reader)
        for entry in found
    ]
    return paging.page(items, [place_of(entry.follow_up, filters.order) for entry in found])


@router.get("/worklist/tasks")
async def read_line_tasks(
    tasks: LineTasksDep, paging: PagingDep, clock: ClockDep, caller: MayRead, when: When | None = None
) -> Page[LineTaskView]:
    """The tasks that the meeting and the case managers gave the line, those due first first."""
    today = local_date(clock)
    rows = await tasks.page(caller, days_of(when, today), paging.limit, paging.after)
    return paging.page([LineTaskView.of(row, today) for row in rows], [(row.due_on, row.task_id) for row in rows])


@router.get("/worklist/team")
async def read_team_worklist(worklists: WorklistsDep, clock: ClockDep, caller: MaySeeTeam) -> TeamView:
    """How much each role and worker has to do until Sunday, and who has claimed how many people just now."""
    today = local_date(clock)
    loads: list[Load] = list(await worklists.loads(caller, today))
    claims = [ClaimCount(worker=worker, people=people) for worker, people in await worklists.holders(caller)]
    return TeamView(on=today, loads=[LoadView.model_validate(load) for load in loads], claims=claims)
