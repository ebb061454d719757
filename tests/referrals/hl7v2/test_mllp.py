"""The MLLP port over real sockets: python-hl7's own client, and bytes as a network may bring them."""

import asyncio
import re
import socket
import ssl
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import hl7
import pytest
from hl7.client import MLLPClient
from pydantic import ValidationError

from services.referrals.domain.mllp_sender import mllp_senders, organisation_of
from services.referrals.settings import Settings
from shared.local.postgres import EmbeddedPostgres
from shared.testing.harness import UnderTest
from tests.referrals.hl7v2.messages import RICH, SMALL, Answer, edited, fresh, send
from tests.referrals.pushes import count, register

SENDERS = "CHU=chu@127.0.0.0/8, CHU=chu@::1/128, OTHER=hospital-other@10.0.0.0/8"
ROOT = Path(__file__).parents[3]
Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


@pytest.fixture
async def listening(run_service: Run) -> AsyncIterator[UnderTest]:
    """The service with its MLLP port open, on any free number."""
    options = {"mllp_port": 0, "mllp_senders": SENDERS, "mllp_idle_seconds": 20, "mllp_frame_seconds": 0.5}
    async with run_service("referrals", **options) as running:
        await register(running)
        yield running


def framed(text: str) -> bytes:
    return b"\x0b" + text.encode() + b"\x1c\r"


@asynccontextmanager
async def connected(
    referrals: UnderTest, **options: Any
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", referrals.app.state.mllp_port, **options)
    try:
        yield reader, writer
    finally:
        writer.close()


async def reply(reader: asyncio.StreamReader) -> Answer:
    """The next answer."""
    async with asyncio.timeout(10):
        content = await reader.readuntil(b"\x1c\r")
    assert content.startswith(b"\x0b")
    return Answer(content[1:-2])


async def said(referrals: UnderTest, text: str = RICH, **options: Any) -> Answer:
    """The answer to a message on a connection of its own."""
    async with connected(referrals, **options) as (reader, writer):
        writer.write(framed(text))
        return await reply(reader)


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Whether the other side has closed."""
    async with asyncio.timeout(10):
        try:
            return await reader.read(1) == b""
        except ConnectionResetError:
            return True


async def test_a_client_of_the_field_sends_and_is_answered(listening: UnderTest) -> None:
    port = listening.app.state.mllp_port

    def talk() -> list[bytes]:
        with MLLPClient("127.0.0.1", port) as client:
            return [client.send_message(hl7.parse(text)) for text in (RICH, fresh(RICH, "K-1", "I14"))]

    first, second = (Answer(each.strip(b"\x0b\x1c\r")) for each in await asyncio.to_thread(talk))
    assert (first.code, first.text("MSH-9"), second.code, second.text("MSH-9")) == (
        *("AA", "RRI^I12^RRI_I12"),
        *("AA", "RRI^I14^RRI_I12"),
    )
    assert await count(listening) == 1


async def test_both_roads_give_the_same_answer_to_the_same_message(listening: UnderTest) -> None:
    async with connected(listening) as (reader, writer):
        writer.write(framed(RICH))
        by_port = await reply(reader)
    async with listening.client("hospital-chu") as client:
        assert (await send(client, RICH)).content == by_port.content
    assert await count(listening) == 1


async def test_a_frame_may_come_byte_by_byte_and_two_in_one_packet(listening: UnderTest) -> None:
    async with connected(listening) as (reader, writer):
        for place in range(0, len(framed(RICH)), 97):
            writer.write(framed(RICH)[place : place + 97])
            await writer.drain()
            await asyncio.sleep(0.001)
        assert (await reply(reader)).code == "AA"
        writer.write(framed(fresh(SMALL, "A", identifier="A")) + b"\r\n" + framed(fresh(SMALL, "B", identifier="B")))
        assert [(await reply(reader)).text("MSA-2") for _ in range(2)] == ["A", "B"]
        writer.write(framed(fresh(SMALL, "C", identifier="C")).removesuffix(b"\r"))
        assert (await reply(reader)).text("MSA-2") == "C"
    assert await count(listening) == 4


async def test_a_bad_message_leaves_the_connection_open(listening: UnderTest) -> None:
    async with connected(listening) as (reader, writer):
        for text, code in ((edited(RICH, "PID-8", "X"), "AE"), ("hello", "AR"), ("", "AR"), (RICH, "AA")):
            writer.write(framed(text))
            assert (await reply(reader)).code == code
    assert await count(listening) == 1


GARBAGE: Mapping[str, tuple[bytes, str]] = {
    "HTTP": (b"GET / HTTP/1.1\r\n\r\n", "not-er7"),
    "a message without its frame": (RICH.encode(), "not-er7"),
    "noise": (bytes(range(255, 13, -1)) * 20, "not-er7"),
    "more than a megabyte": (b"\x0b" + b"x" * (1024 * 1024 + 70_000), "too-large"),
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_is_rejected_and_the_connection_closed(listening: UnderTest, name: str) -> None:
    content, code = GARBAGE[name]
    async with connected(listening) as (reader, writer):
        writer.write(content)
        answer = await reply(reader)
        assert (answer.code, answer.faults) == ("AR", {("MSH^1", code)})
        assert await is_closed(reader)
    async with connected(listening) as (reader, writer):
        writer.write(framed(RICH))
        assert (await reply(reader)).code == "AA"


async def test_who_dawdles_within_a_frame_is_cut_off(listening: UnderTest) -> None:
    async with connected(listening) as (reader, writer):
        writer.write(b"\x0bMSH|")
        assert await is_closed(reader)
    assert await count(listening) == 0


async def test_a_sender_that_closes_within_a_frame_leaves_nothing(listening: UnderTest) -> None:
    async with connected(listening) as (_, writer):
        writer.write(framed(RICH)[:-200])
    async with connected(listening) as (reader, writer):
        writer.write(framed(fresh(SMALL, "after")))
        assert (await reply(reader)).code == "AA"
    assert await count(listening) == 1


async def test_only_known_facilities_from_their_networks_may_speak(listening: UnderTest, run_service: Run) -> None:
    async with connected(listening) as (reader, writer):
        for facility in ("NOBODY", "OTHER", "chu"):
            writer.write(framed(edited(SMALL, "MSH-4", facility)))
            answer = await reply(reader)
            assert (answer.code, answer.faults) == ("AR", {("MSH^1^4^1", "unknown-sender")})
    assert await count(listening) == 0
    async with (
        run_service("referrals", mllp_port=0, mllp_senders="OTHER=hospital-other@10.0.0.0/8") as closed,
        connected(closed) as (reader, _),
    ):
        assert await is_closed(reader)


async def test_of_many_equal_messages_on_many_connections_one_is_stored(listening: UnderTest) -> None:
    async def talk() -> bytes:
        async with connected(listening) as (reader, writer):
            writer.write(framed(RICH))
            return (await reply(reader)).content

    assert len(set(await asyncio.gather(*(talk() for _ in range(20))))) == 1
    assert await count(listening) == 1


async def test_without_a_database_the_sender_is_told_to_send_again_and_nothing_is_lost(
    listening: UnderTest, postgres: EmbeddedPostgres
) -> None:
    name = listening.app.state.database.engine.url.database
    async with connected(listening) as (reader, writer):
        await operate(postgres, f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
        await operate(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        writer.write(framed(RICH))
        answer = await reply(reader)
        assert (answer.code, answer.faults) == ("AE", {("MSH^1", "database-unavailable")})
        assert "Send the message again" in answer.text("ERR-7")
        await operate(postgres, f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
        writer.write(framed(RICH))
        assert (await reply(reader)).code == "AA"
    assert await count(listening) == 1


async def operate(postgres: EmbeddedPostgres, statement: str) -> None:
    """Run a statement as the server's superuser."""
    connection = await asyncpg.connect(postgres.url("postgres").replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_stop_lets_the_message_at_hand_be_answered(run_service: Run) -> None:
    async with run_service("referrals", mllp_port=0, mllp_senders=SENDERS) as running:
        await register(running)
        async with connected(running) as (reader, writer), connected(running) as (idle, _):
            writer.write(framed(RICH))
            answering = asyncio.ensure_future(reply(reader))
            while not await count(running):
                await asyncio.sleep(0.01)
    assert (await answering).code == "AA"
    assert await is_closed(idle)


async def test_the_port_is_closed_unless_it_is_wanted_and_bound_to_this_machine(run_service: Run) -> None:
    async with run_service("referrals") as running:
        assert not hasattr(running.app.state, "mllp_port")
    async with run_service("referrals", mllp_port=0, mllp_senders=SENDERS) as running:
        port = running.app.state.mllp_port
        assert running.app.state.settings.mllp_host == "127.0.0.1"
    with pytest.raises(OSError, match=r"."), socket.create_connection(("127.0.0.1", port), timeout=2):
        pass


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and a certificate of it for each side."""
    folder = tmp_path_factory.mktemp("mllp")
    new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    own = ("-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority")
    subprocess.run([*new, *own], cwd=folder, check=True, capture_output=True)
    for name in ("relais", "hospital"):
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"subjectAltName=DNS:{name}.example")
        files = ("-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
        leaf = ("-addext", "basicConstraints=critical,CA:FALSE")
        subprocess.run([*new, *files, *signed, *leaf], cwd=folder, check=True, capture_output=True)
    return folder


async def test_with_an_authority_a_sender_must_show_its_certificate(run_service: Run, certificates: Path) -> None:
    files = {"mllp_certificate": "relais.pem", "mllp_key": "relais.key", "mllp_client_ca": "ca.pem"}
    paths = {name: certificates / file for name, file in files.items()}
    trusting = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    async with run_service("referrals", mllp_port=0, mllp_senders=SENDERS, **paths) as running:
        await register(running)
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await said(running, ssl=trusting, server_hostname="relais.example")
        async with connected(running) as (reader, writer):
            writer.write(framed(RICH))
            assert await is_closed(reader)
        assert await count(running) == 0
        trusting.load_cert_chain(certificates / "hospital.pem", certificates / "hospital.key")
        assert (await said(running, ssl=trusting, server_hostname="relais.example")).code == "AA"


def test_every_setting_of_the_port_stands_in_the_operators_example() -> None:
    listed = set(re.findall(r"^REFERRALS_(MLLP_[A-Z_]+)=", (ROOT / "deploy/env.example").read_text(), re.MULTILINE))
    assert {name.lower() for name in listed} == {name for name in Settings.model_fields if name.startswith("mllp")}
    guide = (ROOT / "services/referrals/docs/hl7v2.md").read_text()
    assert [name for name in listed if name.removeprefix("MLLP_") not in guide] == []


def test_an_empty_setting_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "SENDERS", "CERTIFICATE", "KEY", "CLIENT_CA"):
        monkeypatch.setenv(f"REFERRALS_MLLP_{name}", "")
    assert (made().mllp_port, made().mllp_certificate) == (None, None)


def test_a_facility_may_have_several_networks() -> None:
    senders = mllp_senders("A=a@10.0.0.0/8,A=a@fd00::/8,B=b@192.0.2.7/32")
    calls = [("A", "10.9.9.9"), ("A", "fd00::1"), ("A", "::ffff:10.1.1.1"), ("B", "192.0.2.7"), ("B", "192.0.2.8")]
    assert [organisation_of(senders, *call) for call in calls] == ["a", "a", "a", "b", None]


@pytest.mark.parametrize("listed", ["CHU", "CHU=chu", "CHU@10.0.0.0/8", "CHU=chu@10.0.0.1/8", "=chu@10.0.0.0/8"])
def test_a_list_of_senders_that_cannot_be_read_stops_the_start(listed: str) -> None:
    with pytest.raises(ValidationError):
        made(mllp_senders=listed)


def test_tls_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "x.pem"
    path.write_text("x")
    for wrong in ({"mllp_certificate": path}, {"mllp_key": path}, {"mllp_client_ca": path}):
        with pytest.raises(ValidationError):
            made(**wrong)


def made(**options: Any) -> Settings:
    """Settings as a process would have them."""
    needed = {
        "database_url": "postgresql+asyncpg://nowhere/x",
        "kafka_bootstrap_servers": "memory",
        "oidc_issuers": "https://login.example.org",
        "cursor_key": "sixteen characters",
        "audit_keys": "one:a key of the audit that is long enough",
        "encryption_keys": f"one:{b64encode(b'a key of 32 bytes for the tests.').decode()}",
    }
    return Settings(**{**needed, **options})
