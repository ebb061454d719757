"""What cannot be right in an attempt, a move or a result, each fault at its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.scheduler.domain.calendar import CLOSES, OPENS, Calendar, instant_of
from services.scheduler.domain.policy import Policy
from services.scheduler.domain.record import Attempt, Relative, Result, Target
from services.scheduler.domain.states import repeated
from services.scheduler.events import CheckedItem, NextAction, Outcome
from shared.clock import BRUSSELS
from shared.errors import Fault


@dataclass(frozen=True)
class Bounds:
    """Between which days a follow-up is worked on, as of an instant: the policy says how early, and how far ahead."""

    planned_on: date
    policy: Policy
    now: datetime

    @property
    def today(self) -> date:
        """The day in Belgium."""
        return self.now.astimezone(BRUSSELS).date()

    @property
    def earliest(self) -> date:
        """The first day on which it may be done."""
        return self.planned_on - timedelta(days=self.policy.early_days)

    def last_after(self, day: date) -> date:
        """The last day that may be agreed, counted from a day."""
        return day + timedelta(days=self.policy.call_back_days)

    def faults_of_day(self, pointer: str, day: date) -> list[Fault]:
        """A day on which something is said to have been done."""
        if day > self.today:
            return [Fault(pointer, "in-future")]
        return [Fault(pointer, "too-early")] if day < self.earliest else []


def faults_of_attempt(attempt: Attempt, target: Target, bounds: Bounds) -> list[Fault]:
    """An attempt in the future or too early, at somebody whose turn it is not, or with a call back that cannot be."""
    if attempt.at > bounds.now:
        faults = [Fault("/at", "in-future")]
    else:
        faults = bounds.faults_of_day("/at", attempt.at.astimezone(BRUSSELS).date())
    if attempt.target is not target:
        faults.append(Fault("/target", "not-expected"))
    faults += _faults_of_relative(attempt.outcome, attempt.relative, attempt.target)
    return [*faults, *_faults_of_call_back(attempt, bounds)]


def _faults_of_relative(outcome: Outcome, relative: Relative | None, target: Target) -> list[Fault]:
    if outcome is Outcome.SPOKE_TO_RELATIVE and target is Target.GENERAL_PRACTITIONER:
        return [Fault("/outcome", "not-expected")]
    if relative and outcome is not Outcome.SPOKE_TO_RELATIVE and target is not Target.RELATIVE:
        return [Fault("/relative", "not-expected")]
    return []


def _faults_of_call_back(attempt: Attempt, bounds: Bounds) -> list[Fault]:
    day, slot = attempt.call_back_on, attempt.call_back_at
    if (attempt.outcome is Outcome.CALL_BACK) != (day is not None):
        return [Fault("/call_back_on", "not-expected" if day else "required")]
    if slot and not day:
        return [Fault("/call_back_at", "not-expected")]
    if day and not bounds.today <= day <= bounds.last_after(bounds.today):
        return [Fault("/call_back_on", "out-of-range")]
    if day and slot and not OPENS <= slot <= CLOSES:
        return [Fault("/call_back_at", "out-of-range")]
    if day and slot and instant_of(day, slot, bounds.policy.clock_zone) < bounds.now:
        return [Fault("/call_back_at", "in-past")]
    return []


def faults_of_move(to: date, due_on: date, bounds: Bounds, calendar: Calendar) -> list[Fault]:
    """A move into the past, onto a day off, onto the same day, or out of the policy's window."""
    if to < bounds.today:
        return [Fault("/to", "in-past")]
    if to == due_on:
        return [Fault("/to", "unchanged")]
    if to < bounds.earliest:
        return [Fault("/to", "too-early")]
    if to > bounds.last_after(max(bounds.planned_on, bounds.today)):
        return [Fault("/to", "out-of-range")]
    return [] if calendar.is_working_day(to) else [Fault("/to", "not-a-working-day")]


def faults_of_result(result: Result, ours: set[UUID], bounds: Bounds) -> list[Fault]:
    """A result on an impossible day, for other items than the plan's, or with a next call that cannot be."""
    return [
        *bounds.faults_of_day("/on", result.on),
        *_faults_of_items(result.items, ours),
        *repeated("/solved_needs/{}", result.solved_needs),
        *repeated("/new_needs/{}", result.new_needs),
        *repeated("/satisfaction_reasons/{}", result.satisfaction_reasons),
        *([Fault("/satisfaction_reasons", "not-expected")] if _is_groundless(result) else []),
        *_faults_of_next(result, bounds),
    ]


def _is_groundless(result: Result) -> bool:
    return bool(result.satisfaction_reasons) and result.satisfaction is None


def _faults_of_items(items: Sequence[CheckedItem], ours: set[UUID]) -> list[Fault]:
    found = [item.task_id for item in items]
    faults = [Fault(f"/items/{place}/task_id", "unknown-task") for place, task in enumerate(found) if task not in ours]
    faults += repeated("/items/{}/task_id", found)
    return faults if ours <= set(found) else [*faults, Fault("/items", "incomplete")]


def _faults_of_next(result: Result, bounds: Bounds) -> list[Fault]:
    day = result.next_on
    if (result.next_action is NextAction.CALL_AGAIN) != (day is not None):
        return [Fault("/next_on", "not-expected" if day else "required")]
    if day and not bounds.today < day <= bounds.last_after(bounds.today):
        return [Fault("/next_on", "out-of-range")]
    return []
