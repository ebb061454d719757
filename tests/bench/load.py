"""A load client that costs little: it shares two cores with what it measures. And the raw database as the floor."""

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from shared.ids import new_id

EXAMPLE = Path(__file__).parents[2] / "services" / "referrals" / "examples" / "referral.json"
BUNDLE = EXAMPLE.with_name("fhir-transaction.json")
SLOWEST = 30.0

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_number = itertools.count(1)


class Unexpected(Exception):
    """An answer had another status than the one wanted, or none came."""


@dataclass(frozen=True)
class Measured:
    """How long each unit of work took, and how long all of them together."""

    each: Sequence[float]
    total: float

    @property
    def rate(self) -> float:
        """Units a second."""
        return len(self.each) / self.total


class Line(asyncio.Protocol):
    """One kept-open connection that asks again as soon as it has its answer, until the time is up."""

    def __init__(self, request: Callable[[], bytes], wanted: int, until: float, taken: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._wanted = f"HTTP/1.1 {wanted} ".encode()
        self._until = until
        self._taken = taken
        self._began = 0.0
        self._answer = b""
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        """Ask for the first time."""
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._answer += data
        head, ended, body = self._answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if ended else None
        if length is None or len(body) < int(length[1]):
            return
        self._taken.append(time.perf_counter() - self._began)
        if not head.startswith(self._wanted):
            self._fail(self._answer[:400].decode(errors="replace"))
            return
        self._answer = b""
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """The other side went away too early, or we are done."""
        self._fail("the connection was lost")

    def _ask(self) -> None:
        self._began = time.perf_counter()
        if self._began < self._until:
            self._transport.write(self._request())
            return
        if not self.done.done():
            self.done.set_result(None)
        self._transport.close()

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(Unexpected(why))


async def drive(port: int, request: Callable[[], bytes], wanted: int, lines: int, seconds: float) -> Measured:
    """Ask over so many connections for so long; raises Unexpected unless every answer is the wanted one."""
    loop = asyncio.get_running_loop()
    taken: list[float] = []
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda: Line(request, wanted, began + seconds, taken), "127.0.0.1", port)
        for _ in range(lines)
    ]
    async with asyncio.timeout(seconds + SLOWEST):
        await asyncio.gather(*(line.done for _, line in made))
    return Measured(taken, time.perf_counter() - began)


def payload() -> Callable[[], bytes]:
    """The example referral, under a new identifier each time; only the identifiers are rendered anew."""
    mark = "0" * 12
    example = json.loads(EXAMPLE.read_text())
    example["identifier"]["value"] = mark
    for sheet in example["sheets"]:
        sheet["identifier"] = mark
    pieces = json.dumps(example, ensure_ascii=False).encode().split(mark.encode())
    return lambda: b"%012d".__mod__(next(_number)).join(pieces)


def bundle() -> Callable[[], bytes]:
    """The example transaction of ten entries, under new identifiers each time."""
    pieces = BUNDLE.read_bytes().split(b"2026-000002")
    return lambda: b"%012d".__mod__(next(_number)).join(pieces)


def request(method: str, path: str, token: str, body: bytes = b"", media: str = "application/json") -> bytes:
    """A request as it goes over the wire."""
    head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
    kind = f"content-type: {media}\r\n" if body else ""
    return f"{head}{kind}content-length: {len(body)}\r\n\r\n".encode() + body


_DOCUMENT = "INSERT INTO received (id, identifier, document) VALUES ($1, $2, $3)"
_FACT = """
    INSERT INTO outbox (id, aggregate_id, aggregate_version, type, occurred_at, payload, shard, published_at)
    VALUES ($1, $2, 1, 'bench.received.v1', $3, $4, 0, $3)
"""
RAW_TABLE = "CREATE TABLE received (id uuid PRIMARY KEY, identifier text NOT NULL UNIQUE, document jsonb NOT NULL)"


async def two_inserts(connection: "asyncpg.Connection[Any]", document: str) -> None:
    """The least that a push must do: the document and a fact in one transaction."""
    row = new_id()
    fact = json.dumps({"id": str(row)})
    async with connection.transaction():
        await connection.execute(_DOCUMENT, row, str(next(_number)), document)
        await connection.execute(_FACT, new_id(), row, datetime.now(UTC), fact)


async def drive_raw(pool: "asyncpg.Pool[Any]", writers: int, seconds: float) -> Measured:
    """The same load straight into the database."""
    document = payload()
    taken: list[float] = []
    began = time.perf_counter()

    async def write() -> None:
        while (started := time.perf_counter()) < began + seconds:
            async with pool.acquire() as connection:
                await two_inserts(connection, document().decode())
            taken.append(time.perf_counter() - started)

    async with asyncio.timeout(seconds + SLOWEST):
        await asyncio.gather(*(write() for _ in range(writers)))
    return Measured(taken, time.perf_counter() - began)
