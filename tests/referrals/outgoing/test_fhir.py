"""A partner with a FHIR client reads, finds and moves what is addressed to it: the same table as its JSON inbox."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.referrals.formats.fhir.reading import raise_for, read_as
from services.referrals.formats.fhir.resources import Patient, ServiceRequest, Task
from shared.errors import Fault
from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import ANONYMOUS, PERSON, REFUSAL, SECRETS, answer, ask, oriented, told, view, work
from tests.referrals.outgoing.asking import listed as listed_by_staff
from tests.referrals.pushes import FULL, id_of, push, step

MODELS: dict[str, Any] = {"Task": Task, "ServiceRequest": ServiceRequest, "Patient": Patient}


async def get(network: UnderTest, place: str, persona: str = "partner-centre") -> httpx.Response:
    """Read by FHIR."""
    async with network.client(persona) as client:
        return await client.get(f"/referrals/fhir/{place}")


async def patch(
    network: UnderTest, outgoing: str, persona: str = "partner-centre", tag: str | None = None, **body: Any
) -> httpx.Response:
    """Change the Task by a merge body."""
    headers = {"content-type": "application/merge-patch+json", **({"if-match": tag} if tag else {})}
    async with network.client(persona) as client:
        return await client.patch(f"/referrals/fhir/Task/{outgoing}", json=body, headers=headers)


def checked(answered: httpx.Response) -> dict[str, Any]:
    """A resource that our own strict model accepts."""
    assert answered.status_code == 200, answered.text
    resource: dict[str, Any] = answered.json()
    faults: list[Fault] = []
    read_as(MODELS[resource["resourceType"]], resource, resource["resourceType"], faults)
    raise_for(faults)
    return resource


def reason(code: str, text: str) -> dict[str, Any]:
    """A status reason."""
    return {"coding": [{"code": code}], "text": text}


async def test_a_partner_reads_the_task_the_request_and_whom_it_is_about(network: UnderTest) -> None:
    outgoing = await ask(network)
    task, request, patient = [checked(await get(network, f"{kind}/{outgoing}")) for kind in MODELS]
    assert (task["status"], task["businessStatus"]["coding"][0]["code"], task["intent"]) == (
        "requested",
        "received",
        "order",
    )
    assert task["focus"]["reference"] == f"ServiceRequest/{outgoing}"
    assert task["for"]["reference"] == request["subject"]["reference"] == f"Patient/{outgoing}"
    assert "relais" in str(task["requester"])
    assert "centre" in str(task["owner"])
    assert patient["name"][0]["family"] == PERSON["family_name"]
    assert {each["coding"][0]["code"] for each in request["reasonCode"] if "coding" in each} == {"housework", "food"}


async def test_nobody_is_told_of_before_they_agree(network: UnderTest) -> None:
    await oriented(network, uuid4(), uuid4())
    [only] = await listed_by_staff(network)
    for kind in ("Task", "ServiceRequest"):
        answered = await get(network, f"{kind}/{only['id']}")
        checked(answered)
        assert not [word for word in SECRETS if word in answered.text]
    assert (await get(network, f"Patient/{only['id']}")).status_code == 404


async def test_another_organisations_tasks_do_not_exist(network: UnderTest) -> None:
    outgoing = await ask(network)
    for persona in ("partner-other", "hospital-chu"):
        for kind in MODELS:
            assert (await get(network, f"{kind}/{outgoing}", persona)).status_code == 404
        assert (await patch(network, outgoing, persona, status="accepted")).status_code == 404
        assert (await get(network, "Task", persona)).json().get("entry", []) == []


async def test_a_partner_finds_its_tasks_with_their_requests(network: UnderTest) -> None:
    first, second, third = [await ask(network, ANONYMOUS) for _ in range(3)]
    await answer(network, second, "acceptance")
    found = (await get(network, "Task?status=requested&_include=Task:focus")).json()
    modes = [(each["resource"]["resourceType"], each["resource"]["id"]) for each in found["entry"]]
    assert sorted(modes) == sorted((kind, each) for kind in ("Task", "ServiceRequest") for each in (first, third))
    place, seen = "Task?_count=2", []
    while place:
        page = (await get(network, place)).json()
        seen += [each["resource"]["id"] for each in page["entry"]]
        place = next((each["url"].split("/fhir/")[1] for each in page["link"] if each["relation"] == "next"), "")
    assert sorted(seen) == sorted([first, second, third])
    assert (await get(network, "Task?colour=blue")).status_code == 400


async def test_a_partner_moves_its_task_to_the_end(network: UnderTest) -> None:
    outgoing = await ask(network)
    steps: list[dict[str, Any]] = [
        {"businessStatus": {"coding": [{"code": "in-triage"}]}},
        {"status": "accepted"},
        {"status": "in-progress"},
        {"status": "on-hold", "statusReason": reason("readmitted", "hospitalisée")},
        {"status": "in-progress", "statusReason": None},
        {"status": "completed"},
    ]
    states = []
    for body in steps:
        tag = (await get(network, f"Task/{outgoing}")).headers["etag"]
        moved = await patch(network, outgoing, tag=tag, **body)
        assert checked(moved)["status"] == body.get("status", "requested")
        assert moved.headers["etag"] != tag
        states.append((await view(network, outgoing))["state"])
    assert states == ["in-triage", "accepted", "case-opened", "paused", "case-opened", "closed"]
    assert len(await told(network, "outgoing-closed")) == 1


async def test_a_refusal_needs_its_coded_reason_and_a_path(network: UnderTest) -> None:
    outgoing = await ask(network)
    bare = await patch(network, outgoing, status="rejected")
    assert bare.status_code == 422
    assert [each["expression"] for each in bare.json()["issue"]] == [
        ["Task.statusReason.coding[0].code"],
        ["Task.statusReason.text"],
    ]
    refused = await patch(
        network, outgoing, status="rejected", statusReason=reason("at-capacity", REFUSAL["onward_path"])
    )
    assert checked(refused)["businessStatus"]["coding"][0]["code"] == "at-capacity"
    move = (await view(network, outgoing))["moves"][-1]
    assert (move["reason"], move["note"], move["party"]) == ("at-capacity", REFUSAL["onward_path"], "fulfiller")
    assert {gap["reason"] for gap in await told(network, "gap-recorded")} == {"at-capacity"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "completed"}, 409),
        ({"status": "entered-in-error"}, 403),
        ({"status": "cancelled"}, 409),
        ({"status": "received"}, 422),
        ({"priority": "urgent"}, 422),
    ],
)
async def test_what_is_not_the_partners_to_do_is_refused(network: UnderTest, body: dict[str, str], status: int) -> None:
    outgoing = await ask(network)
    refused = await patch(network, outgoing, **body)
    assert (refused.status_code, refused.json()["resourceType"]) == (status, "OperationOutcome")
    assert (await view(network, outgoing))["state"] == "received"


async def test_a_stale_version_is_refused_and_a_put_needs_one(network: UnderTest) -> None:
    outgoing = await ask(network)
    task = (await get(network, f"Task/{outgoing}")).json()
    await work(network, outgoing, "messages", {"text": "bonjour"})
    assert (await patch(network, outgoing, tag='W/"1"', status="accepted")).status_code == 412
    async with network.client("partner-centre") as client:
        place = f"/referrals/fhir/Task/{outgoing}"
        assert (await client.put(place, json={**task, "status": "accepted"})).status_code == 428
        tag = {"if-match": (await client.get(place)).headers["etag"]}
        assert (await client.put(place, json={**task, "priority": "stat"}, headers=tag)).status_code == 422
        assert (await client.put(place, json={**task, "status": "accepted"}, headers=tag)).status_code == 200


async def test_a_redirected_referral_is_a_child_of_the_one_that_it_continues(network: UnderTest) -> None:
    path = await push(network, FULL)
    await step(network, "coordinator", path, "redirection", {"organisation": "centre", "note": "plus près"})
    incoming = str(id_of(path))
    [only] = await listed_by_staff(network, f"?based_on={incoming}")
    task, request = [checked(await get(network, f"{kind}/{only['id']}")) for kind in ("Task", "ServiceRequest")]
    named = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{incoming}"}
    assert task["partOf"] == [{"type": "Task", "identifier": named}]
    assert request["basedOn"] == [{"type": "ServiceRequest", "identifier": named}]
    assert FULL["identifier"]["value"] not in str((task, request))
    assert (await get(network, f"Task/{incoming}")).status_code == 404
    assert (await get(network, f"Task?part-of=Task/{incoming}")).json().get("entry", []) == []

    theirs = checked(await get(network, f"Task/{incoming}", "hospital-chu"))
    [coded] = theirs["statusReason"]["coding"]
    assert (theirs["status"], coded["code"], theirs["statusReason"]["text"]) == ("rejected", "centre", "plus près")
    assert theirs["businessStatus"]["coding"][0]["code"] == "redirected"
    places = [each["valueReference"]["reference"] for each in theirs["output"] if "valueReference" in each]
    assert "Organization/centre" in places
    assert (await get(network, f"Task/{only['id']}", "hospital-chu")).status_code == 404


async def test_what_is_asked_anew_continues_nothing(network: UnderTest) -> None:
    outgoing = await ask(network)
    task, request = [checked(await get(network, f"{kind}/{outgoing}")) for kind in ("Task", "ServiceRequest")]
    assert not {"partOf", "basedOn"} & {*task, *request}


async def test_a_partner_reads_how_its_task_stood_before(network: UnderTest) -> None:
    outgoing = await ask(network)
    network.clock.move(minutes=5)
    await answer(network, outgoing, "question", {"question": "Quel étage ?"})
    network.clock.move(minutes=5)
    await work(network, outgoing, "information", {"answer": "Le second."})
    await answer(network, outgoing, "acceptance")
    history = (await get(network, f"Task/{outgoing}/_history")).json()
    assert (history["type"], history["total"]) == ("history", 4)
    steps = [each["resource"]["businessStatus"]["coding"][0]["code"] for each in history["entry"]]
    assert steps == ["accepted", "in-triage", "information-requested", "received"]
    assert [len(each["resource"].get("output", [])) for each in history["entry"]] == [1, 1, 0, 0]
    version = history["entry"][2]["resource"]["meta"]["versionId"]
    assert checked(await get(network, f"Task/{outgoing}/_history/{version}"))["status"] == "requested"
    for place in (f"Task/{outgoing}/_history/99", f"Task/{outgoing}.1/_history"):
        assert (await get(network, place)).status_code == 404
    assert (await get(network, f"Task/{outgoing}/_history", "partner-other")).status_code == 404
    assert (await patch(network, f"{outgoing}.1", status="accepted")).status_code == 404


async def test_a_reason_that_is_no_reason_of_ours_is_not_kept(network: UnderTest) -> None:
    outgoing = await ask(network)
    await answer(network, outgoing, "acceptance")
    for body in ({"status": "in-progress"}, {"status": "on-hold", "statusReason": reason("Vandenkanarie", "repos")}):
        assert (await patch(network, outgoing, **body)).status_code == 200
    move = (await view(network, outgoing))["moves"][-1]
    assert (move["state"], move["reason"], move["note"]) == ("paused", None, "repos")
