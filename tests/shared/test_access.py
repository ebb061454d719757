"""Access: no route without exactly one rule, and every persona gets exactly what the matrix says."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.websockets import WebSocket

from shared import access
from shared.access import AccessRule, Anyone, May, OpenRoute, refuse_open_routes, rules_of
from shared.auth import Caller
from shared.host import described
from shared.local.issuer import personas
from shared.testing.harness import UnderTest
from tests.server import TestServer
from tests.shared.toy_service import counting_service, run_counting

SERVICES = ("intake", "cases", "assessment", "scheduler", "referrals")
WRITTEN: Mapping[str, Any] = json.loads(Path(access.MATRIX_FILE).read_text())
MATRIX: Mapping[str, Mapping[str, str]] = WRITTEN["actions"]
CLAIMS = {role["claim"] for role in WRITTEN["roles"].values()}
OPEN = ("/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs", "/docs/{name}")
OPEN_EVENTS = ("/events/asyncapi.json", "/events/{name}.schema.json", "/audit/purposes")
OPEN_HERE: dict[str, tuple[str, ...]] = {
    "cases": ("/states",),
    "scheduler": ("/calendar.ics", "/feeds/{token}/calendar.ics"),
    "referrals": (
        "/states",
        "/fhir/metadata",
        "/fhir/.well-known/smart-configuration",
        *(
            f"/fhir/{kind}{which}"
            for kind in ("CodeSystem", "ValueSet", "StructureDefinition")
            for which in ("", "/{name}")
        ),
    ),
}
"""What a service publishes to everybody beside its operations: a state table, code systems, a calendar by its token."""
Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


def start(router: APIRouter) -> None:
    """Start a service with these routes, as far as its access rules."""
    refuse_open_routes(described(counting_service(router)))


def test_a_route_without_a_rule_does_not_start() -> None:
    router = APIRouter(prefix="/counting")

    @router.get("/open")
    async def open_to_all() -> None:
        """Nobody thought of who may."""

    with pytest.raises(OpenRoute, match="/counting/open"):
        start(router)


def test_a_route_with_two_rules_does_not_start() -> None:
    router = APIRouter(prefix="/counting")

    @router.get("/double")
    async def double(
        one: Annotated[Caller, Depends(May("events:operate"))], two: Annotated[None, Depends(Anyone())]
    ) -> None:
        """Two rules contradict each other sooner or later."""

    with pytest.raises(OpenRoute, match="2 access rules"):
        start(router)


def test_a_route_with_an_unknown_action_does_not_start() -> None:
    router = APIRouter(prefix="/counting")

    @router.get("/unknown")
    async def unknown(caller: Annotated[Caller, Depends(May("moon:visit"))]) -> None:
        """An action that nobody granted."""

    with pytest.raises(OpenRoute, match="moon:visit"):
        start(router)


def test_a_route_of_a_router_inside_a_router_is_looked_at_too() -> None:
    outer, inner = APIRouter(prefix="/counting"), APIRouter(prefix="/deep")

    @inner.get("/open")
    async def open_to_all() -> None:
        """Hidden one floor down."""

    outer.include_router(inner)
    with pytest.raises(OpenRoute, match="/counting/deep/open"):
        start(outer)


def test_what_can_name_no_rule_does_not_start() -> None:
    async def talk(websocket: WebSocket) -> None:
        """Talk."""

    router = APIRouter(prefix="/counting")
    router.add_api_websocket_route("/talk", talk)
    with pytest.raises(OpenRoute, match="talk"):
        start(router)
    app = FastAPI(openapi_url=None)
    app.mount("/files", FastAPI())
    with pytest.raises(OpenRoute, match="/files"):
        refuse_open_routes(app)


def test_a_rule_may_stand_behind_another_dependency() -> None:
    async def loaded(caller: Annotated[Caller, Depends(May("events:operate"))]) -> str:
        return caller.subject

    router = APIRouter(prefix="/counting")

    @router.get("/loaded")
    async def read(subject: Annotated[str, Depends(loaded)]) -> str:
        """The rule is one dependency further."""
        return subject

    start(router)


async def test_of_several_roles_the_widest_scope_counts(postgres: TestServer) -> None:
    action, granted = next((action, granted) for action, granted in MATRIX.items() if len(set(granted.values())) > 1)
    reaches = list(access.Scope)
    narrow, *_, wide = sorted(granted, key=lambda role: reaches.index(access.Scope(granted[role])))
    router = APIRouter(prefix="/counting")

    @router.get("/scope")
    async def scope(caller: Annotated[Caller, Depends(May(action))]) -> str:
        """How far the caller's permission reaches."""
        return caller.scope

    expected = {(narrow,): granted[narrow], (wide, narrow): granted[wide], ("nobody", narrow, wide): granted[wide]}
    async with run_counting(postgres, router) as counting:
        for roles, reach in expected.items():
            async with counting.client("auditor", roles=list(roles), scope="system/*.cruds") as client:
                assert (await client.get("/counting/scope")).json() == reach


async def test_a_role_counts_only_as_it_is_written(postgres: TestServer) -> None:
    async with run_counting(postgres) as counting:
        for roles in ([], ["nobody"], ["Operator"], ["operator "], [["operator"]], [None]):
            async with counting.client("auditor", roles=roles) as client:
                assert (await client.get("/counting/counters")).status_code == 403


async def test_access_is_decided_before_the_input_is_looked_at(postgres: TestServer) -> None:
    async with run_counting(postgres) as counting:
        path = f"/counting/counters/{uuid4()}/count"
        for persona, status in ((None, 401), ("analyst", 403)):
            async with counting.client(persona) as client:
                answers = [
                    await client.post(path),
                    await client.post(path, headers={"if-match": "x"}),
                    await client.post(f"{path}?odd=1"),
                    await client.post("/counting/counters", content=b"{not json"),
                    await client.post("/counting/events/republication", content=b"{not json"),
                ]
                assert [answer.status_code for answer in answers] == [status] * 5


async def test_a_kept_answer_is_not_given_to_one_who_may_no_longer(postgres: TestServer) -> None:
    async with run_counting(postgres) as counting:
        key = {"idempotency-key": "a-key"}
        async with counting.client("operator") as client:
            assert (await client.post("/counting/counters", json={}, headers=key)).status_code == 201
        async with counting.client("operator", roles=["analyst"]) as client:
            assert (await client.post("/counting/counters", json={}, headers=key)).status_code == 403


def test_the_matrix_names_only_its_own_roles_and_known_scopes() -> None:
    for action, granted in MATRIX.items():
        assert re.fullmatch(r"[a-z-]+:[a-z-]+", action)
        assert set(granted) <= CLAIMS | WRITTEN["roles"].keys(), action
        assert set(granted.values()) <= {scope.value for scope in access.Scope}, action


def test_every_persona_has_a_role_of_the_matrix() -> None:
    for name, persona in personas().items():
        assert access.roles_of(frozenset(persona["roles"]), persona.get("discipline", "")), name


def test_a_role_is_known_by_its_claim_and_where_it_has_one_by_its_discipline() -> None:
    manager = frozenset({"case-manager"})
    assert access.roles_of(manager, "nurse") == {"case-manager-nurse"}
    assert access.roles_of(manager, "social-worker") == {"case-manager-social-worker"}
    assert access.roles_of(manager, "") == access.roles_of(frozenset({"case-manager-nurse"}), "nurse") == frozenset()


def test_every_role_and_scope_has_a_name_in_four_languages() -> None:
    for labels in (*(role["labels"] for role in WRITTEN["roles"].values()), *WRITTEN["scopes"].values()):
        assert set(labels) == {"fr", "nl", "de", "en"}
        assert all(labels.values())


def test_fields_are_fenced_for_roles_that_have_an_action_on_their_resource() -> None:
    for resource, rules in access.published().fields.items():
        granted = {
            role for action, roles in access.matrix().items() if action.startswith(f"{resource}:") for role in roles
        }
        for field, fenced in rules.items():
            assert {role for roles in fenced.values() for role in roles} <= granted, f"{resource} {field}"


def rule_of(route: Any) -> AccessRule:
    """The one rule of a route."""
    [rule] = rules_of(route.dependant)
    return rule


def filled(path: str) -> str:
    """A path with something in its place holders."""
    path = re.sub(r"\{[a-z_]+:uuid\}", str(uuid4()), path)
    return re.sub(r"\{[a-z_]+(:[a-z]+)?\}", "1", path)


async def ask(client: httpx.AsyncClient, method: str, path: str) -> int:
    """The status of a request that says nothing of use."""
    content = b"{}" if method in {"POST", "PUT", "PATCH"} else b""
    headers = {"if-match": '"1"', "content-type": "application/json"}
    return (await client.request(method, path, headers=headers, content=content)).status_code


async def surprises(running: UnderTest, persona: str | None) -> AsyncIterator[str]:
    """Where a persona gets another answer than the matrix says."""
    roles = set(personas()[persona]["roles"]) if persona else set()
    async with running.client(persona) as client:
        for route in iter_route_contexts(running.app.routes):
            rule = rule_of(route)
            for method in sorted(route.methods or ()):
                status = await ask(client, method, filled(str(route.path)))
                allowed = isinstance(rule, Anyone) or bool(roles & set(MATRIX[rule.action]))  # type: ignore[attr-defined]
                refused = 401 if persona is None else 403
                if (status in {401, 403} if allowed else status != refused) or (status == 500):
                    yield f"{persona}: {method} {route.path} -> {status}"


@pytest.mark.parametrize("name", SERVICES)
async def test_every_persona_gets_exactly_what_the_matrix_says_on_every_route(run_service: Run, name: str) -> None:
    async with run_service(name) as running:
        assert sum(1 for _ in iter_route_contexts(running.app.routes)) > 15
        found = [wrong for persona in (None, *personas()) async for wrong in surprises(running, persona)]
    assert found == []


@pytest.mark.parametrize("name", SERVICES)
def test_only_health_metrics_and_documents_are_open_to_everybody(name: str) -> None:
    app = described(import_module(f"services.{name}.app").service)
    routes = list(iter_route_contexts(app.routes))
    assert all(isinstance(route.original_route, APIRoute) for route in routes)
    open_paths = {str(route.path) for route in routes if isinstance(rule_of(route), Anyone)}
    assert open_paths == {f"/{name}{path}" for path in (*OPEN, *OPEN_EVENTS, *OPEN_HERE.get(name, ()))}


async def test_the_matrix_is_published_to_those_who_check_it(postgres: TestServer) -> None:
    async with run_counting(postgres) as counting, counting.client("auditor") as client:
        told = (await client.get("/counting/permissions")).json()
    assert told["actions"].keys() == MATRIX.keys()
    assert set(told) == {"about", "scopes", "roles", "everybodys", "actions", "relationships", "fields"}
    assert told["actions"]["case:read"]["case-manager-nurse"] == MATRIX["case:read"]["case-manager"]
