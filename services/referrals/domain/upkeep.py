"""How long what the directory says of somebody is believed: six months after it was last verified."""

import calendar
from datetime import date

MONTHS = 6


def oldest_fresh(today: date) -> date:
    """The earliest day of a verification that still counts: six calendar months ago, clamped to its month's end."""
    year, month = divmod(today.year * 12 + today.month - 1 - MONTHS, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(today.day, last))


def is_stale(verified_on: date | None, today: date) -> bool:
    """Whether nobody has verified it for more than six months, or ever."""
    return verified_on is None or verified_on < oldest_fresh(today)
