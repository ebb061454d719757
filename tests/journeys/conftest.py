"""The town that the journeys go through, and the personas' clients."""

from collections.abc import AsyncIterator, Iterator

import pytest

from shared.local.road import Road
from shared.testing.harness import OUTSIDE
from tests.town import Town, running


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """All five services, running."""
    with running(tmp_path_factory.mktemp("town"), OUTSIDE) as town:
        yield town


@pytest.fixture
async def road(town: Town) -> AsyncIterator[Road]:
    """The personas' clients."""
    walked = Road(town.origin, token=OUTSIDE.token if OUTSIDE else None)
    yield walked
    await walked.close()
