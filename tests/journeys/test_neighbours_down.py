"""Any part may be away: the others answer, a push is taken, and everything follows when it returns."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from services.__main__ import NAMES
from shared.local import demo_people as people
from shared.local.road import Road
from tests.journeys.pushes import a_push
from tests.town import Town

OTHERS = tuple(name for name in NAMES if name != "referrals")


@pytest.fixture
async def only_referrals(town: Town) -> AsyncIterator[Town]:
    """Kafka and the other four services are down; afterwards they are there again."""
    for name in OTHERS:
        town.stop(name)
    if town.stack.kafka:
        await asyncio.to_thread(town.stack.kafka.kill)
    yield town
    await everything_returns(town)


async def everything_returns(town: Town) -> None:
    """Start whatever is not running."""
    if town.stack.kafka and town.stack.kafka.pid is None:
        await asyncio.to_thread(town.stack.kafka.start)
    for name in OTHERS:
        if name not in town.processes:
            town.start(name)
    await town.ready(NAMES)


async def test_a_push_is_taken_while_everybody_else_is_down_and_everything_follows(
    only_referrals: Town, road: Road
) -> None:
    document = a_push(people.HEAVY)
    referral = await road.push(document)
    assert await road.push(document) == referral
    assert (await road.referral(referral))["state"] == "received"

    async def degraded() -> bool:
        async with httpx.AsyncClient(base_url=only_referrals.origin, trust_env=False) as client:
            ready = await client.get("/referrals/health/ready")
            assert ready.status_code == 200
            return bool(ready.json()["bus"] == "degraded")

    assert await road.until("the word of a bus that is away", degraded)

    await everything_returns(only_referrals)
    road.wait = 60
    await road.identified(referral)
    await road.totals(referral)
    assert (await road.advice(referral))["advice"] == "case_management"
    await road.decide(referral, "acceptance")
    await road.case_of(referral)


@pytest.mark.parametrize("away", NAMES)
async def test_with_one_service_down_the_others_answer_and_it_catches_up(town: Town, road: Road, away: str) -> None:
    questions = {
        "intake": "/intake/contacts",
        "cases": "/cases",
        "assessment": "/assessment/instruments",
        "scheduler": "/scheduler/worklist",
        "referrals": "/referrals",
    }
    client = await road.client("line-nurse")
    referral = await road.push(a_push(people.LIGHT)) if away == "referrals" else None
    assert town.stop(away) == 0
    try:
        for name, path in questions.items():
            answer = await client.get(path)
            assert (answer.status_code == 200) is (name != away), f"{name} answered {answer.status_code}"
        if referral is None:
            referral = await road.push(a_push(people.LIGHT))
    finally:
        town.start(away)
        await town.ready([away])
    road.wait = 60
    await road.identified(referral)
    await road.totals(referral)
    await road.decide(referral, "acceptance")
    await road.case_of(referral)
