"""What calls for follow-ups besides a closing: an agreed plan, and a discharge from hospital."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import Item, Occasion, Today, Trigger, is_untouched
from services.scheduler.events import CancelReason
from services.scheduler.handlers.closings import belongs_to, cancel_open, plan_all, worker_of
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import Calendars, FollowedCases, FollowUps, Plans, PolicyBook
from shared.clock import local_date
from shared.events import Reading


class PlanAgreed(Reading):
    """The person agreed to a version of the plan."""

    type: ClassVar[str] = "cases.plan-agreed.v1"
    case_id: UUID
    plan_version: int
    items: tuple[Item, ...]


class ReferralAccepted(Reading):
    """A coordinator accepted a referral."""

    type: ClassVar[str] = "referrals.referral-accepted.v1"
    referral_id: UUID
    person_id: UUID | None
    discharge_on: date | None = None


class ReferralCorrected(Reading):
    """The sender corrected a referral."""

    type: ClassVar[str] = "referrals.referral-corrected.v1"
    referral_id: UUID
    discharge_on: date | None = None


class ReferralCancelled(Reading):
    """A referral is no longer wanted."""

    type: ClassVar[str] = "referrals.referral-cancelled.v1"
    referral_id: UUID


@handlers.on(PlanAgreed)
async def follow_plan(
    event: PlanAgreed,
    follow_ups: FollowUps,
    cases: FollowedCases,
    plans: Plans,
    policies: PolicyBook,
    calendars: Calendars,
    settings: Settings,
) -> None:
    """Plan what an agreed plan calls for; a newer plan's follow-ups replace those of the plan before."""
    case = await cases.note(event.case_id)
    organisation, programme = belongs_to(case, settings)
    await cancel_open(plans, event.case_id, CancelReason.PLAN_REPLACED, frozenset({Trigger.PLAN_AGREED}))
    policy = await policies.in_force(Trigger.PLAN_AGREED, organisation, programme)
    if policy is None:
        return
    occasion = Occasion(
        trigger=Trigger.PLAN_AGREED,
        origin_id=event.case_id,
        number=event.plan_version,
        on=local_date(plans.transaction.clock),
        case_id=event.case_id,
        person_id=case.person_id,
        organisation=organisation,
        programme=programme,
        worker=worker_of(policy, case),
        items=event.items,
    )
    await plan_all(occasion, policy, follow_ups, calendars, settings)


@handlers.on(ReferralAccepted)
async def follow_discharge(
    event: ReferralAccepted,
    follow_ups: FollowUps,
    cases: FollowedCases,
    policies: PolicyBook,
    calendars: Calendars,
    settings: Settings,
) -> None:
    """Plan what a discharge calls for, if the sender said its day; one discharge a referral."""
    case = await cases.from_origin(event.referral_id)
    organisation, programme = belongs_to(case, settings)
    policy = await policies.in_force(Trigger.DISCHARGE, organisation, programme)
    if policy is None or event.discharge_on is None:
        return
    occasion = Occasion(
        trigger=Trigger.DISCHARGE,
        origin_id=event.referral_id,
        number=1,
        on=event.discharge_on,
        case_id=case.case_id if case else None,
        person_id=(case.person_id if case else None) or event.person_id,
        organisation=organisation,
        programme=programme,
        worker=worker_of(policy, case),
    )
    await plan_all(occasion, policy, follow_ups, calendars, settings)


@handlers.on(ReferralCorrected)
async def move_discharge(
    event: ReferralCorrected, plans: Plans, policies: PolicyBook, calendars: Calendars, settings: Settings
) -> None:
    """Count from the corrected day of discharge; what somebody has begun stays where it is."""
    if event.discharge_on is None:
        return
    for follow_up in await plans.open_of_origin(Trigger.DISCHARGE, event.referral_id):
        if not is_untouched(follow_up) or follow_up.counted_from == event.discharge_on:
            continue
        policy = await policies.version(follow_up.policy, follow_up.policy_version)
        calendar = await calendars.of(follow_up.organisation, settings.calendar)
        today = Today(calendar, local_date(plans.transaction.clock))
        await plans.follow_day(follow_up, event.discharge_on, policy, today)


@handlers.on(ReferralCancelled)
async def drop_discharge(event: ReferralCancelled, plans: Plans) -> None:
    """Nobody is to call because of a referral that nobody wants any more."""
    for follow_up in await plans.open_of_origin(Trigger.DISCHARGE, event.referral_id):
        fact = follow_up.cancel(CancelReason.REFERRAL_CANCELLED, plans.transaction.clock.now())
        await plans.record(follow_up, fact)
