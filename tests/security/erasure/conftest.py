"""The five services together, and somebody whose whole way through them is marked in every personal field."""

from collections.abc import AsyncIterator

import pytest

from shared import acting
from shared.local.postgres import EmbeddedPostgres
from tests.conftest import Databases
from tests.security.erasure.together import Together, all_five


@pytest.fixture
async def five(
    databases: Databases, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Together]:
    """The five services, empty but for the personas' organisations."""
    # Five services in one process may wait for their turn on a busy machine: that is no fault of theirs.
    monkeypatch.setitem(acting.TIMEOUTS, "statement_timeout", "0")
    async with all_five(databases, postgres.url) as together:
        await together.introduce_organisations()
        yield together
