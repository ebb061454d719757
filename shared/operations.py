"""The routes that every service has for those who run it: health, metrics, documentation, contracts, dead letters."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import fastapi_offline
from fastapi import APIRouter, Depends, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared import dead_letter, migrate, relay
from shared.access import Anyone, Matrix, May, published
from shared.auth import Caller
from shared.catalogue import asyncapi, schema_of
from shared.content_policy import content_policy
from shared.errors import NotFound
from shared.fenced_role import AboveTheFences, refuse_unfenced_role
from shared.service import Service
from shared.service import router as service_router

Open = Annotated[None, Depends(Anyone())]
MayOperate = Annotated[Caller, Depends(May("events:operate"))]
MayReadPermissions = Annotated[Caller, Depends(May("permissions:read"))]

ASSETS = Path(fastapi_offline.__file__).parent / "static"
ASSET_NAMES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
READY_WITHIN = 3.0
LATE = 5.0
"""Seconds that a fact may wait for the bus before the service calls itself degraded."""


class Health(BaseModel):
    """Whether a service can do its work. A bus that is away degrades it, and it still takes requests."""

    status: str
    database: str = "ok"
    migrations: str = "ok"
    keys: str = "ok"
    bus: str = "ok"


class DeadLetterView(BaseModel):
    """A parked message: where it came from and why it waits; never its content."""

    id: int
    source: str
    type: str | None
    aggregate_id: str | None
    aggregate_version: int | None
    reason: str
    error_class: str
    fingerprint: str
    attempts: int
    first_seen: datetime
    next_attempt_at: datetime | None


class Decision(BaseModel):
    """Why an operator decides so; kept with the letter. No personal data."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=3, max_length=500)


class Replay(Decision):
    """Which letters to try again."""

    which: str = Field(description="A letter's id, a fingerprint, an aggregate's id, or `all`", max_length=64)


class Republication(BaseModel):
    """From when on the service's own facts are sent once more."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime


class Count(BaseModel):
    """How many were concerned."""

    count: int


def operations(service: Service) -> APIRouter:
    """The router of a service's operating routes."""
    router = service_router(service.name, tags=["operations"])
    add_health(router, service)
    add_documents(router, service)
    add_permissions(router)
    add_events(router, service)
    return router


def add_health(router: APIRouter, service: Service) -> None:
    """Liveness, readiness and metrics."""

    @router.get("/health/live")
    async def live(access: Open) -> Health:
        """The process answers. Never looks at the database or the bus."""
        return Health(status="live")

    @router.get("/health/ready", responses={503: {"model": Health}})
    async def ready(request: Request, response: Response, access: Open) -> Health:
        """Database reachable, migrations at head, an issuer's keys known. Kafka away is `degraded`, still 200."""
        health = await readiness(request.app.state, service)
        if health.status == "unready":
            response.status_code = 503
        return health

    @router.get("/metrics", response_class=Response)
    async def metrics(request: Request, access: Open) -> Response:
        """Prometheus exposition."""
        state = request.app.state
        consumer = state.worker.consumer if state.worker else None
        text = await state.metrics.render(state.database, consumer)
        return Response(text, media_type="text/plain; version=0.0.4")


async def readiness(state: Any, service: Service) -> Health:
    """What stands between this process and its work."""
    health = Health(status="ready")
    worker = state.worker
    if worker and not (worker.relay.connected and (worker.consumer.connected or not service.handlers.subscribers)):
        health.bus = "degraded"
    try:
        async with asyncio.timeout(READY_WITHIN):
            await look_at_database(state, health)
            await refuse_unfenced_role(service.name, state.database)
    except AboveTheFences:
        health.database = "role-above-the-fences"
    except Exception:
        health.database = "unreachable"
    try:
        async with asyncio.timeout(READY_WITHIN):
            health.keys = "ok" if await state.tokens.ready() else "unknown"
    except TimeoutError:
        health.keys = "unknown"
    if state.stopping or (health.database, health.migrations, health.keys) != ("ok", "ok", "ok"):
        health.status = "unready"
    elif health.bus != "ok":
        health.status = "degraded"
    return health


async def look_at_database(state: Any, health: Health) -> None:
    """Whether the migrations are at head, and whether facts have been waiting for the bus."""
    if not await migrate.at_head(state.database, state.heads):
        health.migrations = "behind"
    elif await relay.oldest_unpublished_age(state.database) > LATE:
        health.bus = "degraded"


def add_documents(router: APIRouter, service: Service) -> None:
    """Documentation that needs no outside network, and the published contracts."""
    prefix = f"/{service.name}"
    schemas = {event.type: schema_of(event) for event in service.facts}

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request, access: Open) -> Response:
        return Response(json.dumps(request.app.openapi()), media_type="application/json")

    @router.get("/docs", include_in_schema=False)
    async def docs(access: Open) -> Response:
        return documentation(service.title, prefix)

    @router.get("/docs/{name}", include_in_schema=False)
    async def asset(name: str, access: Open) -> Response:
        if name not in ASSET_NAMES:
            raise NotFound
        return FileResponse(ASSETS / name, media_type=ASSET_NAMES[name], headers={"cache-control": "max-age=3600"})

    @router.get("/events/asyncapi.json", include_in_schema=False)
    async def events(access: Open) -> Response:
        return Response(json.dumps(asyncapi(service)), media_type="application/json")

    @router.get("/events/{name}.schema.json", include_in_schema=False)
    async def event_schema(name: str, access: Open) -> Response:
        if name not in schemas:
            raise NotFound
        return Response(json.dumps(schemas[name]), media_type="application/schema+json")


def documentation(title: str, prefix: str) -> Response:
    """The page that shows a service's OpenAPI, from our own assets and under a strict content policy."""
    page = get_swagger_ui_html(
        openapi_url=f"{prefix}/openapi.json",
        title=title,
        swagger_js_url=f"{prefix}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{prefix}/docs/swagger-ui.css",
        swagger_favicon_url=f"{prefix}/docs/favicon.png",
    )
    page.headers["content-security-policy"] = content_policy(bytes(page.body).decode(), "'self'")
    return page


def add_permissions(router: APIRouter) -> None:
    """The access rules, for those who check them."""

    @router.get("/permissions")
    async def permissions(caller: MayReadPermissions) -> Matrix:
        """The permission matrix in force: roles, what each may do and how far, what it may not see or write."""
        return published()


def add_events(router: APIRouter, service: Service) -> None:
    """Dead letters and republication, for operators."""

    @router.get("/events/dead-letters")
    async def dead_letters(request: Request, caller: MayOperate) -> list[DeadLetterView]:
        """What is parked, oldest first, at most 200."""
        rows = await dead_letter.parked(request.app.state.database, service.name)
        return [DeadLetterView(**{**row, "aggregate_id": str(row["aggregate_id"] or "") or None}) for row in rows]

    @router.post("/events/dead-letters/replay")
    async def replay(body: Replay, request: Request, caller: MayOperate) -> Count:
        """Try letters again, within a second."""
        decision = f"{caller.subject}: {body.reason}"
        return Count(count=await dead_letter.release(request.app.state.database, service.name, body.which, decision))

    @router.post("/events/dead-letters/{letter_id:int}/discard")
    async def discard(letter_id: int, body: Decision, request: Request, caller: MayOperate) -> Count:
        """Give one letter up; what waits behind it goes on."""
        decision = f"{caller.subject}: {body.reason}"
        if not await dead_letter.discard(request.app.state.database, service.name, letter_id, decision):
            raise NotFound
        return Count(count=1)

    @router.post("/events/republication")
    async def republish(body: Republication, request: Request, caller: MayOperate) -> Count:
        """Send this service's facts since an instant once more, with their old ids; subscribers drop what they had."""
        return Count(count=await relay.republish(request.app.state.database, body.since))
