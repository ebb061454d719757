"""The relay: tells the bus what the outbox holds, at least once and in the order of each key."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from shared import failpoints
from shared.bus.port import Bus, Publisher
from shared.outbox import SHARDS, envelope_of
from shared.store import Database

if TYPE_CHECKING:
    import asyncpg

BATCH = 500
BUSY_PAUSE = 0.02
IDLE_PAUSE = 0.4
LOCK_SPACE = 7201

log = structlog.get_logger()

_PENDING = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"
_LOCK = "SELECT shard FROM generate_series(0, $1::int - 1) shard WHERE pg_try_advisory_xact_lock($2::int, shard)"
_READ = """
    SELECT seq, id, aggregate_id, aggregate_version, type, occurred_at, trace, payload::text FROM outbox
    WHERE published_at IS NULL AND shard = ANY($1::int[]) ORDER BY seq LIMIT $2
"""
_MARK = "UPDATE outbox SET published_at = now() WHERE seq = ANY($1::bigint[])"
_AGE = "SELECT coalesce(extract(epoch FROM now() - min(occurred_at)), 0) FROM outbox WHERE published_at IS NULL"
_REPUBLISH = "UPDATE outbox SET published_at = NULL WHERE occurred_at >= $1 AND published_at IS NOT NULL"


@dataclass
class Relay:
    """Moves a service's outbox to the bus, at least once and in the order of each key.

    It reads by status, never by a last-seen number: numbers become visible in another order than they are drawn.
    Any number of replicas may run; a shard is read by the one that holds its advisory lock in that transaction.
    """

    database: Database
    bus: Bus
    connected: bool = False

    async def run(self) -> None:
        """Relay until cancelled; every error is survived with a growing pause."""
        failures = 0
        while True:
            try:
                async with self.bus.publisher() as publisher:
                    self.connected = True
                    async for moved in self._rounds(publisher):
                        failures = 0 if moved else failures
            except asyncio.CancelledError:
                raise
            except Exception as error:
                failures += 1
                log.warning("relay-interrupted", error_class=type(error).__name__, attempt=failures)
            self.connected = False
            await asyncio.sleep(min(5.0, 0.2 * 2 ** min(failures, 5)) * random.uniform(0.5, 1.0))  # nosec B311  # jitter

    async def _rounds(self, publisher: Publisher) -> AsyncIterator[int]:
        while True:
            self.database.committed.clear()
            async with self.database.raw() as connection:
                moved = await self.move(connection, publisher)
            yield moved
            if moved < BATCH:
                await self._wait(BUSY_PAUSE if moved else IDLE_PAUSE)

    async def _wait(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self.database.committed.wait()
        except TimeoutError:
            return

    async def move(self, connection: "asyncpg.Connection[Any]", publisher: Publisher) -> int:
        """Publish one batch and mark it, both under the lock of one transaction; the number of events moved."""
        if not await connection.fetchval(_PENDING):
            return 0
        async with connection.transaction():
            locked = [row["shard"] for row in await connection.fetch(_LOCK, SHARDS, LOCK_SPACE)]
            rows = await connection.fetch(_READ, locked, BATCH)
            if not rows:
                return 0
            failpoints.reach("before-publish")
            await publisher.send([envelope_of(row).message() for row in rows])
            failpoints.reach("after-publish")
            await connection.execute(_MARK, [row["seq"] for row in rows])
        return len(rows)


async def oldest_unpublished_age(database: Database) -> float:
    """Seconds since the oldest fact that the bus has not been told: the relay's one true sign of health."""
    async with database.raw() as connection:
        return float(await connection.fetchval(_AGE))


async def republish(database: Database, since: datetime) -> int:
    """Send everything since an instant once more, with its old ids and versions; the number of events.

    Subscribers that had them drop them; those that lost them (topic lost, new consumer) catch up.
    """
    async with database.raw() as connection:
        return int((await connection.execute(_REPUBLISH, since)).split()[-1])
