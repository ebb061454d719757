"""Two sheets side by side."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.assessment.domain import (
    CardAnswer,
    ComparedSheet,
    IncomparableSheets,
    PairType,
    RaterType,
    compare,
    parse_answers,
    score,
)
from tests.assessment.sheets import CODES, ELADEB, EXAMPLES, SCORED, TODAY


def sheet_of(answers: tuple[CardAnswer, ...], rater: RaterType = RaterType.SELF, **given: Any) -> ComparedSheet:
    """A sheet of today, self-rated, of the shipped edition, unless the test says otherwise."""
    facts = {"instrument": "eladeb-r", "edition": "2011", "assessed_on": TODAY, **given}
    return ComparedSheet(answers=answers, rater_type=rater, **facts)


def test_patient_and_professional_compare_as_worked_out() -> None:
    example = EXAMPLES["comparison_examples"][0]
    own = parse_answers(ELADEB, SCORED[example["baseline_example"]]["answers"])
    other = parse_answers(ELADEB, example["other_answers"])

    result = compare(ELADEB, sheet_of(own), sheet_of(other, RaterType.PROFESSIONAL), PairType.RATER)

    difficulty = result.model_dump(mode="json")["difficulty"]
    deltas, persisting = difficulty.pop("per_domain_delta"), difficulty.pop("persisting")
    assert difficulty == example["expected"]["difficulty"]
    assert (len(deltas), deltas["leisure"], deltas["finances"], deltas["work"]) == (21, -1, 1, 0)
    first, second = ({card.domain for card in sheet if card.on("difficulty").value} for sheet in (own, other))
    assert set(persisting) == first & second
    assert result.need is None
    assert score(ELADEB, other).difficulty.total.sum == example["expected_other_sum"]["difficulty"]


def test_a_follow_up_uses_only_cards_with_a_value_on_both_sheets() -> None:
    before = parse_answers(ELADEB, {"work": {"difficulty": 3}, "food": {"difficulty": 2}})
    after = parse_answers(ELADEB, {"work": {"difficulty": 0}, "family": {"difficulty": 2}})
    later = sheet_of(after, assessed_on=TODAY + timedelta(days=30))

    difficulty = compare(ELADEB, sheet_of(before), later, PairType.FOLLOW_UP).difficulty

    assert difficulty is not None
    assert (difficulty.per_domain_delta, difficulty.resolved) == ({"work": -3}, ("work",))


def test_each_card_of_a_follow_up_is_resolved_new_persisting_or_absent_on_both() -> None:
    before, after = (
        parse_answers(ELADEB, {code: {"difficulty": level} for code, level in zip(CODES, levels, strict=False)})
        for levels in ((3, 2, 0, 0, 1), (0, 2, 1, 0, 3))
    )
    later = sheet_of(after, assessed_on=TODAY + timedelta(days=30))

    found = compare(ELADEB, sheet_of(before), later, PairType.FOLLOW_UP).difficulty

    assert found is not None
    assert (found.resolved, found.new, found.persisting) == ((CODES[0],), (CODES[2],), (CODES[1], CODES[4]))
    assert (found.improved, found.worsened) == ((CODES[0],), (CODES[2], CODES[4]))
    assert (found.exact_agreement_n, found.presence_agreement_n) == (2, 3)
    assert found.mean_absolute_difference == Decimal("1.20")


@pytest.mark.parametrize(
    ("change", "pair_type", "code"),
    [
        ({"edition": "eladeb-18"}, PairType.RATER, "incomparable_editions"),
        ({"instrument": "cansas"}, PairType.RATER, "incomparable_editions"),
        ({}, PairType.RATER, "incomparable_raters"),
        ({"rater": RaterType.RELATIVE}, PairType.FOLLOW_UP, "incomparable_raters"),
        ({}, PairType.FOLLOW_UP, "incomparable_dates"),
    ],
)
def test_sheets_that_are_no_pair_are_not_compared(change: dict[str, Any], pair_type: PairType, code: str) -> None:
    with pytest.raises(IncomparableSheets) as refused:
        compare(ELADEB, sheet_of(()), sheet_of((), **change), pair_type)

    assert refused.value.code == code
