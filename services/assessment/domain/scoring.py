"""Scores a sheet by the rule `eladeb-r/1`: simple sums with bounds, and never a number for a missing answer."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import PlainSerializer

from services.assessment.domain.answers import (
    SCALES,
    CardAnswer,
    ScaleAnswer,
    expected_cards,
    is_administered,
)
from services.assessment.domain.instrument import (
    AbsentReason,
    Card,
    Frozen,
    Instrument,
    ScaleCode,
    ScoringParameters,
)

SCORING_VERSION = "eladeb-r/1"

Mean = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class UnknownScoringVersion(Exception):
    """This service has no rule of that name; a result is never computed by another rule than its own."""


class ScaleState(StrEnum):
    """How much of a scale is known."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NOT_ADMINISTERED = "not_administered"


class ScaleTotal(Frozen):
    """The numbers of one scale over all expected cards (ELADEB-R spec, scoring.per_scale).

    `flagged_n` counts cards, `sum` adds levels: never show one without the other. The true sum of a partial sheet
    lies between `sum_lower` and `sum_upper`. `mean_flagged` is over the cards with a level, to 2 places, half up.
    """

    state: ScaleState
    answered_n: int
    expected_n: int
    sum: int | None = None
    max: int
    sum_lower: int | None = None
    sum_upper: int | None = None
    flagged_n: int | None = None
    mean_flagged: Mean | None = None
    level_counts: dict[int, int] | None = None


class GroupTotal(Frozen):
    """The numbers of one scale over one group of cards; null, not 0, when no card of the group has a value."""

    sum: int | None
    max: int
    flagged_n: int | None
    answered_n: int
    expected_n: int


class ScaleScore(Frozen):
    """One scale: its total, and its groups by code."""

    total: ScaleTotal
    groups: dict[str, GroupTotal]


class CrossLists(Frozen):
    """Card codes by what both scales say, in card order, by presence (ELADEB-R spec, scoring.cross_scale).

    `help_source_counts` counts the cards with a need, each listed source once per card.
    """

    difficulty_without_need: tuple[str, ...]
    need_without_difficulty: tuple[str, ...]
    both: tuple[str, ...]
    urgent_needs: tuple[str, ...]
    very_important_difficulties: tuple[str, ...]
    help_source_counts: dict[str, int]
    not_applicable: tuple[str, ...]


class SheetScore(Frozen):
    """What the scoring rule says of one sheet; the row that keeps it also keeps spec and scoring version."""

    difficulty: ScaleScore
    need: ScaleScore
    cross: CrossLists


def score(
    instrument: Instrument, answers: Sequence[CardAnswer], parameters: ScoringParameters | None = None
) -> SheetScore:
    """Score validated answers, in any order; `parameters` default to those of the instrument.

    Raises UnknownScoringVersion when the instrument asks for a rule other than `eladeb-r/1`.
    """
    if instrument.scoring_version != SCORING_VERSION:
        raise UnknownScoringVersion(instrument.scoring_version)
    chosen = parameters or instrument.scoring_parameters
    cards = expected_cards(instrument, answers, with_optional=chosen.include_sexuality != "never")
    difficulty, need = (_scale_score(instrument, scale, answers_on(cards, answers, scale), chosen) for scale in SCALES)
    return SheetScore(difficulty=difficulty, need=need, cross=_cross(instrument, cards, answers))


def answers_on(cards: Sequence[Card], answers: Sequence[CardAnswer], scale: ScaleCode) -> dict[Card, ScaleAnswer]:
    """What was said of each of these cards on one scale; an empty answer where nothing was, or the scale not given."""
    given = {answer.domain: answer for answer in answers} if is_administered(answers, scale) else {}
    return {card: given[card.code].on(scale) if card.code in given else ScaleAnswer() for card in cards}


def mean(total: int, count: int) -> Decimal | None:
    """The mean to 2 places, rounded half up in decimal (17/8 = 2.13); None when there is nothing to divide by."""
    if count == 0:
        return None
    # Decimals, because 17 / 8 as a binary float and banker's rounding both give 2.12.
    return (Decimal(total) / Decimal(count)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def urgent_needs_without_sensitive(instrument: Instrument, result: SheetScore) -> tuple[str, ...]:
    """The urgent card codes that an event may name: addiction, sexuality, justice and mental health never leave.

    Their presence alone is health or judicial data (instruments page, section 8).
    """
    open_cards = {card.code for card in instrument.cards if not card.sensitive}
    return tuple(code for code in result.cross.urgent_needs if code in open_cards)


def _scale_score(
    instrument: Instrument, scale: ScaleCode, given: dict[Card, ScaleAnswer], parameters: ScoringParameters
) -> ScaleScore:
    top = instrument.scale(scale).top_level
    is_given = any(answer.value is not None for answer in given.values())
    groups = {}
    for group in instrument.groups:
        members = [answer for card, answer in given.items() if _group_of(card, parameters) == group.code]
        groups[group.code] = _group_total(members, top, is_given=is_given)
    return ScaleScore(total=_scale_total(list(given.values()), top), groups=groups)


def _group_of(card: Card, parameters: ScoringParameters) -> str:
    return parameters.sexuality_group if card.code == "sexuality" else card.group


def _scale_total(given: list[ScaleAnswer], top: int) -> ScaleTotal:
    values = [answer.value for answer in given if answer.value is not None]
    highest = top * len(given)
    if not values:
        return ScaleTotal(state=ScaleState.NOT_ADMINISTERED, answered_n=0, expected_n=len(given), max=highest)
    unknown = [answer for answer in given if answer.value is None]
    return ScaleTotal(
        state=ScaleState.PARTIAL if unknown else ScaleState.COMPLETE,
        answered_n=len(values),
        expected_n=len(given),
        sum=sum(values),
        max=highest,
        sum_lower=sum(values) + sum(answer.flagged for answer in unknown),
        sum_upper=sum(values) + top * len(unknown),
        flagged_n=sum(answer.flagged for answer in given),
        mean_flagged=mean(sum(values), sum(value >= 1 for value in values)),
        level_counts={level: values.count(level) for level in range(1, top + 1)},
    )


def _group_total(given: list[ScaleAnswer], top: int, *, is_given: bool) -> GroupTotal:
    values = [answer.value for answer in given if answer.value is not None]
    flagged = sum(answer.flagged for answer in given)
    return GroupTotal(
        sum=sum(values) if values else None,
        max=top * len(given),
        flagged_n=flagged if is_given and (values or flagged) else None,
        answered_n=len(values),
        expected_n=len(given),
    )


def _cross(instrument: Instrument, cards: Sequence[Card], answers: Sequence[CardAnswer]) -> CrossLists:
    given = {answer.domain: answer for answer in answers}
    sheet = [given.get(card.code, CardAnswer(domain=card.code)) for card in cards]

    def codes(holds: Callable[[ScaleAnswer, ScaleAnswer], bool]) -> tuple[str, ...]:
        return tuple(card.domain for card in sheet if holds(card.on("difficulty"), card.on("need")))

    listed = [card.need.sources for card in sheet if card.need and card.need.flagged]
    return CrossLists(
        difficulty_without_need=codes(lambda difficulty, need: difficulty.flagged and need.presence is False),
        need_without_difficulty=codes(lambda difficulty, need: difficulty.presence is False and need.flagged),
        both=codes(lambda difficulty, need: difficulty.flagged and need.flagged),
        urgent_needs=codes(lambda difficulty, need: need.level == instrument.scale("need").top_level),
        very_important_difficulties=codes(
            lambda difficulty, need: difficulty.level == instrument.scale("difficulty").top_level
        ),
        help_source_counts={
            source.code: sum(source.code in sources for sources in listed)
            for source in instrument.scale("need").help_sources
        },
        not_applicable=codes(lambda *both: any(one.absent_reason is AbsentReason.NOT_APPLICABLE for one in both)),
    )
