"""Every route of the FHIR door answers with valid FHIR, whatever state a referral is in and whatever goes wrong."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.referrals.clients.crawl import Crawler, unvisited
from tests.referrals.clients.door import Door
from tests.referrals.clients.street import by_fhir, street, transaction

FHIR_JSON = {"content-type": "application/fhir+json"}
PATCH = {"content-type": "application/json-patch+json"}


@pytest.fixture(scope="module")
def referrals(door: Door) -> dict[str, str]:
    """A referral in every state, by state."""
    return street(door)


@pytest.mark.parametrize("persona", ["hospital-chu", "coordinator"])
def test_whatever_can_be_read_is_valid_and_every_reference_leads_somewhere(
    door: Door, referrals: dict[str, str], persona: str
) -> None:
    with door.client(persona) as client:
        crawler = Crawler(client, door.fhir)
        crawler.everything([f"Task/{referral}" for referral in referrals.values()])
    assert crawler.dead == []
    assert len(crawler.numbers) >= 15, crawler.numbers


def wrong(client: httpx.Client, door: Door, referral: str) -> list[httpx.Response]:
    """Requests that must not succeed, one of each kind."""
    task = f"{door.fhir}/Task/{referral}"
    bad_date = transaction("wrong-1")
    bad_date["entry"][0]["resource"]["birthDate"] = "1950-02-30"
    cancel = json.dumps([{"op": "replace", "path": "/status", "value": "cancelled"}])
    owner = json.dumps([{"op": "replace", "path": "/owner", "value": {"reference": "Organization/x"}}])
    return [
        client.post(door.fhir, content=b"<Bundle/>", headers={"content-type": "application/fhir+xml"}),
        client.post(door.fhir, content=b"{", headers=FHIR_JSON),
        client.post(door.fhir, json={"resourceType": "Basket"}, headers=FHIR_JSON),
        client.post(door.fhir, json=bad_date, headers=FHIR_JSON),
        client.get(task, headers={"accept": "application/fhir+xml"}),
        client.get(task, headers={"authorization": ""}),
        client.get(f"{door.fhir}/Task/{referral[:-1]}x"),
        client.get(f"{door.fhir}/Task?colour=red"),
        client.get(f"{door.fhir}/Basket/1"),
        client.put(task, json={"resourceType": "Task"}, headers=FHIR_JSON),
        client.patch(task, content=cancel, headers={**PATCH, "if-match": 'W/"999"'}),
        client.patch(task, content=owner, headers=PATCH),
        client.patch(f"{door.fhir}/Task/{by_fhir(door)}", content=b"[]", headers=PATCH),
        client.post(
            f"{door.fhir}/ServiceRequest?colour=red", json={"resourceType": "ServiceRequest"}, headers=FHIR_JSON
        ),
        client.post(door.fhir, content=b" " * 6_000_000, headers=FHIR_JSON),
    ]


def test_whatever_goes_wrong_is_one_operation_outcome(door: Door, referrals: dict[str, str]) -> None:
    with door.client() as client:
        for answer in wrong(client, door, referrals["cancelled"]):
            place = f"{answer.request.method} {answer.request.url} {answer.status_code}: {answer.text[:300]}"
            assert 400 <= answer.status_code < 500, place
            assert answer.headers["content-type"].startswith("application/fhir+json"), place
            body: dict[str, Any] = answer.json()
            assert body["resourceType"] == "OperationOutcome", place
            assert all(issue["details"]["coding"][0]["code"] for issue in body["issue"]), place


def write_everything(door: Door, client: httpx.Client) -> None:
    """Every way to write, once, as it should be."""
    parts = {entry["resource"]["resourceType"]: entry["resource"] for entry in transaction(str(uuid4()))["entry"]}
    client.post(f"{door.fhir}/$validate", json=transaction("dry"), headers=FHIR_JSON)
    for kind, resource in parts.items():
        client.post(f"{door.fhir}/{kind}/$validate", json=resource, headers=FHIR_JSON)
        client.post(f"{door.fhir}/{kind}", json=resource, headers=FHIR_JSON)
    client.post(f"{door.fhir}/Communication", json={"resourceType": "Communication"}, headers=FHIR_JSON)
    batch = {**transaction(str(uuid4())), "type": "batch"}
    client.post(f"{door.fhir}/", json=batch, headers=FHIR_JSON)
    for kind, change in (("Task", {"status": "cancelled"}), ("ServiceRequest", {"priority": "urgent"})):
        place = f"{door.fhir}/{kind}/{by_fhir(door)}"
        found = client.get(place)
        put = client.put(
            place, json={**found.json(), **change}, headers={**FHIR_JSON, "if-match": found.headers["etag"]}
        )
        assert put.status_code == 200, put.text


def test_every_route_of_the_door_has_answered_in_fhir(door: Door, referrals: dict[str, str]) -> None:
    with door.client() as client:
        Crawler(client, door.fhir).everything([f"Task/{referral}" for referral in referrals.values()])
        wrong(client, door, referrals["cancelled"])
        write_everything(door, client)
        # What is left has nothing to show here (subscriptions have a test of their own): its refusal is FHIR too.
        for route in unvisited(door, door.recorder.kept):
            method, path = route.split(" ", 1)
            place = re.sub(r"\{[^}]*\}", referrals["accepted"], path)
            answer = client.request(method, place, headers=FHIR_JSON)
            assert answer.status_code < 500, f"{route}: {answer.text}"
    assert unvisited(door, door.recorder.kept) == set()
