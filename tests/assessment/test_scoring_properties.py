"""What must hold for every sheet that could ever be filled, not only for the worked examples."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.assessment.domain import (
    CardAnswer,
    ComparedSheet,
    PairType,
    ScaleComparison,
    ScaleState,
    ScaleTotal,
    ScoringParameters,
    compare,
    parse_answers,
    score,
    urgent_needs_without_sensitive,
)
from services.assessment.domain.scoring import mean
from tests.assessment.sheets import (
    ANSWERED,
    ELADEB,
    TODAY,
    UNHURRIED,
    Compact,
    both,
    compact_sheets,
    completed,
    full_sheets,
    parameters,
    profile,
    sent,
    stored_sheets,
)


@UNHURRIED
@given(stored_sheets(), st.lists(ANSWERED, min_size=42, max_size=42))
def test_the_bounds_hold_every_completion_of_a_partial_sheet(answers: list[CardAnswer], levels: list[int]) -> None:
    partial, whole = score(ELADEB, answers), score(ELADEB, completed(answers, levels))

    for before, after in zip(both(partial), both(whole), strict=True):
        assert after.total.state is ScaleState.COMPLETE
        if before.total.state is not ScaleState.NOT_ADMINISTERED:
            assert before.total.sum_lower is not None
            assert before.total.sum_upper is not None
            assert after.total.sum is not None
            assert before.total.sum_lower <= after.total.sum <= before.total.sum_upper


@UNHURRIED
@given(stored_sheets())
def test_the_bounds_are_reached_by_the_lowest_and_the_highest_completion(answers: list[CardAnswer]) -> None:
    partial = score(ELADEB, answers)
    lowest, highest = (score(ELADEB, completed(answers, [level] * 42)) for level in (0, 3))

    for before, low, high in zip(both(partial), both(lowest), both(highest), strict=True):
        if before.total.state is not ScaleState.NOT_ADMINISTERED:
            assert (before.total.sum_lower, before.total.sum_upper) == (low.total.sum, high.total.sum)


@UNHURRIED
@given(st.data(), parameters())
def test_the_order_of_long_answers_changes_nothing(data: st.DataObject, chosen: ScoringParameters) -> None:
    answers = data.draw(stored_sheets())
    shuffled = data.draw(st.permutations(answers))

    assert score(ELADEB, shuffled, chosen) == score(ELADEB, answers, chosen)
    assert profile(shuffled) == profile(answers)
    assert parse_answers(ELADEB, sent(shuffled)) == parse_answers(ELADEB, sent(answers))


@UNHURRIED
@given(stored_sheets(), parameters())
def test_the_total_is_the_sum_of_the_groups(answers: list[CardAnswer], chosen: ScoringParameters) -> None:
    for scale in both(score(ELADEB, answers, chosen)):
        groups = scale.groups.values()
        assert scale.total.max == sum(group.max for group in groups)
        assert scale.total.expected_n == sum(group.expected_n for group in groups)
        assert scale.total.answered_n == sum(group.answered_n for group in groups)
        if scale.total.state is not ScaleState.NOT_ADMINISTERED:
            assert scale.total.sum == sum(group.sum or 0 for group in groups)
            assert scale.total.flagged_n == sum(group.flagged_n or 0 for group in groups)


@UNHURRIED
@given(stored_sheets())
def test_the_group_of_sexuality_never_moves_a_total(answers: list[CardAnswer]) -> None:
    health, relationships = (
        score(ELADEB, answers, ScoringParameters.model_validate({"sexuality_group": group}))
        for group in ("health", "relationships")
    )

    assert [scale.total for scale in both(health)] == [scale.total for scale in both(relationships)]
    assert health.cross == relationships.cross


@UNHURRIED
@given(compact_sheets())
def test_compact_and_long_score_alike(sheet: Compact) -> None:
    from_compact = parse_answers(ELADEB, {code: dict(item) for code, item in sheet.items()})
    from_long = parse_answers(ELADEB, sent(from_compact))

    assert from_long == from_compact
    assert score(ELADEB, from_long) == score(ELADEB, from_compact)
    assert score(ELADEB, [written_long(code, item) for code, item in sheet.items()]) == score(ELADEB, from_compact)


def written_long(code: str, item: dict[str, JsonValue]) -> CardAnswer:
    """The long form written out by a second hand, after the table of section 2.4."""
    reasons = {"refused": "declined", "unknown": "unknown", "not-applicable": "not_applicable"}

    def long(value: JsonValue) -> dict[str, JsonValue]:
        if value is None:
            return {"presence": None, "absent_reason": reasons.get(str(item.get("absent")))}
        return {"presence": value != 0, "level": value or None}

    need = {**long(item["need"]), "sources": item.get("sources", [])}
    return CardAnswer.model_validate({"domain": code, "difficulty": long(item["difficulty"]), "need": need})


@UNHURRIED
@given(stored_sheets())
def test_scoring_never_imputes(answers: list[CardAnswer]) -> None:
    """A sum holds only what was said, counts what was said, and an unanswered card could be left out."""
    result = score(ELADEB, answers)
    used = [answer for answer in answers if answer.domain != "sexuality" or answer.is_used]

    for scale, total in (("difficulty", result.difficulty.total), ("need", result.need.total)):
        said = [answer.difficulty if scale == "difficulty" else answer.need for answer in used]
        values = [answer.value for answer in said if answer is not None and answer.value is not None]
        if total.state is ScaleState.NOT_ADMINISTERED:
            assert numbers_of(total) == [None] * 6
        else:
            assert (total.sum, total.answered_n) == (sum(values), len(values))


def numbers_of(total: ScaleTotal) -> list[object]:
    """The numbers that must be null when a scale was not given."""
    return [
        total.sum,
        total.sum_lower,
        total.sum_upper,
        total.flagged_n,
        total.mean_flagged,
        total.level_counts,
    ]


@UNHURRIED
@given(full_sheets())
def test_a_full_sheet_is_complete_and_has_one_sum(sheet: Compact) -> None:
    result = score(ELADEB, parse_answers(ELADEB, {code: dict(item) for code, item in sheet.items()}))

    for scale in both(result):
        assert scale.total.state is ScaleState.COMPLETE
        assert scale.total.sum == scale.total.sum_lower == scale.total.sum_upper
        assert scale.total.max == 3 * len(sheet)


@UNHURRIED
@given(st.integers(1, 63), st.integers(1, 21))
def test_a_mean_is_rounded_half_up(total: int, count: int) -> None:
    expected = (2 * 100 * total + count) // (2 * count)

    assert mean(total, count) == Decimal(expected) / 100


@UNHURRIED
@given(compact_sheets())
def test_an_event_never_names_a_sensitive_card(sheet: Compact) -> None:
    result = score(ELADEB, parse_answers(ELADEB, {code: dict(item) for code, item in sheet.items()}))

    told = urgent_needs_without_sensitive(ELADEB, result)

    assert not {"addiction", "sexuality", "law_justice", "mental_health"}.intersection(told)
    hidden = set(result.cross.urgent_needs) - set(told)
    assert hidden <= {"addiction", "sexuality", "law_justice", "mental_health"}


def follow_up(before: Sequence[CardAnswer], after: Sequence[CardAnswer]) -> ScaleComparison | None:
    """The difficulty scale of two self-ratings, a day apart."""
    facts = {"instrument": ELADEB.code, "edition": ELADEB.edition, "rater_type": "self"}
    first, second = (
        ComparedSheet.model_validate({**facts, "assessed_on": day, "answers": answers})
        for day, answers in ((TODAY, before), (TODAY + timedelta(days=1), after))
    )
    return compare(ELADEB, first, second, PairType.FOLLOW_UP).difficulty


@UNHURRIED
@given(stored_sheets(), stored_sheets())
def test_a_comparison_uses_only_cards_known_on_both_sheets(one: list[CardAnswer], other: list[CardAnswer]) -> None:
    there, back = follow_up(one, other), follow_up(other, one)
    known = [{card.domain for card in sheet if card.on("difficulty").value is not None} for sheet in (one, other)]

    if there is None or back is None:
        assert not known[0] & known[1]
        return
    assert set(there.per_domain_delta) == known[0] & known[1]
    assert there.delta_sum == -back.delta_sum == sum(there.per_domain_delta.values())
    assert (there.improved, there.resolved) == (back.worsened, back.new)
    assert there.domains_used == there.exact_agreement_n + len(there.improved) + len(there.worsened)
    assert there.mean_absolute_difference == back.mean_absolute_difference
