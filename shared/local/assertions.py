"""Clients that prove themselves with a signed assertion: SMART Backend Services (App Launch 2.2), RFC 7523."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.auth import TokenRefused, peek

ALGORITHMS = ["ES384", "RS384"]
LONGEST_LIFE = 300
MAX_ASSERTION = 8192
LEAST_RSA_BITS = 2048


class ClientRefused(Exception):
    """The client is not the one that it says it is: `invalid_client`. The message says why in a word."""


class KeysRefused(Exception):
    """These keys cannot be registered; the message says why."""


@dataclass
class Clients:
    """The public keys of the registered clients, and the assertions that were used and have not expired."""

    token_url: str
    _keys: dict[str, KeySet] = field(default_factory=dict)
    _used: dict[tuple[str, str], float] = field(default_factory=dict)

    def register(self, client_id: str, document: Mapping[str, Any]) -> None:
        """Take the public keys (JWKS) of a client in place of those before; raises KeysRefused."""
        keys = document.get("keys")
        if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
            raise KeysRefused("keys: a JWKS with at least one key")
        if any("d" in key or key.get("kty") not in ("EC", "RSA") for key in keys):
            raise KeysRefused("keys: public EC or RSA keys only; a private key stays with its owner")
        if any(key["kty"] == "RSA" and len(str(key.get("n"))) * 6 < LEAST_RSA_BITS for key in keys):
            raise KeysRefused("keys: RSA with at least 2048 bits")
        if any(not isinstance(key.get("kid"), str) for key in keys):
            raise KeysRefused("keys: each with a kid")
        try:
            self._keys[client_id] = KeySet.import_key_set({"keys": keys})
        except (JoseError, ValueError, TypeError, KeyError):
            raise KeysRefused("keys: not readable") from None

    def known(self, client_id: str) -> bool:
        """Whether a client has registered keys."""
        return client_id in self._keys

    def proven(self, assertion: str) -> str:
        """The client whose assertion this is, believed once; raises ClientRefused."""
        if len(assertion) > MAX_ASSERTION:
            raise ClientRefused("too-long")
        try:
            header, client_id = peek(assertion)
        except TokenRefused:
            raise ClientRefused("not-a-jwt") from None
        if header.get("alg") not in ALGORITHMS or not {"jwk", "x5u", "x5c", "crit", "b64"}.isdisjoint(header):
            raise ClientRefused("header")
        keys = self._keys.get(client_id)
        if keys is None or not any(key.kid == header.get("kid") for key in keys.keys):
            raise ClientRefused("unknown-key")
        try:
            claims = jwt.decode(assertion, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):
            raise ClientRefused("signature") from None
        self._check(client_id, claims)
        return client_id

    def _check(self, client_id: str, claims: Mapping[str, Any]) -> None:
        now = time.time()
        self._used = {key: until for key, until in self._used.items() if until > now}
        expires, number = claims.get("exp"), claims.get("jti")
        if claims.get("sub") != client_id:
            raise ClientRefused("subject")
        if claims.get("aud") not in (self.token_url, [self.token_url]):
            raise ClientRefused("audience")
        if not isinstance(expires, int) or isinstance(expires, bool) or not now < expires <= now + LONGEST_LIFE:
            raise ClientRefused("life")
        if any(not_yet(claims.get(name), now) for name in ("iat", "nbf")):
            raise ClientRefused("not-yet")
        if not isinstance(number, str) or not number:
            raise ClientRefused("no-number")
        if (client_id, number) in self._used:
            raise ClientRefused("used-before")
        self._used[client_id, number] = float(expires)


def not_yet(moment: object, now: float) -> bool:
    """Whether a moment, where there is one, is no moment or lies ahead of us by more than a second."""
    if moment is None:
        return False
    return isinstance(moment, bool) or not isinstance(moment, int | float) or moment > now + 1
