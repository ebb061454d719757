"""Belgium's working days: no weekend, none of the legal public holidays."""

from datetime import date, datetime, timedelta
from functools import cache

from holidays import country_holidays

from shared.clock import BRUSSELS

SATURDAY = 5


@cache
def legal_holidays(year: int) -> frozenset[date]:
    """Belgium's ten legal public holidays of a year, with Easter and Whit Sunday that the library lists beside them.

    The two change nothing: no Sunday is worked.
    """
    return frozenset(country_holidays("BE", years=year, categories="public"))


def is_working_day(day: date) -> bool:
    """Whether people work on this day: not on weekends, not on legal holidays."""
    return day.weekday() < SATURDAY and day not in legal_holidays(day.year)


def working_days_after(day: date, count: int) -> date:
    """The `count`-th working day after a day, which itself never counts; with 0 the day itself."""
    left = count
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def after_working_days(at: datetime, days: int) -> datetime:
    """The same time of day in Belgium, so many working days later; in the zone that it was told in."""
    local = at.astimezone(BRUSSELS)
    day = working_days_after(local.date(), days)
    return datetime.combine(day, local.time(), BRUSSELS).astimezone(at.tzinfo)
