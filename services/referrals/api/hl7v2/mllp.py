"""The MLLP port: HL7 v2 over a bare connection, for engines that know nothing else. Off unless a port is set.

There are no tokens here: a connection is taken from known networks only, and MSH-4 says who speaks. Messages of one
connection are answered one after the other. Log lines hold no content.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from fastapi import FastAPI

from services.referrals.api.hl7v2.exchange import RETRY, Negative, answer, envelope_of
from services.referrals.domain.mllp_sender import MllpSender, organisation_of
from services.referrals.formats.hl7v2 import (
    Er7,
    NotEr7,
    Place,
    Refused,
    V2Fault,
    acknowledgement,
    header_of,
    read,
    unreadable,
)
from services.referrals.settings import Settings
from shared.acting import Acting, Reach
from shared.audit.entry import Entry
from shared.audit.keys import Keys
from shared.auth import Caller
from shared.clock import Clock
from shared.edge import kind_of
from shared.store import Database

FAILURES = frozenset({"database-unavailable", "database-busy", "internal-error"})
START, END, RETURN = b"\x0b", b"\x1c", b"\r"
LIMIT = 1024 * 1024
ROUTE = "/referrals/hl7v2"
MAX_CONNECTIONS = 100
STOP_WITHIN = 3.0

log = structlog.get_logger()


class Garbage(Exception):
    """What came is no frame; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Gone(Exception):
    """The other side has closed, or says nothing more."""


@asynccontextmanager
async def listen(app: FastAPI) -> AsyncIterator[None]:
    """Keep the port open while the service runs, if the operator wants one."""
    settings = app.state.settings
    assert isinstance(settings, Settings)
    if settings.mllp_port is None:
        yield
        return
    port = Port(settings, app.state.database, app.state.clock, settings.mllp_routes, app.state.audit_keys)
    server = await asyncio.start_server(
        port.serve, settings.mllp_host, settings.mllp_port, limit=LIMIT, ssl=tls_of(settings)
    )
    app.state.mllp_port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        await port.stop()


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """TLS 1.2 at least with our certificate; with an authority, senders must show theirs."""
    if settings.mllp_certificate is None or settings.mllp_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.mllp_certificate, settings.mllp_key)
    if settings.mllp_client_ca:
        context.load_verify_locations(settings.mllp_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@dataclass
class Port:
    """All connections of the port."""

    settings: Settings
    database: Database
    clock: Clock
    senders: Sequence[MllpSender]
    keys: Keys
    _open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)
    _busy: set[asyncio.Task[None]] = field(default_factory=set)
    _is_stopping: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends; nothing that comes may end more than that."""
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        reason = "closed"
        try:
            reason = await self._converse(reader, writer)
        except (Gone, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            reason = type(error).__name__
        except asyncio.CancelledError:
            # asyncio's streams report a cancelled connection as an error of theirs.
            if not self._is_stopping:
                raise
        finally:
            del self._open[task]
            log.info("mllp-connection", service="referrals", reason=reason)
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Answer one message after the other; a word for why it ended."""
        address = str(writer.get_extra_info("peername")[0])
        if len(self._open) > MAX_CONNECTIONS or not any(each.calls_from(address) for each in self.senders):
            return "refused"
        try:
            while not self._is_stopping:
                await self._exchange(reader, writer, address)
        except Garbage as garbage:
            await self._send(writer, unreadable(self.settings.organisation, self.clock.now(), garbage.code))
            await drained(reader)
            return garbage.code
        return "stopping"

    async def stop(self) -> None:
        """Let the messages at hand be answered, then close."""
        self._is_stopping = True
        for task, writer in self._open.items():
            if task not in self._busy:
                writer.close()
        if self._open:
            _, late = await asyncio.wait(set(self._open), timeout=STOP_WITHIN)
            for task in late:
                task.cancel()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        content = await self._frame(reader)
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            began = time.perf_counter()
            reply, outcome = await self.reply(content, address)
            await self._send(writer, reply)
            took = round((time.perf_counter() - began) * 1000, 1)
            log.info("mllp-message", service="referrals", reason=outcome, duration_ms=took)
        finally:
            self._busy.discard(task)

    async def _frame(self, reader: asyncio.StreamReader) -> bytes:
        """The content of the next frame; raises Garbage, and Gone where none comes."""
        first = b"\r"
        while first in (b"\r", b"\n"):
            async with asyncio.timeout(self.settings.mllp_idle_seconds):
                first = await reader.read(1)
        if not first:
            raise Gone
        if first != START:
            raise Garbage("not-er7")
        try:
            async with asyncio.timeout(self.settings.mllp_frame_seconds):
                return (await reader.readuntil(END)).removesuffix(END)
        except asyncio.LimitOverrunError:
            raise Garbage("too-large") from None

    async def reply(self, content: bytes, address: str) -> tuple[bytes, str]:
        """The answer to what came in a frame, whatever happens, and a word for the log; recorded in the audit."""
        entry = Entry("referrals", self.keys, "MLLP", route=ROUTE, action="referral:push")
        reply, outcome = await self._replied(content, address, entry)
        if entry.written is None:
            entry.is_refused = True
            try:
                await entry.refusal(self.database, 200)
            except Exception as error:
                log.error("audit-unwritten", service="referrals", error_class=type(error).__name__)
                if outcome not in FAILURES:
                    # What failed says so already and discloses nothing; any other answer needs its record.
                    outcome = "database-unavailable"
                    reply = unreadable(self.settings.organisation, self.clock.now(), outcome)
        return reply, outcome

    async def _replied(self, content: bytes, address: str, entry: Entry) -> tuple[bytes, str]:
        try:
            message = read(content)
        except NotEr7 as error:
            return unreadable(self.settings.organisation, self.clock.now(), error.code), error.code
        try:
            return await self._answer(message, address, entry), "accepted"
        except Negative as negative:
            return negative.answer, "refused"
        except Exception as error:
            log.error("mllp-failure", service="referrals", error_class=type(error).__name__)
            code = kind_of(error).code
            return self._refusal(message, Refused([V2Fault(Place("MSH"), code)], hint=RETRY)), code

    async def _answer(self, message: Er7, address: str, entry: Entry) -> bytes:
        organisation = organisation_of(self.senders, header_of(message).facility, address)
        if organisation is None:
            fault = V2Fault(Place("MSH").at(4), "unknown-sender")
            raise Negative(self._refusal(message, Refused([fault], is_rejected=True)))
        entry.caller = Caller(organisation, "mllp", organisation, frozenset(), "", "organisation")
        sender = Acting(organisation, Reach.ORGANISATION, organisation)
        async with self.database.transaction(sender) as transaction:
            response = await entry.answered(await answer(message, organisation, transaction), transaction)
        return bytes(response.body)

    def _refusal(self, message: Er7, refused: Refused) -> bytes:
        return acknowledgement(envelope_of(message, self.settings, self.clock.now()), refused)

    async def _send(self, writer: asyncio.StreamWriter, reply: bytes) -> None:
        writer.write(START + reply + END + RETURN)
        async with asyncio.timeout(self.settings.mllp_frame_seconds):
            await writer.drain()


async def drained(reader: asyncio.StreamReader) -> None:
    """Read away what is under way for a second, lest a reset overtakes our answer."""
    async with asyncio.timeout(1):
        while await reader.read(LIMIT):
            pass
