"""Changing a referral by its Task or its request: the state table guards, versions are claimed, nothing else moves."""

import asyncio
from typing import Any

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.fhir_out.talk import (
    ORGANISATION,
    checked,
    codes_of,
    get,
    merge,
    open_case,
    patch,
    put,
    referred,
    staff_patch,
    task,
)
from tests.referrals.pushes import FULL, id_of, push, read

PARAMETERS = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "replace"},
                {"name": "path", "valueString": "Task.status"},
                {"name": "value", "valueCode": "cancelled"},
            ],
        },
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "add"},
                {"name": "path", "valueString": "Task"},
                {"name": "name", "valueString": "statusReason"},
                {"name": "value", "valueCodeableConcept": {"text": "went home"}},
            ],
        },
    ],
}
DIALECTS: dict[str, Any] = {
    "application/json-patch+json": [
        {"op": "test", "path": "/meta/versionId", "value": "1"},
        {"op": "replace", "path": "/status", "value": "cancelled"},
        {"op": "add", "path": "/statusReason", "value": {"text": "went home"}},
    ],
    "application/fhir+json": PARAMETERS,
    "application/json": {"status": "cancelled", "statusReason": {"text": "went home"}},
    "application/merge-patch+json": {
        "resourceType": "Task",
        "status": "cancelled",
        "statusReason": {"text": "went home"},
    },
}


@pytest.mark.parametrize("media", DIALECTS)
async def test_the_sender_cancels_in_every_dialect_without_naming_a_version(referrals: UnderTest, media: str) -> None:
    one = await referred(referrals)
    answer = await patch(referrals, "hospital-chu", one, DIALECTS[media], media)
    assert answer.status_code == 200, answer.text
    found = checked(answer)
    assert (found["status"], found["statusReason"]["text"]) == ("cancelled", "went home")
    assert found["businessStatus"]["coding"][0]["code"] == "by-sender"
    assert answer.headers["etag"] == 'W/"2"'
    assert (await referrals.types())[-1] == "referrals.referral-cancelled.v1"
    again = await patch(referrals, "hospital-chu", one, {"status": "cancelled"})
    assert (again.status_code, again.headers["etag"]) == (200, 'W/"2"')
    request = checked(await get(referrals, f"ServiceRequest/{one}"))
    assert request["status"] == "revoked"


REFUSED_PATCHES: list[tuple[str, Any, int, str]] = [
    ("application/json", {"priority": "urgent"}, 422, "Task.priority"),
    ("application/json", {"status": "ready"}, 422, "Task.status"),
    ("application/json", {"status": 5}, 422, "Task.status"),
    ("application/json", {"status": None}, 422, "Task.status"),
    ("application/json", {"statusReason": {"text": "x"}}, 422, "Task.statusReason"),
    ("application/json", "cancelled", 422, ""),
    ("application/json-patch+json", [{"op": "replace", "path": "/owner", "value": {}}], 422, "[0].path"),
    ("application/json-patch+json", [{"op": "move", "from": "/for", "path": "/statusReason"}], 422, "[0].from"),
    ("application/json-patch+json", [{"op": "remove", "path": "/statusReason"}], 422, ""),
    ("application/json-patch+json", [{"op": "fly", "path": "/status"}], 422, ""),
    ("application/json-patch+json", [{"path": "/status"}], 422, ""),
    ("application/json-patch+json", [], 422, ""),
    ("application/json-patch+json", [5], 422, "[0]"),
    ("application/json-patch+json", [{"op": "test", "path": "/meta/versionId", "value": "9"}], 412, ""),
    ("application/fhir+json", {"resourceType": "Parameters"}, 422, ""),
    ("text/plain", {"status": "cancelled"}, 415, ""),
]


async def test_anything_but_the_status_is_refused_and_nothing_changes(referrals: UnderTest) -> None:
    one = await referred(referrals)
    for media, body, status, expression in REFUSED_PATCHES:
        answer = await patch(referrals, "hospital-chu", one, body, media)
        assert answer.status_code == status, (body, answer.text)
        assert {place for place, _ in codes_of(checked(answer))} == {expression}, body
    assert (await task(referrals, one))["meta"]["versionId"] == "1"


async def test_a_cancellation_after_the_case_is_open_is_a_request(referrals: UnderTest) -> None:
    one = await referred(referrals)
    await staff_patch(referrals, "coordinator", one, merge("accepted"))
    await open_case(referrals, one)
    answer = await patch(referrals, "hospital-chu", one, merge("cancelled", text="readmitted"))
    found = checked(answer)
    assert (answer.status_code, found["status"]) == (200, "in-progress")
    assert found["businessStatus"]["coding"][0]["code"] == "cancellation-requested"
    assert found["statusReason"]["text"] == "readmitted"
    granted = await staff_patch(referrals, "coordinator", one, merge("cancelled"))
    assert (granted.status_code, checked(granted)["status"]) == (200, "cancelled")


async def test_staff_move_the_task_as_they_do_by_json(referrals: UnderTest) -> None:
    redirect = merge("rejected", "redirected", text="closer to home")
    redirect["statusReason"]["coding"] = [{"system": ORGANISATION, "code": "centre"}]
    moves: list[tuple[str, Any, str, str]] = [
        ("line-nurse", merge("requested", "in-triage"), "requested", "in-triage"),
        ("coordinator", merge("accepted", "waiting-list", text="in May"), "accepted", "waiting-list"),
        ("coordinator", merge("accepted"), "accepted", "accepted"),
        ("coordinator", merge("rejected", code="at-capacity", text="ask the centre"), "rejected", "at-capacity"),
        ("coordinator", redirect, "rejected", "redirected"),
    ]
    for persona, body, status, step in moves:
        one = await referred(referrals)
        answer = await staff_patch(referrals, persona, one, body)
        assert answer.status_code == 200, answer.text
        found = checked(answer)
        assert (found["status"], found["businessStatus"]["coding"][0]["code"]) == (status, step)
        assert ("statusReason" in found) == (step not in ("in-triage", "accepted"))
    assert found["output"][0]["valueReference"] == {"reference": "Organization/centre"}


async def test_a_refusal_needs_its_code_and_another_way(referrals: UnderTest) -> None:
    one = await referred(referrals)
    bare = await staff_patch(referrals, "coordinator", one, merge("rejected"))
    assert (bare.status_code, codes_of(checked(bare))) == (
        422,
        {("Task.statusReason.coding[0].code", "required"), ("Task.statusReason.text", "required")},
    )
    unfit = await staff_patch(referrals, "coordinator", one, merge("accepted", "in-triage"))
    assert codes_of(checked(unfit)) == {("Task.businessStatus", "does-not-fit-status")}
    long = merge("requested", "information-requested", text="x" * 321)
    assert codes_of(checked(await staff_patch(referrals, "coordinator", one, long))) == {
        ("Task.statusReason.text", "too-long")
    }


async def test_wrong_step_wrong_role_and_not_yours(referrals: UnderTest) -> None:
    one = await referred(referrals)
    await patch(referrals, "hospital-chu", one, merge("cancelled"))
    late = await staff_patch(referrals, "coordinator", one, merge("accepted"))
    assert late.status_code == 409
    assert "state=cancelled; allowed=" in checked(late)["issue"][0]["diagnostics"]
    two = await referred(referrals)
    early = await patch(referrals, "hospital-chu", two, merge("requested", "in-triage", text="since May"))
    assert "allowed=accepted,cancelled," in checked(early)["issue"][0]["diagnostics"]
    theirs = await patch(referrals, "hospital-chu", two, merge("accepted"))
    assert (theirs.status_code, checked(theirs)["issue"][0]["code"]) == (403, "forbidden")
    assert (await patch(referrals, "hospital-other", two, merge("cancelled"))).status_code == 404
    assert (await patch(referrals, "case-manager-nurse", two, merge("cancelled"))).status_code == 403
    assert (await task(referrals, two))["meta"]["versionId"] == "1"


async def test_versions_are_claimed(referrals: UnderTest) -> None:
    one = await referred(referrals)
    found = await task(referrals, one)
    wanted = {**found, "status": "cancelled"}
    assert (await put(referrals, "hospital-chu", wanted, None)).status_code == 428
    assert (await put(referrals, "hospital-chu", wanted, 'W/"7"')).status_code == 412
    assert (await patch(referrals, "hospital-chu", one, merge("cancelled"), **{"if-match": 'W/"7"'})).status_code == 412
    assert (await patch(referrals, "coordinator", one, merge("accepted"))).status_code == 428
    both = await asyncio.gather(*(put(referrals, "hospital-chu", wanted) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 412]
    assert (await referrals.types()).count("referrals.referral-cancelled.v1") == 1


async def test_of_two_hurried_cancellations_without_a_version_none_is_an_error(referrals: UnderTest) -> None:
    one = await referred(referrals)
    answers = await asyncio.gather(*(patch(referrals, "hospital-chu", one, merge("cancelled")) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert (await referrals.types()).count("referrals.referral-cancelled.v1") == 1


async def test_a_put_back_changes_the_status_and_nothing_else(referrals: UnderTest) -> None:
    one = await referred(referrals)
    found = await task(referrals, one)
    for name, value in (("intent", "plan"), ("id", one.replace("0", "1")), ("owner", {"reference": "Organization/x"})):
        answer = await put(referrals, "hospital-chu", {**found, "status": "cancelled", "id": one} | {name: value})
        assert answer.status_code in (404, 422)
    unchanged = await put(referrals, "hospital-chu", found)
    assert (unchanged.status_code, unchanged.headers["etag"]) == (200, 'W/"1"')
    unknown = await put(referrals, "hospital-chu", {**found, "colour": "red"})
    assert ("Task.colour", "unknown-field") in codes_of(checked(unknown))
    answer = await put(referrals, "hospital-chu", {**found, "status": "cancelled"})
    assert checked(answer)["status"] == "cancelled"


async def test_a_question_is_a_task_that_its_answer_completes(referrals: UnderTest) -> None:
    one = await referred(referrals, consent={"given": False})
    question = merge("requested", "information-requested", text="Does she agree?")
    await staff_patch(referrals, "line-nurse", one, question)
    asked = await task(referrals, f"{one}.q1")
    assert (asked["status"], asked["description"]) == ("requested", "Does she agree?")
    assert asked["partOf"] == [{"reference": f"Task/{one}"}]
    assert asked["owner"] == {"reference": "Organization/chu"}
    bare = await patch(referrals, "hospital-chu", f"{one}.q1", {"status": "completed"})
    assert codes_of(checked(bare)) == {("Task.output.valueString", "required")}
    output = [
        {"type": {"text": "answer"}, "valueString": "yes, today"},
        {"type": {"coding": [{"code": "consent-given"}]}, "valueBoolean": True},
    ]
    done = {**asked, "status": "completed", "output": output}
    assert (
        await staff_patch(referrals, "coordinator", f"{one}.q1", {"status": "completed", "output": output})
    ).status_code == 403
    answer = await put(referrals, "hospital-chu", done)
    assert answer.status_code == 200, answer.text
    assert checked(answer)["output"][0]["valueString"] == "yes, today"
    assert (await task(referrals, one))["businessStatus"]["coding"][0]["code"] == "in-triage"
    assert checked(await get(referrals, f"Consent/{one}"))["status"] == "active"
    messages = checked(await get(referrals, f"Communication?part-of=Task/{one}"))
    assert [each["resource"]["payload"][0]["contentString"] for each in messages["entry"]] == [
        "Does she agree?",
        "yes, today",
    ]
    late = await patch(referrals, "hospital-chu", f"{one}.q1", {"status": "completed", "output": output[:1]})
    assert late.status_code in (200, 409)
    assert (await referrals.types()).count("referrals.information-given.v1") == 1


async def test_the_sender_alone_changes_its_request(referrals: UnderTest) -> None:
    one = str(id_of(await push(referrals, FULL)))
    request = checked(await get(referrals, f"ServiceRequest/{one}"))
    assert (await put(referrals, "hospital-chu", request, None)).status_code == 428
    assert (await put(referrals, "coordinator", {**request, "status": "revoked"})).status_code == 403
    assert (await put(referrals, "hospital-other", {**request, "status": "revoked"})).status_code == 404
    other = {**request, "subject": {"reference": "Patient/other"}}
    assert codes_of(checked(await put(referrals, "hospital-chu", other))) == {
        ("ServiceRequest.subject", "not-changeable")
    }
    wrong = await put(referrals, "hospital-chu", {**request, "status": "completed"})
    assert codes_of(checked(wrong)) == {("ServiceRequest.status", "wrong-status")}
    reasons = [{"text": "vit seule, chute hier"}]
    answer = await put(referrals, "hospital-chu", {**request, "priority": "routine", "reasonCode": reasons})
    assert answer.status_code == 200, answer.text
    assert checked(answer)["reasonCode"] == reasons
    kept = await read(referrals, f"/referrals/{one}")
    assert (kept["document"]["reason"]["text"], kept["urgency"]) == ("vit seule, chute hier", "routine")
    assert kept["document"]["person"]["niss"] == FULL["person"]["niss"]
    assert (await referrals.announced())[-1][1]["parts"] == ["reason", "urgency"]
    again = checked(await get(referrals, f"ServiceRequest/{one}"))
    same = await put(referrals, "hospital-chu", again)
    assert (same.status_code, same.headers["etag"]) == (200, 'W/"2"')
    revoked = await put(referrals, "hospital-chu", {**again, "status": "revoked"})
    assert checked(revoked)["status"] == "revoked"
    assert (await task(referrals, one))["status"] == "cancelled"


async def test_a_request_entered_in_error_voids_the_referral(referrals: UnderTest) -> None:
    one = await referred(referrals)
    request = checked(await get(referrals, f"ServiceRequest/{one}"))
    answer = await put(referrals, "hospital-chu", {**request, "status": "entered-in-error"})
    assert checked(answer)["status"] == "entered-in-error"
    found = await task(referrals, one)
    assert found["status"] == "entered-in-error"
    assert "businessStatus" not in found
    accepted = await referred(referrals)
    await staff_patch(referrals, "coordinator", accepted, merge("accepted"))
    request = checked(await get(referrals, f"ServiceRequest/{accepted}"))
    assert (await put(referrals, "hospital-chu", {**request, "priority": "urgent"})).status_code == 409
    assert (await put(referrals, "hospital-chu", {**request, "status": "entered-in-error"})).status_code == 409
