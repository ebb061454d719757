"""Organisations side by side: whatever the route, nobody sees, lists, counts or changes another organisation's data."""

import re
from typing import Any

import httpx
import pytest

from shared.ids import new_id
from tests.cases.neighbours import OTHER, ROLES, body_for, ids_in, kept, of, shown
from tests.cases.world import (
    AGREEMENT,
    ASSIGNMENT,
    CLOSURE,
    COMPLETION,
    PLAN,
    TASK,
    VISIT,
    World,
)

BODIES: dict[str, Any] = {
    "assign_case": ASSIGNMENT,
    "record_visit_of_case": VISIT,
    "draft_plan": PLAN,
    "agree_plan": AGREEMENT,
    "add_task_to_plan": TASK,
    "complete_task": COMPLETION,
    "close_case": CLOSURE,
    "pause_case": {"reason": "readmitted", "until": "2026-12-01"},
    "share_case": {
        "organisation": "maison",
        "rule": "read",
        "purpose": "Suivi commun",
        "consent": {"kind": "oral", "by": "person", "on": "2026-11-20"},
    },
}
"""Bodies that a schema alone does not lead to."""

QUERY = {"from": "2026-11-01", "to": "2026-11-30", "on": "2026-11-20", "day": "2026-11-20", "q": "logement"}
REFUSED = {403, 404}
PUBLISHED = re.compile(r"rules|templates|labels|routing|permissions")
"""Data that is the same for everybody."""


async def furnished(world: World) -> str:
    """A case of the programme with something in as many tables as the core has."""
    case_id = await world.agreed()
    await world.knows(OTHER, "maison")
    await world.done(case_id, "tasks", {**TASK, "within_mission": False, "mission_reason": "nobody-else"})
    await world.done(case_id, "pathway/deviations", {"step": "home-visit", "reason": "person-wish"})
    consent = {"kind": "oral", "by": "person", "on": "2026-11-20"}
    sharing = {"organisation": "maison", "rule": "read", "purpose": "Suivi commun", "consent": consent}
    await world.done(case_id, "shares", sharing)
    waiting = await world.opened()
    await world.done(waiting, "waiting-list", {})
    gone = await world.opened()
    await world.hear("referrals.cancellation-requested.v1", await origin_of(world, gone), {"referral_id": "0" * 32})
    return case_id


async def origin_of(world: World, case_id: str) -> Any:
    """The referral behind a case."""
    [row] = await world.rows('SELECT origin_id FROM "case" WHERE id = $1', case_id)
    return row["origin_id"]


class Walk:
    """A walk through every route of the contract, with the ids of somebody else's records."""

    def __init__(self, world: World, case_id: str, foreign: dict[str, set[str]]) -> None:
        self.world, self.case_id = world, case_id
        self.contract: dict[str, Any] = world.service.app.openapi()
        self.foreign = foreign
        self.secrets = ids_in(foreign)
        self.leaks: list[str] = []

    async def go(self) -> list[str]:
        """Try every route of the service; what leaked, by route."""
        for path, operations in self.contract["paths"].items():
            for method, operation in operations.items():
                if path.startswith("/cases"):
                    await self.attempt(method, path, operation)
        return self.leaks

    async def attempt(self, method: str, path: str, operation: dict[str, Any]) -> None:
        """One route, as each role of the other organisation."""
        for role in ROLES:
            for url in await self.urls(path, operation):
                answer = await self.send(method, url, operation, role)
                self.judge(f"{method.upper()} {path} as {role}", path, answer)

    async def urls(self, path: str, operation: dict[str, Any]) -> list[str]:
        """The path with each foreign id that its parameters may stand for."""
        query = [each for each in operation.get("parameters", ()) if each["in"] == "query" and each.get("required")]
        asked = "&".join(f"{each['name']}={QUERY.get(each['name'], 'x')}" for each in query)
        names = [name for name in re.findall(r"{(\w+)}", path) if name != "case_id"]
        urls = [path.replace("{case_id}", self.case_id)]
        for name in names:
            urls = [url.replace(f"{{{name}}}", value) for url in urls for value in await self.values(name)]
        return [f"{url}?{asked}" if asked else url for url in urls]

    async def values(self, name: str) -> list[str]:
        """Foreign ids for a path parameter; its table is told by its name."""
        table = name.removesuffix("_id")
        found = [each for each in self.foreign if each == table or each.endswith(f"_{table}") or table in each]
        if name.endswith("_id") and found:
            ids = [re.search(r'"id": "([0-9a-f-]{36})"', row) for each in found for row in sorted(self.foreign[each])]
            named = [each[1] for each in ids if each]
            return named[:2] or [str(new_id())]
        return {"organisation": ["relais"], "subject": ["case-manager-nurse"], "worker": ["case-manager-nurse"]}.get(
            name, [str(new_id()) if name.endswith("_id") else "case-manager-nurse"]
        )

    async def send(self, method: str, url: str, operation: dict[str, Any], role: str) -> httpx.Response:
        """One request of the other organisation, with the ETag of the moment."""
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        name = operation["operationId"]
        known = next((value for key, value in BODIES.items() if key in name), None)
        sent = known if known is not None else body_for(body, self.contract) if body else None
        headers = {"if-match": await self.world.etag(self.case_id)}
        return await of(self.world, role).request(method, url, json=sent, headers=headers)

    def judge(self, what: str, path: str, answer: httpx.Response) -> None:
        """Note what an answer gives away."""
        if answer.status_code >= 500:
            self.leaks.append(f"{what}: {answer.status_code} {answer.text[:200]}")
        told = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", answer.text)) & self.secrets
        workers = "case-manager-nurse" in answer.text.replace(f"case-manager-nurse-{OTHER}", "")
        if answer.is_success and not PUBLISHED.search(path) and (told or workers):
            self.leaks.append(f"{what}: {answer.status_code} tells of {sorted(told)[:3]} {shown(answer.json())}")
        if "{case_id}" in path and answer.status_code not in REFUSED | {422}:
            self.leaks.append(f"{what}: {answer.status_code} instead of 404 {answer.text[:200]}")


async def test_no_route_shows_or_changes_another_organisations_records(world: World) -> None:
    case_id = await furnished(world)
    before = await kept(world)

    leaks = await Walk(world, case_id, before).go()

    after = await kept(world)
    changed = {table: sorted(rows - after[table])[:2] for table, rows in before.items() if rows - after[table]}
    assert not leaks, "\n".join(leaks)
    assert not changed, shown(changed)


async def test_the_walk_sees_a_leak_where_the_case_is_shared(world: World) -> None:
    case_id = await furnished(world)
    before = await kept(world)
    consent = {"kind": "oral", "by": "person", "on": "2026-11-20"}
    sharing = {"organisation": OTHER, "rule": "co-lead", "purpose": "Suivi commun", "consent": consent}
    await world.done(case_id, "shares", sharing)

    leaks = await Walk(world, case_id, before).go()

    assert len(leaks) > 5


@pytest.mark.parametrize(
    ("rules", "said", "expected"),
    [
        ([], {}, "relais"),
        ([], {"organisation": "maison"}, "maison"),
        ([{"organisation": "centre", "programme": "sclerose"}], {"programme": "sclerose"}, "centre"),
        ([{"organisation": "centre", "programme": "sclerose"}], {"programme": "autre"}, "relais"),
        ([{"organisation": "centre", "origin_kind": "contact"}], {}, "relais"),
        ([{"organisation": "centre", "origin_kind": "referral"}, {"organisation": "maison"}], {}, "centre"),
        ([{"organisation": "centre", "urgency": "urgent"}, {"organisation": "maison"}], {}, "maison"),
        ([{"organisation": "centre"}], {"organisation": "maison"}, "maison"),
    ],
)
async def test_a_request_goes_to_the_organisation_that_the_rules_name(
    world: World, rules: list[dict[str, str]], said: dict[str, str], expected: str
) -> None:
    await world.knows("centre", "maison")
    operator = world.as_("operator")
    etag = (await operator.get("/cases/routing")).headers["etag"]
    put = await operator.put("/cases/routing", json={"rules": rules}, headers={"if-match": etag})
    assert put.status_code == 200, put.text

    referral = new_id()
    accepted = {"referral_id": referral, "person_id": None, "urgency": "routine", **said}
    await world.hear("referrals.referral-accepted.v1", referral, accepted)

    [row] = await world.rows('SELECT organisation FROM "case"')
    assert row["organisation"] == expected
    listed = {
        organisation: len((await of(world, organisation=organisation).get("/cases")).json()["items"])
        for organisation in ("relais", "centre", "maison")
    }
    assert listed == {each: int(each == expected) for each in listed}


async def test_routing_rules_are_replaced_by_whoever_saw_them_last(world: World) -> None:
    await world.knows("centre")
    operator, body = world.as_("operator"), {"rules": [{"organisation": "centre"}], "default": "centre"}

    unseen = await operator.put("/cases/routing", json=body)
    done = await operator.put("/cases/routing", json=body, headers={"if-match": '"0"'})
    stale = await operator.put("/cases/routing", json=body, headers={"if-match": '"0"'})
    unknown = await operator.put(
        "/cases/routing", json={"rules": [{"organisation": "nulle-part"}]}, headers={"if-match": '"1"'}
    )
    coordinator = await world.as_("coordinator").put("/cases/routing", json=body, headers={"if-match": '"1"'})

    assert [each.status_code for each in (unseen, done, stale, unknown, coordinator)] == [428, 200, 412, 422, 403]
    assert (await world.read("/cases/routing"))["default"] == "centre"
    assert unknown.json()["errors"] == [
        {**unknown.json()["errors"][0], "pointer": "/rules/0/organisation", "code": "unknown-organisation"}
    ]
