"""Companions run beside the API as long as it does, and not in a process that has no API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fastapi import FastAPI

from shared.settings import Role
from shared.testing.harness import under_test
from tests.server import TestServer
from tests.shared.toy_service import Shelf, counting_database, counting_service, rows


class Listener:
    """A companion that listens at a port and makes a counter for each line."""

    def __init__(self) -> None:
        self.port = 0
        self.entered = 0

    @asynccontextmanager
    async def __call__(self, app: FastAPI) -> AsyncIterator[None]:
        async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            number = int(await reader.readline())
            async with app.state.database.transaction() as transaction:
                await Shelf(transaction).make(number)
            writer.write(b"made\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(line, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.entered += 1
            yield


@pytest.mark.parametrize("role", [Role.API, Role.BOTH])
async def test_a_companion_serves_with_the_connected_app_and_ends_with_it(postgres: TestServer, role: Role) -> None:
    listener = Listener()
    service = replace(counting_service(), companions=(listener,))
    database = await counting_database(postgres)
    async with under_test(service, database, role=role, working=role is Role.API) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"7\n")
        assert await reader.readline() == b"made\n"
        writer.close()
        assert await rows(running, "counter") == 1
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", listener.port)


async def test_a_worker_has_no_companions(postgres: TestServer) -> None:
    listener = Listener()
    service = replace(counting_service(), companions=(listener,))
    async with under_test(service, await counting_database(postgres), role=Role.WORKER):
        assert listener.entered == 0
