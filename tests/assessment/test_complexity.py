"""The complexity profile and the admission advice: policy, dated and blind to diagnosis and age."""

import inspect
import json
import re
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.domain import (
    Advice,
    CardAnswer,
    Dimension,
    DimensionState,
    InvalidPolicy,
    NoPolicyInForce,
    Signs,
    assess_complexity,
    load_policies,
    parse_answers,
)
from services.assessment.domain.complexity import ADMISSION_POLICY
from tests.assessment.sheets import (
    ANSWERED,
    ELADEB,
    POLICIES,
    TODAY,
    UNHURRIED,
    Change,
    compact,
    completed,
    profile,
    stored_sheets,
)


def named(*factors: str) -> Signs:
    """Nothing but named factors."""
    return Signs(factors=frozenset(factors))


def states(sheet: Any, *factors: str) -> dict[str, str]:
    """The state of each dimension."""
    profile = assess_complexity(
        ELADEB, parse_answers(ELADEB, sheet), Signs(factors=frozenset(factors)), POLICIES, TODAY
    )
    return {finding.dimension.value: finding.state.value for finding in profile.dimensions}


def advice(sheet: Any, *factors: str) -> tuple[Advice | None, list[str]]:
    """The advice and the codes of the rules that fired."""
    profile = assess_complexity(
        ELADEB, parse_answers(ELADEB, sheet), Signs(factors=frozenset(factors)), POLICIES, TODAY
    )
    return profile.advice, [rule.code for rule in profile.advice_rules]


def test_a_dimension_is_none_only_when_every_card_was_answered_0() -> None:
    assert set(states(compact()).values()) == {"none"}
    assert states(compact(treatment={"absent": "refused"}))["medical"] == "not_assessed"
    assert states(compact(treatment={"absent": "not-applicable"}))["medical"] == "none"


def test_a_dimension_is_present_from_level_1_or_one_factor() -> None:
    assert states(compact(treatment={"difficulty": 1}))["medical"] == "present"
    assert states(compact(treatment={"difficulty": 2}))["medical"] == "present"
    assert states(compact(), "multimorbidity")["medical"] == "present"


def test_a_dimension_is_dominant_at_level_3_or_two_factors() -> None:
    assert states(compact(treatment={"difficulty": 3}))["medical"] == "dominant"
    assert states(compact(), "multimorbidity", "unstable_condition")["medical"] == "dominant"
    assert states(compact(), "multimorbidity", "carer_burden")["medical"] == "present"


def test_without_any_sheet_factors_alone_speak() -> None:
    assert states({}, "carer_burden", "difficult_family_situation") == {
        "medical": "not_assessed",
        "psychosocial": "not_assessed",
        "functional": "not_assessed",
        "family": "dominant",
        "context": "not_assessed",
    }


def test_a_flag_without_level_counts_as_level_1_and_no_more() -> None:
    assert states([{"domain": "treatment", "difficulty": {"presence": True}}])["medical"] == "present"


@pytest.mark.parametrize("card", [card.code for card in ELADEB.cards])
def test_one_dominant_dimension_whichever_it_is_advises_case_management(card: str) -> None:
    advised, rules = advice({card: {"difficulty": 3}})

    assert advised is Advice.CASE_MANAGEMENT
    assert rules == ["one_dominant_dimension", "some_complexity_present"]


def test_purely_social_complexity_qualifies() -> None:
    assert advice(compact(living_place={"difficulty": 3, "need": 3}))[0] is Advice.CASE_MANAGEMENT


def test_the_ladder_below_case_management() -> None:
    assert advice(compact(food={"difficulty": 2})) == (Advice.ORIENTATION, ["some_complexity_present"])
    assert advice(compact(food={"absent": "refused"})) == (Advice.INFORMATION_ONLY, ["nothing_found_so_far"])
    assert advice(compact()) == (Advice.SELF_MANAGEMENT, ["no_complexity_found"])
    assert advice({}) == (None, [])


def test_the_profile_shows_its_evidence_and_says_why_in_four_languages() -> None:
    sheet = compact(living_place={"difficulty": 3}, finances={"difficulty": 1})

    profile = assess_complexity(
        ELADEB, parse_answers(ELADEB, sheet), named("social_vulnerability", "I10"), POLICIES, TODAY
    )

    context = profile.dimensions[-1]
    assert (context.dimension, context.state) == (Dimension.CONTEXT, DimensionState.DOMINANT)
    assert (context.cards, context.factors) == (("living_place", "finances"), ("social_vulnerability",))
    assert (context.answered_n, context.expected_n) == (5, 5)
    assert [rule.code for rule in context.rules] == ["card_at_top_level"]
    assert set(context.rules[0].explanation.model_dump()) == {"fr", "nl", "de", "en"}
    assert (profile.rule_version, profile.assessed_on, profile.unrecognised_factors_n) == ("admission/1", TODAY, 1)
    assert "I10" not in profile.model_dump_json()


def test_needs_do_not_make_a_dimension_complex_under_the_starting_rule() -> None:
    assert states(compact(food={"difficulty": 0, "need": 3}))["functional"] == "none"


def test_a_policy_that_reads_needs_too_sees_them() -> None:
    content = json.loads(ADMISSION_POLICY.read_text(encoding="utf-8"))
    content["versions"][0]["scales"] = ["difficulty", "need"]
    answers = parse_answers(ELADEB, compact(food={"difficulty": 0, "need": 3}))

    profile = assess_complexity(ELADEB, answers, Signs(), load_policies(content), TODAY)

    assert profile.advice is Advice.CASE_MANAGEMENT


def test_no_rule_can_read_diagnosis_or_age() -> None:
    assert set(inspect.signature(assess_complexity).parameters) == {
        "instrument",
        "answers",
        "signs",
        "policies",
        "on",
    }
    assert not re.search(r"diagnos|\bage\b|birth", ADMISSION_POLICY.read_text(encoding="utf-8"))


def two_versions() -> dict[str, Any]:
    """The starting rule until the end of 2026, then a stricter one that wants two dominant dimensions."""
    content: dict[str, Any] = json.loads(ADMISSION_POLICY.read_text(encoding="utf-8"))
    later = json.loads(json.dumps(content["versions"][0]))
    content["versions"] = content["versions"][:1]
    content["versions"][0]["valid_to"] = "2026-12-31"
    later |= {"rule_version": "admission/2", "valid_from": "2027-01-01", "valid_to": None}
    later["advice_rules"][0]["when"][0]["at_least"] = 2
    content["versions"].append(later)
    return content


def test_a_decision_uses_the_rule_in_force_on_its_date() -> None:
    policies = load_policies(two_versions())
    answers = parse_answers(ELADEB, compact(food={"difficulty": 3}))

    old, new = (
        assess_complexity(ELADEB, answers, Signs(), policies, day) for day in (date(2026, 12, 31), date(2027, 1, 1))
    )

    assert (old.rule_version, old.advice) == ("admission/1", Advice.CASE_MANAGEMENT)
    assert (new.rule_version, new.advice) == ("admission/2", Advice.ORIENTATION)


def test_before_the_first_policy_there_is_no_advice() -> None:
    with pytest.raises(NoPolicyInForce):
        POLICIES.on(date(1999, 1, 1))


SPOILED_POLICIES: dict[str, Change] = {
    "versions overlap": lambda content: content["versions"][0].update(valid_to=None),
    "a version ends before it begins": lambda content: content["versions"][1].update(valid_to="2026-01-01"),
    "no last resort": lambda content: content["versions"][0]["dimension_rules"].pop(),
    "a dimension forgotten": lambda content: content["versions"][0]["dimensions"].pop(),
    "a rung forgotten": lambda content: content["versions"][0]["advice"].pop(),
    "a rung without onward path": lambda content: content["versions"][0]["advice"][2].update(onward=None),
    "a rule given twice": lambda content: content["versions"][0]["factors"].append(
        content["versions"][0]["factors"][0]
    ),
    "a card rule without level": lambda content: content["versions"][0]["dimension_rules"][0].update(min_level=None),
    "a rule that reads age": lambda content: content["versions"][0]["advice_rules"][0]["when"][0].update(age=80),
    "a version given twice": lambda content: content["versions"][1].update(rule_version="admission/1"),
}


@pytest.mark.parametrize("spoil", SPOILED_POLICIES.values(), ids=SPOILED_POLICIES.keys())
def test_a_policy_that_contradicts_itself_does_not_load(spoil: Change) -> None:
    content = two_versions()
    spoil(content)

    with pytest.raises(InvalidPolicy):
        load_policies(content)


@UNHURRIED
@given(stored_sheets(), st.lists(ANSWERED, min_size=42, max_size=42))
def test_what_a_partial_sheet_shows_stays_shown_in_every_completion(
    answers: list[CardAnswer], levels: list[int]
) -> None:
    order = list(DimensionState)
    strong = {DimensionState.PRESENT, DimensionState.DOMINANT}
    before, after = profile(answers), profile(completed(answers, levels))

    for early, late in zip(before.dimensions, after.dimensions, strict=True):
        assert late.state is not DimensionState.NOT_ASSESSED
        if early.state in strong:
            assert order.index(late.state) >= order.index(early.state)
    if before.advice in (Advice.ORIENTATION, Advice.CASE_MANAGEMENT):
        assert after.advice is not None
        assert list(Advice).index(after.advice) >= list(Advice).index(before.advice)


@UNHURRIED
@given(stored_sheets(), st.sets(st.text(max_size=12)), st.sets(st.sampled_from(["I50.9", "age-83", "dementia"])))
def test_a_diagnosis_or_an_age_sent_as_a_factor_weighs_nothing(
    answers: list[CardAnswer], texts: set[str], diagnoses: set[str]
) -> None:
    known = {factor.code for factor in POLICIES.on(TODAY).factors}
    strange = (texts | diagnoses) - known
    plain, sent = profile(answers), profile(answers, *strange)

    assert (plain.advice, plain.dimensions, plain.advice_rules) == (sent.advice, sent.dimensions, sent.advice_rules)
    assert sent.unrecognised_factors_n == len(strange)


def test_every_mix_of_dimension_states_leads_to_advice_unless_nothing_was_assessed() -> None:
    rules = POLICIES.on(TODAY).advice_rules
    for states in product(DimensionState, repeat=5):
        fired = [
            rule.advice
            for rule in rules
            if all(one.at_least <= sum(state in one.states for state in states) <= one.at_most for one in rule.when)
        ]
        assert bool(fired) is (set(states) != {DimensionState.NOT_ASSESSED})
        assert (Advice.CASE_MANAGEMENT in fired) is (DimensionState.DOMINANT in states)


def test_a_score_of_the_hospital_is_evidence_and_says_so_from_its_day_on() -> None:
    crossed = Signs(crossed=frozenset({("lace", "high_readmission_risk"), ("pcam", "whatever")}))
    before, after = (
        assess_complexity(ELADEB, (), crossed, load_policies(), day) for day in (date(2026, 11, 21), date(2026, 11, 22))
    )
    assert (before.rule_version, before.dimensions[0].state) == ("admission/1", "not_assessed")
    medical = after.dimensions[0]
    assert (medical.state, medical.measures) == ("present", ("lace.high_readmission_risk",))
    assert (medical.rules[0].code, after.advice) == ("one_measure", Advice.ORIENTATION)


def test_living_alone_counts_as_a_circumstance() -> None:
    profile = assess_complexity(ELADEB, (), named("living_alone"), load_policies(), date(2026, 11, 22))
    assert {found.dimension: found.factors for found in profile.dimensions}[Dimension.CONTEXT] == ("living_alone",)


@pytest.mark.parametrize("level", range(4))
def test_whoever_is_not_advised_case_management_is_told_where_to_turn_in_four_languages(level: int) -> None:
    found = profile(parse_answers(ELADEB, compact(food={"difficulty": level})))

    if found.advice is Advice.CASE_MANAGEMENT:
        assert found.onward is None
    else:
        assert found.onward is not None
        assert len(set(found.onward.model_dump().values())) == 4
