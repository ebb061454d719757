"""The closing of a case calls for follow-ups; its reopening ends them."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import FollowUp, Item, Occasion, Owner, Policy, Trigger
from services.scheduler.events import CancelReason
from services.scheduler.handlers.deaths import cancel_all_of
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import (
    Calendars,
    CaseState,
    Closings,
    FollowedCaseRow,
    FollowedCases,
    FollowUps,
    Plans,
    PolicyBook,
    StoppedOnes,
)
from shared.clock import local_date
from shared.events import Reading

WHILE_OPEN = frozenset({Trigger.PLAN_AGREED, Trigger.DISCHARGE, Trigger.NO_CONTACT})
"""What is done while a case is open; a campaign reaches everybody, and the calls after closing have their own rule."""

DECEASED = "deceased"
ENDED_BY = {
    DECEASED: CancelReason.DECEASED,
    "patient-withdrew": CancelReason.PATIENT_WITHDREW,
}


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
    event: CaseClosed,
    follow_ups: FollowUps,
    closings: Closings,
    cases: FollowedCases,
    plans: Plans,
    policies: PolicyBook,
    calendars: Calendars,
    settings: Settings,
) -> None:
    """Plan what the policy in force calls for; a closing after which nobody calls ends what was still open."""
    number = await closings.close(event.case_id)
    has_died = event.reason == DECEASED
    case = await cases.note(event.case_id, state=CaseState.CLOSED, person_id=event.person_id, has_died=has_died)
    if event.person_id and has_died:
        await cancel_all_of(event.person_id, follow_ups, cases)
    organisation, programme = belongs_to(case, settings)
    policy = await policies.in_force(Trigger.CASE_CLOSED, organisation, programme)
    if policy is None or not policy.follows_up(event.reason):
        await cancel_open(plans, event.case_id, ENDED_BY.get(event.reason, CancelReason.NOT_FOLLOWED_UP))
        return
    await cancel_open(plans, event.case_id, CancelReason.CASE_CLOSED, WHILE_OPEN)
    occasion = Occasion(
        trigger=Trigger.CASE_CLOSED,
        origin_id=event.case_id,
        number=number,
        on=event.closed_on,
        case_id=event.case_id,
        person_id=event.person_id,
        organisation=organisation,
        programme=programme,
        worker=worker_of(policy, case),
        items=event.items,
    )
    await plan_all(occasion, policy, follow_ups, calendars, settings)


@handlers.on(CaseReopened)
async def cancel_follow_ups(
    event: CaseReopened, closings: Closings, cases: FollowedCases, plans: Plans, stopped: StoppedOnes
) -> None:
    """An open case is followed by its case manager, not by calls after closing.

    Where it was closed because the person died, and no other word of that stands, what was cancelled is listed.
    """
    await closings.reopen(event.case_id)
    case = await cases.note(event.case_id, state=CaseState.OPEN, has_died=False)
    if case.person_id and not await cases.has_died(case.person_id):
        await stopped.put_on_list(case.person_id, local_date(plans.transaction.clock))
    await cancel_open(plans, event.case_id, CancelReason.REOPENED, frozenset({Trigger.CASE_CLOSED}))


async def plan_all(
    occasion: Occasion, policy: Policy, follow_ups: FollowUps, calendars: Calendars, settings: Settings
) -> None:
    """Plan every step of a policy on the days that the organisation works; nothing for a person who has died.

    Their death may be told by another of their cases, before this fact or after it.
    """
    if occasion.person_id and await FollowedCases(follow_ups.transaction).has_died(occasion.person_id):
        return
    calendar = await calendars.of(occasion.organisation, settings.calendar)
    for step in policy.steps:
        await follow_ups.plan(FollowUp.plan(occasion, policy, step, calendar))


async def cancel_open(
    plans: Plans, case_id: UUID, reason: CancelReason, triggers: frozenset[Trigger] | None = None
) -> None:
    """Cancel what is not over of a case; all, or what these triggers called for."""
    for follow_up in await plans.open_of_case(case_id, triggers):
        await plans.record(follow_up, follow_up.cancel(reason, plans.transaction.clock.now()))


def belongs_to(case: FollowedCaseRow | None, settings: Settings) -> tuple[str, str | None]:
    """The organisation and the programme of a case; those of the settings where nothing else was told."""
    if case is None:
        return settings.organisation, settings.programme
    return case.organisation or settings.organisation, case.programme or settings.programme


def worker_of(policy: Policy, case: FollowedCaseRow | None) -> str | None:
    """Who does a policy's follow-ups: the case's worker where the policy says so, else nobody in particular."""
    return case.worker if case and policy.owner is Owner.CASE_MANAGER else None
