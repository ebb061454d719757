"""The routes of scheduler: follow-ups, the line's worklist, the policies."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt

from services.scheduler.domain import Attempt, Channel, FollowUp, Item, Owner, Result, Status, Step, Trigger
from services.scheduler.events import CheckedItem, Kind, Outcome
from services.scheduler.settings import Settings
from services.scheduler.store import POLICIES, FollowUps, When, days_of
from shared.access import May
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag, configured, opened
from shared.service import router as service_router

router = service_router("scheduler", tags=["scheduler"])

FollowUpsDep = Annotated[FollowUps, Depends(opened(FollowUps))]
SettingsDep = Annotated[Settings, Depends(configured(Settings))]

MayRead = Annotated[Caller, Depends(May("follow-up:read"))]
MayWork = Annotated[Caller, Depends(May("follow-up:work"))]

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$", examples=["housing"])]


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class AttemptReport(Body):
    """A try to reach the person."""

    at: Annotated[AwareDatetime, Field(description="When it was; at most the policy's early days before the plan")]
    channel: Channel
    outcome: Outcome
    call_back_on: Annotated[date | None, Field(description="The day the person asked for, with `call-back` alone")] = (
        None
    )


class ResultReport(Body):
    """What was found, for every item of the plan."""

    on: date
    items: Annotated[list[CheckedItem], Field(max_length=200)]
    satisfaction: Annotated[StrictInt | None, Field(ge=1, le=5, description="1 not at all, 5 fully")] = None
    new_needs: Annotated[list[Code], Field(max_length=50, description="Domains of new needs")] = []
    note: Annotated[str | None, Field(min_length=1, max_length=2000)] = None


class PolicyName(BaseModel):
    """The version of the policy that a follow-up was planned by."""

    code: str
    version: int


class FollowUpView(BaseModel):
    """A follow-up with its attempts and its result."""

    id: UUID
    case_id: UUID
    person_id: UUID | None
    kind: Kind
    owner: Owner
    status: Status
    allowed: list[Status] = Field(description="The states it can move to from here")
    policy: PolicyName
    closing: int = Field(description="Which closing of the case, from 1")
    closed_on: date
    planned_on: date = Field(description="The working day it was planned for at first")
    due_on: date = Field(description="The working day it is to be done")
    due_at: datetime = Field(description="The instant at which it falls due")
    items: list[Item] = Field(description="The plan as it was at closing")
    attempts: list[Attempt]
    result: Result | None

    @classmethod
    def of(cls, row: FollowUp) -> "FollowUpView":
        policy = PolicyName(code=row.policy, version=row.policy_version)
        return cls.model_validate({**dict(row), "policy": policy, "allowed": row.allowed()}, from_attributes=True)


class WorkItem(BaseModel):
    """A follow-up on the worklist."""

    follow_up_id: UUID
    reason: Kind = Field(description="Why somebody is to be reached")
    case_id: UUID
    person_id: UUID | None
    status: Status
    due_on: date
    overdue: bool = Field(description="True when its day has passed")
    attempts: int = Field(description="How often somebody tried so far")

    @classmethod
    def of(cls, row: FollowUp, today: date) -> "WorkItem":
        return cls(
            follow_up_id=row.id,
            reason=row.kind,
            case_id=row.case_id,
            person_id=row.person_id,
            status=row.status,
            due_on=row.due_on,
            overdue=row.due_on < today,
            attempts=len(row.attempts),
        )


class PolicyView(BaseModel):
    """One version of a policy."""

    code: str
    version: int
    in_force: bool = Field(description="Whether new follow-ups are planned by it")
    trigger: Trigger
    owner: Owner
    steps: list[Step]
    slot: time = Field(description="Local time in Belgium at which a follow-up falls due")
    attempts: int = Field(description="Failed attempts that make a person unreachable")
    spacing: int = Field(description="Working days between a failed attempt and the next")
    early_days: int = Field(description="Days before the planned one on which it may be done already")
    call_back_days: int = Field(description="Days within which a call back may be agreed")
    none_after: list[str] = Field(description="Reasons of closing after which nobody calls")


@router.get("/follow-ups")
async def list_follow_ups(
    follow_ups: FollowUpsDep, paging: PagingDep, caller: MayRead, case_id: UUID | None = None
) -> Page[FollowUpView]:
    """Follow-ups, those due first first; of one case, or of all."""
    rows = await follow_ups.page(caller, case_id, paging.limit, paging.after)
    return paging.page([FollowUpView.of(row) for row in rows], [keys_of(row) for row in rows])


@router.get("/worklist")
async def read_worklist(
    follow_ups: FollowUpsDep, paging: PagingDep, clock: ClockDep, caller: MayRead, when: When | None = None
) -> Page[WorkItem]:
    """What the line has to do until Sunday, overdue first; `when` narrows it to overdue, today, or today to Sunday."""
    today = local_date(clock)
    rows = await follow_ups.worklist(caller, days_of(when, today), paging.limit, paging.after)
    return paging.page([WorkItem.of(row, today) for row in rows], [keys_of(row) for row in rows])


def keys_of(row: FollowUp) -> tuple[date, UUID]:
    """The sort key of a follow-up in a list."""
    return row.due_on, row.id


@router.get("/follow-ups/{follow_up_id:uuid}")
async def read_follow_up(follow_up_id: UUID, follow_ups: FollowUpsDep, caller: MayRead, tag: Tag) -> FollowUpView:
    """One follow-up."""
    return FollowUpView.of(tag(await follow_ups.get(follow_up_id, caller)))


@router.post("/follow-ups/{follow_up_id:uuid}/attempts", status_code=201)
async def record_attempt(
    follow_up_id: UUID,
    body: AttemptReport,
    follow_ups: FollowUpsDep,
    settings: SettingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> FollowUpView:
    """Record a try to reach the person. A failed one plans the next, until the policy calls the person unreachable."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    policy = POLICIES.version(row.policy, row.policy_version)
    attempt = Attempt(**dict(body), by=caller.subject)
    await follow_ups.record(row, *row.attempt(attempt, policy, settings.calendar, clock.now()))
    return FollowUpView.of(tag(row))


@router.post("/follow-ups/{follow_up_id:uuid}/result", status_code=201)
async def record_result(
    follow_up_id: UUID,
    body: ResultReport,
    follow_ups: FollowUpsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> FollowUpView:
    """Record what was found, for every item of the plan; this completes the follow-up."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    policy = POLICIES.version(row.policy, row.policy_version)
    result = Result(**dict(body), by=caller.subject)
    await follow_ups.record(row, row.complete(result, policy, local_date(clock)))
    return FollowUpView.of(tag(row))


@router.get("/policies")
async def list_policies(_: MayRead) -> Page[PolicyView]:
    """Every version of every policy, by code and version."""
    ordered = sorted(POLICIES.versions, key=lambda policy: (policy.code, policy.version))
    views = [
        PolicyView.model_validate({**policy.model_dump(), "in_force": policy is POLICIES.in_force(policy.trigger)})
        for policy in ordered
    ]
    return Page(items=views, next=None)
