"""SMART Backend Services at the development issuer: a signed assertion, once, and a token for five minutes."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx
import pytest

from shared.local.issuer import DevelopmentIssuer
from shared.settings import Environment
from tests.security.tokens.assertions import Key, ec_key, form, public, rsa_key, signed

URL = "http://127.0.0.1:8000/auth"
TOKEN = f"{URL}/token"
CLIENT = "hospital-chu"
KEY, OTHER = ec_key(), ec_key()


@pytest.fixture
async def issuer() -> AsyncIterator[httpx.AsyncClient]:
    """An issuer at which two hospitals have registered their keys."""
    app = DevelopmentIssuer(URL, Environment.DEVELOPMENT).app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        for name, key in ((CLIENT, KEY), ("hospital-other", OTHER)):
            assert (await client.put(f"/auth/clients/{name}/jwks", json=public(key))).status_code == 200
        yield client


def claims_of(token: str) -> Mapping[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    found: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@pytest.mark.parametrize("make", [ec_key, rsa_key])
async def test_a_good_assertion_gives_a_token_for_five_minutes(
    issuer: httpx.AsyncClient, make: Callable[[], Key]
) -> None:
    key = make()
    await issuer.put(f"/auth/clients/{CLIENT}/jwks", json=public(key))
    asked = form(signed(key, CLIENT, TOKEN), scope="system/ServiceRequest.c system/Task.rs")
    answer = await issuer.post("/auth/token", data=asked)
    given = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 300)
    assert given["scope"] == "system/ServiceRequest.c system/Task.rs"
    claims = claims_of(given["access_token"])
    assert claims["scope"] == given["scope"]
    assert claims["exp"] - claims["iat"] == 300
    assert (claims["org_id"], claims["client_id"]) == ("chu", CLIENT)


async def test_the_same_assertion_is_taken_once(issuer: httpx.AsyncClient) -> None:
    asked = form(signed(KEY, CLIENT, TOKEN))
    answers = [await issuer.post("/auth/token", data=asked) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 401, 401]
    assert answers[1].json() == {"error": "invalid_client"}
    fresh = form(signed(KEY, CLIENT, TOKEN))
    assert (await issuer.post("/auth/token", data=fresh)).status_code == 200


async def test_the_number_of_one_client_does_not_use_up_another_s(issuer: httpx.AsyncClient) -> None:
    for key, client in ((KEY, CLIENT), (OTHER, "hospital-other")):
        answer = await issuer.post("/auth/token", data=form(signed(key, client, TOKEN, jti="7")))
        assert answer.status_code == 200


def part(value: Mapping[str, Any]) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def with_header(**header: Any) -> str:
    """A good assertion under another header, its signature no longer fitting."""
    _, payload, signature = signed(KEY, CLIENT, TOKEN).split(".")
    return f"{part({'alg': 'ES384', 'kid': KEY.kid, **header})}.{payload}.{signature}"


def symmetric() -> str:
    """HS256 with our public key as the secret."""
    content = f"{part({'alg': 'HS256', 'kid': KEY.kid})}.{signed(KEY, CLIENT, TOKEN).split('.')[1]}"
    digest = hmac.digest(KEY.as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def soon(seconds: int) -> int:
    """A moment from now."""
    return int(time.time()) + seconds


REFUSED: Mapping[str, Callable[[], str]] = {
    "no algorithm": lambda: f"{part({'alg': 'none', 'kid': KEY.kid})}.{signed(KEY, CLIENT, TOKEN).split('.')[1]}.x",
    "a symmetric algorithm": symmetric,
    "an algorithm that SMART does not know": lambda: with_header(alg="ES256"),
    "the key of another client": lambda: signed(OTHER, CLIENT, TOKEN),
    "the key of another client under ours": lambda: signed(OTHER, CLIENT, TOKEN, {"kid": KEY.kid}),
    "a key that it brings along": lambda: with_header(jwk=public(OTHER)["keys"][0]),
    "no kid": lambda: signed(KEY, CLIENT, TOKEN, {"kid": "nobody"}),
    "a client that nobody knows": lambda: signed(KEY, "nobody", TOKEN),
    "a client without a registered key": lambda: signed(KEY, "line-nurse", TOKEN),
    "another subject": lambda: signed(KEY, CLIENT, TOKEN, sub="hospital-other"),
    "no subject": lambda: signed(KEY, CLIENT, TOKEN, sub=None),
    "another audience": lambda: signed(KEY, CLIENT, "https://login.example.org/token"),
    "the audience of our services": lambda: signed(KEY, CLIENT, "relais"),
    "several audiences": lambda: signed(KEY, CLIENT, TOKEN, aud=[TOKEN, "https://login.example.org/token"]),
    "no audience": lambda: signed(KEY, CLIENT, TOKEN, aud=None),
    "an end in an hour": lambda: signed(KEY, CLIENT, TOKEN, exp=soon(3600)),
    "an end a little too far": lambda: signed(KEY, CLIENT, TOKEN, exp=soon(303)),
    "expired": lambda: signed(KEY, CLIENT, TOKEN, exp=soon(-1)),
    "no end": lambda: signed(KEY, CLIENT, TOKEN, exp=None),
    "issued in the future": lambda: signed(KEY, CLIENT, TOKEN, iat=soon(60)),
    "not valid yet": lambda: signed(KEY, CLIENT, TOKEN, nbf=soon(60)),
    "no number": lambda: signed(KEY, CLIENT, TOKEN, jti=None),
    "an empty number": lambda: signed(KEY, CLIENT, TOKEN, jti=""),
    "a number that is a list": lambda: signed(KEY, CLIENT, TOKEN, jti=["1"]),
    "no token at all": lambda: "believe-me",
    "too long": lambda: signed(KEY, CLIENT, TOKEN, padding="x" * 9000),
}


async def test_every_other_assertion_is_refused(issuer: httpx.AsyncClient) -> None:
    believed = {}
    for name, make in REFUSED.items():
        answer = await issuer.post("/auth/token", data=form(make()))
        if (answer.status_code, answer.json()) != (401, {"error": "invalid_client"}):
            believed[name] = (answer.status_code, answer.text)
    assert believed == {}


async def test_what_is_wrong_with_the_request_has_its_own_code(issuer: httpx.AsyncClient) -> None:
    good = form(signed(KEY, CLIENT, TOKEN))
    wrong = {
        "unsupported_grant_type": {**good, "grant_type": "password"},
        "invalid_request": {
            **good,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        },
        "invalid_scope": {**good, "scope": "patient/*.rs openid"},
        "invalid_client": {**good, "client_id": "hospital-other"},
    }
    for error, asked in wrong.items():
        assert (await issuer.post("/auth/token", data=asked)).json() == {"error": error}
    untyped = {name: value for name, value in good.items() if name != "client_assertion_type"}
    assert (await issuer.post("/auth/token", data=untyped)).json() == {"error": "invalid_request"}


async def test_only_public_keys_are_registered(issuer: httpx.AsyncClient) -> None:
    key = ec_key()
    documents: list[dict[str, Any]] = [
        {"keys": [{**key.as_dict(private=True), "kid": key.kid}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1"}]},
        {"keys": [{"kty": "EC", "kid": "1"}]},
        {"keys": [{"kty": "RSA", "kid": "1", "e": "AQAB", "n": "x" * 171}]},
        {"keys": []},
        {},
    ]
    for document in documents:
        answer = await issuer.put(f"/auth/clients/{CLIENT}/jwks", json=document)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert (await issuer.put("/auth/clients/nobody/jwks", json=public(key))).status_code == 404
    assert (await issuer.post("/auth/token", data=form(signed(KEY, CLIENT, TOKEN)))).status_code == 200


async def test_the_issuer_describes_what_it_does(issuer: httpx.AsyncClient) -> None:
    smart = (await issuer.get("/auth/.well-known/smart-configuration")).json()
    assert smart["token_endpoint"] == TOKEN
    assert "private_key_jwt" in smart["token_endpoint_auth_methods_supported"]
    assert smart["token_endpoint_auth_signing_alg_values_supported"] == ["ES384", "RS384"]
    assert smart["grant_types_supported"] == ["client_credentials"]
    assert set(smart["capabilities"]) == {"permission-v2", "client-confidential-asymmetric"}
    assert {"system/*.cruds", "system/ServiceRequest.c"} <= set(smart["scopes_supported"])
    for scope in smart["scopes_supported"]:
        answer = await issuer.post("/auth/token", data=form(signed(KEY, CLIENT, TOKEN), scope=scope))
        assert answer.json()["scope"] == scope
