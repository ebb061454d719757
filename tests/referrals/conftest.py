"""The referrals service with its directory filled."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.pushes import register


@pytest.fixture
async def referrals(run_service: Callable[..., AbstractAsyncContextManager[UnderTest]]) -> AsyncIterator[UnderTest]:
    """The service, knowing the organisations of the personas."""
    async with run_service("referrals") as running:
        await register(running)
        yield running
