"""The time of day as a value that is passed in, so that tests can move it."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


def local_date(clock: Clock) -> date:
    """The calendar day in Belgium at this instant (Europe/Brussels)."""
    return clock.now().astimezone(BRUSSELS).date()
