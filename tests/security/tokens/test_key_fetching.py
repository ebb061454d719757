"""However hostile the tokens, an issuer is asked for its keys no more than once in a while: counted at its own door."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from shared import auth
from shared.auth import TokenRefused, Tokens
from shared.http import new_client


def public(key: ECKey) -> dict[str, Any]:
    """A key as it is published."""
    return {**key.as_dict(private=False), "kid": key.kid}


class LittleIssuer:
    """A server on a port, with one key, that counts what it is asked."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self.published = [public(self.key)]
        self.asked: list[str] = []
        self.extra: dict[str, Any] = {}
        self.delay = 0.0
        issuer = self

        class Door(BaseHTTPRequestHandler):
            """Answers discovery and keys."""

            def do_GET(self) -> None:
                """Answer one request."""
                issuer.asked.append(self.path)
                time.sleep(issuer.delay)
                body = json.dumps(issuer.answer(self.path)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str) -> dict[str, Any]:
        """What stands at a path."""
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.extra}
        return {"keys": self.published}

    def token(self, key: ECKey | None = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A token of this issuer, good unless something is changed."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": "operator", "aud": "relais", "exp": now + 300, **changed}
        given = {"alg": "ES256", "kid": self.key.kid, **(header or {})}
        registry = jws.JWSRegistry(strict_check_header=False)
        said = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
        return jws.serialize_compact(given, said, key or self.key, algorithms=["ES256"], registry=registry)


@pytest.fixture
def issuer() -> Iterator[LittleIssuer]:
    """A little issuer that listens."""
    little = LittleIssuer()
    thread = threading.Thread(target=little.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield little
    little.server.shutdown()
    thread.join()
    little.server.server_close()


async def outcome(tokens: Tokens, token: str) -> str:
    """The subject of a believed token, or why it was refused."""
    try:
        return (await tokens.caller(token)).subject
    except TokenRefused as refusal:
        return str(refusal)


def storm(issuer: LittleIssuer) -> list[str]:
    """A thousand hostile tokens, each another."""
    stranger = ECKey.generate_key("P-256")
    return [
        *(issuer.token(stranger, {"kid": f"kid-{number}"}) for number in range(400)),
        *(issuer.token(stranger, n=number) for number in range(200)),
        *(issuer.token(aud=f"api-{number}") for number in range(200)),
        *(issuer.token(header={"jku": f"{issuer.url}/keys?{number}"}) for number in range(100)),
        *(issuer.token(iss=f"{issuer.url}/{number}") for number in range(100)),
    ]


async def test_a_thousand_hostile_tokens_at_once_cost_one_fetch(issuer: LittleIssuer) -> None:
    issuer.delay = 0.05
    hostile = storm(issuer)
    async with new_client() as client:
        tokens = Tokens([issuer.url], "relais", client)
        found = await asyncio.gather(*(outcome(tokens, token) for token in hostile))
        assert "operator" not in found
        assert await outcome(tokens, issuer.token()) == "operator"
    assert sorted(issuer.asked) == ["/.well-known/openid-configuration", "/keys"]


async def test_a_storm_that_goes_on_costs_one_fetch_per_pause(
    issuer: LittleIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REFETCH_AFTER", 0.2)
    stranger = ECKey.generate_key("P-256")
    async with new_client() as client:
        tokens = Tokens([issuer.url], "relais", client)
        begun = time.monotonic()
        for number in range(1000):
            assert await outcome(tokens, issuer.token(stranger, {"kid": f"kid-{number}"})) == "unknown-key"
    assert issuer.asked.count("/keys") <= 1 + (time.monotonic() - begun) / 0.2


@pytest.mark.parametrize("extra", [{"issuer": "https://login.example.org"}, {"jwks_uri": ""}])
async def test_a_document_that_is_not_the_issuer_s_own_leads_to_no_keys(
    issuer: LittleIssuer, extra: dict[str, Any]
) -> None:
    issuer.extra = extra
    async with new_client() as client:
        assert await outcome(Tokens([issuer.url], "relais", client), issuer.token()) == "issuer-unreachable"
    assert "/keys" not in issuer.asked


async def test_a_key_for_encryption_verifies_nothing(issuer: LittleIssuer) -> None:
    other = ECKey.generate_key("P-256", auto_kid=True)
    issuer.published = [{**public(issuer.key), "use": "enc"}, public(other)]
    async with new_client() as client:
        tokens = Tokens([issuer.url], "relais", client)
        assert await outcome(tokens, issuer.token()) == "unknown-key"
        assert await outcome(tokens, issuer.token(other, {"kid": other.kid})) == "operator"


def nested(issuer: LittleIssuer) -> str:
    """A token in a token."""
    registry = jws.JWSRegistry(strict_check_header=False)
    header = {"alg": "ES256", "kid": issuer.key.kid, "cty": "JWT"}
    inner = issuer.token().encode()
    return jws.serialize_compact(header, inner, issuer.key, algorithms=["ES256"], registry=registry)


async def test_what_is_rightly_signed_and_no_access_token_of_ours_is_refused(issuer: LittleIssuer) -> None:
    now = int(time.time())
    hostile = {
        "an ID token of Keycloak": issuer.token(typ="ID"),
        "a refresh token": issuer.token(typ="Refresh"),
        "an ID token with the hash of an access token": issuer.token(at_hash="x"),
        "an ID token with a nonce": issuer.token(nonce="x"),
        "a logout token": issuer.token(header={"typ": "logout+jwt"}),
        "a token bound to a key": issuer.token(cnf={"jkt": "x"}),
        "a request object": issuer.token(header={"typ": "oauth-authz-req+jwt"}),
        "a token in a token": nested(issuer),
        "claims of another content type": issuer.token(header={"cty": "JWT"}),
        "a certificate's address": issuer.token(header={"x5u": "https://evil.test/key.pem"}),
        "a certificate of its own": issuer.token(header={"x5c": ["MIIB"]}),
        "an unencoded payload": issuer.token(header={"b64": True}),
        "the token of another API": issuer.token(aud=["payroll", "account"]),
        "an end in a thousand years": issuer.token(exp=now + 31_536_000_000),
        "an end beyond all numbers": issuer.token(exp=10**400),
        "an end in two days": issuer.token(exp=now + 2 * 86400),
        "an expiry in words": issuer.token(exp=str(now + 300)),
        "the issuer with a slash more": issuer.token(iss=f"{issuer.url}/"),
        "an issuer in capitals": issuer.token(iss=issuer.url.upper()),
        "an issuer in a list": issuer.token(iss=[issuer.url]),
    }
    async with new_client() as client:
        tokens = Tokens([issuer.url], "relais", client)
        believed = [name for name, token in hostile.items() if await outcome(tokens, token) == "operator"]
        assert believed == []
        for good in (issuer.token(), issuer.token(aud=["account", "relais"]), issuer.token(typ="Bearer")):
            assert await outcome(tokens, good) == "operator"
    assert len(issuer.asked) == 2
