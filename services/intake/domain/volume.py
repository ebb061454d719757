"""How many calls the line expects by weekday and hour, learned from few, and how odd it is that none came.

Method (see docs/line.md). The rate of a cell (weekday, local hour) is the mean of a Gamma posterior: what was counted,
plus `CELL_PRIOR` open hours at the weekday's rate; the weekday's own is that of what was counted there plus
`DAY_PRIOR` open hours at the overall rate. Old days weigh less (`HALF_LIFE`). The probability of a silence is that of
no call in the open time that has passed, with the days' own spread (negative binomial) and the level unsure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from math import exp, log1p

from pydantic import BaseModel, ConfigDict

from services.intake.domain.line import WEEKDAYS, LineHours
from shared.clock import BRUSSELS

CELL_PRIOR, DAY_PRIOR = 20.0, 40.0
"""Open hours that the belief before counting is worth: for a cell, and for a weekday."""
HALF_LIFE = 120.0
"""Days after which a day counts half."""
LEARNED_DAYS = 400
"""Days of history that are looked at."""
ENOUGH_CALLS, ENOUGH_DAYS = 20, 10
"""Below these a line is still learning, and no silence is told from its volume."""
GAP_ALARMS, DAY_ALARMS = 0.4, 0.3
"""False alarms a quarter that the thresholds are tuned for: one in all is allowed, and days differ more than is
known. The first is for gaps between two calls, however long; the second for whole days without one."""
WEEKS = 13
"""Weeks in a quarter."""
TOLERANCE = 1e-6
"""By how much the same weekday's probability may differ between two computations."""
MOST_LIKELY, LEAST_LIKELY = 0.02, 1e-6
"""No silence more likely than the first is an alarm; one less likely than the second always is."""

Cell = tuple[date, int]
"""A local day and its hour."""


def cells(line: LineHours, begin: datetime, end: datetime) -> Iterator[tuple[Cell, float]]:
    """The open time of a span by local day and hour, in hours."""
    for opens, closes in line.open_times(begin, end):
        at = opens
        while at < closes:
            local = at.astimezone(BRUSSELS)
            rest = timedelta(hours=1) - timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            until = min(at + rest, closes)
            yield (local.date(), local.hour), (until - at).total_seconds() / 3600
            at = until


class Volume(BaseModel):
    """What is expected: calls per open hour, Monday first, 24 hours each."""

    model_config = ConfigDict(frozen=True)

    rates: tuple[tuple[float, ...], ...]
    spread: float
    """Variance of the days beyond chance: 0 for days that differ by chance alone."""
    calls: float
    """How many calls it was learned from, old ones weighed less."""
    days: int
    """How many open days it was learned from."""

    @property
    def is_learned(self) -> bool:
        """Whether there was enough to learn from."""
        return self.calls >= ENOUGH_CALLS and self.days >= ENOUGH_DAYS

    def expected(self, line: LineHours, begin: datetime, end: datetime) -> float:
        """The calls expected in a span of time."""
        return sum(self.by_day(line, begin, end).values())

    def by_day(self, line: LineHours, begin: datetime, end: datetime) -> Mapping[date, float]:
        """The calls expected in a span, by local day."""
        found: dict[date, float] = defaultdict(float)
        for (day, hour), open_hours in cells(line, begin, end):
            found[day] += self.rates[day.weekday()][hour] * open_hours
        return found

    def silence_probability(self, line: LineHours, begin: datetime, end: datetime) -> float:
        """How likely it is that nobody calls from `begin` to `end`.

        Each day's calls are negative binomial about what is expected of it; the level as a whole is as unsure as the
        number of calls that it was learned from: both make a silence less odd.
        """
        return self._nobody(self.by_day(line, begin, end).values())

    def threshold(self, line: LineHours, at: datetime) -> float:
        """The probability under which a gap is a silence: with so many gaps a quarter, `GAP_ALARMS` false ones.

        Each call begins a gap, and a gap is less likely than p with probability p.
        """
        gaps = WEEKS * self.expected(line, at - timedelta(days=WEEKDAYS), at)
        return min(max(GAP_ALARMS / gaps if gaps > 0 else 0.0, LEAST_LIKELY), MOST_LIKELY)

    def day_threshold(self, line: LineHours, at: datetime) -> float:
        """The probability at which a whole day without a call is a silence: the busiest weekdays, as many as
        together give `DAY_ALARMS` false ones a quarter."""
        days = self.by_day(line, at - timedelta(days=WEEKDAYS), at)
        most, together = 0.0, 0.0
        for probability in sorted(self._nobody([mean]) for mean in days.values()):
            together += WEEKS * probability
            if together > DAY_ALARMS:
                break
            most = probability
        return min(most, MOST_LIKELY)

    def silence(self, line: LineHours, last: datetime, now: datetime) -> float | None:
        """How likely the time since the last call is, where that is a silence to tell of; else None."""
        probability = self.silence_probability(line, last, now)
        if probability < MOST_LIKELY and probability < self.threshold(line, now):
            return probability
        midnight = datetime.combine(now.astimezone(BRUSSELS).date(), time(0), BRUSSELS)
        today = list(line.open_times(midnight, midnight + timedelta(days=1)))
        if not today or last >= today[0][0] or now < today[-1][1]:
            return None
        of_day = self.silence_probability(line, *ends(today))
        return probability if of_day <= self.day_threshold(line, midnight) * (1 + TOLERANCE) else None

    def _nobody(self, days: Iterable[float]) -> float:
        weighed = sum(log1p(self.spread * mean) / self.spread if self.spread > 0 else mean for mean in days)
        sure = max(self.calls, 1.0)
        return exp(-sure * log1p(weighed / sure))


def ends(times: Sequence[tuple[datetime, datetime]]) -> tuple[datetime, datetime]:
    """The first opening and the last closing."""
    return times[0][0], times[-1][1]


def learn(line: LineHours, counted: Mapping[Cell, int], until: date, left_out: Iterable[date] = ()) -> Volume:
    """What the days before `until` teach; days of an outage are left out."""
    begin = datetime.combine(until - timedelta(days=LEARNED_DAYS), time(0), BRUSSELS)
    begin = max(begin, first_day(counted, until))
    end = datetime.combine(until, time(0), BRUSSELS)
    skipped = frozenset(left_out)
    hours, calls = [[0.0] * 24 for _ in range(WEEKDAYS)], [[0.0] * 24 for _ in range(WEEKDAYS)]
    opened: dict[date, list[tuple[int, float]]] = defaultdict(list)
    for (day, hour), open_hours in cells(line, begin, end):
        if day not in skipped:
            weight = 0.5 ** ((until - day).days / HALF_LIFE)
            hours[day.weekday()][hour] += weight * open_hours
            calls[day.weekday()][hour] += weight * counted.get((day, hour), 0)
            opened[day].append((hour, open_hours))
    rates = shrunk(hours, calls)
    seen = {
        day: (
            sum(counted.get((day, hour), 0) for hour, _ in parts),
            sum(rates[day.weekday()][hour] * open_hours for hour, open_hours in parts),
        )
        for day, parts in opened.items()
    }
    return Volume(rates=rates, spread=spread_of(seen.values()), calls=sum(map(sum, calls)), days=len(opened))


def first_day(counted: Mapping[Cell, int], until: date) -> datetime:
    """The beginning of the first day with a call: before it nobody knew the number."""
    day = min((day for day, _ in counted), default=until)
    return datetime.combine(day, time(0), BRUSSELS)


def shrunk(hours: list[list[float]], calls: list[list[float]]) -> tuple[tuple[float, ...], ...]:
    """Calls per open hour of each cell, drawn to its weekday's rate, and that to the overall one."""
    all_hours, all_calls = sum(map(sum, hours)), sum(map(sum, calls))
    overall = (all_calls + 0.5) / (all_hours + 1.0)
    rates = []
    for of_cells, counted in zip(hours, calls, strict=True):
        daily = (sum(counted) + DAY_PRIOR * overall) / (sum(of_cells) + DAY_PRIOR)
        rates.append(
            tuple(
                (seen + CELL_PRIOR * daily) / (exposed + CELL_PRIOR)
                for exposed, seen in zip(of_cells, counted, strict=True)
            )
        )
    return tuple(rates)


def spread_of(days: Iterable[tuple[int, float]]) -> float:
    """The days' variance beyond Poisson's, as a share of the mean squared (method of moments); never below 0."""
    found = [(seen, mean) for seen, mean in days if mean > 0]
    beyond = sum((seen - mean) ** 2 - mean for seen, mean in found)
    squares = sum(mean**2 for _, mean in found)
    return max(0.0, beyond / squares) if squares else 0.0
