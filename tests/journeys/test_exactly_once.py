"""Fifty identical pushes at once over two replicas are one referral, and everybody gets the same answer."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.local import demo_people as people
from shared.local.folder import free_port
from shared.local.road import Road
from tests.journeys.pushes import a_push
from tests.town import ROOT, Town

BUNDLE = ROOT / "services" / "referrals" / "examples" / "fhir-transaction.json"
FHIR = {"content-type": "application/fhir+json"}
ROUNDS = 20


@pytest.fixture
async def replicas(town: Town) -> AsyncIterator[list[str]]:
    """Two replicas of referrals, by their own addresses."""
    port = free_port()
    town.start("referrals", process="second", port=port)
    async with httpx.AsyncClient(trust_env=False) as client:
        async with asyncio.timeout(60):
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/referrals/health/ready")).status_code == 200:
                        break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
    yield [f"http://127.0.0.1:{town.ports['referrals']}", f"http://127.0.0.1:{port}"]
    town.stop("second")


async def test_fifty_identical_pushes_over_two_replicas_are_one_referral(road: Road, replicas: list[str]) -> None:
    client = await road.client("hospital-chu")
    for _ in range(3):
        document = a_push(people.HEAVY)
        answers = await asyncio.gather(
            *(client.post(f"{replicas[number % 2]}/referrals", json=document) for number in range(50))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        referral = answers[0].json()["id"]
        await road.identified(referral)
        listed = (await road.get("hospital-chu", "/referrals"))["items"]
        assert [item["id"] for item in listed if item["identifier_value"] == document["identifier"]["value"]] == [
            referral
        ]


async def test_a_changed_body_under_a_used_identifier_is_refused_on_either_replica(
    road: Road, replicas: list[str]
) -> None:
    client = await road.client("hospital-chu")
    document = a_push(people.HEAVY)
    await client.post(f"{replicas[0]}/referrals", json=document)
    changed = {**document, "urgency": "urgent"}
    answer = await client.post(f"{replicas[1]}/referrals", json=changed)
    assert (answer.status_code, answer.json()["code"]) == (409, "identifier-reused")


async def test_fifty_identical_bundles_over_two_replicas_are_one_referral_twenty_times(
    road: Road, replicas: list[str]
) -> None:
    client = await road.client("hospital-chu")
    before = await own_tasks(client, replicas[0])
    for number in range(ROUNDS):
        bundle = json.loads(BUNDLE.read_text().replace("2026-000002", f"replicas-{number}"))
        bundle.pop("identifier", None)  # the business key alone has to hold
        content = json.dumps(bundle).encode()
        answers = await asyncio.gather(
            *(client.post(f"{replicas[each % 2]}/referrals/fhir", content=content, headers=FHIR) for each in range(50))
        )
        assert {answer.status_code for answer in answers} == {200}, answers[0].text
        tasks = {
            entry["response"]["location"].split("/")[1]
            for answer in answers
            for entry in answer.json()["entry"]
            if entry["response"]["location"].startswith("Task/")
        }
        assert len(tasks) == 1
    assert await own_tasks(client, replicas[1]) == before + ROUNDS


async def own_tasks(client: httpx.AsyncClient, replica: str) -> int:
    """How many referrals this hospital sees over FHIR."""
    answer = await client.get(f"{replica}/referrals/fhir/Task?_count=0")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["total"])
