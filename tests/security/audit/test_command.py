"""`python -m services audit`: what an operator runs, and how it ends."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from shared.audit.command import anchor
from shared.local.postgres import EmbeddedPostgres
from shared.testing.harness import UnderTest
from tests.security.audit.chained import Chain

ROOT = Path(__file__).parents[3]
Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


async def operate(chain: Chain, *arguments: str) -> tuple[int, str]:
    """The exit code of the command and what it printed."""
    settings = chain.running.app.state.settings
    given = {
        "SCHEDULER_DATABASE_URL": settings.database_url.get_secret_value(),
        "SCHEDULER_OWNER_DATABASE_URL": chain.postgres.url(
            chain.running.app.state.database.engine.url.database, "scheduler_owner"
        ),
        "RELAIS_ENVIRONMENT": "development",
        "RELAIS_AUDIT_KEYS": settings.audit_keys.get_secret_value(),
        "RELAIS_AUDIT_YEARS": "1",
        "RELAIS_CURSOR_KEY": "a key for tests",
        "OIDC_ISSUERS": "http://relais.test/auth",
        "KAFKA_BOOTSTRAP_SERVERS": "nowhere",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "audit", *arguments),
        cwd=ROOT,
        env={**os.environ, **given},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return process.returncode or 0, told.decode().strip()


async def test_the_command_names_the_first_bad_sequence_and_what_was_done(
    run_service: Run, postgres: EmbeddedPostgres
) -> None:
    async with run_service("scheduler") as scheduler:
        chain = Chain(scheduler, postgres)
        scheduler.clock.move(days=-1000)
        await chain.write(4)
        scheduler.clock.move(days=1000)
        await chain.write(4)
        await chain.sealer.run()
        assert await operate(chain, "verify", "scheduler") == (
            0,
            "scheduler: 8 records sealed and unchanged, 0 not sealed yet",
        )
        assert await operate(chain, "verify", "scheduler", "--anchor", f"scheduler:9:{'00' * 32}") == (
            1,
            "scheduler: sequence 9 is truncated",
        )
        assert await operate(chain, "prune", "scheduler") == (0, "scheduler: 4 records ended")
        assert await operate(chain, "verify", "scheduler") == (
            0,
            "scheduler: 8 records sealed and unchanged, 0 not sealed yet",
        )
        await chain.by_superuser(
            "DELETE FROM audit_record WHERE id = (SELECT record FROM audit_seal WHERE sequence = 6)"
        )
        assert await operate(chain, "verify", "scheduler") == (1, "scheduler: sequence 6 is deleted")


@pytest.mark.parametrize("text", ["scheduler", "scheduler:x:00", "scheduler:1:zz"])
def test_an_anchor_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"unpack|invalid|hex"):
        anchor(text)
