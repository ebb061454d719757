"""One service under test: its real app on a real database, a bus in memory, and neighbours that answer as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from shared.events import Envelope, service_of
from shared.handlers import Errand
from shared.host import build
from shared.ids import new_id
from shared.inbox import Inbox, Outcome
from shared.local.issuer import DevelopmentIssuer
from shared.local.postgres import DatabaseUrls
from shared.service import Service
from shared.settings import Environment, Role
from shared.testing.clock import MovableClock
from shared.testing.memory_bus import MemoryBus

ORIGIN = "http://relais.test"
ISSUER = DevelopmentIssuer(f"{ORIGIN}/auth", Environment.DEVELOPMENT)


@dataclass
class Neighbours(httpx.AsyncBaseTransport):
    """What the service reaches by HTTP: the issuer, and canned answers per path. Without an answer: 503."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    issuer: httpx.ASGITransport = field(default_factory=lambda: httpx.ASGITransport(ISSUER.app()))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path.startswith("/auth"):
            return await self.issuer.handle_async_request(request)
        self.asked.append(request.url.path)
        if request.url.path not in self.answers:
            return httpx.Response(503)
        return httpx.Response(200, json=self.answers[request.url.path])


@dataclass
class UnderTest:
    """The service, and what a test does with it."""

    service: Service
    app: FastAPI
    bus: MemoryBus
    clock: MovableClock
    neighbours: Neighbours
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)

    def client(self, persona: str | None = None, **claims: Any) -> httpx.AsyncClient:
        """A client with the token of a persona, or with none."""
        headers = {"authorization": f"Bearer {ISSUER.token(persona, **claims)}"} if persona else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    @property
    def inbox(self) -> Inbox:
        """The service's inbox, for deliveries by hand."""
        inbox: Inbox = self.app.state.worker.inbox
        return inbox

    async def deliver(
        self, event_type: str, aggregate_id: UUID, data: Mapping[str, Any], version: int | None = None
    ) -> Outcome:
        """Deliver an event as another service would publish it; versions count up by themselves."""
        key = (service_of(event_type), aggregate_id)
        number = version or self.versions.get(key, 0) + 1
        self.versions[key] = max(number, self.versions.get(key, 0))
        body = json.dumps(data, default=str).encode()
        envelope = Envelope(new_id(), event_type, aggregate_id, number, self.clock.now(), body)
        return await self.inbox.deliver(envelope.message())

    async def announced(self) -> list[tuple[str, dict[str, Any]]]:
        """Every fact in the service's outbox so far, in order, as (type, data)."""
        async with self.app.state.database.raw() as connection:
            rows = await connection.fetch("SELECT type, payload FROM outbox ORDER BY seq")
        return [(row["type"], row["payload"]) for row in rows]

    async def types(self) -> list[str]:
        """The types of the facts so far."""
        return [event_type for event_type, _ in await self.announced()]

    async def tick(self) -> None:
        """Run the service's clock work once, now, and then its errands; these may reach this machine."""
        for tick in self.service.handlers.ticks:
            more = True
            while more:
                async with self.app.state.database.transaction() as transaction:
                    more = await tick.call(transaction)
        state = self.app.state
        errand = Errand(state.database, state.callbacks, state.settings)
        for each in self.service.handlers.errands:
            while await each.act(errand):
                pass


@asynccontextmanager
async def under_test(
    service: Service, database: DatabaseUrls, *, working: bool = False, **settings: Any
) -> AsyncIterator[UnderTest]:
    """Run a service; `working` starts relay, consumer and clock too, else the test delivers and ticks by hand."""
    bus, clock, neighbours = MemoryBus(), MovableClock(), Neighbours()
    values: dict[str, Any] = {
        "database_url": SecretStr(database.app_url),
        "environment": Environment.DEVELOPMENT,
        "kafka_bootstrap_servers": "memory",
        "oidc_issuers": ISSUER.issuer,
        "peer_origin": ORIGIN,
        "cursor_key": SecretStr("a key for tests"),
        "pool_size": 10,
        "callback_networks": "127.0.0.0/8, ::1/128",
        "callback_insecure": True,
        "role": Role.BOTH,
        **settings,
    }
    new_client: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(transport=neighbours)  # noqa: E731
    app = build(service, service.settings(**values), bus, clock, new_client)
    async with app.router.lifespan_context(app):
        if not working:
            for task in app.state.tasks:
                task.cancel()
            await asyncio.wait(app.state.tasks)
        yield UnderTest(service, app, bus, clock, neighbours)
