"""Opening hours: local time through the clock changes, holidays, closures, versions."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.line import Closure, Hours, ImpossibleHours, LineHours, Slot
from shared.clock import BRUSSELS

DAY = (Slot(opens=time(8, 30), closes=time(12)), Slot(opens=time(13), closes=time(17)))
HOURS = Hours(valid_from=date(2020, 1, 1), weekly=(DAY,) * 5 + ((), ()))
LINE = LineHours(programme="relais", versions=(HOURS,))


def opens(day: date, line: LineHours = LINE) -> list[datetime]:
    """The instants at which the line opens on a day."""
    midnight = datetime.combine(day, time(0), BRUSSELS)
    return [begin for begin, _ in line.open_times(midnight, midnight + timedelta(days=1))]


@pytest.mark.parametrize(
    ("day", "hour"), [(date(2026, 3, 27), 7), (date(2026, 3, 30), 6), (date(2026, 10, 23), 6), (date(2026, 10, 26), 7)]
)
def test_half_past_eight_is_local_on_both_sides_of_a_clock_change(day: date, hour: int) -> None:
    assert opens(day)[0] == datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC)


def test_a_line_open_through_the_night_loses_and_gains_the_hour_of_the_clock_change() -> None:
    night = (Slot(opens=time(0), closes=time(6)),)
    line = LineHours(programme="relais", versions=(Hours(valid_from=date(2020, 1, 1), weekly=(night,) * 7),))
    for day, hours in ((date(2026, 3, 29), 5), (date(2026, 10, 25), 7), (date(2026, 10, 24), 6)):
        midnight = datetime.combine(day, time(0), BRUSSELS).astimezone(UTC)
        assert line.open_minutes(midnight, midnight + timedelta(hours=12)) == hours * 60


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 7, 21),
        date(2026, 11, 11),
        date(2026, 12, 25),
    ],
)
def test_the_line_is_closed_on_legal_holidays_unless_it_says_otherwise(day: date) -> None:
    assert opens(day) == []
    working = HOURS.model_copy(update={"closed_on_legal_holidays": False})
    assert len(opens(day, LineHours(programme="relais", versions=(working,)))) == 2


def test_a_closure_counts_its_first_and_its_last_day() -> None:
    closed = HOURS.model_copy(update={"closures": (Closure(first=date(2026, 8, 3), last=date(2026, 8, 7)),)})
    line = LineHours(programme="relais", versions=(closed,))
    assert line.next_opening(datetime(2026, 7, 31, 15, tzinfo=UTC)) == datetime(2026, 8, 10, 6, 30, tzinfo=UTC)
    assert opens(date(2026, 7, 31), line)
    assert opens(date(2026, 8, 10), line)


def test_the_next_opening_is_after_lunch_tomorrow_or_never() -> None:
    at = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
    assert not LINE.is_open(at)
    assert LINE.next_opening(at) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert LINE.next_opening(datetime(2026, 11, 20, 16, tzinfo=UTC)) == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    shut = LineHours(programme="relais", versions=(Hours(valid_from=date(2020, 1, 1), weekly=((),) * 7),))
    assert shut.next_opening(at) is None


def test_a_version_holds_from_its_day_on_and_the_past_stays() -> None:
    line, _ = LineHours.begin("relais", HOURS)
    line.change(Hours(valid_from=date(2026, 12, 1), weekly=((),) * 7), date(2026, 11, 20))
    assert opens(date(2026, 11, 30), line)
    assert not opens(date(2026, 12, 1), line)
    line.change(HOURS.model_copy(update={"valid_from": date(2026, 11, 25)}), date(2026, 11, 20))
    assert [each.valid_from for each in line.versions] == [date(2020, 1, 1), date(2026, 11, 25)]
    with pytest.raises(ImpossibleHours):
        line.change(HOURS.model_copy(update={"valid_from": date(2026, 11, 19)}), date(2026, 11, 20))


MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


@given(MOMENTS, st.integers(0, 20_000), st.integers(0, 20_000))
def test_open_time_adds_up_and_is_never_more_than_time(at: datetime, first: int, second: int) -> None:
    middle, end = at + timedelta(minutes=first), at + timedelta(minutes=first + second)
    parts = LINE.open_minutes(at, middle) + LINE.open_minutes(middle, end)
    assert parts == pytest.approx(LINE.open_minutes(at, end))
    assert LINE.open_minutes(at, end) <= first + second


def weekly(*slots: tuple[str, str]) -> list[list[dict[str, str]]]:
    """These slots on Mondays."""
    return [[{"opens": begin, "closes": end} for begin, end in slots], *[[] for _ in range(6)]]


BAD: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"weekly": weekly(("09:00", "08:00"))}, ("/weekly/0/0/closes", "before-start")),
    ({"weekly": weekly(("09:00", "09:00"))}, ("/weekly/0/0/closes", "before-start")),
    ({"weekly": weekly(("09:00", "12:00"), ("11:00", "13:00"))}, ("/weekly/0/1", "overlaps")),
    ({"closures": [{"first": "2026-12-24", "last": "2026-12-23"}]}, ("/closures/0/last", "before-start")),
]
"""Hours that cannot be, and the fault that says so: also used at the door."""


@pytest.mark.parametrize(("change", "fault"), BAD)
def test_impossible_hours_are_pointed_at(change: dict[str, Any], fault: tuple[str, str]) -> None:
    body = {"valid_from": "2026-11-20", "weekly": weekly(("09:00", "12:00")), **change}
    with pytest.raises(ImpossibleHours) as refused:
        LineHours.begin("relais", Hours.model_validate(body))
    assert [(each.pointer, each.code) for each in refused.value.faults] == [fault]


def test_slots_that_touch_do_not_overlap() -> None:
    touching = weekly(("09:00", "12:00"), ("12:00", "13:00"))
    LineHours.begin("relais", Hours.model_validate({"valid_from": "2026-11-20", "weekly": touching}))
