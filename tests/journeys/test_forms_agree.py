"""The form that the door of referrals publishes is the form that assessment exports."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.assessment.api.instruments import Cards
from services.assessment.domain import load_instrument
from services.assessment.formats.fhir import codes
from services.assessment.formats.fhir.questionnaire import questionnaire_of
from services.referrals.domain import KnownInstrument
from services.referrals.formats.fhir.outbound_codes import ALL_CODES
from services.referrals.formats.fhir.questionnaire import questionnaires_of
from services.referrals.formats.fhir.terminology import code_system
from services.referrals.store.instruments import SHIPPED

Place = tuple[tuple[str, ...], str, list[str]]


def questions(items: list[dict[str, Any]], above: tuple[str, ...] = ()) -> Iterator[Place]:
    """Each question with the groups around it, and the codes that may answer it."""
    for item in items:
        here = (*above, item["linkId"])
        if item["type"] == "group":
            yield from questions(item["item"], here)
        else:
            options = [option["valueCoding"] for option in item["answerOption"]]
            yield here, item["type"], [f"{each['system']}|{each['code']}" for each in options]


def test_both_forms_are_one_url_and_version_with_the_same_questions_in_the_same_places() -> None:
    ours, theirs = questionnaire_of(load_instrument()), questionnaires_of(SHIPPED["eladeb-r", "2011"])[0].wire()
    assert (ours["url"], ours["version"]) == (theirs["url"], theirs["version"])
    assert list(questions(ours["item"])) == list(questions(theirs["item"]))


def test_the_door_s_shipped_copy_is_what_assessment_would_tell_it() -> None:
    told = Cards.of(load_instrument()).model_dump(mode="json")
    assert KnownInstrument.model_validate(told) == SHIPPED["eladeb-r", "2011"]


@pytest.mark.parametrize("name", ["card-level", "help-source", "absent-reason"])
def test_codes_under_one_url_mean_the_same(name: str) -> None:
    ours, theirs = codes.code_systems([load_instrument()])[name], code_system(ALL_CODES[name])
    assert ours["url"] == theirs["url"]
    assert [(each["code"], each["display"], each["designation"]) for each in ours["concept"]] == [
        (each["code"], each["display"], each["designation"]) for each in theirs["concept"]
    ]
