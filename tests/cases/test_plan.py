"""The plan of a case on a real database: its versions, the agreement, its tasks and the worklist."""

from tests.cases.world import (
    AGREEMENT,
    CLOSURE,
    COMPLETION,
    LINE_TASK,
    PLAN,
    TASK,
    TOMORROW,
    World,
    named,
)


async def test_an_agreement_to_an_old_version_conflicts(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    for _ in range(2):
        await world.done(case_id, "plan", PLAN)

    old = await world.step(case_id, "plan/agreement", AGREEMENT)
    unknown = await world.step(case_id, "plan/agreement", {**AGREEMENT, "plan_version": 3})
    await world.done(case_id, "plan/agreement", {**AGREEMENT, "plan_version": 2})
    again = await world.step(case_id, "plan/agreement", {**AGREEMENT, "plan_version": 2})

    assert [each.status_code for each in (old, unknown, again)] == [409, 409, 409]
    assert (old.json()["code"], old.json()["plan_version"]) == ("not-the-newest-plan", 2)


async def test_a_newer_version_carries_a_task_over(world: World) -> None:
    case_id = await world.agreed()
    line_task, partner_task = (await world.view(case_id))["tasks"]
    kept = {**TASK, "task_id": partner_task["id"], "due_on": "2027-01-31"}
    draft = await world.done(case_id, "plan", {**PLAN, "tasks": [kept]})
    assert (await world.view(case_id))["draft"]["plan_version"] == 2

    agreed = await world.done(case_id, "plan/agreement", {**AGREEMENT, "plan_version": 2})

    assert [task["id"] for task in draft["tasks"]] == [partner_task["id"]]
    assert {task["id"]: task["status"] for task in agreed["tasks"]} == {
        partner_task["id"]: "open",
        line_task["id"]: "dropped",
    }
    assert [each["plan_version"] for each in (await world.read(f"/cases/{case_id}/plans"))["items"]] == [2, 1]
    assert (await world.told("cases.task-assigned.v1"))[-1]["due_on"] == "2027-01-31"
    assert [item["task_id"] for item in (await world.told("cases.plan-agreed.v1"))[-1]["items"]] == [partner_task["id"]]


async def test_a_task_can_be_added_to_an_agreed_plan(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    early = await world.step(case_id, "tasks", TASK)
    await world.done(case_id, "plan", PLAN)
    await world.done(case_id, "plan/agreement", AGREEMENT)

    added = await world.done(case_id, "tasks", {**TASK, "within_mission": False, "mission_reason": "nobody-else"})

    assert (early.status_code, early.json()["code"]) == (409, "no-agreed-plan")
    assert (await world.told("cases.task-assigned.v1"))[-1] == {
        "case_id": case_id,
        "task_id": added["id"],
        "domain": "living_place",
        "organisation": "centre",
        "assignee": "partner",
        "due_on": "2026-12-15",
    }


async def test_an_organisation_that_nobody_knows_cannot_answer_for_a_task(world: World) -> None:
    case_id = await world.agreed()
    unknown = {**TASK, "organisation": "nobody"}

    in_plan = await world.step(case_id, "plan", {**PLAN, "tasks": [TASK, unknown]})
    alone = await world.step(case_id, "tasks", unknown)

    assert (in_plan.status_code, in_plan.json()["code"]) == (422, "unknown-organisation")
    assert named(in_plan) == [("/tasks/1/organisation", "unknown-organisation")]
    assert named(alone) == [("/organisation", "unknown-organisation")]
    assert "nobody" not in in_plan.text


async def test_the_worklist_shows_open_tasks_of_open_cases_by_assignee(world: World) -> None:
    case_id = await world.agreed()
    ended = await world.assigned()
    await world.done(ended, "plan", PLAN)
    await world.done(ended, "plan/agreement", AGREEMENT)
    await world.done(ended, "closure", CLOSURE)

    mine = (await world.read("/cases/tasks?assignee=line", "line-nurse"))["items"]
    every = (await world.read("/cases/tasks"))["items"]
    path = f"tasks/{mine[0]['id']}/completion"
    finished = await world.step(case_id, path, COMPLETION, "line-nurse")
    done = (await world.read("/cases/tasks?status=done"))["items"]

    assert [(task["case_id"], task["title"]) for task in mine] == [(case_id, LINE_TASK["title"])]
    assert [task["due_on"] for task in every] == ["2026-12-01", "2026-12-15"]
    assert (finished.status_code, [task["id"] for task in done]) == (201, [mine[0]["id"]])
    twice = await world.step(case_id, path, COMPLETION, "line-nurse")
    assert (twice.status_code, twice.json()["code"]) == (409, "task-not-open")


async def test_urgent_tasks_left_open_need_a_reason_at_the_closing(world: World) -> None:
    case_id = await world.agreed({**PLAN, "tasks": [{**TASK, "urgent": True}]})

    refused = await world.step(case_id, "closure", CLOSURE)
    closed = await world.step(case_id, "closure", {**CLOSURE, "open_tasks_reason": "Repris par la commune"})

    assert (refused.status_code, refused.json()["code"], refused.json()["urgent"]) == (409, "urgent-tasks-open", 1)
    assert closed.status_code == 201


async def test_a_future_agreement_or_completion_is_refused(world: World) -> None:
    case_id = await world.agreed()
    task_id = (await world.view(case_id))["tasks"][0]["id"]
    await world.done(case_id, "plan", PLAN)

    agreement = await world.step(case_id, "plan/agreement", {**AGREEMENT, "plan_version": 2, "on": TOMORROW})
    completion = await world.step(case_id, f"tasks/{task_id}/completion", {**COMPLETION, "on": TOMORROW})

    assert named(agreement) == named(completion) == [("/on", "in-future")]
