"""A running producer and listener as processes of their own, and what a fault test does to them."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.ids import new_id
from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import EmbeddedPostgres
from shared.store import Database
from shared.testing.invariants import heard
from shared.testing.toy import Counters, Counting, Listening, create_tables, toy_database
from tests.faults.node import TOPIC

ROOT = Path(__file__).parents[2]


@dataclass
class Rig:
    """Both databases, the broker, and the processes between them."""

    producer: Database
    consumer: Database
    urls: dict[str, str]
    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    folder: Path
    rng: random.Random
    group: str = field(default_factory=lambda: f"relais.listening-{new_id()}")
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, role: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a relay or a consumer; `FAILPOINT` names where it kills itself, `AFTER` how often it passes first."""
        names = {"FAILPOINT": "RELAIS_FAILPOINT", "AFTER": "RELAIS_FAILPOINT_AFTER"}
        given = {names.get(name, name): value for name, value in environment.items()}
        url = self.urls["counting" if role == "relay" else "listening"]
        settings = {"DATABASE": url, "KAFKA": self.kafka.bootstrap_servers, "GROUP": self.group, **given}
        with (self.folder / f"{role}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.node", role], env={**os.environ, **settings}, cwd=ROOT, stderr=log
            )
        self.processes.append(process)
        return process

    async def died(self, process: subprocess.Popen[bytes], within: float = 30) -> None:
        """Wait until a process has killed itself at its failpoint."""
        code = await asyncio.wait_for(asyncio.to_thread(process.wait), within)
        assert code == -signal.SIGKILL, f"ended with {code} instead of SIGKILL"

    async def flowing(self) -> None:
        """One fact has gone the whole way: both processes are up."""
        before = len(await heard(self.consumer))
        await self.count(new_id())
        async with asyncio.timeout(40):
            while len(await heard(self.consumer)) == before:
                await asyncio.sleep(0.05)

    async def write(self, keys: int, each: int, pause: float = 0.0) -> None:
        """Commit `keys` x `each` facts, keys interleaved by the seed; a database that is away is waited for."""
        counters = [new_id() for _ in range(keys)] * each
        self.rng.shuffle(counters)
        for counter in counters:
            await self.count(counter)
            if pause:
                await asyncio.sleep(pause * self.rng.random())

    async def race(self, facts: int) -> None:
        """One of several writers whose transactions stay open for a moment after drawing their sequence numbers."""
        counters = [new_id() for _ in range(4)]
        for number in range(facts):
            async with self.producer.transaction() as transaction:
                await Counters(transaction).count(counters[number % 4])
                await asyncio.sleep(self.rng.random() * 0.03)

    async def count(self, counter: UUID) -> None:
        """One fact, once: a transaction whose end is unknown is looked up before it is repeated."""
        before = await self._number(counter)
        while True:
            try:
                async with self.producer.transaction() as transaction:
                    await Counters(transaction).count(counter)
                return
            except Exception:  # the database is away on purpose
                await asyncio.sleep(0.2)
            with suppress(Exception):
                if await self._number(counter) > before:
                    return

    async def _number(self, counter: UUID) -> int:
        while True:
            try:
                async with self.producer.raw() as connection:
                    return int(await connection.fetchval("SELECT number FROM counter WHERE id = $1", counter) or 0)
            except Exception:  # the database is away on purpose
                await asyncio.sleep(0.2)

    def end(self) -> None:
        """End what was started, by its own id."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


async def forget_topic(servers: str) -> None:
    """Give each test an empty topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        if TOPIC in await admin.list_topics():
            await admin.delete_topics([TOPIC])
        for _ in range(100):
            if TOPIC not in await admin.list_topics():
                break
            await asyncio.sleep(0.1)
    finally:
        await admin.close()


@pytest.fixture
async def rig(postgres: EmbeddedPostgres, kafka: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Rig]:
    """Fresh databases and an empty topic; the seed is printed, and `SEED` repeats a run."""
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}")
    await forget_topic(kafka.bootstrap_servers)
    urls: dict[str, str] = {}
    for kind, tables in (("counting", Counting), ("listening", Listening)):
        name = f"{kind}_{new_id().hex[-10:]}"
        made = await postgres.create_database(name, owner=f"{name}_owner", app=f"{name}_app")
        await create_tables(made.owner_url, tables)
        urls[kind] = made.app_url
    producer, consumer = toy_database(urls["counting"]), toy_database(urls["listening"])
    made_rig = Rig(producer, consumer, urls, kafka, postgres, tmp_path, random.Random(seed))
    yield made_rig
    made_rig.end()
    await producer.close()
    await consumer.close()
