"""The published form, and sheets as responses: both ways the same."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.referrals.domain import Sheet, check_sheet
from services.referrals.domain.document import Rater
from services.referrals.formats.fhir.elements import parse
from services.referrals.formats.fhir.questionnaire import SheetReader, questionnaire_of, response_of
from services.referrals.formats.fhir.resources import Questionnaire, QuestionnaireResponse
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
    form = questionnaire_of(ELADEB)
    wire = form.wire()
    assert parse(Questionnaire, wire).wire() == wire
    assert (form.url, form.version) == ("https://relais.example/fhir/Questionnaire/eladeb-r", "2011")
    links = {item.link_id for group in form.item for item in group.item}
    assert links == {f"{part}.{card}" for part in ("difficulty", "need", "sources", "absent") for card in ELADEB.cards}
    assert {item.text for group in form.item for item in group.item} == set(ELADEB.cards)
    assert form.copyright


def test_every_answer_of_the_published_form_is_taken() -> None:
    for group in questionnaire_of(ELADEB).item:
        for item in group.item[:2]:
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
