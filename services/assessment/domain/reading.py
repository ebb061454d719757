"""Reads the answers as they were sent, in the compact map or the long list, and reports every broken rule at once."""

import re
from dataclasses import dataclass, field

from pydantic import JsonValue

from services.assessment.domain.answers import (
    NOTE_MAX_LENGTH,
    SCALES,
    AnswerError,
    CardAnswer,
    InvalidAnswers,
    NeedAnswer,
    ScaleAnswer,
    SheetStatus,
    gaps,
)
from services.assessment.domain.instrument import AbsentReason, Instrument, ScaleCode

COMPACT_REASONS = {
    "refused": AbsentReason.DECLINED,
    "unknown": AbsentReason.UNKNOWN,
    "not-applicable": AbsentReason.NOT_APPLICABLE,
}
LONG_REASONS = {reason.value: reason for reason in AbsentReason}

_SAFE_KEY = re.compile(r"[a-z_]{1,40}")
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")


def parse_answers(instrument: Instrument, raw: JsonValue, status: SheetStatus | None = None) -> tuple[CardAnswer, ...]:
    """The stored long form, in card order, of answers sent as compact map or long list.

    With `status` completed the rules for completed sheets apply too; a pushed sheet has no status yet (None).
    Raises InvalidAnswers with every broken rule (ELADEB-R spec, validation_rules; instruments page, 2.3 and 2.4).
    """
    reader = _Reader(instrument)
    match raw:
        case dict():
            reader.read_compact(raw)
        case list():
            reader.read_long(raw)
        case _:
            reader.refuse("invalid_shape", "")
    if status is SheetStatus.COMPLETED and isinstance(raw, dict | list):
        reader.refuse_gaps(compact=isinstance(raw, dict))
    if reader.errors:
        raise InvalidAnswers(tuple(reader.errors))
    return reader.in_card_order()


@dataclass
class _Reader:
    """Collects answers and errors; an error's pointer never holds a key that could be personal data."""

    instrument: Instrument
    errors: dict[AnswerError, None] = field(default_factory=dict)
    answers: dict[str, CardAnswer] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def refuse(self, code: str, pointer: str) -> None:
        self.errors[AnswerError(code=code, pointer=pointer)] = None

    def in_card_order(self) -> tuple[CardAnswer, ...]:
        return tuple(self.answers[card.code] for card in self.instrument.cards if card.code in self.answers)

    def read_compact(self, raw: dict[str, JsonValue]) -> None:
        for code, item in raw.items():
            at = _below("", code)
            if not self.instrument.has_card(code):
                self.refuse("unknown_domain", at)
                continue
            self.places[code] = at
            members = self.members(item, {*SCALES, "sources", "absent"}, at)
            if members is not None:
                self.answers[code] = self.compact_card(code, members, at)

    def compact_card(self, code: str, members: dict[str, JsonValue], at: str) -> CardAnswer:
        scored = {scale: members.get(scale) for scale in SCALES}
        levels = {scale: self.level(raw, scale, f"{at}/{scale}", lowest=0) for scale, raw in scored.items()}
        reason = self.reason(members.get("absent"), COMPACT_REASONS, f"{at}/absent")
        sources = self.sources(members.get("sources"), f"{at}/sources")
        has_null = any(raw is None for raw in scored.values())
        clear = all(level == 0 for level in levels.values())
        if reason and not has_null and not (clear and reason is AbsentReason.NOT_APPLICABLE):
            self.refuse("absent_reason_with_answer", f"{at}/absent")
        given = {}
        for scale, raw in scored.items():
            presence = None if raw is None else levels[scale] != 0
            applies = presence is None or not has_null
            given[scale] = NeedAnswer(
                presence=presence,
                level=levels[scale] or None,
                absent_reason=reason if applies else None,
                sources=sources if scale == "need" else (),
            )
        self.check_sources(given["need"], f"{at}/sources")
        silent = NeedAnswer()
        return _card(code, *(None if given[scale] == silent else given[scale] for scale in SCALES))

    def read_long(self, raw: list[JsonValue]) -> None:
        for index, item in enumerate(raw):
            at = f"/{index}"
            members = self.members(item, {*SCALES, "domain"}, at)
            if members is None:
                continue
            code = members.get("domain")
            if not isinstance(code, str) or not self.instrument.has_card(code):
                self.refuse("unknown_domain", f"{at}/domain")
            elif code in self.places:
                self.refuse("duplicate_domain", f"{at}/domain")
            else:
                self.places[code] = at
                self.answers[code] = self.long_card(code, members, at)

    def long_card(self, code: str, members: dict[str, JsonValue], at: str) -> CardAnswer:
        difficulty, need = (self.long_scale(members.get(scale), scale, f"{at}/{scale}") for scale in SCALES)
        return _card(code, difficulty, need)

    def long_scale(self, raw: JsonValue, scale: ScaleCode, at: str) -> NeedAnswer | None:
        known = {"presence", "level", "absent_reason", "note", "sources"}
        members = None if raw is None else self.members(raw, known, at)
        if members is None:
            return None
        presence = members.get("presence")
        if not isinstance(presence, bool | None):
            self.refuse("invalid_shape", f"{at}/presence")
            return None
        given = NeedAnswer(
            presence=presence,
            level=self.level(members.get("level"), scale, f"{at}/level", lowest=1),
            absent_reason=self.reason(members.get("absent_reason"), LONG_REASONS, f"{at}/absent_reason"),
            sources=self.sources(members.get("sources"), f"{at}/sources"),
            note=self.note(members.get("note"), f"{at}/note"),
        )
        if members.get("level") is not None and presence is not True:
            self.refuse("level_without_presence", f"{at}/level")
        if given.absent_reason and (
            presence or (presence is False and given.absent_reason is not AbsentReason.NOT_APPLICABLE)
        ):
            self.refuse("absent_reason_with_answer", f"{at}/absent_reason")
        if scale == "need":
            self.check_sources(given, f"{at}/sources")
        elif members.get("sources"):
            self.refuse("source_on_difficulty", f"{at}/sources")
        return given

    def members(self, raw: JsonValue, known: set[str], at: str) -> dict[str, JsonValue] | None:
        if not isinstance(raw, dict):
            self.refuse("invalid_shape", at)
            return None
        for key in raw:
            if key not in known:
                self.refuse("unknown_field", _below(at, key))
        return raw

    def level(self, raw: JsonValue, scale: ScaleCode, at: str, *, lowest: int) -> int | None:
        if raw is None:
            return None
        if type(raw) is int and lowest <= raw <= self.instrument.scale(scale).top_level:
            return raw
        self.refuse("level_out_of_range", at)
        return None

    def reason(self, raw: JsonValue, known: dict[str, AbsentReason], at: str) -> AbsentReason | None:
        if raw is None:
            return None
        if isinstance(raw, str) and raw in known:
            return known[raw]
        self.refuse("unknown_absent_reason", at)
        return None

    def sources(self, raw: JsonValue, at: str) -> tuple[str, ...]:
        if raw is None:
            return ()
        if not isinstance(raw, list):
            self.refuse("invalid_shape", at)
            return ()
        known = {source.code for source in self.instrument.scale("need").help_sources}
        found: dict[str, None] = {}
        for index, code in enumerate(raw):
            if isinstance(code, str) and code in known:
                found[code] = None
            else:
                self.refuse("unknown_source", f"{at}/{index}")
        return tuple(found)

    def note(self, raw: JsonValue, at: str) -> str | None:
        if raw is None:
            return None
        if not isinstance(raw, str) or _NO_TEXT.search(raw):
            self.refuse("invalid_shape", at)
        elif len(raw) > NOTE_MAX_LENGTH:
            self.refuse("note_too_long", at)
        else:
            return raw
        return None

    def check_sources(self, need: NeedAnswer, at: str) -> None:
        alone = {source.code for source in self.instrument.scale("need").help_sources if source.exclusive}
        if need.sources and need.presence is not True:
            self.refuse("source_without_need", at)
        if len(need.sources) > 1 and alone.intersection(need.sources):
            self.refuse("source_unknown_combined", at)

    def refuse_gaps(self, *, compact: bool) -> None:
        refused = {error.pointer for error in self.errors}
        for gap in list(gaps(self.instrument, self.in_card_order())):
            place = self.places.get(gap.card)
            if gap.scale is None or place is None:
                at = f"/{gap.card}" if compact else ""
            else:
                member = "level" if gap.code == "presence_without_level" else "absent_reason"
                at = f"{place}/{gap.scale}" if compact else f"{place}/{gap.scale}/{member}"
            if place is None or not any(_overlaps(known, place, gap.scale) for known in refused):
                self.refuse(gap.code, at)


def _overlaps(pointer: str, place: str, scale: ScaleCode | None) -> bool:
    """Whether an error already names this answer, so that a second one about the same gap would only confuse."""
    inside = f"{place}/{scale}"
    return pointer in (place, f"{place}/absent") or pointer == inside or pointer.startswith(f"{inside}/")


def _below(at: str, key: str) -> str:
    """The pointer to a member, or to its parent when the key could hold personal data."""
    return f"{at}/{key}" if _SAFE_KEY.fullmatch(key) else at


def _card(code: str, difficulty: NeedAnswer | None, need: NeedAnswer | None) -> CardAnswer:
    asked = difficulty and ScaleAnswer(
        presence=difficulty.presence,
        level=difficulty.level,
        absent_reason=difficulty.absent_reason,
        note=difficulty.note,
    )
    return CardAnswer(domain=code, difficulty=asked, need=need)
