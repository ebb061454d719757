"""A follow-up's life: one table of states, the attempts to reach the person, and what was found."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain.calendar import Calendar, instant_of
from services.scheduler.domain.policy import Owner, Policy, Step, Trigger
from services.scheduler.domain.record import ROUTINE, Attempt, Item, Occasion, Result
from services.scheduler.events import (
    AttemptRecorded,
    CheckedItem,
    FollowUpCancelled,
    FollowUpCompleted,
    FollowUpDue,
    FollowUpPlanned,
    FollowUpRefused,
    Outcome,
    PersonUnreachable,
)
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id


class Status(StrEnum):
    """Where a follow-up stands."""

    PLANNED = "planned"
    DUE = "due"
    IN_PROGRESS = "in-progress"
    UNREACHABLE = "unreachable"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


WORKABLE = frozenset({Status.PLANNED, Status.DUE, Status.IN_PROGRESS})
_WORKED = {
    Status.PLANNED,
    Status.IN_PROGRESS,
    Status.UNREACHABLE,
    Status.COMPLETED,
    Status.REFUSED,
    Status.CANCELLED,
}

NEXT: dict[Status, set[Status]] = {
    Status.PLANNED: _WORKED | {Status.DUE},
    Status.DUE: _WORKED,
    Status.IN_PROGRESS: _WORKED,
    Status.UNREACHABLE: {Status.DUE, Status.CANCELLED},
    Status.COMPLETED: set(),
    Status.REFUSED: set(),
    Status.CANCELLED: set(),
}
"""A failed attempt plans the next one, so work leads back to planned; only a sign of life ends unreachable."""

FAILED = frozenset({Outcome.NO_ANSWER, Outcome.WRONG_NUMBER, Outcome.SPOKE_TO_RELATIVE})
"""The outcomes in which the person was not reached: these alone count towards unreachable."""

_LEADS_TO = {
    Outcome.ANSWERED: Status.IN_PROGRESS,
    Outcome.CALL_BACK: Status.PLANNED,
    Outcome.REFUSED: Status.REFUSED,
}


class IllegalStep(DomainError):
    """The follow-up is not in a state that allows this step."""


class WrongInput(DomainError):
    """Some values cannot be right."""


class FollowUp(BaseModel):
    """One planned contact with a person; after a closing: is every item of the plan in place, and does it work?

    `counted_from` is the day that its policy counts from, `planned_on` the working day it was planned for at first.
    """

    id: UUID = Field(default_factory=new_id)
    trigger: Trigger
    origin_id: UUID
    occasion: int
    kind: str
    case_id: UUID | None
    person_id: UUID | None
    organisation: str
    programme: str | None = None
    owner: Owner
    worker: str | None = None
    risk: int = ROUTINE
    policy: str
    policy_version: int
    counted_from: date
    planned_on: date
    due_on: date
    slot: time
    due_at: datetime
    status: Status = Status.PLANNED
    items: tuple[Item, ...]
    attempts: tuple[Attempt, ...] = ()
    failures: int = 0
    result: Result | None = None

    @classmethod
    def plan(cls, occasion: Occasion, policy: Policy, step: Step, calendar: Calendar) -> "FollowUp":
        """The follow-up that a policy's step calls for; `planned()` is its first fact."""
        day = step.day(occasion.on, calendar)
        return cls(
            trigger=policy.trigger,
            origin_id=occasion.origin_id,
            occasion=occasion.number,
            kind=step.kind,
            case_id=occasion.case_id,
            person_id=occasion.person_id,
            organisation=occasion.organisation,
            programme=occasion.programme,
            owner=policy.owner,
            worker=occasion.worker,
            risk=occasion.risk,
            policy=policy.code,
            policy_version=policy.version,
            counted_from=occasion.on,
            planned_on=day,
            due_on=day,
            slot=policy.slot,
            due_at=instant_of(day, policy.slot, policy.clock_zone),
            items=occasion.items,
        )

    def planned(self) -> FollowUpPlanned:
        """The fact that it exists."""
        return FollowUpPlanned(
            follow_up_id=self.id, case_id=self.case_id, person_id=self.person_id, kind=self.kind, due_on=self.due_on
        )

    def fall_due(self) -> FollowUpDue:
        """Its time has come."""
        self._become(Status.DUE)
        return FollowUpDue(
            follow_up_id=self.id, case_id=self.case_id, person_id=self.person_id, kind=self.kind, due_on=self.due_on
        )

    def attempt(self, attempt: Attempt, policy: Policy, calendar: Calendar, now: datetime) -> list[Event]:
        """Note a try to reach the person, and what follows from it by the policy.

        Raises IllegalStep when nobody is to be reached any more, WrongInput for days that cannot be right.
        """
        failures = self.failures + (attempt.outcome in FAILED)
        if attempt.outcome in FAILED:
            status = Status.UNREACHABLE if failures >= len(policy.attempts) else Status.PLANNED
        else:
            status = _LEADS_TO[attempt.outcome]
        self._check(status)
        refuse(self._faults_of_attempt(attempt, policy, now))
        self._become(status)
        self.attempts += (attempt,)
        self.failures = failures
        if status is Status.PLANNED:
            wished = attempt.call_back_on
            tried_on = attempt.at.astimezone(BRUSSELS).date()
            spacing = policy.attempts[min(failures, len(policy.attempts) - 1)].after or 1
            day = calendar.on_or_after(wished) if wished else calendar.working_days_after(tried_on, spacing)
            self._move(day, policy)
        return [self._recorded(), *self._consequence()]

    def complete(self, result: Result, policy: Policy, today: date) -> FollowUpCompleted:
        """Note what was found, for every item of the plan.

        Raises IllegalStep when it is over or the person cannot be reached, WrongInput for a missing or foreign item.
        """
        self._check(Status.COMPLETED)
        faults = self._faults_of_day("/on", result.on, policy, today)
        refuse([*faults, *self._faults_of_items(result.items), *repeated("/new_needs/{}", result.new_needs)])
        self._become(Status.COMPLETED)
        self.result = result
        return FollowUpCompleted(
            follow_up_id=self.id,
            case_id=self.case_id,
            person_id=self.person_id,
            kind=self.kind,
            items=list(result.items),
        )

    def cancel(self) -> FollowUpCancelled:
        """Drop it: nobody is to call any more."""
        self._become(Status.CANCELLED)
        return FollowUpCancelled(follow_up_id=self.id, case_id=self.case_id)

    def restore(self, on: date, policy: Policy, calendar: Calendar) -> FollowUpDue:
        """Take it up again, with all its attempts anew, because the person got in touch."""
        if self.status is not Status.UNREACHABLE:
            raise self._illegal()
        self._move(calendar.on_or_after(on), policy)
        self.failures = 0
        return self.fall_due()

    def allowed(self) -> list[Status]:
        """The states it can move to now."""
        return sorted(NEXT[self.status])

    def _recorded(self) -> AttemptRecorded:
        return AttemptRecorded(
            follow_up_id=self.id,
            case_id=self.case_id,
            kind=self.kind,
            number=len(self.attempts),
            outcome=self.attempts[-1].outcome,
            next_on=self.due_on if self.status is Status.PLANNED else None,
        )

    def _consequence(self) -> list[Event]:
        if self.status is Status.UNREACHABLE:
            return [PersonUnreachable(follow_up_id=self.id, case_id=self.case_id, person_id=self.person_id)]
        if self.status is Status.REFUSED:
            return [
                FollowUpRefused(follow_up_id=self.id, case_id=self.case_id, person_id=self.person_id, kind=self.kind)
            ]
        return []

    def _faults_of_attempt(self, attempt: Attempt, policy: Policy, now: datetime) -> list[Fault]:
        today = now.astimezone(BRUSSELS).date()
        if attempt.at > now:
            faults = [Fault("/at", "in-future")]
        else:
            faults = self._faults_of_day("/at", attempt.at.astimezone(BRUSSELS).date(), policy, today)
        wished = attempt.call_back_on
        if (attempt.outcome is Outcome.CALL_BACK) != (wished is not None):
            faults.append(Fault("/call_back_on", "not-expected" if wished else "required"))
        elif wished and not today <= wished <= today + timedelta(days=policy.call_back_days):
            faults.append(Fault("/call_back_on", "out-of-range"))
        return faults

    def _faults_of_day(self, pointer: str, day: date, policy: Policy, today: date) -> list[Fault]:
        if day > today:
            return [Fault(pointer, "in-future")]
        return [Fault(pointer, "too-early")] if day < self.planned_on - timedelta(days=policy.early_days) else []

    def _faults_of_items(self, items: Sequence[CheckedItem]) -> list[Fault]:
        ours = {item.task_id for item in self.items}
        found = [item.task_id for item in items]
        faults = [
            Fault(f"/items/{place}/task_id", "unknown-task") for place, task in enumerate(found) if task not in ours
        ]
        faults += repeated("/items/{}/task_id", found)
        return faults if ours <= set(found) else [*faults, Fault("/items", "incomplete")]

    def _move(self, day: date, policy: Policy) -> None:
        self.due_on = day
        self.due_at = instant_of(day, self.slot, policy.clock_zone)

    def _check(self, status: Status) -> None:
        if status not in NEXT[self.status]:
            raise self._illegal()

    def _illegal(self) -> IllegalStep:
        return IllegalStep(facts={"state": self.status, "allowed": [each.value for each in self.allowed()]})

    def _become(self, status: Status) -> None:
        self._check(status)
        self.status = status


def repeated(pointer: str, values: Sequence[object]) -> list[Fault]:
    """A fault for each value that stands earlier in the list already."""
    return [Fault(pointer.format(place), "repeated") for place, each in enumerate(values) if each in values[:place]]


def refuse(faults: Sequence[Fault]) -> None:
    """Raise WrongInput if there is any fault."""
    if faults:
        raise WrongInput(faults=faults)
