"""Whose tokens the suite uses: the development issuer's, or those of another issuer that the environment names."""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from shared.client_key import ClientKey
from shared.local import realm
from shared.local.issuer import personas
from shared.scopes import offered

KEYCLOAK = "RELAIS_TEST_ISSUER"
USED_FOR = 0.8
LIFE = "3600"
"""Seconds that a token with changed claims lives: the longest tests hold one to their end."""
EVERYTHING = "system/*.cruds"
ADMINISTRATOR = "relais-tests"
"""The client of the master realm by which more clients are made; its secret is that of the personas."""
SPOKEN = frozenset({"sub", "org_id", "roles", "discipline", "scope"})
"""The claims that a client made here may have as a test wants them. All others are the issuer's own to say."""


@dataclass
class OutsideIssuer:
    """A real issuer with a client per persona: systems prove themselves by key, the others by one secret."""

    issuer: str
    secret: str
    keys: Mapping[str, ClientKey]
    _kept: dict[str, tuple[float, str]] = field(default_factory=dict)

    @classmethod
    def named(cls) -> Self | None:
        """The issuer that the environment describes, if it does."""
        text = os.environ.get(KEYCLOAK)
        if not text:
            return None
        found: Mapping[str, Any] = json.loads(text)
        keys = {name: ClientKey.read(json.dumps(key)) for name, key in found["keys"].items()}
        return cls(found["issuer"], found["secret"], keys)

    def described(self) -> str:
        """What the environment has to say, for `named`."""
        keys = {name: {**each.key.as_dict(private=True), "kid": each.key.kid} for name, each in self.keys.items()}
        return json.dumps({"issuer": self.issuer, "secret": self.secret, "keys": keys})

    def settings(self, services: Iterable[str]) -> dict[str, str]:
        """The environment of services that trust this issuer alone, and are its clients by the secret."""
        return {"OIDC_ISSUERS": self.issuer, **{f"{name.upper()}_CLIENT_SECRET": self.secret for name in services}}

    @property
    def token_url(self) -> str:
        """Keycloak's token endpoint."""
        return f"{self.issuer}/protocol/openid-connect/token"

    def grant(self, client_id: str, scope: str = EVERYTHING) -> dict[str, str]:
        """What a persona's client posts to the token endpoint."""
        grant = {"grant_type": "client_credentials", "client_id": client_id}
        if key := self.keys.get(client_id):
            return {**grant, **key.proof(client_id, self.issuer), **({"scope": scope} if scope else {})}
        return {**grant, "client_secret": self.secret}

    def speaks(self, claims: Mapping[str, Any]) -> bool:
        """Whether an honest issuer would sign these claims: who somebody is and may do, no dates, keys or audiences."""
        scopes = str(claims.get("scope") or "").split()
        texts = [claims[name] for name in SPOKEN & claims.keys() - {"roles"}]
        is_plain = all(isinstance(text, (str, type(None))) and text != "" for text in texts)
        return claims.keys() <= SPOKEN and is_plain and set(scopes) <= set(offered())

    def token(self, client_id: str, **changed: Any) -> str:
        """A persona's token, used for 80 % of its life; with changed claims, that of a client made for them."""
        claims = {**personas()[client_id], "sub": client_id, **changed} if changed else {}
        name = f"{client_id}-{hashlib.sha256(json.dumps(claims, sort_keys=True).encode()).hexdigest()[:24]}"
        name = name if changed else client_id
        until, token = self._kept.get(name, (0.0, ""))
        if time.monotonic() >= until:
            if changed and name not in self._kept:
                self.make(name, {said: value for said, value in claims.items() if value is not None})
            form = self.grant(client_id)
            if changed:
                secret = {"grant_type": "client_credentials", "client_id": name, "client_secret": self.secret}
                form = {**secret, **({"scope": claims["scope"]} if claims.get("scope") else {})}
            given = self._post(self.token_url, data=form).json()
            token = str(given["access_token"])
            self._kept[name] = (time.monotonic() + USED_FOR * float(given["expires_in"]), token)
        return token

    def make(self, client_id: str, claims: Mapping[str, Any], **about: Any) -> None:
        """Make a client whose tokens say this, unless there is one of that name (of another process of this run)."""
        grant = {"grant_type": "client_credentials", "client_id": ADMINISTRATOR, "client_secret": self.secret}
        base = self.issuer.partition("/realms/")[0]
        master = self._post(f"{base}/realms/master/protocol/openid-connect/token", data=grant).json()
        made = realm.client(client_id, defaultClientScopes=[], protocolMappers=mappers(claims), secret=self.secret)
        made |= {"optionalClientScopes": offered(), "attributes": {"access.token.lifespan": LIFE}, **about}
        bearer = {"authorization": f"Bearer {master['access_token']}"}
        self._post(f"{base}/admin/realms/relais/clients", json=made, headers=bearer)

    def _post(self, url: str, **sent: Any) -> httpx.Response:
        answer = httpx.post(url, trust_env=False, timeout=60, **sent)
        return answer if answer.status_code == httpx.codes.CONFLICT else answer.raise_for_status()


def mappers(claims: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What writes these claims, and our audience, into every token of a client."""
    found = [realm.mapper("audience", "oidc-audience-mapper", included__custom__audience="relais")]
    for name, value in claims.items():
        if name != "scope":
            kind, text = ("String", value) if isinstance(value, str) else ("JSON", json.dumps(value))
            said = {"claim__name": name, "claim__value": text, "jsonType__label": kind}
            found.append(realm.mapper(name, "oidc-hardcoded-claim-mapper", **said))
    return found
