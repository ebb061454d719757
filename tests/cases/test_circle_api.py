"""The circle of care over the service: its routes, the timeline, the worklists, and what stays inside."""

import json
from typing import Any

import pytest

from shared.ids import new_id
from tests.cases.world import ASSIGNMENT, CLOSURE, TODAY, YESTERDAY, World, named

NURSE = {
    "kind": "professional",
    "role": "home-nurse",
    "organisation": "centre",
    "since": "2024-03-01",
    "mission": "Pansements deux fois par semaine, rien le dimanche",
    "provides": ["physical_health"],
    "provides_since": "2024-03-01",
    "consent_to_share": True,
}
DAUGHTER = {"kind": "informal", "relation": "child", "note": "Passe le mardi"}
GP = {"status": "known", "organisation": "centre"}
TOLD = {"step": "opening", "channel": "phone", "on": TODAY, "consent": "oral"}
LEAVE = {"until": TODAY, "reason": "service-ended", "note": "Remplacée par la famille"}


async def members(world: World, case_id: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.read(f"/cases/{case_id}/circle{query}"))["members"]
    return found


async def test_the_circle_shows_the_person_and_everybody_around(world: World) -> None:
    await world.knows("centre")
    person_id = new_id()
    case_id = await world.opened(person_id=person_id)
    await world.done(case_id, "assignment", ASSIGNMENT)
    await world.done(case_id, "circle", NURSE)
    await world.done(case_id, "circle", DAUGHTER)

    circle = await world.read(f"/cases/{case_id}/circle")

    assert circle["person_id"] == str(person_id)
    assert [(each["role"], each["relation"]) for each in circle["members"]] == [
        ("case-manager", None),
        ("home-nurse", None),
        (None, "child"),
    ]
    assert circle["members"][1]["mission"] == NURSE["mission"]
    assert circle["to_tell"] == [{"member_id": circle["members"][1]["id"], "steps": ["opening"]}]


async def test_a_day_shows_who_belonged_then(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    nurse = await world.done(case_id, "circle", NURSE)
    await world.done(case_id, f"circle/{nurse['id']}/end", {**LEAVE, "until": YESTERDAY})

    assert [each["role"] for each in await members(world, case_id, f"?on={YESTERDAY}")] == ["home-nurse"]
    assert [each["role"] for each in await members(world, case_id, f"?on={TODAY}")] == ["case-manager"]
    assert len(await members(world, case_id)) == 2


async def test_the_membership_of_the_owner_takes_what_the_register_of_workers_says(world: World) -> None:
    worker = {
        "discipline": "nurse",
        "employer": "chu",
        "programme": "relais-liege",
        "organisation": "relais",
        "employed_from": "2020-01-01",
    }
    answer = await world.as_("coordinator").put("/cases/workers/case-manager-nurse", json=worker)
    assert answer.status_code in {200, 201}, answer.text
    case_id = await world.assigned()

    (owner,) = await members(world, case_id)

    facts = ("employer", "programme", "responsible_organisation", "discipline")
    assert [owner[name] for name in facts] == ["chu", "relais-liege", "relais", "nurse"]


async def test_a_change_keeps_its_history_and_the_case_its_etag(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    nurse = await world.done(case_id, "circle", NURSE)
    seen = await world.etag(case_id)

    changed = await world.step(case_id, f"circle/{nurse['id']}/terms", {"mission": "Une fois par semaine"}, etag=seen)

    assert changed.status_code == 201, changed.text
    assert changed.headers["etag"] == await world.etag(case_id) != seen
    (before,) = changed.json()["history"]
    assert before["terms"]["mission"] == NURSE["mission"]
    assert (await world.read(f"/cases/{case_id}/circle/{nurse['id']}"))["mission"] == "Une fois par semaine"
    again = await world.step(case_id, f"circle/{nurse['id']}/terms", {"mission": "Une fois par semaine"})
    assert (again.status_code, again.headers["etag"]) == (201, changed.headers["etag"])


@pytest.mark.parametrize("step", ["circle", "circle/{}/terms", "circle/{}/end", "general-practitioner", "information"])
async def test_an_old_version_is_refused_and_nothing_is_lost(world: World, step: str) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    old = await world.etag(case_id)
    nurse = await world.done(case_id, "circle", NURSE)
    bodies: dict[str, dict[str, Any]] = {
        "circle": DAUGHTER,
        "circle/{}/terms": {"mission": "x"},
        "circle/{}/end": LEAVE,
        "general-practitioner": GP,
        "information": {**TOLD, "member_id": nurse["id"]},
    }

    refused = await world.step(case_id, step.format(nurse["id"]), bodies[step], etag=old)

    assert refused.status_code == 412
    assert [each["mission"] for each in await members(world, case_id)] == [None, NURSE["mission"]]
    assert (await world.step(case_id, step.format(nurse["id"]), bodies[step])).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "faults"),
    [
        ({"until": "2024-02-01"}, 422, [("/until", "before-start")]),
        ({"organisation": "nowhere"}, 422, [("/organisation", "unknown-organisation")]),
        ({"employer": "nowhere"}, 422, [("/employer", "unknown-organisation")]),
        ({"role": "general-practitioner"}, 422, [("/role", "own-route")]),
        ({"role": "witch-doctor"}, 422, [("/role", "unknown-value")]),
        ({"name": "Dupont"}, 422, [("/name", "unknown-field")]),
        ({"provides": ["cats"]}, 422, [("/provides/0", "unknown-value")]),
    ],
)
async def test_bad_input_is_named(
    world: World, changes: dict[str, Any], status: int, faults: list[tuple[str, str]]
) -> None:
    await world.knows("centre")
    case_id = await world.assigned()

    refused = await world.step(case_id, "circle", {**NURSE, **changes})

    assert refused.status_code == status, refused.text
    assert [pointer for pointer, _ in named(refused)] == [pointer for pointer, _ in faults]
    assert "nowhere" not in refused.text
    assert len(await members(world, case_id)) == 1


async def test_one_already_there_is_a_conflict(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    await world.done(case_id, "circle", NURSE)

    again = await world.step(case_id, "circle", NURSE)

    assert (again.status_code, again.json()["code"]) == (409, "already-member")


async def test_a_foreign_case_and_an_unknown_member_are_not_found(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    nurse = await world.done(case_id, "circle", NURSE)
    other = await world.assigned()
    foreigner = world.service.client("coordinator", org_id="partner-other")
    seen = {"if-match": await world.etag(case_id)}

    async with foreigner:
        for path in ("circle", f"circle/{nurse['id']}", "information", "overlap"):
            assert (await foreigner.get(f"/cases/{case_id}/{path}")).status_code == 404
        assert (await foreigner.post(f"/cases/{case_id}/circle", json=DAUGHTER, headers=seen)).status_code == 404
        assert (await foreigner.get("/cases/gp-to-inform")).json()["items"] == []
    assert (await world.as_("coordinator").get(f"/cases/{other}/circle/{nurse['id']}")).status_code == 404
    assert (await world.step(case_id, f"circle/{new_id()}/end", LEAVE)).status_code == 404
    assert (await world.as_("coordinator").get(f"/cases/{new_id()}/circle")).status_code == 404


async def test_a_closing_ends_the_memberships_and_a_reopening_restores_the_same_people(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    nurse = await world.done(case_id, "circle", NURSE)
    daughter = await world.done(case_id, "circle", DAUGHTER)
    await world.done(case_id, f"circle/{daughter['id']}/end", {**LEAVE, "until": TODAY})

    await world.done(case_id, "closure", CLOSURE)

    assert not [each for each in await members(world, case_id) if each["current"]]
    assert (await world.told("cases.circle-member-ended.v1"))[-1] == {
        "case_id": case_id,
        "member_id": nurse["id"],
        "until": TODAY,
        "reason": "closing",
    }
    assert (await world.step(case_id, "circle", DAUGHTER)).status_code == 409

    await world.done(case_id, "reopening", {"reason": "Rechute"})

    now = [each for each in await members(world, case_id) if each["current"]]
    assert [each["role"] for each in now] == ["case-manager", "home-nurse"]
    assert [period["interval"] for period in now[1]["periods"]] == [1, 2]
    assert (await world.told("cases.circle-member-added.v1"))[-1]["restored"] is True


async def test_every_fact_is_on_the_timeline_and_no_word_of_it_leaves(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    nurse = await world.done(case_id, "circle", NURSE)
    await world.done(case_id, f"circle/{nurse['id']}/terms", {"mission": "Secret de famille"})
    await world.done(case_id, "general-practitioner", GP)
    await world.done(case_id, "information", {**TOLD, "note": "Secret médical"})
    await world.done(case_id, f"circle/{nurse['id']}/end", LEAVE)

    entries = (await world.read(f"/cases/{case_id}/timeline"))["items"]
    told = json.dumps(await world.service.announced())

    assert {entry["kind"] for entry in entries} >= {
        "circle-member-added",
        "circle-member-changed",
        "circle-member-ended",
        "gp-identified",
        "provider-informed",
    }
    for word in ("Secret", "Pansements", "Remplacée", 'mission":'):
        assert word not in told


async def test_the_line_may_tell_but_not_change_who_belongs(world: World) -> None:
    await world.knows("centre")
    person_id = new_id()
    case_id = await world.opened(person_id=person_id)
    await world.done(case_id, "assignment", ASSIGNMENT)

    assert (await world.step(case_id, "circle", DAUGHTER, persona="line-nurse")).status_code == 403
    assert (await world.step(case_id, "general-practitioner", GP, persona="line-nurse")).status_code == 404
    await world.rung_by(person_id)
    assert (await world.step(case_id, "general-practitioner", GP, persona="line-nurse")).status_code == 201
    assert (await world.step(case_id, "information", TOLD, persona="line-nurse")).status_code == 201
