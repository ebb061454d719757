"""Compares two sheets card by card: the same rater at two dates, or two raters on the same occasion."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from pydantic import Field

from services.assessment.domain.answers import CardAnswer, expected_cards
from services.assessment.domain.instrument import Frozen, Instrument, RaterType, ScaleCode
from services.assessment.domain.scoring import Mean, answers_on, mean
from shared.errors import DomainError


class IncomparableSheets(DomainError):
    """The two sheets may not be compared.

    `code` says why: `incomparable_editions` (not the same instrument and edition, or an edition without known cards),
    `incomparable_persons`, `incomparable_raters`, `incomparable_dates`.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(facts={"reason": code})


class PairType(StrEnum):
    """What makes two sheets a pair (ELADEB-R spec, comparison.pair_types)."""

    FOLLOW_UP = "follow_up"
    RATER = "rater"


class ComparedSheet(Frozen):
    """What a comparison must know of a sheet: which edition, whose view, of which day, and the answers."""

    instrument: str
    edition: str
    rater_type: RaterType
    assessed_on: date
    answers: tuple[CardAnswer, ...]


class ScaleComparison(Frozen):
    """How the second sheet differs from the first on one scale, over the cards with a value on both.

    Deltas are second minus first, in levels. For a rater pair `improved` and `worsened` read as lower and higher than
    the first rater. No minimal important change is known: these are raw deltas and claim nothing.
    """

    domains_used: int
    delta_sum: int
    per_domain_delta: dict[str, int]
    improved: tuple[str, ...]
    worsened: tuple[str, ...]
    resolved: tuple[str, ...]
    new: tuple[str, ...]
    persisting: tuple[str, ...] = Field(description="above 0 on both sheets")
    exact_agreement_n: int
    presence_agreement_n: int
    mean_absolute_difference: Mean = Field(description="in levels, 2 places, half up")


class SheetComparison(Frozen):
    """Two sheets side by side; a scale is null when no card has a value on both sheets."""

    pair_type: PairType
    difficulty: ScaleComparison | None
    need: ScaleComparison | None


def compare(
    instrument: Instrument, first: ComparedSheet, second: ComparedSheet, pair_type: PairType
) -> SheetComparison:
    """Compare two sheets of one edition (ELADEB-R spec, comparison).

    A follow-up pair has one rater type and two dates in order; a rater pair has two rater types, and the caller
    answers for "same occasion". Raises IncomparableSheets.
    """
    _refuse_incomparable(instrument, first, second, pair_type)
    return SheetComparison(
        pair_type=pair_type,
        difficulty=_scale_comparison(instrument, first.answers, second.answers, "difficulty"),
        need=_scale_comparison(instrument, first.answers, second.answers, "need"),
    )


def _refuse_incomparable(
    instrument: Instrument, first: ComparedSheet, second: ComparedSheet, pair_type: PairType
) -> None:
    edition = (instrument.code, instrument.edition)
    if any((sheet.instrument, sheet.edition) != edition for sheet in (first, second)):
        raise IncomparableSheets("incomparable_editions")
    is_follow_up = pair_type is PairType.FOLLOW_UP
    if (first.rater_type is second.rater_type) is not is_follow_up:
        raise IncomparableSheets("incomparable_raters")
    if is_follow_up and second.assessed_on <= first.assessed_on:
        raise IncomparableSheets("incomparable_dates")


def _scale_comparison(
    instrument: Instrument, first: Sequence[CardAnswer], second: Sequence[CardAnswer], scale: ScaleCode
) -> ScaleComparison | None:
    before, after = (_values(instrument, answers, scale) for answers in (first, second))
    pairs = {code: (before[code], after[code]) for code in before if code in after}
    deltas = {code: later - earlier for code, (earlier, later) in pairs.items()}
    difference = mean(sum(abs(delta) for delta in deltas.values()), len(deltas))
    if difference is None:
        return None
    return ScaleComparison(
        domains_used=len(pairs),
        delta_sum=sum(deltas.values()),
        per_domain_delta=deltas,
        improved=tuple(code for code, delta in deltas.items() if delta < 0),
        worsened=tuple(code for code, delta in deltas.items() if delta > 0),
        resolved=tuple(code for code, (earlier, later) in pairs.items() if earlier > 0 and later == 0),
        new=tuple(code for code, (earlier, later) in pairs.items() if earlier == 0 and later > 0),
        persisting=tuple(code for code, (earlier, later) in pairs.items() if earlier > 0 and later > 0),
        exact_agreement_n=sum(delta == 0 for delta in deltas.values()),
        presence_agreement_n=sum((earlier > 0) == (later > 0) for earlier, later in pairs.values()),
        mean_absolute_difference=difference,
    )


def _values(instrument: Instrument, answers: Sequence[CardAnswer], scale: ScaleCode) -> dict[str, int]:
    given = answers_on(expected_cards(instrument, answers), answers, scale)
    return {card.code: answer.value for card, answer in given.items() if answer.value is not None}
