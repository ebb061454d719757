"""Made-up calls of a line with few: by weekday and hour, none while it is closed or out of order."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from math import exp, pi, sin
from random import Random

from services.intake.domain.line import Hours, LineHours, Slot
from services.intake.domain.volume import Cell, Volume, cells, learn
from shared.clock import BRUSSELS

OFFICE = (Slot(opens=time(8, 30), closes=time(12, 30)), Slot(opens=time(13), closes=time(17)))
HOURS = Hours(valid_from=date(2020, 1, 1), weekly=(OFFICE,) * 5 + ((), ()))
LINE = LineHours(programme="relais", versions=(HOURS,))
BY_WEEKDAY = (8.0, 6.5, 6.0, 5.5, 4.5)
"""Calls a day, Monday to Friday."""
BY_HOUR = {8: 0.5, 9: 1.5, 10: 1.6, 11: 1.3, 12: 0.5, 13: 0.7, 14: 1.0, 15: 0.9, 16: 0.6}
"""How busy an hour is beside the others."""
QUIET = timedelta(hours=4)
"""Nothing shorter is odd here: not looked at, to save time."""

Span = tuple[datetime, datetime]


def calls(seed: int, begin: date, days: int, outage: Span | None = None) -> list[datetime]:
    """The instants of the calls in so many days, in order: Poisson, quieter in summer."""
    random, found = Random(seed), []
    start = datetime.combine(begin, time(0), BRUSSELS)
    for (day, hour), open_hours in cells(LINE, start, start + timedelta(days=days)):
        season = 1 + 0.15 * sin(2 * pi * (day.timetuple().tm_yday + 60) / 365)
        mean = season * BY_WEEKDAY[day.weekday()] * BY_HOUR[hour] * open_hours / 7.9
        local = datetime.combine(day, time(hour), BRUSSELS)
        late = timedelta(minutes=30) if hour == 8 else timedelta(0)
        found += [local + late + timedelta(hours=random.random() * open_hours) for _ in range(poisson(random, mean))]
    return sorted(at for at in found if not (outage and outage[0] <= at < outage[1]))


def poisson(random: Random, mean: float) -> int:
    """A Poisson number (Knuth)."""
    limit, product, number = exp(-mean), random.random(), 0
    while product > limit:
        product, number = product * random.random(), number + 1
    return number


def watched(found: list[datetime], begin: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    """The silences told while the calls come in: (last call, told at), as the service's tick tells them.

    What is expected is learned anew each month from what came before; looked at every half hour while it is open.
    """
    counted: Counter[Cell] = Counter()
    for at in found:
        counted[(at.astimezone(BRUSSELS).date(), at.astimezone(BRUSSELS).hour)] += 1
    volume, told = Volume(rates=(), spread=0, calls=0, days=0), None
    for number in range(days):
        day = begin + timedelta(days=number)
        if number % 28 == 0:
            volume = learn(LINE, {cell: count for cell, count in counted.items() if cell[0] < day}, day)
        for at in looks(day):
            last = before(found, at)
            is_quiet = volume.is_learned and told != last and last < at - QUIET
            if is_quiet and volume.silence(LINE, last, at) is not None:
                told = last
                yield last, at


def looks(day: date) -> Iterator[datetime]:
    """Every half hour of a day in which the line is open, and its closing."""
    midnight = datetime.combine(day, time(0), BRUSSELS)
    for opens, closes in LINE.open_times(midnight, midnight + timedelta(days=1)):
        yield from (opens + timedelta(minutes=30 * n) for n in range(int((closes - opens).total_seconds() // 1800)))
        yield closes


def before(found: list[datetime], at: datetime) -> datetime:
    """The last call until an instant; long ago where there was none."""
    place = bisect_right(found, at)
    return found[place - 1] if place else at - timedelta(days=1)
