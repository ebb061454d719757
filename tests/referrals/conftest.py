"""The referrals service with its directory filled.

Everybody whom a test names is followed by the programme: who may see whom is a question of tests/security.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.pushes import register

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


@pytest.fixture
def run_service(run_service: Run) -> Run:
    """The service, in which the teams of both programmes are related to all these people."""

    @asynccontextmanager
    async def run(name: str, **options: Any) -> AsyncIterator[UnderTest]:
        async with run_service(name, **options) as running:
            running.known_to = ("relais", "centre")
            yield running

    return run


@pytest.fixture
async def referrals(run_service: Run) -> AsyncIterator[UnderTest]:
    """The service, knowing the organisations of the personas."""
    async with run_service("referrals") as running:
        await register(running)
        yield running
