"""Reports of activity and funding: lines of work and visits, added up by what somebody asks for.

Each line is rounded to the cent once, where it is priced; every figure of a group and of the total is a sum of lines.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from services.cases.domain.rate import Tariffs
from services.cases.domain.sums import About, Dimension, Sums, Work
from services.cases.domain.words import refuse
from services.cases.events import VisitStatus
from shared.errors import Fault

MAX_GROUPS = 20_000


class ReportKind(StrEnum):
    """The two reports."""

    ACTIVITY = "activity"
    FUNDING = "funding"


class ActivityFigures(BaseModel):
    """What was done: counts, minutes, kilometres."""

    activities: int = Field(description="Lines that count")
    direct_minutes: int
    travel_minutes: int
    total_minutes: int
    km: Decimal
    participants: int
    home_visits: int = Field(description="Visits that were made")
    visits_missed: int
    visits_cancelled: int
    accompaniments: int
    continuity: Decimal | None = Field(
        description="Of the contacts with persons, the share that each case's most frequent worker had; 0 to 1"
    )


class FundingFigures(BaseModel):
    """What it costs: minutes and kilometres at the rates in force on each day, in euro."""

    activities: int = Field(description="Lines that count")
    direct_minutes: int
    travel_minutes: int
    total_minutes: int
    km: Decimal
    amount: Decimal = Field(description="Euro; the sum of the lines, each rounded half-even to the cent once")
    without_rate: int = Field(description="Lines on days without a rate; they count for 0")
    at_example_rates: int = Field(description="Lines priced with the example rates: not for accounting")


F = TypeVar("F", bound=BaseModel)


class Row(BaseModel, Generic[F]):
    """One group."""

    keys: dict[Dimension, str]
    figures: F


class Report(BaseModel, Generic[F]):
    """A report of a stretch of days, both included, in Belgium; `totals` is the sum of all lines."""

    report: ReportKind
    first: date
    last: date
    organisation: str | None = Field(description="Null: all of them")
    worker: str | None = Field(description="Null: all of them")
    group_by: list[Dimension]
    rows: list[Row[F]]
    totals: F


ActivityReport = Report[ActivityFigures]
FundingReport = Report[FundingFigures]


@dataclass(frozen=True)
class Question:
    """What a report is asked for."""

    first: date
    last: date
    organisation: str | None
    worker: str | None
    group_by: tuple[Dimension, ...]


class Tally:
    """Adds lines up by group; it holds the groups, never the lines. Raises Unfit beyond 20,000 groups."""

    def __init__(self, question: Question, tariffs: Tariffs) -> None:
        self.question = question
        self.rates = lru_cache(maxsize=10_000)(tariffs.on)
        self.groups: dict[tuple[str, ...], Sums] = {}

    def add(self, about: About, work: Work) -> None:
        """Price and count one line."""
        rate, is_example = self.rates(about.organisation, about.on, about.discipline)
        amount = rate.amount(work.direct_minutes, work.travel_minutes, work.km) if rate else None
        self.group(about).add(about, work, amount, is_example)

    def add_visit(self, about: About, status: VisitStatus) -> None:
        """Count one visit."""
        self.group(about).add_visit(about, status)

    def group(self, about: About) -> Sums:
        """The group of a line."""
        key = about.key(self.question.group_by)
        found = self.groups.get(key)
        if found is None:
            if len(self.groups) >= MAX_GROUPS:
                refuse([Fault("/query/group_by", "too-many-groups")])
            found = self.groups[key] = Sums()
        return found

    @property
    def totals(self) -> Sums:
        """The sum of all groups, which is the sum of all lines."""
        found = Sums()
        for sums in self.groups.values():
            found.include(sums)
        return found

    def activity(self) -> ActivityReport:
        """The report of activity."""
        return self.report(ReportKind.ACTIVITY, ActivityFigures)

    def funding(self) -> FundingReport:
        """The report of funding."""
        return self.report(ReportKind.FUNDING, FundingFigures)

    def report(self, kind: ReportKind, figures: type[F]) -> Report[F]:
        """The groups in the order of their keys, and the total."""
        asked = self.question
        rows = [
            Row[F](keys=dict(zip(asked.group_by, key, strict=True)), figures=figures_of(figures, sums))
            for key, sums in sorted(self.groups.items())
        ]
        return Report[F](
            report=kind,
            first=asked.first,
            last=asked.last,
            organisation=asked.organisation,
            worker=asked.worker,
            group_by=list(asked.group_by),
            rows=rows,
            totals=figures_of(figures, self.totals),
        )


def figures_of(kind: type[F], sums: Sums) -> F:
    """The figures of one report."""
    return kind.model_validate(sums, from_attributes=True)
