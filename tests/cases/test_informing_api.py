"""The general practitioner over the service: known, told at key steps, and on the list until then."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.cases.world import AGREEMENT, CLOSURE, PLAN, TODAY, TOMORROW, YESTERDAY, World, named

GP = {"status": "known", "organisation": "centre"}
TOLD = {"step": "opening", "channel": "phone", "on": TODAY, "consent": "oral"}


async def gp_of(world: World, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await world.read(f"/cases/{case_id}/circle"))["general_practitioner"]
    return found


async def to_inform(world: World, query: str = "") -> list[str]:
    return [item["case_id"] for item in (await world.read(f"/cases/gp-to-inform{query}"))["items"]]


async def test_a_case_stays_on_the_list_until_its_general_practitioner_knows(world: World) -> None:
    await world.knows("centre")
    waiting = await world.opened()
    case_id = await world.agreed()
    assert await to_inform(world) == [case_id], f"{waiting} is not opened yet"
    assert (await gp_of(world, case_id))["missing"] == ["gp-not-identified"]

    await world.done(case_id, "general-practitioner", GP)
    assert (await gp_of(world, case_id))["missing"] == ["gp-not-told-opening", "gp-not-told-plan"]
    for step in ("opening", "plan"):
        await world.done(case_id, "information", {**TOLD, "step": step})
    assert await to_inform(world) == []

    await world.done(case_id, "plan", PLAN)
    await world.done(case_id, "plan/agreement", {**AGREEMENT, "plan_version": 2})
    assert (await gp_of(world, case_id))["missing"] == ["gp-not-told-plan"]
    await world.done(case_id, "information", {**TOLD, "step": "plan", "note": "Par téléphone, d'accord"})

    await world.done(case_id, "closure", CLOSURE)
    assert await to_inform(world) == [case_id]
    await world.done(case_id, "information", {**TOLD, "step": "closing", "channel": "letter"})
    assert await to_inform(world) == []
    told = (await world.read(f"/cases/{case_id}/information"))["items"]
    assert sorted((each["step"], each["number"]) for each in told) == [
        ("closing", 1),
        ("opening", 1),
        ("plan", 1),
        ("plan", 2),
    ]


async def test_the_list_is_mine_or_somebody_else_s_and_goes_on(world: World) -> None:
    mine, other = await world.assigned(), await world.assigned(worker="case-manager-social-worker")

    assert await to_inform(world, "?worker=case-manager-social-worker") == [other]
    page = await world.read("/cases/gp-to-inform?limit=1")
    assert [item["case_id"] for item in page["items"]] == [mine]
    assert await to_inform(world, f"?limit=1&cursor={page['next']}") == [other]


@pytest.mark.parametrize("status", ["none", "refuses-to-tell"])
async def test_a_person_without_a_general_practitioner_is_no_omission(world: World, status: str) -> None:
    case_id = await world.assigned()

    await world.done(case_id, "general-practitioner", {"status": status})

    assert await gp_of(world, case_id) == {"status": status, "member_id": None, "missing": []}
    assert await to_inform(world) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"on": YESTERDAY}, ("/on", "before-opening")),
        ({"on": TOMORROW}, ("/on", "in-future")),
        ({"step": "plan"}, ("/step", "not-reached")),
        ({"step": "closing"}, ("/step", "not-reached")),
        ({"member_id": str(new_id())}, ("/member_id", "unknown")),
    ],
)
async def test_a_telling_that_cannot_have_been_is_refused(
    world: World, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    await world.done(case_id, "general-practitioner", GP)

    refused = await world.step(case_id, "information", {**TOLD, **changes})

    assert (refused.status_code, named(refused)) == (422, [fault])


async def test_who_may_not_be_told_is_not_told(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    await world.done(case_id, "general-practitioner", {**GP, "consent_to_share": False})

    refused = await world.step(case_id, "information", TOLD)

    assert (refused.status_code, refused.json()["code"]) == (409, "consent-refused")
