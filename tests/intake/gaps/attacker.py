"""Somebody who has every number that was told and looks for what was not: an exact search over all whole counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
        self.worlds: list[list[int]] = []
        """Counts of the records that fit all that was told, as far as any were met."""
        for table in told.tables:
            for key, number in told.rows(table).items():
                self.sums.append((self.inside(levels, table, key), number))

    def inside(self, levels: Sequence[Sequence[Level]], table: Sequence[int], key: Record) -> frozenset[int]:
        """The records that a cell is the sum of."""
        return frozenset(
            place
            for place, record in enumerate(self.records)
            if all(levels[d][table[d]](value) == key[d] for d, value in enumerate(record))
        )

    def knows(self, cell: frozenset[int], guess: Sequence[int], truth: int) -> bool:
        """Whether a hidden cell can only be what it is; `guess` is where the search begins, and changes no answer."""
        if any(sum(world[place] for place in cell) != truth for world in self.worlds):
            return False
        nearby = [truth + step for step in (1, -1, 2, -2, 3, -3) if truth + step >= 0]
        return not any(self.can_be(cell, number, guess) for number in nearby)

    def can_be(self, cell: frozenset[int], number: int, guess: Sequence[int]) -> bool:
        """Whether any set of counts fits all that was told with this sum for a cell."""
        sums = [*self.sums, (cell, number)]
        order = sorted(range(len(self.records)), key=lambda p: (p not in cell, -sum(p in inside for inside, _ in sums)))
        search = Search(
            guess,
            order,
            left=[n for _, n in sums],
            of=[[s for s, (inside, _) in enumerate(sums) if p in inside] for p in range(len(self.records))],
            open_ones=[len(inside) for inside, _ in sums],
        )
        found = search.fill(0)
        if found:
            self.worlds.append(search.counts)
        return found


@dataclass
class Search:
    """Counts of the records filled in one after another, those near the guess first."""

    guess: Sequence[int]
    order: list[int]
    left: list[int]
    of: list[list[int]]
    open_ones: list[int]
    steps: int = 0
    counts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counts = [0] * len(self.order)

    def fill(self, depth: int) -> bool:
        """Whether the records from this depth on can be filled in; goes back where a sum cannot be met."""
        self.steps += 1
        if self.steps > PATIENCE:
            raise TimeoutError
        if depth == len(self.order):
            return not any(self.left)
        place = self.order[depth]
        here = self.of[place]
        most = min((self.left[s] for s in here), default=0)
        least = max((self.left[s] for s in here if self.open_ones[s] == 1), default=0)
        shift(self.open_ones, here, -1)
        for number in sorted(range(least, most + 1), key=lambda n: abs(n - self.guess[place])):
            shift(self.left, here, -number)
            self.counts[place] = number
            if self.fill(depth + 1):
                return True
            shift(self.left, here, number)
        self.counts[place] = 0
        shift(self.open_ones, here, 1)
        return False


def shift(numbers: list[int], places: list[int], by: int) -> None:
    """Add to some of the numbers."""
    for place in places:
        numbers[place] += by
