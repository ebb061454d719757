"""The life of a follow-up, without any database: single steps, then any order of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.scheduler.domain import (
    FAILED,
    NEXT,
    Attempt,
    Calendar,
    Channel,
    FollowUp,
    IllegalStep,
    Item,
    Occasion,
    Policy,
    Result,
    Status,
    Trigger,
    WrongInput,
    instant_of,
)
from services.scheduler.events import CheckedItem, ItemStatus, Outcome
from services.scheduler.store import SHIPPED
from shared.events import Event

CALENDAR = Calendar()
POLICY = SHIPPED.version("after-closing", 1)
TASK = UUID(int=1)


def test_every_state_is_in_the_table_and_three_are_the_end() -> None:
    assert set(NEXT) == set(Status)
    assert {state for state, following in NEXT.items() if not following} == {
        Status.COMPLETED,
        Status.REFUSED,
        Status.CANCELLED,
    }


def follow_up(step: int = 0, closed_on: date = date(2026, 10, 20), policy: Policy = POLICY) -> FollowUp:
    case_id = uuid4()
    closing = Occasion(
        trigger=Trigger.CASE_CLOSED,
        origin_id=case_id,
        case_id=case_id,
        person_id=uuid4(),
        organisation="relais",
        number=1,
        on=closed_on,
        items=(Item(task_id=TASK, domain="housing"),),
    )
    return FollowUp.plan(closing, policy, policy.steps[step], CALENDAR)


NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def tried(outcome: Outcome, at: datetime = NOW, call_back_on: date | None = None) -> Attempt:
    return Attempt(at=at, channel=Channel.CALL, outcome=outcome, call_back_on=call_back_on, by="nurse")


def found(on: date = NOW.date(), *tasks: UUID, needs: tuple[str, ...] = ()) -> Result:
    items = tuple(CheckedItem(task_id=task, status=ItemStatus.LOST) for task in tasks or (TASK,))
    return Result(on=on, items=items, new_needs=needs, by="nurse")


def faults(error: pytest.ExceptionInfo[WrongInput]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in error.value.faults]


@pytest.mark.parametrize("outcome", sorted(FAILED))
def test_three_failed_attempts_are_unreachable_once(outcome: Outcome) -> None:
    one = follow_up()
    facts = [[fact.type.split(".")[1] for fact in one.attempt(tried(outcome), POLICY, CALENDAR, NOW)] for _ in range(3)]
    assert facts == [["attempt-recorded"], ["attempt-recorded"], ["attempt-recorded", "person-unreachable"]]
    assert one.status is Status.UNREACHABLE
    with pytest.raises(IllegalStep) as error:
        one.attempt(tried(outcome), POLICY, CALENDAR, NOW)
    assert error.value.facts == {"state": "unreachable", "allowed": ["cancelled", "due"]}


def test_a_failed_attempt_plans_the_next_two_working_days_later() -> None:
    one = follow_up()
    one.fall_due()
    [fact] = one.attempt(tried(Outcome.NO_ANSWER), POLICY, CALENDAR, NOW)
    assert (one.status, one.due_on) == (Status.PLANNED, date(2026, 11, 24))
    assert one.due_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert fact.model_dump()["next_on"] == date(2026, 11, 24)


def test_a_call_back_is_planned_for_the_working_day_that_was_asked_and_is_no_failure() -> None:
    one = follow_up()
    for _ in range(4):
        one.attempt(tried(Outcome.CALL_BACK, call_back_on=date(2026, 11, 28)), POLICY, CALENDAR, NOW)
    assert (one.status, one.due_on, one.failures) == (Status.PLANNED, date(2026, 11, 30), 0)


def test_a_refusal_is_the_end_and_is_no_cancellation() -> None:
    one = follow_up()
    facts = one.attempt(tried(Outcome.REFUSED), POLICY, CALENDAR, NOW)
    assert [fact.type.split(".")[1] for fact in facts] == ["attempt-recorded", "follow-up-refused"]
    assert one.status is Status.REFUSED
    with pytest.raises(IllegalStep):
        one.complete(found(), POLICY, NOW.date())


@pytest.mark.parametrize(
    ("attempt", "fault"),
    [
        (tried(Outcome.ANSWERED, NOW + timedelta(seconds=1)), ("/at", "in-future")),
        (tried(Outcome.ANSWERED, NOW - timedelta(days=8)), ("/at", "too-early")),
        (tried(Outcome.CALL_BACK), ("/call_back_on", "required")),
        (tried(Outcome.NO_ANSWER, call_back_on=date(2026, 11, 24)), ("/call_back_on", "not-expected")),
        (tried(Outcome.CALL_BACK, call_back_on=date(2026, 11, 19)), ("/call_back_on", "out-of-range")),
        (tried(Outcome.CALL_BACK, call_back_on=date(2027, 1, 20)), ("/call_back_on", "out-of-range")),
    ],
)
def test_an_attempt_on_an_impossible_day_changes_nothing(attempt: Attempt, fault: tuple[str, str]) -> None:
    one = follow_up()
    before = one.model_copy()
    with pytest.raises(WrongInput) as error:
        one.attempt(attempt, POLICY, CALENDAR, NOW)
    assert faults(error) == [fault]
    assert one == before


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        (found(date(2026, 11, 21)), [("/on", "in-future")]),
        (found(date(2026, 11, 12)), [("/on", "too-early")]),
        (found(NOW.date(), UUID(int=9)), [("/items/0/task_id", "unknown-task"), ("/items", "incomplete")]),
        (found(NOW.date(), TASK, UUID(int=9)), [("/items/1/task_id", "unknown-task")]),
        (found(NOW.date(), TASK, TASK), [("/items/1/task_id", "repeated")]),
        (found(needs=("housing", "money", "housing")), [("/new_needs/2", "repeated")]),
    ],
)
def test_a_result_that_does_not_fit_the_plan_changes_nothing(result: Result, fault: list[tuple[str, str]]) -> None:
    one = follow_up()
    before = one.model_copy()
    with pytest.raises(WrongInput) as error:
        one.complete(result, POLICY, NOW.date())
    assert faults(error) == fault
    assert one == before


def test_the_earliest_day_is_a_week_before_the_plan() -> None:
    one = follow_up()
    one.complete(found(date(2026, 11, 13)), POLICY, NOW.date())
    assert one.status is Status.COMPLETED


def test_only_the_unreachable_are_restored() -> None:
    with pytest.raises(IllegalStep):
        follow_up().restore(NOW.date(), POLICY, CALENDAR)


class Life(RuleBasedStateMachine):
    """Any order of steps, against a model that counts failures only."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.one = follow_up()
        self.expected = Status.PLANNED
        self.failures = 0
        self.seen: list[Event] = []

    def act(self, then: Status, facts: list[Event]) -> None:
        self.seen += facts
        self.expected = then
        assert facts, "a change without a fact would not count a version"

    def refused(self, act: Any, *given: Any) -> None:
        before = self.one.model_copy()
        with pytest.raises(IllegalStep):
            act(*given)
        assert self.one == before

    @property
    def workable(self) -> bool:
        return self.expected in (Status.PLANNED, Status.DUE, Status.IN_PROGRESS)

    @rule(days=st.integers(0, 5))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def falls_due(self) -> None:
        if self.expected is Status.PLANNED:
            self.act(Status.DUE, [self.one.fall_due()])

    @rule(outcome=st.sampled_from(sorted(FAILED)))
    def fails(self, outcome: Outcome) -> None:
        if not self.workable:
            self.refused(self.one.attempt, tried(outcome, self.now), POLICY, CALENDAR, self.now)
            return
        self.failures += 1
        then = Status.UNREACHABLE if self.failures == 3 else Status.PLANNED
        self.act(then, self.one.attempt(tried(outcome, self.now), POLICY, CALENDAR, self.now))

    @rule(days=st.integers(0, 60))
    def asks_to_be_called_back(self, days: int) -> None:
        attempt = tried(Outcome.CALL_BACK, self.now, self.now.date() + timedelta(days=days))
        if not self.workable:
            self.refused(self.one.attempt, attempt, POLICY, CALENDAR, self.now)
            return
        self.act(Status.PLANNED, self.one.attempt(attempt, POLICY, CALENDAR, self.now))

    @rule()
    def answers(self) -> None:
        attempt = tried(Outcome.ANSWERED, self.now)
        if not self.workable:
            self.refused(self.one.attempt, attempt, POLICY, CALENDAR, self.now)
            return
        self.act(Status.IN_PROGRESS, self.one.attempt(attempt, POLICY, CALENDAR, self.now))

    @precondition(lambda self: len(self.seen) > 6)
    @rule()
    def refuses(self) -> None:
        attempt = tried(Outcome.REFUSED, self.now)
        if not self.workable:
            self.refused(self.one.attempt, attempt, POLICY, CALENDAR, self.now)
            return
        self.act(Status.REFUSED, self.one.attempt(attempt, POLICY, CALENDAR, self.now))

    @precondition(lambda self: len(self.seen) > 6)
    @rule()
    def is_completed(self) -> None:
        result = found(self.now.date())
        if not self.workable:
            self.refused(self.one.complete, result, POLICY, self.now.date())
            return
        self.act(Status.COMPLETED, [self.one.complete(result, POLICY, self.now.date())])

    @precondition(lambda self: len(self.seen) > 6)
    @rule()
    def case_reopens(self) -> None:
        if not self.workable and self.expected is not Status.UNREACHABLE:
            self.refused(self.one.cancel)
            return
        self.act(Status.CANCELLED, [self.one.cancel()])

    @rule()
    def gets_in_touch(self) -> None:
        if self.expected is not Status.UNREACHABLE:
            self.refused(self.one.restore, self.now.date(), POLICY, CALENDAR)
            return
        self.failures = 0
        self.act(Status.DUE, [self.one.restore(self.now.date(), POLICY, CALENDAR)])

    @invariant()
    def stands_where_the_model_says(self) -> None:
        assert self.one.status is self.expected
        assert self.one.failures == self.failures
        assert (self.one.result is not None) is (self.one.status is Status.COMPLETED)

    @invariant()
    def is_planned_for_a_working_day_at_its_slot(self) -> None:
        assert CALENDAR.is_working_day(self.one.due_on)
        assert self.one.due_at == instant_of(self.one.due_on, time(9))

    @invariant()
    def ends_once(self) -> None:
        ends = [
            fact
            for fact in self.seen
            if fact.type.split(".")[1].removeprefix("follow-up-") in {"completed", "refused", "cancelled"}
        ]
        assert len(ends) == (self.expected in (Status.COMPLETED, Status.REFUSED, Status.CANCELLED))


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
