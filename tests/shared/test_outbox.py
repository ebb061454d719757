"""The outbox: facts numbered without holes, told in order, and told again when nobody has heard."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from shared.bus.port import BusUnavailable
from shared.errors import StaleVersion
from shared.events import Envelope, Message, topic_of
from shared.ids import new_id
from shared.outbox import SHARDS, shard_of
from shared.relay import LOCK_SPACE, Relay, oldest_unpublished_age, republish
from shared.store import Database
from shared.testing.memory_bus import MemoryBus
from shared.testing.toy import Counted, Counter, Counters, count_up, toy_database
from tests.server import TestServer
from tests.shared.toy_service import counting_database

TOPIC = topic_of("counting")


@pytest.fixture
async def database(postgres: TestServer) -> AsyncIterator[Database]:
    """The producer's database."""
    made = toy_database((await counting_database(postgres)).app_url)
    yield made
    await made.close()


@pytest.fixture
async def bus() -> MemoryBus:
    """A bus with the producer's topic."""
    made = MemoryBus()
    await made.create_topics([TOPIC])
    return made


async def move(database: Database, bus: MemoryBus) -> int:
    """One round of a relay."""
    async with bus.publisher() as publisher, database.raw() as connection:
        return await Relay(database, bus).move(connection, publisher)


def heard(messages: Sequence[Message]) -> list[tuple[UUID, int]]:
    """The (aggregate, version) of messages."""
    return [(each.aggregate_id, each.version) for each in map(Envelope.read, messages)]


async def waiting(database: Database) -> int:
    """The number of facts not told yet."""
    async with database.raw() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))


async def versions(database: Database) -> list[int]:
    """The versions in the outbox, in the order of writing."""
    async with database.raw() as connection:
        return [row["aggregate_version"] for row in await connection.fetch("SELECT * FROM outbox ORDER BY seq")]


async def test_several_facts_of_one_step_are_numbered_on(database: Database) -> None:
    counter = Counter()
    async with database.transaction() as transaction:
        await transaction.record(counter, counter.count(), counter.count())
    async with database.transaction() as transaction:
        again = await transaction.session.get_one(Counter, counter.id)
        await transaction.record(again, again.count())
        await transaction.record(again, again.count(), again.count())
    assert await versions(database) == [1, 2, 3, 4, 5]
    async with database.transaction() as transaction:
        assert (await transaction.session.get_one(Counter, counter.id)).version == 5


async def test_a_change_without_a_fact_is_refused_so_that_no_version_is_left_behind(database: Database) -> None:
    counter = Counter()

    async def change_in_silence() -> None:
        async with database.transaction() as transaction:
            await transaction.record(counter)

    with pytest.raises(ValueError, match="fact"):
        await change_in_silence()
    async with database.transaction() as transaction:
        assert await transaction.session.get(Counter, counter.id) is None


async def test_a_second_writer_of_the_same_version_is_stale_and_leaves_nothing(database: Database) -> None:
    counter = new_id()
    await count_up(database, [counter])

    async def write_late() -> None:
        async with database.transaction() as transaction:
            mine = await transaction.session.get_one(Counter, counter)
            await count_up(database, [counter])
            await transaction.record(mine, mine.count(), mine.count())

    with pytest.raises(StaleVersion):
        await write_late()
    assert await versions(database) == [1, 2]


async def test_many_locked_aggregates_are_written_at_once_each_with_its_facts(database: Database) -> None:
    counters = [new_id() for _ in range(3)]
    await count_up(database, counters)

    async with database.transaction() as transaction:
        rows = [await transaction.session.get_one(Counter, each, with_for_update=True) for each in counters]
        await transaction.record_many([(row, [row.count()]) for row in rows[:2]])
        await transaction.record(rows[2], rows[2].count(), rows[2].count())

    assert await versions(database) == [1, 1, 1, 2, 2, 2, 3]
    async with database.transaction() as transaction:
        kept = [await transaction.session.get_one(Counter, each) for each in counters]
    assert [(row.number, row.version) for row in kept] == [(2, 2), (2, 2), (3, 3)]


async def test_one_change_of_many_without_a_fact_leaves_nothing(database: Database) -> None:
    counters = [new_id() for _ in range(2)]
    await count_up(database, counters)

    async def change_in_silence() -> None:
        async with database.transaction() as transaction:
            one, other = [await transaction.session.get_one(Counter, each) for each in counters]
            await transaction.record_many([(one, [one.count()]), (other, [])])

    with pytest.raises(ValueError, match="fact"):
        await change_in_silence()
    assert await versions(database) == [1, 1]


async def test_many_whose_rows_were_not_locked_and_have_changed_are_refused_by_the_outbox(database: Database) -> None:
    counter = new_id()
    await count_up(database, [counter])

    async def write_late() -> None:
        async with database.transaction() as transaction:
            mine = await transaction.session.get_one(Counter, counter)
            await count_up(database, [counter])
            await transaction.record_many([(mine, [mine.count()])])

    with pytest.raises(IntegrityError):
        await write_late()
    assert await versions(database) == [1, 2]


async def test_what_is_rolled_back_is_never_told(database: Database, bus: MemoryBus) -> None:
    async def fail() -> None:
        async with database.transaction() as transaction:
            await Counters(transaction).count(new_id())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert (await versions(database), await move(database, bus)) == ([], 0)


async def test_of_twenty_equal_submissions_at_once_one_is_new_and_tells_its_fact(database: Database) -> None:
    counter = new_id()

    async def submit() -> bool:
        async with database.transaction() as transaction:
            fact = Counted(counter=counter, number=1)
            return await transaction.record_new(Counter, {"id": counter, "number": 1}, fact)

    won = await asyncio.gather(*(submit() for _ in range(20)))
    assert sorted(won) == [False] * 19 + [True]
    assert await versions(database) == [1]


async def test_the_relay_tells_every_fact_in_the_order_of_its_key_and_marks_it(
    database: Database, bus: MemoryBus
) -> None:
    counters = [new_id() for _ in range(5)]
    for _ in range(4):
        await count_up(database, counters)
    assert await move(database, bus) == 20
    messages = bus.messages(TOPIC)
    for counter in counters:
        assert [number for key, number in heard(messages) if key == counter] == [1, 2, 3, 4]
    assert all(message.key == str(Envelope.read(message).aggregate_id).encode() for message in messages)
    assert await waiting(database) == 0
    assert await move(database, bus) == 0
    assert len(bus.messages(TOPIC)) == 20


async def test_what_the_bus_did_not_take_is_not_marked(database: Database, bus: MemoryBus) -> None:
    await count_up(database, [new_id(), new_id()])
    async with bus.publisher() as publisher:
        bus.down = True
        with pytest.raises(BusUnavailable):
            async with database.raw() as connection:
                await Relay(database, bus).move(connection, publisher)
    assert await waiting(database) == 2
    bus.down = False
    assert await move(database, bus) == 2


async def test_facts_since_an_instant_are_told_again_with_their_old_numbers(database: Database, bus: MemoryBus) -> None:
    old, new = new_id(), new_id()
    await count_up(database, [old])
    between = datetime.now(UTC)
    await count_up(database, [new, new])
    await move(database, bus)
    first = {Envelope.read(message).id for message in bus.messages(TOPIC)}
    bus.logs.clear()
    await bus.create_topics([TOPIC])
    assert await republish(database, between) == 2
    assert await move(database, bus) == 2
    again = bus.messages(TOPIC)
    assert heard(again) == [(new, 1), (new, 2)]
    assert {Envelope.read(message).id for message in again} < first
    assert await republish(database, datetime.now(UTC) + timedelta(minutes=1)) == 0


async def test_a_shard_that_another_relay_holds_is_left_to_it(database: Database, bus: MemoryBus) -> None:
    held, free = (UUID(int=(7 << 76) + number) for number in (3, 4))
    assert shard_of(held) != shard_of(free)
    await count_up(database, [held, free])
    async with database.raw() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1::int, $2::int)", LOCK_SPACE, shard_of(held))
        assert await move(database, bus) == 1
        assert heard(bus.messages(TOPIC)) == [(free, 1)]
    assert await move(database, bus) == 1


def test_the_shards_share_the_work_evenly() -> None:
    counts = [0] * SHARDS
    for _ in range(8000):
        counts[shard_of(new_id())] += 1
    assert min(counts) > 800


async def test_several_relays_at_once_tell_each_fact_once_and_in_order(database: Database, bus: MemoryBus) -> None:
    counters = [new_id() for _ in range(8)]
    for _ in range(5):
        await count_up(database, counters)
    while await waiting(database):
        await asyncio.gather(*(move(database, bus) for _ in range(4)))
    told = heard(bus.messages(TOPIC))
    assert len(told) == len(set(told)) == 40
    for counter in counters:
        assert [number for key, number in told if key == counter] == [1, 2, 3, 4, 5]


async def test_a_commit_with_facts_wakes_the_relay_and_one_without_does_not(database: Database) -> None:
    assert not database.committed.is_set()
    async with database.transaction() as transaction:
        transaction.session.add(Counter())
    assert not database.committed.is_set()
    async with database.transaction() as transaction:
        await Counters(transaction).count(new_id())
        assert not database.committed.is_set()
    assert database.committed.is_set()


async def test_a_running_relay_outlives_a_bus_that_goes_and_comes_back(database: Database, bus: MemoryBus) -> None:
    relay = Relay(database, bus)
    running = asyncio.create_task(relay.run())
    try:
        await count_up(database, [new_id()])
        async with asyncio.timeout(5):
            while await waiting(database):
                await asyncio.sleep(0.02)
        bus.down = True
        await count_up(database, [new_id()])
        async with asyncio.timeout(5):
            while relay.connected:
                await asyncio.sleep(0.02)
        assert await waiting(database) == 1
        assert await oldest_unpublished_age(database) > 0
        bus.down = False
        async with asyncio.timeout(10):
            while await waiting(database):
                await asyncio.sleep(0.02)
        assert relay.connected
    finally:
        running.cancel()
    assert len(bus.messages(TOPIC)) == 2
    assert await oldest_unpublished_age(database) == 0
