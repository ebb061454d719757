"""The days that policies lead to, for every start date of five years."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain import (
    Absence,
    Calendar,
    Closed,
    Closure,
    ClosureReason,
    OverlappingAbsence,
    Step,
    SubstitutionCircle,
    add_months,
    instant_of,
    named_holidays,
    stand_in,
)
from services.scheduler.store import SHIPPED

MOVE = Closure(first=date(2028, 8, 1), last=date(2028, 8, 31), reason=ClosureReason.MOVE)
CALENDARS = {
    "plain": Calendar(),
    "27 September": Calendar(closed_on_27_september=True),
    "bridge days": Calendar(closed_days=frozenset({date(2026, 5, 15), date(2027, 5, 7), date(2029, 5, 11)})),
    "a month closed": Calendar(closures=(MOVE,), closed_on_27_september=True),
}
STEPS = [step for policy in SHIPPED.versions for step in policy.steps]


def every_start() -> Iterator[date]:
    """The 1,826 days of 2026 to 2030."""
    day = date(2026, 1, 1)
    while day.year <= 2030:
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize("name", CALENDARS)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.kind)
def test_every_start_date_leads_to_a_working_day_in_order_and_always_the_same(name: str, step: Step) -> None:
    calendar = CALENDARS[name]
    again = Calendar.model_validate_json(calendar.model_dump_json())
    starts = list(every_start())
    days = [step.day(start, calendar) for start in starts]

    assert len(starts) == 1826
    assert all(calendar.is_working_day(day) for day in days)
    assert all(day.weekday() < 5 and day not in named_holidays(day.year) for day in days)
    assert all(one <= next_one for one, next_one in pairwise(days))
    assert days == [step.day(start, again) for start in starts]
    assert all(day >= add_months(start, step.months or 0) for start, day in zip(starts, days, strict=True))


@pytest.mark.parametrize("september", [False, True])
def test_each_legal_holiday_of_each_year_is_closed_and_named(september: bool) -> None:
    calendar = Calendar(closed_on_27_september=september)
    for year in range(2000, 2101):
        closed = calendar.closed_between(date(year, 1, 1), date(year, 12, 31))
        legal = [day for day in closed if calendar.closed_by(day) is Closed.LEGAL_HOLIDAY]
        assert set(legal) == set(named_holidays(year))
        assert len(closed) - len(legal) == september
    assert list(named_holidays(2027).values()) == [
        "new-year",
        "easter-monday",
        "labour-day",
        "ascension",
        "whit-monday",
        "national-day",
        "assumption",
        "all-saints",
        "armistice",
        "christmas",
    ]


def test_ascension_on_labour_day_leaves_nine_days() -> None:
    assert [year for year in range(2000, 2101) if len(named_holidays(year)) != 10] == [2008]


def test_31_august_and_six_months_is_the_last_of_february() -> None:
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert [add_months(date(2028, 2, 29), months) for months in (1, 6, 12, 48)] == [
        date(2028, 3, 29),
        date(2028, 8, 29),
        date(2029, 2, 28),
        date(2032, 2, 29),
    ]


@given(
    st.sampled_from(["Europe/Brussels", "Europe/Lisbon", "Europe/Athens"]),
    st.integers(2026, 2040),
    st.integers(-2, 2),
    st.integers(7 * 60, 20 * 60),
    st.booleans(),
)
def test_around_both_clock_changes_a_slot_is_one_instant_and_the_hour_it_says(
    zone: str, year: int, near: int, minute: int, spring: bool
) -> None:
    last = date(year, 3 if spring else 10, 31)
    day = last - timedelta(days=(last.weekday() + 1) % 7) + timedelta(days=near)
    slot = time(minute // 60, minute % 60)
    local = instant_of(day, slot, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert (local.date(), local.time(), local.utcoffset()) == (day, slot, local.replace(fold=1).utcoffset())


def test_nine_on_29_february_is_eight_utc() -> None:
    assert instant_of(date(2028, 2, 29), time(9)) == datetime(2028, 2, 29, 8, tzinfo=UTC)


def away(worker: str, substitute: str, first: int, last: int) -> Absence:
    """An absence in December 2026."""
    days = date(2026, 12, first), date(2026, 12, last)
    return Absence(organisation="relais", worker=worker, substitute=substitute, first=days[0], last=days[1])


def test_a_chain_of_substitutes_ends_with_somebody_who_is_there() -> None:
    absences = [away("a", "b", 1, 10), away("b", "c", 5, 6)]
    assert [stand_in("a", date(2026, 12, day), absences) for day in (1, 5, 7, 11)] == ["b", "c", "b", "a"]


def test_substitutes_never_stand_in_for_each_other_on_one_day() -> None:
    chain = [away("a", "b", 1, 10), away("b", "c", 5, 6)]
    away("c", "a", 7, 9).check(chain)
    with pytest.raises(SubstitutionCircle):
        away("c", "a", 6, 9).check(chain)
    with pytest.raises(SubstitutionCircle):
        away("b", "a", 10, 20).check(chain)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(1, 12), st.integers(0, 4))))
def test_however_absences_come_everybody_is_covered_by_somebody_who_is_there(
    wishes: list[tuple[str, str, int, int]],
) -> None:
    agreed: list[Absence] = []
    for worker, substitute, first, length in wishes:
        wish = away(worker, substitute, first, first + length)
        try:
            wish.check(agreed)
        except (OverlappingAbsence, SubstitutionCircle):
            continue
        agreed.append(wish)
    for number in range(1, 17):
        day = date(2026, 12, number)
        gone = {each.worker for each in agreed if each.first <= day <= each.last}
        assert all(stand_in(worker, day, agreed) not in gone for worker in "abcd")
