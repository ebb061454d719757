"""What becomes of tasks and versions on a real database: steps, history, comparison, the person's word."""

from typing import Any

from tests.cases.world import AGREEMENT, COMPLETION, PLAN, TASK, TODAY, TOMORROW, YESTERDAY, World, named

REFUSAL = {
    "plan_version": 1,
    "agreed_by": "representative",
    "relation": "child",
    "representative": "Sa fille",
    "how": "oral",
    "on": TODAY,
    "words": "Maman ne veut pas de passage le matin.",
}
OUTSIDE = {**TASK, "within_mission": False, "mission_reason": "service-refused", "instead_of": "centre"}


async def test_a_task_is_begun_put_off_handed_over_and_done_with_its_history(world: World) -> None:
    await world.knows("centre", "cpas")
    case_id = await world.agreed()
    task = (await world.view(case_id))["tasks"][0]
    path = f"tasks/{task['id']}"

    steps = {
        "progress": {"on": TODAY, "note": "Formulaire rempli"},
        "postponement": {"due_on": "2027-01-15", "reason": "service-full", "note": "Liste d'attente"},
        "reassignment": {"organisation": "cpas", "assignee": "partner", "reason": "Le CPAS a le dossier"},
        "completion": {**COMPLETION, "evidence_kind": "document"},
    }
    for step, body in steps.items():
        world.service.clock.move(minutes=1)
        done = await world.done(case_id, f"{path}/{step}", body)

    assert (done["status"], done["postponed"], done["organisation"], done["evidence_kind"]) == (
        "done",
        1,
        "cpas",
        "document",
    )
    history = (await world.read(f"/cases/{case_id}/{path}/history"))["items"]
    kinds = ["task-done", "task-assigned", "task-postponed", "task-progressed", "task-assigned"]
    assert [entry["kind"] for entry in history] == kinds
    assert history[2]["words"] == {"note": "Liste d'attente"}
    first = await world.read(f"/cases/{case_id}/{path}/history?limit=2")
    rest = await world.read(f"/cases/{case_id}/{path}/history?limit=3&cursor={first['next']}")
    assert [entry["kind"] for entry in (*first["items"], *rest["items"])] == kinds
    told = str(await world.service.announced())
    assert not [text for text in ("Formulaire", "attente", "dossier", "Lettre") if text in told]


async def test_a_task_given_up_is_no_item_any_more(world: World) -> None:
    case_id = await world.agreed()
    task = (await world.view(case_id))["tasks"][0]
    stop = {"on": TODAY, "reason": "person-declines", "note": "Plus envie"}

    line = await world.step(case_id, f"tasks/{task['id']}/cancellation", stop, "line-nurse")
    cancelled = await world.done(case_id, f"tasks/{task['id']}/cancellation", stop)
    again = await world.step(case_id, f"tasks/{task['id']}/progress", {"on": TODAY, "note": "x"})

    assert line.status_code == 403
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "person-declines")
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (409, "task-not-open", "cancelled")


async def test_days_that_cannot_be_are_refused(world: World) -> None:
    case_id = await world.agreed()
    task = (await world.view(case_id))["tasks"][0]["id"]
    wrong: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
        (f"tasks/{task}/progress", {"on": TOMORROW, "note": "x"}, ("/on", "in-future")),
        (f"tasks/{task}/completion", {**COMPLETION, "on": YESTERDAY}, ("/on", "before-opening")),
        (f"tasks/{task}/postponement", {"due_on": YESTERDAY, "reason": "other"}, ("/due_on", "in-past")),
        (f"tasks/{task}/cancellation", {"on": TODAY}, ("/reason", "required")),
        ("tasks", {**TASK, "due_on": YESTERDAY}, ("/due_on", "in-past")),
        ("plan", {**PLAN, "tasks": [TASK, {**TASK, "due_on": YESTERDAY}]}, ("/tasks/1/due_on", "in-past")),
    ]
    for step, body, fault in wrong:
        answer = await world.step(case_id, step, body)
        assert (answer.status_code, named(answer)) == (422, [fault])


async def test_a_task_names_its_goal_its_resource_and_whose_mission_it_would_be(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    draft = await world.done(case_id, "plan", {**PLAN, "tasks": [{**OUTSIDE, "goals": [1], "resources": [1]}]})
    await world.done(case_id, "plan/agreement", AGREEMENT)
    added = await world.done(case_id, "tasks", {**TASK, "goals": [draft["goals"][0]["id"]], "resources": [1]})
    wrong: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
        ("plan", {**PLAN, "tasks": [{**TASK, "resources": [2]}]}, ("/tasks/0/resources/0", "unknown-resource")),
        ("plan", {**PLAN, "tasks": [{**TASK, "goals": ["x"]}]}, ("/tasks/0/goals/0", "wrong-reference")),
        ("tasks", {**TASK, "goals": [2]}, ("/goals/0", "unknown-goal")),
        ("tasks", {**OUTSIDE, "instead_of": "nobody"}, ("/instead_of", "unknown-organisation")),
        ("plan", {**PLAN, "tasks": [{**OUTSIDE, "mission_reason": None}]}, ("/tasks/0", "mission-reason-required")),
    ]

    first = next(task for task in (await world.view(case_id))["tasks"] if not task["within_mission"])
    for task in (first, added):
        assert (task["goals"], task["resources"]) == ([draft["goals"][0]["id"]], [draft["resources"][0]["id"]])
    assert (first["instead_of"], first["mission_reason"]) == ("centre", "service-refused")
    for step, body, fault in wrong:
        assert named(await world.step(case_id, step, body)) == [fault]


async def test_who_signed_off_and_who_did_not_agree_is_kept_with_the_version(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    await world.done(case_id, "plan", PLAN)

    refused = await world.done(case_id, "plan/refusal", REFUSAL)
    early = await world.step(case_id, "plan/refusal", {**REFUSAL, "plan_version": 2})
    nobody = await world.step(case_id, "plan/agreement", {**AGREEMENT, "agreed_by": "representative"})
    signed = {**AGREEMENT, "how": "electronic", "language": "fr", "words": "C'est mieux comme ça."}
    agreed = await world.done(case_id, "plan/agreement", signed)

    assert (refused["plan"], refused["draft"]["refusals"][0]["words"]) == (None, REFUSAL["words"])
    assert refused["draft"]["refusals"][0]["witness"] == "coordinator"
    assert (early.status_code, early.json()["code"]) == (409, "not-the-newest-plan")
    assert named(nobody) == [("/relation", "required")]
    assert agreed["plan"]["agreement"]["how"] == "electronic"
    assert await world.told("cases.plan-refused.v1") == [{"case_id": case_id, "plan_version": 1, "on": TODAY}]
    told = str(await world.service.announced())
    assert not [text for text in ("matin", "fille", "mieux") if text in told]


async def test_two_versions_are_compared_part_by_part(world: World) -> None:
    case_id = await world.agreed()
    plan = (await world.view(case_id))["plan"]
    goal, (line_task, kept) = plan["goals"][0], sorted(plan["tasks"], key=lambda task: task["due_on"])
    later = {**TASK, "task_id": kept["id"], "due_on": "2027-01-31", "goals": [2]}
    new = {"text": "Voir ma nièce", "domain": "family"}
    await world.done(case_id, "plan", {**PLAN, "goals": [goal, new], "needs": [], "tasks": [later]})

    diff = await world.read(f"/cases/{case_id}/plans/compare?from=1&to=2")
    same = await world.read(f"/cases/{case_id}/plans/compare?from=1&to=1")

    assert [each["text"] for each in diff["goals"]["added"]] == ["Voir ma nièce"]
    assert [each["text"] for each in diff["needs"]["removed"]] == [PLAN["needs"][0]["text"]]
    assert [each["id"] for each in diff["tasks"]["removed"]] == [line_task["id"]]
    [changed] = diff["tasks"]["changed"]
    fields = {each["field"]: (each["before"], each["after"]) for each in changed["fields"]}
    assert (changed["id"], fields["due_on"]) == (kept["id"], ("2026-12-15", "2027-01-31"))
    assert not [part for part in ("goals", "needs", "resources", "tasks") if same[part]["changed"]]
    coordinator = world.as_("coordinator")
    assert (await coordinator.get(f"/cases/{case_id}/plans/compare?from=1&to=9")).status_code == 404
    assert (await coordinator.get(f"/cases/{case_id}/plans/compare?from=1")).status_code == 422
