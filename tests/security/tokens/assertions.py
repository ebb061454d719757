"""A system with a key of its own, that signs what it is told to."""

import time
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from shared.client_key import ASSERTION_TYPE

Key = ECKey | RSAKey


def ec_key() -> ECKey:
    """A new key for ES384."""
    return ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"}, auto_kid=True)


def rsa_key() -> RSAKey:
    """A new key for RS384."""
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS384"}, auto_kid=True)


def public(*keys: Key) -> dict[str, Any]:
    """The JWKS that a client registers."""
    return {"keys": [{**key.as_dict(private=False), "kid": key.kid} for key in keys]}


def signed(key: Key, client_id: str, audience: str, header: dict[str, Any] | None = None, **changed: Any) -> str:
    """A client's assertion, good unless a claim is changed (None leaves one out)."""
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "exp": now + 240, "jti": str(uuid4()), **changed}
    alg = "ES384" if isinstance(key, ECKey) else "RS384"
    given = {"alg": alg, "kid": key.kid, "typ": "JWT", **(header or {})}
    said = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(given, said, key, algorithms=["ES384", "RS384", "HS256", "none", "ES256"])


def form(assertion: str, **more: str) -> dict[str, str]:
    """What a client posts to the token endpoint."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **more,
    }
