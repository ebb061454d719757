"""The small-cell rule: no count of 1 to k - 1 people is shown, nor can one be had by subtracting what is shown.

A table has a total and groups (referral sources) that add up to it. Of each there are two layers: the answers (how many
answered, and the parts they fall into) and the coverage (how many should have, and how many are missing). A layer of a
group is shown whole or not at all; what all hidden groups of a layer come to together, which is what subtraction
from the total gives, must be free of small counts too, else the smallest shown group is hidden with them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """The people of one group: those who should have an answer, those who have, and the parts these fall into."""

    eligible: int
    answered: int
    parts: Vector = ()

    @property
    def answers(self) -> Vector:
        """The first layer."""
        return (self.answered, *self.parts)

    @property
    def coverage(self) -> Vector:
        """The second layer."""
        return (self.eligible, self.eligible - self.answered)


@dataclass(frozen=True)
class Table:
    """The counts of one indicator. `vetoed` groups are hidden for a reason of their own (None stands for the total)."""

    total: Counts
    groups: Mapping[str, Counts]
    vetoed: frozenset[str | None] = frozenset()


@dataclass(frozen=True)
class Shown:
    """What may be shown of one indicator: the groups of each layer; None stands for the total."""

    answers: frozenset[str | None] = field(default_factory=frozenset)
    coverage: frozenset[str | None] = field(default_factory=frozenset)


def is_clean(counts: Iterable[int], limit: int) -> bool:
    """Whether each count is nobody, or enough people."""
    return all(count == 0 or count >= limit for count in counts)


def rest(total: Vector, shown: Iterable[Vector]) -> Vector:
    """What is left of a total after subtracting all that is shown."""
    left = total
    for vector in shown:
        left = tuple(mine - theirs for mine, theirs in zip(left, vector, strict=True))
    return left


def shown_answers(table: Table, limit: int) -> frozenset[str | None]:
    """The groups whose answers may be shown, and None when those of the total may."""
    open_groups = {
        name for name, counts in table.groups.items() if name not in table.vetoed and is_clean(counts.answers, limit)
    }
    if None in table.vetoed or not is_clean(table.total.answers, limit):
        return frozenset(open_groups)
    while open_groups and not is_clean(
        rest(table.total.answers, (table.groups[name].answers for name in open_groups)), limit
    ):
        open_groups.remove(min(open_groups, key=lambda name: (table.groups[name].answered, name)))
    return frozenset({None, *open_groups})


def shown_together(tables: Mapping[str, Table], limit: int, closed: Collection[str | None] = ()) -> dict[str, Shown]:
    """What may be shown of indicators that ask the same people, so that one's coverage tells of another's.

    `closed` names groups whose coverage must stay hidden for a reason of their own.
    """
    answers = {code: shown_answers(table, limit) for code, table in tables.items()}
    names = {name for table in tables.values() for name in table.groups}
    covered: set[str | None] = {
        name for name in (None, *names) if name not in closed and _is_covered(tables, answers, name, limit)
    }
    sizes = {name: max(table.groups[name].eligible for table in tables.values()) for name in names}
    asked = {name for name, size in sizes.items() if size}
    if None not in covered and asked and asked <= covered:
        # All groups together would be the total, which is hidden.
        covered.remove(min(asked, key=lambda name: (sizes[name], name)))
    # One hidden group alone would be the total less the others.
    while (None in covered and len(asked - covered) == 1) or not _leaves_enough(tables, answers, covered, limit):
        groups = sorted(name for name in covered if name is not None)
        smallest = min(groups, key=sizes.__getitem__, default=None)
        covered.remove(smallest)
    return {code: Shown(answers[code], frozenset(covered & answers[code])) for code in tables}


def _counts(table: Table, name: str | None) -> Counts:
    return table.total if name is None else table.groups[name]


def _is_covered(
    tables: Mapping[str, Table], answers: Mapping[str, Collection[str | None]], name: str | None, limit: int
) -> bool:
    shown = [_counts(table, name).coverage for code, table in tables.items() if name in answers[code]]
    return bool(shown) and all(is_clean(coverage, limit) for coverage in shown)


def _leaves_enough(
    tables: Mapping[str, Table],
    answers: Mapping[str, Collection[str | None]],
    covered: Collection[str | None],
    limit: int,
) -> bool:
    if None not in covered:
        return True
    for code, table in tables.items():
        shown = [table.groups[name].coverage for name in covered if name is not None and name in answers[code]]
        if None in answers[code] and not is_clean(rest(table.total.coverage, shown), limit):
            return False
    return True
