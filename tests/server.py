"""The PostgreSQL of a test run: in memory where there is room, and with databases that are copied and dropped."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.ids import new_id
from shared.local.postgres import DatabaseUrls, EmbeddedPostgres

Prepare = Callable[[str], Awaitable[None]]
"""Brings an empty database, reached by its owner's URL, to the state that copies have."""

MEMORY = Path("/dev/shm")
ROOM = 3 * 2**30
"""Bytes: a worker's server stays far below one of these three gigabytes, and there are others at work."""


@contextmanager
def swift_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory, gone afterwards; where memory is short, one on the disk.

    On a disk a new database takes five to ten times as long, and there are thousands in a run.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path_factory.mktemp("postgres")
        return
    with tempfile.TemporaryDirectory(prefix="relais-tests-", dir=MEMORY) as folder:
        yield Path(folder)


class TestServer(EmbeddedPostgres):
    """A server that makes a template once, and knows which copies belong to the test that runs now."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, durable=False)
        self._templates: set[str] = set()
        self._copies: list[str] = []

    async def copy(self, service: str, prepare: Prepare, *, lasting: bool = False) -> DatabaseUrls:
        """A new database of a service, as `prepare` makes it; it goes with the test unless it is `lasting`."""
        template, owner, app = f"template_{service}", f"{service}_owner", f"{service}_app"
        if template not in self._templates:
            made = await self.create_database(template, owner=owner, app=app)
            await prepare(made.owner_url)
            self._templates.add(template)
        name = f"{service}_{new_id().hex[-12:]}"
        async with self._connect("postgres") as server:
            await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner}" STRATEGY file_copy')
        if not lasting:
            self._copies.append(name)
        return DatabaseUrls(name, self.url(name, owner), self.url(name, app))

    def drop_copies(self) -> None:
        """Drop what was copied since the last time, whoever may still be connected."""
        if self._copies:
            asyncio.run(self._drop())

    async def _drop(self) -> None:
        async with self._connect("postgres") as server:
            while self._copies:
                await server.execute(f'DROP DATABASE IF EXISTS "{self._copies.pop()}" WITH (FORCE)')
