"""As many records as requests: every route of every service, refused and answered, has exactly one for each call."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from services.__main__ import NAMES
from shared.access import Anyone, May, matrix, rules_of
from shared.audit.purposes import purposes
from shared.testing.harness import UnderTest
from tests.security.audit.records import records

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
SOME_ID = "01900000-0000-7000-8000-00000000abcd"
PARAMETER = re.compile(r"{\w+(:\w+)?}")
ROLES = ("line-nurse", "case-manager-nurse", "coordinator", "hospital-chu", "partner-centre", "analyst", "operator")
UNAUDITED = frozenset({"live", "ready", "metrics", "openapi", "docs", "asset", "events", "event_schema"})
CONTRACTS = frozenset({"read_states", "read_state_table", "list_purposes", "fhir_capabilities"})


def calls(running: UnderTest) -> Iterator[tuple[str, str, Any, Any]]:
    """Every method of every route, with an address that fits it, its rule and its name."""
    for route in iter_route_contexts(running.app.routes):
        [rule] = list(rules_of(route.dependant))
        for method in sorted(route.methods or ()):
            address = PARAMETER.sub(lambda found: "1" if found[1] == ":int" else SOME_ID, str(route.path))
            yield method, address, route, rule


def allowed(rule: Any) -> str | None:
    """A persona that the matrix lets through."""
    granted = matrix()[rule.action] if isinstance(rule, May) else {}
    named = {"hospital": "hospital-chu", "partner": "partner-centre"}
    found = [named.get(role, role) for role in granted]
    return next((each for each in found if each in (*ROLES, "auditor")), None)


@pytest.mark.parametrize("name", NAMES)
async def test_every_request_has_one_record_and_what_is_open_to_all_has_none(run_service: Run, name: str) -> None:
    async with run_service(name) as running:
        asked: dict[str, tuple[str, str, Any, int]] = {}
        open_ones: set[str] = set()
        for method, address, route, rule in calls(running):
            is_open = isinstance(rule, Anyone) and not rule.action
            if is_open:
                open_ones.add(route.name)
            for persona in {None, "analyst", "service-cases", allowed(rule)}:
                number = f"request-{len(asked)}"
                async with running.client(persona) as client:
                    answer = await client.request(
                        method, address, json={} if method != "GET" else None, headers={"x-request-id": number}
                    )
                assert answer.headers["x-request-id"] == number
                if not is_open:
                    asked[number] = (route.path, method, rule, answer.status_code)

        found = await records(running)
        assert sorted(row["request_id"] for row in found) == sorted(asked)
        assert len({status for _, _, _, status in asked.values()}) > 3, "the walk must meet answers of many kinds"
        for row in found:
            path, method, rule, status = asked[row["request_id"]]
            assert (row["route"], row["method"], row["status"]) == (path, method, status)
            assert row["action"] == rule.action
            assert row["purpose"] in purposes().codes
            assert row["outcome"] == ("failed" if status >= 500 else "refused" if status >= 400 else "success")
            if "uuid" in path:
                assert SOME_ID in map(str, row["entities"]), path
        assert all(each in UNAUDITED | CONTRACTS or each.startswith("fhir_") for each in open_ones), open_ones


async def test_what_no_route_serves_is_recorded_too(run_service: Run) -> None:
    async with run_service("cases") as cases:
        async with cases.client("line-nurse") as nurse:
            assert (await nurse.get("/cases/nothing/by/this/name")).status_code == 404
            assert (await nurse.delete("/cases/caseload")).status_code == 405
        found = await records(cases)
    assert [(row["subject"], row["status"]) for row in found] == [("line-nurse", 404), ("line-nurse", 405)]
    assert found[0]["route"] == "unmatched"
    assert "by" not in json.dumps([row["route"] for row in found])
