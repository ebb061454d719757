"""The check of a pushed sheet at the door, against our own copy of the published instrument."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.referrals.domain.document import Sheet
from shared.errors import DomainError, Fault
from shared.problems import pointer_of

SCALES = ("difficulty", "need")
ABSENT = ("refused", "unknown", "not-applicable")
LONG_ABSENT = ("declined", "unknown", "not_asked", "not_applicable")
LONG_FIELDS = frozenset({"presence", "level", "absent_reason", "sources", "note"})


class SheetFaults(DomainError):
    """A sheet does not fit its instrument."""


class KnownInstrument(BaseModel):
    """What the door needs to know of an instrument: its cards, their groups, its levels, its help sources.

    `spec_version` is that of the definition that this was read from; a form may name it in the place of the edition.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    edition: str
    spec_version: str | None = None
    cards: tuple[str, ...]
    groups: Mapping[str, str] = {}
    max_level: int
    sources: tuple[str, ...]


def check_sheet(instrument: KnownInstrument, sheet: Sheet, at: tuple[str | int, ...]) -> Iterator[Fault]:
    """Codes and levels only; completeness and scores are the assessment service's. `at` is the sheet's place."""
    place = (*at, "answers")
    if isinstance(sheet.answers, dict):
        for card, answer in sheet.answers.items():
            if card not in instrument.cards:
                yield Fault(pointer_of((*place, card)), "unknown_domain")
            else:
                yield from _compact(instrument, answer, (*place, card))
        return
    seen: set[str] = set()
    for number, entry in enumerate(sheet.answers):
        yield from _long(instrument, entry, (*place, number), seen)


def _compact(instrument: KnownInstrument, answer: Mapping[str, Any], place: tuple[str | int, ...]) -> Iterator[Fault]:
    for name in answer:
        if name not in (*SCALES, "sources", "absent"):
            yield Fault(pointer_of((*place, name)), "unknown-field")
    for scale in SCALES:
        value = answer.get(scale)
        if value is not None and not _is_level(value, 0, instrument.max_level):
            yield Fault(pointer_of((*place, scale)), "level_out_of_range")
    absent = answer.get("absent")
    if absent is not None and absent not in ABSENT:
        yield Fault(pointer_of((*place, "absent")), "not-one-of")
    if absent is not None and all(answer.get(scale) is not None for scale in SCALES):
        yield Fault(pointer_of((*place, "absent")), "absent_reason_with_answer")
    sources = answer.get("sources")
    yield from _sources(instrument, sources, bool(answer.get("need")), (*place, "sources"))


def _long(
    instrument: KnownInstrument, entry: Mapping[str, Any], place: tuple[str | int, ...], seen: set[str]
) -> Iterator[Fault]:
    card = entry.get("domain")
    if not isinstance(card, str) or card not in instrument.cards:
        yield Fault(pointer_of((*place, "domain")), "unknown_domain")
        return
    if card in seen:
        yield Fault(pointer_of((*place, "domain")), "duplicate_domain")
    seen.add(card)
    for name in entry:
        if name not in (*SCALES, "domain"):
            yield Fault(pointer_of((*place, name)), "unknown-field")
    for scale in SCALES:
        answer = entry.get(scale)
        if answer is None:
            continue
        if not isinstance(answer, dict):
            yield Fault(pointer_of((*place, scale)), "wrong-type")
        else:
            yield from _scale(instrument, answer, scale, (*place, scale))


def _scale(
    instrument: KnownInstrument, answer: Mapping[str, Any], scale: str, place: tuple[str | int, ...]
) -> Iterator[Fault]:
    for name in answer:
        if name not in LONG_FIELDS:
            yield Fault(pointer_of((*place, name)), "unknown-field")
    yield from _presence(instrument, answer, place)
    if scale == "difficulty" and answer.get("sources"):
        yield Fault(pointer_of((*place, "sources")), "source_on_difficulty")
    elif scale == "need":
        yield from _sources(instrument, answer.get("sources"), answer.get("presence") is True, (*place, "sources"))


def _presence(instrument: KnownInstrument, answer: Mapping[str, Any], place: tuple[str | int, ...]) -> Iterator[Fault]:
    presence, level, reason = answer.get("presence"), answer.get("level"), answer.get("absent_reason")
    if presence is not None and not isinstance(presence, bool):
        yield Fault(pointer_of((*place, "presence")), "wrong-type")
    if level is not None and not _is_level(level, 1, instrument.max_level):
        yield Fault(pointer_of((*place, "level")), "level_out_of_range")
    elif level is not None and presence is not True:
        yield Fault(pointer_of((*place, "level")), "level_without_presence")
    if reason is not None and reason not in LONG_ABSENT:
        yield Fault(pointer_of((*place, "absent_reason")), "not-one-of")
    elif reason is not None and presence is not None and (reason, presence) != ("not_applicable", False):
        yield Fault(pointer_of((*place, "absent_reason")), "absent_reason_with_answer")


def _sources(instrument: KnownInstrument, sources: Any, needed: bool, place: tuple[str | int, ...]) -> Iterator[Fault]:
    if sources is None or sources == []:
        return
    if not isinstance(sources, list) or any(source not in instrument.sources for source in sources):
        yield Fault(pointer_of(place), "not-one-of")
    elif not needed:
        yield Fault(pointer_of(place), "source_without_need")
    elif "?" in sources and len(sources) > 1:
        yield Fault(pointer_of(place), "source_unknown_combined")


def _is_level(value: Any, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
