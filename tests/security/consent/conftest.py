"""The services whose refusals are looked at.

Everybody whom a test names is followed: who may see whom is a question of tests/security/relationships.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from shared.testing.harness import UnderTest

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
async def intake(run_service: Run) -> AsyncIterator[UnderTest]:
    async with run_service("intake") as service:
        yield service


@pytest.fixture
async def referrals(run_service: Run) -> AsyncIterator[UnderTest]:
    async with run_service("referrals") as service:
        yield service


@pytest.fixture
async def assessment(run_service: Run) -> AsyncIterator[UnderTest]:
    async with run_service("assessment") as service:
        yield service


@pytest.fixture
async def scheduler(run_service: Run) -> AsyncIterator[UnderTest]:
    async with run_service("scheduler") as service:
        yield service
