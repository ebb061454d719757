"""What calls for follow-ups besides a closing, and whose they are."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.scheduler.world import ITEMS, Scheduler


async def enable(scheduler: Scheduler, code: str, **changed: Any) -> None:
    """Switch a shipped policy on."""
    path = f"/scheduler/policies/{code}"
    async with scheduler.running.client("operator") as operator:
        found = await operator.get(path)
        body = {name: value for name, value in found.json().items() if name not in {"code", "version", "in_force"}}
        body |= {"enabled": True, **changed}
        answer = await operator.put(path, json=body, headers={"if-match": found.headers["etag"]})
    assert answer.status_code == 200, answer.text


async def hear(scheduler: Scheduler, fact: str, key: UUID, **data: Any) -> None:
    """Deliver a fact of cases or referrals."""
    name = "case_id" if fact.startswith("cases.") else "referral_id"
    outcome = await scheduler.running.deliver(f"{fact}.v1", key, {name: key, **data})
    assert outcome == "handled", fact


async def follow_ups(scheduler: Scheduler, **claims: str) -> Sequence[dict[str, Any]]:
    """All follow-ups that a nurse reads."""
    async with scheduler.running.client("line-nurse", **claims) as nurse:
        found: list[dict[str, Any]] = (await nurse.get("/scheduler/follow-ups")).json()["items"]
    return found


async def test_an_agreed_plan_is_looked_at_by_the_cases_worker_and_a_newer_plan_replaces_it(
    scheduler: Scheduler,
) -> None:
    case = uuid4()
    await enable(scheduler, "plan-agreed")
    await hear(scheduler, "cases.case-assigned", case, worker="w", discipline="nurse", organisation="relais")
    await hear(scheduler, "cases.plan-agreed", case, plan_version=1, items=ITEMS)
    scheduler.running.clock.move(days=7)
    await hear(scheduler, "cases.plan-agreed", case, plan_version=2, items=ITEMS[:1])

    found = [(each["occasion"], each["due_on"], each["status"], each["owner"]) for each in await follow_ups(scheduler)]
    assert found == [
        (1, "2026-12-21", "cancelled", "case-manager"),
        (2, "2026-12-28", "planned", "case-manager"),
    ]
    await hear(scheduler, "cases.case-closed", case, person_id=None, closed_on="2026-11-27", reason="moved", items=[])
    assert {each["status"] for each in await follow_ups(scheduler)} == {"cancelled"}
    reasons = [data.get("reason") for kind, data in await scheduler.running.announced() if "cancelled" in kind]
    assert reasons == ["plan-replaced", "not-followed-up"]


FACTS = ("opened", "assigned", "accepted", "linked")


@pytest.mark.parametrize(
    "order", [order for order in permutations(FACTS) if order.index("opened") < order.index("assigned")]
)
async def test_a_discharge_is_followed_by_whose_case_it_is_in_whatever_order_that_is_told(
    scheduler: Scheduler, order: tuple[str, ...]
) -> None:
    if order.index("linked") < order.index("opened"):
        order = (*(each for each in order if each != "linked"), "linked")
    case, referral, person = uuid4(), uuid4(), uuid4()
    await enable(scheduler, "discharge", owner="case-manager")
    tell = {
        "opened": lambda: hear(
            scheduler, "cases.case-opened", case, origin_kind="referral", origin_id=referral, person_id=None
        ),
        "assigned": lambda: hear(
            scheduler, "cases.case-assigned", case, worker="w", discipline="nurse", organisation="centre"
        ),
        "accepted": lambda: hear(
            scheduler, "referrals.referral-accepted", referral, person_id=None, discharge_on="2026-11-24"
        ),
        "linked": lambda: hear(scheduler, "cases.person-linked", case, person_id=person),
    }
    for name in order:
        await tell[name]()

    [found] = await follow_ups(scheduler, org_id="centre")
    assert (found["trigger"], found["case_id"], found["person_id"]) == ("discharge", str(case), str(person))
    assert (found["counted_from"], found["due_on"]) == ("2026-11-24", "2026-11-26")
    assert await follow_ups(scheduler) == []


async def test_a_corrected_day_of_discharge_moves_it_and_a_cancelled_referral_drops_it(scheduler: Scheduler) -> None:
    referral = uuid4()
    await enable(scheduler, "discharge")
    await hear(scheduler, "referrals.referral-accepted", referral, person_id=None, discharge_on="2026-11-24")
    await hear(scheduler, "referrals.referral-corrected", referral, parts=["stay"], discharge_on="2026-11-27")
    moved = await follow_ups(scheduler)
    await hear(scheduler, "referrals.referral-corrected", referral, parts=["person"])
    await hear(scheduler, "referrals.referral-cancelled", referral, code="by-sender")

    assert [(each["counted_from"], each["due_on"]) for each in moved] == [("2026-11-27", "2026-12-01")]
    facts = [(kind, data.get("reason")) for kind, data in await scheduler.running.announced()]
    assert facts[1:] == [
        ("scheduler.follow-up-planned.v1", None),
        ("scheduler.follow-up-moved.v1", "day-corrected"),
        ("scheduler.follow-up-cancelled.v1", "referral-cancelled"),
    ]


async def test_without_a_day_of_discharge_or_a_policy_in_force_nothing_is_planned(scheduler: Scheduler) -> None:
    await hear(scheduler, "referrals.referral-accepted", uuid4(), person_id=None, discharge_on="2026-11-24")
    await hear(scheduler, "cases.plan-agreed", uuid4(), plan_version=1, items=ITEMS)
    await enable(scheduler, "discharge")
    await hear(scheduler, "referrals.referral-accepted", uuid4(), person_id=None)
    assert await follow_ups(scheduler) == []


async def test_a_case_belongs_to_its_organisation_and_the_right_person_is_called(scheduler: Scheduler) -> None:
    case, person = uuid4(), uuid4()
    await hear(scheduler, "cases.case-opened", case, origin_kind="contact", origin_id=uuid4(), person_id=None)
    await hear(scheduler, "cases.case-assigned", case, worker="w", discipline="nurse", organisation="centre")
    await scheduler.close(case, date(2026, 11, 10))
    assert await follow_ups(scheduler) == []
    await hear(scheduler, "cases.person-linked", case, person_id=person)
    found = await follow_ups(scheduler, org_id="centre")
    assert {each["person_id"] for each in found} == {str(person)}
    linked = [data for kind, data in await scheduler.running.announced() if kind == "scheduler.follow-up-linked.v1"]
    assert {(each["organisation"], each["worker"]) for each in linked} == {("centre", None)}
