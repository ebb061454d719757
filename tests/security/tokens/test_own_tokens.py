"""Our services as clients: known by a key, an assertion for a minute, and a token used for most of its life."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import BaseModel, ValidationError

from shared.client_key import ClientKey
from shared.http import Client, Http, PullFailed
from shared.local.issuer import DevelopmentIssuer
from shared.settings import Environment, ServiceSettings
from tests.security.tokens.assertions import ec_key

ORIGIN = "http://127.0.0.1:8000"
URL = f"{ORIGIN}/auth"
PEM = ec_key().as_pem(private=True).decode()


class Thing(BaseModel):
    """What a peer gives."""

    name: str


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """The issuer, which notes what it is asked, and one peer."""

    life: float | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    status: int = 200
    discovery: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.issuer = DevelopmentIssuer(URL, Environment.DEVELOPMENT)
        self._app = httpx.ASGITransport(self.issuer.app())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json={**self.issuer.configuration(), **self.discovery})
        if not request.url.path.startswith("/auth"):
            self.tokens.append(request.headers["authorization"])
            return httpx.Response(self.status, json={"name": "a thing"})
        self.asked.append(dict(parse_qsl(request.content.decode())))
        answer = await self._app.handle_async_request(request)
        if self.life is None:
            return answer
        given = json.loads(await answer.aread())
        return httpx.Response(200, json={**given, "expires_in": self.life})


def voice(wire: Wire, key: ClientKey | None = None) -> Http:
    """The voice of a service."""
    return Http(Client(transport=wire), URL, "service-intake", "a secret", lambda service: ORIGIN, key)


def registered(wire: Wire) -> ClientKey:
    """A key that the issuer knows as the service's."""
    key = ClientKey.read(PEM)
    wire.issuer.register("service-intake", {"keys": [key.public()]})
    return key


def claims_of(token: str) -> dict[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def test_a_service_proves_itself_with_its_key_for_a_minute() -> None:
    wire = Wire()
    await voice(wire, registered(wire)).get("referrals", "/thing", Thing)
    [asked] = wire.asked
    assert "client_secret" not in asked
    claims = claims_of(asked["client_assertion"])
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("service-intake", "service-intake", f"{URL}/token")
    assert claims_of(wire.tokens[0])["client_id"] == "service-intake"


async def test_without_a_key_it_says_its_secret() -> None:
    wire = Wire()
    await voice(wire).get("referrals", "/thing", Thing)
    assert wire.asked[0]["client_secret"] == "a secret"


async def test_a_key_that_nobody_registered_opens_nothing() -> None:
    wire = Wire()
    with pytest.raises(PullFailed):
        await voice(wire, ClientKey.read(PEM)).get("referrals", "/thing", Thing)
    assert wire.tokens == []


async def test_many_pulls_at_once_ask_for_one_token() -> None:
    wire = Wire()
    http = voice(wire, registered(wire))
    await asyncio.gather(*(http.get("referrals", "/thing", Thing) for _ in range(50)))
    assert (len(wire.asked), len(set(wire.tokens))) == (1, 1)


async def test_a_token_is_used_for_four_fifths_of_its_life_and_each_assertion_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire, now = Wire(life=100.0), [0.0]
    monkeypatch.setattr("shared.http.time", SimpleNamespace(monotonic=lambda: now[0]))
    http = voice(wire, registered(wire))
    asked = []
    for moment in (1.0, 50.0, 80.9, 81.1, 161.0, 161.2):
        now[0] = moment
        await http.get("referrals", "/thing", Thing)
        asked.append(len(wire.asked))
    assert asked == [1, 1, 1, 2, 2, 3]
    assert len({each["client_assertion"] for each in wire.asked}) == 3


async def test_a_token_that_a_peer_refuses_is_not_used_again() -> None:
    wire = Wire(status=401)
    http = voice(wire, registered(wire))
    for _ in range(2):
        with pytest.raises(PullFailed):
            await http.get("referrals", "/thing", Thing)
    assert len(wire.asked) == 2


@pytest.mark.parametrize("found", [{"issuer": "https://evil.test"}, {"token_endpoint": ""}])
async def test_no_proof_goes_where_another_issuer_s_document_points(found: Mapping[str, Any]) -> None:
    wire = Wire(discovery=found)
    with pytest.raises(PullFailed):
        await voice(wire, registered(wire)).get("referrals", "/thing", Thing)
    assert wire.asked == []


async def test_behind_tls_no_proof_goes_anywhere_without() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https"
        return httpx.Response(200, json={"issuer": "https://login.test", "token_endpoint": "http://login.test/token"})

    client = Client(transport=httpx.MockTransport(answer))
    http = Http(client, "https://login.test", "service-intake", "a secret", lambda service: ORIGIN)
    with pytest.raises(PullFailed):
        await http.get("referrals", "/thing", Thing)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a key",
        ec_key().as_pem(private=False).decode(),
        json.dumps(OctKey.generate_key(256).as_dict()),
        ECKey.generate_key("P-521").as_pem(private=True).decode(),
        '{"kty": "EC"}',
    ],
    ids=["empty", "no key", "public", "symmetric", "a curve that is not ours", "incomplete"],
)
def test_only_a_private_key_that_can_sign_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match="client_key"):
        ClientKey.read(text)


@pytest.mark.parametrize("make", [lambda: ECKey.generate_key("P-384"), lambda: RSAKey.generate_key(2048)])
def test_a_key_is_the_same_in_pem_and_as_jwk(make: Any) -> None:
    key = make()
    texts = (key.as_pem(private=True).decode(), json.dumps(key.as_dict(private=True)))
    one, other = (ClientKey.read(text) for text in texts)
    assert one.public() == other.public()
    assert "d" not in one.public()


def test_a_service_does_not_start_with_a_key_that_it_cannot_read() -> None:
    given: dict[str, Any] = {
        "database_url": "postgresql+asyncpg://x:a-hidden-password@127.0.0.1/x",
        "environment": Environment.DEVELOPMENT,
        "kafka_bootstrap_servers": "memory",
        "oidc_issuers": URL,
        "cursor_key": "a hidden cursor key",
    }
    assert ServiceSettings(**given, client_key=PEM).own_key() == ClientKey.read(PEM)
    with pytest.raises(ValidationError, match="client_key") as refusal:
        ServiceSettings(**given, client_key="a hidden key")
    assert "hidden" not in str(refusal.value)
