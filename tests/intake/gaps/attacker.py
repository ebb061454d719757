"""Somebody who has every number that was told and looks for what was not: an exact search over all whole counts."""

from collections.abc import Mapping, Sequence
from itertools import product

from services.intake.domain.suppression import Level, Protected, Record

PATIENCE = 200_000


class Attacker:
    """Knows the values of each dimension, all tables as they are told, and that counts are whole and not negative."""

    def __init__(self, counts: Mapping[Record, int], levels: Sequence[Sequence[Level]], told: Protected) -> None:
        values = [sorted({record[place] for record in counts}) for place in range(len(levels))]
        self.records = list(product(*values))
        self.sums: list[tuple[frozenset[int], int]] = []
        self.told = told
        for table in told.tables:
            for key, number in told.rows(table).items():
                self.sums.append((self.inside(levels, table, key), number))
        self.steps = 0

    def inside(self, levels: Sequence[Sequence[Level]], table: Sequence[int], key: Record) -> frozenset[int]:
        """The records that a cell is the sum of."""
        return frozenset(
            place
            for place, record in enumerate(self.records)
            if all(levels[d][table[d]](value) == key[d] for d, value in enumerate(record))
        )

    def can_be(self, cell: frozenset[int], number: int) -> bool:
        """Whether any set of counts fits all that was told with this sum for a cell."""
        sums = [*self.sums, (cell, number)]
        order = sorted(range(len(self.records)), key=lambda p: -sum(p in inside for inside, _ in sums))
        left = [n for _, n in sums]
        of = [[s for s, (inside, _) in enumerate(sums) if p in inside] for p in range(len(self.records))]
        open_ones = [len(inside) for inside, _ in sums]
        self.steps = 0
        return self.search(order, 0, left, of, open_ones)

    def search(self, order: list[int], depth: int, left: list[int], of: list[list[int]], open_ones: list[int]) -> bool:
        """Fill in one record after another, and go back where a sum cannot be met."""
        self.steps += 1
        if self.steps > PATIENCE:
            raise TimeoutError
        if depth == len(order):
            return not any(left)
        here = of[order[depth]]
        if not here:
            return self.search(order, depth + 1, left, of, open_ones)
        most = min(left[s] for s in here)
        least = max((left[s] for s in here if open_ones[s] == 1), default=0)
        shift(open_ones, here, -1)
        found = False
        for number in range(most, least - 1, -1):
            shift(left, here, -number)
            found = self.search(order, depth + 1, left, of, open_ones)
            shift(left, here, number)
            if found:
                break
        shift(open_ones, here, 1)
        return found


def shift(numbers: list[int], places: list[int], by: int) -> None:
    """Add to some of the numbers."""
    for place in places:
        numbers[place] += by
