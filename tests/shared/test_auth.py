"""Tokens: believed only when everything about them is right, whatever a caller sends."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from shared import auth
from shared.auth import Tokens
from shared.local.issuer import DevelopmentIssuer, IssuerRefused
from shared.settings import Environment
from shared.testing.harness import ISSUER, UnderTest

URL = "https://issuer.test/auth"
KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
OTHER = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
PATH = "/counting/counters"


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of a good token, some changed; None leaves one out."""
    now = int(time.time())
    good = {"iss": ISSUER.issuer, "sub": "operator", "aud": "relais", "iat": now, "exp": now + 300}
    good |= {"roles": ["operator"], "org_id": "relais"}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(key: ECKey = ISSUER.key, header: Mapping[str, Any] | None = None, **changed: Any) -> str:
    """A token of the harness's issuer, or of another key under any header."""
    given = {"alg": "ES256", "kid": ISSUER.key.kid, **(header or {})}
    payload = json.dumps(claims(**changed)).encode()
    registry = jws.JWSRegistry(strict_check_header=False)
    return jws.serialize_compact(given, payload, key, algorithms=["ES256"], registry=registry)


def part(value: Any) -> str:
    """One part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def pieces() -> tuple[str, str, str]:
    """The three parts of a good token."""
    header, payload, signature = signed().split(".")
    return header, payload, signature


def signed_with_the_public_key() -> str:
    """HS256 with the bytes of our public key as the secret: the classic confusion."""
    content = f"{part({'alg': 'HS256', 'kid': ISSUER.key.kid})}.{part(claims())}"
    return f"{content}.{part(hmac.digest(ISSUER.key.as_pem(private=False), content.encode(), 'sha256'))}"


def with_its_own_key(name: str) -> str:
    """A stranger's token that brings its key along, or says where to find it."""
    value = OTHER.as_dict(private=False) if name == "jwk" else "https://evil.test/jwks.json"
    return signed(OTHER, {name: value, "kid": ISSUER.key.kid})


def critical() -> str:
    """Rightly signed, under a header that must be understood and is not."""
    header = {"alg": "ES256", "kid": ISSUER.key.kid, "crit": ["x-new"], "x-new": 1}
    content = f"{part(header)}.{part(claims())}"
    return f"{content}.{part(jws.JWSRegistry.algorithms['ES256'].sign(content.encode(), ISSUER.key))}"


HOSTILE: Mapping[str, Callable[[], str]] = {
    "no algorithm": lambda: f"{part({'alg': 'none', 'kid': ISSUER.key.kid})}.{part(claims())}.",
    "no algorithm, some signature": lambda: f"{part({'alg': 'none'})}.{part(claims())}.{pieces()[2]}",
    "algorithm in a list": lambda: f"{part({'alg': ['ES256'], 'kid': ISSUER.key.kid})}.{part(claims())}.{pieces()[2]}",
    "HS256 signed with the public key": signed_with_the_public_key,
    "an RSA algorithm for an elliptic key": lambda: jwt.encode(
        {"alg": "RS256", "kid": ISSUER.key.kid}, claims(), RSAKey.generate_key(2048)
    ),
    "another key under the same kid": lambda: signed(OTHER),
    "an unknown kid": lambda: signed(OTHER, {"kid": "nobody"}),
    "no kid": lambda: f"{part({'alg': 'ES256'})}.{pieces()[1]}.{pieces()[2]}",
    "another issuer": lambda: signed(iss="https://evil.test/auth"),
    "the issuer with a slash more": lambda: signed(iss=f"{ISSUER.issuer}/"),
    "no issuer": lambda: signed(iss=None),
    "another audience": lambda: signed(aud="payroll"),
    "other audiences": lambda: signed(aud=["payroll", "relais-test"]),
    "an audience that only contains ours": lambda: signed(aud="relais payroll"),
    "no audience": lambda: signed(aud=None),
    "expired beyond the leeway": lambda: signed(exp=int(time.time()) - 31),
    "no expiry": lambda: signed(exp=None),
    "an expiry in words": lambda: signed(exp=str(int(time.time()) + 300)),
    "an expiry that is true": lambda: signed(exp=True),
    "an expiry that is no number": lambda: signed(exp=float("nan")),
    "an expiry that never comes": lambda: signed(exp=float("inf")),
    "not valid yet": lambda: signed(nbf=int(time.time()) + 60),
    "issued in the future": lambda: signed(iat=int(time.time()) + 60),
    "no subject": lambda: signed(sub=None),
    "an empty subject": lambda: signed(sub=""),
    "a subject that is a number": lambda: signed(sub=7),
    "roles that are no list": lambda: signed(roles="operator"),
    "roles that are a map": lambda: signed(roles={"operator": True}),
    "realm roles that are no list": lambda: signed(roles=None, realm_access={"roles": "operator"}),
    "a critical header": critical,
    "a key of its own": lambda: with_its_own_key("jwk"),
    "an address of its keys": lambda: with_its_own_key("jku"),
    "an altered payload": lambda: f"{pieces()[0]}.{part(claims(sub='coordinator'))}.{pieces()[2]}",
    "truncated": lambda: signed()[:-5],
    "without a signature": lambda: ".".join(pieces()[:2]),
    "a detached payload": lambda: f"{pieces()[0]}..{pieces()[2]}",
    "three empty parts": lambda: "..",
    "five parts": lambda: "a.b.c.d.e",
    "too long": lambda: signed(padding="x" * 9000),
    "no token at all": lambda: "believe-me",
    "a header that is a list": lambda: f"{part(['ES256'])}.{pieces()[1]}.{pieces()[2]}",
    "a payload that is a list": lambda: f"{pieces()[0]}.{part([claims()])}.{pieces()[2]}",
    "a header that is no JSON": lambda: f"{part(b'{alg: ES256}')}.{pieces()[1]}.{pieces()[2]}",
    "a header nested without end": lambda: f"{part(b'[' * 5000)}.{pieces()[1]}.{pieces()[2]}",
}


async def test_a_good_token_is_believed(counting: UnderTest) -> None:
    async with counting.client() as client:
        answer = await client.get(PATH, headers={"authorization": f"Bearer {signed()}"})
    assert answer.status_code == 200


async def test_every_hostile_token_is_refused_with_a_challenge(counting: UnderTest) -> None:
    believed = {}
    async with counting.client() as client:
        for name, make in HOSTILE.items():
            answer = await client.get(PATH, headers={"authorization": f"Bearer {make()}"})
            challenge = answer.headers.get("www-authenticate", "")
            if answer.status_code != 401 or 'error="invalid_token"' not in challenge:
                believed[name] = (answer.status_code, challenge)
            elif answer.json()["code"] != "unauthenticated":
                believed[name] = (401, answer.text)
    assert believed == {}


async def test_without_a_bearer_token_there_is_a_plain_challenge(counting: UnderTest) -> None:
    async with counting.client() as client:
        for header in ("", "Bearer", "Bearer ", "Basic b3BlcmF0b3I6", signed(), f"Token {signed()}"):
            answer = await client.get(PATH, headers={"authorization": header})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="relais"')


async def test_clocks_may_differ_by_half_a_minute_and_no_more(counting: UnderTest) -> None:
    now = int(time.time())
    tokens = {
        signed(exp=now - 20): 200,
        signed(nbf=now + 20): 200,
        signed(exp=now - 33): 401,
        signed(nbf=now + 33): 401,
    }
    async with counting.client() as client:
        for token, status in tokens.items():
            assert (await client.get(PATH, headers={"authorization": f"Bearer {token}"})).status_code == status


async def test_a_remembered_token_is_forgotten_when_it_expires(counting: UnderTest) -> None:
    token = signed(exp=int(time.time()) - auth.LEEWAY + 2)
    async with counting.client() as client:
        headers = {"authorization": f"Bearer {token}"}
        assert (await client.get(PATH, headers=headers)).status_code == 200
        deadline = time.monotonic() + 5
        while (await client.get(PATH, headers=headers)).status_code == 200:
            assert time.monotonic() < deadline, "still believed after its end"
            await asyncio.sleep(0.1)


async def test_a_token_shaped_as_keycloak_makes_it_is_believed(counting: UnderTest) -> None:
    token = signed(
        header={"typ": "JWT"},
        roles=None,
        realm_access={"roles": ["offline_access", "operator"]},
        aud=["account", "relais"],
        azp="console",
        typ="Bearer",
    )
    async with counting.client() as client:
        answer = await client.get(PATH, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


class CountedIssuer(httpx.AsyncBaseTransport):
    """An issuer on the wire that counts how often its keys are fetched, and can be away."""

    def __init__(self, *keys: ECKey) -> None:
        self.keys = list(keys)
        self.fetched = 0
        self.away = False
        self.careless: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer discovery and the keys."""
        await asyncio.sleep(0)
        if self.away:
            return httpx.Response(503)
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json={"issuer": URL, "jwks_uri": f"{URL}/jwks.json"})
        self.fetched += 1
        public: list[dict[str, Any]] = [{**key.as_dict(private=False), "kid": key.kid} for key in self.keys]
        return httpx.Response(200, json={"keys": self.careless + public})


def of(key: ECKey, kid: str | None = None) -> str:
    """A good token of one key."""
    return signed(key, {"kid": kid or str(key.kid)}, iss=URL)


@pytest.fixture
def wire() -> CountedIssuer:
    """An issuer with one key."""
    return CountedIssuer(KEY)


@pytest.fixture
def tokens(wire: CountedIssuer) -> Tokens:
    """What a service knows of that issuer."""
    return Tokens([URL], "relais", httpx.AsyncClient(transport=wire))


async def refused(tokens: Tokens, token: str) -> str:
    """Why a token is refused."""
    with pytest.raises(auth.TokenRefused) as refusal:
        await tokens.caller(token)
    return str(refusal.value)


async def test_a_hundred_unknown_keys_at_once_cost_one_fetch(tokens: Tokens, wire: CountedIssuer) -> None:
    await tokens.caller(of(KEY))
    wire.fetched = 0
    reasons = await asyncio.gather(*(refused(tokens, of(OTHER, f"unknown-{number}")) for number in range(100)))
    assert set(reasons) == {"unknown-key"}
    assert wire.fetched <= 1


async def test_a_hundred_good_tokens_at_once_cost_one_fetch(tokens: Tokens, wire: CountedIssuer) -> None:
    callers = await asyncio.gather(*(tokens.caller(signed(KEY, {"kid": KEY.kid}, iss=URL, n=n)) for n in range(100)))
    assert {caller.subject for caller in callers} == {"operator"}
    assert wire.fetched == 1


async def test_an_issuer_that_is_away_is_not_hammered(tokens: Tokens, wire: CountedIssuer) -> None:
    wire.away = True
    with pytest.raises(auth.IssuerUnreachable):
        await tokens.caller(of(KEY))
    assert {await refused(tokens, of(KEY)) for _ in range(50)} == {"issuer-unreachable"}
    wire.away = False
    wire.fetched = 0
    await asyncio.gather(*(refused(tokens, of(KEY)) for _ in range(50)))
    assert wire.fetched <= 1


async def test_a_new_key_is_learnt_once_the_pause_between_fetches_is_over(
    tokens: Tokens, wire: CountedIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tokens.caller(of(KEY))
    wire.keys = [KEY, OTHER]
    assert await refused(tokens, of(OTHER)) == "unknown-key"
    monkeypatch.setattr(auth, "REFETCH_AFTER", 0.0)
    assert (await tokens.caller(of(OTHER))).subject == "operator"
    assert (await tokens.caller(of(KEY))).subject == "operator"


async def test_known_keys_outlive_an_issuer_that_is_away(
    tokens: Tokens, wire: CountedIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tokens.caller(of(KEY))
    wire.away = True
    monkeypatch.setattr(auth, "REFETCH_AFTER", 0.0)
    assert await refused(tokens, of(OTHER)) == "unknown-key"
    assert (await tokens.caller(signed(KEY, {"kid": KEY.kid}, iss=URL, n=2))).subject == "operator"


async def test_one_issuer_cannot_speak_for_another(wire: CountedIssuer) -> None:
    both = Tokens([URL, "https://second.test/auth"], "relais", httpx.AsyncClient(transport=wire))
    assert (await both.caller(of(KEY))).subject == "operator"
    other_keys = Tokens([URL, ISSUER.issuer], "relais", httpx.AsyncClient(transport=wire))
    assert await refused(other_keys, of(OTHER)) == "unknown-key"


async def test_symmetric_and_private_keys_of_an_issuer_are_not_taken(tokens: Tokens, wire: CountedIssuer) -> None:
    leaked = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    wire.careless = [{"kty": "oct", "kid": "shared", "k": part(b"secret" * 8)}, leaked.as_dict(private=True)]
    assert (await tokens.caller(of(KEY))).subject == "operator"
    assert await refused(tokens, of(leaked)) == "unknown-key"
    assert await refused(tokens, of(KEY, "shared")) == "unknown-key"


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        (Environment.PRODUCTION, "127.0.0.1"),
        (Environment.DEVELOPMENT, "0.0.0.0"),
        (Environment.DEVELOPMENT, "10.0.0.7"),
        (Environment.DEVELOPMENT, "::"),
    ],
)
def test_the_development_issuer_refuses_production_and_open_networks(environment: Environment, host: str) -> None:
    with pytest.raises(IssuerRefused):
        DevelopmentIssuer("http://127.0.0.1/auth", environment, host)


def test_the_development_issuer_publishes_no_private_key() -> None:
    issuer = DevelopmentIssuer("http://127.0.0.1/auth", Environment.DEVELOPMENT)
    assert all("d" not in key for key in issuer.jwks()["keys"])
