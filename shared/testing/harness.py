"""One service under test: its real app on a real database, a bus in memory, and neighbours that answer as told."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from shared.auth import TokenRefused, Tokens
from shared.events import Envelope, service_of
from shared.handlers import Errand
from shared.host import build
from shared.ids import new_id
from shared.inbox import Inbox, Outcome
from shared.local.issuer import DevelopmentIssuer
from shared.local.postgres import DatabaseUrls
from shared.permissions.reasons import RelationReason
from shared.relationships.links import Holder, Relation, Relationships
from shared.service import Service
from shared.settings import Environment, Role
from shared.testing.clock import MovableClock
from shared.testing.issuers import OutsideIssuer
from shared.testing.memory_bus import MemoryBus

ORIGIN = "http://relais.test"
ISSUER = DevelopmentIssuer(f"{ORIGIN}/auth", Environment.DEVELOPMENT)
TRIES = 30
EVER = datetime(2020, 1, 1, tzinfo=UTC)
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OUTSIDE = OutsideIssuer.named()
"""The real issuer of this run, if there is one: it gives the personas their tokens, and the services theirs.

Tokens that no honest issuer would sign are the development issuer's in any case."""


def token_of(persona: str, **claims: Any) -> str:
    """A token of a persona, some claims changed."""
    is_honest = OUTSIDE is not None and OUTSIDE.speaks(claims)
    return OUTSIDE.token(persona, **claims) if OUTSIDE and is_honest else ISSUER.token(persona, **claims)


async def acquainted(tokens: Tokens) -> None:
    """Let a service fetch the keys of the real issuer, if there is one; a busy machine may need a second try."""
    for _ in range(TRIES):
        if not OUTSIDE or OUTSIDE.issuer not in tokens.issuers:
            return
        try:
            await tokens.caller(OUTSIDE.token("operator"))
            return
        except TokenRefused:
            await asyncio.sleep(1)


@dataclass
class Neighbours(httpx.AsyncBaseTransport):
    """What the service reaches by HTTP: the issuer, and canned answers per path. Without an answer: 503."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    issuer: httpx.ASGITransport = field(default_factory=lambda: httpx.ASGITransport(ISSUER.app()))
    wire: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if OUTSIDE and str(request.url).startswith(OUTSIDE.issuer):
            return await self.wire.handle_async_request(request)
        if request.url.path.startswith("/auth"):
            return await self.issuer.handle_async_request(request)
        self.asked.append(request.url.path)
        if request.url.path not in self.answers:
            return httpx.Response(503)
        return httpx.Response(200, json=self.answers[request.url.path])

    async def aclose(self) -> None:
        """Close what is open to the outside."""
        await self.wire.aclose()


@dataclass
class UnderTest:
    """The service, and what a test does with it."""

    service: Service
    app: FastAPI
    bus: MemoryBus
    clock: MovableClock
    neighbours: Neighbours
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)
    known_to: tuple[str, ...] = ()
    """Organisations whose teams are related to everybody whom the test names, for tests about something else."""
    relating: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One at a time: the connections are for the requests that a test sends side by side."""

    async def know(self, text: str) -> None:
        """Relate those organisations to whatever is named in a text."""
        named = sorted(set(UUIDS.findall(text)))
        relations = [
            Relation(UUID(each), Holder(team), RelationReason.MEETING, UUID(each), EVER)
            for each in named
            for team in sorted(set(self.known_to))
        ]
        if relations:
            async with self.relating, self.app.state.database.transaction() as transaction:
                await Relationships(transaction).begin(*relations, at=EVER)

    async def _know_asked(self, request: httpx.Request) -> None:
        body = request.content.decode(errors="replace") if isinstance(request.stream, httpx.ByteStream) else ""
        await self.know(f"{request.url} {body}")

    def client(self, persona: str | None = None, **claims: Any) -> httpx.AsyncClient:
        """A client with the token of a persona, or with none."""
        headers = {"authorization": f"Bearer {token_of(persona, **claims)}"} if persona else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        hooks = {"request": [self._know_asked]} if self.known_to else {}
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, event_hooks=hooks)

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
        await self.know(body.decode())
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
        errand = Errand(state.database, state.callbacks, state.settings, self.inbox.http)
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
        "oidc_issuers": f"{OUTSIDE.issuer},{ISSUER.issuer}" if OUTSIDE else ISSUER.issuer,
        "client_secret": SecretStr(OUTSIDE.secret if OUTSIDE else ""),
        "peer_origin": ORIGIN,
        "cursor_key": SecretStr("a key for tests"),
        "audit_keys": SecretStr("tests:a key for tests that is long enough"),
        "pool_size": 10,
        "rate_per_minute": 0,
        "rate_sensitive_per_minute": 0,
        "rate_refused_per_minute": 0,
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
        await acquainted(app.state.tokens)
        yield UnderTest(service, app, bus, clock, neighbours)
