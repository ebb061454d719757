"""A case may rest and go on; the first contact with the person is noted once."""

from typing import Any

import pytest

from tests.cases.world import CLOSURE, TODAY, TOMORROW, VISIT, YESTERDAY, World, named

PAUSE = {"reason": "readmitted", "until": TOMORROW}
CONTACT = {"on": TODAY, "channel": "phone"}


async def test_a_case_rests_and_goes_on_with_its_owner_and_next_step(world: World) -> None:
    case_id = await world.assigned()
    before = await world.view(case_id)
    paused = await world.done(case_id, "pause", {**PAUSE, "note": "Un canari à l'hôpital"})
    assert (paused["state"], paused["paused_reason"], paused["paused_until"]) == ("paused", "readmitted", TOMORROW)
    resumed = await world.done(case_id, "resumption", {})
    assert resumed == before
    assert (await world.service.announced())[-2:] == [
        ("cases.case-paused.v1", {"case_id": case_id, "reason": "readmitted", "until": TOMORROW}),
        ("cases.case-resumed.v1", {"case_id": case_id}),
    ]
    assert "canari" not in str(await world.service.announced())


async def test_a_case_rests_once_and_goes_on_once(world: World) -> None:
    case_id = await world.assigned()
    assert (await world.step(case_id, "resumption", {})).json()["type"].endswith("illegal-step")
    await world.done(case_id, "pause", {"reason": "unreachable", "until": TOMORROW})
    again = await world.step(case_id, "pause", PAUSE)
    assert (again.status_code, again.json()["state"]) == (409, "paused")
    await world.done(case_id, "resumption", {"note": "Elle répond"})
    assert (await world.step(case_id, "resumption", {})).status_code == 409


async def test_the_closing_ends_the_pause(world: World) -> None:
    case_id = await world.assigned()
    await world.done(case_id, "pause", PAUSE)
    closed = await world.done(case_id, "closure", CLOSURE)
    assert (closed["paused_reason"], closed["paused_until"]) == (None, None)
    assert (await world.step(case_id, "resumption", {})).status_code == 409
    assert "cases.case-resumed.v1" not in await world.service.types()


async def test_only_an_owned_case_rests_or_has_a_first_contact(world: World) -> None:
    case_id = await world.opened()
    for step, body in (("pause", PAUSE), ("first-contact", CONTACT)):
        answer = await world.step(case_id, step, body)
        assert (answer.status_code, answer.json()["allowed"]) == (409, ["waiting-list", "decline", "assignment"])


async def test_the_first_contact_is_noted_once_with_its_day(world: World) -> None:
    case_id = await world.assigned()
    noted = await world.done(case_id, "first-contact", CONTACT)
    assert (noted["first_contact_on"], noted["state"]) == (TODAY, "open")
    assert (await world.told("cases.first-contact-made.v1")) == [{"case_id": case_id, "on": TODAY}]
    assert (await world.step(case_id, "first-contact", CONTACT)).status_code == 409


async def test_the_beginning_of_care_is_told_with_its_day(world: World) -> None:
    case_id = await world.assigned()
    await world.done(case_id, "visits", VISIT)
    assert [fact["on"] for fact in await world.told("cases.care-started.v1")] == [TODAY]


@pytest.mark.parametrize(
    ("step", "body", "fault"),
    [
        ("pause", {"reason": "readmitted", "until": YESTERDAY}, ("/until", "in-past")),
        ("pause", {"reason": "holiday", "until": TOMORROW}, ("/reason", "not-one-of")),
        ("pause", {"reason": "readmitted"}, ("/until", "required")),
        ("first-contact", {**CONTACT, "on": TOMORROW}, ("/on", "in-future")),
        ("first-contact", {**CONTACT, "on": YESTERDAY}, ("/on", "before-opening")),
        ("first-contact", {**CONTACT, "channel": "pigeon"}, ("/channel", "not-one-of")),
        ("resumption", {"reason": "x"}, ("/reason", "unknown-field")),
    ],
)
async def test_what_cannot_be_right_is_refused_with_its_place(
    world: World, step: str, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    case_id = await world.assigned()
    answer = await world.step(case_id, step, body)
    assert (answer.status_code, named(answer)) == (422, [fault])


async def test_these_steps_are_for_those_who_work_on_cases(world: World) -> None:
    case_id = await world.assigned()
    for step, body in (("pause", PAUSE), ("first-contact", CONTACT), ("resumption", {})):
        assert (await world.step(case_id, step, body, persona="line-nurse")).status_code == 403
        stale = await world.step(case_id, step, body, etag='"1"')
        assert stale.status_code == 412
