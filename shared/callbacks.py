"""Calls to addresses that others gave us: https to public networks only, unless the operator allowed more."""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import urlsplit

import httpx

from shared.settings import ServiceSettings

LIMIT = httpx.Timeout(10.0, connect=3.0)
TOTAL_SECONDS = 10.0
MAX_ANSWER = 64 * 1024
MAX_URL = 2048

Network = IPv4Network | IPv6Network
IP = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

GLOBAL_UNICAST = ip_network("2000::/3")
TUNNELS = (ip_network("2001::/32"), ip_network("2002::/16"))
"""Teredo and 6to4: an address in these leads to an IPv4 address that nobody looked at."""

_PLAIN_URL = re.compile(r"[!-~]+")
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
"""A host name whose last label begins with a letter: every other way to write a number is none (RFC 3696, 2)."""

BLOCKED_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}
)
"""Ports above 1023 at which other protocols listen (WHATWG Fetch, 2.9 Port blocking)."""


class CallbackFailed(Exception):
    """The call brought no answer; `code` is a stable word for it, never a text of the other side."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CallbackRefused(CallbackFailed):
    """We do not call this address, and no connection was made."""


@dataclass(frozen=True)
class CallbackAnswer:
    """What came back: at most 64 kB of it; `is_whole` is false where more was on its way."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    is_whole: bool = True


@dataclass(frozen=True)
class Target:
    """An address to call, taken apart: nothing reads the text again."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_usual_port(self) -> bool:
        """Whether the port goes without saying."""
        return self.port == {"http": 80, "https": 443}[self.scheme]

    def at(self, number: str) -> httpx.URL:
        """The same resource at one resolved number."""
        host = f"[{number}]" if ":" in number else number
        return httpx.URL(f"{self.scheme}://{host}:{self.port}{self.path}")

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.is_usual_port else f"{host}:{self.port}"


def target_of(url: str, *, insecure: bool = False) -> Target:
    """A URL taken apart; raises CallbackRefused for everything that is not a plain https URL of a host."""
    if len(url) > MAX_URL or not _PLAIN_URL.fullmatch(url) or "\\" in url:
        raise CallbackRefused("url-malformed")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CallbackRefused("url-malformed") from None
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not insecure):
        raise CallbackRefused("url-not-https")
    if "@" in parts.netloc or "#" in url:
        raise CallbackRefused("url-malformed")
    port = (443 if parts.scheme == "https" else 80) if port is None else port
    if port in BLOCKED_PORTS or not (port in (80, 443) or 1024 <= port <= 65535):
        raise CallbackRefused("url-port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _host_of(parts.hostname or ""), port, path)


def _host_of(host: str) -> str:
    """A host name, or a number in its one canonical form."""
    bare = host.rstrip(".") if not host.endswith("..") else host
    if _NAME.fullmatch(bare):
        return bare
    try:
        number = ip_address(host)
    except ValueError:
        raise CallbackRefused("url-host") from None
    if "%" in host or str(number) != host:
        raise CallbackRefused("url-host")
    return host


def networks(listed: str) -> tuple[Network, ...]:
    """Networks from their list with commas; raises ValueError."""
    return tuple(ip_network(each.strip()) for each in listed.split(",") if each.strip())


def is_allowed(number: str, allowed: Iterable[Network]) -> bool:
    """Whether we connect to this number: public, one to one, reachable from anywhere; or on the operator's list."""
    try:
        found: IP = ip_address(number)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found in network for network in allowed):
        return True
    if isinstance(found, IPv6Address) and (found not in GLOBAL_UNICAST or any(found in each for each in TUNNELS)):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


async def resolved(host: str, port: int) -> Sequence[str]:
    """Every number of a host, as the machine's resolver gives them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass
class Callbacks:
    """The one way out to addresses that others gave us.

    A name is resolved once for each call; every number must be allowed, and the connection goes to one of them.
    """

    allowed: tuple[Network, ...] = ()
    insecure: bool = False
    certificate: tuple[str, str] | None = None
    authorities: str | None = None
    resolve: Resolve = resolved
    _client: httpx.AsyncClient | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """As the operator set it."""
        certificate = (settings.callback_certificate, settings.callback_key) if settings.callback_certificate else None
        allowed = networks(settings.callback_networks)
        return cls(allowed, settings.callback_insecure, certificate, settings.callback_authorities or None)

    async def check(self, url: str) -> None:
        """Raise CallbackRefused unless the address could be called now; nothing is connected."""
        await self._numbers(target_of(url, insecure=self.insecure))

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> CallbackAnswer:
        """Send a POST; any status is an answer, a redirect is not followed. Raises CallbackFailed."""
        return await self.send("POST", url, content, headers)

    async def send(self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]) -> CallbackAnswer:
        """Send a request within ten seconds, all in all. Raises CallbackFailed."""
        target = target_of(url, insecure=self.insecure)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._send(method, target, await self._numbers(target), content, headers)
        except TimeoutError:
            raise CallbackFailed("timeout") from None

    async def close(self) -> None:
        """Close what is open."""
        if self._client is not None:
            await self._client.aclose()

    async def _numbers(self, target: Target) -> Sequence[str]:
        try:
            async with asyncio.timeout(LIMIT.connect):
                numbers = await self.resolve(target.host, target.port)
        except (OSError, UnicodeError, TimeoutError):
            raise CallbackFailed("host-unknown") from None
        if not numbers:
            raise CallbackFailed("host-unknown")
        if not all(is_allowed(number, self.allowed) for number in numbers):
            raise CallbackRefused("network-refused")
        return numbers

    async def _send(
        self, method: str, target: Target, numbers: Sequence[str], content: bytes | None, headers: Mapping[str, str]
    ) -> CallbackAnswer:
        """Try the numbers in turn until one is connected."""
        failure = CallbackFailed("not-reached")
        sent = {**headers, "host": target.authority, "accept-encoding": "identity", "user-agent": "relais"}
        for number in numbers:
            request = self.client.build_request(
                method,
                target.at(number),
                content=content,
                headers=sent,
                extensions={"sni_hostname": target.host, "timeout": LIMIT.as_dict()},
            )
            try:
                return await self._exchange(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = CallbackFailed("tls" if _is_of_tls(error) else "not-reached")
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise CallbackFailed("timeout" if isinstance(error, httpx.TimeoutException) else "broken") from None
        raise failure

    async def _exchange(self, request: httpx.Request) -> CallbackAnswer:
        answer = await self.client.send(request, stream=True)
        try:
            content = bytearray()
            async for part in answer.aiter_raw():
                content += part
                if len(content) > MAX_ANSWER:
                    break
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return CallbackAnswer(answer.status_code, headers, bytes(content[:MAX_ANSWER]), len(content) <= MAX_ANSWER)

    @property
    def client(self) -> httpx.AsyncClient:
        """A client without redirects and proxies, and without kept connections.

        Two hosts at one number would share a kept connection, although its certificate spoke for one of them.
        """
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=self._trust(),
                timeout=LIMIT,
                follow_redirects=False,
                trust_env=False,
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        return self._client

    def _trust(self) -> ssl.SSLContext:
        trust = httpx.create_ssl_context(trust_env=False)
        if self.authorities:
            trust.load_verify_locations(self.authorities)
        if self.certificate:
            trust.load_cert_chain(*self.certificate)
        return trust


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether a certificate or the like lies at the root of an error."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None
