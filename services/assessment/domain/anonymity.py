"""k-anonymity: each combination of what others may know of a person is shared by at least k people of the file."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from services.assessment.domain.evaluation import Row, Value
from shared.errors import DomainError


class TooFewAlike(DomainError):
    """Some rows share what others may know of the person with too few people; drop columns, coarsen dates, or ask for
    suppression."""


class NothingToExport(DomainError):
    """The file would tell of fewer people than the small-cell limit."""


Class = tuple[Value, ...]


def classes(rows: Sequence[Row], names: Sequence[str]) -> dict[Class, list[int]]:
    """The places of the rows by their values of some columns"""
    found: dict[Class, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        found[tuple(row[name] for name in names)].append(place)
    return dict(found)


def small(found: dict[Class, list[int]], persons: Sequence[str], limit: int) -> list[Class]:
    """The classes of fewer than `limit` people."""
    return [key for key, places in found.items() if len({persons[place] for place in places}) < limit]


def offending(rows: Sequence[Row], persons: Sequence[str], names: Sequence[str], limit: int) -> Iterator[str]:
    """Each smallest combination of columns that singles too few out: with its classes and rows, never with values."""
    known: list[set[str]] = []
    for length in range(1, len(names) + 1):
        for chosen in combinations(names, length):
            if any(part <= set(chosen) for part in known):
                continue
            found = classes(rows, chosen)
            few = small(found, persons, limit)
            if few:
                known.append(set(chosen))
                yield f"{'+'.join(chosen)}: {len(few)} classes, {sum(len(found[key]) for key in few)} rows"


def refuse_small(rows: Sequence[Row], persons: Sequence[str], names: Sequence[str], limit: int) -> None:
    """Raise TooFewAlike with the offending combinations unless the rows are k-anonymous; `persons` names whom each
    row is about. Raises NothingToExport when all rows together are about too few people."""
    if len(set(persons)) < limit:
        raise NothingToExport(facts={"k": limit})
    if small(classes(rows, names), persons, limit):
        raise TooFewAlike(facts={"k": limit, "combinations": list(offending(rows, persons, names, limit))})


def suppressed(rows: Sequence[Row], persons: Sequence[str], names: Sequence[str], limit: int) -> tuple[list[Row], int]:
    """The rows with the quasi-identifiers of small classes blanked, and how many rows lost them.

    The blanked rows are a class too: while that is small, the smallest class that is left joins it.
    Raises NothingToExport when all rows together are about too few people.
    """
    if len(set(persons)) < limit:
        raise NothingToExport(facts={"k": limit})
    nothing: Class = tuple(None for _ in names)
    found = classes(rows, names)
    hidden = [key for key in small(found, persons, limit) if key != nothing]
    left = sorted((key for key in found if key not in hidden and key != nothing), key=lambda key: len(found[key]))
    blank = [*found.get(nothing, []), *(place for key in hidden for place in found[key])]
    while blank and left and len({persons[place] for place in blank}) < limit:
        hidden.append(left.pop(0))
        blank += found[hidden[-1]]
    places = {place for key in hidden for place in found[key]}
    blanks = dict.fromkeys(names)
    return [{**row, **blanks} if place in places else row for place, row in enumerate(rows)], len(places)
