"""Scopes beside roles: a system may do what its token was issued for, and never more than its role."""

import re
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from shared.access import matrix
from shared.auth import Caller
from shared.local.issuer import personas
from shared.scopes import covered, narrowed, needs, offered, suffices, systems
from shared.testing.harness import ISSUER, UnderTest
from tests.referrals.pushes import FULL
from tests.security.tokens.assertions import ec_key, form, public, signed

FHIR = "/referrals/fhir"
TOKEN = f"{ISSUER.issuer}/token"


def caller(roles: Iterable[str], *scopes: str) -> Caller:
    """Somebody with these roles and scopes."""
    return Caller("x", "x", "chu", frozenset(roles), "", oauth_scopes=frozenset(scopes))


@pytest.mark.parametrize(
    ("needed", "given", "allowed"),
    [
        ("ServiceRequest.c", ["system/ServiceRequest.c"], True),
        ("ServiceRequest.c", ["system/ServiceRequest.cruds"], True),
        ("ServiceRequest.c", ["system/*.cruds"], True),
        ("ServiceRequest.c", ["user/ServiceRequest.c"], True),
        ("ServiceRequest.rs", ["system/ServiceRequest.r", "system/*.s"], True),
        ("ServiceRequest.c", ["system/ServiceRequest.rs"], False),
        ("ServiceRequest.rs", ["system/ServiceRequest.r"], False),
        ("ServiceRequest.c", ["system/Task.cruds"], False),
        ("*.rs", ["system/Task.rs"], False),
        ("ServiceRequest.c", ["patient/*.cruds"], False),
        ("ServiceRequest.c", ["system/ServiceRequest.c?category=x"], False),
        ("ServiceRequest.c", ["system/ServiceRequest.srudc"], False),
        ("ServiceRequest.c", ["system/ServiceRequest.write", "system/ServiceRequest.*"], False),
        ("ServiceRequest.c", ["system/servicerequest.c", "SYSTEM/ServiceRequest.c", "xsystem/ServiceRequest.c"], False),
        ("ServiceRequest.c", ["system/ServiceRequest.", "system/*."], False),
        ("ServiceRequest.c", [], False),
    ],
)
def test_a_scope_covers_what_it_says(needed: str, given: list[str], allowed: bool) -> None:
    assert covered(needed, given) is allowed


def test_a_person_s_token_without_smart_scopes_is_judged_by_its_roles() -> None:
    assert suffices(caller(["coordinator"]), "ServiceRequest.u")
    assert suffices(caller(["coordinator"], "openid", "profile"), None)


def test_a_token_with_smart_scopes_is_bound_to_them_whoever_holds_it() -> None:
    assert suffices(caller(["coordinator"], "user/ServiceRequest.u"), "ServiceRequest.u")
    assert not suffices(caller(["coordinator"], "user/ServiceRequest.rs"), "ServiceRequest.u")
    assert not suffices(caller(["coordinator"], "patient/ServiceRequest.cruds"), "ServiceRequest.u")
    assert not suffices(caller(["coordinator"], "system/*.cruds"), None)


def test_a_system_without_scopes_may_do_nothing() -> None:
    for role in systems():
        assert not suffices(caller([role]), "ServiceRequest.c")
        assert not suffices(caller([role, "coordinator"], "openid"), "ServiceRequest.c")


def test_every_action_of_a_system_has_its_scope_and_every_scope_an_action() -> None:
    assert set(needs()) <= set(matrix())
    for action, roles in matrix().items():
        if not systems().isdisjoint(roles):
            assert action in needs(), action
    for scope in offered():
        assert re.fullmatch(r"system/(\*|[A-Z][A-Za-z]+)\.c?r?u?d?s?", scope)


def test_a_client_gets_what_it_registered_and_no_more() -> None:
    asked = ["system/Task.rs", "system/ServiceRequest.c", "openid", "patient/*.rs"]
    assert narrowed(asked, ["system/Task.cruds"]) == ["system/Task.rs"]
    assert narrowed(["system/*.rs", "system/Task."], ["system/Task.cruds"]) == []


async def test_a_system_that_may_only_read_cannot_push(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu", scope="system/ServiceRequest.rs") as client:
        assert (await client.get("/referrals")).status_code == 200
        for answer in (
            await client.post("/referrals", json=FULL),
            await client.post(FHIR, json={"resourceType": "Bundle"}),
            await client.post(f"{FHIR}/ServiceRequest", json={"resourceType": "ServiceRequest"}),
        ):
            assert answer.status_code == 403
            challenge = 'Bearer realm="relais", error="insufficient_scope", scope="system/ServiceRequest.c"'
            assert answer.headers["www-authenticate"] == challenge
        assert (await client.get("/referrals/directory/organisations")).status_code == 403


async def test_a_system_that_may_only_push_cannot_read(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu", scope=None, scp=["system/ServiceRequest.c"]) as client:
        answer = await client.post("/referrals", json=FULL)
        assert answer.status_code == 201
        assert (await client.get(answer.headers["location"])).status_code == 403


async def test_the_fhir_base_looks_at_the_type(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        assert (await client.post("/referrals", json=FULL)).status_code == 201
    async with referrals.client("hospital-chu", scope="system/Task.rs") as client:
        assert (await client.get(f"{FHIR}/Task")).json()["total"] == 1
        for kind in ("Patient", "ServiceRequest", "QuestionnaireResponse"):
            assert (await client.get(f"{FHIR}/{kind}")).status_code == 403
    async with referrals.client("hospital-chu", scope="system/Task.r") as client:
        assert (await client.get(f"{FHIR}/Task")).status_code == 403


async def test_what_comes_along_is_read_too(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        assert (await client.post("/referrals", json=FULL)).status_code == 201
    kinds = {}
    for scope in ("system/Task.rs", "system/Task.rs system/Patient.r"):
        async with referrals.client("hospital-chu", scope=scope) as client:
            found = (await client.get(f"{FHIR}/Task?_include=Task:patient")).json()
            kinds[scope] = {entry["resource"]["resourceType"] for entry in found["entry"]}
    assert kinds == {"system/Task.rs": {"Task"}, "system/Task.rs system/Patient.r": {"Task", "Patient"}}


@pytest.mark.parametrize("scope", [7, {"system/*.cruds": True}, ["system/*.cruds", 7]])
async def test_scopes_that_are_no_words_make_no_token(referrals: UnderTest, scope: Any) -> None:
    async with referrals.client("hospital-chu", scope=scope) as client:
        assert (await client.get("/referrals")).status_code == 401


async def test_a_hospital_pushes_with_the_token_that_its_key_gave_it(referrals: UnderTest) -> None:
    key = ec_key()
    ISSUER.register("hospital-chu", public(key))
    async with referrals.client() as client:
        at = client.base_url.join("/auth/token")
    issuer = referrals.neighbours.issuer
    async with httpx.AsyncClient(transport=issuer) as asking:
        asked = form(signed(key, "hospital-chu", TOKEN), scope="system/ServiceRequest.c")
        token = (await asking.post(at, data=asked)).json()["access_token"]
    async with referrals.client() as client:
        answer = await client.post("/referrals", json=FULL, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 201


def test_the_personas_of_systems_carry_their_scopes() -> None:
    for name, persona in personas().items():
        assert ("scope" in persona) is not systems().isdisjoint(persona["roles"]), name
