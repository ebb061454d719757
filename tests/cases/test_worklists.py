"""Worklists: what is asked of a list is what is on it, page by page; the counts say the same as the lists."""

import itertools
from typing import Any

import pytest

from shared.ids import new_id
from tests.cases.world import ASSIGNMENT, CLOSURE, World

PAUSE = {"reason": "readmitted", "until": "2026-12-20"}


def due(day: str, worker: str = "case-manager-nurse") -> dict[str, Any]:
    return {**ASSIGNMENT, "worker": worker, "next_step": {"kind": "home-visit", "due_on": day}}


async def listed(world: World, query: str, persona: str = "case-manager-nurse") -> list[str]:
    return [each["id"] for each in (await world.read(f"/cases?{query}", persona))["items"]]


@pytest.fixture
async def team(world: World) -> dict[str, str]:
    """Cases in several states, the first the oldest."""
    found = {}
    for name in ("new", "mine", "late", "paused", "closed", "other"):
        world.service.clock.move(minutes=1)
        found[name] = await world.opened()
    days = {"mine": "2026-11-25", "late": "2026-11-21", "paused": "2026-11-25", "closed": "2026-11-25"}
    for name, day in days.items():
        await world.done(found[name], "assignment", due(day))
    await world.done(found["other"], "assignment", due("2026-12-15", "somebody"))
    await world.done(found["paused"], "pause", PAUSE)
    await world.done(found["closed"], "closure", CLOSURE)
    world.service.clock.move(days=3)
    return found


async def test_a_list_holds_what_is_asked_for(world: World, team: dict[str, str]) -> None:
    expected = {
        "": ["other", "closed", "paused", "late", "mine", "new"],
        "mine=true": ["closed", "paused", "late", "mine"],
        "team=true&state=requested": ["new"],
        "worker=somebody": ["other"],
        "state=paused&state=closed": ["closed", "paused"],
        "phase=evaluate": ["closed"],
        "phase=plan": ["other", "paused", "late", "mine", "new"],
        "on_hold=true": ["paused"],
        "on_hold=false&mine=true": ["closed", "late", "mine"],
        "overdue=true": ["late"],
        "sort=next": ["late", "mine", "other", "paused"],
        "sort=next&next_before=2026-11-25": ["late", "mine"],
        "sort=next&next_after=2026-12-01": ["other", "paused"],
        "sort=waiting": ["new"],
        "closed_from=2026-11-20&closed_until=2026-11-20": ["closed"],
        "closed_from=2026-11-21": [],
        "opened_until=2026-11-19": [],
        "discipline=nurse&urgency=routine&mine=true": ["closed", "paused", "late", "mine"],
        "urgency=urgent": [],
        "protocol_version=1&sort=waiting": ["new"],
        "protocol_version=0": [],
    }
    for query, names in expected.items():
        assert (query, await listed(world, query)) == (query, [team[name] for name in names])


async def test_every_list_is_paged_without_gap_or_repeat(world: World, team: dict[str, str]) -> None:
    for query in ("sort=opened", "sort=next", "mine=true", "state=open&state=paused"):
        whole, paged = await listed(world, query), list[str]()
        path = f"/cases?{query}&limit=1"
        for _ in itertools.count():
            page = await world.read(path, "case-manager-nurse")
            paged += [each["id"] for each in page["items"]]
            if page["next"] is None:
                break
            path = f"/cases?{query}&limit=1&cursor={page['next']}"
        assert paged == whole


async def test_persons_are_searched_without_an_address_that_names_them(world: World) -> None:
    persons = [new_id() for _ in range(3)]
    cases = [await world.opened(None, person) for person in persons]

    body = {"person_ids": [str(each) for each in persons[:2]], "sort": "waiting"}
    answer = await world.as_("coordinator").post("/cases/search", json=body)

    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()["items"]] == cases[:2]
    assert await listed(world, f"person_id={persons[2]}") == [cases[2]]
    odd = await world.as_("coordinator").post("/cases/search", json={"persons": []})
    assert odd.status_code == 422


async def test_an_unknown_term_or_a_state_that_does_not_exist_is_refused(world: World) -> None:
    for query in ("state=asleep", "colour=red", "next_before=tomorrow", "sort=name", "person_id=7"):
        answer = await world.as_("coordinator").get(f"/cases?{query}")
        assert (query, answer.status_code) == (query, 422)


async def test_a_cursor_of_one_list_is_refused_by_another(world: World, team: dict[str, str]) -> None:
    cursor = (await world.read("/cases?limit=1"))["next"]
    assert (await world.as_("coordinator").get(f"/cases?limit=1&mine=true&cursor={cursor}")).status_code == 422


async def test_the_figures_are_those_of_the_lists(world: World, team: dict[str, str]) -> None:
    figures = await world.read("/cases/worklists", "case-manager-nurse")

    assert figures["mine"] == {
        "running": 3,
        "waiting": 0,
        "on_hold": 1,
        "overdue": 1,
        "next_7_days": 1,
        "states": {"open": 2, "paused": 1},
        "phases": {"plan": 3},
    }
    assert figures["team"]["states"] == {"requested": 1, "open": 3, "paused": 1}
    assert (figures["team"]["running"], figures["team"]["waiting"]) == (5, 1)


async def test_the_worklist_of_tasks_is_narrowed(world: World) -> None:
    case_id = await world.agreed()
    other = await world.agreed()

    async def titles(query: str, persona: str = "coordinator") -> list[tuple[str, str]]:
        items = (await world.read(f"/cases/tasks?{query}", persona))["items"]
        return [(each["case_id"], each["assignee"]) for each in items]

    assert await titles("") == [(case_id, "line"), (other, "line"), (case_id, "partner"), (other, "partner")]
    assert await titles("assignee=line&due_before=2026-12-01") == [(case_id, "line"), (other, "line")]
    assert await titles("due_before=2026-11-30") == []
    assert await titles(f"case_id={other}") == [(other, "line"), (other, "partner")]
    assert await titles("organisation=nobody") == []
    assert await titles("mine=true") == []
    assert len(await titles("mine=true", "case-manager-nurse")) == 4
    assert await titles("status=done") == []
    await world.done(case_id, "closure", CLOSURE)
    assert await titles("assignee=line") == [(other, "line")]
    assert len(await titles(f"case_id={case_id}")) == 2


async def test_team_queue_and_hold_survive_another_assignment(world: World, team: dict[str, str]) -> None:
    await world.done(team["paused"], "assignment", due("2026-12-22", "somebody"))

    assert await listed(world, "on_hold=true&team=true") == [team["paused"]]
    assert await listed(world, "on_hold=true&mine=true") == []
    assert team["paused"] in await listed(world, "sort=next&worker=somebody")


async def test_another_organisation_sees_nothing_of_it(world: World, team: dict[str, str]) -> None:
    async with world.service.client("coordinator", org_id="other") as stranger:
        assert (await stranger.get("/cases")).json()["items"] == []
        assert (await stranger.get("/cases/worklists")).json()["team"]["running"] == 0
        found = await stranger.post("/cases/search", json={"state": ["closed"]})
        assert found.json()["items"] == []
