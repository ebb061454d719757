"""The programme at work, on a database of its own."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.cases.world import World, at_work


@pytest.fixture
async def world(run_service: Callable[..., Any]) -> AsyncIterator[World]:
    """A fresh cases service."""
    async with at_work(run_service("cases")) as found:
        yield found
