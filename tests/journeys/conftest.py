"""The town that the journeys go through, and the personas' clients."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import httpx
import pytest

from services.__main__ import NAMES, load
from shared.local.road import Road
from shared.local.run import register_organisations
from shared.local.stack import Stack
from shared.testing.harness import OUTSIDE
from tests.town import Town


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """All five services, running."""
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        # The logs stay for who looks for a failure; the data of one town after the other would fill a disk.
        stack.callback(shutil.rmtree, folder / "postgres", ignore_errors=True)
        built = Town(stack.enter_context(Stack(folder, load(NAMES))), folder)
        built.more = OUTSIDE.settings(NAMES) if OUTSIDE else {}
        stack.callback(built.close)
        for name in ("front", *NAMES):
            built.start(name)
        asyncio.run(built.ready(NAMES))
        asyncio.run(registered(built))
        yield built


async def registered(town: Town) -> None:
    """The personas' organisations are in the directory."""
    async with httpx.AsyncClient(base_url=town.origin, trust_env=False) as client:
        await register_organisations(client, OUTSIDE.token("operator") if OUTSIDE else "")


@pytest.fixture
async def road(town: Town) -> AsyncIterator[Road]:
    """The personas' clients."""
    walked = Road(town.origin, token=OUTSIDE.token if OUTSIDE else None)
    yield walked
    await walked.close()
