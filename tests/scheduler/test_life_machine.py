"""Any order of steps of a follow-up against a model that counts failures only, under each kind of escalation."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.scheduler.domain import FAILED, IllegalStep, Policy, Status, Target, WrongInput, instant_of
from services.scheduler.events import CancelReason, Outcome
from shared.events import Event
from tests.scheduler.making import (
    BY_PRACTITIONER,
    BY_RELATIVE,
    CALENDAR,
    NOW,
    POLICY,
    follow_up,
    found,
    moved,
    tried,
)

WORKABLE = (Status.PLANNED, Status.DUE, Status.IN_PROGRESS)
OVER = (Status.COMPLETED, Status.REFUSED, Status.CANCELLED)


class Life(RuleBasedStateMachine):
    """A follow-up and what is expected of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.policy: Policy = POLICY
        self.one = follow_up()
        self.expected = Status.PLANNED
        self.target = Target.PERSON
        self.failures = 0
        self.moves = 0
        self.seen: list[Event] = []

    @initialize(policy=st.sampled_from([POLICY, BY_RELATIVE, BY_PRACTITIONER]))
    def is_planned_by(self, policy: Policy) -> None:
        self.policy = policy

    def act(self, then: Status, facts: list[Event]) -> None:
        self.seen += facts
        self.expected = then
        assert facts, "a change without a fact would not count a version"

    def refused(self, act: Any, *given: Any) -> None:
        before = self.one.model_copy()
        try:
            act(*given)
        except IllegalStep:
            assert self.one == before
        else:
            raise AssertionError("this step should have been refused")

    def names(self) -> list[str]:
        return [fact.type.split(".")[1] for fact in self.seen]

    @property
    def workable(self) -> bool:
        return self.expected in WORKABLE

    @rule(days=st.integers(0, 5))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @precondition(lambda self: self.expected is Status.PLANNED)
    @rule()
    def falls_due(self) -> None:
        self.act(Status.DUE, [self.one.fall_due()])

    @rule(outcome=st.sampled_from(sorted(FAILED)))
    def fails(self, outcome: Outcome) -> None:
        attempt = tried(outcome, self.now)
        if not self.workable:
            if self.target is Target.PERSON:
                self.refused(self.one.attempt, attempt, self.policy, CALENDAR, self.now)
            return
        self.failures += 1
        then = Status.UNREACHABLE if self.failures == 3 else Status.PLANNED
        self.act(then, self.one.attempt(attempt, self.policy, CALENDAR, self.now))
        if then is Status.UNREACHABLE and self.policy is not POLICY:
            self.target = Target(self.policy.escalation.value)

    @precondition(lambda self: self.target is not Target.PERSON)
    @rule(outcome=st.sampled_from([Outcome.NO_ANSWER, Outcome.WRONG_NUMBER, Outcome.ANSWERED, Outcome.CALL_BACK]))
    def another_is_turned_to(self, outcome: Outcome) -> None:
        day = self.now.date() + timedelta(days=3) if outcome is Outcome.CALL_BACK else None
        attempt = tried(outcome, self.now, day, target=self.target)
        self.failures += outcome in FAILED
        if outcome is Outcome.CALL_BACK or outcome is Outcome.ANSWERED or self.failures == 6:
            self.target = Target.PERSON
        if outcome is Outcome.CALL_BACK:
            self.failures = 0
        then = Status.PLANNED if outcome is Outcome.CALL_BACK else Status.UNREACHABLE
        self.act(then, self.one.attempt(attempt, self.policy, CALENDAR, self.now))

    @rule(days=st.integers(0, 60))
    def asks_to_be_called_back(self, days: int) -> None:
        attempt = tried(Outcome.CALL_BACK, self.now, self.now.date() + timedelta(days=days))
        if self.target is not Target.PERSON:
            return
        if not self.workable:
            self.refused(self.one.attempt, attempt, self.policy, CALENDAR, self.now)
            return
        self.act(Status.PLANNED, self.one.attempt(attempt, self.policy, CALENDAR, self.now))

    @rule(days=st.integers(-3, 70))
    def is_moved(self, days: int) -> None:
        move = moved(self.now.date() + timedelta(days=days))
        if not self.workable:
            self.refused(self.one.move, move, self.policy, CALENDAR, self.now)
            return
        before = self.one.model_copy()
        try:
            self.act(Status.PLANNED, [self.one.move(move, self.policy, CALENDAR, self.now)])
        except WrongInput:
            assert self.one == before
            return
        self.moves += 1
        assert self.one.due_on == move.to >= self.now.date()

    @rule()
    def answers(self) -> None:
        attempt = tried(Outcome.ANSWERED, self.now)
        if self.workable:
            self.act(Status.IN_PROGRESS, self.one.attempt(attempt, self.policy, CALENDAR, self.now))
        elif self.target is Target.PERSON:
            self.refused(self.one.attempt, attempt, self.policy, CALENDAR, self.now)

    @precondition(lambda self: len(self.seen) > 6)
    @rule()
    def refuses(self) -> None:
        attempt = tried(Outcome.REFUSED, self.now)
        if self.workable:
            self.act(Status.REFUSED, self.one.attempt(attempt, self.policy, CALENDAR, self.now))
        elif self.target is Target.PERSON:
            self.refused(self.one.attempt, attempt, self.policy, CALENDAR, self.now)

    @precondition(lambda self: len(self.seen) > 6)
    @rule()
    def is_completed(self) -> None:
        result = found(self.now.date())
        if not self.workable:
            self.refused(self.one.complete, result, self.policy, self.now)
            return
        self.act(Status.COMPLETED, [self.one.complete(result, self.policy, self.now)])

    @precondition(lambda self: len(self.seen) > 6)
    @rule(reason=st.sampled_from(sorted(CancelReason)))
    def is_cancelled(self, reason: CancelReason) -> None:
        if self.expected in OVER:
            self.refused(self.one.cancel, reason, self.now)
            return
        self.act(Status.CANCELLED, [self.one.cancel(reason, self.now)])
        self.target = Target.PERSON

    @rule()
    def gets_in_touch(self) -> None:
        if self.expected is not Status.UNREACHABLE:
            self.refused(self.one.restore, self.now, self.policy, CALENDAR)
            return
        self.failures, self.target = 0, Target.PERSON
        self.act(Status.DUE, [self.one.restore(self.now, self.policy, CALENDAR)])

    @invariant()
    def stands_where_the_model_says(self) -> None:
        assert (self.one.status, self.one.target, self.one.failures) == (self.expected, self.target, self.failures)
        assert (self.one.result is not None) is (self.one.status is Status.COMPLETED)

    @invariant()
    def is_planned_for_a_working_day_at_its_slot(self) -> None:
        assert CALENDAR.is_working_day(self.one.due_on)
        assert self.one.due_at == instant_of(self.one.due_on, self.one.slot)

    @invariant()
    def keeps_every_step(self) -> None:
        steps = [each.step.value for each in self.one.life()]
        assert steps.count("moved") == self.moves == self.names().count("follow-up-moved")
        assert steps.count("attempt") == self.names().count("attempt-recorded") == len(self.one.attempts)
        assert steps.count("unreachable") == self.names().count("person-unreachable")
        assert steps.count("unreachable") - steps.count("restored") in (0, 1)

    @invariant()
    def ends_once(self) -> None:
        ends = [
            name for name in self.names() if name.removeprefix("follow-up-") in {"completed", "refused", "cancelled"}
        ]
        assert len(ends) == (self.expected in OVER)


Life.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
