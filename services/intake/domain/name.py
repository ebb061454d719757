"""Names as they are compared: accents, case, hyphens, apostrophes, glued particles and order do not count."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

PARTICLES = frozenset(
    {"abu", "ait", "al", "ben", "bin", "bou", "d", "da", "de", "del", "della", "den", "der", "des", "di", "do", "dos"}
    | {"du", "el", "l", "la", "las", "le", "les", "los", "m", "n", "o", "t", "te", "ten", "ter", "van", "vanden"}
    | {"vander", "vom", "von", "y", "zu", "zum", "zur"}
)
"""Little words that are written apart or glued: `De Smet` and `Desmet` are one name."""

_UNDIVIDED = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i", "ĸ": "k",
        "æ": "ae", "œ": "oe", "þ": "th",
    }
)  # fmt: skip
_APOSTROPHES = re.compile("['’‘ʼ`´′]")
_BETWEEN = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """A text in small unaccented letters and digits, everything else a single space (Unicode NFKD and casefold)."""
    text = _without_marks(_APOSTROPHES.sub("", text)).casefold()
    text = _without_marks(text).translate(_UNDIVIDED)
    return _BETWEEN.sub(" ", _APOSTROPHES.sub("", text)).strip()


def _without_marks(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def words(text: str) -> tuple[str, ...]:
    """The words of a name in alphabetical order, particles glued to what follows them (or precedes, at the end)."""
    found: list[str] = []
    begun = ""
    for token in plain(text).split():
        begun += token
        if token not in PARTICLES and begun not in PARTICLES:
            found.append(begun)
            begun = ""
    if begun:
        found[-1:] = ["".join([*found[-1:], begun])]
    return tuple(sorted(found))


def bare_words(text: str) -> tuple[str, ...]:
    """The words of a name in alphabetical order, without the particles that stand apart."""
    return tuple(sorted(token for token in plain(text).split() if token not in PARTICLES))


@dataclass(frozen=True)
class Name:
    """A name ready for comparison, with its particles glued and without them."""

    words: tuple[str, ...]
    bare: tuple[str, ...]

    @classmethod
    def of(cls, *parts: str) -> "Name":
        """The name made of these parts; which part is the family name does not count."""
        glued = sorted(word for part in parts for word in words(part))
        bare = sorted(word for part in parts for word in bare_words(part))
        return cls(tuple(glued), tuple(bare))

    @property
    def key(self) -> str:
        """Equal for equal names; empty when there is nothing to compare."""
        return " ".join(self.words)

    def same(self, other: "Name") -> bool:
        """Whether the two are one name; a name without letters equals none."""
        return bool(self.words) and self.words == other.words

    def similar(self, other: "Name") -> bool:
        """Whether one could be the other, misspelt, initialled, or with given names or particles left out."""
        return all_found(self.words, other.words) or all_found(self.bare, other.bare)

    def part_of(self, other: "Name") -> bool:
        """Whether at least one whole word is common to both."""
        return not {*self.words, *self.bare}.isdisjoint({*other.words, *other.bare})


def all_found(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether each word of the shorter name has a close word of its own in the longer; one word alone says nothing."""
    fewer, more = sorted((one, two), key=len)
    owner: dict[int, int] = {}

    def place(number: int, tried: set[int]) -> bool:
        for seat, word in enumerate(more):
            if seat in tried or not close(fewer[number], word):
                continue
            tried.add(seat)
            if seat not in owner or place(owner[seat], tried):
                owner[seat] = number
                return True
        return False

    return len(fewer) > 1 and all(place(number, set()) for number in range(len(fewer)))


def close(one: str, two: str) -> bool:
    """Equal, an initial of the other, or one slip apart (two in words of eight letters and more)."""
    short, long = sorted((one, two), key=len)
    if len(short) == 1:
        return long.startswith(short)
    allowed = 0 if len(short) < 4 else 1 if len(short) < 8 else 2
    return one == two or (len(long) - len(short) <= allowed and slips(short, long) <= allowed)


def slips(one: str, two: str) -> int:
    """How many letters were added, left out, changed or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(two) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, other in enumerate(two, 1):
            least = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == two[column - 2] and one[row - 2] == other:
                least = min(least, before[column - 2] + 1)
            line.append(least)
        before, last = last, line
    return last[-1]
