"""Writes the realms of `deploy/keycloak` from the matrix, scopes and personas: `python -m shared.local.realm`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.access import published
from shared.local.issuer import personas
from shared.scopes import offered, systems

FOLDER = Path(__file__).parents[2] / "deploy" / "keycloak"
PRODUCTION = FOLDER / "relais-realm.json"
DEMO = FOLDER / "relais-demo-realm.json"
SCOPE = "relais"
SECRET = "${RELAIS_DEMO_SECRET}"
PASSWORD = "${RELAIS_DEMO_PASSWORD}"
SERVICES = tuple(f"service-{name}" for name in ("intake", "cases", "assessment", "scheduler", "referrals"))

Json = dict[str, Any]


def mapper(name: str, kind: str, **config: str) -> Json:
    """A protocol mapper that writes into access tokens."""
    given = {"access.token.claim": "true", "id.token.claim": "false", "introspection.token.claim": "true", **config}
    dotted = {key.replace("__", "."): value for key, value in given.items()}
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": dotted}


def attribute(name: str) -> Json:
    """A claim from a user's attribute."""
    options = {"user__attribute": name, "claim__name": name, "jsonType__label": "String"}
    return mapper(name, "oidc-usermodel-attribute-mapper", **options)


def client_scopes() -> list[Json]:
    """What every token of ours carries, and the SMART scopes that systems ask for by name."""
    roles = {"claim__name": "roles", "multivalued": "true", "jsonType__label": "String"}
    ours = [
        mapper("subject", "oidc-sub-mapper"),
        mapper("audience", "oidc-audience-mapper", included__custom__audience="relais"),
        mapper("roles", "oidc-usermodel-realm-role-mapper", **roles),
        attribute("org_id"),
        attribute("discipline"),
    ]
    hidden = {"include.in.token.scope": "false", "display.on.consent.screen": "false"}
    smart = {"include.in.token.scope": "true", "display.on.consent.screen": "true"}
    return [
        {"name": SCOPE, "protocol": "openid-connect", "attributes": hidden, "protocolMappers": ours},
        *({"name": name, "protocol": "openid-connect", "attributes": smart} for name in offered()),
    ]


def client(client_id: str, **about: Any) -> Json:
    """A client that acts for itself alone (client credentials), whose tokens carry our claims."""
    return {
        "clientId": client_id,
        "protocol": "openid-connect",
        "enabled": True,
        "publicClient": False,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "fullScopeAllowed": True,
        "defaultClientScopes": [SCOPE],
        "optionalClientScopes": [],
        **about,
    }


def by_key(client_id: str, scopes: Sequence[str] = (), algorithm: str = "ES384", **about: Any) -> Json:
    """A client that signs with its own key; no key is in the file, and without one nobody gets in."""
    return client(
        client_id,
        clientAuthenticatorType="client-jwt",
        attributes={"token.endpoint.auth.signing.alg": algorithm, "access.token.lifespan": "300"},
        optionalClientScopes=list(scopes),
        **about,
    )


def service_account(client_id: str, about: Mapping[str, Any]) -> Json:
    """Who a client is: its roles and organisation."""
    return {
        "id": client_id,
        "username": f"service-account-{client_id}",
        "enabled": True,
        "serviceAccountClientId": client_id,
        "realmRoles": about["roles"],
        "attributes": {name: [about[name]] for name in ("org_id", "discipline") if name in about},
    }


def console() -> Json:
    """The client of the people who work with Relais: a login in the browser with PKCE, without a secret."""
    return {
        **client("relais-console"),
        "publicClient": True,
        "standardFlowEnabled": True,
        "serviceAccountsEnabled": False,
        "redirectUris": ["${RELAIS_ORIGIN}/*"],
        "webOrigins": ["${RELAIS_ORIGIN}"],
        "attributes": {"pkce.code.challenge.method": "S256"},
    }


def profile() -> Json:
    """What Keycloak keeps of a user. Organisation and discipline are set by administrators only."""
    edited = {"permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}}
    fixed = {"permissions": {"view": ["admin", "user"], "edit": ["admin"]}, "multivalued": False}
    named = [{"name": name, **edited} for name in ("username", "email", "firstName", "lastName")]
    config = {"attributes": [*named, *({"name": name, **fixed} for name in ("org_id", "discipline"))], "groups": []}
    kept = {"kc.user.profile.config": [json.dumps(config)]}
    provider = {"providerId": "declarative-user-profile", "subComponents": {}, "config": kept}
    return {"org.keycloak.userprofile.UserProfileProvider": [provider]}


def role_names() -> list[str]:
    """Every role that a token may carry: those of the matrix, and those of the personas."""
    claims = {role.claim for role in published().roles.values()}
    return sorted(claims.union(*(persona["roles"] for persona in personas().values())))


def production() -> Json:
    """The realm without anybody in it: no user, no key, no secret."""
    example = by_key("hospital-example", offered(), enabled=False)
    return {
        "realm": "relais",
        "displayName": "Relais",
        "enabled": True,
        "sslRequired": "external",
        "registrationAllowed": False,
        "bruteForceProtected": True,
        "passwordPolicy": "length(14) and notUsername(undefined) and notEmail(undefined)",
        "accessTokenLifespan": 300,
        "revokeRefreshToken": True,
        "eventsEnabled": True,
        "adminEventsEnabled": True,
        "internationalizationEnabled": True,
        "supportedLocales": ["fr", "nl", "de", "en"],
        "defaultLocale": "fr",
        "roles": {"realm": [{"name": name} for name in role_names()]},
        "clientScopes": client_scopes(),
        "defaultDefaultClientScopes": [SCOPE],
        "components": profile(),
        "clients": [console(), *map(by_key, SERVICES), example],
        "users": [
            *(service_account(name, personas()[name]) for name in SERVICES),
            service_account("hospital-example", {"roles": ["hospital"], "org_id": "hospital-example"}),
        ],
    }


def demo() -> Json:
    """The realm with the personas in it: a client for each, and a user for each who is a person."""
    realm = production()
    realm["clients"] = [console()]
    realm["users"] = []
    for name, about in personas().items():
        is_system = not systems().isdisjoint(about["roles"])
        shown = by_key(name, offered()) if is_system else client(name, secret=SECRET)
        realm["clients"].append(shown)
        realm["users"].append(service_account(name, about))
        if not is_system and name not in SERVICES:
            realm["users"].append(user(name, about))
    return realm


def user(name: str, about: Mapping[str, Any]) -> Json:
    """A made-up person who logs in with the password of all of them."""
    return {
        "username": name,
        "enabled": True,
        "email": f"{name}@relais.example",
        "emailVerified": True,
        "firstName": "Démo",
        "lastName": name,
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        "realmRoles": about["roles"],
        "attributes": {key: [about[key]] for key in ("org_id", "discipline") if key in about},
    }


def written(realm: Json) -> str:
    """The file of a realm."""
    return json.dumps(realm, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PRODUCTION.write_text(written(production()))
    DEMO.write_text(written(demo()))
