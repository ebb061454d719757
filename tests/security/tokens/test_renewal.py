"""A client of ours works on and on: its token is renewed in time by a new assertion, before anybody refuses it.

Ten minutes of the usual 300 s are two or three renewals. Here tokens live for six seconds, so that there are more.
"""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from pydantic import BaseModel

from shared.http import Http, PullFailed, new_client
from shared.testing.harness import OUTSIDE
from shared.testing.issuers import OutsideIssuer
from tests.outside.keycloak import Keycloak, new_key

LIFE = 6
RENEWALS = 4


class Nothing(BaseModel):
    """What nobody gives."""


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideIssuer]:
    """A server of our own, unless this run has one."""
    if OUTSIDE:
        yield OUTSIDE
        return
    with Keycloak(tmp_path_factory.mktemp("keycloak")) as running:
        yield running.outside


class Door(httpx.AsyncBaseTransport):
    """A service that opens for every token that is alive, and the way to the issuer beside it."""

    def __init__(self) -> None:
        self.wire = httpx.AsyncHTTPTransport()
        self.tokens: list[str] = []
        self.statuses: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, without any leeway."""
        if request.url.host != "door.test":
            return await self.wire.handle_async_request(request)
        token = request.headers["authorization"].removeprefix("Bearer ")
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        self.tokens.append(token)
        self.statuses.append(404 if claims["exp"] > time.time() else 401)
        return httpx.Response(self.statuses[-1])

    async def aclose(self) -> None:
        """Close the wire."""
        await self.wire.aclose()


async def test_a_client_works_through_many_lives_of_its_token_without_one_refusal(keycloak: OutsideIssuer) -> None:
    key, name = new_key(), f"renewing-{uuid4()}"
    attributes = {
        "access.token.lifespan": str(LIFE),
        "use.jwks.string": "true",
        "jwks.string": json.dumps({"keys": [key.public()]}),
        "token.endpoint.auth.signing.alg": "ES384",
    }
    said = {"sub": name, "org_id": "relais", "roles": ["service-cases"]}
    keycloak.make(name, said, clientAuthenticatorType="client-jwt", attributes=attributes)
    door = Door()
    async with new_client() as plain:
        client = httpx.AsyncClient(transport=door, timeout=plain.timeout)
        http = Http(client, keycloak.issuer, name, "", lambda _: "http://door.test", key)
        while len(set(door.tokens)) <= RENEWALS:
            with pytest.raises(PullFailed, match="status 404"):
                await http.get("door", "/", Nothing)
            await asyncio.sleep(0.05)
        await client.aclose()
    assert set(door.statuses) == {404}
    assert len(door.tokens) > len(set(door.tokens)), "a token is used again as long as it lives"
