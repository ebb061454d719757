"""Duplicates, replays, poison and racing writers."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared import dead_letter, relay
from shared.ids import new_id
from shared.testing.invariants import check, heard, parked, settled
from tests.faults.conftest import Rig


async def test_every_event_sent_three_times_takes_effect_once(rig: Rig) -> None:
    rig.start("relay")
    rig.start("consume")
    await rig.write(keys=10, each=20)
    await settled(rig.producer, rig.consumer, within=30)
    for _ in range(2):
        assert await relay.republish(rig.producer, datetime.now(UTC) - timedelta(hours=1)) == 200
        await published(rig)
    await asyncio.sleep(1)
    assert await check(rig.producer, rig.consumer) == 200


async def published(rig: Rig) -> None:
    """Wait until the relay has nothing left."""
    async with asyncio.timeout(20):
        while await relay.oldest_unpublished_age(rig.producer) > 0:
            await asyncio.sleep(0.1)


async def test_a_full_replay_from_the_first_offset_changes_nothing(rig: Rig) -> None:
    rig.start("relay")
    consumer = rig.start("consume")
    await rig.write(keys=10, each=20)
    await settled(rig.producer, rig.consumer, within=30)
    before = await heard(rig.consumer)
    consumer.kill()
    consumer.wait()
    rig.start("consume", GROUP=f"{rig.group}-again")
    marker = new_id()
    await rig.count(marker)
    await settled(rig.producer, rig.consumer, within=30)
    assert await heard(rig.consumer) == [*before, (marker, 1)]
    await check(rig.producer, rig.consumer)


async def test_poison_parks_only_its_key_and_replays_after_the_fix(rig: Rig, tmp_path: Path) -> None:
    fixed = tmp_path / "fixed"
    rig.start("relay")
    rig.start("consume", POISON="5", FIXED=str(fixed))
    deep, shallow = new_id(), [new_id() for _ in range(5)]
    for _ in range(8):
        await rig.count(deep)
    for counter in shallow * 4:
        await rig.count(counter)
    await effects(rig, 4 + 20)
    assert await parked(rig.consumer) == 4
    assert {counter for counter, _ in await heard(rig.consumer)} == {deep, *shallow}
    fixed.touch()
    await dead_letter.release(rig.consumer, "listening", "all", "operator: handler fixed")
    await settled(rig.producer, rig.consumer, within=30)
    assert await check(rig.producer, rig.consumer) == 28


async def effects(rig: Rig, count: int) -> None:
    """Wait for a number of effects."""
    async with asyncio.timeout(30):
        while len(await heard(rig.consumer)) < count or await parked(rig.consumer) < 4:
            await asyncio.sleep(0.1)


async def test_sixteen_writers_racing_lose_nothing_to_commit_order(rig: Rig) -> None:
    rig.start("relay")
    rig.start("consume")
    naive = NaiveReader(rig)
    await rig.flowing()
    reading = asyncio.ensure_future(naive.run())
    await asyncio.gather(*(rig.race(40) for _ in range(16)))
    await settled(rig.producer, rig.consumer, within=60)
    assert await check(rig.producer, rig.consumer) == 641
    naive.stop = True
    await reading
    assert len(naive.seen) < 641, "the naive reader lost nothing: this test no longer races"


class NaiveReader:
    """What the relay must not be: it remembers the last number it saw."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.stop = False
        self.seen: set[int] = set()

    async def run(self) -> None:
        """Read on from the last number until stopped."""
        last = 0
        while not self.stop:
            async with self.rig.producer.raw() as connection:
                rows = await connection.fetch("SELECT seq FROM outbox WHERE seq > $1 ORDER BY seq", last)
            self.seen |= {row["seq"] for row in rows}
            last = max(self.seen, default=0)
            await asyncio.sleep(0.005)
