"""Stock FHIR clients, unmodified, walk from submitting to cancelling against the running door."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.outside.runtimes import java_command, node_command, said
from tests.referrals.clients.door import Door
from tests.referrals.clients.places import EXAMPLES, NODE

Command = Callable[[Path], list[str]]

BUNDLE = EXAMPLES / "fhir-transaction.json"
CLIENTS: Mapping[str, Command] = {
    "HAPI generic client": lambda folder: java_command(
        EXAMPLES / "HapiHospital.java", str(EXAMPLES / "fhir-transaction.json")
    ),
    "fhirpy": lambda folder: [sys.executable, str(EXAMPLES / "fhir_fhirpy.py")],
    "fhirclient": lambda folder: [sys.executable, str(EXAMPLES / "fhir_fhirclient.py")],
    "@medplum/core": lambda folder: node_command(EXAMPLES / "fhir_medplum.mjs", NODE, folder),
    "fhir-kit-client": lambda folder: node_command(EXAMPLES / "fhir_kit.mjs", NODE, folder),
}


def walk(door: Door, command: list[str]) -> dict[str, Any]:
    """Run one client's walk under an identifier of its own; what it says it has seen."""
    number = f"client-{uuid4()}"
    environment = {**door.environment(), "NUMBER": number, "BUNDLE": str(BUNDLE)}
    seen: dict[str, Any] = json.loads(said(command, environment).strip().splitlines()[-1])
    return {**seen, "number": number}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_stock_client_submits_polls_and_cancels(door: Door, tmp_path: Path, client: str) -> None:
    seen = walk(door, CLIENTS[client](tmp_path))

    assert (seen["polled"], seen["status"]) == ("requested", "cancelled")
    assert not seen.get("created_again", False)
    assert seen.get("known", seen["task"]) == seen["task"]
    with door.client() as hospital:
        referral = hospital.get(f"/referrals/{seen['task']}").json()
        listed = [
            item
            for item in hospital.get("/referrals?limit=100").json()["items"]
            if item["identifier_value"] == seen["number"]
        ]
    assert (referral["state"], referral["door"]) == ("cancelled", "fhir")
    assert [item["id"] for item in listed] == [seen["task"]]
    assert [move["state"] for move in referral["moves"]] == ["received", "cancelled"]
    assert len(referral["document"]["sheets"]) == 1


def test_no_client_is_ever_redirected(door: Door) -> None:
    with door.client() as client:
        for base in (door.fhir, f"{door.fhir}/"):
            answer = client.post(base, content=b"{}", headers={"content-type": "application/fhir+json"})
            assert answer.status_code in (400, 422), f"{base} answered {answer.status_code}"
