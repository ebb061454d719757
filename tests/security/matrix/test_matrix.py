"""Every endpoint x every role x own, same organisation and other organisation equals the published matrix."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module

import pytest

from services.__main__ import NAMES
from shared.testing.harness import UnderTest
from tests.security.matrix.actors import OTHER, SERVING
from tests.security.matrix.planting import OF_KERNEL, of_kernel
from tests.security.matrix.walk import Walk

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES)
async def test_every_endpoint_as_every_role_on_everybodys_records_equals_the_matrix(
    run_service: Run, name: str
) -> None:
    records = import_module(f"tests.security.matrix.{name}_records")
    async with run_service(name) as running:
        # Everybody is related to everybody: here scopes are asked, in tests/security/relationships links.
        running.known_to = (SERVING, OTHER)
        known = await records.seeded(running)
        known.public |= await of_kernel(running)
        known.absent |= {f"/{name}/break-glass"}
        await running.know(f"{known} {records.BODIES}")
        running.known_to = ()
        walk = Walk(running, known, {**records.BODIES, **OF_KERNEL}, records.QUERIES)
        wrong = await walk.go()
    assert not wrong, f"{len(walk.answers)} requests\n" + "\n".join(wrong)
