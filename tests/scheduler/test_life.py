"""The life of a follow-up, without any database: single steps."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.scheduler.domain import (
    FAILED,
    NEXT,
    Attempt,
    IllegalStep,
    Result,
    Status,
    WrongInput,
)
from services.scheduler.events import Outcome
from tests.scheduler.making import CALENDAR, NOW, POLICY, TASK, faults, follow_up, found, tried


def test_every_state_is_in_the_table_and_three_are_the_end() -> None:
    assert set(NEXT) == set(Status)
    assert {state for state, following in NEXT.items() if not following} == {
        Status.COMPLETED,
        Status.REFUSED,
        Status.CANCELLED,
    }


@pytest.mark.parametrize("outcome", sorted(FAILED))
def test_three_failed_attempts_are_unreachable_once(outcome: Outcome) -> None:
    one = follow_up()
    facts = [[fact.type.split(".")[1] for fact in one.attempt(tried(outcome), POLICY, CALENDAR, NOW)] for _ in range(3)]
    assert facts == [["attempt-recorded"], ["attempt-recorded"], ["attempt-recorded", "person-unreachable"]]
    assert one.status is Status.UNREACHABLE
    with pytest.raises(IllegalStep) as error:
        one.attempt(tried(outcome), POLICY, CALENDAR, NOW)
    assert error.value.facts == {"state": "unreachable", "allowed": ["cancelled", "due", "planned"]}


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
        one.complete(found(), POLICY, NOW)


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
        one.complete(result, POLICY, NOW)
    assert faults(error) == fault
    assert one == before


def test_the_earliest_day_is_a_week_before_the_plan() -> None:
    one = follow_up()
    one.complete(found(date(2026, 11, 13)), POLICY, NOW)
    assert one.status is Status.COMPLETED


def test_only_the_unreachable_are_restored() -> None:
    with pytest.raises(IllegalStep):
        follow_up().restore(NOW, POLICY, CALENDAR)
