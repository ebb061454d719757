"""Nobody calls the dead; and where a death was a mistake, nothing that it stopped is forgotten."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.scheduler.test_campaigns import started, the_campaign
from tests.scheduler.test_lost_contact import after, opened, searches, watched
from tests.scheduler.world import OLD, Scheduler, step

ON = "2026-11-18"
VISIT = {"on": "2026-11-27", "starts": "10:00", "ends": "11:00", "kind": "home-visit"}


async def dies(scheduler: Scheduler, person: UUID, on: str = ON, version: int | None = None) -> None:
    """intake tells of a death."""
    await scheduler.running.deliver("intake.person-died.v1", person, {"person_id": person, "on": on}, version)


async def lives(scheduler: Scheduler, person: UUID, version: int = 2) -> None:
    """intake takes the death back."""
    await scheduler.running.deliver("intake.death-withdrawn.v1", person, {"person_id": person}, version)


async def waiting(scheduler: Scheduler, **asked: Any) -> list[dict[str, Any]]:
    """What waits for a decision."""
    async with scheduler.running.client("line-nurse") as nurse:
        answer = await nurse.get("/scheduler/stopped", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def decide(scheduler: Scheduler, one: dict[str, Any], decision: str) -> httpx.Response:
    """Somebody at the line decides."""
    async with scheduler.running.client("line-nurse") as nurse:
        return await step(nurse, f"/scheduler/stopped/{one['id']}", "decision", {"decision": decision})


async def worklist(scheduler: Scheduler) -> list[str]:
    """The follow-ups on the line's list."""
    async with scheduler.running.client("line-nurse") as nurse:
        answer = await nurse.get("/scheduler/worklist")
    return [each["follow_up_id"] for each in answer.json()["items"]]


async def visit_with(scheduler: Scheduler, person: UUID) -> dict[str, Any]:
    """An appointment next week."""
    async with scheduler.running.client("case-manager-nurse") as worker:
        answer = await worker.post("/scheduler/appointments", json={**VISIT, "person_id": str(person)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def status_of(scheduler: Scheduler, appointment: dict[str, Any]) -> str:
    """How an appointment stands."""
    async with scheduler.running.client("case-manager-nurse") as worker:
        found: str = (await worker.get(f"/scheduler/appointments/{appointment['id']}")).json()["status"]
    return found


async def test_a_death_cancels_every_call_though_no_case_was_closed_for_it(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    await scheduler.running.tick()
    assert await worklist(scheduler)
    await dies(scheduler, scheduler.person)
    assert await worklist(scheduler) == []
    assert {each["status"] for each in await scheduler.of_case(case)} == {"cancelled"}
    cancelled = [data for name, data in await scheduler.running.announced() if name.endswith("follow-up-cancelled.v1")]
    assert [each["reason"] for each in cancelled] == ["deceased", "deceased"]


async def test_what_is_learnt_after_the_death_plans_nothing(scheduler: Scheduler) -> None:
    await dies(scheduler, scheduler.person)
    case = uuid4()
    await scheduler.close(case)
    assert await scheduler.of_case(case) == []


async def test_a_case_whose_person_turns_out_to_be_dead_loses_its_calls(scheduler: Scheduler) -> None:
    person, case = uuid4(), uuid4()
    await scheduler.close(case, person_id=None)
    await dies(scheduler, person)
    assert {each["status"] for each in await scheduler.of_case(case)} == {"planned"}
    await scheduler.running.deliver("cases.person-linked.v1", case, {"case_id": case, "person_id": person}, 2)
    assert {each["status"] for each in await scheduler.of_case(case)} == {"cancelled"}


async def test_nobody_looks_for_the_dead(scheduler: Scheduler) -> None:
    await watched(scheduler)
    person = uuid4()
    case = await opened(scheduler, person)
    await dies(scheduler, person)
    await after(scheduler, 60)
    assert await searches(scheduler, case) == []


async def test_a_search_ends_with_the_death(scheduler: Scheduler) -> None:
    await watched(scheduler)
    person = uuid4()
    case = await opened(scheduler, person)
    await after(scheduler, 60)
    await dies(scheduler, person)
    assert await searches(scheduler, case) == ["cancelled"]


async def test_an_appointment_is_cancelled_and_nobody_is_reminded_of_it(scheduler: Scheduler) -> None:
    appointment = await visit_with(scheduler, scheduler.person)
    await dies(scheduler, scheduler.person)
    assert await status_of(scheduler, appointment) == "cancelled"
    await after(scheduler, 6)
    assert not [name for name, _ in await scheduler.running.announced() if name.endswith("reminder-due.v1")]


async def test_a_visit_told_after_the_death_is_cancelled_too(scheduler: Scheduler) -> None:
    person, visit = uuid4(), uuid4()
    case = await opened(scheduler, person)
    await dies(scheduler, person)
    data = {"case_id": case, "visit_id": visit, "kind": "home-visit", "status": "planned", "on": "2026-11-27"}
    await scheduler.running.deliver("cases.visit-recorded.v1", case, data, 2)
    facts = [name for name, each in await scheduler.running.announced() if each.get("case_id") == str(case)]
    assert facts == ["scheduler.appointment-planned.v1", "scheduler.appointment-cancelled.v1"]


async def test_the_line_s_tasks_for_a_dead_person_leave_the_list(scheduler: Scheduler) -> None:
    person = uuid4()
    case = await opened(scheduler, person)
    task = {"task_id": uuid4(), "domain": "housing", "organisation": "relais", "assignee": "line"}
    await scheduler.running.deliver(
        "cases.task-assigned.v1", case, {**task, "case_id": case, "due_on": "2026-11-20"}, 2
    )

    async def tasks() -> int:
        async with scheduler.running.client("line-nurse") as nurse:
            return len((await nurse.get("/scheduler/worklist/tasks")).json()["items"])

    assert await tasks() == 1
    await dies(scheduler, person)
    assert await tasks() == 0
    await lives(scheduler, person)
    assert await tasks() == 1


async def test_a_death_takes_a_person_off_the_campaign(scheduler: Scheduler) -> None:
    [_, person, *_] = await started(scheduler, 2, 5)
    await dies(scheduler, person)
    assert (await the_campaign(scheduler))["progress"]["deceased"] == 1


async def test_a_death_taken_back_plans_nothing_by_itself_and_lists_everything(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    appointment = await visit_with(scheduler, scheduler.person)
    await dies(scheduler, scheduler.person)
    await dies(scheduler, scheduler.person, "2026-11-17", 2)
    assert await waiting(scheduler) == []
    await lives(scheduler, scheduler.person, 3)
    assert {each["status"] for each in await scheduler.of_case(case)} == {"cancelled"}
    assert sorted(each["of"] for each in await waiting(scheduler)) == ["appointment", "follow-up", "follow-up"]
    assert await status_of(scheduler, appointment) == "cancelled"


async def test_a_stopped_call_is_planned_again_once_and_never_in_the_past(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2026, 10, 12))
    await dies(scheduler, scheduler.person)
    await lives(scheduler, scheduler.person)
    for one in await waiting(scheduler):
        assert (await decide(scheduler, one, "plan-again")).status_code == 201
        assert (await decide(scheduler, one, "plan-again")).json()["code"] == "decided-already"
    assert await waiting(scheduler) == []
    assert len(await waiting(scheduler, decided=True)) == 2
    planned = [each for each in await scheduler.of_case(case) if each["status"] == "planned"]
    assert [(each["kind"], each["due_on"]) for each in planned] == [
        ("one-month", "2026-11-20"),
        ("six-months", "2027-04-12"),
    ]


async def test_a_stopped_call_may_be_let_be_and_an_appointment_is_made_anew_with_the_person(
    scheduler: Scheduler,
) -> None:
    await scheduler.close(uuid4(), OLD)
    await visit_with(scheduler, scheduler.person)
    await dies(scheduler, scheduler.person)
    await lives(scheduler, scheduler.person)
    for one in await waiting(scheduler):
        if one["of"] == "appointment":
            assert (await decide(scheduler, one, "plan-again")).json()["errors"][0]["code"] == "not-possible"
        assert (await decide(scheduler, one, "let-be")).status_code == 201
    assert await waiting(scheduler) == []
    assert await worklist(scheduler) == []


async def test_a_place_on_a_campaign_is_given_back_and_called(scheduler: Scheduler) -> None:
    [_, person, *_] = await started(scheduler, 2, 5)
    await dies(scheduler, person)
    await lives(scheduler, person)
    [one] = await waiting(scheduler)
    assert one["of"] == "campaign"
    assert (await decide(scheduler, one, "plan-again")).status_code == 201
    await scheduler.running.tick()
    assert (await the_campaign(scheduler))["progress"]["planned"] == 2


async def test_whoever_was_closed_as_deceased_and_lives_is_called_again(scheduler: Scheduler) -> None:
    first, second = uuid4(), uuid4()
    await scheduler.close(first, reason="deceased")
    await dies(scheduler, scheduler.person)
    await lives(scheduler, scheduler.person)
    await scheduler.close(second)
    assert len(await scheduler.of_case(second)) == 2


async def test_what_a_closing_as_deceased_stopped_is_listed_when_the_case_is_reopened(scheduler: Scheduler) -> None:
    first, second = uuid4(), uuid4()
    await scheduler.close(first)
    await scheduler.close(second, reason="deceased")
    await scheduler.reopen(second)
    assert [each["case_id"] for each in await waiting(scheduler)] == [str(first)] * 2


async def test_another_organisation_s_list_is_not_ours(scheduler: Scheduler) -> None:
    case = await opened(scheduler, scheduler.person)
    assigned = {"case_id": case, "worker": "somebody", "organisation": "elsewhere"}
    await scheduler.running.deliver("cases.case-assigned.v1", case, assigned, 2)
    await scheduler.close(case, version=3)
    await dies(scheduler, scheduler.person)
    await lives(scheduler, scheduler.person)
    assert await waiting(scheduler) == []
