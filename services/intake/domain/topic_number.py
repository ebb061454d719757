"""How many themes a set of notes holds: a model is given too many topics, and those that are one theme are joined.

A theme that stands in two topics is known by its words: those of the one go with those of the other in the same notes
as well as with each other. How well two words go together is the normalised pointwise mutual information of the notes
that hold them (Bouma 2009), as in the coherence of topics (Roeder, Both and Hinneburg 2015); topics are joined by the
mean over all pairs of their strongest words (average linkage).
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from math import log

ONE_THEME = 0.5
"""Two topics are one theme where the words of one go with those of the other at least half as well as the words of
the closer-knit of the two go with each other."""

Words = tuple[str, ...]


class Notes:
    """In which notes words stand, as bits."""

    def __init__(self, documents: Sequence[Sequence[str]], words: Iterable[str]) -> None:
        self._count = len(documents)
        self._held = dict.fromkeys(words, 0)
        for number, document in enumerate(documents):
            for word in self._held.keys() & set(document):
                self._held[word] |= 1 << number

    def togetherness(self, one: str, other: str) -> float:
        """How well two words go together: -1 never in one note, 0 by chance, 1 always."""
        if one == other:
            return 1.0
        both = (self._held[one] & self._held[other]).bit_count()
        if both in (0, self._count):
            return 1.0 if both else -1.0
        by_chance = self._held[one].bit_count() * self._held[other].bit_count() / self._count
        return log(both / by_chance) / -log(both / self._count)

    def within(self, words: Words) -> float:
        """How well the words of a topic go together."""
        return mean(self.togetherness(*pair) for pair in combinations(words, 2))

    def across(self, some: Words, others: Words) -> float:
        """How well the words of one topic go with those of another."""
        return mean(self.togetherness(*pair) for pair in product(some, others))


def themes_in(topics: Iterable[Words], documents: Sequence[Sequence[str]]) -> list[Words]:
    """The words of each theme, given the strongest words of topics; the most alike are joined first, until no two are
    one theme. A topic whose words go together no better than by chance is none.
    """
    told = [tuple(words) for words in topics]
    notes = Notes(documents, {word for words in told for word in words})
    found = [words for words in told if notes.within(words) > 0]
    while True:
        alike = [
            (strength, one, other)
            for one, other in combinations(range(len(found)), 2)
            if (strength := alikeness(notes, found[one], found[other])) >= ONE_THEME
        ]
        if not alike:
            return found
        _, one, other = max(alike, key=lambda each: (each[0], -each[1], -each[2]))
        joined = tuple(dict.fromkeys((*found[one], *found[other])))
        found = [joined, *(words for number, words in enumerate(found) if number not in (one, other))]


def alikeness(notes: Notes, some: Words, others: Words) -> float:
    """How well two topics go together, as a share of how well the closer-knit goes with itself."""
    return notes.across(some, others) / max(notes.within(some), notes.within(others))


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of none."""
    told = list(values)
    return sum(told) / len(told) if told else 0.0
