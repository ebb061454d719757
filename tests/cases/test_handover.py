"""A case survives a change of worker: the hand-over sheet, the checklists, and a worker who leaves."""

import asyncio
from typing import Any

import httpx

from services.cases.domain.handover import CHECKLIST
from services.cases.domain.states import Phase
from tests.cases.test_keeping import registered
from tests.cases.test_transfers import OTHER, OWNER, SHEET
from tests.cases.world import CLOSURE, TODAY, TOMORROW, VISIT, YESTERDAY, World, named

LEAVING = {
    "from_worker": OWNER,
    "leaves_on": "2026-11-30",
    "reason": "worker-leaves",
    "to": [{"worker": "anne", "discipline": "nurse"}, {"worker": "bruno", "discipline": "nurse"}],
}


async def test_the_sheet_holds_what_was_written_and_what_the_record_says(world: World) -> None:
    case_id = await world.agreed()
    empty = await world.read(f"/cases/{case_id}/hand-over")
    await world.done(case_id, "hand-over", SHEET)
    await world.done(case_id, "hand-over", {**SHEET, "agreed": "Visite chaque jeudi"})

    found = await world.read(f"/cases/{case_id}/hand-over")
    versions = (await world.read(f"/cases/{case_id}/hand-over/versions"))["items"]

    assert (empty["sheet"], empty["is_current"]) == (None, False)
    assert (found["sheet"]["agreed"], found["sheet"]["number"], found["is_current"]) == ("Visite chaque jeudi", 2, True)
    assert [each["number"] for each in versions] == [2, 1]
    computed = found["computed"]
    assert (computed["worker"], computed["plan_version"], computed["phase"]) == (OWNER, 1, "coordinate")
    assert [task["due_on"] for task in computed["open_tasks"]] == ["2026-12-01", "2026-12-15"]
    assert [visit["on"] for visit in computed["last_visits"]] == [VISIT["on"]]
    assert "canari" not in str(await world.service.announced())


async def test_a_sheet_that_cannot_be_right_is_refused(world: World) -> None:
    case_id = await world.assigned()
    future = await world.step(case_id, "hand-over", {**SHEET, "person_informed_on": TOMORROW})
    silent = await world.step(case_id, "hand-over", {**SHEET, "person_informed_on": None})
    request = await world.step(await world.opened(), "hand-over", SHEET)
    assert named(future) == [("/person_informed_on", "in-future")]
    assert named(silent) == [("", "informed-on")]
    assert request.status_code == 409


async def test_the_checklists_cover_the_four_phases_and_begin_anew_after_a_reopening(world: World) -> None:
    assert {item.phase for item in CHECKLIST} == set(Phase)
    assert len({item.code for item in CHECKLIST}) == len(CHECKLIST)
    case_id = await world.assigned()
    ticked = await world.step(case_id, "checklist/providers-known", {"on": YESTERDAY})
    unknown = await world.step(case_id, "checklist/nonsense", {})
    later = await world.step(case_id, "checklist/providers-known", {"on": TOMORROW})

    async def done() -> list[tuple[str, str, str]]:
        answer = await world.as_("coordinator").get(f"/cases/{case_id}/checklist")
        return [(each["code"], each["done_by"], each["done_on"]) for each in answer.json() if each["is_done"]]

    assert (ticked.status_code, unknown.status_code, named(later)) == (201, 404, [("/on", "in-future")])
    assert await done() == [("providers-known", "coordinator", YESTERDAY)]
    await world.step(case_id, "checklist/providers-known", {"is_done": False})
    assert await done() == []
    await world.step(case_id, "checklist/providers-known", {})
    await world.done(case_id, "closure", CLOSURE)
    assert await done() == [("providers-known", "coordinator", TODAY)]
    await world.done(case_id, "reopening", {"reason": "Perdu"})
    assert await done() == []


async def reassign(world: World, **changes: Any) -> httpx.Response:
    """The worker leaves."""
    return await world.as_("coordinator").post("/cases/reassignments", json={**LEAVING, **changes})


async def owners(world: World, cases: list[str]) -> list[str]:
    """Who owns each case."""
    return [(await world.view(case_id))["worker"] for case_id in cases]


async def test_every_case_of_a_worker_who_leaves_gets_another_owner(world: World) -> None:
    cases = [await world.assigned() for _ in range(4)]
    helped = await world.assigned(worker="anne", second={"worker": OWNER, "discipline": "social-worker"})
    done = await world.assigned()
    await world.done(done, "closure", CLOSURE)

    dry = await reassign(world, dry_run=True)
    unchanged = await owners(world, cases)
    real = await reassign(world)
    again = await reassign(world)

    assert (dry.status_code, dry.json()["is_done"], unchanged) == (200, False, [OWNER] * 4)
    assert dry.json()["items"] == real.json()["items"]
    by_case = {each["case_id"]: each["worker"] for each in real.json()["items"]}
    assert [by_case[case_id] for case_id in cases] == await owners(world, cases)
    assert set(await owners(world, cases)) == {"anne", "bruno"}
    view = await world.view(cases[0])
    assert (view["next_step"]["due_on"] >= "2026-12-01", view["worker_from"]) == (True, "2026-12-01")
    assert real.json()["second_worker_released"] == [helped]
    assert (await world.view(helped))["second_worker"] is None
    assert (await world.view(done))["worker"] == OWNER
    assert again.json()["items"] == []


async def test_either_all_cases_go_or_none(world: World) -> None:
    cases = [await world.assigned() for _ in range(3)]
    await registered(world, "anne", cap=1)
    to = [{"worker": "anne", "discipline": "nurse"}]

    refused = await reassign(world, to=to)
    assert (refused.status_code, refused.json()["code"], len(refused.json()["cases"])) == (
        409,
        "reassignment-refused",
        2,
    )
    assert await owners(world, cases) == [OWNER] * 3
    forced = await reassign(world, to=to, over_cap_reason="Personne d'autre")
    assert forced.status_code == 200
    assert await owners(world, cases) == ["anne"] * 3
    assert [reason for reason, _ in await world.agenda()].count("caseload-over-cap") == 2


async def test_nobody_takes_cases_over_who_is_away_and_receivers_are_others(world: World) -> None:
    await world.assigned()
    await registered(world, "anne", employed_until="2026-11-25")
    away = await reassign(world)
    own = await reassign(world, to=[{"worker": OWNER, "discipline": "nurse"}])
    forbidden = await world.as_(OTHER).post("/cases/reassignments", json=LEAVING)
    assert (away.status_code, away.json()["code"]) == (409, "worker-absent")
    assert (own.status_code, named(own)) == (422, [("", "receivers")])
    assert forbidden.status_code == 403


async def test_two_reassignments_at_once_give_each_case_one_new_owner(world: World) -> None:
    cases = [await world.assigned() for _ in range(4)]
    answers = await asyncio.gather(*(reassign(world) for _ in range(4)))
    assert sorted(len(each.json().get("items", [])) for each in answers) == [0, 0, 0, 4]
    assert OWNER not in await owners(world, cases)
    assert len(await world.told("cases.case-assigned.v1")) == 8
