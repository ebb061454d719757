"""Who may come in, and what is refused at the door of cases."""

from typing import Any

from shared.ids import new_id
from tests.cases.world import (
    AGREEMENT,
    ASSIGNMENT,
    CLOSURE,
    COMPLETION,
    PLAN,
    TASK,
    TOMORROW,
    VISIT,
    YESTERDAY,
    World,
    named,
)

STEPS: dict[str, dict[str, Any]] = {
    "assignment": ASSIGNMENT,
    "visits": VISIT,
    "plan": PLAN,
    "plan/agreement": AGREEMENT,
    "tasks": TASK,
    "tasks/01900000-0000-7000-8000-000000000001/completion": COMPLETION,
    "closure": CLOSURE,
    "reopening": {"reason": "Encore"},
}
READS = ["", "/plans", "/visits", "/timeline"]
LISTS = ["/cases", "/cases/tasks", "/cases/caseload", "/cases/meetings/agenda"]
OUTSIDERS = ["hospital-chu", "partner-centre", "analyst", "auditor", "operator"]


async def test_outsiders_see_and_do_nothing(world: World) -> None:
    case_id = await world.opened()
    reads = [*LISTS, *(f"/cases/{case_id}{part}" for part in READS)]

    for persona in OUTSIDERS:
        refused = [(await world.as_(persona).get(path)).status_code for path in reads]
        for step, body in STEPS.items():
            refused.append((await world.step(case_id, step, body, persona)).status_code)
        assert set(refused) == {403}, persona


async def test_each_role_does_what_the_matrix_allows(world: World) -> None:
    case_id = await world.opened()

    nurse = {step: (await world.step(case_id, step, body, "line-nurse")).status_code for step, body in STEPS.items()}
    manager = await world.step(case_id, "assignment", ASSIGNMENT, "case-manager-nurse")

    completion = "tasks/01900000-0000-7000-8000-000000000001/completion"
    assert nurse == {**dict.fromkeys(STEPS, 403), completion: 404}
    assert manager.status_code == 403
    for path in (*LISTS, f"/cases/{case_id}"):
        for persona in ("line-nurse", "case-manager-social-worker", "coordinator"):
            assert (await world.as_(persona).get(path)).status_code == 200


async def test_nobody_comes_in_without_a_token(world: World) -> None:
    case_id = await world.opened()
    async with world.service.client() as nobody:
        reads = [(await nobody.get(path)).status_code for path in (*LISTS, f"/cases/{case_id}")]
        step = await nobody.post(f"/cases/{case_id}/closure", json=CLOSURE, headers={"if-match": '"1"'})

    assert {*reads, step.status_code} == {401}


async def test_another_organisation_finds_nothing(world: World) -> None:
    case_id = await world.agreed()
    referral = new_id()
    await world.opened(referral)
    cancelled = {"referral_id": referral, "case_id": None}
    await world.hear("referrals.cancellation-requested.v1", referral, cancelled)
    async with world.service.client("coordinator", org_id="other") as other:
        reads = [(await other.get(f"/cases/{case_id}{part}")).status_code for part in READS]
        headers = {"if-match": await world.etag(case_id)}
        steps = [
            (await other.post(f"/cases/{case_id}/{step}", json=body, headers=headers)).status_code
            for step, body in STEPS.items()
        ]
        lists = [(await other.get(path)).json()["items"] for path in LISTS]

    assert {*reads, *steps} == {404}
    assert lists == [[]] * len(LISTS)
    assert all([(await world.read(path))["items"] for path in LISTS])


async def test_every_step_names_the_version_it_saw(world: World) -> None:
    case_id = await world.opened()

    for step, body in STEPS.items():
        missing = await world.as_("coordinator").post(f"/cases/{case_id}/{step}", json=body)
        stale = await world.step(case_id, step, body, etag='"7"')
        assert (missing.status_code, missing.json()["code"]) == (428, "if-match-required"), step
        assert (stale.status_code, stale.json()["code"]) == (412, "stale-version"), step


async def test_unknown_fields_and_missing_ones_are_refused(world: World) -> None:
    case_id = await world.opened()

    for step, body in STEPS.items():
        extra = await world.step(case_id, step, {**body, "surprise": "un canari"})
        empty = await world.step(case_id, step, {})
        assert (extra.status_code, named(extra)) == (422, [("/surprise", "unknown-field")]), step
        assert empty.status_code == 422, step
        assert {code for _, code in named(empty)} <= {"required", "on-or-at"}, step
        assert "canari" not in extra.text


def changed(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**body, **changes}.items() if value is not ...}


NEXT_STEP = ASSIGNMENT["next_step"]


REFUSED: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("assignment", changed(ASSIGNMENT, worker=7), ("/worker", "wrong-type")),
    ("assignment", changed(ASSIGNMENT, worker="two words"), ("/worker", "wrong-format")),
    ("assignment", changed(ASSIGNMENT, discipline="plumber"), ("/discipline", "not-one-of")),
    ("assignment", changed(ASSIGNMENT, next_step=...), ("/next_step", "required")),
    ("assignment", changed(ASSIGNMENT, next_step={"kind": "home-visit"}), ("/next_step/due_on", "required")),
    (
        "assignment",
        changed(ASSIGNMENT, next_step={"kind": "home-visit", "due_on": YESTERDAY}),
        ("/next_step/due_on", "in-past"),
    ),
    ("assignment", changed(ASSIGNMENT, over_cap_reason="  "), ("/over_cap_reason", "too-short")),
    ("visits", changed(VISIT, on=TOMORROW), ("/on", "in-future")),
    ("visits", changed(VISIT, on=TOMORROW, status="missed"), ("/on", "in-future")),
    ("visits", changed(VISIT, on=YESTERDAY), ("/on", "before-opening")),
    ("visits", changed(VISIT, on=..., at="2026-11-20T10:00:00Z"), ("/at", "in-future")),
    ("visits", changed(VISIT, on=..., at="2026-11-20T09:00:00"), ("/at", "naive-time")),
    ("visits", changed(VISIT, on=..., at=1_790_000_000), ("/at", "wrong-type")),
    ("visits", changed(VISIT, at="2026-11-20T09:00:00Z"), ("", "on-or-at")),
    ("visits", changed(VISIT, on=...), ("", "on-or-at")),
    ("visits", changed(VISIT, on=20_000), ("/on", "wrong-type")),
    ("visits", changed(VISIT, on="2026-11-20T00:00:00"), ("/on", "wrong-format")),
    ("visits", changed(VISIT, on="5867-01-01"), ("/on", "out-of-range")),
    ("visits", changed(VISIT, minutes=True), ("/minutes", "wrong-type")),
    ("visits", changed(VISIT, minutes=-1), ("/minutes", "out-of-range")),
    ("visits", changed(VISIT, travel_minutes="40"), ("/travel_minutes", "wrong-type")),
    ("visits", changed(VISIT, km=-0.5), ("/km", "out-of-range")),
    ("visits", changed(VISIT, km="2000.01"), ("/km", "out-of-range")),
    ("visits", changed(VISIT, km="1.234"), ("/km", "decimal-max-places")),
    ("visits", changed(VISIT, kind="party"), ("/kind", "not-one-of")),
    ("plan", changed(PLAN, goals=[]), ("/goals", "too-short")),
    ("plan", changed(PLAN, person_words=...), ("/person_words", "required")),
    ("plan", changed(PLAN, tasks=[changed(TASK, domain=...)]), ("/tasks/0/domain", "required")),
    ("plan", changed(PLAN, tasks=[changed(TASK, organisation=...)]), ("/tasks/0/organisation", "required")),
    ("plan", changed(PLAN, tasks=[changed(TASK, domain="astrology")]), ("/tasks/0/domain", "not-one-of")),
    ("plan", changed(PLAN, tasks=[changed(TASK, within_mission=False)]), ("/tasks/0", "mission-reason-required")),
    ("plan", changed(PLAN, tasks=[changed(TASK, task_id=str(new_id()))]), ("/tasks/0/task_id", "unknown-task")),
    ("plan", changed(PLAN, tasks=[TASK] * 51), ("/tasks", "too-long")),
    ("plan/agreement", changed(AGREEMENT, plan_version=True), ("/plan_version", "wrong-type")),
    ("plan/agreement", changed(AGREEMENT, agreed_by="neighbour"), ("/agreed_by", "not-one-of")),
    ("tasks", changed(TASK, urgent=1), ("/urgent", "wrong-type")),
    ("tasks", changed(TASK, title="x" * 201), ("/title", "too-long")),
    ("tasks", changed(TASK, title="a\x00b"), ("/title", "nul-character")),
    ("closure", changed(CLOSURE, closed_on=TOMORROW), ("/closed_on", "in-future")),
    ("closure", changed(CLOSURE, closed_on="2024-11-19"), ("/closed_on", "out-of-range")),
    ("closure", changed(CLOSURE, reason="bored"), ("/reason", "not-one-of")),
    ("closure", changed(CLOSURE, summary=...), ("/summary", "required")),
]


async def test_what_cannot_be_right_is_refused_where_it_stands(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    before = await world.etag(case_id)

    for step, body, fault in REFUSED:
        answer = await world.step(case_id, step, body, etag=before)
        assert (answer.status_code, named(answer)) == (422, [fault]), (step, body)

    assert await world.etag(case_id) == before


async def test_kilometres_may_be_a_number(world: World) -> None:
    case_id = await world.assigned()

    assert (await world.done(case_id, "visits", {**VISIT, "km": 7.5}))["km"] == "7.50"


async def test_a_question_that_makes_no_sense_is_refused(world: World) -> None:
    for question in ("?state=lost", "?wrong=1", "?limit=0", "?cursor=AAAA", "/tasks?assignee=nobody"):
        assert (await world.as_("coordinator").get(f"/cases{question}")).status_code == 422, question


async def test_what_is_no_case_is_not_found(world: World) -> None:
    for path in (f"/cases/{new_id()}", "/cases/12", f"/cases/{new_id()}/timeline"):
        assert (await world.as_("coordinator").get(path)).status_code == 404


async def test_a_task_of_another_case_is_not_found(world: World) -> None:
    case_id, other = await world.agreed(), await world.assigned()
    task_id = (await world.view(case_id))["tasks"][0]["id"]

    assert (await world.step(other, f"tasks/{task_id}/completion", COMPLETION)).status_code == 404
