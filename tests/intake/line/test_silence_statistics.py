"""Silence on small counts: two years of a line with about six calls a day, after a year to learn from."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest

from services.intake.domain.line import Hours, LineHours, Slot
from services.intake.domain.volume import Cell, Volume, learn
from shared.clock import BRUSSELS
from tests.intake.line.calls import HOURS, LINE, OFFICE, Span, calls, watched

BEGIN, YEARS = date(2024, 1, 1), 3
WATCHED = date(2025, 1, 1)
QUARTERS = 8
SEEDS = range(5)


def counts(found: list[datetime]) -> Counter[Cell]:
    """Calls by local day and hour."""
    local = [at.astimezone(BRUSSELS) for at in found]
    return Counter((at.date(), at.hour) for at in local)


def opening(day: date) -> datetime:
    """When the line opens on a day."""
    return datetime.combine(day, time(8, 30), BRUSSELS)


def outages() -> Iterator[Span]:
    """Three working days each, from the opening, from within the morning and from within the afternoon."""
    for n, day in enumerate(date(2026, 2, 2) + timedelta(days=n) for n in range(120)):
        begin = opening(day) + timedelta(hours=(0, 2, 5)[n % 3])
        if [*HOURS.slots_of(day)] and all(HOURS.slots_of(day + timedelta(days=k)) for k in (1, 2)):
            yield begin, begin + timedelta(days=3)


def next_working_close(day: date) -> datetime:
    """The closing of the working day after a day."""
    day += timedelta(days=1)
    while not HOURS.slots_of(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(17), BRUSSELS)


def test_false_alarms_stay_under_one_a_quarter_over_two_years() -> None:
    alarms = {}
    for seed in SEEDS:
        found = calls(seed, BEGIN, 365 * YEARS + 1)
        told = [at for _, at in watched(found, BEGIN, 365 * YEARS + 1) if at.date() >= WATCHED]
        alarms[seed] = len(told) / QUARTERS
    print("false alarms a quarter, by seed:", alarms)
    assert all(rate <= 1 for rate in alarms.values()), alarms
    assert sum(alarms.values()) / len(alarms) <= 0.75, alarms


def test_an_outage_of_three_days_is_told_within_one_working_day() -> None:
    delays = []
    for seed, outage in enumerate(outages()):
        begin, end = outage
        first = begin.date() - timedelta(days=400)
        found = calls(seed, first, 410, outage)
        volume = learn(LINE, {cell: n for cell, n in counts(found).items() if cell[0] < begin.date()}, begin.date())
        at, last = begin, max(call for call in found if call < begin)
        while volume.silence(LINE, last, at) is None:
            at += timedelta(minutes=30)
            assert at < end, f"never told: {outage}"
        assert at <= next_working_close(begin.date()), (begin, at)
        delays.append(LINE.open_minutes(begin, at) / 60)
    delays.sort()
    print(f"{len(delays)} outages; open hours until told: median {delays[len(delays) // 2]}, most {delays[-1]}")
    assert delays[len(delays) // 2] <= 8
    assert len(delays) >= 40


@pytest.fixture(scope="module")
def volume() -> Volume:
    """What a year of calls teaches."""
    return learn(LINE, counts(calls(7, date(2025, 1, 1), 365)), date(2026, 1, 1))


def test_closed_time_makes_no_silence_odd(volume: Volume) -> None:
    friday, monday = datetime(2026, 3, 6, 17, tzinfo=BRUSSELS), datetime(2026, 3, 9, 8, 30, tzinfo=BRUSSELS)
    assert volume.silence_probability(LINE, friday, monday) == 1.0


def test_a_longer_silence_is_odder_and_a_silence_at_a_busy_time_too(volume: Volume) -> None:
    monday = opening(date(2026, 3, 9))
    found = [volume.silence_probability(LINE, monday, monday + timedelta(hours=n)) for n in range(9)]
    assert found == sorted(found, reverse=True)
    friday = opening(date(2026, 3, 13))
    busy = volume.silence_probability(LINE, monday, monday + timedelta(days=1))
    assert busy < volume.silence_probability(LINE, friday, friday + timedelta(days=1))


def test_what_is_learned_lies_between_what_was_counted_and_the_weekdays_rate(volume: Volume) -> None:
    week = datetime(2026, 3, 9, tzinfo=BRUSSELS)
    assert 27 < volume.expected(LINE, week, week + timedelta(days=7)) < 34
    [few] = [learn(LINE, {(date(2026, 1, 5), 9): 6}, date(2026, 1, 6))]
    assert not few.is_learned
    nine, ten, sunday = few.rates[0][9], few.rates[0][10], few.rates[6][10]
    assert 6 > nine > ten > 0 < sunday
    assert abs(sum(few.rates[3]) / 24 - 6 / 8) < 0.35


def test_days_of_an_outage_teach_nothing() -> None:
    outage = (opening(date(2025, 9, 1)), opening(date(2025, 11, 1)))
    found = counts(calls(3, date(2025, 1, 1), 365, outage))
    out = [date(2025, 9, 1) + timedelta(days=n) for n in range(61)]
    whole = learn(LINE, counts(calls(3, date(2025, 1, 1), 365)), date(2026, 1, 1))
    assert learn(LINE, found, date(2026, 1, 1)).calls < learn(LINE, found, date(2026, 1, 1), out).calls + 0.001
    monday = datetime(2026, 1, 5, tzinfo=BRUSSELS)

    def week(of: Volume) -> float:
        return of.expected(LINE, monday, monday + timedelta(days=7))

    assert week(learn(LINE, found, date(2026, 1, 1))) < 0.85 * week(whole)
    assert abs(week(learn(LINE, found, date(2026, 1, 1), out)) / week(whole) - 1) < 0.08


def test_a_line_of_other_hours_expects_by_them() -> None:
    short = LineHours(
        programme="relais",
        versions=(
            HOURS,
            Hours(valid_from=date(2026, 1, 1), weekly=((Slot(opens=time(9), closes=time(10)),), *((),) * 6)),
        ),
    )
    taught = learn(short, counts(calls(3, date(2025, 1, 1), 365)), date(2026, 1, 1))
    week = datetime(2026, 3, 9, tzinfo=BRUSSELS)
    assert OFFICE[0].opens < time(9)
    assert taught.expected(short, week, week + timedelta(days=7)) == pytest.approx(taught.rates[0][9])


def test_a_whole_day_without_a_call_is_told_at_its_closing(volume: Volume) -> None:
    wednesday = opening(date(2026, 3, 11))
    last, closing = wednesday - timedelta(hours=15, minutes=45), wednesday + timedelta(hours=8, minutes=30)
    assert volume.silence(LINE, last, closing - timedelta(minutes=1)) is None
    assert volume.silence(LINE, last, closing) is not None
    assert volume.silence(LINE, wednesday, closing) is None
