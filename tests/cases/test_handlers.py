"""What cases makes of others' facts."""

from collections.abc import Callable
from typing import Any

from shared.ids import new_id
from shared.inbox import Outcome
from tests.cases.world import (
    ACCEPTED,
    ASSIGNMENT,
    CANCELLATION,
    CLOSURE,
    COMPLETED,
    IDENTIFIED,
    PLAN,
    REQUESTED,
    UNREACHABLE,
    World,
    accepted,
    at_work,
    called,
    identified,
)


async def test_an_accepted_referral_opens_a_case(world: World) -> None:
    referral, person = new_id(), new_id()

    assert await world.hear(ACCEPTED, referral, accepted(referral, person)) is Outcome.HANDLED

    [told] = await world.told("cases.case-opened.v1")
    view = await world.view(told["case_id"])
    assert told == {
        "case_id": view["id"],
        "origin_kind": "referral",
        "origin_id": str(referral),
        "person_id": str(person),
        "urgency": "urgent",
    }
    assert (view["state"], view["phase"], view["organisation"], view["worker"]) == ("requested", "plan", "relais", None)
    assert (view["opened_on"], view["person_id"]) == ("2026-11-20", str(person))


async def test_a_relayed_call_opens_a_case(world: World) -> None:
    contact, person = new_id(), new_id()
    request = {"request_id": contact, "person_id": person, "urgency": "routine"}

    await world.hear(REQUESTED, contact, request)

    [told] = await world.told("cases.case-opened.v1")
    assert (told["origin_kind"], told["origin_id"], told["person_id"]) == ("contact", str(contact), str(person))


async def test_one_case_per_origin_however_often_it_is_told(world: World) -> None:
    referral, contact, person = new_id(), new_id(), new_id()
    request = {"request_id": contact, "person_id": person, "urgency": "routine"}

    for version in (1, 1, 2, 3):
        await world.hear(ACCEPTED, referral, accepted(referral), version)
        await world.hear(REQUESTED, contact, request, version)

    assert [each["origin_kind"] for each in await world.told("cases.case-opened.v1")] == ["referral", "contact"]


async def test_a_corrected_identification_replaces_the_person_and_a_repeated_one_does_nothing(world: World) -> None:
    referral, wrong, right = new_id(), new_id(), new_id()
    case_id = await world.opened(referral, wrong)
    before = await world.etag(case_id)

    await world.hear(IDENTIFIED, referral, identified(referral, wrong))
    unchanged = await world.etag(case_id)
    await world.hear(IDENTIFIED, referral, identified(referral, right))

    assert unchanged == before
    assert (await world.view(case_id))["person_id"] == str(right)
    assert await world.etag(case_id) != before


async def test_a_cancellation_of_a_closed_case_asks_nothing_and_a_closing_answers_it(world: World) -> None:
    open_one, closed_one = new_id(), new_id()
    case_id = await world.opened(open_one)
    other = await world.opened(closed_one)
    await world.done(case_id, "assignment", ASSIGNMENT)
    await world.done(other, "assignment", ASSIGNMENT)
    await world.done(other, "closure", CLOSURE)

    for referral in (open_one, closed_one):
        await world.hear(CANCELLATION, referral, {"referral_id": referral, "case_id": None})

    assert await world.agenda() == [("cancellation-requested", case_id)]
    await world.done(case_id, "closure", CLOSURE)
    assert await world.agenda() == []


async def test_an_organisation_that_stopped_cannot_answer_for_a_task(world: World) -> None:
    case_id, key = await world.assigned(), new_id()
    changed = {"organisation": "centre", "kind": "coordination-centre", "active": True}
    changed_type = "referrals.organisation-changed.v1"
    await world.hear(changed_type, key, changed)
    assert (await world.step(case_id, "plan", PLAN)).status_code == 201

    await world.hear(changed_type, key, {**changed, "active": False})

    assert (await world.step(case_id, "plan", PLAN)).status_code == 422


async def test_an_unreachable_person_comes_before_the_meeting_once(world: World) -> None:
    case_id = await world.agreed()
    await world.done(case_id, "closure", CLOSURE)
    for follow_up in (new_id(), new_id()):
        data = {"follow_up_id": follow_up, "case_id": case_id, "person_id": None}
        await world.hear(UNREACHABLE, follow_up, data)
        await world.hear(UNREACHABLE, follow_up, data)

    assert await world.agenda() == [("person-unreachable", case_id)]


async def test_a_lost_item_makes_one_line_even_when_told_twice_and_a_reopening_answers_it(world: World) -> None:
    case_id = await world.agreed()
    await world.done(case_id, "closure", CLOSURE)
    lost, weak = [task["id"] for task in (await world.view(case_id))["tasks"]]
    result = called(case_id, {lost: "lost", weak: "weak"})

    key = new_id()
    for version in (1, 1, 2):
        await world.hear(COMPLETED, key, result, version)
    await world.hear(COMPLETED, new_id(), result)
    await world.hear(COMPLETED, new_id(), called(case_id, {lost: "lost"}, "six-months"))

    agenda = (await world.read("/cases/meetings/agenda"))["items"]
    assert [(line["reason"], line["subject_id"]) for line in agenda] == [("item-lost", lost)]
    assert [task["durability"] for task in (await world.view(case_id))["tasks"]] == ["lost", "weak"]
    assert len(await world.told("cases.items-checked.v1")) == 2
    await world.done(case_id, "reopening", {"reason": "Le logement est perdu"})
    assert await world.agenda() == []


async def test_an_item_lost_again_after_a_reopening_is_a_new_line(world: World) -> None:
    case_id = await world.agreed()
    lost = (await world.view(case_id))["tasks"][0]["id"]

    for _ in range(2):
        await world.done(case_id, "closure", CLOSURE)
        await world.hear(COMPLETED, new_id(), called(case_id, {lost: "lost"}))
        assert await world.agenda() == [("item-lost", case_id)]
        await world.done(case_id, "reopening", {"reason": "Perdu"})


async def test_an_unknown_item_is_passed_over_and_an_unknown_case_is_parked(world: World) -> None:
    case_id = await world.agreed()

    handled = await world.hear(COMPLETED, new_id(), called(case_id, {str(new_id()): "lost"}))
    parked = await world.hear(COMPLETED, new_id(), called(str(new_id()), {}))

    assert (handled, parked) == (Outcome.HANDLED, Outcome.POISONED)
    assert await world.agenda() == []


async def test_the_agenda_is_ranked_by_reason_and_then_by_age(world: World) -> None:
    referrals = [new_id(), new_id()]
    cases = [await world.opened(referral) for referral in referrals]
    for referral in referrals:
        world.service.clock.move(days=1)
        await world.hear(CANCELLATION, referral, {"referral_id": referral, "case_id": None})
    world.service.clock.move(minutes=1)
    unreachable = {"follow_up_id": new_id(), "case_id": cases[1], "person_id": None}
    await world.hear(UNREACHABLE, new_id(), unreachable)

    expected = [
        ("person-unreachable", cases[1]),
        ("cancellation-requested", cases[0]),
        ("cancellation-requested", cases[1]),
    ]
    assert await world.agenda() == expected
    paged, path = [], "/cases/meetings/agenda?limit=1"
    for _ in expected:
        page = await world.read(path)
        paged += [(line["reason"], line["case_id"]) for line in page["items"]]
        path = f"/cases/meetings/agenda?limit=1&cursor={page['next']}"
    assert (paged, page["next"]) == (expected, None)


async def test_cases_belong_to_the_programme_that_is_set(run_service: Callable[..., Any]) -> None:
    async with at_work(run_service("cases", organisation="other")) as world:
        case_id = await world.opened()

        mine = await world.as_("coordinator").get(f"/cases/{case_id}")
        async with world.service.client("coordinator", org_id="other") as other:
            theirs = await other.get(f"/cases/{case_id}")

    assert (mine.status_code, theirs.status_code) == (404, 200)
