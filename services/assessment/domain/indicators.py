"""The indicators: counts and intervals with their denominators, never a claim. What is too small is not shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.assessment.domain.course import Point
from services.assessment.domain.facts import CaseFacts
from services.assessment.domain.form_scoring import Number
from services.assessment.domain.instrument import Frozen
from services.assessment.domain.intervals import Estimate, mean_of, proportion_of, rate_of, rounded
from services.assessment.domain.observations import MONTH_DAYS, Indicator, Kind, Observation, all_indicators
from services.assessment.domain.suppression import Counts, Shown, Table, Vector, is_clean, shown_together

FOUR_PLACES = Decimal("0.0001")


class Cell(Frozen):
    """The numbers of one group, or of all. Null: fewer people than the small-cell limit stand behind that number, or
    it would tell of so few by subtraction, or nobody answered."""

    source: str | None
    denominator: int | None
    numerator: int | None = None
    categories: dict[str, int] | None = None
    months: Number | None = None
    estimate: Estimate | None = None
    eligible: int | None = None
    missing: int | None = None
    missing_rate: Number | None = None
    missing_because: dict[str, int] | None = None
    is_suppressed: bool


class IndicatorResult(Frozen):
    """One indicator at one point."""

    code: str
    at: str
    kind: Kind
    measure: str | None
    total: Cell
    by_source: tuple[Cell, ...]


@dataclass(frozen=True)
class Tallied:
    """The observations of one indicator, by group and together."""

    indicator: Indicator
    groups: Mapping[str, Sequence[Observation]]

    @property
    def together(self) -> list[Observation]:
        """All of them."""
        return [each for group in self.groups.values() for each in group]

    def table(self, vetoed: frozenset[str | None] = frozenset()) -> Table:
        """The counts that the small-cell rule looks at."""
        groups = {name: counts_of(self.indicator.kind, found) for name, found in self.groups.items()}
        return Table(counts_of(self.indicator.kind, self.together), groups, vetoed)


def counts_of(kind: Kind, found: Sequence[Observation]) -> Counts:
    """How many people, how many with a value, and the parts these fall into."""
    values = [each.value for each in found if each.value is not None]
    return Counts(len(found), len(values), parts_of(kind, values))


def parts_of(kind: Kind, values: Sequence[Decimal]) -> Vector:
    """The people with and without, or per category; a mean has no parts."""
    if kind is Kind.MEAN:
        return ()
    if kind is Kind.DISTRIBUTION:
        return tuple(values.count(Decimal(category)) for category in range(1, 6))
    some = sum(1 for value in values if value > 0)
    return (some, len(values) - some)


def compute(cases: Sequence[CaseFacts], today: date, limit: int) -> list[IndicatorResult]:
    """Every indicator over these cases on a day; counts of fewer than `limit` people are not shown."""
    names = sorted({case.source.code for case in cases})
    tallied = [_tally(indicator, cases, names, today) for indicator in all_indicators()]
    shown: dict[Indicator, Shown] = {}
    covered: dict[str | None, int] = {}
    for asked in dict.fromkeys(each.indicator.asked for each in tallied):
        together = {str(number): each for number, each in enumerate(tallied) if each.indicator.asked == asked}
        tables = {code: each.table(_nested(each, together.values(), limit)) for code, each in together.items()}
        first = next(iter(tables.values()))
        sizes: dict[str | None, int] = {name: counts.eligible for name, counts in first.groups.items()}
        sizes[None] = first.total.eligible
        before = covered if asked in set(Point) else {}
        closed = {name for name, size in sizes.items() if not is_clean([abs(before.get(name, size) - size)], limit)}
        found = shown_together(tables, limit, closed)
        shown |= {together[code].indicator: what for code, what in found.items()}
        covered |= {name: sizes[name] for what in found.values() for name in what.coverage}
    return [_result(each, shown[each.indicator], limit) for each in tallied]


def _tally(indicator: Indicator, cases: Sequence[CaseFacts], names: Sequence[str], today: date) -> Tallied:
    groups: dict[str, list[Observation]] = {name: [] for name in names}
    for case in cases:
        if (found := indicator.observe(case, today)) is not None:
            groups[case.source.code].append(found)
    return Tallied(indicator, groups)


def _nested(outer: Tallied, others: Iterable[Tallied], limit: int) -> frozenset[str | None]:
    """The groups in which a longer window differs from the shorter one inside it by too few people."""
    inner = next((each for each in others if each.indicator.code == outer.indicator.within), None)
    if inner is None:
        return frozenset()
    wide, narrow = outer.table(), inner.table()
    pairs = [
        (None, wide.total, narrow.total),
        *((name, wide.groups[name], narrow.groups[name]) for name in wide.groups),
    ]
    return frozenset(
        name
        for name, more, less in pairs
        if not is_clean((abs(one - two) for one, two in zip(more.answers, less.answers, strict=True)), limit)
    )


def _result(tallied: Tallied, shown: Shown, limit: int) -> IndicatorResult:
    indicator = tallied.indicator
    cells = [_cell(indicator.kind, name, found, shown, limit) for name, found in tallied.groups.items() if found]
    return IndicatorResult(
        code=indicator.code,
        at=indicator.at,
        kind=indicator.kind,
        measure=indicator.measure,
        total=_cell(indicator.kind, None, tallied.together, shown, limit),
        by_source=tuple(cells),
    )


def _cell(kind: Kind, name: str | None, found: Sequence[Observation], shown: Shown, limit: int) -> Cell:
    if name not in shown.answers:
        return Cell(source=name, denominator=None, is_suppressed=True)
    counts = counts_of(kind, found)
    known = [each for each in found if each.value is not None]
    cell = _numbers(kind, name, counts, known)
    if name not in shown.coverage or not counts.eligible:
        return cell
    eligible, missing = counts.coverage
    why = [each.because for each in found if each.value is None]
    reasons = {because: why.count(because) for because in sorted({because for because in why if because})}
    return cell.model_copy(
        update={
            "eligible": eligible,
            "missing": missing,
            "missing_rate": rounded(Decimal(missing) / eligible, FOUR_PLACES),
            "missing_because": reasons if name is None and is_clean(reasons.values(), limit) else None,
        }
    )


def _numbers(kind: Kind, name: str | None, counts: Counts, known: Sequence[Observation]) -> Cell:
    values = [each.value for each in known if each.value is not None]
    cell = Cell(source=name, denominator=counts.answered, is_suppressed=False)
    if not values:
        return cell
    if kind is Kind.MEAN:
        return cell.model_copy(update={"estimate": mean_of(values)})
    if kind is Kind.DISTRIBUTION:
        return cell.model_copy(
            update={"categories": {str(number): n for number, n in enumerate(counts.parts, start=1)}}
        )
    if kind is Kind.PROPORTION:
        estimate = proportion_of(counts.parts[0], counts.answered)
        return cell.model_copy(update={"numerator": counts.parts[0], "estimate": estimate})
    months = sum((each.days for each in known), Decimal(0)) / MONTH_DAYS
    events = int(sum(values, Decimal(0)))
    changed = {"numerator": events, "months": rounded(months, FOUR_PLACES), "estimate": rate_of(events, months)}
    return cell.model_copy(update={**changed, "categories": {"with": counts.parts[0], "without": counts.parts[1]}})
