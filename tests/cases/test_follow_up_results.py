"""What the follow-up calls find: durability over both calls, one alert and one line for a loss, one answer."""

import itertools
from typing import Any

from shared.ids import new_id
from tests.cases.world import CLOSURE, COMPLETED, PLAN, TASK, World, called, named

WHY = "Le logement est perdu"


async def closed(world: World, plan: dict[str, Any] = PLAN) -> tuple[str, list[str]]:
    """A closed case, and the items of its plan."""
    case_id = await world.agreed(plan)
    await world.done(case_id, "closure", CLOSURE)
    return case_id, [task["id"] for task in (await world.view(case_id))["tasks"]]


async def result(world: World, case_id: str, items: dict[str, str], kind: str = "one-month") -> str:
    """A call was made; its id."""
    told = called(case_id, items, kind)
    await world.hear(COMPLETED, new_id(), told)
    return str(told["follow_up_id"])


async def test_both_calls_stand_beside_each_other_per_item(world: World) -> None:
    case_id, [first, second] = await closed(world)
    month = await result(world, case_id, {first: "in-place", second: "weak"})
    half = await result(world, case_id, {first: "lost", second: "in-place"}, "six-months")

    found = await world.read(f"/cases/{case_id}/follow-up-results")

    durable = {each["task_id"]: each for each in found["items"]}
    assert {each: durable[each]["durability"] for each in durable} == {first: "lost", second: "in-place"}
    checks = [(each["kind"], each["follow_up_id"], each["status"]) for each in durable[first]["checks"]]
    assert checks == [("one-month", month, "in-place"), ("six-months", half, "lost")]
    assert [[offer["choice"] for offer in call["offers"]] for call in found["calls"]] == [
        [],
        ["reopen", "new-referral", "stable"],
    ]


async def test_a_lost_item_makes_one_alert_a_call_and_one_line_however_often_it_is_told(world: World) -> None:
    case_id, [first, second] = await closed(world)
    told = called(case_id, {first: "lost", second: "weak"})
    for _ in range(3):
        await world.hear(COMPLETED, new_id(), told)

    [alert] = await world.told("cases.item-lost.v1")
    assert (alert["task_id"], alert["kind"]) == (first, "one-month")
    assert await world.agenda() == [("item-lost", case_id)]

    await result(world, case_id, {first: "lost"}, "six-months")
    assert len(await world.told("cases.item-lost.v1")) == 2
    assert await world.agenda() == [("item-lost", case_id)]


async def test_an_item_found_again_answers_its_line_in_either_order(world: World) -> None:
    for order in itertools.permutations([("one-month", "lost"), ("six-months", "in-place")]):
        case_id, [item] = await closed(world, {**PLAN, "tasks": [TASK]})
        for kind, status in order:
            await result(world, case_id, {item: status}, kind)

        assert await world.agenda() == []
        assert (await world.view(case_id))["tasks"][0]["durability"] == "in-place"


async def test_a_loss_can_be_answered_by_reopening_in_one_step(world: World) -> None:
    case_id, [item, _] = await closed(world)
    call = await result(world, case_id, {item: "lost"})
    [offer, *_] = (await world.read(f"/cases/{case_id}/follow-up-results"))["calls"][0]["offers"]

    path = offer["decide"]["href"].removeprefix(f"/cases/{case_id}/")
    answer = await world.step(case_id, path, {**offer["decide"]["body"], "reason": WHY})

    assert (answer.status_code, answer.json()["state"], answer.json()["worker"]) == (
        201,
        "in-care",
        "case-manager-nurse",
    )
    assert await world.agenda() == []
    assert (await world.told("cases.follow-up-decided.v1")) == [
        {"case_id": case_id, "follow_up_id": call, "choice": "reopen"}
    ]
    assert len(await world.told("cases.case-reopened.v1")) == 1
    [made] = (await world.read(f"/cases/{case_id}/follow-up-results"))["calls"]
    assert (made["choice"], made["reason"], made["decided_by"], made["offers"]) == ("reopen", WHY, "coordinator", [])


async def test_a_loss_can_be_answered_by_a_new_referral_or_left_and_no_event_holds_the_reason(world: World) -> None:
    for choice in ("new-referral", "stable"):
        case_id, [item, _] = await closed(world)
        call = await result(world, case_id, {item: "lost"})
        path = f"follow-up-results/{call}/decision"
        offers = (await world.read(f"/cases/{case_id}/follow-up-results"))["calls"][0]["offers"]
        [then] = [offer["then"] for offer in offers if offer["choice"] == choice]

        answer = await world.step(case_id, path, {"choice": choice, "reason": WHY})
        again = await world.step(case_id, path, {"choice": "stable", "reason": WHY})

        assert (answer.status_code, answer.json()["state"]) == (201, "closed")
        assert (again.status_code, again.json()["code"]) == (409, "follow-up-decided")
        assert await world.agenda() == []
        expected = {"case_id": case_id, "person_id": None, "organisation": "centre"}
        assert [each["body"] for each in then] == ([expected] if choice == "new-referral" else [])
    assert WHY not in str(await world.service.announced())


async def test_a_decision_needs_a_reason_a_loss_and_a_call_of_this_case(world: World) -> None:
    case_id, [item, _] = await closed(world)
    call = await result(world, case_id, {item: "weak"})
    path = f"follow-up-results/{call}/decision"

    assert named(await world.step(case_id, path, {"choice": "stable"})) == [("/reason", "required")]
    nothing = await world.step(case_id, path, {"choice": "stable", "reason": WHY})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing-lost")
    unknown = await world.step(case_id, f"follow-up-results/{new_id()}/decision", {"choice": "stable", "reason": WHY})
    assert unknown.status_code == 404


async def test_a_decision_on_an_old_version_of_the_case_is_refused_and_nothing_is_kept(world: World) -> None:
    case_id, [item, _] = await closed(world)
    old = await world.etag(case_id)
    call = await result(world, case_id, {item: "lost"})
    path, body = f"follow-up-results/{call}/decision", {"choice": "stable", "reason": WHY}

    assert (await world.step(case_id, path, body, etag=old)).status_code == 412
    assert await world.agenda() == [("item-lost", case_id)]
    assert (await world.step(case_id, path, body)).status_code == 201
