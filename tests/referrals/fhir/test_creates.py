"""Single creates: a request, a wish to cancel, a sheet, a message; and never a silent duplicate."""

import copy
from typing import Any

import httpx

from shared.testing.harness import UnderTest
from tests.referrals.fhir.bundles import BASE, FHIR_JSON, good, issues, put, response_of, small, task_of
from tests.referrals.fhir.test_transactions import referral_of, sent
from tests.referrals.pushes import SHEET, count, read, step

BOUND = "urn:chu:referral|new"
SHAPES = {
    "bare": ("", "identifier={}"),
    "with the type": ("", "ServiceRequest?identifier={}"),
    "absolute": ("", "http://relais.test/referrals/fhir/ServiceRequest?identifier={}"),
    "as query": ("?identifier={}", ""),
}
UNKEPT = {
    "status=active": (400, "unknown-condition"),
    "identifier=a|b&identifier=c|d": (400, "unknown-condition"),
    "identifier=": (400, "unknown-condition"),
    "identifier=urn:chu:referral|": (400, "unknown-condition"),
    "nonsense": (400, "unknown-condition"),
    "Patient?identifier=urn:chu:referral|new": (400, "unknown-condition"),
    "identifier=urn:chu:referral|other": (422, "condition-mismatch"),
}


async def create(
    referrals: UnderTest, resource: dict[str, Any], query: str = "", persona: str = "hospital-chu", **headers: str
) -> httpx.Response:
    """Create one resource."""
    async with referrals.client(persona) as client:
        where = f"{BASE}/{resource['resourceType']}{query}"
        return await client.post(where, json=resource, headers={**FHIR_JSON, **headers})


async def known(referrals: UnderTest) -> str:
    """The path of a referral that is there already."""
    return referral_of(await sent(referrals, good("known")))


def request(path: str, value: str = "new") -> dict[str, Any]:
    """A new demand for the person of a referral."""
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "urn:chu:referral", "value": value}],
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{path.rsplit('/', 1)[1]}"},
        "reasonCode": [{"text": "Rechute"}],
    }


def abort(path: str, **more: Any) -> dict[str, Any]:
    """A wish to cancel."""
    task = task_of(f"Task/{path.rsplit('/', 1)[1]}", f"Patient/{path.rsplit('/', 1)[1]}")
    put(task, "code.coding[0].code", "abort")
    return {**task, "statusReason": {"text": "Décès"}, **more}


async def test_a_person_is_referred_again_by_a_request_alone(referrals: UnderTest) -> None:
    path = await known(referrals)
    answer = await create(referrals, request(path))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["resourceType"], body["status"]) == ("ServiceRequest", "active")
    assert answer.headers["location"] == f"http://relais.test{BASE}/ServiceRequest/{body['id']}/_history/1"
    assert (answer.headers["etag"], answer.headers["last-modified"]) == ('W/"1"', "Fri, 20 Nov 2026 09:30:00 GMT")
    assert body["subject"]["reference"] == f"Patient/{body['id']}"
    document = (await read(referrals, f"/referrals/{body['id']}"))["document"]
    assert document["person"] == (await read(referrals, path))["document"]["person"]
    assert (document["reason"]["text"], document["consent"]["given"]) == ("Rechute", False)


async def test_a_conditional_create_happens_once_in_all_four_shapes(referrals: UnderTest) -> None:
    path = await known(referrals)
    for number, (query, header) in enumerate(SHAPES.values()):
        bound = f"urn:chu:referral|new-{number}"
        headers = {"if-none-exist": header.format(bound)} if header else {}
        wish = request(path, f"new-{number}")
        answers = [await create(referrals, wish, query.format(bound), **headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 200, 200], answers[0].text
        assert len({answer.headers["location"] for answer in answers}) == 1
    assert await count(referrals) == 5


async def test_a_condition_that_we_cannot_keep_is_refused(referrals: UnderTest) -> None:
    path = await known(referrals)
    for condition, (status, code) in UNKEPT.items():
        by_header = await create(referrals, request(path), **{"if-none-exist": condition})
        assert (by_header.status_code, {told for told, _ in issues(by_header.json())}) == (status, {code}), condition
        if "?" not in condition:
            by_query = await create(referrals, request(path), f"?{condition}")
            assert by_query.status_code == status, condition
    assert await count(referrals) == 1


async def test_header_and_query_together_are_refused(referrals: UnderTest) -> None:
    path = await known(referrals)
    answer = await create(referrals, request(path), f"?identifier={BOUND}", **{"if-none-exist": f"identifier={BOUND}"})
    assert (answer.status_code, issues(answer.json())) == (400, {("unknown-parameter", "http.query.identifier")})


async def test_the_same_request_again_is_the_same_and_another_is_409(referrals: UnderTest) -> None:
    path = await known(referrals)
    first = await create(referrals, request(path))
    assert (await create(referrals, request(path))).content == first.content
    other = {**request(path), "priority": "urgent"}
    answer = await create(referrals, other)
    expected = {("identifier-reused", "ServiceRequest.identifier[0].value")}
    assert (answer.status_code, issues(answer.json())) == (409, expected)


async def test_a_request_needs_a_patient_of_the_caller(referrals: UnderTest) -> None:
    path = await known(referrals)
    stranger = await create(referrals, request(path), persona="hospital-other")
    expected = {("unknown-reference", "ServiceRequest.subject.reference")}
    assert (stranger.status_code, issues(stranger.json())) == (404, expected)
    by_number = {**request(path), "subject": {"identifier": {"system": "urn:x", "value": "1"}}}
    answer = await create(referrals, by_number)
    assert (answer.status_code, issues(answer.json())) == (422, {("person-missing", "ServiceRequest.subject")})


async def test_a_wish_to_cancel_cancels_before_care_and_only_asks_after(referrals: UnderTest) -> None:
    path = await known(referrals)
    answer = await create(referrals, abort(path))
    assert (answer.status_code, answer.json()["status"]) == (201, "cancelled")
    assert answer.headers["location"].endswith(f"/Task/{path.rsplit('/', 1)[1]}/_history/2")
    again = await create(referrals, abort(path))
    assert again.status_code == 409
    assert {code for code, _ in issues(again.json())} == {"illegal-move"}
    assert "state=cancelled" in again.json()["issue"][0]["diagnostics"]


async def test_a_wish_to_cancel_with_an_identifier_is_made_once(referrals: UnderTest) -> None:
    path = await known(referrals)
    wish = abort(path, identifier=[{"system": "urn:chu:task", "value": "t-1"}])
    first = await create(referrals, wish)
    assert first.status_code == 201
    assert (await create(referrals, wish)).headers["location"] == first.headers["location"]
    condition = {"if-none-exist": "identifier=urn:chu:task|t-1"}
    again = await create(referrals, wish, **condition)
    assert (again.status_code, again.headers["location"]) == (200, first.headers["location"])


async def test_the_task_of_a_request_is_there_already(referrals: UnderTest) -> None:
    path = await known(referrals)
    referral = path.rsplit("/", 1)[1]
    answer = await create(referrals, task_of(f"ServiceRequest/{referral}", f"Patient/{referral}"))
    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (200, referral, "requested")


async def test_a_sheet_is_added_before_the_decision(referrals: UnderTest) -> None:
    path = referral_of(await sent(referrals, small("bare")))
    referral = path.rsplit("/", 1)[1]
    sheet = response_of(SHEET, {"reference": f"Patient/{referral}"})
    sheet["basedOn"] = [{"reference": f"ServiceRequest/{referral}"}]
    condition = {"if-none-exist": "identifier=urn:chu:sheets|s-1"}
    first = await create(referrals, sheet)
    assert (first.status_code, first.json()["id"]) == (201, f"{referral}.1"), first.text
    assert (await create(referrals, sheet)).headers["location"] == first.headers["location"]
    assert (await create(referrals, sheet, **condition)).status_code == 200
    assert len((await read(referrals, path))["document"]["sheets"]) == 1
    bad = {**copy.deepcopy(sheet), "identifier": {"system": "urn:chu:sheets", "value": "s-2"}}
    put(bad, "item[0].item[1].answer[0].valueCoding.code", "7")
    answer = await create(referrals, bad)
    where = "QuestionnaireResponse.item[0].item[1].answer[0]"
    assert (answer.status_code, issues(answer.json())) == (422, {("level_out_of_range", where)})
    await step(referrals, "coordinator", path, "acceptance", {})
    late = {**sheet, "identifier": {"system": "urn:chu:sheets", "value": "s-3"}}
    assert (await create(referrals, late)).status_code == 409


async def test_a_message_is_told_and_a_question_answered(referrals: UnderTest) -> None:
    path = await known(referrals)
    referral = path.rsplit("/", 1)[1]
    message: dict[str, Any] = {
        "resourceType": "Communication",
        "identifier": [{"system": "urn:chu:messages", "value": "c-1"}],
        "status": "completed",
        "about": [{"reference": f"Task/{referral}"}],
        "payload": [{"contentString": "Sortie avancée au 24"}],
    }
    first = await create(referrals, message)
    assert (first.status_code, first.json()["id"]) == (201, f"{referral}.1"), first.text
    assert first.json()["payload"] == message["payload"]
    assert (await create(referrals, message)).headers["location"] == first.headers["location"]
    again = await create(referrals, message, "?identifier=urn:chu:messages|c-1")
    assert (again.status_code, again.headers["location"]) == (200, first.headers["location"])
    await step(referrals, "coordinator", path, "information-request", {"question": "Qui a les clés ?"})
    reply = {**message, "identifier": [{"system": "urn:chu:messages", "value": "c-2"}]}
    reply |= {
        "inResponseTo": [{"reference": f"Communication/{referral}.2"}],
        "payload": [{"contentString": "La fille"}],
    }
    assert (await create(referrals, reply)).status_code == 201
    found = await read(referrals, path)
    assert (found["state"], [each["kind"] for each in found["messages"]]) == (
        "in-triage",
        ["message", "question", "answer"],
    )
    stranger = await create(referrals, reply, persona="hospital-other")
    assert stranger.status_code == 404


async def test_the_client_chooses_what_it_gets_back(referrals: UnderTest) -> None:
    path = await known(referrals)
    minimal = await create(referrals, request(path, "a"), prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (201, b"")
    told = await create(referrals, request(path, "b"), prefer="return=OperationOutcome")
    assert issues(told.json()) == {("done", "")}


async def test_each_entry_of_a_batch_stands_for_itself(referrals: UnderTest) -> None:
    path = await known(referrals)
    referral = path.rsplit("/", 1)[1]
    entries = [
        {"resource": request(path, "one"), "request": {"method": "POST", "url": "ServiceRequest"}},
        {
            "resource": {**request(path, "two"), "status": "draft"},
            "request": {"method": "POST", "url": "ServiceRequest"},
        },
        {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
        {"resource": abort(path), "request": {"method": "POST", "url": "Task"}},
        {"resource": abort(path), "request": {"method": "POST", "url": "Task"}},
        {
            "resource": request(path, "one"),
            "request": {"method": "POST", "url": "ServiceRequest", "ifNoneExist": "identifier=urn:chu:referral|one"},
        },
    ]
    answer = await sent(referrals, {"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert (answer.status_code, answer.json()["type"]) == (200, "batch-response")
    told = [each["response"] for each in answer.json()["entry"]]
    assert [each["status"][:3] for each in told] == ["201", "422", "422", "201", "409", "200"], told
    assert issues(told[1]["outcome"]) == {("wrong-status", "Bundle.entry[1].resource.status")}
    assert issues(told[2]["outcome"]) == {("type-not-taken", "Bundle.entry[2].resource.resourceType")}
    assert told[5]["location"] == told[0]["location"]
    assert (await read(referrals, path))["state"] == "cancelled"
    assert await count(referrals) == 2
    assert referral in told[3]["location"]


async def test_a_dry_run_checks_everything_and_stores_nothing(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        for where in ("$validate", "Bundle/$validate"):
            answer = await client.post(f"{BASE}/{where}", json=good(), headers=FHIR_JSON)
            assert (answer.status_code, issues(answer.json())) == (200, {("all-good", "")}), answer.text
        bad = good()
        put(bad, "entry[0].resource.identifier[0].value", "50020300104")
        wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": bad}]}
        for body in (bad, wrapped):
            answer = await client.post(f"{BASE}/$validate", json=body, headers=FHIR_JSON)
            expected = {("niss-check-digits", "Bundle.entry[0].resource.identifier[0].value")}
            assert (answer.status_code, issues(answer.json())) == (200, expected)
        draft = {**request("/x/01a201af-8381-755a-adb9-03aa2f298f5c"), "status": "draft"}
        answer = await client.post(f"{BASE}/ServiceRequest/$validate", json=draft, headers=FHIR_JSON)
        assert ("wrong-status", "ServiceRequest.status") in issues(answer.json())
    assert await count(referrals) == 0
    assert "referrals.referral-received.v1" not in await referrals.types()
