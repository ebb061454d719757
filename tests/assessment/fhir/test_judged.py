"""HAPI's validator finds nothing wrong in what assessment tells in FHIR, and sees what is broken on purpose."""

import copy
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.assessment.deliveries import Run
from tests.assessment.sheets import CODES, CORE, EXAMPLES, SCORED, compact
from tests.outside.judge import Judge

CARDS = {"instrument": "eladeb-r", "edition": "2011"}
SENT: dict[str, dict[str, Any]] = {
    **{name: {**CARDS, "answers": example["answers"]} for name, example in SCORED.items()},
    "the professional of a pair": {
        **CARDS,
        "rater": "professional",
        "answers": EXAMPLES["comparison_examples"][0]["other_answers"],
    },
    "partial, with reasons": {
        **CARDS,
        "answers": compact(
            work={"absent": "refused"}, food={"difficulty": 2}, children={"difficulty": 0, "absent": "not-applicable"}
        ),
    },
    "sources and the optional card": {
        **CARDS,
        "rater": "relative",
        "answers": compact(sexuality={"difficulty": 3, "need": 2, "sources": ["P", "F"]}),
    },
    "nothing at all": {**CARDS, "answers": {}},
    "WHO-5": {"instrument": "who-5", "edition": "1998", "answers": {f"item_{n}": n for n in range(1, 6)}},
    "WHO-5, partial": {
        "instrument": "who-5",
        "edition": "1998",
        "answers": {"item_1": 3, "item_2": {"absent": "refused"}},
    },
    "LACE": {
        "instrument": "lace",
        "edition": "2010",
        "rater": "professional",
        "answers": {
            "length_of_stay_days": 6,
            "acute_admission": 1,
            "comorbidity_points": 3,
            "emergency_visits": 4,
        },
    },
    "PACIC": {"instrument": "pacic", "edition": "2005", "answers": {f"item_{n}": n % 5 + 1 for n in range(1, 20)}},
    "BelRAI": {
        "instrument": "belrai-screener",
        "edition": "2",
        "rater": "professional",
        "answers": {"total": 12.5, "iadl": 4},
    },
    "resources": {"instrument": "resources", "edition": "1", "answers": {"own_home": 1, "steady_income": 0}},
    "ELADEB of 18 cards": {"instrument": "eladeb-18", "edition": "eladeb-18", "answers": {"difficulty_sum": 20}},
}


async def recorded(nurse: httpx.AsyncClient, **given: Any) -> str:
    """A recorded sheet's id."""
    body = {"filled_on": "2026-11-12", "rater": "self", "person_id": str(uuid4()), **given}
    answer = await nurse.post("/assessment/sheets", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def told(nurse: httpx.AsyncClient, sheet_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A sheet and its scores in FHIR."""
    response = await nurse.get(f"/assessment/fhir/QuestionnaireResponse/{sheet_id}")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/fhir+json; charset=utf-8")
    query = {"derived-from": f"QuestionnaireResponse/{sheet_id}"}
    scores = await nurse.get("/assessment/fhir/Observation", params=query)
    assert scores.status_code == 200, scores.text
    return response.json(), [entry["resource"] for entry in scores.json().get("entry", [])]


async def test_every_form_and_code_system_is_valid(run_service: Run, judge: Judge, taught: Callable[..., Any]) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        published = await taught(nurse)
        whole = (await nurse.get("/assessment/fhir/Questionnaire")).json()

    assert {form["id"] for form in published["Questionnaire"]} >= {"eladeb-r", "who-5", "lace", "eq-5d-5l", "pacic"}
    wrong = {
        f"{kind}/{each['id']}": errors
        for kind, resources in published.items()
        for each in resources
        if (errors := judge.errors(each))
    }
    assert wrong == {}
    assert judge.errors(whole) == []


async def test_every_example_sheet_and_its_scores_are_valid(
    run_service: Run, judge: Judge, taught: Callable[..., Any]
) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        await taught(nurse)
        for name, given in SENT.items():
            response, scores = await told(nurse, await recorded(nurse, **given))
            assert judge.errors(response) == [], name
            assert [error for each in scores for error in judge.errors(each)] == [], name


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an answer that the form does not offer": lambda response: card(response)["answer"][0]["valueCoding"].update(
        code="7"
    ),
    "a card that the form does not have": lambda response: card(response).update(linkId="difficulty.weather"),
    "a card outside its group": lambda response: response["item"].append(card(response)),
    "a state that FHIR does not know": lambda response: response.update(status="half-done"),
    "another kind of answer": lambda response: card(response).update(answer=[{"valueString": "much"}]),
}


def card(response: dict[str, Any]) -> dict[str, Any]:
    """The first card of the first group of the first scale."""
    found: dict[str, Any] = response["item"][0]["item"][0]["item"][0]
    return found


async def test_the_judge_sees_what_is_broken(run_service: Run, judge: Judge, taught: Callable[..., Any]) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        published = await taught(nurse)
        response, scores = await told(nurse, await recorded(nurse, **SENT["E2_complex_social"]))

    for fault, spoil in BROKEN.items():
        spoiled = copy.deepcopy(response)
        spoil(spoiled)
        assert judge.errors(spoiled), fault
    assert judge.errors({**scores[0], "status": "done"})
    assert judge.errors({**scores[0], "valueString": "27"})
    form = copy.deepcopy(next(each for each in published["Questionnaire"] if each["id"] == "eladeb-r"))
    form["item"][1]["linkId"] = form["item"][0]["linkId"]
    assert judge.errors(form)


@pytest.mark.parametrize("name", ["E2_complex_social", "E6_need_scale_not_given", "partial, with reasons"])
async def test_a_total_is_told_of_a_complete_scale_only(run_service: Run, name: str) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        sheet_id = await recorded(nurse, **SENT[name])
        response, scores = await told(nurse, sheet_id)
        result = (await nurse.get(f"/assessment/sheets/{sheet_id}")).json()["result"]

    assert response["questionnaire"] == "https://relais.example/fhir/Questionnaire/eladeb-r|0.1.0"
    assert len(scores) == 2 * 5
    by_code = {each["code"]["coding"][0]["code"]: each for each in scores}
    for scale in ("difficulty", "need"):
        found, total = by_code[f"eladeb-r.{scale}"], result[scale]["total"]
        counted = {each["code"]["coding"][0]["code"]: each["valueInteger"] for each in found["component"]}
        assert counted["answered-n"] == total["answered_n"]
        assert [each["reference"].partition("/")[2] for each in found["hasMember"]] == [
            by_code[f"eladeb-r.{scale}.{group}"]["id"] for group in result[scale]["groups"]
        ]
        assert found["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{sheet_id}"}]
        assert found.get("valueInteger") == (total["sum"] if total["state"] == "complete" else None)
        reasons = {"complete": None, "partial": "unknown", "not_administered": "not-performed"}
        absent = found.get("dataAbsentReason", {"coding": [{"code": None}]})
        assert absent["coding"][0]["code"] == reasons[total["state"]]


async def test_missing_is_an_item_without_answer_and_with_its_reason(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        response, _ = await told(nurse, await recorded(nurse, **SENT["partial, with reasons"]))
        professional, _ = await told(nurse, await recorded(nurse, **SENT["the professional of a pair"]))

    items = {
        item["linkId"]: item for scale in response["item"] for group in scale["item"] for item in group.get("item", [])
    }
    absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    assert items["need.work"] == {
        "extension": [{"url": absent, "valueCode": "asked-declined"}],
        "linkId": "need.work",
    }
    assert items["need.food"] == {"linkId": "need.food"}
    assert items["difficulty.food"]["answer"][0]["valueCoding"]["code"] == "2"
    assert "difficulty.sexuality" not in items
    assert (response["source"]["type"], response["author"]["type"]) == ("Patient", "Practitioner")
    assert (professional["source"]["type"], len(professional["item"])) == ("Practitioner", 1)


async def test_the_form_weighs_its_answers_requires_nothing_and_shows_titles_where_it_may(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("hospital-chu") as hospital:
        form = (await hospital.get("/assessment/fhir/Questionnaire/eladeb-r")).json()
        named = await hospital.get("/assessment/fhir/Questionnaire", params={"url": f"{form['url']}|0.1.0"})
        other = await hospital.get("/assessment/fhir/Questionnaire", params={"url": f"{form['url']}|9.9.9"})
        licensed = (await hospital.get("/assessment/fhir/Questionnaire/belrai-screener?version=1.0.0")).json()
        levels = (await hospital.get("/assessment/fhir/CodeSystem/card-level")).json()
        missing = await hospital.get("/assessment/fhir/Questionnaire/eladeb-r?version=2011")

    assert (named.json()["total"], named.json()["entry"][0]["resource"]) == (1, form)
    assert (other.json()["total"], missing.status_code) == (0, 404)
    scales = {group["linkId"]: group for group in form["item"]}
    cards = [item for group in scales["difficulty"]["item"] for item in group["item"]]
    assert sorted(item["linkId"] for item in cards) == sorted(f"difficulty.{code}" for code in CODES)
    assert next(group["linkId"] for group in scales["need"]["item"]) == "need.living_conditions"
    for item in cards:
        given = [option["valueCoding"] for option in item["answerOption"]]
        assert [each["code"] for each in given] == ["0", "1", "2", "3"]
        assert [[part["valueDecimal"] for part in each["extension"]] for each in given] == [
            [level, level] for level in range(4)
        ]
    assert {item["required"] for item in cards} == {False}
    assert len(CORE) == 20
    assert "CHUV" in form["copyright"]
    assert cards[0]["text"] == "Lieu de vie"
    assert "interRAI" in licensed["copyright"]
    assert [item["text"] for item in licensed["item"]] == [item["linkId"] for item in licensed["item"]]
    assert [each["code"] for each in levels["concept"]] == ["0", "1", "2", "3"]


async def test_only_those_who_may_read_a_sheet_read_it_in_fhir(run_service: Run) -> None:
    async with run_service("assessment") as service:
        async with service.client("case-manager-nurse") as nurse:
            sheet_id = await recorded(nurse, **SENT["WHO-5"])
        paths = [
            f"/assessment/fhir/QuestionnaireResponse/{sheet_id}",
            f"/assessment/fhir/Observation?derived-from=QuestionnaireResponse/{sheet_id}",
        ]
        for persona, status in (("hospital-chu", 403), ("partner-centre", 403), ("operator", 403)):
            async with service.client(persona) as client:
                assert [(await client.get(path)).status_code for path in paths] == [status, status]
        async with service.client("case-manager-nurse", org_id="elsewhere") as other:
            assert [(await other.get(path)).status_code for path in paths] == [404, 404]
