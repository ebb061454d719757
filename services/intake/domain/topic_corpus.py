"""French notes as a topic model reads them: stems, without anything that could tell whom a note is about."""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol
from uuid import UUID

from services.intake.domain.name import PARTICLES, plain

LEAST = 5
"""A word stands in a model when so many contacts of so many different people hold it."""
COMMON = 0.5
"""A word in a larger share of the notes than this tells none of them apart."""
LONGEST_NOTE = 20_000
"""Characters of a note that are read."""

_WORDS = Path(__file__).with_name("words")
_NUMBERS = re.compile(r"\S*@\S*|(?:https?://|www\.)\S*|\S*\d\S*")
_ELIDED = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|presqu)['’ʼ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_PARTICIPLE = re.compile("ees?$")
_TITLES = frozenset(
    [
        "dr",
        "docteur",
        "m",
        "madame",
        "mademoiselle",
        "maitre",
        "me",
        "melle",
        "mlle",
        "mme",
        "monsieur",
        "mr",
        "mrs",
        "prof",
        "professeur",
        "soeur",
    ]
)


class Stemmer(Protocol):
    """What takes a French word's ending off."""

    def stemWord(self, word: str) -> str:  # noqa: N802 - the library's name
        """The stem."""
        ...


@cache
def stemmer() -> Stemmer:
    """The Snowball stemmer for French, loaded at its first use."""
    import snowballstemmer  # type: ignore[import-untyped]

    made: Stemmer = snowballstemmer.stemmer("french")
    return made


@cache
def listed(name: str) -> frozenset[str]:
    """The words of a data file (`stop`, `kept`); lines with # are comments."""
    lines = (_WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(plain(word) for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(65_536)
def plain_word(word: str) -> str:
    """One word in small letters without accents."""
    return plain(word).replace(" ", "")


@lru_cache(65_536)
def stem_of(word: str) -> str:
    """The stem of a plain word: accents are off before, for notes are typed with and without them."""
    return stemmer().stemWord(_PARTICIPLE.sub("e", word))


@dataclass(frozen=True)
class Note:
    """A note to read. `about` is one for all notes of a person, and the contact's own id where nobody is known."""

    contact_id: UUID
    about: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word that may count: its stem, as it was written (small letters), and whether it looks like a proper name."""

    stem: str
    written: str
    is_proper: bool


def words_of(text: str) -> Iterator[Word]:
    """The words of a note that may count, in their order.

    Numbers of any kind (phones, NISS, dates), e-mail and web addresses, stop words, and the name after a title are
    left out.
    """
    text = _ELIDED.sub(" ", _NUMBERS.sub(" . ", text[:LONGEST_NOTE].replace("`", "'")))
    is_first, after_title, end = True, False, 0
    for match in _WORD.finditer(text):
        word, between = match.group(), text[end : match.start()]
        end, has_capital = match.end(), match.group()[0].isupper()
        is_first = is_first or any(sign in between for sign in ".!?:\n•*")
        small = plain_word(word)
        if after_title and (small in PARTICLES or has_capital):
            continue
        was_title, after_title, begins = after_title, small in _TITLES, is_first
        is_first = False
        if not was_title and len(small) > 2 and small not in listed("stop"):
            yield Word(stem_of(small), word.lower(), has_capital and not begins and small not in listed("kept"))


@dataclass(slots=True)
class Tally:
    """In how many notes something stands, in how many as if it were a name, and about whom (no more than needed)."""

    notes: int = 0
    proper: int = 0
    about: set[UUID] = field(default_factory=set)

    def count(self, about: UUID, is_proper: bool) -> None:
        """One more note."""
        self.notes += 1
        self.proper += is_proper
        if len(self.about) < LEAST:
            self.about.add(about)

    @property
    def names_nobody(self) -> bool:
        """Whether enough notes of enough people hold it, and most do not write it as a name."""
        return self.notes >= LEAST and len(self.about) >= LEAST and 2 * self.proper <= self.notes


@dataclass(frozen=True)
class Bags:
    """The notes as numbers of stems: `written` is the most frequent form of each, in the order of the stems.

    `documents` are in an order that depends on nothing but their words.
    """

    stems: tuple[str, ...]
    written: tuple[str, ...]
    documents: Sequence[tuple[UUID, Sequence[int]]]
    empty: Sequence[UUID]


class Corpus:
    """Collects notes, a few bytes a word; `known` is given when the vocabulary is a model's already."""

    def __init__(self, known: Iterable[str] | None = None) -> None:
        self._names: set[str] = set()
        self._known = None if known is None else frozenset(known)
        self._ids: dict[str, int] = {}
        self._stems: list[Tally] = []
        self._forms: list[dict[str, Tally]] = []
        self._notes: list[tuple[UUID, array[int]]] = []

    def __len__(self) -> int:
        return len(self._notes)

    def shun(self, names: Iterable[str]) -> None:
        """Never read these words: the names of people. To be told before the notes."""
        self._names.update(word for name in names for word in plain(name).split() if len(word) > 1)

    def add(self, note: Note) -> None:
        """Read one note."""
        ids, seen = array("I"), dict[str, Word]()
        forms: set[tuple[int, str]] = set()
        for word in words_of(note.text):
            if self._is_name(word.written) or (self._known is not None and word.stem not in self._known):
                continue
            number = self._number(word.stem)
            ids.append(number)
            if word.stem not in seen or word.is_proper:
                seen[word.stem] = word
            if (number, word.written) not in forms:
                forms.add((number, word.written))
                self._forms[number].setdefault(word.written, Tally()).count(note.about, word.is_proper)
        for stem, word in seen.items():
            self._stems[self._ids[stem]].count(note.about, word.is_proper)
        self._notes.append((note.contact_id, ids))

    def _is_name(self, written: str) -> bool:
        small = plain_word(written)
        return small in self._names or small.removesuffix("s") in self._names

    def _number(self, stem: str) -> int:
        number = self._ids.setdefault(stem, len(self._ids))
        if number == len(self._stems):
            self._stems.append(Tally())
            self._forms.append({})
        return number

    def bags(self) -> Bags:
        """What was read, as numbers. Words that could tell whom a note is about are gone."""
        shown = self._shown()
        stems = sorted(shown)
        place = {self._ids[stem]: number for number, stem in enumerate(stems)}
        documents = sorted(
            (
                (contact_id, array("I", (place[each] for each in ids if each in place)))
                for contact_id, ids in self._notes
            ),
            key=lambda pair: (pair[1], pair[0]),
        )
        return Bags(
            stems=tuple(stems),
            written=tuple(shown[stem] for stem in stems),
            documents=[pair for pair in documents if pair[1]],
            empty=[contact_id for contact_id, ids in documents if not ids],
        )

    def _shown(self) -> Mapping[str, str]:
        if self._known is not None:
            return {stem: stem for stem in self._ids}
        found = {}
        for stem, number in self._ids.items():
            tally = self._stems[number]
            forms = [(-form.notes, written) for written, form in self._forms[number].items() if form.names_nobody]
            if forms and tally.names_nobody and tally.notes <= max(COMMON * len(self), LEAST):
                found[stem] = min(forms)[1]
        return found
