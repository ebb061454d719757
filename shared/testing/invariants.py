"""The checker that every fault test ends with: nothing lost, nothing doubled, the order of each key kept."""

import asyncio
import time
from collections import defaultdict
from uuid import UUID

from shared.store import Database


class Violated(AssertionError):
    """A delivery guarantee did not hold."""


async def told(producer: Database) -> set[tuple[UUID, int]]:
    """Every committed (aggregate, version) of a producer."""
    async with producer.raw() as connection:
        rows = await connection.fetch("SELECT aggregate_id, aggregate_version FROM outbox")
    return {(row["aggregate_id"], row["aggregate_version"]) for row in rows}


async def heard(consumer: Database) -> list[tuple[UUID, int]]:
    """Every effect of the listener, in the order in which it happened."""
    async with consumer.raw() as connection:
        rows = await connection.fetch("SELECT counter, number FROM heard ORDER BY seq")
    return [(row["counter"], row["number"]) for row in rows]


async def parked(consumer: Database) -> int:
    """The number of parked letters."""
    async with consumer.raw() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM dead_letter WHERE state = 'parked'"))


async def settled(producer: Database, consumer: Database, within: float) -> float:
    """Wait until as many effects as facts are there; the seconds it took. Raises Violated when it takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        try:
            if len(await heard(consumer)) >= len(await told(producer)):
                return time.monotonic() - began
        except Exception:  # the database may be away for a while: that is what some faults are about
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.1)
    raise Violated(f"{len(await told(producer))} facts, {len(await heard(consumer))} effects after {within} s")


async def check(producer: Database, consumer: Database, *, dead_letters: int = 0) -> int:
    """Raise Violated unless all guarantees hold; the number of facts checked."""
    facts, effects = await told(producer), await heard(consumer)
    if set(effects) != facts:
        raise Violated(f"lost {len(facts - set(effects))}, invented {len(set(effects) - facts)}")
    if len(effects) != len(set(effects)):
        raise Violated(f"{len(effects) - len(set(effects))} effects doubled")
    last: dict[UUID, int] = defaultdict(int)
    for counter, number in effects:
        if number != last[counter] + 1:
            raise Violated(f"order of a key broken: {number} after {last[counter]}")
        last[counter] = number
    async with producer.raw() as connection:
        waiting = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    if waiting:
        raise Violated(f"{waiting} facts unpublished")
    if await parked(consumer) != dead_letters:
        raise Violated(f"{await parked(consumer)} dead letters instead of {dead_letters}")
    return len(facts)
