"""Reads and scores the answers to an instrument with items: exact decimals, and never a number for a missing answer."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated

from pydantic import JsonValue, PlainSerializer

from services.assessment.domain.answers import NOTE_MAX_LENGTH, AnswerError, InvalidAnswers, SheetStatus
from services.assessment.domain.form import Form, Item, ItemScale
from services.assessment.domain.instrument import AbsentReason, Frozen
from services.assessment.domain.reading import COMPACT_REASONS, LONG_REASONS
from services.assessment.domain.scoring import ScaleState

Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class ItemAnswer(Frozen):
    """What was said of one item: a value, or why there is none; a `note` is sensitive free text."""

    value: Number | None = None
    absent_reason: AbsentReason | None = None
    note: str | None = None


FormAnswers = dict[str, ItemAnswer]


class ItemScaleScore(Frozen):
    """The number of one scale; null when too few values are known.

    `lower` and `upper` bound a sum that misses answers: what it would be if they were all least, or all most.
    """

    state: ScaleState
    value: Number | None
    lower: Number | None
    upper: Number | None
    answered_n: int
    expected_n: int


class FormScore(Frozen):
    """What the scoring rule says of one form, per scale; of a result-only instrument, nothing is computed."""

    scales: dict[str, ItemScaleScore]


def parse_form(form: Form, raw: JsonValue, status: SheetStatus | None = None) -> FormAnswers:
    """The answers per item, in item order, of a map item -> value or `{"value", "absent", "note"}`.

    Raises InvalidAnswers with every broken rule: `unknown_item`, `value_not_allowed`, `unknown_absent_reason`,
    `absent_reason_with_answer`, `invalid_shape`, `unknown_field`, `note_too_long`, and for a completed form
    `missing_reason_required`.
    """
    if not isinstance(raw, dict):
        raise InvalidAnswers((AnswerError(code="invalid_shape", pointer=""),))
    errors: list[AnswerError] = []
    known = {item.code: item for item in form.items}
    errors += [AnswerError(code="unknown_item", pointer="") for code in raw if code not in known]
    answers = {code: _answer(item, raw[code], errors) for code, item in known.items() if code in raw}
    if status is SheetStatus.COMPLETED:
        errors += [AnswerError(code="missing_reason_required", pointer=f"/{code}") for code in missing(form, answers)]
    if errors:
        raise InvalidAnswers(tuple(dict.fromkeys(errors)))
    return answers


def missing(form: Form, answers: FormAnswers) -> list[str]:
    """The required items that have neither a value nor a reason."""
    return [
        item.code
        for item in form.items
        if item.required
        and (item.code not in answers or answers[item.code] == ItemAnswer(note=answers[item.code].note))
    ]


def _answer(item: Item, raw: JsonValue, errors: list[AnswerError]) -> ItemAnswer:
    at = f"/{item.code}"
    members = raw if isinstance(raw, dict) else {"value": raw}
    errors += [AnswerError(code="unknown_field", pointer=at) for name in members if name not in _MEMBERS]
    value = _value(item, members.get("value"), at, errors)
    reason = _reason(item, members.get("absent", members.get("absent_reason")), at, errors)
    if reason and value is not None:
        errors.append(AnswerError(code="absent_reason_with_answer", pointer=f"{at}/absent"))
    note = members.get("note")
    if note is not None and not isinstance(note, str):
        errors.append(AnswerError(code="invalid_shape", pointer=f"{at}/note"))
        note = None
    elif isinstance(note, str) and len(note) > NOTE_MAX_LENGTH:
        errors.append(AnswerError(code="note_too_long", pointer=f"{at}/note"))
    return ItemAnswer(value=value, absent_reason=reason, note=note)


_MEMBERS = frozenset({"value", "absent", "absent_reason", "note"})


def _value(item: Item, raw: JsonValue, at: str, errors: list[AnswerError]) -> Decimal | None:
    if raw is None:
        return None
    try:
        value = Decimal(str(raw)) if isinstance(raw, int | float) and not isinstance(raw, bool) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not item.allows(value):
        errors.append(AnswerError(code="value_not_allowed", pointer=at))
        return None
    return value


def _reason(item: Item, raw: JsonValue, at: str, errors: list[AnswerError]) -> AbsentReason | None:
    if raw is None:
        return None
    reason = {**LONG_REASONS, **COMPACT_REASONS}.get(raw) if isinstance(raw, str) else None
    if reason is None or reason not in item.missing:
        errors.append(AnswerError(code="unknown_absent_reason", pointer=f"{at}/absent"))
    return reason


def score_form(form: Form, answers: Mapping[str, ItemAnswer]) -> FormScore:
    """Score validated answers by the definition's own scales."""
    done: dict[str, ItemScaleScore] = {}
    for scale in form.in_order:
        done[scale.code] = _scale(form, scale, answers, done)
    return FormScore(scales={scale.code: done[scale.code] for scale in form.scales})


def _scale(
    form: Form, scale: ItemScale, answers: Mapping[str, ItemAnswer], done: Mapping[str, ItemScaleScore]
) -> ItemScaleScore:
    if scale.items:
        items = [form.item(code) for code in scale.items]
        given = [answers.get(item.code, ItemAnswer()).value for item in items]
        values = [None if value is None else item.counted(value) for item, value in zip(items, given, strict=True)]
        lows, highs = zip(*(item.extremes for item in items), strict=True)
    else:
        parts = [done[code] for code in scale.scales]
        values = [part.value for part in parts]
        lows, highs = tuple(part.lower for part in parts), tuple(part.upper for part in parts)
    known = [value for value in values if value is not None]
    return ItemScaleScore(
        state=_state(len(known), len(values)),
        value=_number(scale, known) if len(known) >= (scale.min_answered or len(values)) else None,
        lower=_bound(scale, values, lows),
        upper=_bound(scale, values, highs),
        answered_n=len(known),
        expected_n=len(values),
    )


def _state(known: int, wanted: int) -> ScaleState:
    if known == 0:
        return ScaleState.NOT_ADMINISTERED
    return ScaleState.COMPLETE if known == wanted else ScaleState.PARTIAL


def _bound(scale: ItemScale, values: list[Decimal | None], extremes: tuple[Decimal | None, ...]) -> Decimal | None:
    filled = [extreme if value is None else value for value, extreme in zip(values, extremes, strict=True)]
    known = [value for value in filled if value is not None]
    return _number(scale, known) if len(known) == len(filled) else None


def _number(scale: ItemScale, values: list[Decimal]) -> Decimal:
    total = sum(values, Decimal(0))
    result = total / len(values) if scale.rule == "mean" else total
    return (result * scale.multiply).quantize(Decimal(1).scaleb(-scale.places), rounding=ROUND_HALF_UP)
