"""The routes of follow-ups: read, attempted, completed."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictInt

from services.scheduler.api.doors import Body, FollowUpsDep, MayRead, MayWork, PoliciesDep, SettingsDep, router
from services.scheduler.api.views import FollowUpView, keys_of
from services.scheduler.domain import Attempt, Channel, Result
from services.scheduler.events import CheckedItem, Outcome
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$", examples=["housing"])]


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


@router.get("/follow-ups")
async def list_follow_ups(
    follow_ups: FollowUpsDep, paging: PagingDep, caller: MayRead, case_id: UUID | None = None
) -> Page[FollowUpView]:
    """Follow-ups, those due first first; of one case, or of all."""
    rows = await follow_ups.page(caller, case_id, paging.limit, paging.after)
    return paging.page([FollowUpView.of(row) for row in rows], [keys_of(row) for row in rows])


@router.get("/follow-ups/{follow_up_id:uuid}")
async def read_follow_up(follow_up_id: UUID, follow_ups: FollowUpsDep, caller: MayRead, tag: Tag) -> FollowUpView:
    """One follow-up."""
    return FollowUpView.of(tag(await follow_ups.get(follow_up_id, caller)))


@router.post("/follow-ups/{follow_up_id:uuid}/attempts", status_code=201)
async def record_attempt(
    follow_up_id: UUID,
    body: AttemptReport,
    follow_ups: FollowUpsDep,
    policies: PoliciesDep,
    settings: SettingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> FollowUpView:
    """Record a try to reach the person. A failed one plans the next, until the policy calls the person unreachable."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    policy = await policies.version(row.policy, row.policy_version)
    attempt = Attempt(**dict(body), by=caller.subject)
    await follow_ups.record(row, *row.attempt(attempt, policy, settings.calendar, clock.now()))
    return FollowUpView.of(tag(row))


@router.post("/follow-ups/{follow_up_id:uuid}/result", status_code=201)
async def record_result(
    follow_up_id: UUID,
    body: ResultReport,
    follow_ups: FollowUpsDep,
    policies: PoliciesDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> FollowUpView:
    """Record what was found, for every item of the plan; this completes the follow-up."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    policy = await policies.version(row.policy, row.policy_version)
    result = Result(**dict(body), by=caller.subject)
    await follow_ups.record(row, row.complete(result, policy, local_date(clock)))
    return FollowUpView.of(tag(row))
