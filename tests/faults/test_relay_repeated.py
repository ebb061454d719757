"""A relay that is repeated, whose facts come five times, with the broker restarted in between: exactly one case."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from services.__main__ import load
from shared import relay
from shared.clock import SystemClock
from shared.local.road import Road
from shared.local.stack import Stack
from shared.store import Database
from tests.journeys.pushes import a_name
from tests.town import Town

SERVICES = ("intake", "cases")
TOPIC = "relais.intake.v1"
REQUESTED = b"intake.case-management-requested.v1"
TIMES = 5


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """The line and the case managers, on a broker of their own that a test may stop."""
    with ExitStack() as stack:
        built = Town(stack.enter_context(Stack(tmp_path, load(SERVICES))), tmp_path)
        stack.callback(built.close)
        for name in ("front", *SERVICES):
            built.start(name)
        asyncio.run(built.ready(SERVICES))
        yield built


@pytest.fixture
async def road(town: Town) -> AsyncIterator[Road]:
    """The personas' clients; a broker that comes back takes its time."""
    walked = Road(town.origin, wait=60)
    yield walked
    await walked.close()


@pytest.fixture
async def intake(town: Town) -> AsyncIterator[Database]:
    """The database of intake."""
    database = Database(town.stack.databases["intake"].app_url, SystemClock(), pool_size=2)
    yield database
    await database.close()


async def stop(town: Town) -> None:
    assert town.stack.kafka, "the test stops its own broker"
    await asyncio.to_thread(town.stack.kafka.stop)


async def start(town: Town) -> None:
    assert town.stack.kafka
    await asyncio.to_thread(town.stack.kafka.start)


async def sent(town: Town) -> int:
    """How often the broker holds the fact that asks for case management."""
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=town.stack.bootstrap_servers, group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        count = 0
        while batch := await consumer.getmany(timeout_ms=1500):
            messages = [message for part in batch.values() for message in part]
            count += sum(dict(message.headers)["ce_type"] == REQUESTED for message in messages)
        return count
    finally:
        await consumer.stop()


async def unread(town: Town) -> int:
    """How many facts of intake cases has not dealt with yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=town.stack.bootstrap_servers)
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=town.stack.bootstrap_servers, group_id=None)
    await admin.start()
    await consumer.start()
    try:
        done = await admin.list_consumer_group_offsets("relais.cases")
        ends = await consumer.end_offsets(consumer.assignment())
        return sum(end - (done[place].offset if place in done else 0) for place, end in ends.items())
    finally:
        await consumer.stop()
        await admin.close()


async def published(intake: Database) -> bool:
    """Whether the relay has sent all there is."""
    return await relay.oldest_unpublished_age(intake) == 0


async def delivered(town: Town, road: Road, times: int) -> None:
    """Wait until the fact lies on the broker so often, and cases has read all there is."""

    async def look() -> bool:
        return await sent(town) >= times and await unread(town) == 0

    await road.until(f"{times} deliveries", look)


async def test_a_repeated_relay_delivered_five_times_over_a_broker_restart_is_one_case(
    town: Town, road: Road, intake: Database
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    who = {"family_name": a_name(), "given_names": a_name(), "birth_date": "1950-05-05"}
    person = str((await road.post("line-nurse", "/intake/persons", who))["id"])
    await stop(town)
    contacts = [await road.call(person) for _ in range(TIMES)]
    await start(town)
    case = await road.case_of(contacts[0]["id"])
    for number in range(2, TIMES + 1):
        if number == 3:
            await stop(town)
            await start(town)
        assert await relay.republish(intake, since) > 0
        await road.until("the delivery", lambda: published(intake))
    await delivered(town, road, TIMES)
    cases = (await road.get("coordinator", "/cases", person_id=person))["items"]
    assert [each["id"] for each in cases] == [case]
    assert {each["request_id"] for each in contacts} == {contacts[0]["id"]}
    assert not await road.get("operator", "/cases/events/dead-letters")
