"""The outermost layer of a service: request id, body limit, security headers, one log line and count a request."""

import re
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import trace
from shared.database_errors import is_away, is_busy
from shared.ids import new_id
from shared.logs import request_id
from shared.metrics import Metrics
from shared.problems import (
    DATABASE_AWAY,
    DATABASE_BUSY,
    INTERNAL,
    TOO_LARGE,
    Kind,
    Problem,
    Renderer,
    language_of,
    renderer_at,
)
from shared.rate_limits import headers_of

LIMIT = 1024 * 1024
IMPORT_LIMIT = 20 * 1024 * 1024

_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9._-]{8,64}")
"""A request's number as a caller may give it; digits alone could be somebody's phone or register number."""
_LOGGED = {
    DATABASE_AWAY.code: "database-away",
    DATABASE_BUSY.code: "database-busy",
    INTERNAL.code: "unexpected-error",
}
"""What the log calls an error that ends a request."""
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cache-control": b"no-store",
}
"""What every answer says of itself where its route has said nothing else."""
_BY_TLS = {b"strict-transport-security": b"max-age=31536000; includeSubDomains"}
"""... when it goes out by TLS, ours or that of a proxy that the operator trusts (RFC 6797)."""

log = structlog.get_logger()


class BodyTooLarge(Exception):
    """More came than this place accepts."""


class Edge:
    """ASGI middleware; nothing of an exception's text ever leaves it."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        limit_of: Callable[[str], int] | None = None,
        dialects: Mapping[str, Renderer] | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._dialects = dialects or {}
        self._limit_of = limit_of or (lambda path: IMPORT_LIMIT if path.endswith("/imports") else LIMIT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        number = given if _ID.fullmatch(given) else str(new_id())
        request_id.set(number)
        scope.setdefault("state", {})["request_id"] = number
        trace.follow(request.headers.get("traceparent", ""))
        render = renderer_at(scope["path"], self._dialects)
        exchange = _Exchange(scope, send, number, self._metrics, render)
        await exchange.run(self._app, receive, self._limit_of(scope["path"]))


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send, number: str, metrics: Metrics, render: Renderer) -> None:
        self._scope = scope
        self._send = send
        self._number = number
        self._metrics = metrics
        self._render = render
        self._status = 0
        self._began = time.perf_counter()

    async def run(self, app: ASGIApp, receive: Receive, limit: int) -> None:
        try:
            await app(self._scope, self._limited(receive, limit), self._answer)
        except BodyTooLarge:
            await self._problem(Problem(TOO_LARGE))
        except Exception as error:
            kind, service = kind_of(error), self._metrics.service
            log.error(_LOGGED[kind.code], service=service, error_class=type(error).__name__, place=_place(error))
            await self._problem(Problem(kind, headers={} if kind is INTERNAL else {"retry-after": "2"}))
        finally:
            self._note()

    def _limited(self, receive: Receive, limit: int) -> Receive:
        taken = 0
        declared = dict(self._scope["headers"]).get(b"content-length", b"0")

        async def limited() -> Message:
            nonlocal taken
            if declared.isdigit() and int(declared) > limit:
                raise BodyTooLarge
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise BodyTooLarge
            return message

        return limited

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message = {**message, "headers": self._headers(message.get("headers", []))}
        await self._send(message)

    def _headers(self, given: Iterable[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
        request = Request(self._scope)
        if hasattr(request.state, "caller"):
            # Whatever a route says: what somebody was shown by their rights is kept by no cache.
            given = [(name, value) for name, value in given if name.lower() != b"cache-control"]
        own = [*given, (b"x-request-id", self._number.encode()), *headers_of(request)]
        names = {name.lower() for name, _ in own}
        ours = _HEADERS | _BY_TLS if request.url.scheme == "https" else _HEADERS
        return [*own, *((name, value) for name, value in ours.items() if name not in names)]

    async def _problem(self, problem: Problem) -> None:
        if self._status:
            return
        language = language_of(Request(self._scope).headers.get("accept-language", ""))
        response = self._render(problem, language, self._number)
        with suppress(OSError):
            await response(self._scope, _nothing, self._answer)

    def _note(self) -> None:
        seconds = time.perf_counter() - self._began
        route = getattr(self._scope.get("route"), "path", "unmatched")
        self._metrics.answered(self._scope["method"], route, self._status, seconds)
        log.info(
            "request",
            service=self._metrics.service,
            method=self._scope["method"],
            route=route,
            status=self._status,
            duration_ms=round(seconds * 1000, 1),
        )


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def kind_of(error: Exception) -> Kind:
    """The kind of problem that an error which nobody expected is answered with."""
    if is_away(error):
        return DATABASE_AWAY
    return DATABASE_BUSY if is_busy(error) else INTERNAL


def _place(error: Exception) -> str:
    """Where an exception was raised, as file and line: never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
