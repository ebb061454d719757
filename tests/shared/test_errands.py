"""Errands: work that talks to the outside, at its pace, again at once while more is waiting, alive after errors."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from shared.handlers import Errand, Handlers
from shared.service import Service
from shared.testing.harness import UnderTest, under_test
from tests.server import TestServer
from tests.shared.toy_service import Shelf, counting_database, counting_service, rows


def with_errand(act: Callable[[Errand], Awaitable[bool]], seconds: float = 3600) -> Service:
    handlers = Handlers()
    handlers.errand(seconds)(act)
    return replace(counting_service(), handlers=handlers)


async def until(running: UnderTest, count: int) -> None:
    async with asyncio.timeout(10):
        while await rows(running, "counter") < count:
            await asyncio.sleep(0.02)


async def test_an_errand_is_done_again_at_once_while_more_is_waiting(postgres: TestServer) -> None:
    async def work(errand: Errand) -> bool:
        async with errand.transaction() as transaction:
            made = await Shelf(transaction).make(0)
        return made.number == 0 and await total(errand) < 3

    async def total(errand: Errand) -> int:
        async with errand.database.raw() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM counter"))

    async with under_test(with_errand(work), await counting_database(postgres), working=True) as running:
        await until(running, 3)
    async with under_test(with_errand(work), await counting_database(postgres)) as running:
        await running.tick()
        assert await rows(running, "counter") == 3


async def test_an_error_is_logged_by_its_class_and_the_next_round_comes(postgres: TestServer) -> None:
    asked = 0

    async def work(errand: Errand) -> bool:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise RuntimeError("Odette Lambert")
        async with errand.transaction() as transaction:
            await Shelf(transaction).make(asked)
        return False

    async with under_test(with_errand(work, 0.01), await counting_database(postgres), working=True) as running:
        await until(running, 2)


async def test_a_test_that_ticks_runs_errands_that_may_call_this_machine(postgres: TestServer) -> None:
    heard: list[bytes] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 None\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def call(errand: Errand) -> bool:
        answer = await errand.callbacks.post(f"http://127.0.0.1:{port}/x", b"", {})
        assert (answer.status, errand.clock.now()) == (204, running.clock.at)
        return False

    async with server, under_test(with_errand(call), await counting_database(postgres)) as running:
        await running.tick()
    assert len(heard) == 1
