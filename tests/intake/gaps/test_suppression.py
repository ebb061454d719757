"""No hidden count can be found out from all that is told: tried by an exact attacker."""

from collections.abc import Mapping
from itertools import product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.intake.domain.gap import GAP_LEVELS, GAP_TABLES
from services.intake.domain.suppression import ALL, SMALLEST, Level, Protected, Record, as_is, everything, root, year
from tests.intake.gaps.attacker import Attacker

TWO: tuple[tuple[Level, ...], ...] = ((as_is, everything), (as_is, everything))
THREE: tuple[tuple[Level, ...], ...] = ((as_is, root, everything), (as_is, everything), (as_is, year, everything))
NUMBERS = st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 14])


def grid(*values: str) -> list[Record]:
    """Every combination of some values, a dimension per word list."""
    return list(product(*(each.split() for each in values)))


def tables(keys: list[Record]) -> st.SearchStrategy[dict[Record, int]]:
    """Counts of every combination."""
    return st.lists(NUMBERS, min_size=len(keys), max_size=len(keys)).map(lambda n: dict(zip(keys, n, strict=True)))


def found_out(counts: Mapping[Record, int], levels: tuple[tuple[Level, ...], ...], told: Protected) -> list[Record]:
    """The hidden cells that can only be what they are."""
    attacker = Attacker(counts, levels, told)
    guess = [counts[record] for record in attacker.records]
    weak = []
    for table, key in told.hidden:
        try:
            if attacker.knows(attacker.inside(levels, table, key), guess, told.counts[table, key]):
                weak.append(key)
        except TimeoutError:
            assume(False)
    return weak


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(tables(grid("a b c", "x y z")))
def test_no_hidden_cell_of_a_table_and_its_margins_is_found_out(counts: dict[Record, int]) -> None:
    told = Protected(counts, TWO)
    assert found_out(counts, TWO, told) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(tables(grid("need.a need.b care", "x y", "2025-11 2025-12 2026-01")))
def test_no_hidden_cell_is_found_out_across_all_tables_and_sums_of_periods(counts: dict[Record, int]) -> None:
    told = Protected(counts, THREE)
    assert found_out(counts, THREE, told) == []


@settings(max_examples=150, deadline=None)
@given(tables(grid("a b c", "x y z")))
def test_what_is_hidden_of_a_told_sum_is_two_counts_or_more_that_make_five(counts: dict[Record, int]) -> None:
    told = Protected(counts, TWO)
    cells = told.rows((0, 0))
    for table, place in (((0, 1), 0), ((1, 0), 1)):
        for key in told.rows(table):
            line = [record for record, number in counts.items() if number and record[place] == key[place]]
            hidden = [counts[record] for record in line if record not in cells]
            assert not hidden or (len(hidden) > 1 and sum(hidden) >= SMALLEST)


@settings(max_examples=50, deadline=None)
@given(tables(grid("need.a need.b care", "x y", "r s", "2025-12 2026-01")))
def test_what_is_told_is_true_and_never_small(counts: dict[Record, int]) -> None:
    told = Protected(counts, GAP_LEVELS, GAP_TABLES)
    for table in GAP_TABLES:
        for key, number in told.rows(table).items():
            assert number >= SMALLEST
            assert number == sum(
                n
                for record, n in counts.items()
                if all(GAP_LEVELS[d][table[d]](value) == key[d] for d, value in enumerate(record))
            )


def test_the_attacker_finds_what_is_only_hidden_by_its_size() -> None:
    """The attacker is no straw man: with the small cell alone hidden it has it at once."""
    counts: dict[Record, int] = {("a", "x"): 3, ("a", "y"): 7, ("b", "x"): 8, ("b", "y"): 9}
    naive = Protected(counts, TWO)
    naive.hidden = {cell for cell, number in naive.counts.items() if number < SMALLEST}
    assert found_out(counts, TWO, naive) == [("a", "x")]


def test_a_bridge_between_two_covered_blocks_is_found_out_unless_it_is_made_uncertain() -> None:
    """Each line having two hidden cells is not enough: a cell that links two blocks follows from both."""
    keys = grid("a b c d", "w x y z")
    hidden = {
        ("a", "w"),
        ("a", "x"),
        ("b", "w"),
        ("b", "x"),
        ("b", "y"),
        ("c", "y"),
        ("c", "z"),
        ("d", "y"),
        ("d", "z"),
    }
    counts = {key: 3 if key in hidden else 20 for key in keys}
    naive = Protected(counts, TWO)
    naive.hidden = {cell for cell, number in naive.counts.items() if number < SMALLEST}
    assert found_out(counts, TWO, naive) == [("b", "y")]
    assert found_out(counts, TWO, Protected(counts, TWO)) == []


def test_frequent_counts_are_told_where_nothing_small_is_near() -> None:
    counts = dict.fromkeys(grid("a b", "x y"), 10)
    told = Protected(counts, TWO)
    assert told.rows((0, 0)) == counts
    assert told.rows((1, 1)) == {(ALL, ALL): 40}


def test_one_small_cell_costs_few_others() -> None:
    counts = dict.fromkeys(grid("a b c d", "w x y z"), 10) | {("a", "w"): 2}
    told = Protected(counts, TWO)
    assert len(told.rows((0, 0))) == 12
    assert len(told.rows((0, 1))) == len(told.rows((1, 0))) == 4
