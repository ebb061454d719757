"""On which day a weekly meeting can be held: Belgium's working days."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

SATURDAY = 5
WEEK = timedelta(days=7)


@cache
def legal_holidays(year: int) -> frozenset[date]:
    """Belgium's legal public holidays of a year."""
    return frozenset(country_holidays("BE", years=year))


def is_worked(day: date) -> bool:
    """Whether people work on this day: not on weekends, not on legal holidays."""
    return day.weekday() < SATURDAY and day not in legal_holidays(day.year)


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def day_in_week(monday: date, weekday: int) -> date:
    """The wished day of a week; on a holiday the next working day of that week, else the nearest one before.

    `weekday` counts from 0, Monday. A week without any working day keeps the wished day.
    """
    wished = monday + timedelta(days=weekday)
    return next((day for day in _nearby(monday, wished) if is_worked(day)), wished)


def _nearby(monday: date, wished: date) -> Iterator[date]:
    days = [monday + timedelta(days=number) for number in range(7)]
    yield from (day for day in days if day >= wished)
    yield from (day for day in reversed(days) if day < wished)
