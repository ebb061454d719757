"""The table of a run: medians and spread of the product beside its floor, and whether the goal is met."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

MOVED = 0.30
T = TypeVar("T")


@dataclass
class Row:
    """One measure, one value a repetition; `floor` stays empty where there is nothing to compare with."""

    id: str
    what: str
    unit: str
    goal: str
    met: Callable[["Row"], bool]
    floor_is: str = "-"
    product: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def add(self, product: float, floor: float | None = None) -> None:
        """The values of one repetition."""
        self.product.append(product)
        if floor is not None:
            self.floor.append(floor)

    @property
    def value(self) -> float:
        """The product's median."""
        return median(self.product)

    @property
    def ratio(self) -> float:
        """Product over floor, the median of the repetitions: both of one pair saw the same machine."""
        return median(ours / floor for ours, floor in zip(self.product, self.floor, strict=True))

    @property
    def void(self) -> bool:
        """Whether the floor moved so much between the repetitions that the comparison says nothing."""
        return bool(self.floor) and max(self.floor) - min(self.floor) > MOVED * median(self.floor)

    def line(self) -> str:
        """This row in Markdown."""
        verdict = "void" if self.void else "yes" if self.met(self) else "no"
        ratio = f"{self.ratio:.2f}" if self.floor else "-"
        floor = f"{spread(self.floor)} {self.floor_is}" if self.floor else self.floor_is
        cells = (self.id, self.what, f"{spread(self.product)} {self.unit}", floor, ratio, self.goal, verdict)
        return f"| {' | '.join(cells)} |"


@dataclass
class Table:
    """The rows of a run, and what else is worth knowing of it."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *rows: Row) -> None:
        """Rows in their place."""
        self.rows += rows

    def render(self, title: str) -> str:
        """The table in Markdown."""
        head = ["id", "measure", "product: median (min-max)", "floor: median (min-max)", "ratio", "goal", "met"]
        rows = sorted((row for row in self.rows if row.product), key=lambda row: int(row.id[1:]))
        lines = [title, "", f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(row.line() for row in rows)]
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes), ""])


def spread(values: Sequence[float]) -> str:
    """Median and, in brackets, least and most."""
    return f"{short(median(values))} ({short(min(values))}-{short(max(values))})"


def short(value: float) -> str:
    """Three digits that matter."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def at_share(values: Sequence[float], share: float) -> float:
    """The value below which this share of all values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def in_turn(number: int, product: Callable[[], Awaitable[T]], floor: Callable[[], Awaitable[T]]) -> tuple[T, T]:
    """One repetition of both, the other one first each time."""
    if number % 2:
        second = await floor()
        return await product(), second
    return await product(), await floor()


def say(line: str) -> None:
    """Progress."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
