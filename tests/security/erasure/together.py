"""Five services on real databases in one process; what one tells, the others are given, as the bus would."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx

from services.__main__ import NAMES
from shared.events import Message
from shared.host import SideBySide
from shared.inbox import Outcome
from shared.local.run import register_organisations
from shared.outbox import envelope_of
from shared.testing.harness import ORIGIN, UnderTest, token_of, under_test
from tests.conftest import Databases, load


def now() -> datetime:
    """The road is walked in the present."""
    return datetime.now(UTC)


OFFICER = "data-protection-officer"
TOLD = "SELECT * FROM outbox WHERE seq > $1 ORDER BY seq"


@dataclass
class Together:
    """The services by name, and all that they have told so far, in order."""

    services: dict[str, UnderTest]
    superusers: "dict[str, asyncpg.Connection[Any]]"
    log: list[Message] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    kept_back: set[str] = field(default_factory=set)
    """Services that are given nothing for now."""
    places: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))

    async def settle(self, first: str = "") -> None:
        """Give everybody all that was told, until nothing new is; of what waits, one topic `first`."""
        while await self._gather() or any(
            self.places[name] < len(self.log) for name in NAMES if name not in self.kept_back
        ):
            for name in NAMES:
                if name not in self.kept_back:
                    await self._give(name, first)

    async def _gather(self) -> bool:
        before = len(self.log)
        for name in self.services:
            for row in await self.superusers[name].fetch(TOLD, self.seen[name]):
                self.seen[name] = row["seq"]
                self.log.append(envelope_of(row).message())
        return len(self.log) > before

    async def _give(self, name: str, first: str = "") -> None:
        service = self.services[name]
        topics = service.service.handlers.topics()
        waiting = [message for message in self.log[self.places[name] :] if message.topic in topics]
        self.places[name] = len(self.log)
        for message in sorted(waiting, key=lambda each: each.topic != first) if first else waiting:
            if await service.inbox.deliver(message) is Outcome.POISONED:
                why = await self.superusers[name].fetch("SELECT type, error_class FROM dead_letter")
                raise AssertionError(name, [tuple(each) for each in why])

    async def replay(self) -> None:
        """Give everybody the whole log once more, as if nobody had ever read it."""
        await self._gather()
        for name, service in self.services.items():
            async with service.app.state.database.raw() as connection:
                await connection.execute("DELETE FROM inbox")
                await connection.execute("DELETE FROM position")
            self.places[name] = 0
            await self._give(name)

    async def rows(self, name: str) -> dict[str, list[str]]:
        """Every row of every table of a service as its superuser dumps it, ordered."""
        connection = self.superusers[name]
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            table: sorted(row[0] for row in await connection.fetch(f'SELECT t::text FROM "{table}" t'))
            for (table,) in tables
        }

    async def decrypted(self, name: str) -> dict[str, str]:
        """Every table of a service as the service itself reads it."""
        service = self.services[name]
        found = {}
        async with service.app.state.database.transaction() as transaction:
            connection = await transaction.session.connection()
            for table in service.service.metadata.sorted_tables:
                rows = (await connection.execute(table.select())).all()
                found[table.name] = "\n".join(str(tuple(row)) for row in rows)
        return found

    async def tick(self) -> None:
        """The clock work of all, once, and what follows from it."""
        for name, service in self.services.items():
            if name not in self.kept_back:
                await service.tick()
        await self.settle()

    def everybody(self) -> httpx.ASGITransport:
        """All services at one origin."""
        return httpx.ASGITransport(SideBySide({name: each.app for name, each in self.services.items()}))

    async def introduce_organisations(self) -> None:
        """The personas' organisations are in the directory."""
        async with httpx.AsyncClient(transport=self.everybody(), base_url=ORIGIN) as client:
            await register_organisations(client, token_of("operator"))
        await self.settle()

    def client(self, service: str, persona: str, **claims: Any) -> httpx.AsyncClient:
        """A persona's client of one service."""
        return as_persona(self.services[service], persona, **claims)

    async def send(self, persona: str, path: str, body: Any = None, *, method: str = "POST", **headers: str) -> Any:
        """A request that goes well; its answer."""
        answer = await self.ask(persona, path, body, method=method, **headers)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def ask(
        self, persona: str, path: str, body: Any = None, *, method: str = "POST", **headers: str
    ) -> httpx.Response:
        """Any request; its answer, however it ends."""
        async with self.client(path.split("/")[1], persona) as client:
            return await client.request(method, path, json=body, headers=headers)


def as_persona(service: UnderTest, persona: str, **claims: Any) -> httpx.AsyncClient:
    """A persona's client; the officer has none, and is an auditor by another role."""
    if persona == OFFICER:
        return service.client("auditor", roles=[OFFICER], **claims)
    return service.client(persona, **claims)


@asynccontextmanager
async def all_five(databases: Databases, superuser: Any, **settings: Mapping[str, Any]) -> AsyncIterator[Together]:
    """The five, each able to ask the others over HTTP."""
    async with AsyncExitStack() as stack:
        found: dict[str, UnderTest] = {}
        superusers: dict[str, asyncpg.Connection[Any]] = {}
        for name in NAMES:
            urls = await databases.fresh(load(name))
            superusers[name] = await asyncpg.connect(superuser(urls.name).replace("+asyncpg", ""))
            stack.push_async_callback(superusers[name].close)
            service = await stack.enter_async_context(under_test(load(name), urls, **settings.get(name, {})))
            service.clock.now = now  # type: ignore[method-assign]
            found[name] = service
        together = Together(found, superusers)
        for service in found.values():
            introduce(service, found)
        yield together


def introduce(service: UnderTest, others: Mapping[str, UnderTest]) -> None:
    """Let a service reach its neighbours' routes."""
    alone = service.neighbours.handle_async_request

    async def handle(request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/")[1]
        if str(request.url).startswith(ORIGIN) and name in others:
            return await httpx.ASGITransport(others[name].app).handle_async_request(request)
        return await alone(request)

    service.neighbours.handle_async_request = handle  # type: ignore[method-assign]
