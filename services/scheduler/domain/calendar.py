"""Working days in Belgium, and the instant of a local time of day."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo

from holidays import country_holidays
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from shared.clock import BRUSSELS
from shared.errors import Fault
from shared.working_days import SATURDAY

OPENS = time(7)
CLOSES = time(20)
"""Slots lie between these local times: no clock change of Europe can swallow or double one."""

FRENCH_COMMUNITY_DAY = (9, 27)
LONGEST_CLOSURE = 184
"""Days; longer than the three months for which a move once cut the line, and short of a closed year."""

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]


class ClosureReason(StrEnum):
    """Why the line is closed for a time."""

    MOVE = "move"
    WORKS = "works"
    OUTAGE = "outage"
    TRAINING = "training"
    STRIKE = "strike"
    ANNUAL_LEAVE = "annual-leave"
    OTHER = "other"


class Closed(StrEnum):
    """Why a day that is no weekend is not worked."""

    LEGAL_HOLIDAY = "legal-holiday"
    FRENCH_COMMUNITY_DAY = "french-community-day"
    CLOSED_DAY = "closed-day"
    LINE_CLOSURE = "line-closure"


class Closure(BaseModel):
    """A time in which the line is closed, both days included."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="until")]
    reason: ClosureReason


class Calendar(BaseModel):
    """Which days are worked: not weekends, not the ten legal holidays, not the days that the organisation adds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    closed_on_27_september: Annotated[
        StrictBool, Field(description="Whether the French Community's day is closed, every year")
    ] = False
    closed_days: Annotated[frozenset[Day], Field(max_length=400, description="Bridge days and the like")] = frozenset()
    closures: Annotated[tuple[Closure, ...], Field(max_length=50)] = ()

    def faults(self) -> list[Fault]:
        """What does not fit together, each at its place."""
        found: list[Fault] = []
        for place, closure in enumerate(self.closures):
            if closure.last < closure.first:
                found.append(Fault(f"/closures/{place}/until", "before-start"))
            elif (closure.last - closure.first).days >= LONGEST_CLOSURE:
                found.append(Fault(f"/closures/{place}/until", "out-of-range"))
        return found

    def is_working_day(self, day: date) -> bool:
        """Whether the line works on this day."""
        return day.weekday() < SATURDAY and self.closed_by(day) is None

    def closed_by(self, day: date) -> Closed | None:
        """Why a day is not worked, weekends left aside; None where nothing is in the way."""
        if day in named_holidays(day.year):
            return Closed.LEGAL_HOLIDAY
        if self.closed_on_27_september and (day.month, day.day) == FRENCH_COMMUNITY_DAY:
            return Closed.FRENCH_COMMUNITY_DAY
        if day in self.closed_days:
            return Closed.CLOSED_DAY
        return Closed.LINE_CLOSURE if self.closure_of(day) else None

    def closure_of(self, day: date) -> Closure | None:
        """The closure that a day lies in."""
        return next((closure for closure in self.closures if closure.first <= day <= closure.last), None)

    def closed_between(self, first: date, last: date) -> list[date]:
        """The days from the one to the other, both included, that are closed for more than being a weekend."""
        days = (first + timedelta(days=count) for count in range((last - first).days + 1))
        return [day for day in days if self.closed_by(day)]

    def on_or_after(self, day: date) -> date:
        """The day itself if it is worked, else the next one that is."""
        return next(self._from(day))

    def working_days_after(self, day: date, count: int) -> date:
        """The `count`-th working day after a day; that day itself never counts."""
        days = self._from(day + timedelta(days=1))
        for _ in range(count - 1):
            next(days)
        return next(days)

    def months_after(self, day: date, months: int) -> date:
        """The working day on or after the same day some calendar months later."""
        return self.on_or_after(add_months(day, months))

    def _from(self, day: date) -> Iterator[date]:
        while True:
            if self.is_working_day(day):
                yield day
            day += timedelta(days=1)


NAMES = {
    "New Year's Day": "new-year",
    "Easter Monday": "easter-monday",
    "Labor Day": "labour-day",
    "Ascension Day": "ascension",
    "Pentecost Monday": "whit-monday",
    "National Day": "national-day",
    "Assumption Day": "assumption",
    "All Saints' Day": "all-saints",
    "Armistice Day": "armistice",
    "Christmas Day": "christmas",
}
"""Belgium's ten legal public holidays (Royal Decree of 18 April 1974), by the library's names of them."""


@cache
def named_holidays(year: int) -> Mapping[date, str]:
    """The days of Belgium's ten legal public holidays of a year, with their codes."""
    found = country_holidays("BE", years=year, categories="public", language="en_US")
    return {day: NAMES[name] for day in sorted(found) for name in found.get_list(day) if name in NAMES}


def add_months(day: date, months: int) -> date:
    """The same day some calendar months later, clamped to that month's last: 31 August + 6 is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def instant_of(day: date, slot: time, zone: ZoneInfo = BRUSSELS) -> datetime:
    """The UTC instant of a local time on a day: 09:00 in Belgium is 08:00 UTC in winter and 07:00 UTC in summer."""
    return datetime.combine(day, slot, zone).astimezone(UTC)
