"""The line asks again for somebody, or says that it named the wrong person."""

from uuid import UUID

from shared.ids import new_id
from tests.cases.test_deaths import reasons
from tests.cases.world import ASSIGNMENT, CLOSURE, DECLINE, REQUESTED, World

AGAIN, WITHDRAWN = "intake.relay-repeated.v1", "intake.relay-withdrawn.v1"


async def requested(world: World, contact: UUID, person: UUID, urgency: str = "routine") -> str:
    """The one case of a request of the line."""
    await world.hear(REQUESTED, contact, {"request_id": contact, "person_id": person, "urgency": urgency})
    told = await world.told("cases.case-opened.v1")
    found: str = next(each["case_id"] for each in told if each["origin_id"] == str(contact))
    return found


async def again(world: World, request: UUID, person: UUID, urgency: str = "urgent") -> UUID:
    """The line relays the same person again, at another contact."""
    contact = new_id()
    data = {"request_id": request, "contact_id": contact, "person_id": person, "urgency": urgency}
    await world.hear(AGAIN, contact, data)
    return contact


async def withdrawn(world: World, request: UUID, person: UUID) -> None:
    """The request named the wrong person."""
    await world.hear(WITHDRAWN, new_id(), {"request_id": request, "person_id": person})


async def test_a_relay_repeated_urgently_makes_the_one_case_urgent(world: World) -> None:
    request, person = new_id(), new_id()
    case_id = await requested(world, request, person)
    await again(world, request, person)
    await again(world, request, person)
    assert (await world.view(case_id))["urgency"] == "urgent"
    assert (await reasons(world, case_id)).count("relay-repeated") == 1
    assert [each["urgency"] for each in await world.told("cases.urgency-raised.v1")] == ["urgent"]
    assert len(await world.told("cases.case-opened.v1")) == 1


async def test_a_routine_repeat_makes_nothing_less_urgent(world: World) -> None:
    request, person = new_id(), new_id()
    case_id = await requested(world, request, person, "urgent")
    await again(world, request, person, "routine")
    assert (await world.view(case_id))["urgency"] == "urgent"
    assert "relay-repeated" in await reasons(world, case_id)


async def test_a_repeat_that_comes_before_its_request_is_not_lost(world: World) -> None:
    request, person = new_id(), new_id()
    await again(world, request, person)
    await again(world, request, person, "routine")
    case_id = await requested(world, request, person)
    assert (await world.view(case_id))["urgency"] == "urgent"
    assert "relay-repeated" in await reasons(world, case_id)


async def test_an_assignment_answers_the_repeat_and_the_next_one_is_a_line_again(world: World) -> None:
    request, person = new_id(), new_id()
    case_id = await requested(world, request, person)
    await again(world, request, person)
    await world.done(case_id, "assignment", ASSIGNMENT)
    assert await reasons(world, case_id) == []
    await again(world, request, person)
    assert await reasons(world, case_id) == ["relay-repeated"]


async def test_a_repeat_after_the_end_is_seen_though_the_case_stays_closed(world: World) -> None:
    request, person = new_id(), new_id()
    case_id = await requested(world, request, person)
    await world.done(case_id, "assignment", ASSIGNMENT)
    await world.done(case_id, "closure", CLOSURE)
    await again(world, request, person)
    view = await world.view(case_id)
    assert (view["state"], view["urgency"]) == ("closed", "routine")
    assert await reasons(world, case_id) == ["relay-repeated"]


async def test_a_request_that_nobody_owns_is_withdrawn_with_its_relay(world: World) -> None:
    request, person = new_id(), new_id()
    case_id = await requested(world, request, person)
    await withdrawn(world, request, person)
    view = await world.view(case_id)
    assert view["state"] == "declined"
    assert [each["reason"] for each in await world.told("cases.case-declined.v1")] == ["request-withdrawn"]
    assert await reasons(world, case_id) == []


async def test_a_withdrawal_that_comes_before_its_request_still_withdraws_it(world: World) -> None:
    request, person = new_id(), new_id()
    await withdrawn(world, request, person)
    case_id = await requested(world, request, person)
    assert (await world.view(case_id))["state"] == "declined"


async def test_of_a_case_that_somebody_owns_people_decide(world: World) -> None:
    request, person = new_id(), new_id()
    case_id = await requested(world, request, person)
    await world.done(case_id, "assignment", ASSIGNMENT)
    await withdrawn(world, request, person)
    assert (await world.view(case_id))["state"] == "open"
    assert await reasons(world, case_id) == ["relay-withdrawn"]
    await world.done(case_id, "closure", CLOSURE)
    assert await reasons(world, case_id) == []


async def test_a_withdrawal_of_what_has_ended_asks_nothing(world: World) -> None:
    request, person = new_id(), new_id()
    case_id = await requested(world, request, person)
    await world.done(case_id, "decline", DECLINE)
    await withdrawn(world, request, person)
    assert await reasons(world, case_id) == []
