"""Receivers of notices: real HTTP servers on this machine, which answer as told and remember all they heard."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.events import Envelope
from shared.testing.harness import UnderTest


@dataclass(frozen=True)
class Heard:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """`answer` gives the status (and perhaps headers) of the next request; `down` breaks the connection off."""

    answer: Callable[[Heard], int | str] = lambda _: 204
    heard: list[Heard] = field(default_factory=list)
    arrived: list[Heard] = field(default_factory=list)
    down: bool = False
    port: int = 0
    busy: int = 0
    most_busy: int = 0
    seconds: float = 0.0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def numbers(self) -> list[int]:
        """The numbers of the webhooks that arrived, in order."""
        return [each.json["data"]["number"] for each in self.arrived]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request."""
        try:
            if self.down:
                return
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            originals = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
            headers = {name.lower(): value for name, value in originals.items()}
            request = Heard(headers, await reader.readexactly(int(headers.get("content-length", "0"))))
            self.heard.append(request)
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
            await asyncio.sleep(self.seconds)
            self.busy -= 1
            status = self.answer(request)
            if str(status).startswith("2"):
                self.arrived.append(request)
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n".encode())
            writer.write(b"\r\n")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(**options: Any) -> AsyncIterator[Receiver]:
    """A receiver that listens for the time of a block."""
    receiver = Receiver(**options)
    async with await asyncio.start_server(receiver.serve, "127.0.0.1", 0) as server:
        receiver.port = server.sockets[0].getsockname()[1]
        yield receiver
        await asyncio.sleep(0.02)


NEWS = """
    SELECT o.id, o.type, o.aggregate_id, o.aggregate_version, o.occurred_at, o.payload::text FROM outbox o
    LEFT JOIN position p ON p.source = 'referrals' AND p.aggregate_id = o.aggregate_id
    WHERE o.aggregate_version >= coalesce(p.last_version, 0) ORDER BY o.seq
"""
"""What is new of each referral, and the last that is not: a bus delivers at least once."""


async def follow(referrals: UnderTest) -> None:
    """Bring the service's own facts back to it, as the relay and the bus do: in order, and some for another time."""
    async with referrals.app.state.database.raw() as connection:
        rows = await connection.fetch(NEWS)
    for row in rows:
        fact = Envelope(
            row["id"], row["type"], row["aggregate_id"], row["aggregate_version"], row["occurred_at"], _bytes(row)
        )
        await referrals.inbox.deliver(fact.message())


def _bytes(row: Any) -> bytes:
    text = row["payload"]
    return (text if isinstance(text, str) else json.dumps(text)).encode()


async def tell(referrals: UnderTest) -> None:
    """Follow the facts, then deliver what is due."""
    await follow(referrals)
    await referrals.tick()


async def hook(referrals: UnderTest, receiver: Receiver, persona: str = "hospital-chu", *events: str) -> dict[str, Any]:
    """A webhook of a persona's organisation; with its secret."""
    async with referrals.client(persona) as client:
        answer = await client.post("/referrals/webhooks", json={"url": receiver.url, "events": list(events)})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def act(referrals: UnderTest, persona: str, path: str, body: Any = None) -> httpx.Response:
    """A POST as somebody."""
    async with referrals.client(persona) as client:
        return await client.post(path, json=body) if body is not None else await client.post(path)
