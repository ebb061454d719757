"""The outbox: facts are written beside the change that made them true, and a relay tells the bus afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from shared import failpoints, trace
from shared.events import Envelope, Event
from shared.ids import new_id

if TYPE_CHECKING:
    import asyncpg

    from shared.bus.port import Bus, Publisher
    from shared.store import Database

SHARDS = 8
BATCH = 500
BUSY_PAUSE = 0.02
IDLE_PAUSE = 0.3
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


def shard_of(aggregate_id: UUID) -> int:
    """The shard of an aggregate: all its events pass through one relay at a time."""
    return aggregate_id.int % SHARDS


def outbox_rows(aggregate_id: UUID, first: int, events: Sequence[Event], at: datetime) -> list[dict[str, Any]]:
    """The outbox rows of an aggregate's new events, numbered from `first`."""
    return [
        {
            "id": new_id(),
            "aggregate_id": aggregate_id,
            "aggregate_version": number,
            "type": event.type,
            "occurred_at": at,
            "trace": trace.current(),
            "payload": event.model_dump(mode="json"),
            "shard": shard_of(aggregate_id),
        }
        for number, event in enumerate(events, start=first)
    ]


@dataclass
class Relay:
    """Moves a service's outbox to the bus, at least once and in the order of each key.

    It reads by status, never by a last-seen number: numbers become visible in another order than they are drawn.
    Any number of replicas may run; a shard is read by the one that holds its advisory lock in that transaction.
    """

    database: "Database"
    bus: "Bus"
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
            await asyncio.sleep(min(5.0, 0.2 * 2 ** min(failures, 5)) * random.uniform(0.5, 1.0))

    async def _rounds(self, publisher: "Publisher") -> AsyncIterator[int]:
        while True:
            self.database.committed.clear()
            async with self.database.raw() as connection:
                moved = await self.move(connection, publisher)
            yield moved
            if moved < BATCH:
                await self._wait(BUSY_PAUSE if moved else IDLE_PAUSE)

    async def _wait(self, pause: float) -> None:
        try:
            await asyncio.wait_for(self.database.committed.wait(), pause)
        except TimeoutError:
            return

    async def move(self, connection: "asyncpg.Connection[Any]", publisher: "Publisher") -> int:
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


def envelope_of(row: Any) -> Envelope:
    """The envelope of an outbox row, its payload as JSON text."""
    return Envelope(
        id=row["id"],
        type=row["type"],
        aggregate_id=row["aggregate_id"],
        version=row["aggregate_version"],
        time=row["occurred_at"],
        data=row["payload"].encode(),
        traceparent=row["trace"],
    )


async def oldest_unpublished_age(database: "Database") -> float:
    """Seconds since the oldest fact that the bus has not been told: the relay's one true sign of health."""
    async with database.raw() as connection:
        return float(await connection.fetchval(_AGE))


async def republish(database: "Database", since: datetime) -> int:
    """Send everything since an instant once more, with its old ids and versions; the number of events.

    Subscribers that had them drop them; those that lost them (topic lost, new consumer) catch up.
    """
    async with database.raw() as connection:
        return int((await connection.execute(_REPUBLISH, since)).split()[-1])
