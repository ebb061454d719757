"""What scheduler does on others' facts and on the clock: it plans, cancels, and says when something is due."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import Closing, FollowUp, Item, Trigger, restore_contact
from services.scheduler.settings import Settings
from services.scheduler.store import CLAIM, POLICIES, Closings, FollowUps
from shared.clock import local_date
from shared.events import Reading
from shared.handlers import Handlers

handlers = Handlers()


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


class ContactRecorded(Reading):
    """intake has recorded a contact."""

    type: ClassVar[str] = "intake.contact-recorded.v1"
    person_id: UUID | None
    direction: str


@handlers.on(CaseClosed)
async def plan_follow_ups(event: CaseClosed, follow_ups: FollowUps, closings: Closings, settings: Settings) -> None:
    """Plan what the policy in force calls for; a closing after which nobody calls ends what was still open."""
    number = await closings.close(event.case_id)
    policy = POLICIES.in_force(Trigger.CASE_CLOSED)
    if not policy.follows_up(event.reason):
        await cancel_open(follow_ups, event.case_id)
        return
    closing = Closing(
        case_id=event.case_id,
        person_id=event.person_id,
        organisation=settings.organisation,
        number=number,
        closed_on=event.closed_on,
        items=event.items,
    )
    for step in policy.steps:
        await follow_ups.plan(FollowUp.plan(closing, policy, step, settings.calendar))


@handlers.on(CaseReopened)
async def cancel_follow_ups(event: CaseReopened, follow_ups: FollowUps, closings: Closings) -> None:
    """An open case is followed by its case manager, not by calls after closing."""
    await closings.reopen(event.case_id)
    await cancel_open(follow_ups, event.case_id)


async def cancel_open(follow_ups: FollowUps, case_id: UUID) -> None:
    """Cancel what is not over of a case."""
    for follow_up in await follow_ups.open_of_case(case_id):
        await follow_ups.record(follow_up, follow_up.cancel())


@handlers.on(ContactRecorded)
async def restore_lost_contact(event: ContactRecorded, follow_ups: FollowUps, settings: Settings) -> None:
    """Whoever was unreachable and now gets in touch is due again."""
    if event.person_id is None or event.direction != "inbound":
        return
    lost = await follow_ups.unreachable_of(event.person_id)
    today = local_date(follow_ups.transaction.clock)
    for follow_up, facts in restore_contact(event.person_id, lost, today, settings.calendar):
        await follow_ups.record(follow_up, *facts)


@handlers.every(1.0)
async def tell_what_is_due(follow_ups: FollowUps) -> bool:
    """Say of each planned follow-up once that its time has come; true while more may wait."""
    due = await follow_ups.claim_due()
    for follow_up in due:
        await follow_ups.record(follow_up, follow_up.fall_due())
    return len(due) == CLAIM
