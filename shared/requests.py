"""What every route of ours does around its function: strict input, one transaction, an answer kept for repeats."""

import hashlib
import json
import math
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any, ClassVar, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute

from shared.access import Anyone, May, rules_of
from shared.acting import acting_as
from shared.audit.entry import begin
from shared.auth import authenticate
from shared.clock import Clock
from shared.errors import Fault, StaleVersion
from shared.fields import fences_of, refuse_fenced_body, refuse_fenced_query, without_hidden
from shared.kept import answered_once
from shared.problems import (
    IF_MATCH_REQUIRED,
    INVALID,
    KEY_REUSED,
    MALFORMED,
    UNSUPPORTED,
    Problem,
    pointer_of,
)
from shared.relationships.guard import check as check_break_glass
from shared.settings import ServiceSettings
from shared.store import Aggregate, Collection, Database, Transaction

MAX_DEPTH = 32
KEEP = timedelta(days=7)
"""How long the answer to an Idempotency-Key is given again."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
C = TypeVar("C", bound=Collection)
S = TypeVar("S", bound=ServiceSettings)
A = TypeVar("A", bound=Aggregate)


def strict_json(body: bytes) -> Any:
    """Parse JSON (RFC 8259, UTF-8), refusing repeated keys, more than 32 levels, and what PostgreSQL cannot store.

    That is NUL characters, halves of surrogate pairs, and numbers that are none or beyond a float. Raises a Problem.
    """
    try:
        text = body.decode()
        value = json.loads(
            text, object_pairs_hook=_no_repeats, parse_constant=_finite_number, parse_float=_finite_number
        )
    except RecursionError:
        raise Problem(MALFORMED, faults=[Fault("", "too-deep")]) from None
    except ValueError:
        raise Problem(MALFORMED, faults=[Fault("", "not-json")]) from None
    _inspect(value, (), "\\u0000" in text or "\\ud" in text or "\\uD" in text)
    return value


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(MALFORMED, faults=[Fault("", "repeated-key")])
    return found


def _inspect(value: Any, path: tuple[str | int, ...], has_escapes: bool) -> None:
    """Walk a value; strings are looked at only where a suspicious escape is known to be somewhere."""
    if len(path) >= MAX_DEPTH and isinstance(value, (dict, list)):
        raise Problem(MALFORMED, faults=[Fault("", "too-deep")])
    if isinstance(value, str):
        if "\x00" in value:
            raise Problem(INVALID, faults=[Fault(pointer_of(path), "nul-character")])
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise Problem(INVALID, faults=[Fault(pointer_of(path), "half-a-character")])
        return
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        if has_escapes and isinstance(name, str):
            _inspect(name, path, has_escapes)
        if has_escapes or part.__class__ in (dict, list):
            _inspect(part, (*path, name), has_escapes)


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """The body; raises a Problem where it is not acceptable JSON."""
        if not hasattr(self, "_json"):
            self._json = strict_json(await self.body())
        return self._json


class Route(APIRoute):
    """A route in one transaction, committed before the answer is sent, with its Idempotency-Key honoured.

    Its access rule comes before anything that the request says: whoever may not act learns nothing from the answer.
    """

    strict_query: ClassVar[bool] = True
    """Whether the route's declared query parameters are all that it takes."""
    keeps_answers: ClassVar[bool] = True
    """Whether the answer to an Idempotency-Key is kept and given again."""

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, wrapped."""
        inner = super().get_route_handler()
        rules = [rule for rule in rules_of(self.dependant) if isinstance(rule, May)]
        action = next((rule.action for rule in rules_of(self.dependant) if isinstance(rule, (May, Anyone))), "")
        known = {parameter.alias for parameter in all_query(self.dependant)}
        takes_body = self.body_field is not None and not any(
            "form" in type(parameter.field_info).__name__.lower() for parameter in self.dependant.body_params
        )

        async def handle(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            granted = [await rule(strict) for rule in rules]
            fenced = fences_of(zip(rules, granted, strict=True))
            entry = begin(strict, action, next(iter(granted), None), self.status_code or 200)
            if self.strict_query:
                refuse_unknown_query(strict, known)
            refuse_fenced_query(strict, fenced)
            if takes_body and await strict.body():
                refuse_other_media(strict)
                refuse_fenced_body(await strict.json(), fenced)
            database: Database = strict.app.state.database
            async with database.transaction(acting_as(*granted)) as transaction:
                strict.state.transaction = transaction
                transaction.entry = entry
                await check_break_glass(next(iter(granted), None), transaction, entry)
                return await entry.answered(without_hidden(await self._answer(strict, inner), fenced), transaction)

        return handle

    async def _answer(self, request: Request, inner: Handler) -> Response:
        """The answer of now, or the first one to an Idempotency-Key."""
        key = request.headers.get("idempotency-key")
        is_kept = key is not None and request.method == "POST" and self.keeps_answers
        return await (repeated_once(request, key or "", inner) if is_kept else inner(request))


class FreeQueryRoute(Route):
    """A route that reads the query itself, and refuses there what it does not know."""

    strict_query = False


class UnkeptRoute(Route):
    """A route whose answers hold a secret: none is kept, an Idempotency-Key has no effect."""

    keeps_answers = False


def all_query(dependant: Any) -> list[Any]:
    """The query parameters of a route and of its dependencies; a parameter model counts by its fields."""
    found: list[Any] = []
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        fields = getattr(model, "model_fields", None)
        if fields:
            found += [_Alias(field.alias or name) for name, field in fields.items()]
        else:
            found.append(parameter)
    for inner in dependant.dependencies:
        found += all_query(inner)
    return found


class _Alias:
    def __init__(self, alias: str) -> None:
        self.alias = alias


def refuse_unknown_query(request: Request, known: set[str]) -> None:
    """A query parameter that the route does not know is an error, never ignored."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        named = [pointer_of(("query", name)) for name in unknown]
        raise Problem(INVALID, faults=[Fault(name, "unknown-parameter") for name in named])


def refuse_other_media(request: Request) -> None:
    """A body that is there must say that it is JSON."""
    media = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise Problem(UNSUPPORTED)


async def repeated_once(request: Request, key: str, inner: Handler) -> Response:
    """Answer a keyed request from its first answer, or answer it now and keep the answer in the same transaction."""
    if not 1 <= len(key) <= 255:
        raise Problem(INVALID, faults=[Fault("#idempotency-key", "wrong-format")])
    caller = (await authenticate(request)).subject
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    transaction: Transaction = request.state.transaction

    async def answer() -> Response:
        return await inner(request)

    return await answered_once(transaction, caller, key, fingerprint, answer, KEEP, Problem(KEY_REUSED))


async def current_clock(request: Request) -> Clock:
    """The service's clock."""
    clock: Clock = request.app.state.clock
    return clock


def configured(kind: type[S]) -> Callable[[Request], Coroutine[Any, Any, S]]:
    """A dependency that gives the service's settings."""

    async def settings(request: Request) -> S:
        found: S = request.app.state.settings
        return found

    return settings


def opened(kind: type[C]) -> Callable[[Request], Coroutine[Any, Any, C]]:
    """A dependency that gives a collection in this request's transaction."""

    async def collection(request: Request) -> C:
        return kind(request.state.transaction)

    return collection


class SeenVersion:
    """The version that the caller last saw, from If-Match."""

    def __init__(self, version: int) -> None:
        self.version = version

    def check(self, aggregate: Aggregate) -> None:
        """Raise StaleVersion when the record is no longer in that version."""
        if aggregate.version != self.version:
            raise StaleVersion(facts={"etag": etag_of(aggregate)})


def etag_of(aggregate: Aggregate) -> str:
    """The entity tag of a record: its version."""
    return f'"{aggregate.version}"'


async def _if_match(if_match: Annotated[str | None, Header(description="ETag last seen")] = None) -> SeenVersion:
    if if_match is None:
        raise Problem(IF_MATCH_REQUIRED)
    tag = if_match.strip().removeprefix("W/").strip('"')
    if not tag.isascii() or not tag.isdigit() or len(tag) > 9:
        raise StaleVersion
    return SeenVersion(int(tag))


class MaybeSeen:
    """The version that the caller last saw, if it said so: for a PUT that may make the record or change it."""

    def __init__(self, seen: SeenVersion | None) -> None:
        self.version = seen

    def check(self, aggregate: Aggregate) -> None:
        """Raise a 428 problem when no version was said, StaleVersion when it is no longer that one."""
        if self.version is None:
            raise Problem(IF_MATCH_REQUIRED)
        self.version.check(aggregate)


async def _if_match_said(if_match: Annotated[str | None, Header(description="ETag last seen")] = None) -> MaybeSeen:
    return MaybeSeen(None if if_match is None else await _if_match(if_match))


IfMatch = Annotated[SeenVersion, Depends(_if_match)]
IfMatchSaid = Annotated[MaybeSeen, Depends(_if_match_said)]
ClockDep = Annotated[Clock, Depends(current_clock)]


class Tagged:
    """Puts a record's ETag on the answer and hands the record on."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def __call__(self, aggregate: A) -> A:
        """The record itself, its version now in the ETag header."""
        self._response.headers["etag"] = etag_of(aggregate)
        return aggregate


async def _tagged(response: Response) -> Tagged:
    return Tagged(response)


Tag = Annotated[Tagged, Depends(_tagged)]
