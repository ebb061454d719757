"""The small-cell rule of reports for outsiders: nothing is told of 1 to 4 people, nor of all but 1 to 4."""

from collections.abc import Iterable, Sequence
from statistics import median

LIMIT = 5
"""No count of fewer people than this is shown to whoever does not work on the cases."""


def is_small(count: int, limit: int = LIMIT) -> bool:
    """Whether a count is too small to be shown; nobody at all may be said."""
    return 0 < count < limit


def is_clean(counts: Iterable[int], limit: int = LIMIT) -> bool:
    """Whether the parts of a whole may be shown: each is nobody, or enough people."""
    return not any(is_small(count, limit) for count in counts)


def share(part: int, whole: int) -> float | None:
    """A part of a whole, in thousandths; None of nothing."""
    return round(part / whole, 3) if whole else None


def middle(days: Sequence[int]) -> float | None:
    """The median number of days; None of nothing."""
    return float(median(days)) if days else None
