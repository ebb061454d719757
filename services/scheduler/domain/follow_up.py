"""A follow-up's life: planned, moved, tried, escalated, restored, and what was found."""

from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain.calendar import Calendar, instant_of
from services.scheduler.domain.checks import Bounds, faults_of_attempt, faults_of_move, faults_of_result
from services.scheduler.domain.policy import Owner, Policy, Step, Trigger
from services.scheduler.domain.record import (
    ROUTINE,
    Attempt,
    Item,
    Move,
    Noted,
    Occasion,
    Result,
    StepKind,
    Target,
)
from services.scheduler.domain.states import FAILED, LEADS_TO, NEXT, WORKABLE, IllegalStep, Status, refuse
from services.scheduler.events import (
    AttemptRecorded,
    CancelReason,
    ContactRestored,
    Escalation,
    FollowUpCancelled,
    FollowUpCompleted,
    FollowUpDue,
    FollowUpEscalated,
    FollowUpMoved,
    FollowUpPlanned,
    FollowUpRefused,
    HoldReason,
    Outcome,
    OutcomePoint,
    PersonUnreachable,
)
from shared.clock import BRUSSELS
from shared.events import Event
from shared.ids import new_id

E = TypeVar("E", bound=Event)


class FollowUp(BaseModel):
    """One planned contact with a person; after a closing: is every item of the plan in place, and does it work?

    `counted_from` is the day that its policy counts from, `planned_on` the working day it was planned for at first.
    `target` says whom to try next; `history` holds every step but the attempts.
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
    target: Target = Target.PERSON
    items: tuple[Item, ...]
    attempts: tuple[Attempt, ...] = ()
    failures: int = 0
    result: Result | None = None
    held_on: date | None = None
    held_until: date | None = None
    hold_reason: HoldReason | None = None
    history: tuple[Noted, ...] = ()

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
        return self._fact(FollowUpPlanned, due_on=self.due_on)

    def fall_due(self) -> FollowUpDue:
        """Its time has come."""
        self._become(Status.DUE)
        return self._fact(FollowUpDue, due_on=self.due_on)

    def move(self, move: Move, policy: Policy, calendar: Calendar, now: datetime) -> FollowUpMoved:
        """Plan it for another day, because somebody asked for it.

        Raises IllegalStep when it is over or the person cannot be reached, WrongInput for a day that cannot be.
        """
        if self.status not in WORKABLE:
            raise self._illegal()
        refuse(faults_of_move(move.to, self.due_on, Bounds(self.planned_on, policy, now), calendar))
        before = self.due_on
        self._become(Status.PLANNED)
        self._put(move.to, policy)
        self._note(
            Noted(
                step=StepKind.MOVED,
                at=now,
                by=move.by,
                reason=move.reason,
                asked_by=move.asked_by,
                moved_from=before,
                due_on=move.to,
            )
        )
        return self._fact(FollowUpMoved, moved_from=before, due_on=move.to, reason=move.reason, asked_by=move.asked_by)

    def attempt(self, attempt: Attempt, policy: Policy, calendar: Calendar, now: datetime) -> list[Event]:
        """Note a try to reach the person, or whoever is turned to, and what follows from it by the policy.

        Raises IllegalStep when nobody is to be reached any more, WrongInput for values that cannot be right.
        """
        if not self.has_work:
            raise self._illegal()
        refuse(faults_of_attempt(attempt, self.target, Bounds(self.planned_on, policy, now)))
        self.attempts += (attempt,)
        self.held_on = self.held_until = self.hold_reason = None
        self.failures += attempt.outcome in FAILED
        follows = self._pursue if self.is_pursued else self._try
        facts = follows(attempt, policy, calendar, now)
        return [self._recorded(), *facts]

    def complete(self, result: Result, policy: Policy, now: datetime) -> FollowUpCompleted:
        """Note what was found, for every item of the plan.

        Raises IllegalStep when it is over or the person cannot be reached, WrongInput for a missing or foreign item.
        """
        self._check(Status.COMPLETED)
        refuse(faults_of_result(result, {item.task_id for item in self.items}, Bounds(self.planned_on, policy, now)))
        self._become(Status.COMPLETED)
        self.result = result
        self._note(Noted(step=StepKind.COMPLETED, at=now, by=result.by, reason=result.next_action))
        return self._fact(
            FollowUpCompleted,
            items=list(result.items),
            satisfaction=result.satisfaction,
            next_action=result.next_action,
            outcome_point=self.outcome_point,
        )

    def cancel(self, reason: CancelReason, now: datetime) -> FollowUpCancelled:
        """Drop it: nobody is to call any more."""
        self._become(Status.CANCELLED)
        self.target = Target.PERSON
        self._note(Noted(step=StepKind.CANCELLED, at=now, reason=reason))
        return self._fact(FollowUpCancelled, reason=reason)

    def restore(self, now: datetime, policy: Policy, calendar: Calendar) -> FollowUpDue:
        """Take it up again today, with all its attempts anew, because the person got in touch."""
        if self.status is not Status.UNREACHABLE:
            raise self._illegal()
        self._begin_anew(now, None)
        self._put(calendar.on_or_after(now.astimezone(BRUSSELS).date()), policy)
        return self.fall_due()

    def life(self) -> list[Noted]:
        """Every step so far in the order of time, its attempts among them."""
        tries = [
            Noted(step=StepKind.ATTEMPT, at=each.at, by=each.by, reason=each.outcome, due_on=each.call_back_on)
            for each in self.attempts
        ]
        first = Noted(step=StepKind.PLANNED, at=None, due_on=self.planned_on)
        return [first, *sorted([*tries, *self.history], key=lambda each: each.at.timestamp() if each.at else 0.0)]

    def allowed(self) -> list[Status]:
        """The states it can move to now."""
        return sorted(NEXT[self.status])

    @property
    def has_work(self) -> bool:
        """Whether somebody is to be tried: the person, or whoever is turned to."""
        return self.status in WORKABLE or self.is_pursued

    @property
    def is_pursued(self) -> bool:
        """Whether the person cannot be reached and a relative or the practitioner is to be turned to."""
        return self.status is Status.UNREACHABLE and self.target is not Target.PERSON

    @property
    def outcome_point(self) -> OutcomePoint | None:
        """The point of the case's outcomes that is due with it; only follow-ups after a closing have one."""
        points = {point.value: point for point in OutcomePoint}
        return points.get(self.kind) if self.trigger is Trigger.CASE_CLOSED else None

    def _try(self, attempt: Attempt, policy: Policy, calendar: Calendar, now: datetime) -> list[Event]:
        exhausted = self.failures >= len(policy.attempts)
        failed = Status.UNREACHABLE if exhausted else Status.PLANNED
        self._become(failed if attempt.outcome in FAILED else LEADS_TO[attempt.outcome])
        if self.status is Status.PLANNED:
            self._put_next(attempt, policy, calendar)
        if self.status is Status.UNREACHABLE:
            return [self._lose(attempt, policy, calendar, now)]
        if self.status is Status.REFUSED:
            self._note(Noted(step=StepKind.REFUSED, at=now, by=attempt.by))
            return [self._fact(FollowUpRefused)]
        return []

    def _lose(self, attempt: Attempt, policy: Policy, calendar: Calendar, now: datetime) -> PersonUnreachable:
        self._note(Noted(step=StepKind.UNREACHABLE, at=now, by=attempt.by, reason=policy.escalation))
        if policy.escalation is not Escalation.AGENDA:
            self.target = Target(policy.escalation.value)
            self._put(calendar.working_days_after(attempt.at.astimezone(BRUSSELS).date(), 1), policy)
        return self._fact(PersonUnreachable, escalation=policy.escalation)

    def _pursue(self, attempt: Attempt, policy: Policy, calendar: Calendar, now: datetime) -> list[Event]:
        """As many tries as the policy has for the person; then, or once somebody answered, the meeting decides."""
        if attempt.outcome is Outcome.CALL_BACK:
            self._begin_anew(now, attempt.by)
            self._become(Status.PLANNED)
            self._put_next(attempt, policy, calendar)
            return [ContactRestored(person_id=self.person_id)] if self.person_id else []
        if attempt.outcome in {Outcome.NO_ANSWER, Outcome.WRONG_NUMBER} and self.failures < 2 * len(policy.attempts):
            self._put_next(attempt, policy, calendar)
            return []
        self.target = Target.PERSON
        self._note(Noted(step=StepKind.ESCALATED, at=now, by=attempt.by, reason=Escalation.AGENDA))
        return [self._fact(FollowUpEscalated, escalation=Escalation.AGENDA)]

    def _recorded(self) -> AttemptRecorded:
        return self._fact(
            AttemptRecorded,
            number=len(self.attempts),
            outcome=self.attempts[-1].outcome,
            next_on=self.due_on if self.status is Status.PLANNED or self.is_pursued else None,
        )

    def _begin_anew(self, now: datetime, by: str | None) -> None:
        self.failures = 0
        self.target = Target.PERSON
        self._note(Noted(step=StepKind.RESTORED, at=now, by=by))

    def _put_next(self, attempt: Attempt, policy: Policy, calendar: Calendar) -> None:
        following = policy.attempts[min(self.failures, len(policy.attempts) - 1)]
        tried_on = attempt.at.astimezone(BRUSSELS).date()
        if attempt.call_back_on:
            self._put(calendar.on_or_after(attempt.call_back_on), policy, attempt.call_back_at)
        else:
            self._put(calendar.working_days_after(tried_on, following.after or 1), policy)

    def _put(self, day: date, policy: Policy, slot: time | None = None) -> None:
        self.due_on, self.slot = day, slot or policy.slot
        self.due_at = instant_of(day, self.slot, policy.clock_zone)

    def _fact(self, kind: type[E], **more: object) -> E:
        names = {"follow_up_id": self.id, "case_id": self.case_id, "person_id": self.person_id, "kind": self.kind}
        return kind.model_validate({name: names[name] for name in names if name in kind.model_fields} | more)

    def _note(self, noted: Noted) -> None:
        self.history += (noted,)

    def _check(self, status: Status) -> None:
        if status not in NEXT[self.status]:
            raise self._illegal()

    def _illegal(self) -> IllegalStep:
        return IllegalStep(facts={"state": self.status, "allowed": [each.value for each in self.allowed()]})

    def _become(self, status: Status) -> None:
        self._check(status)
        self.status = status
