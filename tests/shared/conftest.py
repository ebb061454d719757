"""Two toy services on real databases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.events import Envelope, Message
from shared.handlers import Handlers
from shared.http import Http, new_client
from shared.ids import new_id
from shared.inbox import Inbox
from shared.store import Database
from shared.testing.harness import UnderTest
from shared.testing.toy import Counting, Listening, create_tables, listening_handlers, toy_database
from tests.server import TestServer
from tests.shared.toy_service import run_counting


@dataclass
class Pair:
    """The producer's database, and the listener's with its inbox."""

    producer: Database
    consumer: Database
    inbox: Inbox


def inbox_of(consumer: Database, handlers: Handlers) -> Inbox:
    http = Http(new_client(), "http://127.0.0.1:9", "toy", "", lambda service: "http://127.0.0.1:9")
    return Inbox("listening", consumer, handlers, http)


@pytest.fixture
async def pair(postgres: TestServer) -> AsyncIterator[Pair]:
    names = [f"{kind}_{new_id().hex[-10:]}" for kind in ("counting", "listening")]
    made = [await postgres.create_database(name, owner=f"{name}_owner", app=f"{name}_app") for name in names]
    await create_tables(made[0].owner_url, Counting)
    await create_tables(made[1].owner_url, Listening)
    producer, consumer = (toy_database(each.app_url) for each in made)
    yield Pair(producer, consumer, inbox_of(consumer, listening_handlers()))
    await producer.close()
    await consumer.close()


@pytest.fixture
async def counting(postgres: TestServer) -> AsyncIterator[UnderTest]:
    """The toy service, with its routes."""
    async with run_counting(postgres) as running:
        yield running


def counted(counter: UUID, number: int, offset: int | None = None, **changed: Any) -> Message:
    """The message of one count, as the producer's relay would send it."""
    data = f'{{"counter": "{counter}", "number": {number}}}'.encode()
    event = Envelope(new_id(), "counting.counted.v1", counter, number, datetime.now(UTC), data)
    sent = event.message()
    place = {"partition": 0, "offset": offset if offset is not None else number}
    fields = {name: getattr(sent, name) for name in ("topic", "key", "headers", "value")}
    return Message(**{**fields, **place, **changed})
