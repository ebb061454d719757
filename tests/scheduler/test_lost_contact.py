"""Whoever is not in touch for longer than the policy allows is noticed, once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.scheduler.world import Scheduler

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLANNED = "scheduler.follow-up-planned.v1"


async def watched(scheduler: Scheduler, weeks: int = 8) -> None:
    """The policy for a lost contact is in force."""
    path = "/scheduler/policies/no-contact"
    async with scheduler.running.client("operator") as operator:
        terms: dict[str, Any] = {
            "trigger": "no-contact",
            "owner": "line",
            "steps": [{"kind": "no-contact", "working_days": 0}],
            "slot": "09:00",
            "attempts": [{"channel": "call"}],
            "early_days": 0,
            "call_back_days": 30,
            "after_weeks": weeks,
        }
        await operator.get("/scheduler/policies")
        answer = await operator.put(path, json=terms, headers={"if-match": '"1"'})
    assert answer.status_code in (200, 201), answer.text


async def opened(scheduler: Scheduler, person: UUID) -> UUID:
    """A case of a person."""
    case = uuid4()
    data = {"case_id": case, "origin_id": uuid4(), "person_id": person}
    await scheduler.running.deliver("cases.case-opened.v1", case, data)
    await scheduler.running.tick()
    return case


async def after(scheduler: Scheduler, days: int) -> None:
    """So many days later."""
    await scheduler.set_time(NOON + timedelta(days=days))
    await scheduler.running.tick()


async def searches(scheduler: Scheduler, case: UUID) -> list[str]:
    """How the searches for the person of a case stand."""
    return [each["status"] for each in await scheduler.of_case(case) if each["trigger"] == "no-contact"]


async def test_nobody_is_looked_for_while_the_policy_is_switched_off(scheduler: Scheduler) -> None:
    case = await opened(scheduler, uuid4())
    await after(scheduler, 400)
    assert await searches(scheduler, case) == []


async def test_a_silence_longer_than_the_policy_allows_is_noticed_once(scheduler: Scheduler) -> None:
    await watched(scheduler)
    case = await opened(scheduler, uuid4())
    await after(scheduler, 56)
    assert await searches(scheduler, case) == []
    for days in (57, 58, 90):
        await after(scheduler, days)
    assert len(await searches(scheduler, case)) == 1


async def test_a_contact_ends_the_search_and_the_next_silence_is_another_one(scheduler: Scheduler) -> None:
    await watched(scheduler)
    person = uuid4()
    case = await opened(scheduler, person)
    await after(scheduler, 60)
    await scheduler.contact(person)
    assert await searches(scheduler, case) == ["cancelled"]
    await after(scheduler, 100)
    assert await searches(scheduler, case) == ["cancelled"]
    await after(scheduler, 60 + 57)
    assert sorted(await searches(scheduler, case)) == ["cancelled", "planned"]


async def test_a_call_of_ours_and_a_visit_are_contacts_too(scheduler: Scheduler) -> None:
    await watched(scheduler)
    called, visited, silent = uuid4(), uuid4(), uuid4()
    cases = [await opened(scheduler, person) for person in (called, visited, silent)]
    await after(scheduler, 50)
    await scheduler.contact(called, "outbound")
    on = (NOON + timedelta(days=50)).date()
    for status, case in (("done", cases[1]), ("missed", cases[2])):
        data = {"case_id": case, "visit_id": uuid4(), "kind": "home-visit", "status": status, "on": on}
        await scheduler.running.deliver("cases.visit-recorded.v1", case, data)
    await after(scheduler, 60)
    assert [len(await searches(scheduler, case)) for case in cases] == [0, 0, 1]


async def test_a_visit_of_long_ago_changes_nothing(scheduler: Scheduler) -> None:
    await watched(scheduler)
    case = await opened(scheduler, uuid4())
    await after(scheduler, 60)
    data = {"case_id": case, "visit_id": uuid4(), "kind": "home-visit", "status": "done", "on": date(2026, 10, 1)}
    await scheduler.running.deliver("cases.visit-recorded.v1", case, data)
    assert await searches(scheduler, case) == ["planned"]


async def test_nobody_is_looked_for_whose_case_rests_or_is_over(scheduler: Scheduler) -> None:
    await watched(scheduler)
    paused, closed = [await opened(scheduler, uuid4()) for _ in range(2)]
    await scheduler.running.deliver("cases.case-paused.v1", paused, {"case_id": paused})
    await scheduler.close(closed, person_id=uuid4())
    await after(scheduler, 60)
    assert [await searches(scheduler, case) for case in (paused, closed)] == [[], []]
