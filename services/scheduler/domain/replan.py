"""What a changed policy, a changed calendar or a corrected day does to follow-ups that are planned already."""

from datetime import date, datetime, time
from typing import NamedTuple

from services.scheduler.domain.calendar import Calendar, instant_of
from services.scheduler.domain.follow_up import FollowUp
from services.scheduler.domain.policy import Policy, Trigger
from services.scheduler.domain.record import Noted, StepKind
from services.scheduler.domain.states import Status
from services.scheduler.events import FollowUpMoved, FollowUpReplanned, MoveReason

COUNTED = frozenset({Trigger.CASE_CLOSED, Trigger.PLAN_AGREED, Trigger.DISCHARGE})
"""The triggers whose follow-ups stand on a day counted from the trigger's; a campaign spreads its own."""


class Place(NamedTuple):
    """Where a follow-up stands in time: the day of the plan, the day that it is due, and the local hour."""

    planned_on: date
    due_on: date
    slot: time
    due_at: datetime


class Today(NamedTuple):
    """What a new plan is made with: the working days, and the day before which nothing is put."""

    calendar: Calendar
    on: date


def is_untouched(row: FollowUp) -> bool:
    """Whether nobody has begun it: it is planned, and nobody has tried."""
    return row.status is Status.PLANNED and not row.attempts


def stands_as_counted(row: FollowUp) -> bool:
    """Whether its day is the one that was counted, not one that somebody agreed or a campaign chose."""
    return is_untouched(row) and row.trigger in COUNTED and row.due_on == row.planned_on


def place_of(row: FollowUp, policy: Policy, today: Today, counted_from: date | None = None) -> Place:
    """Where a policy puts a planned follow-up now.

    A counted day is counted again, and is not put before today where it lay ahead. A day that was agreed, or that an
    attempt led to, is kept unless it is closed now.
    """
    step = policy.step(row.kind)
    if step is None or not stands_as_counted(row):
        day = row.due_on if row.due_on < today.on else today.calendar.on_or_after(row.due_on)
        planned_on = row.planned_on
    else:
        day = step.day(counted_from or row.counted_from, today.calendar)
        if day < today.on <= row.due_on:
            day = today.calendar.on_or_after(today.on)
        planned_on = day
    return Place(planned_on, day, policy.slot, instant_of(day, policy.slot, policy.clock_zone))


def replan(
    row: FollowUp, policy: Policy, place: Place, reason: MoveReason, at: datetime
) -> FollowUpMoved | FollowUpReplanned | None:
    """Put a planned follow-up under a version of a policy and at a place; None where that changes nothing."""
    before, due_at = row.due_on, row.due_at
    other = (policy.code, policy.version, policy.owner) != (row.policy, row.policy_version, row.owner)
    row.policy, row.policy_version, row.owner = policy.code, policy.version, policy.owner
    row.planned_on, row.due_on, row.slot, row.due_at = place
    if due_at != place.due_at:
        row.history += (Noted(step=StepKind.MOVED, at=at, reason=reason, moved_from=before, due_on=place.due_on),)
        return FollowUpMoved(
            follow_up_id=row.id,
            case_id=row.case_id,
            person_id=row.person_id,
            kind=row.kind,
            moved_from=before,
            due_on=place.due_on,
            reason=reason,
        )
    if not other:
        return None
    return FollowUpReplanned(
        follow_up_id=row.id,
        case_id=row.case_id,
        kind=row.kind,
        policy=policy.code,
        policy_version=policy.version,
    )
