"""On which day a weekly meeting can be held: Belgium's working days."""

from collections.abc import Iterator
from datetime import date, timedelta

from shared.working_days import is_working_day

WEEK = timedelta(days=7)


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def day_in_week(monday: date, weekday: int) -> date:
    """The wished day of a week; on a holiday the next working day of that week, else the nearest one before.

    `weekday` counts from 0, Monday. A week without any working day keeps the wished day.
    """
    wished = monday + timedelta(days=weekday)
    return next((day for day in _nearby(monday, wished) if is_working_day(day)), wished)


def _nearby(monday: date, wished: date) -> Iterator[date]:
    days = [monday + timedelta(days=number) for number in range(7)]
    yield from (day for day in days if day >= wished)
    yield from (day for day in reversed(days) if day < wished)
