"""P4, P6, P7: the way of a fact from commit to effect, in one process as in `make run`, beside bare aiokafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.bus.kafka import PARTITIONS, KafkaBus
from shared.consumer import Consumer
from shared.events import Envelope, Message
from shared.http import Http, new_client
from shared.ids import new_id
from shared.inbox import Inbox, Outcome
from shared.outbox import envelope_of, shard_of
from shared.relay import Relay
from shared.store import Database
from shared.testing.toy import Counting, Listening, count_up, create_tables, listening_handlers, toy_database
from tests.bench.load import drive_raw
from tests.bench.rig import Rig
from tests.bench.table import Row, Table, at_share, in_turn, say

TOPIC, BARE_TOPIC = "relais.counting.v1", "bench.bare"
PER_SECOND, PACED = 50, 250
KEYS, EACH = 100, 100
RAW_SECONDS = 1.5
WITHIN = 90.0

_FILL = """
    INSERT INTO outbox (id, aggregate_id, aggregate_version, type, occurred_at, payload, shard)
    SELECT gen_random_uuid(), key, number, 'counting.counted.v1', now(),
        jsonb_build_object('counter', key, 'number', number), shard
    FROM generate_series(1, $3) number, unnest($1::uuid[], $2::smallint[]) AS keys (key, shard) ORDER BY number
"""
_WAITING = """
    SELECT id, aggregate_id, aggregate_version, type, occurred_at, trace, payload::text FROM outbox
    WHERE published_at IS NULL ORDER BY seq
"""


@dataclass
class Watched(Inbox):
    """An inbox that notes when each event has had its effect."""

    handled: dict[tuple[UUID, int], float] = field(default_factory=dict)

    async def handle(self, envelope: Envelope, *, parked: bool = False) -> Outcome:
        """Handle, then look at the clock."""
        outcome = await super().handle(envelope, parked=parked)
        self.handled[envelope.aggregate_id, envelope.version] = time.perf_counter()
        return outcome


@dataclass
class Flow:
    """`counting` and `listening`, their databases and the bus between them."""

    producer: Database
    consumer: Database
    bus: KafkaBus
    servers: str

    @property
    def relay(self) -> Relay:
        """The relay of `counting`."""
        return Relay(self.producer, self.bus)

    @asynccontextmanager
    async def consuming(self) -> AsyncIterator[Watched]:
        """The consumer of `listening`, at work for the time of the block."""
        client = new_client()
        http = Http(client, "http://127.0.0.1:9", "toy", "", lambda service: "http://127.0.0.1:9")
        inbox = Watched("listening", self.consumer, listening_handlers(), http)
        async with running(Consumer(self.bus, inbox, [TOPIC], "relais.listening").run()):
            yield inbox
        await client.aclose()


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[None]:
    """Something that runs until the block ends."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        for _try in range(4):  # Python 3.11's wait_for can swallow a cancellation
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=5)
            if done:
                break


@asynccontextmanager
async def flowing(rig: Rig) -> AsyncIterator[Flow]:
    """Both databases and the topics."""
    made: dict[str, Database] = {}
    for name, kind in (("counting", Counting), ("listening", Listening)):
        urls = await rig.postgres.create_database(f"bench_{name}", owner=f"{name}_owner", app=f"{name}_app")
        await create_tables(urls.owner_url, kind)
        made[name] = toy_database(urls.app_url)
    bus = rig.stack.bus()
    await bus.create_topics([TOPIC, BARE_TOPIC])
    try:
        yield Flow(made["counting"], made["listening"], bus, rig.stack.bootstrap_servers)
    finally:
        for database in made.values():
            await database.close()


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """The pace first, then the floods."""
    async with flowing(rig) as flow, rig.pool(1) as pool:
        await paced(flow, table, repeat)
        await flooded(flow, table, repeat, pool)


async def paced(flow: Flow, table: Table, repeat: int) -> None:
    """P4: fifty facts a second, each a transaction of its own."""
    usual = Row(
        "P4", "commit to handled, 50/s, p50", "ms", "<= 8x", lambda row: row.ratio <= 8, "ms bare aiokafka round trip"
    )
    late = Row(
        "P4",
        "commit to handled, 50/s, p99",
        "ms",
        "<= 10x, <= 500 ms",
        lambda row: row.ratio <= 10 and row.value <= 500,
        "ms bare aiokafka round trip",
    )
    table.add(usual, late)
    async with flow.consuming() as inbox, running(flow.relay.run()), bare_clients(flow.servers) as clients:
        counters = [new_id() for _ in range(KEYS)]
        await facts(flow.producer, inbox, counters, 100)
        await round_trips(*clients, 100)
        for number in range(repeat):
            ours, floor = await in_turn(
                number,
                lambda: facts(flow.producer, inbox, [new_id() for _ in range(25)], PACED),
                lambda: round_trips(*clients, PACED),
            )
            usual.add(at_share(ours, 0.5) * 1000, at_share(floor, 0.5) * 1000)
            late.add(at_share(ours, 0.99) * 1000, at_share(floor, 0.99) * 1000)
            say(f"pace {number + 1}/{repeat}: p50 {usual.product[-1]:.1f} ms, bare {usual.floor[-1]:.1f} ms")


async def at_pace(count: int, act: Callable[[int], Awaitable[None]]) -> None:
    """Act so many times at the pace, late rather than in a burst of tasks."""
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        await act(number)


async def facts(producer: Database, inbox: Watched, counters: Sequence[UUID], count: int) -> list[float]:
    """Seconds from the commit of each fact to the commit of its effect."""
    committed: dict[tuple[UUID, int], float] = {}

    async def commit(number: int) -> None:
        counter = counters[number % len(counters)]
        await count_up(producer, [counter])
        committed[counter, number // len(counters) + 1] = time.perf_counter()

    await at_pace(count, commit)
    async with asyncio.timeout(WITHIN):
        while not committed.keys() <= inbox.handled.keys():
            await asyncio.sleep(0.02)
    return [inbox.handled[fact] - at for fact, at in committed.items()]


@asynccontextmanager
async def bare_clients(servers: str) -> AsyncIterator[tuple[AIOKafkaProducer, AIOKafkaConsumer]]:
    """A producer as safe as ours, and a consumer without a group."""
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, acks="all", enable_idempotence=True, linger_ms=0, max_batch_size=262_144
    )
    consumer = AIOKafkaConsumer(BARE_TOPIC, bootstrap_servers=servers, auto_offset_reset="latest")
    async with asyncio.timeout(WITHIN):
        await producer.start()
        await consumer.start()
        await consumer.seek_to_end()
    try:
        yield producer, consumer
    finally:
        await asyncio.wait_for(producer.stop(), 10)
        await asyncio.wait_for(consumer.stop(), 10)


async def round_trips(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer, count: int) -> list[float]:
    """Seconds from the sending of each message to its coming back."""
    sent: dict[bytes, float] = {}
    back: dict[bytes, float] = {}

    async def receive() -> None:
        while len(back) < count:
            record = await consumer.getone()
            back[record.value] = time.perf_counter()

    async def send(number: int) -> None:
        value = new_id().bytes
        sent[value] = time.perf_counter()
        await producer.send_and_wait(BARE_TOPIC, value, value)

    async with asyncio.timeout(WITHIN):
        await asyncio.gather(receive(), at_pace(count, send))
    return [back[value] - at for value, at in sent.items()]


async def flooded(flow: Flow, table: Table, repeat: int, pool: "asyncpg.Pool[Any]") -> None:
    """P6 and P7: ten thousand facts published, then handled."""
    told = Row(
        "P6",
        "publish 10 000 from a full outbox",
        "s",
        "<= 0.5 s (half of Debezium's 1.0)",
        lambda row: row.value <= 0.5,
        "s bare aiokafka, gather",
    )
    handled = Row(
        "P7",
        "handle 10 000 of 100 keys, a transaction each",
        "/s",
        ">= 0.50x",
        lambda row: row.ratio >= 0.5,
        f"/s asyncpg, 2 inserts, one at a time, x {PARTITIONS} partitions",
    )
    table.add(told, handled)
    async with bare_clients(flow.servers) as (producer, _):
        for number in range(repeat):
            messages = await fill(flow.producer)
            ours, floor = await in_turn(number, partial(publish, flow), partial(publish_bare, producer, messages))
            told.add(ours, floor)
            rate, raw = await in_turn(number, lambda: handle_all(flow), lambda: raw_rate(pool))
            handled.add(rate, raw * PARTITIONS)
            say(f"flood {number + 1}/{repeat}: published in {ours:.2f} s (bare {floor:.2f} s), handled {rate:.0f}/s")


async def fill(database: Database) -> list[Message]:
    """Ten thousand facts that wait in the outbox, and what they look like on the wire."""
    keys = [new_id() for _ in range(KEYS)]
    async with database.raw() as connection:
        await connection.execute(_FILL, keys, [shard_of(key) for key in keys], EACH)
        rows = await connection.fetch(_WAITING)
    return [envelope_of(row).message() for row in rows]


async def publish(flow: Flow) -> float:
    """Seconds in which the relay empties the outbox."""
    async with flow.bus.publisher() as publisher, flow.producer.raw() as connection:
        began = time.perf_counter()
        while await flow.relay.move(connection, publisher):
            pass
        return time.perf_counter() - began


async def publish_bare(producer: AIOKafkaProducer, messages: Sequence[Message]) -> float:
    """Seconds for the same messages without an outbox."""
    began = time.perf_counter()
    async with asyncio.timeout(WITHIN):
        await asyncio.gather(
            *(
                producer.send_and_wait(BARE_TOPIC, message.value, message.key, headers=list(message.headers))
                for message in messages
            )
        )
    return time.perf_counter() - began


async def handle_all(flow: Flow) -> float:
    """Facts a second, from the first that was handled to the last."""
    async with flow.consuming() as inbox, asyncio.timeout(WITHIN):
        while len(inbox.handled) < KEYS * EACH:
            await asyncio.sleep(0.05)
        return len(inbox.handled) / (max(inbox.handled.values()) - min(inbox.handled.values()))


async def raw_rate(pool: "asyncpg.Pool[Any]") -> float:
    """Transactions a second of one bare connection."""
    return (await drive_raw(pool, 1, RAW_SECONDS)).rate
