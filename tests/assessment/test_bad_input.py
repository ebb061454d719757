"""What is refused whole: nothing of it is stored, nothing is told."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import COMPLETED, REJECTED, Run, as_compact, filled, read, receive, told
from tests.assessment.sheets import CORE, EXAMPLES, SCORED, compact
from tests.assessment.test_forms import SCALE, pack

TABLES = ("sheet", "draft", "result", "admission", "rejection", "pack", "threshold")
OWN, OTHER = SCORED["E2_complex_social"]["answers"], EXAMPLES["comparison_examples"][0]["other_answers"]
EIGHTEEN = {code: {"difficulty": 1, "need": 0} for code in CORE[:18]}

REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "the edition of 18 cards, card by card": (
        {"edition": "eladeb-18", "answers": EIGHTEEN},
        [("card_import_refused", "/edition")],
    ),
    "the code of 18 cards, card by card": (
        {"instrument": "eladeb-18", "edition": "2011", "answers": EIGHTEEN},
        [("card_import_refused", "/instrument")],
    ),
    "totals of 18 cards under the code of 21": (
        {"answers": {"difficulty_sum": 20, "need_sum": 10}},
        [("unknown_domain", "/answers/difficulty_sum"), ("unknown_domain", "/answers/need_sum")],
    ),
    "18 cards as a completed sheet of 21": (
        {"answers": EIGHTEEN, "status": "completed"},
        [("missing_reason_required", f"/answers/{code}") for code in CORE[18:]],
    ),
    "an unknown edition": ({"edition": "1999"}, [("unknown_edition", "/edition")]),
    "two raters named": ({"rater": ["self", "professional"]}, [("not-one-of", "/rater")]),
    "the answers of two raters, one after the other": (
        {"answers": [*OWN, *OTHER]},
        [
            ("duplicate_domain", f"/answers/{len(OWN) + number}/domain")
            for number, entry in enumerate(OTHER)
            if entry["domain"] in {own["domain"] for own in OWN}
        ],
    ),
    "the answers of two raters, by rater": (
        {"answers": {"self": as_compact(OWN), "professional": as_compact(OTHER)}},
        [("unknown_domain", "/answers/self"), ("unknown_domain", "/answers/professional")],
    ),
    "a rater beside an answer": (
        {"answers": {**compact(), "food": {"difficulty": 1, "need": 0, "rater": "professional"}}},
        [("unknown_field", "/answers/food/rater")],
    ),
}


async def stored(service: UnderTest, tables: Sequence[str] = TABLES) -> dict[str, int]:
    """How many rows there are, of the tables that have some."""
    async with service.app.state.database.raw() as connection:
        found = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
    return {table: count for table, count in found.items() if count}


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """What is refused."""
    assert answer.status_code == 422, answer.text
    return [(fault["code"], fault["pointer"]) for fault in answer.json()["errors"]]


def sheet(**changes: Any) -> dict[str, Any]:
    """A sheet about somebody, as a case manager records it."""
    body = {**filled(compact()), "person_id": str(uuid4()), **changes}
    return {name: value for name, value in body.items() if name != "identifier"}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_sheet_is_refused_with_its_codes_and_pointers_and_nothing_is_stored(run_service: Run, why: str) -> None:
    change, expected = REFUSED[why]
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        assert faults(await nurse.post("/assessment/sheets", json=sheet(**change))) == expected
        assert await stored(service) == {}
        assert await service.announced() == []


async def test_18_cards_under_the_code_of_21_never_pass_for_a_whole_sheet(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        made = (await nurse.post("/assessment/sheets", json=sheet(answers=EIGHTEEN))).json()
        total = made["result"]["difficulty"]["total"]
        assert (made["status"], total["state"], total["expected_n"]) == ("stopped", "partial", 20)


async def test_totals_of_18_cards_are_kept_and_compared_with_nothing(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        person = str(uuid4())
        old = {"instrument": "eladeb-18", "edition": "eladeb-18", "answers": {"difficulty_sum": 20}}
        ids = []
        for change in ({**old, "filled_on": "2026-10-01"}, {**old, "filled_on": "2026-11-01"}, {}):
            made = await nurse.post("/assessment/sheets", json=sheet(person_id=person, **change))
            assert made.status_code == 201, made.text
            ids.append(made.json()["id"])
        for first, second in ((ids[0], ids[1]), (ids[1], ids[2]), (ids[2], ids[1])):
            answer = await nurse.get(f"/assessment/comparisons?first={first}&second={second}")
            assert (answer.status_code, answer.json()["reason"]) == (422, "incomparable_editions")


async def test_an_amended_sheet_is_not_amended_again_and_nothing_more_is_stored(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        place = (await nurse.post("/assessment/sheets", json=sheet())).headers["location"]
        body = {name: value for name, value in sheet().items() if name != "person_id"}
        assert (await nurse.post(f"{place}/amendment", json=body, headers={"if-match": '"1"'})).status_code == 201
        before, said = await stored(service), len(await service.announced())
        for path, given in ((f"{place}/amendment", body), (f"{place}/error", {"reason": "other"})):
            again = await nurse.post(path, json=given, headers={"if-match": '"2"'})
            assert (again.status_code, again.json()["code"]) == (409, "sheet-over")
        assert (await stored(service), len(await service.announced())) == (before, said)


WRONG_DEFINITIONS: dict[str, dict[str, Any]] = {
    "a scale made of itself": {"scales": [{**SCALE, "scales": ["a"]}]},
    "two scales made of each other": {"scales": [SCALE, {**SCALE, "code": "b", "order": 2, "scales": ["a"]}]},
    "a scale of an unknown scale": {"scales": [{**SCALE, "scales": ["nowhere"]}]},
    "a scale of an unknown item": {"scales": [{**SCALE, "scales": [], "items": ["item_9"]}]},
}


@pytest.mark.parametrize("why", WRONG_DEFINITIONS)
async def test_a_definition_with_a_cyclic_or_unknown_reference_is_not_stored(run_service: Run, why: str) -> None:
    async with run_service("assessment") as service, service.client("operator") as operator:
        answer = await operator.post("/assessment/instruments", json=pack(**WRONG_DEFINITIONS[why]))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-instrument")
        assert await stored(service) == {}
        assert await service.announced() == []


# Sheets of instruments with items, as a hospital pushes them


async def test_a_hospital_s_who_5_and_lace_are_scored_and_their_totals_can_be_pulled(run_service: Run) -> None:
    values = {"length_of_stay_days": 6, "acute_admission": 1, "comorbidity_points": 3, "emergency_visits": 4}
    lace = {name: {"value": value} for name, value in values.items()}
    wellbeing = {f"item_{number}": {"value": number} for number in range(1, 6)}
    sheets = [
        filled(wellbeing, identifier="well", instrument="who-5", edition="1998"),
        filled(lace, identifier="lace", instrument="lace", edition="2010", rater="professional"),
        filled({"item_9": {"value": 1}}, identifier="wrong", instrument="who-5", edition="1998"),
    ]
    async with run_service("assessment") as service:
        await receive(service, sheets)
        facts = await told(service, COMPLETED)
        assert sorted(fact["instrument"] for fact in facts) == ["lace", "who-5"]
        found = {}
        for fact in facts:
            totals = await read(service, f"/assessment/sheets/{fact['sheet_id']}/totals", "service-referrals")
            found[totals["identifier"]] = {code: scale["sum"] for code, scale in totals["scales"].items()}
        assert found == {"well": {"raw": 15, "percent": 60}, "lace": {"total": 14}}
        [rejected] = await told(service, REJECTED)
        assert rejected["faults"] == [{"code": "unknown_item", "pointer": "/answers"}]


# Diagnosis and age


async def test_changing_only_diagnosis_or_age_never_changes_the_advice(run_service: Run) -> None:
    """Through the whole service: the same sheets and factors, with whatever else a referral could carry."""
    people: list[dict[str, Any]] = [
        {},
        {"reason": {"diagnoses": [{"system": "icd-10", "code": "I50.9"}]}, "person": {"birth_date": "1931-01-01"}},
        {"diagnoses": ["F20"], "age": 19, "birth_date": "2007-05-05"},
    ]
    kinds = [
        ([], ["living_alone", "social_vulnerability"]),
        ([filled(compact())], []),
        ([filled(compact(food={"difficulty": 2}))], ["carer_burden"]),
        ([filled(compact(addiction={"difficulty": 3, "need": 3}))], []),
    ]
    async with run_service("assessment") as service:
        for sheets, factors in kinds:
            seen = []
            for more in people:
                referral_id = uuid4()
                pushed = {"sheets": sheets, "factors": factors, "discharge_on": None, **more}
                service.neighbours.answers[f"/referrals/{referral_id}/sheets"] = pushed
                data = {
                    "referral_id": referral_id,
                    "sender": "chu",
                    "urgency": "routine",
                    "factors": factors,
                    "sheets": len(sheets),
                }
                await service.deliver("referrals.referral-received.v1", referral_id, data)
                [advice] = (await read(service, f"/assessment/admissions?referral_id={referral_id}"))["items"]
                seen.append((advice["advice"], advice["profile"], advice["rule_version"]))
            assert seen[0] == seen[1] == seen[2]
            assert seen[0][0] is not None
