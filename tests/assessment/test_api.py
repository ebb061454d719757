"""The routes of assessment on a real database."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from services.assessment.domain import load_instrument
from shared.ids import new_id
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import COMPLETED, as_compact, filled, read, receive, told
from tests.assessment.sheets import EXAMPLES, SCORED, compact

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

PERSON = "01900000-0000-7000-8000-00000000000a"
ELADEB = {"instrument": "eladeb-r", "edition": "2011"}


def recorded(answers: Any, **given: Any) -> dict[str, Any]:
    """A sheet as a case manager records it."""
    body = {**filled(answers), "person_id": PERSON, **given}
    del body["identifier"]
    return body


async def post(service: UnderTest, path: str, body: Any, persona: str = "case-manager-nurse") -> httpx.Response:
    """What a persona sends there."""
    async with service.client(persona) as client:
        return await client.post(path, json=body)


async def record(service: UnderTest, answers: Any, **given: Any) -> str:
    """A recorded sheet's id."""
    answer = await post(service, "/assessment/sheets", recorded(answers, **given))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """What is refused, as (code, pointer)."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [(fault["code"], fault["pointer"]) for fault in answer.json()["errors"]]


# Instruments


async def test_the_instruments_are_listed_with_their_attribution(run_service: Run) -> None:
    async with run_service("assessment") as service:
        listed = (await read(service, "/assessment/instruments", "hospital-chu"))["items"]
        [instrument] = [each for each in listed if each["method"] == "cards"]

        assert (instrument["code"], instrument["edition"], instrument["spec_version"]) == ("eladeb-r", "2011", "0.1.0")
        assert "CHUV" in instrument["attribution"]
        assert instrument["languages"] == ["fr", "nl", "de", "en"]


async def test_a_spec_version_is_read_in_full_with_rights_and_labels(run_service: Run) -> None:
    async with run_service("assessment") as service:
        instrument = await read(service, "/assessment/instruments/eladeb-r/0.1.0", "partner-centre")

        assert instrument == load_instrument().model_dump(mode="json")


@pytest.mark.parametrize("path", ["eladeb-r/9.9.9", "eladeb-r/2011", "cansas/0.1.0", "cansas/1.0.0/cards"])
async def test_an_unknown_instrument_is_not_found(run_service: Run, path: str) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as client:
        assert (await client.get(f"/assessment/instruments/{path}")).status_code == 404


# Dry-run scores


@pytest.mark.parametrize("form", [list, as_compact], ids=["long", "compact"])
@pytest.mark.parametrize("example", SCORED.values(), ids=SCORED.keys())
async def test_worked_examples_score_to_the_digit(
    run_service: Run, example: dict[str, Any], form: Callable[[Any], Any]
) -> None:
    async with run_service("assessment") as service:
        body = {**ELADEB, "answers": form(example["answers"]), "parameters": example["parameters"]}
        answer = await post(service, "/assessment/score", body, "hospital-chu")

        assert answer.status_code == 200, answer.text
        assert answer.json()["score"] == example["expected"]
        assert (answer.json()["status"], answer.json()["scoring_version"]) == ("completed", "eladeb-r/1")


async def test_a_dry_run_advises_from_answers_and_factors(run_service: Run) -> None:
    async with run_service("assessment") as service:
        body = {**ELADEB, "answers": compact(), "factors": ["carer_burden"]}
        calm, burdened = [
            (await post(service, "/assessment/score", {**body, "factors": factors}, "line-nurse")).json()["complexity"]
            for factors in ([], ["carer_burden", "difficult_family_situation"])
        ]

        assert (calm["advice"], burdened["advice"]) == ("self_management", "case_management")
        assert burdened["dimensions"][3]["state"] == "dominant"


async def test_a_dry_run_keeps_and_announces_nothing(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await post(service, "/assessment/score", {**ELADEB, "answers": compact()})

        assert await service.announced() == []
        async with service.app.state.database.raw() as connection:
            for table in ("sheet", "admission", "rejection", "referral_person"):
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize("path", ["/assessment/score", "/assessment/sheets"])
@pytest.mark.parametrize("example", EXAMPLES["invalid_examples"], ids=lambda example: example["id"])
async def test_invalid_answers_are_refused_with_code_and_pointer(
    run_service: Run, path: str, example: dict[str, Any]
) -> None:
    async with run_service("assessment") as service:
        body = recorded(example["answers"], status=example.get("sheet_status"))
        if path.endswith("score"):
            body = {name: body[name] for name in (*ELADEB, "answers", "status")}
        answer = await post(service, path, body)

        found = faults(answer)
        assert example["errors"][0] in [code for code, _ in found]
        assert {code for code, _ in found} <= {*example["errors"], "missing_reason_required"}
        assert all(pointer == "/answers" or pointer.startswith("/answers/0/") for _, pointer in found)
        assert await service.announced() == []


async def test_the_sender_sees_the_whole_pointer_even_to_a_sensitive_card(run_service: Run) -> None:
    async with run_service("assessment") as service:
        answer = await post(service, "/assessment/score", {**ELADEB, "answers": {"addiction": {"difficulty": 7}}})

        assert faults(answer) == [("level_out_of_range", "/answers/addiction/difficulty")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"instrument": "cansas"}, [("unknown_instrument", "/instrument")]),
        ({"edition": "1999"}, [("unknown_edition", "/edition")]),
        ({"edition": "eladeb-18"}, [("card_import_refused", "/edition")]),
        ({"answers": 7}, [("invalid_shape", "/answers")]),
        ({"filled_on": "2026-11-21"}, [("assessed_at_in_future", "/filled_on")]),
        ({"filled_on": "yesterday"}, [("wrong-format", "/filled_on")]),
        ({"filled_on": "1750-01-01"}, [("out-of-range", "/filled_on")]),
        ({"rater": "neighbour"}, [("not-one-of", "/rater")]),
        ({"language": "French"}, [("wrong-format", "/language")]),
        ({"status": "amended"}, [("not-one-of", "/status")]),
        ({"person_id": "Mrs Dupont"}, [("wrong-format", "/person_id")]),
        ({"person_id": None}, [("wrong-type", "/person_id")]),
        ({"organisation": "chu"}, [("unknown-field", "/organisation")]),
        ({"result": {}}, [("unknown-field", "/result")]),
        (
            {"answers": {"work": {"difficulty": 9}}, "filled_on": "2027-01-01"},
            [("assessed_at_in_future", "/filled_on"), ("level_out_of_range", "/answers/work/difficulty")],
        ),
    ],
)
async def test_a_sheet_that_cannot_be_right_is_refused(
    run_service: Run, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    async with run_service("assessment") as service:
        answer = await post(service, "/assessment/sheets", recorded(compact()) | change)

        assert faults(answer) == expected
        assert "Dupont" not in answer.text


@pytest.mark.parametrize(
    "note", ['"\\ud800"', '"\\u0000"', '"' + "x" * 501 + '"', "7"], ids=["surrogate", "nul", "long", "number"]
)
async def test_a_note_that_cannot_be_kept_is_refused(run_service: Run, note: str) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as client:
        body = json.dumps(recorded([{"domain": "work", "difficulty": {"presence": False, "note": "NOTE"}}]))
        headers = {"content-type": "application/json"}
        answer = await client.post("/assessment/sheets", content=body.replace('"NOTE"', note), headers=headers)

        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"factors": ["Mrs Dupont"]}, ("wrong-format", "/factors/0")),
        ({"factors": ["a"] * 21}, ("too-long", "/factors")),
        ({"parameters": {"sexuality_group": "daily_pragmatics"}}, ("not-one-of", "/parameters/sexuality_group")),
        ({"parameters": {"age": 80}}, ("unknown-field", "/parameters/age")),
        ({"age": 80}, ("unknown-field", "/age")),
    ],
)
async def test_a_dry_run_refuses_what_it_does_not_know(
    run_service: Run, change: dict[str, Any], expected: tuple[str, str]
) -> None:
    async with run_service("assessment") as service:
        answer = await post(service, "/assessment/score", {**ELADEB, "answers": compact(), **change})

        assert faults(answer) == [expected]


# Recorded sheets


async def test_a_case_manager_records_a_sheet_for_a_person(run_service: Run) -> None:
    async with run_service("assessment") as service:
        answers = SCORED["E2_complex_social"]["answers"]
        answer = await post(service, "/assessment/sheets", recorded(answers, rater="professional"))

        sheet = answer.json()
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
        assert answer.headers["location"] == f"/assessment/sheets/{sheet['id']}"
        assert sheet["result"] == SCORED["E2_complex_social"]["expected"]
        assert (sheet["person_id"], sheet["referral_id"], sheet["identifier"]) == (PERSON, None, None)
        assert await read(service, answer.headers["location"], "coordinator") == sheet
        [fact] = await told(service, COMPLETED)
        assert (fact["sheet_id"], fact["person_id"], fact["referral_id"]) == (sheet["id"], PERSON, None)


async def test_a_sheet_said_to_be_completed_gives_a_reason_for_every_null(run_service: Run) -> None:
    async with run_service("assessment") as service:
        answers = compact(work={"difficulty": 1, "need": None})

        refused = await post(service, "/assessment/sheets", recorded(answers, status="completed"))
        kept = await post(service, "/assessment/sheets", recorded(answers))

        assert faults(refused) == [("missing_reason_required", "/answers/work/need")]
        assert (kept.status_code, kept.json()["status"]) == (201, "stopped")


async def test_a_repeated_recording_with_its_key_is_recorded_once(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as client:
        headers = {"idempotency-key": "once"}
        first, again = [
            await client.post("/assessment/sheets", json=recorded(compact()), headers=headers) for _ in range(2)
        ]

        assert first.status_code == again.status_code == 201
        assert first.content == again.content
        assert await service.types() == [COMPLETED]


async def test_nothing_changes_or_removes_a_sheet(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as client:
        path = f"/assessment/sheets/{await record(service, compact())}"
        before = await client.get(path)

        for method in ("PUT", "PATCH", "DELETE", "POST"):
            answer = await client.request(method, path, headers={"if-match": before.headers["etag"]})
            assert answer.status_code == 405
        assert (await client.get(path)).content == before.content


async def test_sheets_are_listed_page_by_page_the_latest_filled_first(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as client:
        days = ["2026-03-01", "2026-05-01", "2026-04-01", "2026-05-01", "2026-02-01"]
        for day in days:
            await record(service, compact(), filled_on=day)
        await record(service, compact(), person_id=str(new_id()))

        seen, path = [], f"/assessment/sheets?person_id={PERSON}&limit=2"
        for number in range(3):
            answer = await client.get(path)
            page = answer.json()
            seen += page["items"]
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
            assert bool(path) is (page["next"] is not None) is (number < 2)

        assert [item["filled_on"] for item in seen] == sorted(days, reverse=True)
        assert len({item["id"] for item in seen}) == 5
        assert "answers" not in seen[0]


@pytest.mark.parametrize("kind", ["sheets", "admissions"])
async def test_a_list_is_about_a_person_or_a_referral(run_service: Run, kind: str) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as client:
        assert faults(await client.get(f"/assessment/{kind}")) == [("required", "/query/person_id")]
        assert faults(await client.get(f"/assessment/{kind}?person_id=x")) == [("wrong-format", "/query/person_id")]
        assert faults(await client.get(f"/assessment/{kind}?name=x")) == [("unknown-parameter", "/query/name")]

        referral_id = await receive(service, [filled(compact())])
        for wanted, found in ((f"referral_id={referral_id}", 1), (f"referral_id={referral_id}&person_id={PERSON}", 0)):
            assert len((await client.get(f"/assessment/{kind}?{wanted}")).json()["items"]) == found


async def test_only_referrals_pulls_totals(run_service: Run) -> None:
    async with run_service("assessment") as service:
        path = f"/assessment/sheets/{await record(service, compact())}/totals"
        for persona, status in (("service-referrals", 200), ("service-cases", 403), ("hospital-chu", 403)):
            async with service.client(persona) as client:
                assert (await client.get(path)).status_code == status


# Comparisons


async def test_patient_and_professional_compare_as_worked_out(run_service: Run) -> None:
    example = EXAMPLES["comparison_examples"][0]
    async with run_service("assessment") as service:
        own = await record(service, SCORED[example["baseline_example"]]["answers"])
        other = await record(service, example["other_answers"], rater="professional")

        found = await read(service, f"/assessment/comparisons?first={own}&second={other}")

        deltas, persisting = (found["difficulty"].pop(name) for name in ("per_domain_delta", "persisting"))
        assert found == {"pair_type": "rater", "difficulty": example["expected"]["difficulty"], "need": None}
        assert len(deltas) == 21
        assert 0 < len(persisting) <= 14


async def test_two_dates_of_one_rater_are_a_follow_up(run_service: Run) -> None:
    async with run_service("assessment") as service:
        before = await record(service, {"work": {"difficulty": 3}}, filled_on="2026-05-01")
        after = await record(service, {"work": {"difficulty": 0}}, filled_on="2026-11-01")

        found = await read(service, f"/assessment/comparisons?first={before}&second={after}")

        assert (found["pair_type"], found["difficulty"]["resolved"]) == ("follow_up", ["work"])


async def test_sheets_that_are_no_pair_are_not_compared(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as client:
        early = await record(service, compact(), filled_on="2026-05-01")
        late = await record(service, compact())
        strange = await record(service, compact(), person_id=str(new_id()), rater="relative")
        await receive(service, [filled(compact())])
        unknown = (await told(service, COMPLETED))[-1]["sheet_id"]

        for first, second, reason in (
            (late, early, "incomparable_dates"),
            (early, early, "incomparable_dates"),
            (early, strange, "incomparable_persons"),
            (early, unknown, "incomparable_persons"),
        ):
            answer = await client.get(f"/assessment/comparisons?first={first}&second={second}")
            assert (answer.status_code, answer.json()["code"]) == (422, "incomparable-sheets")
            assert answer.json()["reason"] == reason


async def test_two_raters_of_one_referral_compare_before_the_person_is_known(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(
            service,
            [filled(compact(), identifier="own"), filled(compact(), identifier="other", rater="relative")],
        )
        first, second = [fact["sheet_id"] for fact in await told(service, COMPLETED)]

        found = await read(service, f"/assessment/comparisons?first={first}&second={second}")

        assert found["difficulty"]["exact_agreement_n"] == 20


# Who may do what


@pytest.mark.parametrize(
    ("method", "path", "stranger"),
    [
        ("GET", "/assessment/instruments", "auditor"),
        ("GET", "/assessment/instruments/eladeb-r/0.1.0", "auditor"),
        ("GET", "/assessment/instruments/eladeb-r/0.1.0/cards", "auditor"),
        ("POST", "/assessment/score", "partner-centre"),
        ("POST", "/assessment/sheets", "coordinator"),
        ("GET", f"/assessment/sheets?person_id={PERSON}", "hospital-chu"),
        ("GET", f"/assessment/sheets/{PERSON}", "analyst"),
        ("GET", f"/assessment/sheets/{PERSON}/totals", "coordinator"),
        ("GET", f"/assessment/comparisons?first={PERSON}&second={PERSON}", "partner-centre"),
        ("GET", f"/assessment/admissions?person_id={PERSON}", "hospital-chu"),
        ("GET", f"/assessment/admissions/{PERSON}", "analyst"),
    ],
)
async def test_nobody_gets_in_without_a_token_or_with_the_wrong_role(
    run_service: Run, method: str, path: str, stranger: str
) -> None:
    body = recorded(compact()) if path.endswith("sheets") else {**ELADEB, "answers": compact()}
    async with run_service("assessment") as service:
        for persona, status in ((None, 401), (stranger, 403)):
            async with service.client(persona) as client:
                answer = await client.request(method, path, json=body if method == "POST" else None)
                assert answer.status_code == status, answer.text


async def test_another_organisation_finds_nothing(run_service: Run) -> None:
    async with run_service("assessment") as service:
        sheet_id = await record(service, compact())
        referral_id = await receive(service, [filled(compact())])
        [admission] = (await read(service, f"/assessment/admissions?referral_id={referral_id}"))["items"]

        async with service.client("coordinator", org_id="elsewhere") as client:
            for path in (
                f"/assessment/sheets/{sheet_id}",
                f"/assessment/admissions/{admission['id']}",
                f"/assessment/comparisons?first={sheet_id}&second={sheet_id}",
                f"/assessment/sheets/{new_id()}",
            ):
                assert (await client.get(path)).status_code == 404
            for path in (f"/assessment/sheets?person_id={PERSON}", f"/assessment/admissions?referral_id={referral_id}"):
                assert (await client.get(path)).json() == {"items": [], "next": None}
