"""A question whether there is room is about no person, and its answer is the directory's."""

from typing import Any

import httpx

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import HEARD, PERSON, told

PLACE = "/referrals/capacity-questions"


async def asked(network: UnderTest, **changes: Any) -> httpx.Response:
    """Ask the centre."""
    async with network.client("case-manager-nurse") as client:
        return await client.post(PLACE, json={"organisation": "centre", "needs": ["food"], **changes})


async def meals(network: UnderTest) -> str:
    """A service of the centre."""
    async with network.client("coordinator") as client:
        known = {"organisation": "centre", "code": "meals", "name": "Repas", "domains": ["food"], "whole_region": True}
        made = await client.post("/referrals/directory/services", json=known)
        return str(made.json()["id"])


async def answered(network: UnderTest, path: str, body: Any, persona: str = "partner-centre") -> httpx.Response:
    """Answer a question."""
    async with network.client("coordinator") as client:
        etag = (await client.get(path)).headers["etag"]
    async with network.client(persona) as client:
        return await client.post(f"{path}/answer", json=body, headers={"if-match": etag})


async def test_the_partner_answers_and_the_directory_knows(network: UnderTest) -> None:
    service = await meals(network)
    path = (await asked(network, service_id=service)).headers["location"]
    async with network.client("partner-centre") as partner:
        [waiting] = (await partner.get(f"{PLACE}?unanswered=true")).json()["items"]
        assert waiting["needs"] == ["food"]
    answer = await answered(network, path, {"capacity": "waiting-list", "places": 0})
    assert (answer.status_code, answer.json()["answer"]["capacity"]) == (201, "waiting-list")
    async with network.client("coordinator") as client:
        shown = (await client.get(f"/referrals/directory/services/{service}")).json()
        assert (await client.get(f"{PLACE}?unanswered=true")).json()["items"] == []
    assert shown["capacity"] == {"state": "waiting-list", "places": 0, "on": "2026-11-20"}
    assert [fact["on_behalf"] for fact in await told(network, "capacity-answered")] == [False]
    assert (await answered(network, path, {"capacity": "full"})).status_code == 409


async def test_staff_records_an_answer_and_says_how_it_was_heard(network: UnderTest) -> None:
    path = (await asked(network, organisation="partner-other")).headers["location"]
    silent = await answered(network, path, {"capacity": "full"}, persona="line-nurse")
    assert [(each["pointer"], each["code"]) for each in silent.json()["errors"]] == [("/heard", "required")]
    heard = await answered(network, path, {"capacity": "full", "heard": HEARD}, persona="line-nurse")
    assert heard.json()["recorded"] == {**HEARD, "by": "line-nurse"}


async def test_there_is_no_place_for_a_person_in_a_question(network: UnderTest) -> None:
    refused = await asked(network, disclosed=PERSON)
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [("/disclosed", "unknown-field")]


async def test_another_organisations_question_does_not_exist(network: UnderTest) -> None:
    path = (await asked(network)).headers["location"]
    async with network.client("partner-other") as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.get(PLACE)).json()["items"] == []
    assert (await answered(network, path, {"capacity": "full"}, persona="partner-other")).status_code == 404
