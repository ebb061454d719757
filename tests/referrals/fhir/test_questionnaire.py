"""The published form, and sheets as responses: both ways the same."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.referrals.domain import Sheet, check_sheet
from services.referrals.domain.document import Rater
from services.referrals.formats.fhir.elements import parse
from services.referrals.formats.fhir.questionnaire import SheetReader, questionnaires_of, response_of
from services.referrals.formats.fhir.resources import Questionnaire, QuestionnaireResponse
from services.referrals.formats.fhir.resources.forms import QuestionnaireItem
from services.referrals.formats.fhir.sketch import Sketch
from services.referrals.store.instruments import SHIPPED
from shared.errors import Fault

ELADEB = SHIPPED["eladeb-r", "2011"]
LEVELS = st.none() | st.integers(0, 3)
ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "difficulty": LEVELS,
        "need": LEVELS,
        "sources": st.lists(st.sampled_from(["P", "F", "E", "?"]), unique=True),
        "absent": st.sampled_from(["refused", "unknown", "not-applicable"]),
    },
).filter(bool)
ANSWERS = st.dictionaries(st.sampled_from(ELADEB.cards), ANSWER, max_size=21)


def sheet_of(answers: Any) -> Sheet:
    """A sheet with these answers."""
    return Sheet(
        identifier="s",
        instrument="eladeb-r",
        edition="2011",
        filled_on=date(2026, 11, 18),
        rater=Rater.SELF,
        answers=answers,
    )


def read_back(response: QuestionnaireResponse) -> tuple[Any, list[Fault]]:
    """The answers of a response, and its faults."""
    sketch, faults = Sketch("QuestionnaireResponse"), list[Fault]()
    sketch.put(("sheets", 0, "answers"), {}, "QuestionnaireResponse.item")
    SheetReader(sketch, 0, faults).read(response.item, "QuestionnaireResponse")
    return sketch.value["sheets"][0]["answers"], faults


@given(ANSWERS)
@settings(max_examples=150, deadline=None)
def test_a_compact_sheet_comes_back_from_its_response_as_it_was(answers: Any) -> None:
    response = response_of(sheet_of(answers), "r.1", "Patient/r")
    wire = response.wire()
    assert parse(QuestionnaireResponse, wire).wire() == wire
    said = {card: {part: value for part, value in answer.items() if value != []} for card, answer in answers.items()}
    found, faults = read_back(response)
    assert {card: tidy(answer) for card, answer in found.items()} == {card: tidy(answers[card]) for card in found}
    assert found.keys() == {card for card in answers if said[card] or "sources" in answers[card]}
    assert faults == []


def tidy(answer: Any) -> Any:
    """An answer without an empty list of sources: it says nothing."""
    return {part: value for part, value in answer.items() if value != []}


def test_the_published_form_has_every_card_on_every_scale_and_no_card_text() -> None:
    forms = questionnaires_of(ELADEB)
    url = "https://relais.example/fhir/Questionnaire/eladeb-r"
    assert [(form.url, form.version) for form in forms] == [(url, "0.1.0"), (url, "2011")]
    assert len({form.id for form in forms}) == 2
    parts = ("difficulty", "need", "sources", "absent")
    for form in forms:
        wire = form.wire()
        assert parse(Questionnaire, wire).wire() == wire
        assert [item.link_id for item in leaves(form.item)] == [
            f"{part}.{card}" for part in parts for card in ELADEB.cards
        ]
        assert {item.text for item in leaves(form.item)} == set(ELADEB.cards)
        assert form.copyright


def test_the_form_by_spec_version_has_its_cards_in_groups() -> None:
    form = questionnaires_of(ELADEB)[0]
    groups = {group.link_id: [item.link_id for item in group.item] for group in form.item[0].item}
    assert list(groups) == [
        f"difficulty.{group}" for group in ("living_conditions", "daily_pragmatics", "relationships", "health")
    ]
    assert groups["difficulty.living_conditions"][0] == "difficulty.living_place"


def test_a_copy_from_before_spec_versions_were_told_has_the_form_of_its_edition() -> None:
    known = ELADEB.model_copy(update={"spec_version": None, "groups": {}})
    assert [form.version for form in questionnaires_of(known)] == ["2011"]


def test_a_sheet_without_cards_keeps_its_numbers() -> None:
    answers = {"total": {"value": 12.5}, "iadl": {"value": 4}, "adl": {"value": None}}
    sheet = sheet_of(answers).model_copy(update={"instrument": "belrai-screener", "edition": "2"})
    assert response_of(sheet, "r.1", "Patient/r").wire()["item"] == [
        {"linkId": "adl"},
        {"linkId": "iadl", "answer": [{"valueInteger": 4}]},
        {"linkId": "total", "answer": [{"valueDecimal": 12.5}]},
    ]


def leaves(items: list[QuestionnaireItem]) -> list[QuestionnaireItem]:
    """The questions, without the groups around them."""
    return [leaf for item in items for leaf in (leaves(item.item) if item.item else [item])]


def test_every_answer_of_the_published_form_is_taken() -> None:
    for group in questionnaires_of(ELADEB)[0].item:
        for item in leaves(group.item)[:2]:
            for option in item.answer_option:
                coding = option.value_coding
                assert coding
                part, card = item.link_id.split(".")
                code: Any = int(coding.code or "") if part in ("difficulty", "need") else coding.code
                value = [code] if part == "sources" else code
                needed = {"need": 1} if part == "sources" else {}
                sheet = sheet_of({card: {**needed, part: value}})
                assert not list(check_sheet(ELADEB, sheet, ("sheets", 0)))
                assert read_back(response_of(sheet, "r.1", "Patient/r"))[0][card][part] == value
