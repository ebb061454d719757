"""Around a whole service: what was answered without a record, refusals above all, is recorded before it goes."""

from collections.abc import Sequence
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.access import AccessRule, Anyone, May, rules_of
from shared.audit.entry import Entry
from shared.audit.keys import Keys
from shared.auth import authenticate
from shared.logs import request_id
from shared.problems import DATABASE_AWAY, Problem, language_of, renderer_at

log = structlog.get_logger()


class Audited:
    """ASGI middleware, the outermost: no answer leaves before its record is written."""

    def __init__(self, app: ASGIApp, service: str, keys: Keys, host: Starlette) -> None:
        self._app = app
        self._service = service
        self._keys = keys
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        entry = Entry(self._service, self._keys, scope["method"])
        scope.setdefault("state", {})["audit"] = entry
        is_replaced = False

        async def recorded(message: Message) -> None:
            nonlocal is_replaced
            if message["type"] == "http.response.start" and not await self._record(scope, entry, message["status"]):
                is_replaced = True
                await self._instead(scope, receive, send)
            if not is_replaced:
                await send(message)

        await self._app(scope, receive, recorded)

    async def _record(self, scope: Scope, entry: Entry, status: int) -> bool:
        """Record an answer that is not recorded yet; False where it cannot be, and must not go out."""
        rules = rules_at(scope)
        if entry.written == status or not entry.is_audited or is_open(rules):
            return True
        try:
            await complete(scope, entry, rules)
            await entry.refusal(self._host.state.database, status)
        except Exception as error:
            log.error("audit-unwritten", service=self._service, status=status, error_class=type(error).__name__)
            # What failed may well say that it failed: it discloses nothing.
            return status >= 500
        return True

    async def _instead(self, scope: Scope, receive: Receive, send: Send) -> None:
        render = renderer_at(scope["path"], self._host.state.dialects)
        language = language_of(Request(scope).headers.get("accept-language", ""))
        problem = Problem(DATABASE_AWAY, headers={"retry-after": "2"})
        await render(problem, language, request_id.get())(scope, receive, send)


def rules_at(scope: Scope) -> Sequence[AccessRule]:
    """The access rules of the route that a request found; none where it found no route."""
    dependant: Any = getattr(scope.get("route"), "dependant", None)
    return list(rules_of(dependant)) if dependant else []


def is_open(rules: Sequence[AccessRule]) -> bool:
    """Whether a route is one of those that nobody needs a reason for: health, metrics, contracts."""
    return any(isinstance(rule, Anyone) and not rule.action for rule in rules)


async def complete(scope: Scope, entry: Entry, rules: Sequence[AccessRule]) -> None:
    """Fill in what a refused request did not live to say: where it went, and who it was if they can be believed."""
    request = entry.request = entry.request or Request(scope)
    entry.action = next((rule.action for rule in rules if isinstance(rule, (May, Anyone))), "")
    if entry.caller is None and request.headers.get("authorization"):
        try:
            entry.caller = await authenticate(request)
        except Problem:
            entry.caller = None
