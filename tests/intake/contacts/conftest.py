"""The intake service with the database's clock in the test's hands."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from services.intake.app import service
from shared.testing.harness import under_test
from tests.intake.contacts.desk import Desk


@pytest.fixture
def open_desk(databases: Any) -> Callable[..., AbstractAsyncContextManager[Desk]]:
    """`async with open_desk() as desk:` - intake on a fresh database, one nurse of the line at the desk."""

    @asynccontextmanager
    async def run(**options: Any) -> AsyncIterator[Desk]:
        urls = await databases.fresh(service)
        async with under_test(service, urls, **options) as intake, intake.client("line-nurse") as nurse:
            desk = Desk(intake, nurse, urls.owner_url)
            await desk.set_time(intake.clock.now())
            yield desk

    return run
