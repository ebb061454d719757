"""Policies as data: read, changed in versions, followed by what is planned where that is asked."""

from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.scheduler.world import Scheduler, attempt, step

CODE = "/scheduler/policies/after-closing"
OURS = "/scheduler/policies/ours"


async def terms_of(client: httpx.AsyncClient, path: str = CODE) -> dict[str, Any]:
    """A policy as it could be sent back."""
    found = (await client.get(path)).json()
    return {name: value for name, value in found.items() if name not in {"code", "version", "in_force", "planned"}}


async def put(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    """Change a policy as it is now."""
    seen = await client.get(path)
    headers = {"if-match": seen.headers["etag"]} if seen.status_code == 200 else {}
    return await client.put(path, json=body, headers=headers)


async def test_the_shipped_policies_are_there_and_only_two_of_them_plan(scheduler: Scheduler) -> None:
    async with scheduler.running.client("coordinator") as coordinator:
        first = (await coordinator.get("/scheduler/policies")).json()["items"]
        again = (await coordinator.get("/scheduler/policies")).json()["items"]
        paged = (await coordinator.get("/scheduler/policies", params={"limit": 2})).json()
        rest = (await coordinator.get("/scheduler/policies", params={"limit": 2, "cursor": paged["next"]})).json()
    found = [(each["code"], each["version"], each["in_force"]) for each in first]
    assert found == [
        ("after-closing", 1, True),
        ("discharge", 1, False),
        ("line-outage", 1, True),
        ("no-contact", 1, False),
        ("plan-agreed", 1, False),
    ]
    assert first == again
    assert [*paged["items"], *rest["items"]] == first[:4]
    assert await scheduler.running.types() == []


async def test_a_change_makes_the_next_version_and_the_old_one_stays(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    async with scheduler.running.client("operator") as operator:
        body = await terms_of(operator)
        old = (await operator.get(CODE)).headers["etag"]
        answer = await put(operator, CODE, {**body, "slot": "10:30"})
        versions = (await operator.get("/scheduler/policies")).json()["items"]
        same = await put(operator, CODE, {**body, "slot": "10:30:00"})
    assert (answer.status_code, answer.json()["version"], answer.json()["planned"]) == (200, 2, None)
    assert (old, answer.headers["etag"], same.headers["etag"]) == ('"1"', '"2"', '"2"')
    assert [(each["version"], each["slot"], each["in_force"]) for each in versions[:2]] == [
        (1, "09:00:00", False),
        (2, "10:30:00", True),
    ]
    changed = [data for kind, data in await scheduler.running.announced() if kind == "scheduler.policy-changed.v1"]
    assert changed == [{"code": "after-closing", "version": 2, "apply_to": "future"}]
    assert {each["policy"]["version"] for each in await scheduler.of_case(case)} == {1}
    later = uuid4()
    await scheduler.close(later, date(2026, 11, 20))
    assert [(each["policy"]["version"], each["due_at"]) for each in await scheduler.of_case(later)] == [
        (2, "2026-12-21T09:30:00Z"),
        (2, "2027-05-20T08:30:00Z"),
    ]


async def test_a_change_needs_the_version_last_seen(scheduler: Scheduler) -> None:
    async with scheduler.running.client("operator") as operator:
        body = {**await terms_of(operator), "slot": "11:00"}
        answers = [
            await operator.put(CODE, json=body),
            await operator.put(CODE, json=body, headers={"if-match": '"7"'}),
            await operator.put(CODE, json=body, headers={"if-match": '"1"'}),
            await operator.put(CODE, json={**body, "slot": "12:00"}, headers={"if-match": '"1"'}),
        ]
    assert [answer.status_code for answer in answers] == [428, 412, 200, 412]


async def test_planned_follow_ups_follow_where_that_is_asked_and_what_somebody_began_does_not(
    scheduler: Scheduler,
) -> None:
    untouched, begun = uuid4(), uuid4()
    await scheduler.close(untouched, date(2026, 11, 10))
    await scheduler.close(begun, date(2026, 11, 10))
    path = f"/scheduler/follow-ups/{(await scheduler.of_case(begun))[0]['id']}"
    scheduler.running.clock.move(days=14)
    async with scheduler.running.client("line-nurse") as nurse:
        assert (await step(nurse, path, "attempts", attempt("no-answer", "2026-12-04T09:00:00Z"))).status_code == 201
    async with scheduler.running.client("operator") as operator:
        body = await terms_of(operator)
        wanted = [{"kind": "one-month", "months": 2}, {"kind": "one-year", "months": 12}]
        change = {**body, "steps": wanted, "apply_to": "planned"}
        preview = await operator.post(f"{CODE}/preview", json=change)
        before = [await scheduler.of_case(untouched), await scheduler.of_case(begun)]
        assert (await operator.get(CODE)).json()["version"] == 1
        answer = await put(operator, CODE, change)

    counts = {"moved": 1, "replanned": 0, "cancelled": 2, "added": 2}
    assert preview.json() == {"version": 2, "planned": counts}
    assert before[0][0]["due_on"] == "2026-12-10"
    assert answer.json()["planned"] == counts
    found = await scheduler.of_case(untouched)
    assert sorted((each["kind"], each["due_on"], each["status"], each["policy"]["version"]) for each in found) == [
        ("one-month", "2027-01-11", "planned", 2),
        ("one-year", "2027-11-10", "planned", 2),
        ("six-months", "2027-05-10", "cancelled", 1),
    ]
    found = await scheduler.of_case(begun)
    assert sorted((each["kind"], each["status"], each["policy"]["version"]) for each in found) == [
        ("one-month", "planned", 1),
        ("one-year", "planned", 2),
        ("six-months", "cancelled", 1),
    ]
    facts = await scheduler.running.announced()
    moved = [data for kind, data in facts if kind == "scheduler.follow-up-moved.v1"]
    assert [(each["moved_from"], each["due_on"], each["reason"]) for each in moved] == [
        ("2026-12-10", "2027-01-11", "policy-changed")
    ]
    cancelled = [data["reason"] for kind, data in facts if kind == "scheduler.follow-up-cancelled.v1"]
    assert cancelled == ["policy-changed", "policy-changed"]


async def test_a_disabled_policy_plans_nothing_and_drops_what_it_planned_where_that_is_asked(
    scheduler: Scheduler,
) -> None:
    case, later = uuid4(), uuid4()
    await scheduler.close(case, date(2026, 11, 10))
    async with scheduler.running.client("operator") as operator:
        answer = await put(operator, CODE, {**await terms_of(operator), "enabled": False, "apply_to": "planned"})
    await scheduler.close(later)
    assert answer.json()["planned"]["cancelled"] == 2
    assert {each["status"] for each in await scheduler.of_case(case)} == {"cancelled"}
    assert await scheduler.of_case(later) == []


async def test_an_organisation_has_its_own_policy_and_the_narrowest_holds(scheduler: Scheduler) -> None:
    case, elsewhere = uuid4(), uuid4()
    await scheduler.running.deliver(
        "cases.case-assigned.v1",
        elsewhere,
        {"case_id": elsewhere, "worker": "w", "discipline": "nurse", "organisation": "centre"},
    )
    async with scheduler.running.client("coordinator") as coordinator:
        body = {**await terms_of(coordinator), "organisation": "relais", "steps": [{"kind": "soon", "months": 2}]}
        made = await coordinator.put(OURS, json=body)
        changed = await put(coordinator, OURS, {**body, "slot": "14:00"})
    await scheduler.close(case)
    await scheduler.close(elsewhere)

    assert (made.status_code, made.json()["version"], changed.json()["version"]) == (200, 1, 2)
    assert [(each["kind"], each["policy"]) for each in await scheduler.of_case(case)] == [
        ("soon", {"code": "ours", "version": 2})
    ]
    async with scheduler.running.client("line-nurse", org_id="centre") as nurse:
        found = (await nurse.get("/scheduler/follow-ups", params={"case_id": str(elsewhere)})).json()["items"]
    assert [each["kind"] for each in found] == ["one-month", "six-months"]


async def test_a_new_narrower_policy_takes_over_what_is_planned_where_that_is_asked(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2026, 11, 10))
    async with scheduler.running.client("coordinator") as coordinator:
        body = {**await terms_of(coordinator), "organisation": "relais", "call_back_days": 30}
        answer = await coordinator.put(OURS, json={**body, "apply_to": "planned"})
    assert answer.json()["planned"] == {"moved": 0, "replanned": 2, "cancelled": 0, "added": 0}
    assert {each["policy"]["code"] for each in await scheduler.of_case(case)} == {"ours"}


async def test_two_policies_for_one_trigger_and_reach_do_not_stand_beside_each_other(scheduler: Scheduler) -> None:
    async with scheduler.running.client("operator") as operator:
        body = await terms_of(operator)
        overlapping = await operator.put("/scheduler/policies/twin", json=body)
        asleep = await operator.put("/scheduler/policies/twin", json={**body, "enabled": False})
        awake = await put(operator, "/scheduler/policies/twin", body)
        preview = await operator.post("/scheduler/policies/twin/preview", json=body)
    assert [each.status_code for each in (overlapping, asleep, awake, preview)] == [409, 200, 409, 409]
    assert overlapping.json()["code"] == "overlapping-triggers"


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"attempts": []}, {"/attempts": "too-short"}),
    ({"attempts": [{"channel": "call", "after": 1}]}, {"/attempts/0/after": "wrong-spacing"}),
    ({"attempts": [{"channel": "call"}, {"channel": "call"}]}, {"/attempts/1/after": "wrong-spacing"}),
    ({"attempts": [{"channel": "call"}, {"channel": "pigeon"}]}, {"/attempts/1/channel": "not-one-of"}),
    ({"slot": "06:59"}, {"/slot": "out-of-range"}),
    ({"slot": "20:01"}, {"/slot": "out-of-range"}),
    ({"slot": "late"}, {"/slot": "wrong-format"}),
    ({"zone": "Europe/Liege"}, {"/zone": "unknown-time-zone"}),
    ({"steps": []}, {"/steps": "too-short"}),
    ({"steps": [{"kind": "a", "months": 1}, {"kind": "b"}]}, {"/steps/1": "one-offset"}),
    ({"steps": [{"kind": "a", "months": 1}, {"kind": "a", "months": 6}]}, {"/steps/1/kind": "repeated"}),
    (
        {"steps": [{"kind": "a", "working_days": 1}, {"kind": "b", "working_days": 4}]},
        {"/steps/1": "overlapping-steps"},
    ),
    ({"steps": [{"kind": "b", "months": 2}, {"kind": "a", "months": 2}]}, {"/steps/1": "overlapping-steps"}),
    ({"after_weeks": 8}, {"/after_weeks": "not-expected"}),
    ({"trigger": "no-contact"}, {"/after_weeks": "required", "/trigger": "fixed"}),
    ({"trigger": "full-moon"}, {"/trigger": "not-one-of"}),
    ({"organisation": "centre"}, {"/organisation": "fixed"}),
    ({"programme": "inami"}, {"/programme": "fixed"}),
    ({"apply_to": "past"}, {"/apply_to": "not-one-of"}),
    ({"enabled": "yes"}, {"/enabled": "wrong-type"}),
    ({"surprise": 1}, {"/surprise": "unknown-field"}),
]


@pytest.mark.parametrize("door", ["put", "preview"])
async def test_a_policy_that_makes_no_sense_is_refused_with_its_place(scheduler: Scheduler, door: str) -> None:
    async with scheduler.running.client("operator") as operator:
        good = await terms_of(operator)
        for wrong, pointers in WRONG:
            body = {**good, **wrong}
            method, path = ("PUT", CODE) if door == "put" else ("POST", f"{CODE}/preview")
            answer = await operator.request(method, path, json=body, headers={"if-match": '"1"'})
            assert answer.status_code == 422, wrong
            assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == pointers
        assert (await operator.get(CODE)).json()["version"] == 1
    assert await scheduler.running.types() == []


async def test_who_may_change_which_policy(scheduler: Scheduler) -> None:
    async with scheduler.running.client("coordinator") as coordinator:
        body = await terms_of(coordinator)
        for_all = await put(coordinator, CODE, {**body, "slot": "10:00"})
        for_others = await coordinator.put(OURS, json={**body, "organisation": "centre"})
        unknown = await coordinator.get("/scheduler/policies/nothing")
    assert [for_all.status_code, for_others.status_code, unknown.status_code] == [422, 422, 404]
    assert for_all.json()["errors"] == [{"pointer": "/organisation", "code": "not-yours"}]
    for persona, read, write in ((None, 401, 401), ("analyst", 403, 403), ("line-nurse", 200, 403)):
        async with scheduler.running.client(persona) as client:
            answers = [
                await client.get(CODE),
                await client.put(CODE, json=body, headers={"if-match": '"1"'}),
                await client.post(f"{CODE}/preview", json=body),
            ]
        assert [answer.status_code for answer in answers] == [read, write, write]
