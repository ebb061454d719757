"""A real Keycloak with our demo realm beside the five services: every persona, systems by key, and the main road."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from services.__main__ import NAMES
from shared.access import May, granted, rules_of
from shared.auth import Caller
from shared.host import described
from shared.http import Http, PullFailed, new_client
from shared.local import demo_people as people
from shared.local import realm
from shared.local.issuer import personas
from shared.local.road import Road, today
from shared.scopes import offered, suffices, systems
from shared.testing.harness import OUTSIDE
from shared.testing.issuers import EVERYTHING, OutsideIssuer
from tests.journeys.pushes import a_push
from tests.outside.keycloak import Keycloak
from tests.security.tokens.assertions import ec_key, form, rsa_key, signed
from tests.town import Town, running

FHIR = "/referrals/fhir"


class Nothing(BaseModel):
    """What nobody gives."""


SYSTEMS = [name for name, about in personas().items() if not systems().isdisjoint(about["roles"])]


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideIssuer]:
    """A server of our own, unless this run has one."""
    if OUTSIDE:
        yield OUTSIDE
        return
    with Keycloak(tmp_path_factory.mktemp("keycloak")) as server:
        yield server.outside


@pytest.fixture(scope="module")
def town(keycloak: OutsideIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """All five services, trusting Keycloak and nobody else."""
    with running(tmp_path_factory.mktemp("town"), keycloak) as town:
        yield town


@pytest.fixture
async def at(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the services, without a token."""
    async with httpx.AsyncClient(base_url=town.origin, trust_env=False, timeout=30) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"Bearer {token}"}


def caller(persona: str) -> Caller:
    """Who a persona is by our own list."""
    about = personas()[persona]
    scopes = frozenset({EVERYTHING} if persona in SYSTEMS else ())
    discipline = about.get("discipline", "")
    return Caller(persona, persona, about["org_id"], frozenset(about["roles"]), discipline, oauth_scopes=scopes)


def readings(service: str) -> list[tuple[str, May]]:
    """What a service lets be read: each path, with made-up ids, and the rule that guards it."""
    app = described(import_module(f"services.{service}.app").service)
    return [
        (re.sub(r"\{[a-z_]+(:[a-z]+)?\}", str(uuid4()), str(route.path)), rule)
        for route in iter_route_contexts(app.routes)
        for rule in (rules_of(route.dependant) if route.dependant else ())
        if isinstance(rule, May) and "GET" in (route.methods or ())
    ]


def first_paths(readings: Iterable[tuple[str, May]], persona: str) -> Mapping[bool, str]:
    """The first path that a persona may read, and the first that it may not, as the matrix says."""
    who, found = caller(persona), dict[bool, str]()
    for path, rule in readings:
        found.setdefault(granted(who, rule.action, "relais") is not None and suffices(who, rule.needs), path)
    return found


@pytest.mark.parametrize("service", NAMES)
async def test_every_persona_may_do_what_is_its_own_and_nothing_else(
    service: str, at: httpx.AsyncClient, keycloak: OutsideIssuer
) -> None:
    wrong, used, offered_here = [], 0, readings(service)
    for persona in personas():
        for allowed, path in first_paths(offered_here, persona).items():
            status = (await at.get(path, headers=bearer(keycloak.token(persona)))).status_code
            used += allowed
            if (status in (401, 403, 500)) if allowed else (status != 403):
                wrong.append((persona, path, allowed, status))
    assert wrong == []
    assert used > 3


async def test_the_main_road_is_walked_with_the_tokens_of_keycloak(town: Town, keycloak: OutsideIssuer) -> None:
    road = Road(town.origin, token=keycloak.token, wait=60)
    try:
        referral = await road.push(a_push(people.HEAVY, factors=["carer_burden"]))
        person = await road.identified(referral)
        assert len(await road.totals(referral)) == 1
        assert (await road.advice(referral))["advice"] == "case_management"
        await road.decide(referral, "acceptance")
        case = await road.case_of(referral)
        await road.assign(case)
        await road.visit(case)
        whole = await road.plan(case, people.plan_for(("relais", "centre"), today() + timedelta(days=7)))
        await road.finish_task(case, whole["tasks"][0]["id"], "line-nurse")
        await road.close_case(case, today() - timedelta(days=62))
        assert [each["person_id"] for each in await road.follow_ups(case)] == [person, person]
    finally:
        await road.close()


async def ask(keycloak: OutsideIssuer, grant: Mapping[str, str]) -> httpx.Response:
    """What Keycloak answers to a client."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return await client.post(keycloak.token_url, data=dict(grant))


async def test_a_hospital_gets_by_its_key_what_it_asks_for(at: httpx.AsyncClient, keycloak: OutsideIssuer) -> None:
    given = (await ask(keycloak, keycloak.grant("hospital-chu", "system/Task.rs"))).json()
    assert given["expires_in"] == 300
    assert given["scope"].split() == ["system/Task.rs"]
    reading = bearer(given["access_token"])
    assert (await at.get(f"{FHIR}/Task", headers=reading)).status_code == 200
    refused = await at.post("/referrals", json=a_push(people.LIGHT), headers=reading)
    assert (refused.status_code, 'error="insufficient_scope"' in refused.headers["www-authenticate"]) == (403, True)
    writing = (await ask(keycloak, keycloak.grant("hospital-chu", "system/ServiceRequest.c"))).json()
    pushed = await at.post("/referrals", json=a_push(people.LIGHT), headers=bearer(writing["access_token"]))
    assert pushed.status_code == 201


async def test_a_hospital_that_asks_for_no_scope_may_do_nothing(at: httpx.AsyncClient, keycloak: OutsideIssuer) -> None:
    given = (await ask(keycloak, keycloak.grant("hospital-chu", ""))).json()
    assert (await at.get("/referrals", headers=bearer(given["access_token"]))).status_code == 403


async def test_keycloak_refuses_what_is_no_proof(keycloak: OutsideIssuer) -> None:
    url, key = keycloak.issuer, keycloak.keys["hospital-chu"].key
    used = keycloak.grant("hospital-chu")
    assert (await ask(keycloak, used)).status_code == 200
    other = keycloak.keys["hospital-other"].key
    refused = {
        "the same assertion again": used,
        "another key": form(signed(ec_key(), "hospital-chu", url)),
        "another client's key": form(signed(other, "hospital-chu", url)),
        "an algorithm that is not the client's": form(signed(rsa_key(), "hospital-chu", url)),
        "another audience": form(signed(key, "hospital-chu", "https://login.example.org")),
        "expired": form(signed(key, "hospital-chu", url, exp=1)),
        "a secret": {"grant_type": "client_credentials", "client_id": "hospital-chu", "client_secret": "x"},
        "a scope that it has not": {**keycloak.grant("hospital-chu", "system/Everything.cruds")},
    }
    statuses = {name: (await ask(keycloak, grant)).status_code for name, grant in refused.items()}
    assert {name: status for name, status in statuses.items() if status not in (400, 401)} == {}


async def test_the_password_of_a_persona_is_no_way_in_for_a_client(keycloak: OutsideIssuer) -> None:
    grant = {"grant_type": "password", "username": "line-nurse", "password": "x", "client_id": "relais-console"}
    assert (await ask(keycloak, grant)).status_code in (400, 401)


async def test_a_service_is_a_client_of_keycloak_by_secret_or_by_key(town: Town, keycloak: OutsideIssuer) -> None:
    keys = keycloak.keys
    ways = [
        ("service-intake", keycloak.secret, None, "status 404"),
        ("service-intake", "a guess", None, "token"),
        ("hospital-chu", "", keys["hospital-chu"], "status 403"),
        ("hospital-chu", "", keys["hospital-other"], "token"),
    ]
    async with new_client() as client:
        for name, secret, key, outcome in ways:
            http = Http(client, keycloak.issuer, name, secret, lambda _: town.origin, key)
            with pytest.raises(PullFailed, match=outcome):
                await http.get("referrals", f"/referrals/{uuid4()}/demographics", Nothing)


async def test_what_keycloak_signs_for_others_opens_nothing(at: httpx.AsyncClient, keycloak: OutsideIssuer) -> None:
    good = keycloak.token("coordinator")
    assert (await at.get("/cases", headers=bearer(good))).status_code == 200
    head, payload, signature = good.split(".")
    for token in (f"{head}.{payload}.{signature[:-4]}AAAA", f"{head}.{payload}.", f"{head}..{signature}"):
        assert (await at.get("/cases", headers=bearer(token))).status_code == 401


async def test_the_fhir_base_says_what_keycloak_says(at: httpx.AsyncClient, keycloak: OutsideIssuer) -> None:
    smart = (await at.get(f"{FHIR}/.well-known/smart-configuration")).json()
    assert smart["token_endpoint"] == keycloak.token_url
    assert "ES384" in smart["token_endpoint_auth_signing_alg_values_supported"]
    assert "client-confidential-asymmetric" in smart["capabilities"]
    assert set(offered()) <= set(smart["scopes_supported"])


def test_the_realms_are_those_of_the_matrix_the_scopes_and_the_personas() -> None:
    for file, made in ((realm.PRODUCTION, realm.production()), (realm.DEMO, realm.demo())):
        assert file.read_text() == realm.written(made), "write them again: python -m shared.local.realm"


def test_no_realm_holds_a_secret_and_the_one_for_production_nobody() -> None:
    for made in (realm.production(), realm.demo()):
        words = [each.get("secret", realm.SECRET) for each in made["clients"]]
        words += [word["value"] for user in made["users"] for word in user.get("credentials", [])]
        assert all(re.fullmatch(r"\$\{[A-Z_]+\}", word) for word in words)
        assert not any("jwks.string" in each.get("attributes", {}) for each in made["clients"])
        assert not any(each["directAccessGrantsEnabled"] or each["implicitFlowEnabled"] for each in made["clients"])
    assert all("credentials" not in user for user in realm.production()["users"])
    assert not any("secret" in each for each in realm.production()["clients"])
