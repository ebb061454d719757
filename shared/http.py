"""The one module that speaks HTTP: what handlers pull from the services that own it, and what login needs."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from shared.client_key import ClientKey

LIMIT = httpx.Timeout(5.0, connect=2.0)
USED_FOR = 0.8

Client = httpx.AsyncClient

NoAnswer = httpx.TransportError
"""What a call raises that got no answer at all."""

M = TypeVar("M", bound=BaseModel)


class PullFailed(Exception):
    """The owner of a fact did not give it: to be tried again, never a loss."""


async def fetch_json(client: Client, url: str) -> Mapping[str, Any]:
    """A JSON object by GET; raises PullFailed."""
    try:
        answer = await client.get(url)
        answer.raise_for_status()
        value = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise PullFailed(type(error).__name__) from None
    if not isinstance(value, dict):
        raise PullFailed("not an object")
    return value


async def endpoint(client: Client, issuer: str, name: str) -> str:
    """One address from an issuer's discovery document (OpenID Connect Discovery 1.0); raises PullFailed.

    The document must be this issuer's own, and an issuer behind TLS leads nowhere without.
    """
    found = await fetch_json(client, f"{issuer}/.well-known/openid-configuration")
    url = str(found.get(name, ""))
    if found.get("issuer") != issuer:
        raise PullFailed("another issuer's document")
    if not url or (issuer.startswith("https://") and not url.startswith("https://")):
        raise PullFailed(f"no {name} to be trusted")
    return url


def new_client() -> Client:
    """A client with our limits; it follows no redirects and reads no proxy from the environment."""
    return Client(timeout=LIMIT, follow_redirects=False, trust_env=False)


@dataclass
class Http:
    """A service's own voice: GET requests to its peers with its own token (OAuth 2.0 client credentials).

    The issuer knows it by its key where it has one, else by its secret. A token is used for 80 % of its life.
    """

    client: Client
    issuer: str
    client_id: str
    client_secret: str
    peer: Callable[[str], str]
    client_key: ClientKey | None = None
    _token: str = ""
    _token_until: float = 0.0
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, service: str, path: str, shape: type[M]) -> M:
        """Read one resource of another service as `shape`; raises PullFailed."""
        token = await self._fresh_token()
        try:
            answer = await self.client.get(f"{self.peer(service)}{path}", headers={"authorization": f"Bearer {token}"})
        except httpx.HTTPError as error:
            raise PullFailed(type(error).__name__) from None
        if answer.status_code == 401:
            self._token_until = 0.0
        if answer.status_code != 200:
            raise PullFailed(f"status {answer.status_code}")
        try:
            return shape.model_validate_json(answer.content)
        except ValidationError:
            raise PullFailed("not the expected shape") from None

    async def _fresh_token(self) -> str:
        async with self._asking:
            if time.monotonic() >= self._token_until:
                await self._ask_for_token()
            return self._token

    async def _ask_for_token(self) -> None:
        url = await endpoint(self.client, self.issuer, "token_endpoint")
        proof = self.client_key.proof(self.client_id, url) if self.client_key else {"client_secret": self.client_secret}
        grant = {"grant_type": "client_credentials", "client_id": self.client_id, **proof}
        begun = time.monotonic()
        try:
            answer = await self.client.post(url, data=grant)
            answer.raise_for_status()
            value = answer.json()
            self._token, life = str(value["access_token"]), float(value.get("expires_in", 60))
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise PullFailed(f"token: {type(error).__name__}") from None
        self._token_until = begun + USED_FOR * life
