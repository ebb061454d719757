"""What may be sent as answers, and what is refused with which code."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.assessment.domain import (
    AnswerError,
    InvalidAnswers,
    SheetStatus,
    check_sheet,
    parse_answers,
    status_of_push,
)
from tests.assessment.sheets import CORE, ELADEB, EXAMPLES, NOW, TODAY, compact, scored


def errors_of(raw: Any, status: SheetStatus | None = None) -> list[tuple[str, str]]:
    """What is refused, as (code, pointer)."""
    with pytest.raises(InvalidAnswers) as refused:
        parse_answers(ELADEB, raw, status)
    return [(error.code, error.pointer) for error in refused.value.errors]


@pytest.mark.parametrize("example", EXAMPLES["invalid_examples"], ids=lambda example: example["id"])
def test_invalid_examples_are_refused_with_their_code(example: dict[str, Any]) -> None:
    status = SheetStatus(example["sheet_status"]) if "sheet_status" in example else None

    codes = [code for code, _ in errors_of(example["answers"], status)]

    assert codes == example["errors"] or (status and set(example["errors"]) <= set(codes))


NONE_GIVEN = {"presence": None, "level": None}

REFUSED: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"housing": {"difficulty": 2}}, [("unknown_domain", "/housing")]),
    ({"Mrs Dupont, 1950": {"difficulty": 2}}, [("unknown_domain", "")]),
    ({"work": {"difficulty": 4}}, [("level_out_of_range", "/work/difficulty")]),
    ({"work": {"difficulty": -1}}, [("level_out_of_range", "/work/difficulty")]),
    ({"work": {"difficulty": True}}, [("level_out_of_range", "/work/difficulty")]),
    ({"work": {"need": False}}, [("level_out_of_range", "/work/need")]),
    ({"work": {"difficulty": 2.0}}, [("level_out_of_range", "/work/difficulty")]),
    ({"work": {"difficulty": "2"}}, [("level_out_of_range", "/work/difficulty")]),
    ({"work": {"difficulty": 2, "need": 0, "sources": ["P"]}}, [("source_without_need", "/work/sources")]),
    ({"work": {"difficulty": 2, "sources": ["P"]}}, [("source_without_need", "/work/sources")]),
    ({"work": {"need": 1, "sources": ["?", "P"]}}, [("source_unknown_combined", "/work/sources")]),
    ({"work": {"need": 1, "sources": ["P", "X"]}}, [("unknown_source", "/work/sources/1")]),
    ({"work": {"need": 1, "sources": "P"}}, [("invalid_shape", "/work/sources")]),
    ({"work": {"difficulty": 1, "need": 1, "absent": "refused"}}, [("absent_reason_with_answer", "/work/absent")]),
    ({"work": {"difficulty": 0, "need": 0, "absent": "unknown"}}, [("absent_reason_with_answer", "/work/absent")]),
    (
        {"work": {"difficulty": 1, "need": 0, "absent": "not-applicable"}},
        [("absent_reason_with_answer", "/work/absent")],
    ),
    ({"work": {"absent": "declined"}}, [("unknown_absent_reason", "/work/absent")]),
    ({"work": {"absent": "not_asked"}}, [("unknown_absent_reason", "/work/absent")]),
    ({"work": {"dificulty": 1}}, [("unknown_field", "/work/dificulty")]),
    ({"work": {"Jean Martin": 1}}, [("unknown_field", "/work")]),
    ({"work": 2}, [("invalid_shape", "/work")]),
    ("none", [("invalid_shape", "")]),
    (None, [("invalid_shape", "")]),
    ([{"domain": "housing"}], [("unknown_domain", "/0/domain")]),
    ([{}], [("unknown_domain", "/0/domain")]),
    ([{"domain": "work"}, {"domain": "work"}], [("duplicate_domain", "/1/domain")]),
    ([{"domain": "work", "need": {"presence": True, "level": 0}}], [("level_out_of_range", "/0/need/level")]),
    ([{"domain": "work", "need": {"presence": True, "level": True}}], [("level_out_of_range", "/0/need/level")]),
    ([{"domain": "work", "need": {"presence": True, "level": 1.0}}], [("level_out_of_range", "/0/need/level")]),
    ([{"domain": "work", "need": {"presence": None, "level": 1}}], [("level_without_presence", "/0/need/level")]),
    ([{"domain": "work", "need": {"presence": 1, "level": 1}}], [("invalid_shape", "/0/need/presence")]),
    (
        [{"domain": "work", "difficulty": {"presence": True, "level": 1, "sources": ["P"]}}],
        [("source_on_difficulty", "/0/difficulty/sources")],
    ),
    (
        [{"domain": "work", "difficulty": {"presence": False, "absent_reason": "declined"}}],
        [("absent_reason_with_answer", "/0/difficulty/absent_reason")],
    ),
    (
        [{"domain": "work", "need": {"presence": True, "level": 1, "absent_reason": "not_applicable"}}],
        [("absent_reason_with_answer", "/0/need/absent_reason")],
    ),
    ([{"domain": "work", "need": NONE_GIVEN | {"sources": ["P"]}}], [("source_without_need", "/0/need/sources")]),
    ([{"domain": "work", "need": NONE_GIVEN | {"note": "x" * 501}}], [("note_too_long", "/0/need/note")]),
    ([{"domain": "work", "need": NONE_GIVEN | {"note": "half \ud83d"}}], [("invalid_shape", "/0/need/note")]),
    ([{"domain": "work", "need": NONE_GIVEN | {"note": "nul \x00"}}], [("invalid_shape", "/0/need/note")]),
]


@pytest.mark.parametrize(("raw", "expected"), REFUSED, ids=lambda value: str(value)[:60])
def test_a_broken_rule_is_refused_with_its_code_and_pointer(raw: Any, expected: list[tuple[str, str]]) -> None:
    assert errors_of(raw) == expected


def test_every_broken_rule_is_reported_at_once() -> None:
    raw = {"work": {"difficulty": 9, "need": 1, "sources": ["?", "F"]}, "food": {"need": True}, "housing": {}}

    assert errors_of(raw) == [
        ("level_out_of_range", "/work/difficulty"),
        ("source_unknown_combined", "/work/sources"),
        ("level_out_of_range", "/food/need"),
        ("unknown_domain", "/housing"),
    ]


def test_an_error_never_repeats_what_was_sent() -> None:
    raw: Any = [
        {"domain": "Jean Martin", "difficulty": {}},
        {"domain": "work", "M. Dubois": 1, "need": {"level": "secret"}},
    ]

    with pytest.raises(InvalidAnswers) as refused:
        parse_answers(ELADEB, raw)

    said = f"{refused.value} {refused.value.errors!r}"
    assert not re.search("Martin|Dubois|secret", said)


def test_compact_reasons_take_their_long_names() -> None:
    reasons = {"work": "refused", "food": "unknown", "children": "not-applicable"}

    answers = parse_answers(ELADEB, {code: {"difficulty": 1, "absent": reason} for code, reason in reasons.items()})

    stored = {answer.domain: answer.need.absent_reason for answer in answers if answer.need}
    assert stored == {"work": "declined", "food": "unknown", "children": "not_applicable"}
    assert all(answer.difficulty and answer.difficulty.absent_reason is None for answer in answers)


def test_not_applicable_may_stand_beside_two_zeros() -> None:
    result = scored(compact(children={"difficulty": 0, "need": 0, "absent": "not-applicable"}))

    assert result.cross.not_applicable == ("children",)


def test_a_note_is_kept_where_it_was_written() -> None:
    raw: Any = [{"domain": "work", "need": {"presence": True, "level": 1, "note": "by phone"}}]

    (answer,) = parse_answers(ELADEB, raw)

    assert answer.need is not None
    assert answer.need.note == "by phone"


def test_a_flag_without_level_is_refused_only_on_a_completed_sheet() -> None:
    raw: Any = [{"domain": code, "difficulty": {"presence": False}} for code in CORE]
    raw[3]["difficulty"] = {"presence": True, "level": None}

    for status in (SheetStatus.IN_PROGRESS, SheetStatus.STOPPED):
        assert len(parse_answers(ELADEB, raw, status)) == 20
    assert errors_of(raw, SheetStatus.COMPLETED) == [("presence_without_level", "/3/difficulty/level")]


def test_a_completed_sheet_gives_a_reason_for_every_null() -> None:
    sheet = compact(work={"difficulty": 1, "need": None})
    del sheet["food"]

    assert errors_of(sheet, SheetStatus.COMPLETED) == [
        ("missing_reason_required", "/work/need"),
        ("missing_reason_required", "/food"),
    ]
    sheet |= {"work": {"difficulty": 1, "absent": "refused"}, "food": {"absent": "unknown"}}
    assert status_of_push(ELADEB, parse_answers(ELADEB, sheet, SheetStatus.COMPLETED)) is SheetStatus.COMPLETED


def test_a_wrong_level_is_not_also_reported_as_missing() -> None:
    sheet = compact(work={"difficulty": 9, "need": 0}, food={"difficulty": 0, "need": None, "absent": "no idea"})

    assert errors_of(sheet, SheetStatus.COMPLETED) == [
        ("level_out_of_range", "/work/difficulty"),
        ("unknown_absent_reason", "/food/absent"),
    ]


@pytest.mark.parametrize(
    ("sheet", "status"),
    [
        (compact(), SheetStatus.COMPLETED),
        ({code: {"difficulty": 0} for code in CORE}, SheetStatus.COMPLETED),
        (compact(food={"absent": "refused"}), SheetStatus.COMPLETED),
        (compact(food={"difficulty": 1}), SheetStatus.STOPPED),
        (compact(sexuality={"difficulty": 1}), SheetStatus.STOPPED),
        (compact(sexuality={}), SheetStatus.COMPLETED),
        ({code: {"need": 0} for code in CORE}, SheetStatus.STOPPED),
        ({}, SheetStatus.STOPPED),
        ([{"domain": code, "difficulty": {"presence": True}} for code in CORE], SheetStatus.STOPPED),
    ],
)
def test_a_pushed_sheet_is_completed_when_every_card_has_an_answer_or_a_reason(sheet: Any, status: SheetStatus) -> None:
    assert status_of_push(ELADEB, parse_answers(ELADEB, sheet)) is status


def test_an_assessment_may_not_lie_in_the_future() -> None:
    late = (AnswerError(code="assessed_at_in_future", pointer="/assessed_at"),)

    assert check_sheet(ELADEB, "0.1.0", NOW + timedelta(minutes=5), NOW) == ()
    assert check_sheet(ELADEB, "0.1.0", NOW + timedelta(minutes=5, seconds=1), NOW) == late
    assert check_sheet(ELADEB, "0.1.0", TODAY, NOW) == ()
    assert check_sheet(ELADEB, "0.1.0", TODAY + timedelta(days=1), NOW) == late


def test_an_unknown_spec_version_is_refused() -> None:
    errors = check_sheet(ELADEB, "9.9.9", TODAY, NOW)

    assert errors == (AnswerError(code="unsupported_spec_version", pointer="/spec_version"),)
