"""A death comes before the meeting, with the closing as what comes next; no case ends by itself."""

from typing import Any
from uuid import UUID

from shared.ids import new_id
from tests.cases.world import (
    ACCEPTED,
    ASSIGNMENT,
    CLOSURE,
    DECLINE,
    IDENTIFIED,
    REQUESTED,
    TODAY,
    World,
    accepted,
    identified,
)

DIED, LIVES = "intake.person-died.v1", "intake.death-withdrawn.v1"
NEXT_WEEK = "2026-11-27"


async def dies(world: World, person: UUID, on: str = "2026-11-18") -> None:
    """intake tells of a death."""
    await world.hear(DIED, person, {"person_id": person, "on": on})


async def lives(world: World, person: UUID) -> None:
    """intake takes it back."""
    await world.hear(LIVES, person, {"person_id": person})


async def owned(world: World, person: UUID) -> str:
    """A case that somebody owns."""
    case_id = await world.opened(new_id(), person)
    await world.done(case_id, "assignment", ASSIGNMENT)
    return case_id


async def reasons(world: World, case_id: str) -> list[str]:
    """Why a case is on the agenda."""
    return sorted(reason for reason, case in await world.agenda() if case == case_id)


async def next_step(world: World, case_id: str) -> tuple[Any, Any]:
    """What comes next for a case, by when."""
    step = (await world.view(case_id))["next_step"] or {}
    return step.get("kind"), step.get("due_on")


async def test_an_open_case_of_somebody_who_died_comes_before_the_meeting_and_is_to_be_closed(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    assert await reasons(world, case_id) == ["person-deceased"]
    assert await next_step(world, case_id) == ("closure", NEXT_WEEK)
    assert (await world.view(case_id))["state"] == "open"


async def test_a_request_without_an_owner_has_the_line_alone(world: World) -> None:
    person = new_id()
    case_id = await world.opened(new_id(), person)
    await dies(world, person)
    assert "person-deceased" in await reasons(world, case_id)
    assert await next_step(world, case_id) == (None, None)
    await world.done(case_id, "decline", {**DECLINE, "reason": "deceased"})
    assert await reasons(world, case_id) == []


async def test_the_closing_answers_it(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    await world.done(case_id, "closure", {**CLOSURE, "reason": "deceased"})
    assert await reasons(world, case_id) == []


async def test_a_corrected_day_of_death_says_nothing_new(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    before = await world.etag(case_id)
    await dies(world, person, "2026-11-17")
    assert await reasons(world, case_id) == ["person-deceased"]
    assert await world.etag(case_id) == before


async def test_a_case_that_is_opened_or_named_after_the_death_is_on_the_agenda_too(world: World) -> None:
    person, later = new_id(), new_id()
    await dies(world, person)
    await world.hear(ACCEPTED, new_id(), accepted(new_id()))
    opened = await world.opened(new_id(), person)
    named = await world.opened(later)
    await world.hear(IDENTIFIED, later, identified(later, person))
    assert "person-deceased" in await reasons(world, opened)
    assert "person-deceased" in await reasons(world, named)


async def test_nobody_else_s_case_is_touched(world: World) -> None:
    case_id = await owned(world, new_id())
    before = await world.etag(case_id)
    await dies(world, new_id())
    assert await reasons(world, case_id) == []
    assert await world.etag(case_id) == before


async def test_a_death_taken_back_is_a_call_to_make_and_a_line(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    await lives(world, person)
    assert await reasons(world, case_id) == ["death-withdrawn"]
    assert await next_step(world, case_id) == ("phone-call", NEXT_WEEK)
    await world.done(case_id, "next-step", {"kind": "home-visit", "due_on": NEXT_WEEK})
    assert await reasons(world, case_id) == []


async def test_a_step_that_somebody_set_meanwhile_stays(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    await world.done(case_id, "next-step", {"kind": "paperwork", "due_on": NEXT_WEEK})
    await lives(world, person)
    assert await next_step(world, case_id) == ("paperwork", NEXT_WEEK)


async def test_a_case_closed_for_a_death_that_was_a_mistake_is_seen_and_not_reopened_by_itself(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    await world.done(case_id, "closure", {**CLOSURE, "reason": "deceased"})
    other = await owned(world, person)
    await world.done(other, "closure", CLOSURE)
    await lives(world, person)
    assert await reasons(world, case_id) == ["death-withdrawn"]
    assert await reasons(world, other) == []
    assert (await world.view(case_id))["state"] == "closed"
    await world.done(case_id, "reopening", {"reason": "Une erreur"})
    assert await reasons(world, case_id) == []


async def test_a_second_death_after_a_mistake_is_a_line_again(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    await lives(world, person)
    await dies(world, person, TODAY)
    assert "person-deceased" in await reasons(world, case_id)
    assert await next_step(world, case_id) == ("closure", NEXT_WEEK)


async def test_the_timeline_of_a_case_tells_of_the_death(world: World) -> None:
    person = new_id()
    case_id = await owned(world, person)
    await dies(world, person)
    told = (await world.read(f"/cases/{case_id}/timeline"))["items"]
    assert "person-died" in [each["kind"] for each in told]


async def test_a_request_of_the_line_for_somebody_dead_is_on_the_agenda(world: World) -> None:
    person, contact = new_id(), new_id()
    await dies(world, person)
    await world.hear(REQUESTED, contact, {"request_id": contact, "person_id": person, "urgency": "routine"})
    [told] = await world.told("cases.case-opened.v1")
    assert "person-deceased" in await reasons(world, told["case_id"])
