"""The one module that speaks HTTP: what handlers pull from the services that own it, and what login needs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

LIMIT = httpx.Timeout(5.0, connect=2.0)

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


def new_client() -> Client:
    """A client with our limits; it follows no redirects and reads no proxy from the environment."""
    return Client(timeout=LIMIT, follow_redirects=False, trust_env=False)


@dataclass
class Http:
    """A service's own voice: GET requests to its peers with its own token (OAuth 2.0 client credentials)."""

    client: Client
    issuer: str
    client_id: str
    client_secret: str
    peer: Callable[[str], str]
    _token: str = ""
    _token_until: float = 0.0
    _token_url: str = field(default="")

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
        if time.monotonic() >= self._token_until:
            if not self._token_url:
                found = await fetch_json(self.client, f"{self.issuer}/.well-known/openid-configuration")
                self._token_url = str(found["token_endpoint"])
            grant = {
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            }
            try:
                answer = await self.client.post(self._token_url, data=grant)
                answer.raise_for_status()
                value = answer.json()
            except (httpx.HTTPError, ValueError) as error:
                raise PullFailed(f"token: {type(error).__name__}") from None
            self._token = str(value["access_token"])
            self._token_until = time.monotonic() + 0.8 * float(value.get("expires_in", 60))
        return self._token
