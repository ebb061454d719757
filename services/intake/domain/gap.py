"""Unmet demands and what the line's figures count: by topic, place, reason and month (S7, S42)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import product
from statistics import median

from pydantic import BaseModel, Field

from services.intake.domain.contact import Contact
from services.intake.domain.suppression import Level, Protected, Record, Table, as_is, everything, root, year
from services.intake.domain.topics import TOPICS
from services.intake.events import Outcome
from shared.clock import BRUSSELS
from shared.errors import DomainError

UNKNOWN = "unknown"
"""Where nothing is known: no topic was told, or nobody knows where the person lives."""
TOLD_BY_LINE = ("no-service", "no-one-could-help")
"""Source and reason of the gaps that referrals notes of our own contacts, where it does not say which: counted here."""


class ImpossiblePopulation(DomainError):
    """These are no inhabitants of communes."""


class UntoldTable(DomainError):
    """These dimensions are not told together: the table would give small counts away."""


class Dimension(StrEnum):
    """What gaps are counted by; `domain` is the root of a topic, `year` a sum of months."""

    TOPIC = "topic"
    DOMAIN = "domain"
    COMMUNE = "commune"
    REASON = "reason"
    MONTH = "month"
    YEAR = "year"


TOPIC_LEVELS: tuple[Level, ...] = (as_is, root, everything)
PLAIN: tuple[Level, ...] = (as_is, everything)
MONTH_LEVELS: tuple[Level, ...] = (as_is, year, everything)
GAP_LEVELS = (TOPIC_LEVELS, PLAIN, PLAIN, MONTH_LEVELS)
"""Topic, commune, reason, month."""
LINE_LEVELS = (TOPIC_LEVELS, PLAIN, MONTH_LEVELS)
"""Topic, solved or not, month."""
CONTINUITY_LEVELS = (PLAIN, PLAIN, MONTH_LEVELS)
"""Discipline, the same worker or another, month."""
GAP_TABLES = (
    *(
        table
        for table in product(*(range(len(each)) for each in GAP_LEVELS))
        if sum(level != len(GAP_LEVELS[place]) - 1 for place, level in enumerate(table)) <= 2
    ),
    (0, 0, 0, 1),
)
"""What may be asked of gaps: each dimension, each two of them, and topic, commune, reason and year at once."""
DEMAND_LEVELS = (PLAIN, PLAIN, MONTH_LEVELS)
"""Source, commune, month."""
EQUITY_LEVELS = (PLAIN, PLAIN, PLAIN, (as_is, root, everything))
"""Complexity, commune, language, decision with its reason."""
EQUITY_TABLES = tuple(
    (*groups, decision) for groups in ((1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0)) for decision in (0, 1, 2)
)

PLACES: dict[Dimension, tuple[int, int]] = {
    Dimension.TOPIC: (0, 0),
    Dimension.DOMAIN: (0, 1),
    Dimension.COMMUNE: (1, 0),
    Dimension.REASON: (2, 0),
    Dimension.MONTH: (3, 0),
    Dimension.YEAR: (3, 1),
}
"""Each dimension's place and level."""


def table_of(by: Iterable[Dimension]) -> Table:
    """The table that tells these dimensions, each as fine as asked for."""
    levels = [len(each) - 1 for each in GAP_LEVELS]
    for each in by:
        place, level = PLACES[each]
        levels[place] = min(levels[place], level)
    return tuple(levels)


@lru_cache(maxsize=16)
def protected(
    counts: frozenset[tuple[Record, int]],
    levels: tuple[tuple[Level, ...], ...],
    tables: tuple[Table, ...] | None = None,
) -> Protected:
    """The counts that may be told; found out once for the same records, for it takes seconds for thousands."""
    return Protected(dict(counts), levels, tables)


def month_of(at: datetime) -> str:
    """The local month of an instant, `2026-11`."""
    return f"{at.astimezone(BRUSSELS):%Y-%m}"


def topic_of(domain: str) -> str:
    """The topic of a need domain as referrals names it."""
    if domain == UNKNOWN:
        return UNKNOWN
    topic = f"need.{domain}"
    return topic if topic in TOPICS else "need"


class UnmetDemand(BaseModel):
    """One need that met no help; `origin_id` is the contact or the gap of referrals. Never who had it."""

    programme: str
    topic: str
    commune: str
    reason: str
    month: str


def unmet(contact: Contact, commune: str | None) -> Iterator[UnmetDemand]:
    """What a contact says of unmet demand: one per topic, or one unknown; nothing where somebody could help."""
    if contact.outcome is not Outcome.NO_ONE_COULD_HELP:
        return
    for topic in dict.fromkeys(contact.topics or (UNKNOWN,)):
        yield UnmetDemand(
            programme=contact.programme,
            topic=topic,
            commune=commune or UNKNOWN,
            reason=contact.reason,
            month=month_of(contact.started_at),
        )


class Complexity(StrEnum):
    """How many dimensions of somebody's situation are complex."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"
    NOT_ASSESSED = "not-assessed"


COMPLEX = frozenset({"present", "dominant"})


def complexity_of(dimensions: Iterable[str]) -> Complexity:
    """The level of an assessment, from what it says of each dimension."""
    told = [each for each in dimensions if each != "not_assessed"]
    if not told:
        return Complexity.NOT_ASSESSED
    number = sum(each in COMPLEX for each in told)
    return (Complexity.NONE, Complexity.ONE, Complexity.SEVERAL)[min(number, 2)]


def median_days(days: Iterable[int]) -> float | None:
    """The median; None of nothing. No mean is told: it would add up to the sum of a hidden group."""
    listed = sorted(days)
    return float(median(listed)) if listed else None


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's score interval)."""
    z, share = 1.959964, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * (share * (1 - share) / whole + z * z / (4 * whole * whole)) ** 0.5
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


class Population(BaseModel):
    """The inhabitants of one commune on one day, from an official file that the programme loads."""

    nis_code: str = Field(pattern=r"^[0-9]{5}$")
    as_of: date
    inhabitants: int = Field(ge=1, le=10_000_000)
