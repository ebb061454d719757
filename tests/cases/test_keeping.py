"""No case without an owner, a next step and a day: setting it, the list of those about to break it, and reopening."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.risk import Risk, Watch, risks_of
from services.cases.domain.states import UNOWNED
from tests.cases.record import Record
from tests.cases.world import ASSIGNMENT, CLOSURE, DECLINE, TODAY, TOMORROW, VISIT, YESTERDAY, World, named

WORKER = {
    "discipline": "nurse",
    "employer": "centre",
    "programme": "relais",
    "organisation": "relais",
    "employed_from": "2020-01-01",
}


async def registered(world: World, subject: str, **changes: Any) -> None:
    """A worker in the register."""
    answer = await world.as_("coordinator").put(f"/cases/workers/{subject}", json={**WORKER, **changes})
    assert answer.status_code in (200, 201), answer.text


async def at_risk(world: World, days: int = 7) -> list[tuple[str, list[str]]]:
    """The list, as (case, reasons)."""
    items = (await world.read(f"/cases/at-risk?days={days}"))["items"]
    return [(each["case_id"], each["reasons"]) for each in items]


async def test_a_worker_says_what_comes_next(world: World) -> None:
    case_id = await world.assigned()
    body = {"kind": "paperwork", "due_on": TOMORROW, "note": "Papier canari"}

    done = await world.done(case_id, "next-step", body)
    past = await world.step(case_id, "next-step", {**body, "due_on": YESTERDAY})
    stale = await world.step(case_id, "next-step", body, etag='"1"')
    unowned = await world.step(await world.opened(), "next-step", body)

    assert done["next_step"] == {"kind": "paperwork", "due_on": TOMORROW}
    assert named(past) == [("/due_on", "in-past")]
    assert (stale.status_code, unowned.status_code) == (412, 409)
    assert "canari" not in str(await world.service.announced())


async def test_the_list_ranks_the_cases_that_are_about_to_break_the_rule(world: World) -> None:
    await registered(world, "gone", employed_until="2026-12-10")
    waiting = await world.opened()
    left = await world.assigned(worker="gone", next_step={"kind": "home-visit", "due_on": "2027-03-01"})
    overdue = await world.assigned(next_step={"kind": "home-visit", "due_on": "2026-12-01"})
    due = await world.assigned(next_step={"kind": "home-visit", "due_on": "2026-12-24"})
    paused = await world.assigned()
    await world.done(paused, "pause", {"reason": "readmitted", "until": "2026-12-01"})
    calm = await world.assigned(next_step={"kind": "home-visit", "due_on": "2027-03-01"})
    declined = await world.opened()
    await world.done(declined, "decline", DECLINE)
    assert (await at_risk(world, 0)) == []

    world.service.clock.move(days=30)

    expected = [
        (left, ["owner-left"]),
        (waiting, ["no-owner"]),
        (paused, ["pause-over"]),
        (overdue, ["step-overdue"]),
        (due, ["step-due"]),
    ]
    assert await at_risk(world) == expected == await at_risk(world)
    assert calm not in [case_id for case_id, _ in await at_risk(world)]
    found: list[str] = []
    path: str | None = "/cases/at-risk?limit=2"
    while path:
        page = await world.read(path)
        found += [each["case_id"] for each in page["items"]]
        path = f"/cases/at-risk?limit=2&cursor={page['next']}" if page["next"] else None
    assert found == [case_id for case_id, _ in expected]


async def test_an_absent_owner_is_a_risk(world: World) -> None:
    await registered(world, "away")
    case_id = await world.assigned(worker="away", next_step={"kind": "home-visit", "due_on": TODAY})
    absence = {"from_on": TODAY, "until": TOMORROW}
    etag = (await world.as_("coordinator").get("/cases/workers/away")).headers["etag"]
    made = await world.as_("coordinator").post("/cases/workers/away/absences", json=absence, headers={"if-match": etag})
    assert made.status_code == 201, made.text

    assert await at_risk(world) == [(case_id, ["owner-absent", "step-due"])]
    refused = await world.step(await world.opened(), "assignment", {**ASSIGNMENT, "worker": "away"})
    assert (refused.status_code, refused.json()["code"]) == (409, "worker-absent")


@given(
    due=st.integers(-10, 10),
    opened=st.integers(0, 20),
    days=st.integers(0, 10),
    paused=st.booleans(),
    left=st.booleans(),
)
def test_a_case_is_at_risk_exactly_when_the_rule_is_about_to_break(
    due: int, opened: int, days: int, paused: bool, left: bool
) -> None:
    today = date(2026, 11, 20)
    watch = Watch(today, days, frozenset({"anne"} if left else ()), frozenset())
    request = Record().case
    request.opened_on = today - timedelta(days=opened)
    assert request.state in UNOWNED
    assert risks_of(request, watch) == ([Risk.NO_OWNER] if opened > days else [])
    case = Record().assign().case
    case.next_step_on = today + timedelta(days=due)
    if paused:
        case.paused_until, case.state = case.next_step_on, case.state.PAUSED
    found = risks_of(case, watch)
    assert (Risk.OWNER_LEFT in found) == left
    assert bool({Risk.PAUSE_OVER, Risk.STEP_OVERDUE} & set(found)) == (due < 0)
    assert (Risk.STEP_DUE in found) == (not paused and 0 <= due <= days)


async def test_roles_come_back_when_a_case_is_reopened(world: World) -> None:
    second = {"worker": "case-manager-social-worker", "discipline": "social-worker"}
    case_id = await world.assigned(second=second)
    await world.done(case_id, "visits", VISIT)
    before = await world.view(case_id)
    await world.done(case_id, "closure", CLOSURE)

    reopened = await world.done(case_id, "reopening", {"reason": "Le logement est perdu"})

    roles = ("state", "worker", "discipline", "second_worker", "second_discipline", "organisation", "care_started_on")
    assert {name: reopened.get(name) for name in roles} == {name: before.get(name) for name in roles}
    assert (reopened["second_worker"], reopened["next_step"]["kind"]) == (second["worker"], "phone-call")
    first, present = reopened["intervals"]
    assert (first["ended_on"], first["reason"], first["summary"]) == (TODAY, "goals-reached", CLOSURE["summary"])
    assert (present["number"], present["ended_on"], present["note"]) == (2, None, "Le logement est perdu")
    listed = (await world.read("/cases"))["items"][0]["intervals"]
    assert "summary" not in listed[0]


async def test_urgent_tasks_stay_open_only_with_a_reason(world: World) -> None:
    case_id = await world.agreed()
    await world.done(case_id, "tasks", {**URGENT})
    refused = await world.step(case_id, "closure", CLOSURE)
    assert (refused.status_code, refused.json()["code"], refused.json()["urgent"]) == (409, "urgent-tasks-open", 1)
    closed = await world.done(case_id, "closure", {**CLOSURE, "open_tasks_reason": "Repris par la ligne"})
    assert closed["state"] == "closed"


URGENT = {
    "title": "Trouver un lit",
    "domain": "living_place",
    "organisation": "centre",
    "assignee": "partner",
    "due_on": "2026-12-15",
    "urgent": True,
}
