"""One running service for the tests that leave nothing behind which others would see."""

from collections.abc import AsyncIterator

import pytest_asyncio

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run


@pytest_asyncio.fixture
async def assessment(run_service: Run) -> AsyncIterator[UnderTest]:
    """The service on a fresh database."""
    async with run_service("assessment") as service:
        yield service
