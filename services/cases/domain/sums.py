"""What lines of work and visits add up to, by what a report is broken down by."""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from services.cases.domain.activity import NONE
from services.cases.events import ActivityKind, Discipline, VisitStatus

UNKNOWN = "unknown"
NO_CASE = "none"
SHARE = Decimal("0.0001")

CONTACTS = frozenset({ActivityKind.HOME_VISIT, ActivityKind.ACCOMPANIMENT, ActivityKind.PHONE, ActivityKind.E_MAIL})
"""The kinds of work in which somebody has to do with the person."""


class Dimension(StrEnum):
    """What a report can be broken down by."""

    WORKER = "worker"
    CASE = "case"
    COMPLEXITY = "complexity"
    ORGANISATION = "organisation"
    COMMUNE = "commune"
    DISCIPLINE = "discipline"
    KIND = "kind"
    SOURCE = "source"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class About:
    """What a line or a visit belongs to, each part as it appears in a report."""

    worker: str | None
    case_id: UUID | None
    complexity: str | None
    organisation: str
    nis_code: str | None
    discipline: Discipline | None
    kind: ActivityKind
    on: date
    source: str | None = None

    def key(self, group_by: Sequence[Dimension]) -> tuple[str, ...]:
        """Its place in a breakdown."""
        return tuple(self.part(dimension) for dimension in group_by)

    def part(self, dimension: Dimension) -> str:
        """Its value of one dimension."""
        if dimension is Dimension.CASE:
            return str(self.case_id) if self.case_id else NO_CASE
        if dimension in CALENDAR:
            return stretch(self.on, dimension)
        return str(getattr(self, FIELDS[dimension]) or UNKNOWN)


CALENDAR = frozenset({Dimension.MONTH, Dimension.QUARTER, Dimension.YEAR})
FIELDS = {
    Dimension.WORKER: "worker",
    Dimension.COMPLEXITY: "complexity",
    Dimension.ORGANISATION: "organisation",
    Dimension.COMMUNE: "nis_code",
    Dimension.DISCIPLINE: "discipline",
    Dimension.KIND: "kind",
    Dimension.SOURCE: "source",
}


@lru_cache(maxsize=10_000)
def stretch(day: date, dimension: Dimension) -> str:
    """The month (2026-11), quarter (2026-Q4) or year of a day."""
    if dimension is Dimension.YEAR:
        return str(day.year)
    quarter = f"{day.year}-Q{(day.month + 2) // 3}"
    return quarter if dimension is Dimension.QUARTER else day.strftime("%Y-%m")


@dataclass(frozen=True, slots=True)
class Work:
    """What one line counts for: minutes and kilometres; `of_visit` where a visit made the line."""

    direct_minutes: int
    travel_minutes: int
    km: Decimal
    participants: int | None
    of_visit: bool


@dataclass(slots=True)
class Sums:
    """What a group adds up to."""

    activities: int = 0
    direct_minutes: int = 0
    travel_minutes: int = 0
    km: Decimal = NONE
    amount: Decimal = NONE
    participants: int = 0
    home_visits: int = 0
    visits_missed: int = 0
    visits_cancelled: int = 0
    accompaniments: int = 0
    without_rate: int = 0
    at_example_rates: int = 0
    contacts: Counter[tuple[UUID, str | None]] = field(default_factory=Counter)

    @property
    def total_minutes(self) -> int:
        """Direct and travel time together."""
        return self.direct_minutes + self.travel_minutes

    @property
    def continuity(self) -> Decimal | None:
        """The share of contacts that the worker with the most of them had in each case; None without a contact."""
        most: dict[UUID, int] = {}
        for (case_id, _), number in self.contacts.items():
            most[case_id] = max(most.get(case_id, 0), number)
        contacts = self.contacts.total()
        return (Decimal(sum(most.values())) / contacts).quantize(SHARE, ROUND_HALF_EVEN) if contacts else None

    def add(self, about: About, work: Work, amount: Decimal | None, is_example: bool) -> None:
        """Count one line; an amount of None says that no rate was in force."""
        self.activities += 1
        self.direct_minutes += work.direct_minutes
        self.travel_minutes += work.travel_minutes
        self.km += work.km
        self.participants += work.participants or 0
        self.amount += NONE if amount is None else amount
        self.without_rate += amount is None
        self.at_example_rates += is_example
        self.accompaniments += about.kind is ActivityKind.ACCOMPANIMENT
        if not work.of_visit:
            self.home_visits += about.kind is ActivityKind.HOME_VISIT
            self.note_contact(about)

    def include(self, other: "Sums") -> None:
        """Add another group's figures."""
        self.contacts.update(other.contacts)
        for name in ADDED:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def add_visit(self, about: About, status: VisitStatus) -> None:
        """Count one visit."""
        self.visits_missed += status is VisitStatus.MISSED
        self.visits_cancelled += status is VisitStatus.CANCELLED
        if status is VisitStatus.DONE:
            self.home_visits += 1
            self.note_contact(about)

    def note_contact(self, about: About) -> None:
        """Count who had to do with a person."""
        if about.case_id and about.kind in CONTACTS:
            self.contacts[about.case_id, about.worker] += 1


ADDED = tuple(each.name for each in fields(Sums) if each.name != "contacts")

PERIOD = re.compile(r"(?P<year>[12][0-9]{3})(-(Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


def days_of(period: str) -> tuple[date, date] | None:
    """The first and the last day of a year (2026), quarter (2026-Q4) or month (2026-11); None for anything else."""
    found = PERIOD.fullmatch(period)
    if found is None:
        return None
    year, quarter, month = (int(found[name]) if found[name] else 0 for name in ("year", "quarter", "month"))
    first, last = (month, month) if month else (3 * quarter - 2, 3 * quarter) if quarter else (1, 12)
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
