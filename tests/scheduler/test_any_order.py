"""Facts in every order, and three times each: the plan is the same."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from random import Random
from uuid import UUID, uuid4

import pytest

from shared.events import Envelope
from shared.ids import new_id
from shared.inbox import Outcome
from tests.scheduler.world import ITEMS, Scheduler, attempt, step

LIFE = (("closed", date(2026, 11, 2)), ("reopened", None), ("closed", date(2026, 11, 16)))
"""What became of a case, in the order in which it happened: the numbers of the facts are 1, 2, 3."""

PLAN = [
    (1, "one-month", "cancelled", "2026-12-02"),
    (2, "one-month", "planned", "2026-12-16"),
    (1, "six-months", "cancelled", "2027-05-03"),
    (2, "six-months", "planned", "2027-05-18"),
]


async def deliver(scheduler: Scheduler, case: UUID, order: Sequence[int]) -> None:
    """Deliver the case's facts in this order, each message at its own place in the log."""
    facts = {"case_id": str(case), "person_id": str(scheduler.person), "reason": "goals-reached", "items": ITEMS}
    ids = [new_id() for _ in LIFE]
    for offset, number in enumerate(order):
        act, on = LIFE[number]
        body = json.dumps({**facts, "closed_on": on} if on else {"case_id": case}, default=str).encode()
        fact = Envelope(ids[number], f"cases.case-{act}.v1", case, number + 1, datetime.now(UTC), body)
        message = replace(fact.message(), partition=case.int % 2**31, offset=offset)
        assert await scheduler.running.inbox.deliver(message) is not Outcome.POISONED


async def plan(scheduler: Scheduler, case: UUID) -> list[tuple[int, str, str, str]]:
    found = [(each["occasion"], each["kind"], each["status"], each["due_on"]) for each in await scheduler.of_case(case)]
    return sorted(found, key=lambda each: (each[1], each[0]))


THRICE = list(range(3)) * 3
SHUFFLED = [Random(seed).sample(THRICE, len(THRICE)) for seed in range(40)]


async def test_closing_reopening_closing_in_every_order_and_thrice_is_one_plan(scheduler: Scheduler) -> None:
    orders = [
        *(order * 3 for order in permutations(range(3))),
        *([number for number in order for _ in range(3)] for order in permutations(range(3))),
        *SHUFFLED,
    ]
    for order in orders:
        case = uuid4()
        await deliver(scheduler, case, order)
        assert await plan(scheduler, case) == PLAN, order

    types = await scheduler.running.types()
    assert types.count("scheduler.follow-up-planned.v1") == 4 * len(orders)
    assert types.count("scheduler.follow-up-cancelled.v1") == 2 * len(orders)


@pytest.mark.parametrize("order", list(permutations(["first", "second", "death"])))
async def test_a_death_told_by_one_case_ends_the_calls_of_every_case_in_every_order(
    scheduler: Scheduler, order: tuple[str, ...]
) -> None:
    cases = {name: uuid4() for name in order}

    for name in order:
        await scheduler.close(cases[name], reason="deceased" if name == "death" else "goals-reached")

    for case in cases.values():
        assert {each["status"] for each in await scheduler.of_case(case)} <= {"cancelled"}
    reasons = {
        data["reason"]
        for name, data in await scheduler.running.announced()
        if name == "scheduler.follow-up-cancelled.v1"
    }
    assert reasons <= {"deceased"}


async def test_a_death_that_was_an_error_is_forgotten_with_the_reopening(scheduler: Scheduler) -> None:
    case, other = uuid4(), uuid4()
    await scheduler.close(case, reason="deceased")
    await scheduler.reopen(case)

    await scheduler.close(other)

    assert {each["status"] for each in await scheduler.of_case(other)} == {"planned"}


@pytest.mark.parametrize("linked_first", [True, False])
async def test_the_person_of_a_case_may_be_known_before_or_after_its_closing(
    scheduler: Scheduler, linked_first: bool
) -> None:
    case = uuid4()
    if not linked_first:
        await scheduler.close(case, person_id=None)
    data = {"case_id": case, "person_id": scheduler.person}
    assert await scheduler.running.deliver("cases.person-linked.v1", case, data) is Outcome.HANDLED
    if linked_first:
        await scheduler.close(case)

    assert {each["person_id"] for each in await scheduler.of_case(case)} == {str(scheduler.person)}


async def test_a_person_linked_after_the_calls_failed_can_still_get_in_touch(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, person_id=None)
    path = f"/scheduler/follow-ups/{(await scheduler.of_case(case))[0]['id']}"
    async with scheduler.running.client("line-nurse") as nurse:
        for _ in range(3):
            assert (await step(nurse, path, "attempts", attempt("no-answer"))).status_code == 201
    await scheduler.running.deliver("cases.person-linked.v1", case, {"case_id": case, "person_id": scheduler.person})

    await scheduler.contact(scheduler.person)

    assert (await scheduler.of_case(case))[0]["status"] == "due"
