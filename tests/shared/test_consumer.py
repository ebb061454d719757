"""The consuming side: it starts anew when it is stuck, and stops when a deployment would park a whole topic."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from shared import consumer as consuming
from shared.consumer import POISON_PER_MINUTE, Consumer
from shared.events import Message
from shared.ids import new_id
from shared.inbox import Outcome
from shared.testing.invariants import heard, parked
from shared.testing.memory_bus import MemoryBus, MemorySubscription
from tests.shared.conftest import Pair, counted

TOPIC = "relais.counting.v1"


async def publish(bus: MemoryBus, messages: Sequence[Message]) -> None:
    await bus.create_topics([TOPIC])
    async with bus.publisher() as publisher:
        await publisher.send(messages)


async def until(consumer: Consumer, outcome: Outcome, count: int) -> None:
    async with asyncio.timeout(20):
        while consumer.counts[outcome] < count:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(consumer: Consumer) -> AsyncIterator[None]:
    task = asyncio.ensure_future(consumer.run())
    yield
    task.cancel()
    await asyncio.wait([task])


class Deaf(MemoryBus):
    """A bus whose subscriptions never hear anything although messages wait."""

    opened = 0

    @asynccontextmanager
    async def subscription(self, group: str, topics: Sequence[str]) -> AsyncIterator[MemorySubscription]:
        self.opened += 1
        yield DeafSubscription(self, group, list(topics))


class DeafSubscription(MemorySubscription):
    """Polls nothing."""

    async def poll(self) -> Sequence[Message]:
        await asyncio.sleep(0.01)
        return []


async def test_a_consumer_that_hears_nothing_while_messages_wait_starts_anew(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "STUCK_AFTER", 0.05)
    bus = Deaf()
    await publish(bus, [counted(new_id(), 1)])
    async with running(Consumer(bus, pair.inbox, [TOPIC], "group")), asyncio.timeout(10):
        while bus.opened < 2:
            await asyncio.sleep(0.02)


async def test_a_consumer_that_hears_nothing_because_there_is_nothing_stays(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "STUCK_AFTER", 0.02)
    bus = Deaf()
    await bus.create_topics([TOPIC])
    async with running(Consumer(bus, pair.inbox, [TOPIC], "group")):
        await asyncio.sleep(0.3)
    assert bus.opened == 1


async def test_a_flood_of_poison_stops_the_consumer_before_it_drains_the_topic(pair: Pair) -> None:
    bus = MemoryBus()
    flood = [counted(new_id(), 1, offset=number, value=b"{") for number in range(3 * POISON_PER_MINUTE)]
    await publish(bus, flood)
    consumer = Consumer(bus, pair.inbox, [TOPIC], "group")
    async with asyncio.timeout(30):
        await consumer.run()
    assert consumer.stopped
    assert POISON_PER_MINUTE < await parked(pair.consumer) < 3 * POISON_PER_MINUTE
    assert not any(bus.committed.values()), "what was refused must come again after the fix"


async def test_events_of_many_keys_are_delivered_each_in_its_order(pair: Pair) -> None:
    bus = MemoryBus()
    keys = [new_id() for _ in range(20)]
    await publish(bus, [counted(key, number) for number in range(1, 6) for key in keys])
    consumer = Consumer(bus, pair.inbox, [TOPIC], "group")
    async with running(consumer):
        await until(consumer, Outcome.HANDLED, 100)
    effects = await heard(pair.consumer)
    for key in keys:
        assert [number for counter, number in effects if counter == key] == [1, 2, 3, 4, 5]
