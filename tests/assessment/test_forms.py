"""Instruments with items: read, scored and judged from their definitions alone."""

import copy
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.domain import (
    InvalidAnswers,
    InvalidInstrument,
    ScaleState,
    SheetStatus,
    Thresholds,
    load_content,
    load_definition,
    parse_form,
    score_form,
)
from services.assessment.domain.form import Form
from services.assessment.domain.instrument import SHIPPED

CONTENT = load_content()


def form(code: str) -> Form:
    """A shipped instrument with items."""
    return next(each for each in CONTENT.forms if each.code == code)


def scored(code: str, **answers: Any) -> dict[str, Decimal | None]:
    """The numbers of a shipped instrument."""
    definition = form(code)
    scales = score_form(definition, parse_form(definition, answers)).scales
    return {scale: found.value for scale, found in scales.items()}


def five(*values: int | None) -> dict[str, Any]:
    """Answers to the five items of WHO-5."""
    return {f"item_{number}": value for number, value in enumerate(values, 1)}


@pytest.mark.parametrize(
    ("values", "raw", "percent"),
    [((0,) * 5, 0, 0), ((5,) * 5, 25, 100), ((1, 2, 3, 4, 5), 15, 60), ((3, 3, 3, 3, 1), 13, 52)],
)
def test_who_5_adds_five_items_and_takes_four_times_the_sum(values: tuple[int, ...], raw: int, percent: int) -> None:
    assert scored("who-5", **five(*values)) == {"raw": raw, "percent": percent}


def test_who_5_with_a_missing_item_has_bounds_and_no_number() -> None:
    found = score_form(form("who-5"), parse_form(form("who-5"), five(3, 3, 3, 3, None))).scales["raw"]
    assert (found.value, found.lower, found.upper, found.state) == (None, Decimal(12), Decimal(17), ScaleState.PARTIAL)


def test_pacic_means_need_half_of_the_items() -> None:
    answers = {f"item_{number}": number % 5 + 1 for number in range(1, 21)}
    assert scored("pacic", **answers)["overall"] == Decimal("3.00")
    assert scored("pacic", item_1=4, item_2=3)["patient_activation"] == Decimal("3.50")
    assert scored("pacic", item_1=4)["patient_activation"] is None
    assert scored("pacic", item_1=1, item_2=1, item_3=2)["patient_activation"] == Decimal("1.33")


@pytest.mark.parametrize(
    ("days", "acute", "comorbidity", "visits", "total"),
    [(0, 0, 0, 0, 0), (1, 0, 0, 0, 1), (6, 1, 3, 4, 14), (7, 0, 4, 0, 10), (13, 1, 0, 9, 12), (14, 1, 40, 200, 19)],
)
def test_lace_from_its_inputs(days: int, acute: int, comorbidity: int, visits: int, total: int) -> None:
    inputs = {
        "length_of_stay_days": days,
        "acute_admission": acute,
        "comorbidity_points": comorbidity,
        "emergency_visits": visits,
    }
    assert scored("lace", **inputs) == {"total": total}
    for missing in inputs:
        assert scored("lace", **{**inputs, missing: None}) == {"total": None}


@given(
    st.lists(st.none() | st.integers(0, 5), min_size=5, max_size=5), st.lists(st.integers(0, 5), min_size=5, max_size=5)
)
def test_the_bounds_contain_every_completion(given_values: tuple[int | None, ...], filling: tuple[int, ...]) -> None:
    definition = form("who-5")
    partial = score_form(definition, parse_form(definition, five(*given_values))).scales["raw"]
    whole = five(*(fill if value is None else value for value, fill in zip(given_values, filling, strict=True)))
    total = scored("who-5", **whole)["raw"]
    assert partial.lower is not None
    assert partial.upper is not None
    assert total is not None
    assert partial.lower <= total <= partial.upper


REFUSED: list[tuple[str, Any, tuple[str, str]]] = [
    ("who-5", {"item_1": 6}, ("value_not_allowed", "/item_1")),
    ("who-5", {"item_1": 1.5}, ("value_not_allowed", "/item_1")),
    ("who-5", {"item_1": True}, ("value_not_allowed", "/item_1")),
    ("who-5", {"item_1": "3"}, ("value_not_allowed", "/item_1")),
    ("who-5", {"item_6": 1}, ("unknown_item", "")),
    ("who-5", {"item_1": {"value": 2, "absent": "refused"}}, ("absent_reason_with_answer", "/item_1/absent")),
    ("who-5", {"item_1": {"absent": "tired"}}, ("unknown_absent_reason", "/item_1/absent")),
    ("who-5", {"item_1": {"note": "x" * 501}}, ("note_too_long", "/item_1/note")),
    ("who-5", {"item_1": {"because": 1}}, ("unknown_field", "/item_1")),
    ("who-5", [1, 2], ("invalid_shape", "")),
    ("belrai-screener", {"total": 12.25}, ("value_not_allowed", "/total")),
]


@pytest.mark.parametrize(("code", "answers", "fault"), REFUSED)
def test_each_wrong_answer_is_named_with_its_place(code: str, answers: Any, fault: tuple[str, str]) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        parse_form(form(code), answers)
    assert [(error.code, error.pointer) for error in refused.value.errors] == [fault]


def test_a_completed_form_needs_every_required_item_or_a_reason() -> None:
    given_answers = {**five(1, 2, 3, 4, None), "item_5": {"absent": "refused"}}
    assert parse_form(form("who-5"), given_answers, SheetStatus.COMPLETED)
    with pytest.raises(InvalidAnswers) as refused:
        parse_form(form("who-5"), five(1, 2, 3, 4, None), SheetStatus.COMPLETED)
    assert [error.pointer for error in refused.value.errors] == ["/item_5"]


def test_half_points_stay_exact_and_no_text_of_a_licensed_instrument_is_shipped() -> None:
    definition = form("belrai-screener")
    assert parse_form(definition, {"total": 12.5})["total"].value == Decimal("12.5")
    for each in CONTENT.forms:
        if each.rights.embedding == "none":
            assert all(item.labels is None and not item.options for item in each.items), each.code


def test_the_flemish_budget_reads_the_rule_of_its_day() -> None:
    known = {"total": Decimal("9"), "iadl": Decimal("3"), "adl": Decimal("2.5")}
    found = {
        day: CONTENT.thresholds.judge("belrai-screener", "2", known, day)[0]
        for day in (date(2021, 5, 31), date(2021, 6, 1))
    }
    assert [(each.crossed, each.rule_version) for each in found.values()] == [
        (False, "flemish-care-budget/2019"),
        (True, "flemish-care-budget/2022"),
    ]
    assert CONTENT.thresholds.judge("belrai-screener", "2", {}, date(2021, 6, 1))[0].crossed is None


def test_cut_offs_of_one_kind_never_overlap() -> None:
    versions = json.loads((SHIPPED / "policies" / "thresholds.json").read_text())["versions"]
    spoiled = copy.deepcopy(versions)
    next(each for each in spoiled if each["rule_version"] == "flemish-care-budget/2019")["valid_to"] = "2021-06-01"
    with pytest.raises(ValueError, match="overlaps"):
        Thresholds.model_validate({"versions": spoiled})


def pack(**changes: Any) -> dict[str, Any]:
    """A made-up instrument."""
    made = json.loads((SHIPPED / "who-5-1.0.0.json").read_text())
    return {**made, "code": "made-up", "name": "Made up", **changes}


SCALE = {"code": "a", "order": 1, "rule": "sum", "items": [], "scales": ["b"]}
WRONG_PACKS: list[tuple[dict[str, Any], str]] = [
    ({"scales": [SCALE, {**SCALE, "code": "b", "scales": ["a"]}]}, "made of itself"),
    ({"scales": [{**SCALE, "scales": ["nowhere"]}]}, "unknown reference"),
    ({"scales": [{**SCALE, "scales": [], "items": ["item_9"]}]}, "unknown reference"),
    ({"scales": [{**SCALE, "items": ["item_1"], "scales": ["a"]}]}, "one of them"),
    ({"items": [{"code": "x", "order": 1}]}, "either options or a range"),
    ({"items": [{"code": "x", "order": 1, "lowest": 5, "highest": 1}], "scales": []}, "empty range"),
]


@pytest.mark.parametrize(("changes", "reason"), WRONG_PACKS)
def test_a_definition_that_contradicts_itself_is_refused_and_says_where(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInstrument) as refused:
        load_definition(pack(**changes))
    assert reason in " ".join(str(each) for each in refused.value.facts["contradictions"])  # type: ignore[union-attr]
