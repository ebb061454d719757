"""Assessment where everybody whom a test names is followed: who may see whom is a question of tests/security."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run


@pytest.fixture
def run_service(run_service: Run) -> Run:
    """The service, in which the teams of both programmes are related to all these people."""

    @asynccontextmanager
    async def run(name: str, **options: Any) -> AsyncIterator[UnderTest]:
        async with run_service(name, **options) as running:
            running.known_to = ("relais", "centre")
            yield running

    return run
