"""The closing of a case calls for follow-ups; its reopening ends them."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import FollowUp, Item, Occasion, Trigger
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import Closings, FollowUps, PolicyBook
from shared.events import Reading


class CaseClosed(Reading):
    """cases has closed a case."""

    type: ClassVar[str] = "cases.case-closed.v1"
    case_id: UUID
    person_id: UUID | None
    closed_on: date
    reason: str
    items: tuple[Item, ...]


class CaseReopened(Reading):
    """cases has opened a closed case again."""

    type: ClassVar[str] = "cases.case-reopened.v1"
    case_id: UUID


@handlers.on(CaseClosed)
async def plan_follow_ups(
    event: CaseClosed, follow_ups: FollowUps, closings: Closings, policies: PolicyBook, settings: Settings
) -> None:
    """Plan what the policy in force calls for; a closing after which nobody calls ends what was still open."""
    number = await closings.close(event.case_id)
    policy = await policies.in_force(Trigger.CASE_CLOSED, settings.organisation)
    if policy is None or not policy.follows_up(event.reason):
        await cancel_open(follow_ups, event.case_id)
        return
    occasion = Occasion(
        trigger=Trigger.CASE_CLOSED,
        origin_id=event.case_id,
        number=number,
        on=event.closed_on,
        case_id=event.case_id,
        person_id=event.person_id,
        organisation=settings.organisation,
        items=event.items,
    )
    for step in policy.steps:
        await follow_ups.plan(FollowUp.plan(occasion, policy, step, settings.calendar))


@handlers.on(CaseReopened)
async def cancel_follow_ups(event: CaseReopened, follow_ups: FollowUps, closings: Closings) -> None:
    """An open case is followed by its case manager, not by calls after closing."""
    await closings.reopen(event.case_id)
    await cancel_open(follow_ups, event.case_id)


async def cancel_open(follow_ups: FollowUps, case_id: UUID) -> None:
    """Cancel what is not over of a case."""
    for follow_up in await follow_ups.open_of_case(case_id):
        await follow_ups.record(follow_up, follow_up.cancel())
