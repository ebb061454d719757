"""Another program's assessment sheet as ours, by a mapping file: what it does not name is reported, never guessed.

The format of a mapping file is told in `docs/imports.md`; the one shipped stands in `mappings/`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.referrals.domain.document import Code, Rater
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.problems import pointer_of

FOLDER = Path(__file__).parents[2] / "mappings"


class UnknownMapping(DomainError):
    """There is no mapping of this name."""


def folded(text: str) -> str:
    """A word without accents, case and punctuation; `&` is `et`. A lone question mark stays."""
    bare = unicodedata.normalize("NFKD", text.replace("&", " et ").replace("’", "'"))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", bare)) or ("?" if "?" in bare else "")


def fold_keys(words: dict[str, Any]) -> dict[str, Any]:
    """The words of a mapping, folded."""
    return {folded(word): meaning for word, meaning in words.items()}


Place = Annotated[str, Field(max_length=200, pattern=r"^(/[^/]+)*$")]
Places = Annotated[tuple[Place, ...], Field(max_length=20)]
Level = Annotated[int, Field(ge=0, le=9)]


class Strict(BaseModel):
    """A part of a mapping file; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Card(Strict):
    """One card of our instrument and the labels it goes by."""

    card: Code
    labels: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]


class Layout(Strict):
    """Where the answers stand. The places of an entry count from it; without `label` its position is its card."""

    difficulties: Place
    needs: Place
    label: Places = ()
    difficulty: Places
    need: Places
    sources: Places = ()


class Mapping(Strict):
    """A mapping file, version 1 of its format."""

    format: Literal["relais-sheet-mapping/1"]
    code: Code
    version: Annotated[str, Field(max_length=20)]
    about: Annotated[str, Field(max_length=2000)] = ""
    instrument: Code
    edition: Annotated[str, Field(max_length=40)]
    rater: Rater | None = None
    identifier: Places = ()
    filled_at: Places = ()
    cards: Annotated[tuple[Card, ...], Field(min_length=1, max_length=200)]
    layouts: Annotated[tuple[Layout, ...], Field(min_length=1, max_length=20)]
    presence: Annotated[dict[str, bool], AfterValidator(fold_keys)] = {}
    difficulty: Annotated[dict[str, Level], AfterValidator(fold_keys)]
    need: Annotated[dict[str, Level], AfterValidator(fold_keys)]
    sources: Annotated[dict[str, str], AfterValidator(fold_keys)] = {}
    unspecified_source: str | None = None

    def card_of(self, label: str) -> str | None:
        """The card that goes by a label."""
        wanted = folded(label)
        return next((each.card for each in self.cards if wanted in map(folded, each.labels)), None)


@dataclass
class Converted:
    """What became of a foreign sheet: our fields and compact answers, what is wrong with it, what was left out."""

    fields: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@cache
def shipped_mapping(code: str) -> Mapping:
    """A mapping of the `mappings` folder by its code; raises UnknownMapping."""
    path = FOLDER / f"{code}.json"
    if not re.fullmatch(r"[a-z0-9-]{1,64}", code) or not path.is_file():
        raise UnknownMapping(faults=[Fault("/query/mapping", "not-one-of")])
    return Mapping.model_validate_json(path.read_text())


def convert(foreign: Any, mapping: Mapping) -> Converted:
    """Our sheet from one record of the foreign program."""
    result = Converted()
    result.fields = dict(header_of(foreign, mapping))
    layout = next((each for each in mapping.layouts if isinstance(at(foreign, each.difficulties), list)), None)
    if layout is None:
        result.faults.append(Fault("", "no-known-layout"))
        return result
    for scale, place in (("difficulty", layout.difficulties), ("need", layout.needs)):
        entries = at(foreign, place)
        seen: set[str] = set()
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            _Entry(mapping, layout, entry, (*place.removeprefix("/").split("/"), number), result).take(scale, seen)
    result.faults = list(dict.fromkeys(result.faults))
    result.left_out = list(dict.fromkeys(result.left_out))
    return result


def header_of(foreign: Any, mapping: Mapping) -> Iterator[tuple[str, str]]:
    """What the record itself says of the sheet: its identifier and its day, as the calendar stood in Belgium."""
    yield "instrument", mapping.instrument
    yield "edition", mapping.edition
    if mapping.rater:
        yield "rater", mapping.rater.value
    identifier = first(foreign, mapping.identifier)
    if identifier:
        yield "identifier", identifier
    moment = first(foreign, mapping.filled_at)
    try:
        when = datetime.fromisoformat(moment or "")
    except ValueError:
        return
    yield "filled_on", (when.astimezone(BRUSSELS) if when.tzinfo else when).date().isoformat()


def at(value: Any, place: str) -> Any:
    """What stands at a place, None where nothing does."""
    for step in place.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def first(value: Any, places: Collection[str]) -> str | None:
    """The first text among these places."""
    found = (at(value, place) for place in places)
    return next((each for each in found if isinstance(each, str) and each.strip()), None)


def word_of(value: Any) -> str | None:
    """A value as a folded word, None where it says nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if value is None or isinstance(value, (dict, list)):
        return None
    return folded(str(value)) or None


@dataclass
class _Entry:
    """One entry of one list."""

    mapping: Mapping
    layout: Layout
    entry: Any
    place: tuple[str | int, ...]
    result: Converted

    def take(self, scale: str, seen: set[str]) -> None:
        """Add what the entry says on a scale to the result."""
        card = self._card()
        if card is None:
            self._fault("unmapped-label", self.layout.label[:1])
            return
        if card in seen:
            self._fault("repeated-card", self.layout.label[:1])
            return
        seen.add(card)
        self._note_left_out()
        places = self.layout.difficulty if scale == "difficulty" else self.layout.need
        level = self._level(places, self.mapping.difficulty if scale == "difficulty" else self.mapping.need)
        answer = self.result.answers.setdefault(card, {})
        if level is not None:
            answer[scale] = level
        if scale == "need":
            sources = self._sources(level or 0)
            if sources:
                answer["sources"] = sources

    def _card(self) -> str | None:
        label = first(self.entry, self.layout.label)
        if label is not None:
            return self.mapping.card_of(label)
        number = int(self.place[-1])
        is_listed = self.layout.difficulties != self.layout.needs and number < len(self.mapping.cards)
        return self.mapping.cards[number].card if is_listed else None

    def _level(self, places: Places, levels: Map[str, int]) -> int | None:
        """The one level that all places agree on; problem and level may stand apart."""
        found: set[int] = set()
        presence: set[bool] = set()
        for place in places:
            word = word_of(at(self.entry, place))
            if word is None:
                continue
            if word in levels:
                found.add(levels[word])
            elif word in self.mapping.presence:
                presence.add(self.mapping.presence[word])
            else:
                self._fault("unmapped-value", (place,))
                return None
        return self._agreed(found, presence)

    def _agreed(self, found: set[int], presence: set[bool]) -> int | None:
        if not found and not presence:
            return None
        if presence == {True} and found <= {0}:
            self._fault("level-missing")
        elif len(found) > 1 or len(presence) > 1 or (presence == {False} and found - {0}):
            self._fault("contradiction")
        else:
            return next(iter(found), 0)
        return None

    def _sources(self, need: int) -> list[str]:
        found: list[str] = []
        for place in self.layout.sources:
            value = at(self.entry, place)
            for each in value if isinstance(value, list) else [value]:
                word = word_of(each)
                if word and word not in self.mapping.sources:
                    self._fault("unmapped-value", (place,))
                elif word:
                    found.append(self.mapping.sources[word])
        found = list(dict.fromkeys(found))
        if not need and found not in ([], [self.mapping.unspecified_source]):
            self._fault("source_without_need", self.layout.sources[:1])
        return found if need else []

    def _note_left_out(self) -> None:
        layout = self.layout
        known = {place.split("/")[1] for place in (*layout.label, *layout.difficulty, *layout.need, *layout.sources)}
        for name, value in self.entry.items() if isinstance(self.entry, dict) else ():
            if name not in known and value not in (None, "", [], {}):
                self.result.left_out.append(pointer_of((*self.place, name)))

    def _fault(self, code: str, places: Collection[str] = ()) -> None:
        steps = [step for place in places for step in place.split("/")[1:]]
        self.result.faults.append(Fault(pointer_of((*self.place, *steps)), code))
