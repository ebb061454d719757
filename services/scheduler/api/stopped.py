"""The routes of what a death stopped that was a mistake: what waits, and what becomes of it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.scheduler.api.doors import (
    Body,
    CalendarsDep,
    CampaignsDep,
    FollowUpsDep,
    MayDecideStopped,
    PoliciesDep,
    SettingsDep,
    StoppedDep,
    router,
)
from services.scheduler.domain import refuse, renewed
from services.scheduler.events import StoppedDecision, StoppedKind
from services.scheduler.store import StoppedRow
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, IfMatch, Tag


class DecisionBody(Body):
    """What becomes of it."""

    decision: StoppedDecision


class StoppedView(BaseModel):
    """Something that was cancelled because of a death that was taken back."""

    id: UUID
    of: StoppedKind
    subject_id: UUID = Field(description="The follow-up, the appointment or the campaign")
    person_id: UUID
    case_id: UUID | None
    listed_on: str = Field(description="The day in Belgium on which the death was taken back", examples=["2026-11-20"])
    decision: StoppedDecision | None = Field(description="Null while it waits")
    decided_by: str | None = Field(description="The worker's subject")

    @classmethod
    def of_row(cls, row: StoppedRow) -> "StoppedView":
        """The view of a row that is on the list."""
        return cls.model_validate({**dict(row), "listed_on": str(row.listed_on)})


@router.get("/stopped")
async def list_stopped(
    stopped: StoppedDep,
    paging: PagingDep,
    caller: MayDecideStopped,
    decided: Annotated[bool, Query(description="What was decided, instead of what waits")] = False,
) -> Page[StoppedView]:
    """What was cancelled because of deaths that were taken back, the oldest first."""
    rows = await stopped.page(caller, decided, paging.limit, paging.after)
    return paging.page([StoppedView.of_row(row) for row in rows], [(row.listed_on, row.id) for row in rows])


@router.get("/stopped/{stopped_id:uuid}")
async def read_stopped(stopped_id: UUID, stopped: StoppedDep, caller: MayDecideStopped, tag: Tag) -> StoppedView:
    """One of them."""
    return StoppedView.of_row(tag(await stopped.get(stopped_id, caller)))


@router.post("/stopped/{stopped_id:uuid}/decision", status_code=201)
async def decide_on_stopped(
    stopped_id: UUID,
    body: DecisionBody,
    stopped: StoppedDep,
    follow_ups: FollowUpsDep,
    campaigns: CampaignsDep,
    policies: PoliciesDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayDecideStopped,
    tag: Tag,
) -> StoppedView:
    """Plan it again, or let it be. An appointment is agreed with the person: it is let be here and made anew there."""
    row = await stopped.get(stopped_id, caller, seen)
    fact = row.decide(body.decision, caller.subject)
    if body.decision is StoppedDecision.PLAN_AGAIN:
        if row.of is StoppedKind.APPOINTMENT:
            refuse([Fault("/decision", "not-possible")])
        if row.of is StoppedKind.CAMPAIGN:
            await campaigns.put_back(row.subject_id, row.person_id)
        else:
            old = await follow_ups.cancelled(row.subject_id)
            policy = await policies.version(old.policy, old.policy_version)
            calendar = await calendars.of(old.organisation, settings.calendar)
            await follow_ups.plan(renewed(old, policy, calendar, local_date(clock)))
    await stopped.record(row, fact)
    return StoppedView.of_row(tag(row))
