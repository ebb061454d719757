"""The audit record of the request at hand, as it grows on its way, and the ledger that it is written into."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zipfile import ZipFile

from starlette.requests import Request
from starlette.responses import Response

from shared import trace
from shared.audit.keys import Keys
from shared.audit.purposes import BREAK_GLASS, purpose_said, purposes
from shared.audit.record import INSERT, WRITTEN, Outcome, content_of
from shared.auth import Caller
from shared.ids import new_id

if TYPE_CHECKING:
    from shared.store import Database, Transaction

UNMATCHED = "unmatched"
SEARCHES = ("/search", "/lookup", "/_search")
"""How the paths of searches end whose terms are in the body."""
ZIPPED = b"PK\x03\x04"
PAGING = frozenset({"cursor", "limit", "_count"})

_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TAIL = re.compile(rb"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""All of it but the first part: a pattern that begins with a plain character is found ten times faster."""
_NAMED = re.compile(rb'_id"\s*:\s*"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"')


def ids_shown(answer: bytes) -> set[UUID]:
    """Every UUID in an answer, a workbook's sheets included: what it discloses is what is recorded."""
    if answer.startswith(ZIPPED):
        with ZipFile(BytesIO(answer)) as book:
            answer = b"\n".join(book.read(name) for name in book.namelist())
    whole = {answer[max(0, tail.start() - 8) : tail.end()] for tail in _TAIL.finditer(answer)}
    return {UUID(found.decode()) for found in whole if _UUID.fullmatch(found)}


def ids_named(body: bytes) -> set[UUID]:
    """The UUIDs that a body names as ids of ours: a field that ends in `_id`. Ids of other systems are left out."""
    return {UUID(found.decode()) for found in set(_NAMED.findall(body))}


@dataclass
class Entry:
    """What is known of a request so far. It becomes a record once its answer is known."""

    service: str
    keys: Keys
    method: str
    request: Request | None = None
    request_id: str = ""
    route: str = UNMATCHED
    action: str = ""
    caller: Caller | None = None
    purpose: str = ""
    reason: str = ""
    """The code of the reason that somebody gave for more than the ordinary."""
    break_glass: UUID | None = None
    entities: set[UUID] = field(default_factory=set)
    terms: bytes | None = None
    is_audited: bool = True
    is_refused: bool = False
    """Whether an answer that looks well says no in other words."""
    expected: int = 200
    written: int | None = None
    """The status of the record that is written, or goes with the transaction at hand."""
    _told: frozenset[UUID] = frozenset()

    def row(self, status: int, at: datetime, entities: Iterable[UUID] | None = None) -> list[Any]:
        """The record as a row, sealed by itself, in the order of `WRITTEN`."""
        caller = self.caller
        outcome = Outcome.REFUSED if self.is_refused and status < 400 else Outcome.of_status(status)
        purpose = BREAK_GLASS if self.break_glass else self.purpose or purposes().of_action(self.action)
        named = (caller.subject, caller.client_id, caller.organisation) if caller else ("", "", "")
        values: list[Any] = [new_id(), at, *(_clean(each) for each in named), sorted(caller.granted if caller else ())]
        values += [self.action, str(caller.scope) if caller else "", purpose, self.reason, self.method[:20]]
        values += [
            self.route,
            sorted(self.entities if entities is None else entities),
            self.terms,
            str(outcome),
            status,
        ]
        values += [self.request_id, trace.current()[3:35], self.break_glass, self.keys.current]
        values.append(self.keys.mac(content_of(values), self.keys.current))
        return values

    def beside(self, made: UUID, at: datetime) -> dict[str, Any]:
        """The record's values for a statement that makes one row and is its whole transaction."""
        self._look()
        self._told = frozenset({*self.entities, made})
        row = self.row(self.expected, at, self._told)
        return {f"audit_{name}": value for name, value in zip(WRITTEN, row, strict=True)}

    def stands(self) -> None:
        """The record beside a row is written, as the row is."""
        self.written = self.expected

    async def answered(self, response: Response, transaction: "Transaction") -> Response:
        """An answer, its record written into the transaction of the request: without that there is no answer."""
        if self.is_audited:
            await self._answer(response, transaction)
        return response

    async def _answer(self, response: Response, transaction: "Transaction") -> None:
        if self.written is None:
            self._look()
        self.entities |= ids_shown(bytes(getattr(response, "body", b"")))
        self.entities |= ids_shown(response.headers.get("location", "").encode())
        if self.written == response.status_code and self.entities <= self._told:
            return
        row = self.row(response.status_code, transaction.clock.now())
        if self.written is None and transaction.is_begun:
            await (await transaction.session.connection()).exec_driver_sql(INSERT, tuple(row))
        else:
            await write_alone(transaction.database, row)
        self.written = response.status_code

    async def refusal(self, database: "Database", status: int) -> None:
        """Write the record of an answer whose transaction, if it had one, is undone."""
        self._look()
        await write_alone(database, self.row(status, database.clock.now()))
        self.written = status

    def _look(self) -> None:
        """Take down where the request went: the template of its route, the ids it named, and what it looked for."""
        if self.request is None:
            return
        scope = self.request.scope
        self.request_id = str(scope["state"].get("request_id", ""))
        path = str(getattr(scope.get("route"), "path", ""))
        # A route of a router within a router knows only its end.
        inner = "" if path.startswith(f"/{self.service}") else f"/{self.service}"
        self.route = f"{inner}{path}" if path else UNMATCHED
        body = bytes(getattr(self.request, "_body", b""))
        given = " ".join(str(value) for value in scope.get("path_params", {}).values())
        self.entities |= ids_shown(given.lower().encode()) | ids_named(body)
        self._seek(self.request.url.query, body)

    def _seek(self, query: str, body: bytes) -> None:
        terms = sorted((name, value) for name, value in parse_qsl(query, True) if name not in PAGING)
        sought = body if self.method == "POST" and self.route.endswith(SEARCHES) else b""
        if terms or sought:
            self.terms = self.keys.terms([urlencode(terms).encode(), sought])


async def write_alone(database: "Database", row: Sequence[Any]) -> None:
    """Write a record as a transaction of its own."""
    async with database.raw() as connection:
        await connection.execute(INSERT, *row)


def entry_of(request: Request) -> Entry:
    """The record of this request in the making."""
    entry: Entry = request.scope["state"]["audit"]
    return entry


def told(request: Request, entities: Iterable[UUID]) -> None:
    """Say what an answer discloses that does not show its ids as text, like a workbook."""
    entry_of(request).entities.update(entities)


def begin(request: Request, action: str, caller: Caller | None, expected: int) -> Entry:
    """Take down what is known once the access rule of a route has let a caller in; a 422 problem for the purpose."""
    entry = entry_of(request)
    entry.request, entry.action, entry.caller, entry.expected = request, action, caller, expected
    entry.is_audited = bool(action)
    entry.purpose = purpose_said(request)
    return entry


def _clean(text: str) -> str:
    """A claim as PostgreSQL can store it."""
    return text.replace("\0", "")[:200]
