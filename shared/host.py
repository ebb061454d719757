"""Builds a service's app from its value and its settings, and serves one, several or all of them at one origin."""

import gc
import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import migrate, problems
from shared.access import refuse_open_routes
from shared.audit.around import Audited
from shared.audit.keys import Keys
from shared.audit.router import audit_routes
from shared.audit.sealing import Sealer
from shared.auth import Tokens
from shared.bus.port import Bus
from shared.callbacks import Callbacks
from shared.clock import Clock, SystemClock
from shared.consumer import Consumer
from shared.edge import Edge
from shared.erasure.ended import SubjectErased
from shared.errors import DomainError, NotFound, StaleVersion
from shared.fenced_role import refuse_unfenced_role
from shared.handlers import Errand
from shared.http import Client, Http, new_client
from shared.ids import new_id
from shared.inbox import Inbox
from shared.metrics import Metrics
from shared.operations import operations
from shared.problems import Kind, Problem
from shared.rate_limits import RateLimits
from shared.relationships.break_glass import AlreadyReviewed, OwnBreakGlass
from shared.relationships.router import break_glass_routes
from shared.relay import Relay
from shared.rights.router import rights_routes
from shared.service import Service
from shared.settings import Role, ServiceSettings
from shared.store import Database
from shared.worker import Worker, stop

KERNEL_ERRORS: Mapping[type[Exception], Kind] = {
    NotFound: problems.NOT_FOUND,
    StaleVersion: problems.STALE,
    SubjectErased: problems.ERASED,
    StaleDataError: problems.STALE,
    OwnBreakGlass: problems.OWN_BREAK_GLASS,
    AlreadyReviewed: problems.ALREADY_REVIEWED,
}
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code"],
                "properties": {"pointer": {"type": "string"}, "code": {"type": "string"}},
            },
        },
    },
}


def build(
    service: Service,
    settings: ServiceSettings,
    bus: Bus,
    clock: Clock | None = None,
    new_client: Callable[[], Client] = new_client,
) -> FastAPI:
    """The app of one service. Entering its lifespan connects it; a bus that is away does not stop it."""
    app = described(service)
    state = app.state
    state.settings = settings
    state.clock = clock or SystemClock()
    state.metrics = Metrics(service.name)
    state.limits = RateLimits.of(settings)
    state.worker = None
    state.stopping = False
    state.heads = migrate.heads(service.migrations)
    app.router.lifespan_context = lambda _: running(service, app, bus, new_client)
    app.add_middleware(Edge, metrics=state.metrics, dialects=service.dialects)
    state.audit_keys = Keys(service.name, settings.audit_keys.get_secret_value())
    app.add_middleware(Audited, service=service.name, keys=state.audit_keys, host=app)
    refuse_open_routes(app)
    return app


def described(service: Service) -> FastAPI:
    """The app's routes and errors without anything behind them: enough to publish its contract."""
    app = FastAPI(
        title=service.title,
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        responses={
            "default": {
                "description": "Problem (RFC 9457)",
                "content": {problems.MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}},
            }
        },
    )
    app.state.dialects = service.dialects
    app.include_router(service.router)
    app.include_router(operations(service))
    app.include_router(audit_routes(service))
    app.include_router(rights_routes(service))
    app.include_router(break_glass_routes(service))
    kinds = {**KERNEL_ERRORS, **service.errors}
    for error in kinds:
        app.add_exception_handler(error, _domain_answer(kinds))
    app.add_exception_handler(Problem, _problem_answer)
    app.add_exception_handler(RequestValidationError, _validation_answer)
    app.add_exception_handler(HTTPException, _http_answer)
    return app


@asynccontextmanager
async def running(service: Service, app: FastAPI, bus: Bus, new_client: Callable[[], Client]) -> AsyncIterator[None]:
    """Everything a service has open while it runs; all of it closed within ten seconds."""
    state = app.state
    client = new_client()
    connect(service, app, bus, client)
    try:
        with suppress(ConnectionError):
            await refuse_unfenced_role(service.name, state.database)
        async with AsyncExitStack() as beside:
            for companion in service.companions if state.settings.role is not Role.WORKER else ():
                await beside.enter_async_context(companion(app))
            # Last: nothing is done in the background by a service that is refused.
            if state.settings.role is not Role.API:
                state.tasks = state.worker.start()
            yield
            state.stopping = True
    finally:
        state.stopping = True
        await stop(state.tasks)
        await state.database.close()
        await state.callbacks.close()
        await client.aclose()


def connect(service: Service, app: FastAPI, bus: Bus, client: Client) -> None:
    """Give an app its database, its voices and, where the role has background work, a worker that waits to start."""
    state = app.state
    settings: ServiceSettings = state.settings
    secret = settings.client_secret.get_secret_value()
    me = f"service-{service.name}"
    http = Http(client, settings.issuers[0], me, secret, settings.peer, settings.own_key())
    url = settings.database_url.get_secret_value()
    state.database = Database(url, state.clock, settings.pool_size, settings)
    state.tokens = Tokens(settings.issuers, settings.oidc_audience, client)
    state.callbacks = Callbacks.of(settings)
    state.tasks = ()
    if settings.role is Role.API:
        return
    inbox = Inbox(service.name, state.database, service.handlers, http)
    consumer = Consumer(bus, inbox, service.handlers.topics(), f"relais.{service.name}")
    relay = Relay(state.database, bus)
    errand = Errand(state.database, state.callbacks, settings, http)
    sealer = Sealer(service.name, state.database, state.audit_keys)
    state.worker = Worker(service.name, state.database, bus, relay, consumer, inbox, service.handlers, errand, sealer)


def _answer(request: Request, problem: Problem) -> Response:
    language = problems.language_of(request.headers.get("accept-language", ""))
    number = request.scope.get("state", {}).get("request_id") or str(new_id())
    app = request.scope.get("app")
    render = problems.renderer_at(request.scope["path"], app.state.dialects if app else {})
    return render(problem, language, number)


async def _problem_answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _answer(request, error)


async def _validation_answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _answer(request, Problem(problems.INVALID, faults=problems.faults_of(error.errors())))


async def _http_answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = problems.BY_STATUS.get(error.status_code, Kind(error.status_code, f"status-{error.status_code}"))
    headers = {"allow": allowed_methods(request)} if kind is problems.METHOD_NOT_ALLOWED else error.headers
    return _answer(request, Problem(kind, headers=headers))


def allowed_methods(request: Request) -> str:
    """Every method of a path, over all the routes that serve it (RFC 9110, Allow)."""
    path = request.scope["path"]
    serving = [route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(path)]
    return ", ".join(sorted({method for route in serving for method in route.methods or ()}))


def _domain_answer(kinds: Mapping[type[Exception], Kind]) -> Callable[[Request, Exception], Any]:
    async def answer(request: Request, error: Exception) -> Response:
        kind = next(kinds[each] for each in type(error).__mro__ if each in kinds)
        if isinstance(error, DomainError):
            detail = inspect.cleandoc(str(error)).split("\n")[0]
            return _answer(request, Problem(kind, detail, error.faults, facts=error.facts))
        return _answer(request, Problem(kind))

    return answer


def settle_memory() -> None:
    """Take what start-up made out of the collector's sight: walking it again and again cost a fifth of a request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class SideBySide:
    """Several apps at one origin: the first path segment picks the app. Nothing of Python crosses between them."""

    def __init__(self, apps: Mapping[str, ASGIApp], front: ASGIApp | None = None) -> None:
        self.apps = apps
        self.front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the start and stop of all apps."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        segment = scope["path"].split("/", 2)[1] if "/" in scope["path"] else ""
        app = self.apps.get(segment, self.front)
        if app is None:
            answer = _answer(Request(scope), Problem(problems.NOT_FOUND))
            await answer(scope, receive, send)
            return
        await app(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with AsyncExitStack() as stack:
                for app in self.apps.values():
                    if isinstance(app, FastAPI):
                        await stack.enter_async_context(app.router.lifespan_context(app))
                settle_memory()
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
            raise
        await send({"type": "lifespan.shutdown.complete"})
