"""Working days and policies, without any database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.scheduler.domain import (
    Calendar,
    Policies,
    Trigger,
    add_months,
    instant_of,
)
from services.scheduler.store import SHIPPED, When, days_of
from shared.clock import BRUSSELS
from shared.working_days import legal_holidays

CALENDAR = Calendar()
POLICY = SHIPPED.version("after-closing", 1)


def every_day() -> Iterator[date]:
    day = date(2026, 1, 1)
    while day <= date(2030, 12, 31):
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize("september", [False, True])
@pytest.mark.parametrize("months", [1, 6])
def test_every_start_date_leads_to_a_working_day_in_order_and_never_early(months: int, september: bool) -> None:
    calendar = Calendar(closed_on_27_september=september, closed_days=frozenset({date(2027, 3, 1), date(2028, 8, 16)}))
    again = Calendar.model_validate(calendar.model_dump())
    before = date.min
    for start in every_day():
        due = calendar.months_after(start, months)
        wished = add_months(start, months)
        assert due.weekday() < 5
        assert due not in legal_holidays(due.year)
        assert due not in calendar.closed_days
        assert not (september and (due.month, due.day) == (9, 27))
        assert due >= wished
        assert (wished.year * 12 + wished.month) - (start.year * 12 + start.month) == months
        assert due - wished <= timedelta(days=6)
        assert due >= before
        assert due == again.months_after(start, months)
        before = due


@pytest.mark.parametrize(
    ("closed_on", "months", "due_on", "why"),
    [
        (date(2026, 8, 31), 6, date(2027, 3, 1), "28 February 2027 is a Sunday"),
        (date(2027, 8, 31), 6, date(2028, 2, 29), "a leap year's February"),
        (date(2026, 1, 31), 1, date(2026, 3, 2), "28 February 2026 is a Saturday"),
        (date(2027, 1, 30), 1, date(2027, 3, 1), "28 February 2027 is a Sunday"),
        (date(2026, 3, 5), 1, date(2026, 4, 7), "Easter Sunday, then Easter Monday"),
        (date(2027, 2, 26), 1, date(2027, 3, 26), "Good Friday is worked"),
        (date(2026, 4, 1), 1, date(2026, 5, 4), "Labour Day is a Friday"),
        (date(2026, 11, 25), 1, date(2026, 12, 28), "Christmas is a Friday"),
        (date(2026, 12, 1), 1, date(2027, 1, 4), "New Year's Day is a Friday"),
        (date(2026, 4, 14), 1, date(2026, 5, 15), "Ascension"),
        (date(2026, 4, 25), 1, date(2026, 5, 26), "Whit Monday"),
        (date(2026, 6, 21), 1, date(2026, 7, 22), "National Day"),
        (date(2028, 7, 15), 1, date(2028, 8, 16), "Assumption"),
        (date(2027, 10, 1), 1, date(2027, 11, 2), "All Saints"),
        (date(2026, 5, 11), 6, date(2026, 11, 12), "Armistice"),
    ],
)
def test_known_dates(closed_on: date, months: int, due_on: date, why: str) -> None:
    assert CALENDAR.months_after(closed_on, months) == due_on, why


def test_the_ten_legal_holidays_and_two_sundays_are_known() -> None:
    found = legal_holidays(2027)
    legal = {(1, 1), (3, 29), (5, 1), (5, 6), (5, 17), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)}
    assert {(day.month, day.day) for day in found} == legal | {(3, 28), (5, 16)}
    assert date(2027, 3, 28).weekday() == date(2027, 5, 16).weekday() == 6


def test_27_september_is_worked_unless_the_programme_says_otherwise() -> None:
    assert CALENDAR.is_working_day(date(2027, 9, 27))
    assert not Calendar(closed_on_27_september=True).is_working_day(date(2027, 9, 27))


def test_working_days_after_a_day_never_count_that_day() -> None:
    assert CALENDAR.working_days_after(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert CALENDAR.working_days_after(date(2026, 11, 21), 2) == date(2026, 11, 24)
    assert CALENDAR.working_days_after(date(2026, 12, 24), 2) == date(2026, 12, 29)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 12, 1), datetime(2026, 12, 1, 8, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        (date(2027, 3, 26), datetime(2027, 3, 26, 8, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 7, tzinfo=UTC)),
        (date(2026, 10, 23), datetime(2026, 10, 23, 7, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 8, tzinfo=UTC)),
    ],
)
def test_nine_in_brussels_is_eight_utc_in_winter_and_seven_in_summer(day: date, instant: datetime) -> None:
    assert instant_of(day, time(9)) == instant
    assert instant_of(day, time(9)).tzinfo is UTC


@given(st.dates(date(2026, 1, 1), date(2040, 1, 1)), st.integers(7 * 60, 20 * 60))
def test_a_slot_is_the_same_local_time_whatever_the_clock_change(day: date, minute: int) -> None:
    slot = time(minute // 60, minute % 60)
    local = instant_of(day, slot).astimezone(BRUSSELS)
    assert (local.date(), local.time()) == (day, slot)


GOOD: dict[str, Any] = POLICY.model_dump(mode="json")
TWO_STEPS = {"steps": [{"kind": "one-month", "months": 1}, {"kind": "six-months", "months": 2}]}
TRIES_FOR_WEEKS = [{"channel": "call"}, {"channel": "call", "after": 8}, {"channel": "call", "after": 8}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": []},
        {"attempts": 3},
        {"attempts": [{"channel": "call", "after": 1}]},
        {"attempts": [{"channel": "call"}, {"channel": "call"}]},
        {"attempts": [{"channel": "pigeon"}]},
        {"slot": "06:59"},
        {"slot": "20:01"},
        {"zone": "Europe/Liege"},
        {"steps": [{"kind": "one-month"}]},
        {"steps": [{"kind": "one-month", "months": 1, "working_days": 3}]},
        {"escalation": "nobody"},
        {"steps": []},
        {"steps": [{"kind": "one-month", "months": 0}]},
        {"steps": [{"kind": "one-month", "months": 1}, {"kind": "six-months", "months": 1}]},
        {"steps": [{"kind": "one-month", "months": 1}, {"kind": "one-month", "months": 6}]},
        {
            "steps": [{"kind": "one-month", "months": 1}, {"kind": "six-months", "months": 2}],
            "attempts": TRIES_FOR_WEEKS,
        },
        {"steps": [{"kind": "ten-years", "months": 120}]},
        {"trigger": "full-moon"},
        {"unknown": 1},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_at_load(wrong: dict[str, Any]) -> None:
    assert Policies.of([GOOD])
    with pytest.raises(ValidationError):
        Policies.of([{**GOOD, **wrong}])


def test_versions_live_side_by_side_and_the_highest_is_in_force() -> None:
    once = [{"channel": "email"}]
    policies = Policies.of([{**GOOD, "version": 2, "attempts": once}, GOOD])
    in_force = policies.in_force(Trigger.CASE_CLOSED)
    assert in_force
    assert [each.channel for each in in_force.attempts] == ["email"]
    assert policies.version(POLICY.code, 1) == POLICY
    with pytest.raises(ValidationError):
        Policies.of([GOOD, GOOD])
    with pytest.raises(ValidationError):
        Policies.of([GOOD, {**GOOD, "code": "another"}])


def test_the_narrowest_policy_holds_and_a_programme_goes_before_an_organisation() -> None:
    narrow: list[dict[str, Any]] = [
        {"code": "ours", "organisation": "relais"},
        {"code": "pilot", "programme": "inami"},
        {"code": "our-pilot", "organisation": "relais", "programme": "inami"},
    ]
    policies = Policies.of([GOOD, *({**GOOD, **each} for each in narrow)])
    wanted = [(None, None), ("relais", None), ("centre", "inami"), ("relais", "inami"), ("centre", "other")]
    found = [policies.in_force(Trigger.CASE_CLOSED, *each) for each in wanted]
    assert [each.code for each in found if each] == ["after-closing", "ours", "pilot", "our-pilot", "after-closing"]
    assert policies.in_force(Trigger.DISCHARGE) is None


@pytest.mark.parametrize(
    ("when", "days"),
    [
        (None, (date.min, date(2026, 11, 22))),
        (When.OVERDUE, (date.min, date(2026, 11, 17))),
        (When.TODAY, (date(2026, 11, 18), date(2026, 11, 18))),
        (When.WEEK, (date(2026, 11, 18), date(2026, 11, 22))),
    ],
)
def test_the_week_ends_on_sunday(when: When | None, days: tuple[date, date]) -> None:
    assert days_of(when, date(2026, 11, 18)) == days
