"""The case that a referral led to, as its sender follows it; a person served by another road leaves no open wish."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.referrals.domain import State
from services.referrals.handlers.registry import handlers
from services.referrals.store import Overlaps, ReferralRow, Referrals
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


class CasePersonLinked(Reading):
    """It is known, or known better, whom a case is about."""

    type: ClassVar[str] = "cases.person-linked.v1"
    case_id: UUID
    person_id: UUID


class FirstContactMade(Reading):
    """The programme has spoken with the person for the first time."""

    type: ClassVar[str] = "cases.first-contact-made.v1"
    case_id: UUID
    on: date


class HomeVisitDone(Reading):
    """The first visit has been made."""

    type: ClassVar[str] = "cases.care-started.v1"
    case_id: UUID
    on: date | None = None


class CasePaused(Reading):
    """The case rests."""

    type: ClassVar[str] = "cases.case-paused.v1"
    case_id: UUID
    reason: str
    until: date | None


class CaseResumed(Reading):
    """The case goes on after a pause."""

    type: ClassVar[str] = "cases.case-resumed.v1"
    case_id: UUID


class CaseReopened(Reading):
    """A closed case goes on; the referral that led to it does not."""

    type: ClassVar[str] = "cases.case-reopened.v1"
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


class CaseDeclined(Reading):
    """The case managers do not take the request on; where the person can turn instead is kept with them."""

    type: ClassVar[str] = "cases.case-declined.v1"
    case_id: UUID
    reason: str


class CheckedItem(BaseModel):
    """How one item of the plan was found."""

    status: str


class FollowUpCompleted(Reading):
    """A call after the closing was made."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    case_id: UUID | None
    kind: str
    items: list[CheckedItem]


@handlers.on(CaseOpened)
async def case_opened(event: CaseOpened, referrals: Referrals, overlaps: Overlaps) -> None:
    """Show the sender that a case is open; what nobody decided on about the same person is served by it."""
    await overlaps.learn(event.case_id, person_id=event.person_id)
    if event.origin_kind == "referral":
        await follow(referrals, await referrals.get(event.origin_id), event.case_id, State.CASE_OPENED)
    if event.person_id is None:
        return
    for stale in await referrals.undecided_of_person(event.person_id):
        if stale.id != event.origin_id:
            await referrals.record(stale, stale.serve_elsewhere(referrals.transaction.clock.now()))


@handlers.on(CaseAssigned)
async def case_assigned(event: CaseAssigned, referrals: Referrals, overlaps: Overlaps) -> None:
    """Show the sender who is responsible: organisation and discipline, never a name."""
    await overlaps.learn(event.case_id, organisation=event.organisation)
    assigned: dict[str, Any] = {"discipline": event.discipline, "organisation": event.organisation}
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, None, **assigned)


@handlers.on(CasePersonLinked)
async def case_person_linked(event: CasePersonLinked, overlaps: Overlaps) -> None:
    """Know whom one of our cases follows. What is open about that person elsewhere is shown, and closed by nobody."""
    await overlaps.learn(event.case_id, person_id=event.person_id)


@handlers.on(FirstContactMade)
async def first_contact_made(event: FirstContactMade, referrals: Referrals) -> None:
    """Show the sender when the person was first spoken with."""
    referral = await referrals.of_case(event.case_id)
    await follow(referrals, referral, event.case_id, State.FIRST_CONTACT, first_contact_on=event.on)


@handlers.on(HomeVisitDone)
async def home_visit_done(event: HomeVisitDone, referrals: Referrals) -> None:
    """Show the sender that the first visit was made, and when."""
    care: dict[str, Any] = {"home_visit_on": event.on} if event.on else {}
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, State.HOME_VISIT_DONE, **care)


@handlers.on(CasePaused)
async def case_paused(event: CasePaused, referrals: Referrals) -> None:
    """Show the sender that the case rests, why, and until when where that is known."""
    referral = await referrals.of_case(event.case_id)
    await follow(referrals, referral, event.case_id, State.PAUSED, event.reason, paused_until=event.until)


@handlers.on(CaseResumed)
async def case_resumed(event: CaseResumed, referrals: Referrals) -> None:
    """Show the sender that the case goes on."""
    referral = await referrals.of_case(event.case_id)
    await follow(referrals, referral, event.case_id, State.CASE_OPENED, paused_until=None)


@handlers.on(CaseReopened)
async def case_reopened(event: CaseReopened, overlaps: Overlaps) -> None:
    """Know that the case follows its person again."""
    await overlaps.learn(event.case_id, closed_at=None)


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
async def case_closed(event: CaseClosed, referrals: Referrals, overlaps: Overlaps) -> None:
    """Close the loop with the sender."""
    await overlaps.learn(event.case_id, closed_at=referrals.transaction.clock.now())
    state = State.NOT_ACHIEVED if event.reason in NOT_ACHIEVED else State.CLOSED
    referral = await referrals.of_case(event.case_id)
    await follow(referrals, referral, event.case_id, state, event.reason, closed_on=event.closed_on)


@handlers.on(CaseDeclined)
async def case_declined(event: CaseDeclined, referrals: Referrals, overlaps: Overlaps) -> None:
    """End the referral that led to the request, with the coded reason; one that its sender took back has ended."""
    await overlaps.learn(event.case_id, closed_at=referrals.transaction.clock.now())
    referral = await referrals.of_case(event.case_id)
    await follow(referrals, referral, event.case_id, State.NOT_ACHIEVED, event.reason)


@handlers.on(FollowUpCompleted)
async def follow_up_completed(event: FollowUpCompleted, referrals: Referrals) -> None:
    """Tell the sender how things stood at the call after the closing: counts of plan items, nothing else."""
    referral = await referrals.of_case(event.case_id) if event.case_id else None
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
