"""The development issuer: tokens for ready-made personas. It refuses to be anything but a toy on loopback."""

import ipaddress
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Body, FastAPI, Form
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse

from shared.client_key import ASSERTION_TYPE
from shared.local.assertions import ALGORITHMS, ClientRefused, Clients, KeysRefused
from shared.scopes import narrowed, offered
from shared.settings import Environment
from shared.smart import of_discovery

PERSONAS_FILE = Path(__file__).parent.parent / "permissions" / "personas.json"
LIFE = 3600
BACKEND_LIFE = 300
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


class IssuerRefused(Exception):
    """The development issuer was to run where real people's data could be."""


class GrantRefused(Exception):
    """What a client asked for is not given, for a reason that OAuth 2.0 has a code for (RFC 6749, 5.2; RFC 7591)."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.answer = {"error": error, **({"error_description": description} if description else {})}


class Grant(BaseModel):
    """What a client asks of the token endpoint; what else it sends, like a secret, is not looked at."""

    grant_type: str = ""
    client_id: str = ""
    scope: str = ""
    client_assertion_type: str = ""
    client_assertion: str = ""


def personas() -> Mapping[str, Mapping[str, Any]]:
    """The ready-made identities by client id."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(PERSONAS_FILE.read_text())["personas"]
    return found


def organisations() -> Mapping[str, Mapping[str, str]]:
    """The made-up organisations that the personas belong to."""
    found: Mapping[str, Mapping[str, str]] = json.loads(PERSONAS_FILE.read_text())["organisations"]
    return found


class DevelopmentIssuer:
    """An OIDC issuer in memory with a key of its own, made anew at each start unless one is given.

    Personas get their tokens for the asking. A client that has registered its public keys, as a system does before it
    is connected, may prove itself instead and is held to all that SMART Backend Services asks of it.
    """

    def __init__(
        self, issuer: str, environment: Environment, host: str = "127.0.0.1", key: ECKey | None = None
    ) -> None:
        if environment is not Environment.DEVELOPMENT:
            raise IssuerRefused("The development issuer runs in development only; set OIDC_ISSUERS to a real one.")
        if not ipaddress.ip_address(host).is_loopback:
            raise IssuerRefused(f"The development issuer binds to loopback only, not to {host}.")
        self.issuer = issuer
        self.key = key or ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self.clients = Clients(f"{issuer}/token")

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
            "response_types_supported": ["none"],
            "scopes_supported": offered(),
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def grant(self, form: Grant) -> dict[str, Any]:
        """The answer of the token endpoint (RFC 6749, 5.1); raises GrantRefused."""
        if form.grant_type != "client_credentials":
            raise GrantRefused(400, "unsupported_grant_type")
        client_id, life = self._client(form), LIFE
        claims: dict[str, Any] = {}
        if form.client_assertion:
            life = BACKEND_LIFE
            claims["exp"] = int(time.time()) + life
        registered = str(personas()[client_id].get("scope", ""))
        if form.scope and registered:
            registered = " ".join(narrowed(form.scope.split(), registered.split()))
            if not registered:
                raise GrantRefused(400, "invalid_scope")
            claims["scope"] = registered
        answer = {"access_token": self.token(client_id, **claims), "token_type": "Bearer", "expires_in": life}
        return {**answer, "scope": registered} if registered else answer

    def _client(self, form: Grant) -> str:
        if form.client_assertion_type not in ("", ASSERTION_TYPE) or bool(form.client_assertion_type) is not bool(
            form.client_assertion
        ):
            raise GrantRefused(400, "invalid_request")
        if not form.client_assertion:
            if form.client_id not in personas():
                raise GrantRefused(401, "invalid_client")
            return form.client_id
        try:
            proven = self.clients.proven(form.client_assertion)
        except ClientRefused:
            raise GrantRefused(401, "invalid_client") from None
        if form.client_id not in ("", proven):
            raise GrantRefused(401, "invalid_client")
        return proven

    def register(self, client_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Take a client's public keys (JWKS), as an operator would; raises GrantRefused."""
        if client_id not in personas():
            raise GrantRefused(404, "invalid_client")
        try:
            self.clients.register(client_id, document)
        except KeysRefused as refusal:
            raise GrantRefused(400, "invalid_client_metadata", str(refusal)) from None
        return {"client_id": client_id, "token_endpoint_auth_method": "private_key_jwt"}

    def app(self) -> FastAPI:
        """The issuer's endpoints under `/auth`."""
        app = FastAPI(title="Relais development issuer", docs_url=None, redoc_url=None, openapi_url=None)

        @app.get("/auth/.well-known/openid-configuration")
        async def configuration() -> dict[str, Any]:
            return self.configuration()

        @app.get("/auth/.well-known/smart-configuration")
        async def smart_configuration() -> dict[str, Any]:
            return of_discovery(self.configuration())

        @app.get("/auth/jwks.json")
        async def jwks() -> dict[str, Any]:
            return self.jwks()

        @app.put("/auth/clients/{client_id}/jwks")
        async def register(client_id: str, document: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
            return self.register(client_id, document)

        @app.post("/auth/token")
        async def token(form: Annotated[Grant, Form()]) -> JSONResponse:
            return JSONResponse(self.grant(form), headers=NO_STORE)

        @app.exception_handler(GrantRefused)
        async def refused(request: Request, refusal: GrantRefused) -> JSONResponse:
            return JSONResponse(refusal.answer, refusal.status, headers=NO_STORE)

        return app
