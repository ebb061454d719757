"""The scheduler on a database of its own, its clock standing where the service's stands.

Everybody whom a test names is followed by both programmes: who may see whom is a question of tests/security.
"""

from collections.abc import AsyncIterator

import pytest

from services.scheduler.app import service
from shared.testing.harness import under_test
from tests.conftest import Databases
from tests.scheduler.world import Scheduler


@pytest.fixture
async def scheduler(databases: Databases) -> AsyncIterator[Scheduler]:
    """The service under test, at half past nine UTC on Friday 20 November 2026."""
    urls = await databases.fresh(service)
    async with under_test(service, urls) as running:
        running.known_to = ("relais", "centre")
        world = Scheduler(running, urls.owner_url)
        await world.set_time(running.clock.now())
        yield world
