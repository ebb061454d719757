"""What the tests of tokens stand on: a service whose issuer they can talk to."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.pushes import register

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


@pytest.fixture
async def referrals(run_service: Run) -> AsyncIterator[UnderTest]:
    """The service that hospitals push to, knowing the organisations of the personas."""
    async with run_service("referrals") as running:
        await register(running)
        yield running
