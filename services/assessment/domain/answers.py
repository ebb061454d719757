"""The answers of a sheet in their stored long form, and what may be said of them before any scoring."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import Field, StrictBool, StrictInt

from services.assessment.domain.instrument import AbsentReason, Card, Frozen, Instrument, ScaleCode

CLOCK_TOLERANCE = timedelta(minutes=5)
NOTE_MAX_LENGTH = 500
SCALES: tuple[ScaleCode, ...] = ("difficulty", "need")

AnswerLevel = Annotated[StrictInt, Field(ge=1, le=3)]


def _is_none(value: object) -> bool:
    return value is None


class SheetStatus(StrEnum):
    """Where a sheet stands; a correction after completion is a new version that leaves the old one `amended`."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    STOPPED = "stopped"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered_in_error"


class ScaleAnswer(Frozen):
    """What was said of one card on one scale (ELADEB-R spec, answer_model).

    `presence` null means unanswered; `level` 1-3 exists only with `presence` true; a `note` is sensitive free text.
    """

    presence: StrictBool | None = None
    level: AnswerLevel | None = None
    absent_reason: AbsentReason | None = None
    note: str | None = Field(default=None, max_length=NOTE_MAX_LENGTH, exclude_if=_is_none)

    @property
    def value(self) -> int | None:
        """0-3, or None when it is not known (ELADEB-R spec, domain_value); not applicable counts as 0."""
        if self.presence is False or self.absent_reason is AbsentReason.NOT_APPLICABLE:
            return 0
        return self.level

    @property
    def flagged(self) -> bool:
        """Whether the card was sorted as a problem or a need, with or without a level."""
        return self.presence is True

    @property
    def at_least(self) -> int | None:
        """The lowest level this answer can stand for: flagged without level is at least 1; None when unanswered."""
        return 1 if self.flagged and self.level is None else self.value


class NeedAnswer(ScaleAnswer):
    """What was said of one card on the need scale; `sources` are the codes of those from whom help is wished."""

    sources: tuple[str, ...] = ()


class CardAnswer(Frozen):
    """One card of a sheet, both scales; a scale left out of the card is unanswered without a reason."""

    domain: str
    difficulty: ScaleAnswer | None = Field(default=None, exclude_if=_is_none)
    need: NeedAnswer | None = Field(default=None, exclude_if=_is_none)

    def on(self, scale: ScaleCode) -> ScaleAnswer:
        """The answer on one scale; an empty answer when that scale was left out."""
        return (self.difficulty if scale == "difficulty" else self.need) or ScaleAnswer()

    @property
    def is_used(self) -> bool:
        """Whether an optional card counts: an answer on either scale, or a reason other than `not_asked`."""
        given = (self.on(scale) for scale in SCALES)
        return any(
            answer.presence is not None or answer.absent_reason not in (None, AbsentReason.NOT_ASKED)
            for answer in given
        )


class AnswerError(Frozen):
    """One refused point: a stable code and a JSON Pointer relative to the answers. It never holds the value."""

    code: str
    pointer: str


class InvalidAnswers(Exception):
    """The answers break the instrument's validation rules; `errors` holds every broken rule, not only the first."""

    def __init__(self, errors: tuple[AnswerError, ...]) -> None:
        self.errors = errors
        super().__init__(", ".join(sorted({error.code for error in errors})))


def expected_cards(
    instrument: Instrument, answers: Sequence[CardAnswer], *, with_optional: bool = True
) -> tuple[Card, ...]:
    """The cards a sheet must answer, in card order: all core cards, and an optional one only when it was used.

    Source: ELADEB-R spec, scoring.expected_domains. With `with_optional` false the optional cards never count.
    """
    used = {answer.domain for answer in answers if with_optional and answer.is_used}
    return tuple(card for card in instrument.cards if not card.optional or card.code in used)


def is_administered(answers: Sequence[CardAnswer], scale: ScaleCode) -> bool:
    """Whether the scale was given to the person.

    The difficulty sort opens every sheet. The need sort may be left out: null on every card means it was not given,
    and 0 is an answer (instruments page, section 2.4).
    """
    return scale == "difficulty" or any(answer.need and answer.need.presence is not None for answer in answers)


class Gap(Frozen):
    """A place that keeps a sheet from being completed; `scale` is null when the whole card is missing."""

    code: str
    card: str
    scale: ScaleCode | None


def gaps(instrument: Instrument, answers: Sequence[CardAnswer]) -> Iterator[Gap]:
    """Every expected card that has neither an answer nor a reason, or a flag without its level, in card order.

    Codes: `missing_reason_required`, `presence_without_level` (ELADEB-R spec, validation_rules).
    """
    given = {answer.domain: answer for answer in answers}
    asked = [scale for scale in SCALES if is_administered(answers, scale)]
    for card in expected_cards(instrument, answers):
        if card.code not in given:
            yield Gap(code="missing_reason_required", card=card.code, scale=None)
            continue
        for scale in asked:
            answer = given[card.code].on(scale)
            if answer.flagged and answer.level is None:
                yield Gap(code="presence_without_level", card=card.code, scale=scale)
            elif answer.presence is None and answer.absent_reason is None:
                yield Gap(code="missing_reason_required", card=card.code, scale=scale)


def status_of_push(instrument: Instrument, answers: Sequence[CardAnswer]) -> SheetStatus:
    """A pushed sheet is completed when each expected card has an answer or a reason, else stopped (our rule, 2.4)."""
    return SheetStatus.STOPPED if any(gaps(instrument, answers)) else SheetStatus.COMPLETED


class Versioned(Protocol):
    """Any definition: what is asked of it here is its version."""

    @property
    def spec_version(self) -> str:
        """The version of the definition."""
        ...


def check_sheet(
    instrument: Versioned, spec_version: str, assessed_at: date | datetime, received_at: datetime
) -> tuple[AnswerError, ...]:
    """The sheet's own facts against the rules; pointers are relative to the sheet.

    Codes: `unsupported_spec_version`, and `assessed_at_in_future` when the assessment is later than the receipt plus
    five minutes. A plain day is compared with the day of receipt in the time zone of `received_at`.
    """
    errors = []
    if spec_version != instrument.spec_version:
        errors.append(AnswerError(code="unsupported_spec_version", pointer="/spec_version"))
    latest = received_at + CLOCK_TOLERANCE
    late = assessed_at > latest if isinstance(assessed_at, datetime) else assessed_at > latest.date()
    if late:
        errors.append(AnswerError(code="assessed_at_in_future", pointer="/assessed_at"))
    return tuple(errors)
