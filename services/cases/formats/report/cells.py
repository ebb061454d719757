"""A report as lines of cells: what every written form of it is made from."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from services.cases.domain import ActivityReport, Dimension, FundingReport

AnyReport = ActivityReport | FundingReport
Value = int | Decimal | None

COMPUTED = ("=", "+", "-", "@", "\t", "\r")


def neutral(text: str) -> str:
    """A text as it may stand in a spreadsheet: what would be computed there gets an apostrophe in front."""
    return f"'{text}" if text.startswith(COMPUTED) else text


def keys_of(report: AnyReport) -> list[Dimension]:
    """What the report is broken down by, in order."""
    return report.group_by


def figures_in(report: AnyReport) -> list[str]:
    """The names of the figures, in order."""
    return list(type(report.totals).model_fields)


def values_of(figures: Any) -> list[Value]:
    """The figures of one group, in order."""
    return list(dict(figures).values())


def lines_of(report: AnyReport) -> Iterator[tuple[Sequence[str], list[Value]]]:
    """The groups: their keys and their figures."""
    for row in report.rows:
        yield [row.keys[dimension] for dimension in report.group_by], values_of(row.figures)
