"""Small counts kept hidden: in every table that is told of one set of records, and in all of them together.

A count below five is hidden, and so is what would give it away: first, of every told sum and its parts none is
hidden or at least two that make five together; then, for each hidden count another set of records is found that
says otherwise and that every told count fits as well. What is not told is none or hidden: nobody can tell which.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import combinations, product

SMALLEST = 5
"""A count below this is hidden: few people of one place with one need could be recognised."""
ALL = "*"
"""Where a dimension is summed up."""
PARTNERS = 64
"""How many other records are tried before the cheapest way to hide is taken."""
STARTS = 3
"""How many records of one hidden count are tried."""

Record = tuple[str, ...]
Level = Callable[[str], str]
Table = tuple[int, ...]
Cell = tuple[Table, Record]


def as_is(value: str) -> str:
    """The finest level of a dimension."""
    return value


def everything(value: str) -> str:
    """The level at which a dimension is summed up."""
    return ALL


def root(value: str) -> str:
    """The level of what comes before the dot: `need` of `need.food`."""
    return value.partition(".")[0]


def year(value: str) -> str:
    """The level of years of a dimension of months."""
    return value[:4]


class Protected:
    """The counts that may be told of one set of records.

    `levels` are those of each dimension from the finest to the whole; `tables` the ones that may ever be asked for,
    each a level per dimension: all by default. What is hidden is the same for all questions.
    """

    def __init__(
        self,
        counts: Mapping[Record, int],
        levels: Sequence[Sequence[Level]],
        tables: Iterable[Table] | None = None,
    ) -> None:
        self.levels = levels
        self.tables = sorted(tables or product(*(range(len(each)) for each in levels)))
        self._places = {table: place for place, table in enumerate(self.tables)}
        self.records = sorted((record for record, count in counts.items() if count > 0), key=lambda r: (counts[r], r))
        self._projected: dict[Record, list[Cell]] = {}
        self.counts: dict[Cell, int] = {}
        self.members: dict[Cell, list[Record]] = {}
        for record in self.records:
            for cell in self.cells(record):
                self.counts[cell] = self.counts.get(cell, 0) + counts[record]
                self.members.setdefault(cell, []).append(record)
        self.hidden = {cell for cell, count in self.counts.items() if count < SMALLEST}
        self._certain: set[Cell] = set()
        self._sums = list(self._find_sums())
        self._hide()

    def cells(self, record: Record) -> list[Cell]:
        """The cell of each table in which a record counts."""
        known = self._projected.get(record)
        if known is None:
            told = [[level(value) for level in levels] for value, levels in zip(record, self.levels, strict=True)]
            known = [(table, tuple(told[d][at] for d, at in enumerate(table))) for table in self.tables]
            self._projected[record] = known
        return known

    def rows(self, table: Table) -> dict[Record, int]:
        """The counts of one table that may be told; what is missing is none or hidden."""
        if table not in self.tables:
            raise ValueError("a table that was not provided for gives others away")
        shown = {key: n for (of, key), n in self.counts.items() if of == table and (of, key) not in self.hidden}
        return dict(sorted(shown.items()))

    def _find_sums(self) -> Iterator[tuple[Cell, list[Cell]]]:
        """Each sum with its parts, for every two tables of which one is coarser in one dimension."""
        found: dict[tuple[Cell, Table], list[Cell]] = {}
        for fine, coarse in self._steps():
            for cell, members in self.members.items():
                if cell[0] == fine:
                    whole = self.cells(members[0])[self._places[coarse]]
                    found.setdefault((whole, fine), []).append(cell)
        yield from (
            (whole, parts)
            for (whole, _), parts in sorted(found.items(), key=lambda each: sum(each[0][0][0]), reverse=True)
        )

    def _steps(self) -> Iterator[tuple[Table, Table]]:
        """Tables that differ in one dimension, with none between."""
        for fine in self.tables:
            for place in range(len(fine)):
                above = [t for t in self.tables if t[place] > fine[place] and differs_only_at(t, fine, place)]
                if above:
                    yield fine, min(above)

    def _hide(self) -> None:
        """Hide more until nothing that is hidden can be told from what is shown."""
        before = -1
        while before != len(self.hidden):
            before = len(self.hidden)
            while sum(self._cover(whole, parts) for whole, parts in self._sums):
                pass
            for cell in sorted(self.hidden - self._certain, key=lambda each: (self.counts[each], each)):
                if cell not in self._certain:
                    self._make_uncertain(cell)

    def _cover(self, whole: Cell, parts: Sequence[Cell]) -> bool:
        """Hide one more of a sum and its parts where a difference would give a hidden one away; whether it did."""
        covered = [cell for cell in parts if cell in self.hidden]
        if whole in self.hidden:
            is_safe = bool(covered)
        else:
            is_safe = not covered or (len(covered) > 1 and sum(self.counts[cell] for cell in covered) >= SMALLEST)
        if is_safe:
            return False
        shown = [cell for cell in parts if cell not in self.hidden]
        self.hidden.add(min(shown, key=lambda cell: (self.counts[cell], cell)) if shown else whole)
        return True

    def _make_uncertain(self, cell: Cell) -> None:
        """Find other records that the told counts fit as well and that change this one; hide what stands against it."""
        first = self.members[cell][0]
        best = self.cells(first)
        cost = self._price(best)
        for before, after in self._others(cell):
            touched = self._touched(before, after, cell)
            price = self._price(touched, cost) if touched else cost
            if price < cost:
                best, cost = touched, price
            if cost == 0:
                break
        told = {each for each in best if each in self.counts}
        self.hidden |= told
        self._certain |= told

    def _price(self, touched: Iterable[Cell], limit: int | None = None) -> int:
        """How many records are behind the shown cells among these; counted no further than to the limit."""
        price = 0
        for each in touched:
            if each not in self.hidden:
                price += self.counts.get(each, 0)
                if limit is not None and price >= limit:
                    return limit
        return price

    def _others(self, cell: Cell) -> Iterator[tuple[tuple[Record, ...], tuple[Record, ...]]]:
        """Records before and after a small difference that keeps every one at least at nothing: likely ones first."""
        pairs = [(first, second) for first in self.members[cell][:STARTS] for second in self._partners(first, cell)]
        for first, second in pairs:
            for one, other in exchanges(first, second):
                yield (first, second), (one, other)
        for first, second in pairs:
            for one, _ in exchanges(first, second):
                yield (first,), (one,)

    def _partners(self, first: Record, cell: Cell) -> list[Record]:
        """The records to exchange values with that change least: those of hidden counts that are most like this one."""
        place = self._places[cell[0]]

        def likelihood(record: Record) -> tuple[int, int]:
            own = self.cells(record)[place]
            return self.counts[own] if own not in self.hidden else 0, distance(record, first)

        return nsmallest(PARTNERS, (each for each in self.records if self.cells(each)[place] != cell), key=likelihood)

    def _touched(self, before: Sequence[Record], after: Sequence[Record], wanted: Cell) -> list[Cell]:
        """The cells whose count changes when some records are others; none unless the wanted one is among them."""
        place = self._places[wanted[0]]
        was, comes = [self.cells(each) for each in before], [self.cells(each) for each in after]
        if wanted not in {each[place] for each in was} ^ {each[place] for each in comes}:
            return []
        touched: list[Cell] = []
        for old, new in zip(zip(*was, strict=True), zip(*comes, strict=True), strict=True):
            touched += {*old} ^ {*new}
        return touched


def differs_only_at(one: Table, other: Table, place: int) -> bool:
    """Whether two tables have the same levels but for one dimension."""
    return one[:place] == other[:place] and one[place + 1 :] == other[place + 1 :]


def distance(one: Record, other: Record) -> int:
    """In how many values two records differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def exchanges(first: Record, second: Record) -> Iterator[tuple[Record, Record]]:
    """Two records after they have exchanged some of their values: in each way that changes the first."""
    places = [place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    for size in range(1, len(places) + 1):
        for some in combinations(places, size):
            yield (
                tuple(second[place] if place in some else value for place, value in enumerate(first)),
                tuple(first[place] if place in some else value for place, value in enumerate(second)),
            )
