"""Follow-ups that fall due together are told once each, although a replica is killed while it tells them."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest

from shared.clock import SystemClock
from shared.encryption.keys import DEVELOPMENT, Keyring
from shared.local.folder import free_port
from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import EmbeddedPostgres
from shared.local.stack import Stack
from shared.store import Database
from tests.conftest import Databases, load
from tests.scheduler.crowd import FIRED, plan_crowd, set_clock
from tests.town import Town

DUE, REPLICAS = 2_000, ("one", "two", "three")


@dataclass
class Clocks:
    """Three replicas that have only the clock's work to do."""

    town: Town
    owner: asyncpg.Connection
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in REPLICAS})

    def start(self, replica: str) -> None:
        """Start one of them."""
        changed = {"SCHEDULER_ROLE": "worker", "RELAIS_REPLICA": replica}
        self.town.start("scheduler", process=replica, port=self.ports[replica], **changed)

    async def until_ready(self) -> None:
        """Wait until each of them is at work."""
        async with httpx.AsyncClient(trust_env=False) as client:
            for port in self.ports.values():
                while not await is_ready(client, f"http://127.0.0.1:{port}/scheduler/health/ready"):
                    await asyncio.sleep(0.05)

    async def until_told(self, count: int) -> None:
        """Wait until so many have fallen due."""
        while await self.owner.fetchval(FIRED) < count:
            await asyncio.sleep(0.005)


async def is_ready(client: httpx.AsyncClient, url: str) -> bool:
    """Whether a replica says that it is ready."""
    try:
        return (await client.get(url)).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def chance() -> random.Random:
    """The seed is printed, and `SEED` repeats a run."""
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture
async def clocks(
    postgres: EmbeddedPostgres, kafka: EmbeddedKafka, databases: Databases, tmp_path: Path
) -> AsyncIterator[Clocks]:
    """The replicas at work on a database where nothing is due yet."""
    made = await databases.fresh(load("scheduler"))
    town = Town(Stack(tmp_path, [], postgres, kafka, {"scheduler": made}), tmp_path)
    owner = await asyncpg.connect(made.owner_url.replace("+asyncpg", ""))
    database = Database(made.app_url, SystemClock(), 2)
    database.keep_under(Keyring.read(DEVELOPMENT))
    try:
        await set_clock(owner, "now() - interval '2 days'")
        due_at = "now() - interval '1 hour' + number * interval '1 second'"
        await plan_crowd(database, owner, DUE, risk="number % 10", due_at=due_at)
        town.start("front")
        clocks = Clocks(town, owner)
        for replica in REPLICAS:
            clocks.start(replica)
        async with asyncio.timeout(60):
            await clocks.until_ready()
        yield clocks
    finally:
        town.close()
        await database.close()
        await owner.close()


async def test_each_falls_due_once_although_a_replica_is_killed_at_work(clocks: Clocks, chance: random.Random) -> None:
    victim, after = chance.choice(REPLICAS), chance.randrange(1, DUE // 2)
    await set_clock(clocks.owner, "now()")

    async with asyncio.timeout(60):
        await clocks.until_told(after)
        assert clocks.town.stop(victim, signal.SIGKILL) == -signal.SIGKILL
        told_at_the_kill = await clocks.owner.fetchval(FIRED)
        await clocks.until_told(DUE)
    await asyncio.sleep(1.5)

    assert told_at_the_kill < DUE
    facts = await clocks.owner.fetch(
        "SELECT aggregate_id, aggregate_version FROM outbox WHERE type = 'scheduler.follow-up-due.v1'"
    )
    assert len(facts) == len({fact["aggregate_id"] for fact in facts}) == DUE
    assert {fact["aggregate_version"] for fact in facts} == {2}
    left = "SELECT count(*) FROM follow_up WHERE (status, version) <> ('due', 2)"
    assert await clocks.owner.fetchval(left) == 0
