"""Names as they are compared: accents, case, hyphens, apostrophes, glued particles and order do not count."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.intake.domain.sound import bones, respelled, skeleton

PARTICLES = frozenset(
    {
        "abd",
        "abdal",
        "abdel",
        "abdoul",
        "abdul",
        "abu",
        "ait",
        "al",
        "ben",
        "bin",
        "bou",
        "d",
        "da",
        "de",
        "del",
        "della",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
    }
    | {"du", "el", "l", "la", "las", "le", "les", "los", "m", "n", "o", "t", "te", "ten", "ter", "van", "vanden"}
    | {
        "vander",
        "vande",
        "op",
        "dal",
        "dalla",
        "degli",
        "dello",
        "lo",
        "bint",
        "bent",
        "ould",
        "vom",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
    }
)
"""Little words that are written apart or glued: `De Smet` and `Desmet` are one name."""

BONDS = frozenset(
    {"echtg", "echtgenote", "ep", "epouse", "epse", "geb", "geboren", "nee", "veuve", "vve", "wed", "weduwe"}
)
"""Words between a name of one's own and a husband's (`Lambert epouse Dupont`): no names themselves."""

_OF = frozenset({"v", "van"})
_GLUED = re.compile("^van(?:den|der|de)?(?=[b-df-hj-np-tv-z][a-z]{3})")

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
    if text.isascii():
        return text
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def tokens(text: str) -> list[str]:
    """The words as they are written, in their order, without the bonds of a marriage (and the `van` of one)."""
    written = plain(text).split()
    kept = [
        token
        for before, token in zip(["", *written], written, strict=False)
        if token not in BONDS and not (token in _OF and before in BONDS)
    ]
    return kept or written


def words(text: str) -> tuple[str, ...]:
    """The words of a name in alphabetical order, particles glued to what follows them (or precedes, at the end)."""
    return tuple(sorted(_glued(tokens(text))))


def _glued(written: Sequence[str]) -> list[str]:
    found: list[str] = []
    begun = ""
    for token in written:
        begun += token
        if token not in PARTICLES and begun not in PARTICLES:
            found.append(begun)
            begun = ""
    if begun:
        found[-1:] = ["".join([*found[-1:], begun])]
    return found


def _bare(written: Sequence[str]) -> list[str]:
    return [_GLUED.sub("", token, count=1) for token in written if token not in PARTICLES]


@dataclass(frozen=True)
class Name:
    """A name ready for comparison, with its particles glued and without them, apart or (`Vandenberghe`) in front."""

    words: tuple[str, ...]
    bare: tuple[str, ...]

    @classmethod
    def of(cls, *parts: str) -> "Name":
        """The name made of these parts; which part is the family name does not count."""
        written = [tokens(part) for part in parts]
        glued = sorted(word for part in written for word in _glued(part))
        return cls(tuple(glued), tuple(sorted(word for part in written for word in _bare(part))))

    @property
    def key(self) -> str:
        """Equal for equal names; empty when there is nothing to compare."""
        return " ".join(self.words)

    def same(self, other: "Name") -> bool:
        """Whether the two are one name; a name without letters equals none."""
        return bool(self.words) and self.words == other.words

    @property
    def sound(self) -> str:
        """Equal for names whose words have the same consonants; empty when there is nothing to compare."""
        return " ".join(sorted(skeleton(word) for word in self.words))

    @property
    def heard(self) -> frozenset[str]:
        """Its words as they sound, with particles and without."""
        return frozenset(respelled(word) for word in (*self.words, *self.bare))

    def similar(self, other: "Name") -> bool:
        """Whether one could be the other, misspelt, initialled, or with given names or particles left out."""
        return all_found(self.words, other.words) or all_found(self.bare, other.bare)

    def part_of(self, other: "Name") -> bool:
        """Whether at least one whole word, as it sounds, is common to both."""
        return not self.heard.isdisjoint(other.heard)


def all_found(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether each word of the shorter name has a close word of its own in the longer; one word alone says nothing."""
    fewer, more = sorted((one, two), key=len)
    if len(fewer) < 2 or not any(close(fewer[0], word) for word in more):
        return False
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

    return all(place(number, set()) for number in range(len(fewer)))


@lru_cache(maxsize=16_384)
def close(one: str, two: str) -> bool:
    """Equal, an initial of the other, or as good as equal as they are written or as they sound."""
    if one == two:
        return True
    short, long = sorted((one, two), key=len)
    if len(short) == 1:
        return long.startswith(short)
    return few_slips(short, long) or alike(respelled(one), respelled(two))


def alike(one: str, two: str) -> bool:
    """Whether two respelled words differ by few slips, in short words of two consonants at most by one vowel."""
    same_bones = len(bones(one)) > 1 and bones(one) == bones(two)
    return few_slips(one, two) or (same_bones and abs(len(one) - len(two)) < 2 and slips(one, two) < 2)


def few_slips(one: str, two: str) -> bool:
    """Whether at most one slip parts two words (two from eight letters on, none in less than four)."""
    short, long = sorted((one, two), key=len)
    allowed = 0 if len(short) < 4 else 1 if len(short) < 8 else 2
    if one == two or len(long) - len(short) > allowed or len({*one} ^ {*two}) > 2 * allowed:
        return one == two
    return slips(short, long) <= allowed


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
