"""A chain of made-up records in a service's own database, and the hands of a superuser on it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from shared.audit.entry import Entry, write_alone
from shared.audit.sealing import Sealer
from shared.audit.verifying import Verdict, Verification
from shared.local.postgres import EmbeddedPostgres
from shared.testing.harness import UnderTest

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Chain:
    """One service's audit."""

    running: UnderTest
    postgres: EmbeddedPostgres

    @property
    def sealer(self) -> Sealer:
        """A sealer, as a worker has one."""
        state = self.running.app.state
        return Sealer(self.running.service.name, state.database, state.audit_keys)

    async def write(self, count: int) -> None:
        """Write records, one transaction each."""
        state = self.running.app.state
        for number in range(count):
            entry = Entry(self.running.service.name, state.audit_keys, "GET", request_id=f"request-{number}")
            await write_alone(state.database, entry.row(200, state.database.clock.now()))

    async def verify(self, told: Sequence[tuple[int, str]] = (), since: datetime = LONG_AGO) -> Verdict:
        """What a verification says."""
        state = self.running.app.state
        async with state.database.raw() as connection:
            return await Verification(state.audit_keys, since, told).run(connection)

    async def found(self, told: Sequence[tuple[int, str]] = ()) -> tuple[int, str] | None:
        """The first bad sequence and what was done to it."""
        finding = (await self.verify(told)).finding
        return (finding.sequence, str(finding.wrong)) if finding else None

    @asynccontextmanager
    async def superuser(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """Hands that PostgreSQL stops from nothing."""
        name = self.running.app.state.database.engine.url.database
        connection = await asyncpg.connect(self.postgres.url(name).replace("+asyncpg", ""))
        try:
            yield connection
        finally:
            await connection.close()

    async def by_superuser(self, *statements: str) -> None:
        """Do this to the database."""
        async with self.superuser() as connection:
            for statement in statements:
                await connection.execute(statement)
