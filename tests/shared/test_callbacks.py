"""Addresses that others gave us: only public https is called, whatever the address looks like."""

import asyncio
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from shared import callbacks
from shared.callbacks import CallbackFailed, CallbackRefused, Callbacks, is_allowed, networks, target_of
from shared.settings import Environment, ServiceSettings

LOOPBACK = networks("127.0.0.0/8, ::1")


@dataclass
class Receiver:
    """A real listener on loopback; `seen` has every connection with what it said."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    port: int = 0
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.seen.append(head)
            writer.write(self.answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(answer: bytes = Receiver.answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer)
    async with await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls) as server:
        receiver.port = server.sockets[0].getsockname()[1]
        yield receiver
        await asyncio.sleep(0.05)  # let the listener notice what broke off


def resolving(*rounds: Sequence[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A resolver that gives these numbers, round after round, and then the last for ever."""
    left = list(rounds)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


HOSTILE = [
    "https://127.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://0.0.0.0:{port}/",
    "https://0:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[0:0:0:0:0:ffff:7f00:0001]:{port}/",
    "https://[::7f00:1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[fe80::1%25lo]:{port}/",
    "https://[fc00::1]:{port}/",
    "https://localhost:{port}/",
    "https://LOCALHOST.:{port}/",
    "https://user@127.0.0.1:{port}/",
    "https://example.org@127.0.0.1:{port}/",
    "https://example.org:443@127.0.0.1:{port}/",
    "https://example.org\\@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}#@example.org/",
    "https://127.0.0.1:{port}%2f@example.org/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://127。0。0。1:{port}/",
    "https://127.0.0.1\t:{port}/",
    "https://127.0.0.1:{port}/\r\nHost: x",
    "https:127.0.0.1:{port}/",
    "https:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "https://10.0.0.1:{port}/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://127.0.0.1:22/",
    "https://127.0.0.1:6000/",
    "https://127.0.0.1:0/",
    "https://127.0.0.1:99999/",
    "https://127.0.0.1:{port}/" + "a" * 2100,
    "",
]


async def test_no_hostile_address_is_ever_connected() -> None:
    async with receiving() as receiver:
        out = Callbacks()
        for url in HOSTILE:
            with pytest.raises(CallbackRefused):
                await out.post(url.format(port=receiver.port), b"{}", {})
            with pytest.raises(CallbackRefused):
                await out.check(url.format(port=receiver.port))
        await out.close()
        assert (receiver.connections, len(HOSTILE) >= 30) == (0, True)


async def test_plain_http_is_for_development_and_the_rest_of_the_rules_stay() -> None:
    async with receiving() as receiver:
        out = Callbacks(insecure=True)
        for url in HOSTILE:
            with pytest.raises(CallbackRefused):
                await out.post(url.format(port=receiver.port).replace("https:", "http:"), b"{}", {})
        assert receiver.connections == 0


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        ("193.190.1.1", True),
        ("2a02:2c8::1", True),
        ("192.168.4.1", False),
        ("172.31.255.255", False),
        ("198.18.0.1", False),
        ("192.0.2.1", False),
        ("240.0.0.1", False),
        ("fec0::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("2001:0:7f00:1::", False),
        ("2002:c0a8:401::", False),
        ("64:ff9b::a00:1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:193.190.1.1", True),
        ("::10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("not-a-number", False),
    ],
)
def test_a_number_is_called_only_when_it_is_public(number: str, allowed: bool) -> None:
    assert is_allowed(number, ()) is allowed


def test_the_operator_allows_private_networks_one_by_one() -> None:
    listed = networks("10.20.0.0/16, fd00:1::/32")
    numbers = ("10.20.3.4", "::ffff:10.20.3.4", "fd00:1::7", "10.21.0.1", "fd00:2::7", "127.0.0.1")
    assert [is_allowed(number, listed) for number in numbers] == [True, True, True, False, False, False]


async def test_one_private_number_among_public_ones_refuses_the_name() -> None:
    async with receiving() as receiver:
        for numbers in (["193.190.1.1", "127.0.0.1"], ["127.0.0.1", "193.190.1.1"], ["2a02:2c8::1", "::ffff:7f00:1"]):
            with pytest.raises(CallbackRefused, match="network-refused"):
                await Callbacks(resolve=resolving(numbers)).post(f"https://h.example:{receiver.port}/", b"", {})
        assert receiver.connections == 0


async def test_a_name_that_moves_to_a_private_number_after_the_check_is_refused_at_the_call() -> None:
    async with receiving() as receiver:
        out = Callbacks(resolve=resolving(["193.190.1.1"], ["127.0.0.1"]))
        url = f"https://moving.example:{receiver.port}/"
        await out.check(url)
        with pytest.raises(CallbackRefused):
            await out.post(url, b"", {})
        assert receiver.connections == 0


async def test_a_name_is_resolved_once_and_the_connection_goes_to_that_number_with_the_names_host() -> None:
    async with receiving() as receiver:
        out = Callbacks(LOOPBACK, insecure=True, resolve=resolving(["127.0.0.1"], ["127.9.9.9"]))
        answer = await out.post(f"http://ward.example:{receiver.port}/a?b=c", b"{}", {"x-one": "1", "host": "evil"})
        head = receiver.seen[0].decode().lower()
        assert answer.status == 204
        assert head.startswith("post /a?b=c http/1.1")
        assert (f"host: ward.example:{receiver.port}\r\n" in head, "evil" in head, "x-one: 1" in head) == (
            True,
            False,
            True,
        )
        await out.close()


async def test_the_next_number_is_tried_when_one_does_not_answer() -> None:
    async with receiving() as receiver:
        out = Callbacks(LOOPBACK, insecure=True, resolve=resolving(["127.0.0.2", "127.0.0.1"]))
        assert (await out.post(f"http://ward.example:{receiver.port}/", b"", {})).status == 204
        await out.close()


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiving() as elsewhere:
        location = f"HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:{elsewhere.port}/\r\ncontent-length: 0\r\n\r\n"
        async with receiving(location.encode()) as receiver:
            out = Callbacks(LOOPBACK, insecure=True)
            assert (await out.post(f"http://127.0.0.1:{receiver.port}/", b"", {})).status == 307
            await out.close()
        assert elsewhere.connections == 0


async def test_no_proxy_of_the_environment_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        out = Callbacks(LOOPBACK, insecure=True)
        assert (await out.post(f"http://127.0.0.1:{receiver.port}/", b"", {})).status == 204
        await out.close()
        assert (proxy.connections, receiver.connections) == (0, 1)


async def test_of_a_long_answer_64_kilobytes_are_read() -> None:
    long = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000
    async with receiving(long) as receiver:
        out = Callbacks(LOOPBACK, insecure=True)
        answer = await out.post(f"http://127.0.0.1:{receiver.port}/", b"", {})
        assert (answer.status, len(answer.content), answer.is_whole) == (200, 65536, False)
        await out.close()


async def test_a_slow_answer_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "TOTAL_SECONDS", 0.3)

    ended = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await asyncio.sleep(0.05)
        ended.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        out = Callbacks(LOOPBACK, insecure=True)
        began = time.monotonic()
        with pytest.raises(CallbackFailed, match="timeout"):
            await out.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"", {})
        assert time.monotonic() - began < 1
        await asyncio.wait_for(ended.wait(), 5)
        await out.close()


async def test_what_cannot_be_reached_has_a_word_for_it() -> None:
    async with receiving(b"no http at all\r\n\r\n") as receiver:
        out = Callbacks(LOOPBACK, insecure=True)
        for url, code in (
            ("http://127.0.0.1:1025/", "not-reached"),
            (f"http://127.0.0.1:{receiver.port}/", "broken"),
            ("http://nobody.invalid/", "host-unknown"),
        ):
            with pytest.raises(CallbackFailed, match=code):
                await out.post(url, b"", {})
        await out.close()


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a receiver's certificate for `ward.example`, and one of our own."""
    folder = tmp_path_factory.mktemp("tls")
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    openssl(folder, *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority")
    for name in ("ward.example", "relais.example"):
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"subjectAltName=DNS:{name}")
        plain = ("-addext", "basicConstraints=critical,CA:FALSE")
        openssl(folder, *new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}", *signed, *plain)
    return folder


def server_side(certificates: Path, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "ward.example.pem", certificates / "ward.example.key")
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates / "ca.pem")
    return context


async def test_the_certificate_must_be_of_the_name_although_a_number_is_connected(certificates: Path) -> None:
    authority = str(certificates / "ca.pem")
    async with receiving(tls=server_side(certificates)) as receiver:
        at = resolving(["127.0.0.1"])
        known = Callbacks(LOOPBACK, authorities=authority, resolve=at)
        assert (await known.post(f"https://ward.example:{receiver.port}/", b"", {})).status == 204
        for out, name in (
            (known, "other.example"),
            (known, "127.0.0.1"),
            (Callbacks(LOOPBACK, resolve=at), "ward.example"),
        ):
            with pytest.raises(CallbackFailed, match="tls"):
                await out.post(f"https://{name}:{receiver.port}/", b"", {})
        assert len(receiver.seen) == 1


async def test_our_own_certificate_is_shown_where_it_is_asked_for(certificates: Path) -> None:
    authority = str(certificates / "ca.pem")
    mine = (str(certificates / "relais.example.pem"), str(certificates / "relais.example.key"))
    async with receiving(tls=server_side(certificates, mutual=True)) as receiver:
        at = resolving(["127.0.0.1"])
        url = f"https://ward.example:{receiver.port}/"
        shown = Callbacks(LOOPBACK, authorities=authority, certificate=mine, resolve=at)
        assert (await shown.post(url, b"", {})).status == 204
        with pytest.raises(CallbackFailed):
            await Callbacks(LOOPBACK, authorities=authority, resolve=at).post(url, b"", {})


def settings(**values: object) -> ServiceSettings:
    needed = {
        "database_url": SecretStr("postgresql+asyncpg://x"),
        "kafka_bootstrap_servers": "x",
        "oidc_issuers": "https://login.example.org",
        "cursor_key": SecretStr("a key of sixteen characters"),
        "audit_keys": SecretStr("one:a key of the audit that is long enough"),
        "encryption_keys": SecretStr(f"one:{b64encode(b'a key of 32 bytes for the tests.').decode()}"),
    }
    return ServiceSettings(**{**needed, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values",
    [
        {"callback_insecure": True},
        {"callback_networks": "10.0.0.1/8"},
        {"callback_networks": "all"},
        {"callback_key": "k"},
    ],
)
def test_settings_that_would_open_too_much_or_say_nothing_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**values)


def test_the_operators_settings_are_what_is_used() -> None:
    chosen = settings(callback_networks="10.20.0.0/16", callback_certificate="c", callback_key="k")
    made = Callbacks.of(chosen)
    assert (made.allowed, made.insecure, made.certificate) == (networks("10.20.0.0/16"), False, ("c", "k"))
    assert Callbacks.of(settings(environment=Environment.DEVELOPMENT, callback_insecure=True)).insecure


def test_a_plain_address_is_taken_apart_as_it_reads() -> None:
    found = target_of("https://Ward-1.Example.org/hooks/a?b=c")
    assert (found.host, found.port, found.path, found.authority) == (
        "ward-1.example.org",
        443,
        "/hooks/a?b=c",
        "ward-1.example.org",
    )
    assert str(target_of("https://[2a02:2c8::1]:8443/x").at("2a02:2c8::1")) == "https://[2a02:2c8::1]:8443/x"
