"""The routes of cases on a real database: the road of a case from its assignment to its reopening."""

import asyncio
from collections.abc import Callable
from typing import Any

from shared.ids import new_id
from tests.cases.world import (
    AGREEMENT,
    ASSIGNMENT,
    CLOSURE,
    COMPLETION,
    PLAN,
    TASK,
    TODAY,
    VISIT,
    World,
    at_work,
    named,
)


async def test_the_whole_road_of_a_case(world: World) -> None:
    await world.knows("centre")
    person = new_id()
    case_id = await world.opened(person_id=person)

    assigned = await world.done(case_id, "assignment", ASSIGNMENT)
    visit = await world.done(case_id, "visits", VISIT)
    after_visit = await world.view(case_id)
    draft = await world.done(case_id, "plan", PLAN)
    agreed = await world.done(case_id, "plan/agreement", AGREEMENT)
    line_task, partner_task = agreed["tasks"]
    done = await world.done(case_id, f"tasks/{line_task['id']}/completion", COMPLETION)
    closed = await world.done(case_id, "closure", CLOSURE)
    reopened = await world.done(case_id, "reopening", {"reason": "Le logement est perdu"})

    assert (assigned["state"], assigned["worker"], assigned["next_step"]) == (
        "open",
        "case-manager-nurse",
        ASSIGNMENT["next_step"],
    )
    assert (visit["km"], visit["on"], visit["recorded_by"]) == ("12.50", TODAY, "coordinator")
    assert (after_visit["state"], after_visit["care_started_on"]) == ("in-care", TODAY)
    assert (draft["plan_version"], draft["agreement"]) == (1, None)
    assert (agreed["phase"], agreed["plan"]["person_words"], agreed["draft"]) == (
        "coordinate",
        PLAN["person_words"],
        None,
    )
    assert {task["id"] for task in draft["tasks"]} == {line_task["id"], partner_task["id"]}
    assert (done["status"], done["done_on"], done["evidence"]) == ("done", TODAY, COMPLETION["evidence"])
    assert (closed["state"], closed["phase"], closed["next_step"], closed["closed_on"]) == (
        "closed",
        "evaluate",
        None,
        TODAY,
    )
    assert (reopened["state"], reopened["worker"], reopened["closed_on"]) == ("in-care", "case-manager-nurse", None)
    assert await world.service.types() == [
        "cases.case-opened.v1",
        "cases.case-assigned.v1",
        "cases.visit-recorded.v1",
        "cases.care-started.v1",
        "cases.activity-recorded.v1",
        "cases.plan-drafted.v1",
        "cases.plan-agreed.v1",
        "cases.task-assigned.v1",
        "cases.task-assigned.v1",
        "cases.task-done.v1",
        "cases.case-closed.v1",
        "cases.case-reopened.v1",
    ]
    [closing] = await world.told("cases.case-closed.v1")
    assert (closing["person_id"], closing["closed_on"], closing["reason"]) == (str(person), TODAY, "goals-reached")
    assert {(item["task_id"], item["domain"]) for item in closing["items"]} == {
        (line_task["id"], "finances"),
        (partner_task["id"], "living_place"),
    }


async def test_the_version_of_a_case_is_the_number_of_its_facts(world: World) -> None:
    case_id = await world.agreed()
    await world.done(case_id, "tasks", TASK)
    await world.done(case_id, "closure", CLOSURE)

    etag = await world.etag(case_id)
    about = [(kind, data) for kind, data in await world.service.announced() if data.get("case_id") == case_id]
    facts = [(kind, data) for kind, data in about if "activity_id" not in data]
    versions = await world.rows("SELECT aggregate_version FROM outbox WHERE aggregate_id = $1 ORDER BY seq", case_id)
    timeline = (await world.read(f"/cases/{case_id}/timeline?service=cases"))["items"]

    assert etag == f'"{len(facts)}"'
    assert [row["aggregate_version"] for row in versions] == list(range(1, len(facts) + 1))
    ours = [kind.split(".")[1] for kind, _ in facts]
    assert sorted(entry["kind"] for entry in timeline) == sorted(ours)


async def test_nothing_that_anybody_wrote_is_published(world: World) -> None:
    case_id = await world.agreed()
    task_id = (await world.view(case_id))["tasks"][0]["id"]
    await world.done(case_id, f"tasks/{task_id}/completion", COMPLETION)
    await world.done(case_id, "visits", {**VISIT, "note": "Un canari jaune"})
    await world.done(case_id, "closure", CLOSURE)
    await world.done(case_id, "reopening", {"reason": "Un canari bleu"})

    told = str(await world.service.announced())

    for word in ("canari", "chat", "logement social", "Lettre", "Tout est en place", "escalier", "nièce"):
        assert word not in told
    timeline = str((await world.read(f"/cases/{case_id}/timeline"))["items"])
    assert "Un canari bleu" in timeline
    assert "Tout est en place" in timeline


async def test_twenty_assignments_at_once_give_one_owner(world: World) -> None:
    case_id = await world.opened()
    etag = await world.etag(case_id)
    wanted = [{**ASSIGNMENT, "worker": f"worker-{number % 4}"} for number in range(20)]

    answers = await asyncio.gather(*(world.step(case_id, "assignment", body, etag=etag) for body in wanted))

    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 19
    [told] = await world.told("cases.case-assigned.v1")
    assert (await world.view(case_id))["worker"] == told["worker"]


async def test_the_cap_holds_when_many_cases_go_to_one_worker_at_once(run_service: Callable[..., Any]) -> None:
    async with at_work(run_service("cases", caseload_cap=3)) as world:
        cases = [await world.opened() for _ in range(8)]
        etags = [await world.etag(case_id) for case_id in cases]

        answers = await asyncio.gather(
            *(
                world.step(case_id, "assignment", ASSIGNMENT, etag=etag)
                for case_id, etag in zip(cases, etags, strict=True)
            )
        )

        assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
        refused = next(answer for answer in answers if answer.status_code == 409).json()
        assert (refused["code"], refused["open"], refused["cap"]) == ("caseload-full", 3, 3)
        [load] = (await world.read("/cases/caseload"))["items"]
        assert (load["worker"], load["open"], load["cap"]) == ("case-manager-nurse", 3, 3)
        left = next(case for case, answer in zip(cases, answers, strict=True) if answer.status_code == 409)
        await world.done(left, "assignment", {**ASSIGNMENT, "over_cap_reason": "Elle connaît la famille"})
        entries = (await world.read(f"/cases/{left}/timeline?service=cases"))["items"]
        [given] = [each for each in entries if each["kind"] == "case-assigned"]
        assert given["words"] == {"over_cap_reason": "Elle connaît la famille"}
        assert (await world.read("/cases/caseload"))["items"][0]["open"] == 4


async def test_a_case_that_the_worker_owns_or_a_closed_one_does_not_count(run_service: Callable[..., Any]) -> None:
    async with at_work(run_service("cases", caseload_cap=1)) as world:
        first, second = await world.opened(), await world.opened()
        await world.done(first, "assignment", ASSIGNMENT)
        later = {"kind": "evaluation", "due_on": "2027-01-15"}

        again = await world.step(first, "assignment", {**ASSIGNMENT, "next_step": later})
        full = await world.step(second, "assignment", ASSIGNMENT)
        await world.done(first, "closure", CLOSURE)
        free = await world.step(second, "assignment", ASSIGNMENT)

        assert (again.status_code, again.json()["next_step"]) == (201, later)
        assert (full.status_code, free.status_code) == (409, 201)


async def test_two_editors_of_one_case_do_not_overwrite_each_other(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    etag = await world.etag(case_id)

    answers = await asyncio.gather(*(world.step(case_id, "plan", PLAN, etag=etag) for _ in range(2)))
    late = await world.step(case_id, "visits", VISIT, etag=etag)

    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert (late.status_code, late.json()["code"]) == (412, "stale-version")
    assert late.json()["etag"] == await world.etag(case_id)
    assert len((await world.read(f"/cases/{case_id}/plans"))["items"]) == 1


async def test_care_starts_once_and_only_with_a_visit_that_was_made(world: World) -> None:
    case_id = await world.assigned()

    await world.done(case_id, "visits", {**VISIT, "status": "missed"})
    await world.done(case_id, "visits", {"kind": "home-visit", "status": "planned", "at": "2026-11-25T10:00:00+01:00"})
    assert (await world.view(case_id))["state"] == "open"
    await world.done(case_id, "visits", VISIT)
    await world.done(case_id, "visits", {**VISIT, "next_step": {"kind": "care-plan", "due_on": "2026-12-01"}})

    assert len(await world.told("cases.care-started.v1")) == 1
    view = await world.view(case_id)
    assert (view["state"], view["next_step"]["kind"]) == ("in-care", "care-plan")
    visits = (await world.read(f"/cases/{case_id}/visits"))["items"]
    assert [visit["status"] for visit in visits[:1]] == ["planned"]
    assert [visit["on"] for visit in visits] == ["2026-11-25", TODAY, TODAY, TODAY]


async def test_a_late_entry_may_close_in_the_past_but_an_older_case_not_before_its_opening(world: World) -> None:
    late, older = await world.assigned(), await world.assigned()

    closed = await world.done(late, "closure", {**CLOSURE, "closed_on": "2026-08-31"})
    world.service.clock.move(days=2)
    refused = await world.step(older, "closure", {**CLOSURE, "closed_on": "2026-11-19"})

    assert closed["closed_on"] == "2026-08-31"
    assert (refused.status_code, named(refused)) == (422, [("/closed_on", "before-opening")])


async def test_lists_are_filtered_and_paged_without_loss(world: World) -> None:
    cases = []
    for _ in range(5):
        cases.append(await world.opened())
        world.service.clock.move(minutes=1)
    await world.done(cases[1], "assignment", ASSIGNMENT)
    await world.done(cases[3], "assignment", {**ASSIGNMENT, "worker": "coordinator"})

    found: list[str] = []
    path: str | None = "/cases?limit=2"
    while path:
        page = await world.read(path)
        found += [each["id"] for each in page["items"]]
        path = f"/cases?limit=2&cursor={page['next']}" if page["next"] else None

    async def ids(query: str) -> list[str]:
        return [each["id"] for each in (await world.read(f"/cases?{query}"))["items"]]

    assert found == cases[::-1]
    assert await ids("state=open") == [cases[3], cases[1]]
    assert await ids("worker=case-manager-nurse") == [cases[1]]
    assert await ids("mine=true") == [cases[3]]
    loads = await world.read("/cases/caseload?limit=1")
    rest = await world.read(f"/cases/caseload?limit=1&cursor={loads['next']}")
    assert [each["worker"] for each in loads["items"] + rest["items"]] == ["case-manager-nurse", "coordinator"]


async def test_a_timeline_is_read_page_by_page(world: World) -> None:
    case_id = await world.assigned()
    for _ in range(3):
        world.service.clock.move(minutes=1)
        await world.done(case_id, "visits", VISIT)

    first = await world.read(f"/cases/{case_id}/timeline?service=cases&limit=4")
    rest = await world.read(f"/cases/{case_id}/timeline?service=cases&limit=4&cursor={first['next']}")

    kinds = [entry["kind"] for entry in first["items"]]
    assert kinds == ["visit-recorded", "visit-recorded", "care-started", "visit-recorded"]
    assert [(entry["kind"], entry["by"]) for entry in rest["items"]] == [
        ("case-assigned", "coordinator"),
        ("case-opened", None),
    ]


async def test_the_same_step_sent_again_with_its_key_is_answered_once(world: World) -> None:
    case_id = await world.assigned()
    headers = {"if-match": await world.etag(case_id), "idempotency-key": "visit-1"}
    path = f"/cases/{case_id}/visits"

    first = await world.as_("coordinator").post(path, json=VISIT, headers=headers)
    again = await world.as_("coordinator").post(path, json=VISIT, headers=headers)

    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert len((await world.read(path))["items"]) == 1


async def test_nobody_works_on_a_case_without_an_owner_nor_on_a_closed_one(world: World) -> None:
    await world.knows("centre")
    case_id = await world.opened()
    steps: dict[str, dict[str, Any]] = {"visits": VISIT, "plan": PLAN, "plan/agreement": AGREEMENT, "tasks": TASK}

    unowned = [(await world.step(case_id, step, body)).json() for step, body in steps.items()]
    await world.done(case_id, "assignment", ASSIGNMENT)
    await world.done(case_id, "closure", CLOSURE)
    closed = [(await world.step(case_id, step, body)).json() for step, body in steps.items()]

    for answer in unowned:
        assert (answer["status"], answer["code"], answer["state"]) == (409, "illegal-step", "requested")
        assert answer["allowed"] == ["waiting-list", "decline", "assignment"]
    assert [(answer["status"], answer["state"]) for answer in closed] == [(409, "closed")] * 4


async def test_a_closed_case_stays_closed_until_it_is_reopened(world: World) -> None:
    case_id = await world.agreed()
    task_id = (await world.view(case_id))["tasks"][0]["id"]
    open_one = await world.step(case_id, "reopening", {"reason": "Pour rien"})
    await world.done(case_id, "closure", CLOSURE)

    twice = await world.step(case_id, "closure", CLOSURE)
    assigned = await world.step(case_id, "assignment", ASSIGNMENT)
    done = await world.step(case_id, f"tasks/{task_id}/completion", COMPLETION)

    assert [each.status_code for each in (open_one, twice, assigned, done)] == [409] * 4
    assert len(await world.told("cases.case-closed.v1")) == 1
