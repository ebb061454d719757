"""Who is calling: bearer tokens of the trusted OIDC issuers (RFC 6750, RFC 9068, RFC 8725)."""

import asyncio
import base64
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request

from shared.http import Client, PullFailed, endpoint, fetch_json
from shared.problems import ISSUER_AWAY, UNAUTHENTICATED, Problem

ALGORITHMS = ["ES256", "ES384", "RS256", "RS384", "PS256"]
LEEWAY = 30
REFETCH_AFTER = 10.0
KEEP_KEYS = 3600.0
LONGEST_LIFE = 86400.0
"""Seconds that a token may still live; one that hardly ends cannot be called back."""
MAX_TOKEN = 8192
REMEMBERED = 1024
CHALLENGE = 'Bearer realm="relais"'
ACCESS_TOKEN_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
FOREIGN_HEADERS = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "cty", "b64", "zip"})
"""What a token may not say of itself: where its key is, or that it is something else than plain claims."""
FOREIGN_CLAIMS = frozenset({"at_hash", "c_hash", "nonce", "cnf"})
"""Claims of an ID token, and of a token that is worth nothing without a proof of its holder's key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a believed token. `organisation` is the token's `org_id`; `scope` is set by the access rule.

    `oauth_scopes` is what the token was issued for, beside the caller's roles (`shared.scopes`).
    """

    subject: str
    client_id: str
    organisation: str
    roles: frozenset[str]
    discipline: str
    scope: str = ""
    granted: frozenset[str] = frozenset()
    oauth_scopes: frozenset[str] = frozenset()
    break_glass: UUID | None = None
    """The emergency access that the request is made under, once it is found to stand (`shared.relationships`)."""


class TokenRefused(Exception):
    """The token is not believed; the message says why in a word and never quotes it."""


class IssuerUnreachable(TokenRefused):
    """Nobody can say now whether the token is to be believed: its issuer has given us no keys yet."""


@dataclass
class Keys:
    """The public keys of one issuer, fetched at most once per ten seconds however many unknown `kid`s come."""

    issuer: str
    client: Client
    _keys: KeySet | None = None
    _fetched_at: float = -1e9
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, kid: str) -> KeySet:
        """The issuer's keys, fetched again when `kid` is not among them; raises TokenRefused."""
        age = time.monotonic() - self._fetched_at
        if self._keys is not None and age < KEEP_KEYS and self._has(kid):
            return self._keys
        async with self._fetching:
            if time.monotonic() - self._fetched_at > REFETCH_AFTER:
                await self._fetch()
        if self._keys is None:
            raise IssuerUnreachable("issuer-unreachable")
        if not self._has(kid):
            raise TokenRefused("unknown-key")
        return self._keys

    def _has(self, kid: str) -> bool:
        return self._keys is not None and any(key.kid == kid for key in self._keys.keys)

    async def _fetch(self) -> None:
        self._fetched_at = time.monotonic()
        try:
            document = await fetch_json(self.client, await endpoint(self.client, self.issuer, "jwks_uri"))
            public = [key for key in document["keys"] if is_public_signing_key(key)]
            self._keys = KeySet.import_key_set({"keys": public})
        except (PullFailed, KeyError, JoseError, ValueError):
            if self._keys is None:
                self._fetched_at = time.monotonic() - REFETCH_AFTER + 1


def is_public_signing_key(key: Mapping[str, Any]) -> bool:
    """Whether a published key may verify signatures: asymmetric, without its private half, not for encryption."""
    return key.get("kty") in {"EC", "RSA"} and "d" not in key and key.get("use", "sig") == "sig"


@dataclass
class Tokens:
    """Believes or refuses bearer tokens: exact issuer, exact audience, asymmetric algorithms only."""

    issuers: Sequence[str]
    audience: str
    client: Client
    _keys: dict[str, Keys] = field(default_factory=dict)
    _believed: OrderedDict[bytes, tuple[float, Caller]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._keys = {issuer: Keys(issuer, self.client) for issuer in self.issuers}

    async def caller(self, token: str) -> Caller:
        """The caller a token speaks for; raises TokenRefused. A believed token is remembered until it expires."""
        if len(token) > MAX_TOKEN:
            raise TokenRefused("too-long")
        fingerprint = hashlib.sha256(token.encode()).digest()
        known = self._believed.get(fingerprint)
        if known and known[0] > time.time():
            return known[1]
        claims = await self._claims(token)
        caller = caller_of(claims)
        self._believed[fingerprint] = (float(claims["exp"]) + LEEWAY, caller)
        if len(self._believed) > REMEMBERED:
            self._believed.popitem(last=False)
        return caller

    async def _claims(self, token: str) -> Mapping[str, Any]:
        header, issuer = peek(token)
        check_header(header)
        if issuer not in self._keys:
            raise TokenRefused("issuer")
        keys = await self._keys[issuer].find(str(header.get("kid")))
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            self._check(claims)
        except (JoseError, ValueError, TypeError, OverflowError):
            raise TokenRefused("signature-or-claims") from None
        return claims

    def _check(self, claims: Mapping[str, Any]) -> None:
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            exp={"essential": True},
            sub={"essential": True},
            aud={"essential": True, "value": self.audience},
        ).validate(dict(claims))
        if not isinstance(claims["sub"], str) or isinstance(claims["exp"], bool):
            raise TokenRefused("claims")
        if float(claims["exp"]) > time.time() + LONGEST_LIFE:
            raise TokenRefused("lives-too-long")
        if claims.get("typ", "Bearer") != "Bearer" or not FOREIGN_CLAIMS.isdisjoint(claims):
            raise TokenRefused("no-access-token")

    async def ready(self) -> bool:
        """Whether at least one issuer's keys are known."""
        for keys in self._keys.values():
            try:
                await keys.find("")
            except TokenRefused as refusal:
                if str(refusal) == "unknown-key":
                    return True
        return False


def check_header(header: Mapping[str, Any]) -> None:
    """Raise TokenRefused unless the header is that of an access token under an algorithm of ours.

    RFC 9068 wants `at+jwt`; Keycloak writes `JWT`, and some issuers write no type.
    """
    if header.get("alg") not in ALGORITHMS or not FOREIGN_HEADERS.isdisjoint(header):
        raise TokenRefused("header")
    if str(header.get("typ", "JWT")).lower() not in ACCESS_TOKEN_TYPES:
        raise TokenRefused("no-access-token")


def peek(token: str) -> tuple[Mapping[str, Any], str]:
    """The unverified header and issuer of a token; raises TokenRefused when it is no JWT at all."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise TokenRefused("not-a-jwt")
    try:
        header, payload = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, RecursionError):
        raise TokenRefused("not-a-jwt") from None
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise TokenRefused("not-a-jwt")
    return header, str(payload.get("iss", ""))


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """The caller in verified claims: `roles` (or Keycloak's `realm_access.roles`), `org_id`, `discipline`."""
    realm = claims.get("realm_access")
    roles = claims.get("roles") or (realm.get("roles") if isinstance(realm, dict) else None) or []
    if not isinstance(roles, list):
        raise TokenRefused("claims")
    return Caller(
        subject=claims["sub"],
        client_id=str(claims.get("azp") or claims.get("client_id") or claims["sub"]),
        organisation=str(claims.get("org_id", "")),
        roles=frozenset(str(role) for role in roles),
        discipline=str(claims.get("discipline", "")),
        oauth_scopes=scopes_of(claims),
    )


def scopes_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """The OAuth scopes in verified claims: `scope` (RFC 9068, words in a string) or `scp` (a list or a string)."""
    given = claims.get("scope", claims.get("scp", ""))
    words = given.split() if isinstance(given, str) else given
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise TokenRefused("claims")
    return frozenset(words)


async def authenticate(request: Request) -> Caller:
    """The caller of a request, found once per request; raises a 401 problem, or 503 where no issuer can be asked."""
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        raise Problem(UNAUTHENTICATED, headers={"www-authenticate": CHALLENGE})
    try:
        caller = await request.app.state.tokens.caller(token.strip())
    except IssuerUnreachable:
        raise Problem(ISSUER_AWAY, headers={"retry-after": "2"}) from None
    except TokenRefused:
        raise Problem(UNAUTHENTICATED, headers={"www-authenticate": f'{CHALLENGE}, error="invalid_token"'}) from None
    request.state.caller = caller
    return caller  # type: ignore[no-any-return]
