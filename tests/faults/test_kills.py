"""Processes killed at the worst moments: nothing lost, nothing doubled, per-key order kept."""

import asyncio

import pytest

from shared.testing.invariants import check, settled
from tests.faults.conftest import Rig


@pytest.mark.parametrize("failpoint", ["before-publish", "after-publish"])
async def test_a_relay_killed_around_the_publish_loses_and_doubles_nothing(rig: Rig, failpoint: str) -> None:
    rig.start("consume")
    doomed = rig.start("relay", FAILPOINT=failpoint, AFTER="2")
    await rig.flowing()
    writing = asyncio.ensure_future(rig.write(keys=10, each=30, pause=0.004))
    await rig.died(doomed)
    rig.start("relay")
    await writing
    await settled(rig.producer, rig.consumer, within=30)
    assert await check(rig.producer, rig.consumer) == 301


@pytest.mark.parametrize("failpoint", ["before-effect", "after-effect", "before-offsets"])
async def test_a_consumer_killed_around_its_commits_loses_and_doubles_nothing(rig: Rig, failpoint: str) -> None:
    rig.start("relay")
    doomed = rig.start("consume", FAILPOINT=failpoint, AFTER="3")
    await rig.flowing()
    writing = asyncio.ensure_future(rig.write(keys=10, each=30, pause=0.004))
    await rig.died(doomed)
    rig.start("consume")
    await writing
    await settled(rig.producer, rig.consumer, within=45)
    assert await check(rig.producer, rig.consumer) == 301


async def test_random_kills_of_both_sides_under_load(rig: Rig) -> None:
    relay, consumer = rig.start("relay"), rig.start("consume")
    await rig.flowing()
    writing = asyncio.ensure_future(rig.write(keys=20, each=40, pause=0.01))
    for _ in range(3):
        await asyncio.sleep(rig.rng.uniform(1.0, 2.0))
        if rig.rng.random() < 0.5:
            relay.kill()
            relay = rig.start("relay")
        else:
            consumer.kill()
            consumer = rig.start("consume")
    await writing
    await settled(rig.producer, rig.consumer, within=60)
    assert await check(rig.producer, rig.consumer) == 801


async def test_a_broker_killed_and_restarted_under_load(rig: Rig) -> None:
    rig.start("relay")
    rig.start("consume")
    await rig.flowing()
    writing = asyncio.ensure_future(rig.write(keys=10, each=40, pause=0.02))
    await asyncio.sleep(1)
    rig.kafka.kill()
    await asyncio.sleep(1)
    await asyncio.to_thread(rig.kafka.start)
    await writing
    await settled(rig.producer, rig.consumer, within=60)
    assert await check(rig.producer, rig.consumer) == 401


async def test_a_database_stopped_in_the_middle_under_load(rig: Rig) -> None:
    rig.start("relay")
    rig.start("consume")
    await rig.flowing()
    writing = asyncio.ensure_future(rig.write(keys=10, each=40, pause=0.02))
    await asyncio.sleep(1)
    await asyncio.to_thread(rig.postgres.stop_immediately)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(rig.postgres.start)
    await writing
    await settled(rig.producer, rig.consumer, within=60)
    assert await check(rig.producer, rig.consumer) == 401
