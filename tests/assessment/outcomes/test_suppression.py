"""No count of 1 to 4 people is shown, nor can one be had by subtraction: shown for random cohorts by linear algebra."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.assessment.domain.indicators import Cell, IndicatorResult, compute
from services.assessment.domain.observations import Kind
from services.assessment.domain.outcome import Source
from services.assessment.domain.suppression import Counts, Table, is_clean, shown_together
from tests.assessment.outcomes.cases import CHU, LINE, case, measures, stay
from tests.assessment.outcomes.fixture import CLOSED, OPENED, TODAY
from tests.assessment.sheets import UNHURRIED

LIMIT = 5
OTHER = Source(kind=CHU.kind, organisation="hospital-other")
SOURCES = [LINE, CHU, OTHER, Source(kind=LINE.kind, organisation="night")]


def determined(equations: Sequence[tuple[dict[str, int], int]]) -> dict[str, Fraction]:
    """Every variable that linear equations leave no choice about, by exact elimination."""
    solved: dict[str, tuple[dict[str, Fraction], Fraction]] = {}
    for terms, value in equations:
        row, rest = {name: Fraction(factor) for name, factor in terms.items()}, Fraction(value)
        for name in [name for name in row if name in solved]:
            row, rest = without(row, rest, name, *solved[name])
        row = {name: factor for name, factor in row.items() if factor}
        if not row:
            continue
        lead = next(iter(row))
        factor = row.pop(lead)
        row, rest = {name: each / factor for name, each in row.items()}, rest / factor
        for name, (other, known) in solved.items():
            if lead in other:
                solved[name] = without(other, known, lead, row, rest)
        solved[lead] = (row, rest)
    return {name: value for name, (row, value) in solved.items() if not row}


def without(
    row: dict[str, Fraction], value: Fraction, name: str, known: dict[str, Fraction], known_value: Fraction
) -> tuple[dict[str, Fraction], Fraction]:
    """An equation with a variable replaced by what is known of it."""
    factor = row.pop(name)
    for other, each in known.items():
        row[other] = row.get(other, Fraction(0)) - factor * each
    return {other: each for other, each in row.items() if each}, value - factor * known_value


def numbers(cell: Cell, kind: Kind) -> dict[str, int]:
    """The counts of people that a cell shows."""
    if cell.is_suppressed or cell.denominator is None:
        return {}
    shown = {"answered": cell.denominator}
    if kind is Kind.PROPORTION and cell.numerator is not None:
        shown |= {"with": cell.numerator, "without": cell.denominator - cell.numerator}
    shown |= cell.categories or {}
    if cell.eligible is not None and cell.missing is not None:
        shown |= {"eligible": cell.eligible, "missing": cell.missing}
    return shown


def assert_safe(results: Sequence[IndicatorResult], limit: int) -> None:
    """Nothing small is shown, and nothing small follows from what is shown, over all indicators together."""
    equations: list[tuple[dict[str, int], int]] = []
    known: list[tuple[dict[str, int], int]] = []
    for number, result in enumerate(results):
        cells = {cell.source or "total": numbers(cell, result.kind) for cell in (result.total, *result.by_source)}
        asked = "discharge" if "readmission" in result.code else ASKED.get(result.at, result.at)
        parts = PARTS.get(result.kind, ())

        def name(source: str, what: str, number: int = number, asked: str = asked) -> str:
            return f"{asked}/{source}/eligible" if what == "eligible" else f"{number}/{source}/{what}"

        for what in ("answered", "missing", "eligible", *parts):
            whole = {name(source, what): -1 for source in cells if source != "total"}
            equations.append(({name("total", what): 1, **whole}, 0))
        for source, shown in cells.items():
            whole = {name(source, "answered"): 1, name(source, "missing"): 1, name(source, "eligible"): -1}
            equations.append((whole, 0))
            if parts:
                equations.append(({name(source, "answered"): 1, **{name(source, part): -1 for part in parts}}, 0))
            known += [({name(source, what): 1}, value) for what, value in shown.items()]
            assert is_clean(shown.values(), limit), (result.code, result.at, source, shown)
    for what, value in determined([*known, *equations]).items():
        assert is_clean([int(value)], limit), (what, value)


ASKED = {"before": "start", "during": "close", "after": "one-month", "last-sheet": "start"}
PARTS = {
    Kind.PROPORTION: ("with", "without"),
    Kind.RATE: ("with", "without"),
    Kind.DISTRIBUTION: ("1", "2", "3", "4", "5"),
}


@st.composite
def some_cases(draw: st.DrawFn) -> Any:
    """A few cases of one source that were told alike."""
    source = draw(st.sampled_from(SOURCES))
    given: dict[str, Any] = {}
    if draw(st.booleans()):
        given["living_situation"] = draw(st.sampled_from(["at-home", "care-home"]))
    if draw(st.booleans()):
        given["satisfaction"] = draw(st.integers(1, 5))
    if draw(st.booleans()):
        given["stays"] = [stay("2025-11-01", "2025-11-05")] if draw(st.booleans()) else []
    told = [measures("start", OPENED, **given)] if given else []
    if draw(st.booleans()):
        stays = [stay(draw(st.sampled_from(["2026-01-20", "2026-03-01"])), "2026-03-04")] if draw(st.booleans()) else []
        told.append(measures("close", CLOSED, stays=stays))
    closed = draw(st.sampled_from([None, date.fromisoformat(CLOSED)]))
    one = case(*told, source=source, closed=closed, discharge_on=date(2026, 1, 5))
    return [one] * draw(st.integers(1, 12))


@given(st.lists(some_cases(), max_size=8), st.integers(2, 7))
@settings(UNHURRIED, max_examples=40)
def test_no_small_count_is_shown_or_follows_from_what_is_shown(groups: list[Any], limit: int) -> None:
    assert_safe(compute([each for group in groups for each in group], TODAY, limit), limit)


counts = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12)).map(
    lambda drawn: Counts(sum(drawn), drawn[0] + drawn[1], drawn[:2])
)


def total_of(groups: Sequence[Counts]) -> Counts:
    """The groups together."""
    parts = tuple(sum(each.parts[place] for each in groups) for place in (0, 1))
    return Counts(sum(each.eligible for each in groups), sum(each.answered for each in groups), parts)


@given(st.dictionaries(st.sampled_from("abcdef"), counts, min_size=1))
@example({"a": Counts(2, 2, (2, 0)), "b": Counts(20, 20, (10, 10))})
@UNHURRIED
def test_what_is_hidden_of_a_shown_total_is_not_small_together(groups: dict[str, Counts]) -> None:
    table = Table(total_of(list(groups.values())), groups)
    shown = shown_together({"one": table}, LIMIT)["one"]
    assert all(is_clean(groups[name].answers, LIMIT) for name in shown.answers if name is not None)
    for layer, names in (("answers", shown.answers), ("coverage", shown.coverage)):
        if None in names:
            whole = getattr(table.total, layer)
            seen = [getattr(groups[name], layer) for name in names if name is not None]
            assert is_clean((total - sum(parts) for total, *parts in zip(whole, *seen, strict=True)), LIMIT)


def test_the_smallest_group_is_hidden_with_one_that_is_too_small() -> None:
    groups = {"a": Counts(2, 2), "b": Counts(6, 6), "c": Counts(9, 9)}
    shown = shown_together({"one": Table(Counts(17, 17), groups)}, LIMIT)["one"]
    assert shown.answers == {None, "c"}


def test_a_few_missing_are_not_told_but_what_is_known_is() -> None:
    groups = {"a": Counts(12, 10), "b": Counts(12, 12)}
    found = shown_together({"one": Table(Counts(24, 22), groups)}, LIMIT)["one"]
    assert set(found.answers) == {None, "a", "b"}
    assert set(found.coverage) == {"b"}


def test_a_case_alone_is_nowhere() -> None:
    alone = case(measures("start", OPENED, who=40, living_situation="at-home", satisfaction=1, stays=[]))
    for result in compute([alone], TODAY, LIMIT):
        for cell in (result.total, *result.by_source):
            assert not cell.denominator
            assert (cell.estimate, cell.numerator, cell.categories or {}, cell.eligible) == (
                None,
                None,
                cell.categories or {},
                None,
            )
