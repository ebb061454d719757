"""The routes of follow-ups: found, attempted, moved, completed."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field, StrictBool, StrictInt

from services.scheduler.api.doors import (
    Body,
    CalendarsDep,
    CallsDep,
    FollowUpsDep,
    LeasesDep,
    MayRead,
    MayWork,
    PoliciesDep,
    SettingsDep,
    router,
)
from services.scheduler.api.views import FollowUpView, keys_of
from services.scheduler.domain import (
    SPOKE,
    Attempt,
    Channel,
    Move,
    Noted,
    Relation,
    Relative,
    Result,
    Target,
    Unhappy,
    sequel,
)
from services.scheduler.domain.reaching import PURPOSE, WANTED_AS
from services.scheduler.events import AskedBy, CheckedItem, MoveReason, NextAction, Outcome
from services.scheduler.store import Selection
from shared.agreements import Agreements
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$", examples=["housing"])]
Needs = Annotated[list[Code], Field(max_length=50)]


class RelativeReport(Body):
    """Who was spoken to in the person's place; no name."""

    relation: Relation
    may_talk: Annotated[StrictBool, Field(description="Whether the person allows to talk with them")]


class AttemptReport(Body):
    """A try to reach the person, or whoever is turned to for one who cannot be reached."""

    at: Annotated[AwareDatetime, Field(description="When it was; at most the policy's early days before the plan")]
    channel: Channel
    target: Annotated[Target, Field(description="Whom; the follow-up says whose turn it is")] = Target.PERSON
    outcome: Outcome
    relative: Annotated[
        RelativeReport | None, Field(description="With `spoke-to-relative`, or where the target is a relative")
    ] = None
    call_back_on: Annotated[date | None, Field(description="The day the person asked for, with `call-back` alone")] = (
        None
    )
    call_back_at: Annotated[
        time | None, Field(description="The local hour on that day, 07:00 to 20:00; else the policy's slot")
    ] = None


class MoveRequest(Body):
    """Another day for a follow-up."""

    to: Annotated[date, Field(description="A working day, not past, within the policy's reach")]
    reason: MoveReason
    asked_by: AskedBy


class ResultReport(Body):
    """What was found, for every item of the plan."""

    on: date
    items: Annotated[list[CheckedItem], Field(max_length=200)]
    satisfaction: Annotated[StrictInt | None, Field(ge=1, le=5, description="1 not at all, 5 fully")] = None
    satisfaction_reasons: Annotated[
        list[Unhappy], Field(max_length=10, description="What was not right; with `satisfaction` alone")
    ] = []
    solved_needs: Annotated[Needs, Field(description="Domains of needs that are met now")] = []
    new_needs: Annotated[Needs, Field(description="Domains of new needs")] = []
    next_action: Annotated[NextAction | None, Field(description="What the line proposes; null where not said")] = None
    next_on: Annotated[date | None, Field(description="The day of the other call, with `call-again` alone")] = None
    note: Annotated[str | None, Field(min_length=1, max_length=2000)] = None


@router.get("/follow-ups")
async def list_follow_ups(
    follow_ups: FollowUpsDep, paging: PagingDep, caller: MayRead, wanted: Annotated[Selection, Query()]
) -> Page[FollowUpView]:
    """Follow-ups that fit all filters given, those due first first."""
    rows = await follow_ups.page(caller, wanted, paging.limit, paging.after)
    return paging.page([FollowUpView.of(row) for row in rows], [keys_of(row) for row in rows])


@router.get("/follow-ups/{follow_up_id:uuid}")
async def read_follow_up(follow_up_id: UUID, follow_ups: FollowUpsDep, caller: MayRead, tag: Tag) -> FollowUpView:
    """One follow-up."""
    return FollowUpView.of(tag(await follow_ups.get(follow_up_id, caller)))


@router.get("/follow-ups/{follow_up_id:uuid}/history")
async def read_history(follow_up_id: UUID, follow_ups: FollowUpsDep, caller: MayRead) -> Page[Noted]:
    """Every step of one follow-up in order: moves, attempts, escalations, its end."""
    return Page(items=(await follow_ups.get(follow_up_id, caller)).life(), next=None)


@router.post("/follow-ups/{follow_up_id:uuid}/attempts", status_code=201)
async def record_attempt(
    follow_up_id: UUID,
    body: AttemptReport,
    follow_ups: FollowUpsDep,
    calls: CallsDep,
    leases: LeasesDep,
    policies: PoliciesDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> FollowUpView:
    """Record a try to reach the person. A failed one plans the next, until the policy calls the person unreachable."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    policy = await policies.version(row.policy, row.policy_version)
    calendar = await calendars.of(row.organisation, settings.calendar)
    relative = Relative(**dict(body.relative)) if body.relative else None
    attempt = Attempt(**dict(body) | {"relative": relative}, by=caller.subject)
    if attempt.target is Target.PERSON and attempt.channel in WANTED_AS:
        await Agreements(follow_ups.transaction).refuse_denied(row.person_id, PURPOSE, WANTED_AS[attempt.channel])
    async with leases.working(row, caller, settings.claim_length):
        facts = row.attempt(attempt, policy, calendar, clock.now())
        if attempt.outcome in SPOKE and attempt.target is Target.PERSON:
            facts += await calls.heard(row, local_date(clock))
        await follow_ups.record(row, *facts)
    return FollowUpView.of(tag(row))


@router.post("/follow-ups/{follow_up_id:uuid}/move", status_code=201)
async def move_follow_up(
    follow_up_id: UUID,
    body: MoveRequest,
    follow_ups: FollowUpsDep,
    leases: LeasesDep,
    policies: PoliciesDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> FollowUpView:
    """Do it on another working day, for a coded reason; never in the past."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    policy = await policies.version(row.policy, row.policy_version)
    calendar = await calendars.of(row.organisation, settings.calendar)
    move = Move(**dict(body), by=caller.subject)
    async with leases.working(row, caller, settings.claim_length):
        await follow_ups.record(row, row.move(move, policy, calendar, clock.now()))
    return FollowUpView.of(tag(row))


@router.post("/follow-ups/{follow_up_id:uuid}/result", status_code=201)
async def record_result(
    follow_up_id: UUID,
    body: ResultReport,
    follow_ups: FollowUpsDep,
    calls: CallsDep,
    leases: LeasesDep,
    policies: PoliciesDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> FollowUpView:
    """Record what was found, for every item of the plan; this completes the follow-up."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    policy = await policies.version(row.policy, row.policy_version)
    result = Result(**dict(body), by=caller.subject)
    async with leases.working(row, caller, settings.claim_length):
        fact = row.complete(result, policy, clock.now())
        await follow_ups.record(row, fact, *await calls.heard(row, result.on))
        following = sequel(row, policy, await calendars.of(row.organisation, settings.calendar))
        if following:
            await follow_ups.plan(following)
    return FollowUpView.of(tag(row))
