"""The town that the marks are carried through."""

from collections.abc import AsyncIterator

import pytest

from shared.local.road import Road
from shared.testing.harness import OUTSIDE
from tests.journeys import conftest as journeys
from tests.town import Town

town = journeys.town


@pytest.fixture
async def road(town: Town) -> AsyncIterator[Road]:
    """The personas' clients."""
    walked = Road(town.origin, token=OUTSIDE.token if OUTSIDE else None, wait=90)
    yield walked
    await walked.close()


__all__ = ["road", "town"]
