"""What the measures stand on: an own PostgreSQL and Kafka, processes of the services, and what the system says."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy.ext.asyncio import create_async_engine

from shared import tables
from shared.clock import SystemClock
from shared.encryption.keys import DEVELOPMENT, Keyring
from shared.local.folder import free_port
from shared.local.postgres import EmbeddedPostgres
from shared.local.stack import Stack
from shared.store import Database
from tests.bench.load import RAW_TABLE
from tests.town import ROOT, Town

OUTSIDE = ("KAFKA_BOOTSTRAP_SERVERS", "OIDC_ISSUERS", "_DATABASE_URL")
START_WITHIN = 90.0


KEYS = Keyring.read(DEVELOPMENT)
"""What the benched services keep values at rest under, as their settings name no key."""


def leave_outside() -> None:
    """Forget any database or broker that the environment names: they must not be measured, still less written to."""
    for name in list(os.environ):
        if name.endswith(OUTSIDE):
            del os.environ[name]


@dataclass
class Rig:
    """The parts of one run."""

    stack: Stack
    town: Town

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The server of this run."""
        assert self.stack.postgres
        return self.stack.postgres

    @asynccontextmanager
    async def pool(self, connections: int) -> AsyncIterator["asyncpg.Pool[Any]"]:
        """A pool of bare connections to a database with the two tables of the floor."""
        name = "bench_raw"
        made = await self.postgres.create_database(name, owner=f"{name}_owner", app=f"{name}_app")
        engine = create_async_engine(made.owner_url)
        async with engine.begin() as connection:
            await connection.run_sync(tables.kernel.create_all)
            await connection.exec_driver_sql(RAW_TABLE.replace("TABLE", "TABLE IF NOT EXISTS"))
        await engine.dispose()
        async with asyncpg.create_pool(plain(made.app_url), min_size=connections, max_size=connections) as pool:
            yield pool

    async def token(self, persona: str) -> str:
        """A real token of the development issuer."""
        async with httpx.AsyncClient(base_url=self.town.origin, trust_env=False) as client:
            form = {"grant_type": "client_credentials", "client_id": persona}
            for _ in range(200):
                with suppress(httpx.HTTPError):
                    answer = await client.post("/auth/token", data=form)
                    return str(answer.json()["access_token"])
                await asyncio.sleep(0.1)
        raise TimeoutError("the development issuer does not answer")


def keyed(url: str) -> Database:
    """A small database of its own under the keys that the benched services have."""
    database = Database(url, SystemClock(), 2)
    database.keep_under(KEYS)
    return database


def plain(url: str) -> str:
    """A URL as asyncpg wants it."""
    return url.replace("+asyncpg", "")


class Bare:
    """The bare app as a process of its own."""

    def __init__(self, database: str) -> None:
        self.port = free_port()
        environment = {**os.environ, "PORT": str(self.port), "DATABASE": plain(database)}
        self.process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare"], env=environment, cwd=ROOT)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(15)


async def until_answered(port: int, paths: Sequence[str]) -> float:
    """Seconds until all of these paths answer 200."""
    began = time.perf_counter()
    async with asyncio.timeout(START_WITHIN):
        for path in paths:
            while await status_of(port, path) != 200:
                await asyncio.sleep(0.03)
    return time.perf_counter() - began


async def status_of(port: int, path: str) -> int:
    """The status of one GET, 0 while nobody answers."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return 0
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
        line = (await reader.readline()).split()
        return int(line[1]) if len(line) > 1 else 0
    except OSError:
        return 0
    finally:
        writer.close()


def memory(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    return int(sizes["Rss"]) / 1024, int(sizes["Pss"]) / 1024


def cpu_seconds(pids: Sequence[int]) -> float:
    """Processor time that these processes have used so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
