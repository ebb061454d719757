"""The course of a case as assessment needs it: when it opened and closed, and the four points that follow from that."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared.clock import BRUSSELS


class Point(StrEnum):
    """When outcomes are measured (G23)."""

    START = "start"
    CLOSE = "close"
    ONE_MONTH = "one-month"
    SIX_MONTHS = "six-months"


MONTHS_AFTER = {Point.ONE_MONTH: 1, Point.SIX_MONTHS: 6}
DECEASED = "deceased"


@dataclass(frozen=True)
class Period:
    """The days of a case: closed null while it runs; `has_died` when that is why it was closed."""

    opened_on: date
    closed_on: date | None = None
    has_died: bool = False

    def day_of(self, at: datetime) -> date:
        """The day in Belgium of an instant."""
        return at.astimezone(BRUSSELS).date()


class Course(Protocol):
    """A case with its period."""

    organisation: str
    case_id: UUID
    person_id: UUID | None

    @property
    def period(self) -> Period:
        """The days of the case."""
        ...


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_on(point: Point, period: Period) -> date | None:
    """From when a point can be measured; null while the case is open, and after a death."""
    if point is Point.START:
        return period.opened_on
    if period.closed_on is None or (point in MONTHS_AFTER and period.has_died):
        return None
    return months_later(period.closed_on, MONTHS_AFTER.get(point, 0))
