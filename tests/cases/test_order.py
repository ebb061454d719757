"""Facts about one origin come over several topics, in any order and at once: the case is the same."""

import asyncio
import itertools
from typing import Any
from uuid import UUID

import pytest

from services.cases.domain import Closing
from services.cases.events import Urgency
from services.cases.handlers.requests import ReferralAccepted, open_for_referral
from services.cases.store import Agenda, Cases, Origins, Routes
from shared.ids import new_id
from shared.inbox import Outcome
from tests.cases.world import (
    ACCEPTED,
    ASSIGNMENT,
    CANCELLATION,
    CANCELLED,
    CLOSURE,
    COMPLETED,
    IDENTIFIED,
    PLAN,
    TASK,
    World,
    accepted,
    called,
    identified,
)


async def test_one_case_per_origin_under_parallel_deliveries(world: World) -> None:
    referral, person = new_id(), new_id()
    parallel = [world.hear(ACCEPTED, new_id(), accepted(referral)) for _ in range(8)]
    naming = [world.hear(IDENTIFIED, new_id(), identified(referral, person)) for _ in range(4)]

    outcomes = await asyncio.gather(*parallel, *naming)

    assert set(outcomes) == {Outcome.HANDLED}
    [case] = await world.rows('SELECT id, person_id FROM "case"')
    assert case["person_id"] == person
    assert len(await world.told("cases.case-opened.v1")) == 1


async def test_the_person_is_on_the_case_whichever_comes_first(world: World) -> None:
    for identified_first in (True, False):
        referral, person = new_id(), new_id()
        facts = [(ACCEPTED, accepted(referral)), (IDENTIFIED, identified(referral, person))]

        for kind, data in reversed(facts) if identified_first else facts:
            assert await world.hear(kind, referral, data) is Outcome.HANDLED

        opened = (await world.told("cases.case-opened.v1"))[-1]
        assert (await world.view(opened["case_id"]))["person_id"] == str(person)
        linked = [each["case_id"] for each in await world.told("cases.person-linked.v1")]
        assert linked == ([] if identified_first else [opened["case_id"]])


@pytest.mark.parametrize(
    ("kind", "reason"), [(CANCELLATION, "cancellation-requested"), (CANCELLED, "referral-cancelled")]
)
@pytest.mark.parametrize("case_first", [True, False])
async def test_a_cancellation_comes_before_the_meeting_in_either_order(
    world: World, kind: str, reason: str, case_first: bool
) -> None:
    referral = new_id()
    facts: list[tuple[str, dict[str, Any]]] = [
        (ACCEPTED, accepted(referral)),
        (kind, {"referral_id": referral, "case_id": None, "code": "other"}),
    ]

    for each, data in facts if case_first else reversed(facts):
        assert await world.hear(each, referral, data) is Outcome.HANDLED
    [opened] = await world.told("cases.case-opened.v1")
    expected = [(reason, opened["case_id"])] if kind == CANCELLATION else []
    assert [line for line in await world.agenda() if line[0] == reason] == expected

    await world.hear(kind, referral, {"referral_id": referral, "case_id": None, "code": "other"})
    assert [line for line in await world.agenda() if line[0] == reason] == expected
    view = await world.view(opened["case_id"])
    withdrawn = ("requested", None) if kind == CANCELLATION else ("declined", "request-withdrawn")
    assert (view["state"], view["declined_reason"]) == withdrawn


async def test_a_referral_taken_back_from_an_owned_case_comes_before_the_meeting(world: World) -> None:
    referral = new_id()
    case_id = await world.opened(referral)
    await world.done(case_id, "assignment", ASSIGNMENT)

    await world.hear(CANCELLED, referral, {"referral_id": referral, "case_id": None, "code": "other"})

    assert ("referral-cancelled", case_id) in await world.agenda()
    assert (await world.view(case_id))["state"] == "open"


async def test_the_later_call_has_the_last_word_when_results_come_in_the_wrong_order(world: World) -> None:
    case_id = await world.agreed({**PLAN, "tasks": [TASK]})
    await world.done(case_id, "closure", CLOSURE)
    [task] = (await world.view(case_id))["tasks"]

    await world.hear(COMPLETED, new_id(), called(case_id, {task["id"]: "in-place"}, "six-months"))
    await world.hear(COMPLETED, new_id(), called(case_id, {task["id"]: "lost"}, "one-month"))

    assert (await world.view(case_id))["tasks"][0]["durability"] == "in-place"
    assert await world.agenda() == []


async def test_accepted_identified_and_cancelled_lead_to_the_same_case_in_any_order(world: World) -> None:
    for order in itertools.permutations(range(3)):
        referral, person = new_id(), new_id()
        facts: list[tuple[str, dict[str, Any]]] = [
            (ACCEPTED, accepted(referral)),
            (IDENTIFIED, identified(referral, person)),
            (CANCELLATION, {"referral_id": referral, "case_id": None, "code": "other"}),
        ]

        for number in order:
            kind, data = facts[number]
            await world.hear(kind, new_id(), data)

        opened = (await world.told("cases.case-opened.v1"))[-1]
        assert (await world.view(opened["case_id"]))["person_id"] == str(person)
        assert (await world.agenda())[-1] == ("cancellation-requested", opened["case_id"])


async def test_a_person_identified_while_the_case_is_being_opened_is_not_missed(world: World) -> None:
    referral, person = new_id(), new_id()
    await world.hear(IDENTIFIED, referral, identified(referral, new_id()))
    async with world.service.app.state.database.transaction() as transaction:
        event = ReferralAccepted(referral_id=referral, person_id=None, urgency=Urgency.ROUTINE)
        settings = world.service.app.state.settings
        known = Origins(transaction), Cases(transaction), Agenda(transaction), Routes(transaction)
        await open_for_referral(event, *known, settings)
        correction = asyncio.create_task(world.hear(IDENTIFIED, referral, identified(referral, person)))
        await asyncio.sleep(0.1)
    await correction

    [case] = await world.rows('SELECT person_id FROM "case"')
    assert case["person_id"] == person


async def test_a_cancellation_that_comes_during_the_closing_asks_nothing(world: World) -> None:
    referral = new_id()
    case_id = UUID(await world.opened(referral))
    await world.done(str(case_id), "assignment", ASSIGNMENT)
    async with world.service.app.state.database.transaction() as transaction:
        cases = Cases(transaction)
        case = await cases.get(case_id)
        fact = case.close(Closing.model_validate(CLOSURE), [], case.opened_on)
        await cases.keep(case, "coordinator", fact)
        wish = asyncio.create_task(
            world.hear(CANCELLATION, referral, {"referral_id": referral, "case_id": None, "code": "other"})
        )
        await asyncio.sleep(0.1)
    await wish

    assert await world.agenda() == []
