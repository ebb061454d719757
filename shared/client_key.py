"""How a service proves itself at the issuer with a key of its own instead of a shared secret (RFC 7523)."""

import json
import time
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = 60
LEAST_BITS = 2048
ALGORITHMS = {"P-256": "ES256", "P-384": "ES384"}


@dataclass(frozen=True)
class ClientKey:
    """A private key (EC P-384 or P-256, or RSA of at least 2048 bits) and the algorithm that it signs with."""

    key: ECKey | RSAKey
    algorithm: str

    @classmethod
    def read(cls, text: str) -> Self:
        """The key in PEM or as a private JWK; raises ValueError, which never quotes it.

        Its `kid` is that of the JWK, else the thumbprint (RFC 7638) of the public key.
        """
        for kind in (ECKey, RSAKey):
            try:
                key = kind.import_key(json.loads(text) if text.lstrip().startswith("{") else text)
            except (JoseError, ValueError, TypeError, KeyError, AttributeError):
                continue
            if not key.is_private:
                break
            key.ensure_kid()
            if isinstance(key, ECKey) and key.curve_name in ALGORITHMS:
                return cls(key, ALGORITHMS[key.curve_name])
            if isinstance(key, RSAKey) and key.public_key.key_size >= LEAST_BITS:
                return cls(key, "RS384")
        raise ValueError("client_key: a private EC (P-384, P-256) or RSA (2048 bits or more) key in PEM or as a JWK")

    def proof(self, client_id: str, audience: str) -> dict[str, str]:
        """What is posted to the token endpoint: an assertion that is good for a minute and used once."""
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + LIFE}
        header = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"}
        signed = jwt.encode(header, {**claims, "jti": str(uuid4())}, self.key, algorithms=[self.algorithm])
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}

    def public(self) -> dict[str, object]:
        """The key as it is registered at the issuer."""
        return {**self.key.as_dict(private=False), "kid": self.key.kid, "alg": self.algorithm, "use": "sig"}
