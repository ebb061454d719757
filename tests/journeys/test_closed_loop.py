"""The loop closes on every side: the hospital's FHIR client, the partner that is oriented to, the subscriber."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from shared.local import demo_people as people
from shared.local.road import Json, Road, said, today
from tests.journeys.pushes import a_name, a_push
from tests.referrals.notifications.receivers import receiving
from tests.town import ROOT

BUNDLE = ROOT / "services" / "referrals" / "examples" / "fhir-transaction.json"
FHIR = {"content-type": "application/fhir+json"}
CONSENT = {"given": True, "kind": "oral", "by": "the person", "on": today().isoformat()}


def a_bundle() -> bytes:
    """The example of the guide about somebody new, under a number of its own."""
    text = BUNDLE.read_text().replace("2026-000002", uuid4().hex[:12]).replace("H-104233", f"H-{uuid4().hex[:10]}")
    return text.replace("Delvaux", a_name()).replace("Marie-Claire", a_name()).encode()


async def send(road: Road, bundle: bytes) -> str:
    """The hospital sends a transaction; the id of the Task, which is the referral's."""
    client = await road.client("hospital-chu")
    answer = said(await client.post("/referrals/fhir", content=bundle, headers=FHIR), 200)
    places = [str(entry["response"]["location"]) for entry in answer["entry"]]
    [task] = [place.split("/")[1] for place in places if place.startswith("Task/")]
    return task


async def task_in(road: Road, task: str, status: str) -> Json:
    """The Task as the hospital polls it, once it has this status."""

    async def look() -> Json | None:
        found = await road.get("hospital-chu", f"/referrals/fhir/Task/{task}")
        return found if found["status"] == status else None

    return await road.until(f"the Task's status {status}", look)


def results(task: Json) -> Mapping[str, Any]:
    """What a Task refers to as its results, by type."""
    references = [each["valueReference"]["reference"] for each in task.get("output", []) if "valueReference" in each]
    return {reference.split("/")[0]: reference for reference in references}


async def opened(road: Road) -> tuple[str, str]:
    """A referral that was accepted and its case, which somebody follows."""
    referral = await road.push(a_push(people.LIGHT))
    await road.identified(referral)
    await road.decide(referral, "acceptance")
    case = await road.case_of(referral)
    await road.assign(case)
    return referral, case


async def step_on(road: Road, case: str, step: str, body: Json) -> None:
    """The case manager's step on a case."""
    await road.post("case-manager-nurse", f"/cases/{case}/{step}", body, on=f"/cases/{case}")


async def test_a_hospital_follows_by_fhir_what_it_sent_by_fhir_until_it_is_completed(road: Road) -> None:
    task = await send(road, a_bundle())
    await road.identified(task)
    assert await road.totals(task)
    await task_in(road, task, "requested")
    await road.decide(task, "acceptance")
    case = await road.case_of(task)
    assert "EpisodeOfCare" in results(await task_in(road, task, "in-progress"))
    await road.assign(case)
    await road.visit(case)
    await road.plan(case, people.plan_for(("relais", "centre"), today() + timedelta(days=7)))
    await road.close_case(case, today())

    done = await task_in(road, task, "completed")
    episode = await road.get("hospital-chu", f"/referrals/fhir/{results(done)['EpisodeOfCare']}")
    assert (episode["status"], episode["managingOrganization"]["reference"]) == ("finished", "Organization/relais")
    assert "CarePlan" in results(done)
    history = await road.get("hospital-chu", f"/referrals/fhir/Task/{task}/_history")
    statuses = [entry["resource"]["status"] for entry in reversed(history["entry"])]
    assert list(dict.fromkeys(statuses)) == ["requested", "accepted", "in-progress", "completed"]


async def test_who_is_oriented_by_the_line_is_one_referral_that_the_partner_brings_to_its_end(road: Road) -> None:
    person = await road.identified(await road.push(a_push(people.LIGHT)))
    contact = await road.post("line-nurse", "/intake/contacts", an_orientation(person, "centre"))

    async def asked() -> list[Json]:
        return list((await road.get("line-nurse", "/referrals/outgoing", contact_id=contact["id"]))["items"])

    [only] = await road.until("the outgoing referral", asked)
    ours, theirs = f"/referrals/outgoing/{only['id']}", f"/referrals/inbox/{only['id']}"
    if only["sent_at"] is None:
        heard = {"heard": {"how": "letter", "on": today().isoformat()}}
        await road.post("line-nurse", f"{ours}/sending", heard, on=ours)
    withheld = await road.get("partner-centre", theirs)
    assert (withheld["withheld"], withheld["person"], withheld["needs"]) == (True, None, ["housework"])
    await agreed(road, person, ours, {"consent": CONSENT})
    listed = (await road.get("partner-centre", "/referrals/inbox"))["items"]
    assert only["id"] in [each["id"] for each in listed]
    assert (await road.get("partner-centre", theirs))["person"]["family_name"]
    await road.post("partner-centre", f"{theirs}/acceptance", {}, on=theirs)
    for stage in ("started", "done"):
        await road.post("partner-centre", f"{theirs}/progress", {"stage": stage}, on=theirs)
    assert (await road.get("line-nurse", ours))["unused"]
    used = {"status": "used", "confirmed_by": "person", "on": today().isoformat()}
    await road.post("line-nurse", f"{ours}/service-status", used, on=ours)
    closed = await road.get("line-nurse", ours)
    assert (closed["state"], closed["service_status"], closed["unused"]) == ("closed", "used", False)
    await asyncio.sleep(0.5)
    assert [each["id"] for each in await asked()] == [only["id"]]


async def agreed(road: Road, person: str, ours: str, body: Json) -> None:
    """The person agrees that the organisation knows; a disclosure is refused until that has arrived."""
    client = await road.client("line-nurse")

    async def disclosed() -> bool:
        etag = (await client.get(ours)).headers["etag"]
        answer = await client.post(f"{ours}/disclosure", json=body, headers={"if-match": etag})
        if answer.status_code == 409:
            assert answer.json()["code"] == "consent-missing"
        else:
            assert answer.status_code in (201, 412), answer.text
        return answer.status_code == 201

    assert not await disclosed()
    await road.agrees(person, "sharing", about={"recipient": "centre"})
    await road.until("the consent to share", disclosed)


def an_orientation(person: str, organisation: str) -> Json:
    """A call that ended with an orientation."""
    now = datetime.now(UTC)
    return {
        "direction": "inbound",
        "channel": "call",
        "caller": {"kind": "relative", "relation": "fille"},
        "person_id": person,
        "started_at": (now - timedelta(minutes=9)).isoformat(),
        "ended_at": now.isoformat(),
        "topics": ["need.housework"],
        "outcome": "oriented",
        "reason": "service-covers-need",
        "organisation": organisation,
    }


async def test_a_pause_of_the_case_and_its_end_show_on_the_hospitals_referral(road: Road) -> None:
    referral, case = await opened(road)
    await task_in(road, referral, "in-progress")
    until = (today() + timedelta(days=14)).isoformat()
    await step_on(road, case, "pause", {"reason": "readmitted", "until": until})
    resting = await task_in(road, referral, "on-hold")
    assert [each["code"] for each in resting["statusReason"]["coding"]] == ["readmitted"]
    assert (await road.referral(referral))["state"] == "paused"
    await step_on(road, case, "resumption", {})
    await task_in(road, referral, "in-progress")
    states = [move["state"] for move in (await road.referral(referral))["moves"]]
    assert states == ["received", "accepted", "case-opened", "paused", "case-opened"]


async def test_a_subscriber_sees_the_whole_road_in_its_order_and_without_a_gap(road: Road) -> None:
    async with receiving() as receiver:
        made = await road.post("hospital-chu", "/referrals/webhooks", {"url": receiver.url})
        referral, case = await opened(road)
        await road.visit(case)
        await step_on(road, case, "pause", {"reason": "readmitted", "until": today().isoformat()})
        await step_on(road, case, "resumption", {})
        await road.close_case(case, today())

        async def closed() -> list[Mapping[str, Any]]:
            told: list[Mapping[str, Any]] = [each.json for each in receiver.arrived]
            told = [each for each in told if each["data"].get("referral_id") == referral]
            return told if told and told[-1]["type"] == "referral.closed" else []

        told = await road.until("the last notice", closed)
        client = await road.client("hospital-chu")
        assert (await client.delete(f"/referrals/webhooks/{made['id']}")).status_code == 204
    progress = {"referral.received", "referral.accepted", "referral.progressed", "referral.closed"}
    states = [each["data"]["state"] for each in told if each["type"] in progress]
    in_order = [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]
    assert in_order == [
        *("received", "accepted", "case-opened", "home-visit-done", "paused", "case-opened", "closed"),
    ]
    assert receiver.numbers == list(range(1, len(receiver.numbers) + 1))
