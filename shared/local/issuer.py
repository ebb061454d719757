"""The development issuer: tokens for ready-made personas. It refuses to be anything but a toy on loopback."""

import ipaddress
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from fastapi import FastAPI, Form
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.responses import JSONResponse

from shared.settings import Environment

PERSONAS_FILE = Path(__file__).parent.parent / "permissions" / "personas.json"
LIFE = 3600


class IssuerRefused(Exception):
    """The development issuer was to run where real people's data could be."""


def personas() -> Mapping[str, Mapping[str, Any]]:
    """The ready-made identities by client id."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(PERSONAS_FILE.read_text())["personas"]
    return found


def organisations() -> Mapping[str, Mapping[str, str]]:
    """The made-up organisations that the personas belong to."""
    found: Mapping[str, Mapping[str, str]] = json.loads(PERSONAS_FILE.read_text())["organisations"]
    return found


class DevelopmentIssuer:
    """An OIDC issuer in memory with a key of its own, made anew at each start unless one is given."""

    def __init__(
        self, issuer: str, environment: Environment, host: str = "127.0.0.1", key: ECKey | None = None
    ) -> None:
        if environment is not Environment.DEVELOPMENT:
            raise IssuerRefused("The development issuer runs in development only; set OIDC_ISSUERS to a real one.")
        if not ipaddress.ip_address(host).is_loopback:
            raise IssuerRefused(f"The development issuer binds to loopback only, not to {host}.")
        self.issuer = issuer
        self.key = key or ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)

    def token(self, client_id: str, **changed: Any) -> str:
        """A signed token for a persona; `changed` overrides claims, for tests of refusal."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": client_id,
            "client_id": client_id,
            "aud": "relais",
            "iat": now,
            "exp": now + LIFE,
            "jti": str(uuid4()),
            **personas()[client_id],
            **changed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid, "typ": "at+jwt"}, claims, self.key)

    def jwks(self) -> dict[str, Any]:
        """The public key set."""
        return {"keys": [{**self.key.as_dict(private=False), "kid": self.key.kid}]}

    def configuration(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks.json",
            "token_endpoint": f"{self.issuer}/token",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["none"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def app(self) -> FastAPI:
        """The issuer's endpoints under `/auth`."""
        app = FastAPI(title="Relais development issuer", docs_url=None, redoc_url=None, openapi_url=None)

        @app.get("/auth/.well-known/openid-configuration")
        async def configuration() -> dict[str, Any]:
            return self.configuration()

        @app.get("/auth/jwks.json")
        async def jwks() -> dict[str, Any]:
            return self.jwks()

        @app.post("/auth/token")
        async def token(
            client_id: Annotated[str, Form()] = "",
            grant_type: Annotated[str, Form()] = "",
            client_secret: Annotated[str, Form()] = "",
        ) -> JSONResponse:
            if grant_type != "client_credentials":
                return JSONResponse({"error": "unsupported_grant_type"}, 400)
            if client_id not in personas():
                return JSONResponse({"error": "invalid_client"}, 401)
            answer = {"access_token": self.token(client_id), "token_type": "Bearer", "expires_in": LIFE}
            return JSONResponse(answer, headers={"cache-control": "no-store"})

        return app
