"""Working days in Belgium, and the instant of a local time of day."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import country_holidays
from pydantic import BaseModel, ConfigDict

from shared.clock import BRUSSELS

OPENS = time(7)
CLOSES = time(20)
"""Slots lie between these local times: no clock change of Europe can swallow or double one."""

FRENCH_COMMUNITY_DAY = (9, 27)
SATURDAY = 5


class Calendar(BaseModel):
    """Which days are worked: not weekends, not the ten legal holidays, not the days that the programme adds."""

    model_config = ConfigDict(frozen=True)

    closed_days: frozenset[date] = frozenset()
    closed_on_27_september: bool = False

    def is_working_day(self, day: date) -> bool:
        """Whether the line works on this day."""
        if day.weekday() >= SATURDAY or day in legal_holidays(day.year) or day in self.closed_days:
            return False
        return not (self.closed_on_27_september and (day.month, day.day) == FRENCH_COMMUNITY_DAY)

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


@cache
def legal_holidays(year: int) -> frozenset[date]:
    """Belgium's ten legal public holidays of a year, with Easter and Whit Sunday that the library lists beside them.

    The two change nothing: no Sunday is worked.
    """
    return frozenset(country_holidays("BE", years=year, categories="public"))


def add_months(day: date, months: int) -> date:
    """The same day some calendar months later, clamped to that month's last: 31 August + 6 is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def instant_of(day: date, slot: time, zone: ZoneInfo = BRUSSELS) -> datetime:
    """The UTC instant of a local time on a day: 09:00 in Belgium is 08:00 UTC in winter and 07:00 UTC in summer."""
    return datetime.combine(day, slot, zone).astimezone(UTC)
