"""The case that a referral led to, as its sender follows it; a person served by another road leaves no open wish."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.referrals.domain import State
from services.referrals.handlers.registry import handlers
from services.referrals.store import ReferralRow, Referrals
from shared.events import Reading

NOT_ACHIEVED = {"deceased", "moved", "patient-withdrew", "unreachable"}


class CaseOpened(Reading):
    """cases has opened a case; the origin of some is a referral."""

    type: ClassVar[str] = "cases.case-opened.v1"
    case_id: UUID
    origin_kind: str
    origin_id: UUID
    person_id: UUID | None


class CaseAssigned(Reading):
    """The case has an owner."""

    type: ClassVar[str] = "cases.case-assigned.v1"
    case_id: UUID
    discipline: str
    organisation: str


class HomeVisitDone(Reading):
    """The first visit has been made."""

    type: ClassVar[str] = "cases.care-started.v1"
    case_id: UUID


class PlanItem(BaseModel):
    """One item of the plan, as far as the sender may know it."""

    domain: str


class PlanAgreed(Reading):
    """The plan is agreed with the person."""

    type: ClassVar[str] = "cases.plan-agreed.v1"
    case_id: UUID
    plan_version: int
    items: list[PlanItem]


class CaseClosed(Reading):
    """The case is closed."""

    type: ClassVar[str] = "cases.case-closed.v1"
    case_id: UUID
    closed_on: date
    reason: str


class CheckedItem(BaseModel):
    """How one item of the plan was found."""

    status: str


class FollowUpCompleted(Reading):
    """A call after the closing was made."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    case_id: UUID
    kind: str
    items: list[CheckedItem]


@handlers.on(CaseOpened)
async def case_opened(event: CaseOpened, referrals: Referrals) -> None:
    """Show the sender that a case is open; what nobody decided on about the same person is served by it."""
    if event.origin_kind == "referral":
        await follow(referrals, await referrals.get(event.origin_id), event.case_id, State.CASE_OPENED)
    if event.person_id is None:
        return
    for stale in await referrals.undecided_of_person(event.person_id):
        if stale.id != event.origin_id:
            await referrals.record(stale, stale.serve_elsewhere(referrals.transaction.clock.now()))


@handlers.on(CaseAssigned)
async def case_assigned(event: CaseAssigned, referrals: Referrals) -> None:
    """Show the sender who is responsible: organisation and discipline, never a name."""
    assigned: dict[str, Any] = {"discipline": event.discipline, "organisation": event.organisation}
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, None, **assigned)


@handlers.on(HomeVisitDone)
async def home_visit_done(event: HomeVisitDone, referrals: Referrals) -> None:
    """Show the sender that the first visit was made."""
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, State.HOME_VISIT_DONE)


@handlers.on(PlanAgreed)
async def plan_agreed(event: PlanAgreed, referrals: Referrals) -> None:
    """Show the sender that a plan is agreed, and which life domains it touches."""
    plan: dict[str, Any] = {
        "plan_version": event.plan_version,
        "plan_agreed_at": referrals.transaction.clock.now(),
        "plan_domains": tuple(sorted({item.domain for item in event.items})),
    }
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, State.CARE_PLAN_SHARED, **plan)


@handlers.on(CaseClosed)
async def case_closed(event: CaseClosed, referrals: Referrals) -> None:
    """Close the loop with the sender."""
    state = State.NOT_ACHIEVED if event.reason in NOT_ACHIEVED else State.CLOSED
    referral = await referrals.of_case(event.case_id)
    await follow(referrals, referral, event.case_id, state, event.reason, closed_on=event.closed_on)


@handlers.on(FollowUpCompleted)
async def follow_up_completed(event: FollowUpCompleted, referrals: Referrals) -> None:
    """Tell the sender how things stood at the call after the closing: counts of plan items, nothing else."""
    referral = await referrals.of_case(event.case_id)
    if referral is None:
        return
    found = [item.status for item in event.items]
    codes = [event.kind, *(f"{status}:{found.count(status)}" for status in sorted(set(found)))]
    await referrals.record(referral, referral.report_follow_up(referrals.transaction.clock.now(), codes))


async def follow(
    referrals: Referrals,
    referral: ReferralRow | None,
    case_id: UUID,
    state: State | None,
    reason: str | None = None,
    **care: Any,
) -> None:
    """Carry a case's step over to the referral that led to it; a case from the line has none."""
    if referral is None:
        return
    noted = referral.note_care(case_id, **care) if care else None
    moved = referral.follow_case(state, case_id, referrals.transaction.clock.now(), reason) if state else None
    if fact := moved or noted:
        await referrals.record(referral, fact)
