"""One suite that both buses pass: the one in memory and the real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from shared.bus.kafka import KafkaBus
from shared.bus.port import Bus, BusUnavailable, Subscription
from shared.events import Message
from shared.local.kafka import EmbeddedKafka
from shared.testing.memory_bus import MemoryBus


@pytest.fixture(params=["memory", "kafka"])
def bus(request: pytest.FixtureRequest) -> Bus:
    if request.param == "memory":
        return MemoryBus()
    kafka: EmbeddedKafka = request.getfixturevalue("kafka")
    return KafkaBus(kafka.bootstrap_servers)


@pytest.fixture
async def topic(bus: Bus) -> str:
    name = f"relais.test-{uuid4().hex[:8]}.v1"
    await bus.create_topics([name])
    return name


def message(topic: str, key: str, text: str) -> Message:
    return Message(topic, key.encode(), [("ce_id", b"1"), ("content-type", b"application/json")], text.encode())


async def take(subscription: Subscription, count: int) -> list[Message]:
    found: list[Message] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            found += await subscription.poll()
    return found


@asynccontextmanager
async def published(bus: Bus, *messages: Message) -> AsyncIterator[None]:
    async with bus.publisher() as publisher:
        await publisher.send(messages)
    yield


async def test_bytes_headers_and_key_arrive_as_they_were_sent(bus: Bus, topic: str) -> None:
    async with published(bus, message(topic, "a", "one")), bus.subscription("group-1" + topic, [topic]) as reader:
        [got] = await take(reader, 1)
    assert (got.key, got.value, dict(got.headers)["ce_id"]) == (b"a", b"one", b"1")


async def test_the_order_of_a_key_is_kept(bus: Bus, topic: str) -> None:
    sent = [message(topic, key, f"{key}{number}") for number in range(40) for key in ("a", "b", "c")]
    async with published(bus, *sent), bus.subscription("group-2" + topic, [topic]) as reader:
        got = await take(reader, len(sent))
    for key in ("a", "b", "c"):
        texts = [each.value for each in got if each.key == key.encode()]
        assert texts == [f"{key}{number}".encode() for number in range(40)]


async def test_what_was_not_committed_comes_again_and_what_was_does_not(bus: Bus, topic: str) -> None:
    group = "group-3" + topic
    async with published(bus, message(topic, "a", "one")), bus.subscription(group, [topic]) as reader:
        await take(reader, 1)
    async with bus.subscription(group, [topic]) as reader:
        again = await take(reader, 1)
        await reader.commit()
    async with published(bus, message(topic, "a", "two")), bus.subscription(group, [topic]) as reader:
        [after] = await take(reader, 1)
    assert (again[0].value, after.value) == (b"one", b"two")


async def test_two_groups_each_read_everything(bus: Bus, topic: str) -> None:
    async with published(bus, message(topic, "a", "one")):
        for group in ("left", "right"):
            async with bus.subscription(group + topic, [topic]) as reader:
                assert [each.value for each in await take(reader, 1)] == [b"one"]


async def test_an_unknown_topic_is_an_error_and_nothing_is_created_silently(bus: Bus) -> None:
    with pytest.raises(BusUnavailable):
        async with bus.publisher() as publisher:
            await publisher.send([message("relais.nowhere.v1", "a", "one")])


async def test_lag_counts_what_was_not_polled(bus: Bus, topic: str) -> None:
    async with bus.subscription("group-4" + topic, [topic]) as reader:
        async with published(bus, message(topic, "a", "one")):
            await take(reader, 1)
        assert await reader.lag() == 0


async def test_creating_topics_twice_is_fine(bus: Bus, topic: str) -> None:
    await bus.create_topics([topic])
