"""The instrument and its scores, example by example."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from services.assessment.domain import (
    Dimension,
    InvalidInstrument,
    ScaleState,
    ScoringParameters,
    SheetScore,
    SheetStatus,
    UnknownScoringVersion,
    load_instrument,
    parse_answers,
    score,
    urgent_needs_without_sensitive,
)
from services.assessment.domain.complexity import ADMISSION_POLICY
from services.assessment.domain.instrument import ELADEB_R, SHIPPED
from tests.assessment.sheets import CORE, ELADEB, SCORED, Change, compact, scored


def pack() -> dict[str, Any]:
    """A copy of the shipped instrument, to be spoiled."""
    content: dict[str, Any] = json.loads(ELADEB_R.read_text(encoding="utf-8"))
    return content


# The instrument


def test_the_instrument_has_21_cards_of_which_one_is_optional() -> None:
    assert [card.order for card in ELADEB.cards] == list(range(1, 22))
    assert [card.code for card in ELADEB.cards if card.optional] == ["sexuality"]
    assert {card.code for card in ELADEB.cards if card.sensitive} == {
        "addiction",
        "sexuality",
        "law_justice",
        "mental_health",
    }


def test_cards_map_to_the_five_dimensions_as_published() -> None:
    numbers = {
        dimension: [card.order for card in ELADEB.cards if card.dimension is dimension] for dimension in Dimension
    }

    assert numbers == {
        "medical": [16, 19],
        "psychosocial": [5, 10, 17, 18, 20, 21],
        "functional": [7, 8, 9, 14, 15],
        "family": [11, 12, 13],
        "context": [1, 2, 3, 4, 6],
    }


def test_the_pack_ships_titles_and_attribution_and_no_card_text() -> None:
    assert ELADEB.rights.embedding == "titles"
    assert "CHUV" in ELADEB.rights.attribution
    assert not re.search(r"definition|drawing|instruction", ELADEB_R.read_text(encoding="utf-8"))


SPOILED: dict[str, Change] = {
    "unknown group": lambda pack: pack["cards"][0].update(group="garden"),
    "card given twice": lambda pack: pack["cards"][1].update(code="living_place"),
    "cards out of order": lambda pack: pack["cards"].reverse(),
    "level missing": lambda pack: pack["scales"][0]["levels"].pop(1),
    "help source on difficulty": lambda pack: pack["scales"][0].update(help_sources=pack["scales"][1]["help_sources"]),
    "a label missing": lambda pack: pack["cards"][0]["labels"].pop("nl"),
    "an unknown field": lambda pack: pack["cards"][0].update(definition="text under copyright"),
    "the group of sexuality missing": lambda pack: pack["groups"].pop(3),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_an_instrument_that_contradicts_itself_does_not_load(spoil: Change) -> None:
    content = pack()
    spoil(content)

    with pytest.raises(InvalidInstrument):
        load_instrument(content)


def test_an_instrument_is_never_scored_by_another_rule_than_its_own() -> None:
    later = load_instrument({**pack(), "scoring_version": "eladeb-r/2"})

    with pytest.raises(UnknownScoringVersion):
        score(later, ())


# Scores


@pytest.mark.parametrize("example", SCORED.values(), ids=SCORED.keys())
def test_worked_examples_score_to_the_digit(example: dict[str, Any]) -> None:
    answers = parse_answers(ELADEB, example["answers"], SheetStatus.COMPLETED)

    result = score(ELADEB, answers, ScoringParameters(**example["parameters"]))

    assert json.loads(result.model_dump_json()) == result.model_dump(mode="json") == example["expected"]
    assert SheetScore.model_validate(example["expected"]) == result


@pytest.mark.parametrize("example", SCORED.values(), ids=SCORED.keys())
def test_the_stored_form_is_the_long_form_as_it_was_sent(example: dict[str, Any]) -> None:
    answers = parse_answers(ELADEB, example["answers"])

    assert [answer.model_dump(mode="json") for answer in answers] == example["answers"]


def test_17_over_8_is_2_13() -> None:
    levels = [3, 3, 3, 2, 2, 2, 1, 1]
    result = scored(compact(**{code: {"difficulty": n} for code, n in zip(CORE, levels, strict=False)}))

    assert (result.difficulty.total.sum, result.difficulty.total.flagged_n) == (17, 8)
    assert result.difficulty.total.mean_flagged == Decimal("2.13")
    assert result.model_dump(mode="json")["difficulty"]["total"]["mean_flagged"] == 2.13


def test_all_zeros_is_a_result_with_no_mean() -> None:
    total = scored(compact()).difficulty.total

    assert (total.state, total.sum, total.mean_flagged) == (ScaleState.COMPLETE, 0, None)


def test_a_sheet_without_the_sexuality_card_is_complete_at_60() -> None:
    total = scored(compact(sexuality={"difficulty": None, "need": None})).need.total

    assert (total.state, total.expected_n, total.max) == (ScaleState.COMPLETE, 20, 60)


@pytest.mark.parametrize(
    ("card", "used"),
    [
        ({"difficulty": 0}, True),
        ({"need": 0}, True),
        ({"absent": "refused"}, True),
        ({"absent": "not-applicable"}, True),
        ({}, False),
    ],
)
def test_the_sexuality_card_counts_once_it_is_used(card: dict[str, Any], used: bool) -> None:
    assert scored(compact(sexuality=card)).difficulty.total.expected_n == 20 + used


def test_a_sexuality_card_that_was_not_asked_is_not_used() -> None:
    not_asked = {"presence": None, "absent_reason": "not_asked"}

    assert scored([{"domain": "sexuality", "difficulty": not_asked}]).difficulty.total.expected_n == 20


def test_sexuality_can_be_left_out_of_every_number_and_list() -> None:
    sheet = compact(sexuality={"difficulty": 3, "need": 3, "sources": ["P"]})

    result = scored(sheet, include_sexuality="never")

    assert result == scored(compact())


def test_sexuality_moves_two_subtotals_and_never_the_total() -> None:
    sheet = compact(sexuality={"difficulty": 2, "need": 0})

    health, relationships = (scored(sheet, sexuality_group=group) for group in ("health", "relationships"))

    assert [health.difficulty.groups[group].max for group in ("relationships", "health")] == [12, 24]
    assert [relationships.difficulty.groups[group].max for group in ("relationships", "health")] == [15, 21]
    assert health.difficulty.total == relationships.difficulty.total


def test_a_problem_without_level_is_flagged_and_widens_the_bounds() -> None:
    sheet = [{"domain": code, "difficulty": {"presence": False}} for code in CORE[1:]]
    result = scored([*sheet, {"domain": CORE[0], "difficulty": {"presence": True, "level": None}}])

    total = result.difficulty.total
    assert (total.state, total.sum, total.sum_lower, total.sum_upper) == (ScaleState.PARTIAL, 0, 1, 3)
    assert (total.flagged_n, total.answered_n, total.mean_flagged) == (1, 19, None)


def test_a_problem_without_level_still_counts_in_the_lists() -> None:
    flagged = {"presence": True, "level": None}
    result = scored([{"domain": "food", "difficulty": flagged, "need": {"presence": False}}])

    assert result.cross.difficulty_without_need == ("food",)


def test_a_refused_card_leaves_a_partial_sum_with_bounds() -> None:
    total = scored(compact(food={"absent": "refused"}, work={"difficulty": 2, "need": 0})).difficulty.total

    assert (total.state, total.sum, total.sum_lower, total.sum_upper) == (ScaleState.PARTIAL, 2, 2, 5)


def test_not_applicable_is_0_and_answered_and_listed_apart() -> None:
    result = scored(compact(children={"absent": "not-applicable"}))

    assert result.difficulty.total.state is result.need.total.state is ScaleState.COMPLETE
    assert result.cross.not_applicable == ("children",)
    assert result.difficulty.groups["relationships"].answered_n == 4


def test_a_need_scale_of_nothing_but_nulls_was_not_given() -> None:
    sheet = {code: {"difficulty": 1, "need": None} for code in CORE}
    sheet["children"] = {"difficulty": None, "need": None, "absent": "not-applicable"}  # type: ignore[dict-item]

    total = scored(sheet).need.total

    assert (total.state, total.answered_n, total.expected_n, total.max) == (ScaleState.NOT_ADMINISTERED, 0, 20, 60)
    assert (total.sum, total.sum_lower, total.sum_upper, total.flagged_n) == (None, None, None, None)


def test_one_need_of_0_means_the_need_scale_was_given() -> None:
    sheet: dict[str, Any] = {code: {"difficulty": 1} for code in CORE}
    sheet["food"] = {"difficulty": 1, "need": 0}

    total = scored(sheet).need.total

    assert (total.state, total.answered_n, total.sum, total.sum_upper) == (ScaleState.PARTIAL, 1, 0, 57)


def test_a_group_without_any_value_has_no_sum() -> None:
    groups = scored({"food": {"difficulty": 0}}).difficulty.groups

    assert (groups["health"].sum, groups["health"].flagged_n) == (0, 0)
    assert (groups["relationships"].sum, groups["relationships"].flagged_n) == (None, None)


def test_a_need_without_a_difficulty_is_an_answer() -> None:
    cross = scored(compact(food={"difficulty": 0, "need": 3, "sources": ["F"]})).cross

    assert (cross.need_without_difficulty, cross.urgent_needs) == (("food",), ("food",))


def test_a_help_source_counts_once_per_card() -> None:
    cross = scored(compact(food={"difficulty": 1, "need": 1, "sources": ["P", "P", "E"]})).cross

    assert cross.help_source_counts == {"P": 1, "F": 0, "E": 1, "?": 0}


def test_an_event_names_no_sensitive_card() -> None:
    urgent = {"difficulty": 0, "need": 3}
    result = scored(compact(addiction=urgent, sexuality=urgent, law_justice=urgent, mental_health=urgent, food=urgent))

    assert len(result.cross.urgent_needs) == 5
    assert urgent_needs_without_sensitive(ELADEB, result) == ("food",)


def test_shipped_data_is_found_beside_the_domain() -> None:
    assert {ELADEB_R, ADMISSION_POLICY} <= set(SHIPPED.rglob("*.json"))
