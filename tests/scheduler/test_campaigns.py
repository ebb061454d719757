"""Campaigns on a real database: from the roster of an outage to the report."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.inbox import Outcome
from tests.scheduler.world import Scheduler, attempt, step

FRIDAY = "2026-11-20"
MONDAY = "2026-11-23"
TUESDAY = "2026-11-24"
SAFETY = "open-safety-issue"
DUE = "scheduler.follow-up-due.v1"
RESTORED = "scheduler.contact-restored.v1"
COMPLETED = "scheduler.campaign-completed.v1"


async def lapse(scheduler: Scheduler, outage: UUID, person: UUID, rank: int, *reasons: str) -> Outcome:
    """Tell of a lapsed link."""
    data = {"outage_id": outage, "person_id": person, "rank": rank, "reasons": reasons, "since": "2026-08-01"}
    return await scheduler.running.deliver("intake.link-lapsed.v1", outage, data)


async def outage_of(scheduler: Scheduler, count: int, announced: int | None = None) -> list[UUID]:
    """An outage in which the links of so many people lapsed; the first has an open safety issue."""
    outage, people = uuid4(), [uuid4() for _ in range(count)]
    data = {"outage_id": outage, "began_on": "2026-09-01", "ended_on": "2026-11-18", "people": announced or count}
    await scheduler.running.deliver("intake.line-outage-recorded.v1", outage, data)
    for rank, person in enumerate(people, 1):
        await lapse(scheduler, outage, person, rank, *([SAFETY] if rank == 1 else []))
    return [outage, *people]


async def restored(scheduler: Scheduler, outage: UUID, person: UUID) -> None:
    """Tell that a link holds again."""
    data = {"outage_id": outage, "person_id": person, "on": FRIDAY}
    await scheduler.running.deliver("intake.link-restored.v1", outage, data)


async def the_campaign(scheduler: Scheduler) -> dict[str, Any]:
    """The one campaign that there is."""
    async with scheduler.running.client("coordinator") as coordinator:
        [only] = (await coordinator.get("/scheduler/campaigns")).json()["items"]
        found: dict[str, Any] = (await coordinator.get(f"/scheduler/campaigns/{only['id']}")).json()
    return found


async def take(scheduler: Scheduler, name: str, body: Any = None, status: int = 201) -> dict[str, Any]:
    """A coordinator's step on the one campaign."""
    path = f"/scheduler/campaigns/{(await the_campaign(scheduler))['id']}"
    async with scheduler.running.client("coordinator") as coordinator:
        answer = await step(coordinator, path, name, body or {})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def people_of(scheduler: Scheduler) -> list[dict[str, Any]]:
    """The people of the one campaign."""
    path = f"/scheduler/campaigns/{(await the_campaign(scheduler))['id']}/people"
    async with scheduler.running.client("coordinator") as coordinator:
        found: list[dict[str, Any]] = (await coordinator.get(path)).json()["items"]
    return found


async def started(scheduler: Scheduler, count: int, per_day: int) -> list[UUID]:
    """A campaign that runs, its calls planned but not yet due."""
    known = await outage_of(scheduler, count)
    await take(scheduler, "start", {"first_on": MONDAY, "per_day": per_day})
    await scheduler.running.tick()
    return known


async def call(scheduler: Scheduler, follow_up_id: str, outcome: str, at: str) -> httpx.Response:
    """The line calls."""
    async with scheduler.running.client("line-nurse") as nurse:
        path = f"/scheduler/follow-ups/{follow_up_id}"
        return await step(nurse, path, "attempts", attempt(outcome, at))


async def finish(scheduler: Scheduler, follow_up_id: str, on: str) -> None:
    """The line writes down what it heard."""
    async with scheduler.running.client("line-nurse") as nurse:
        answer = await step(nurse, f"/scheduler/follow-ups/{follow_up_id}", "result", {"on": on, "items": []})
    assert answer.status_code == 201, answer.text


async def at(scheduler: Scheduler, day: str, hour: int = 10) -> None:
    """Let the time come."""
    await scheduler.set_time(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour))
    await scheduler.running.tick()


async def test_an_outage_drafts_one_campaign_and_calls_nobody_before_it_starts(scheduler: Scheduler) -> None:
    known = await outage_of(scheduler, 3)
    for _ in range(3):
        await lapse(scheduler, known[0], known[2], 2)
    await scheduler.running.tick()

    found = await the_campaign(scheduler)

    assert (found["status"], found["people"], found["progress"]["waiting"]) == ("draft", 3, 3)
    assert found["outage_id"] == str(known[0])
    assert await scheduler.running.types() == ["scheduler.campaign-drafted.v1"]


async def test_batches_keep_their_size_and_the_order_of_risk(scheduler: Scheduler) -> None:
    known = await started(scheduler, 5, 2)

    found = await the_campaign(scheduler)
    people = await people_of(scheduler)

    assert found["batches"] == [
        {"on": MONDAY, "people": 2},
        {"on": TUESDAY, "people": 2},
        {"on": "2026-11-25", "people": 1},
    ]
    assert [each["person_id"] for each in people] == [str(each) for each in known[1:]]
    assert [each["due_on"] for each in people] == [MONDAY, MONDAY, TUESDAY, TUESDAY, "2026-11-25"]
    assert [each["risk"] for each in people] == [0, 5, 5, 5, 5]


async def test_a_pause_lets_nothing_fall_due_and_the_resumption_loses_nobody(scheduler: Scheduler) -> None:
    await started(scheduler, 5, 2)
    await at(scheduler, MONDAY)
    assert (await scheduler.running.types()).count(DUE) == 2
    await take(scheduler, "pause")

    await at(scheduler, "2026-12-01")

    found = await the_campaign(scheduler)
    assert (await scheduler.running.types()).count(DUE) == 2
    assert (found["progress"]["due"], found["progress"]["planned"]) == (2, 3)
    async with scheduler.running.client("line-nurse") as nurse:
        assert len((await nurse.get("/scheduler/worklist")).json()["items"]) == 2
    resumed = await take(scheduler, "resumption")
    assert resumed["first_on"] == "2026-12-02"
    days = [each["due_on"] for each in await people_of(scheduler)]
    assert days == [MONDAY, MONDAY, "2026-12-02", "2026-12-02", "2026-12-03"]
    await at(scheduler, "2026-12-03")
    assert (await scheduler.running.types()).count(DUE) == 5


async def test_a_campaign_is_finished_when_everybody_was_called(scheduler: Scheduler) -> None:
    known = await started(scheduler, 4, 10)
    await at(scheduler, MONDAY)
    calls = [each["follow_up_id"] for each in await people_of(scheduler)]

    assert (await call(scheduler, calls[0], "answered", f"{MONDAY}T09:30:00Z")).status_code == 201
    assert (await the_campaign(scheduler))["progress"]["in_progress"] == 1
    await finish(scheduler, calls[0], MONDAY)
    await call(scheduler, calls[1], "refused", f"{MONDAY}T09:40:00Z")
    for _ in range(3):
        await call(scheduler, calls[2], "no-answer", f"{MONDAY}T09:50:00Z")
    await scheduler.contact(known[4])
    await scheduler.running.tick()

    found = await the_campaign(scheduler)
    assert found["status"] == "completed"
    progress = {name: count for name, count in found["progress"].items() if count}
    assert progress == {"reached": 1, "refused": 1, "unreachable": 1, "restored": 1}
    [told] = [data for name, data in await scheduler.running.announced() if name == COMPLETED]
    assert (told["people"], told["reached"], told["unreachable"], told["ended"]) == (4, 1, 1, "all-done")
    restorations = [data["person_id"] for name, data in await scheduler.running.announced() if name == RESTORED]
    assert restorations == [str(known[1]), str(known[2])]


async def test_who_gets_in_touch_leaves_the_campaign_also_before_it_starts(scheduler: Scheduler) -> None:
    known = await outage_of(scheduler, 3)
    await scheduler.contact(known[1])
    await take(scheduler, "start", {"first_on": MONDAY})
    await scheduler.running.tick()
    await restored(scheduler, known[0], known[2])
    await restored(scheduler, known[0], known[2])

    assert [each["standing"] for each in await people_of(scheduler)] == ["restored", "restored", "planned"]
    cancelled = [data for name, data in await scheduler.running.announced() if name.endswith("cancelled.v1")]
    assert [data["reason"] for data in cancelled] == ["restored"]


async def test_a_restored_link_told_before_the_lapsed_one_puts_nobody_on_the_list(scheduler: Scheduler) -> None:
    outage, person = uuid4(), uuid4()
    await restored(scheduler, outage, person)
    await lapse(scheduler, outage, person, 1, SAFETY)

    [only] = await people_of(scheduler)

    assert (only["standing"], only["risk"]) == ("restored", 0)


async def test_who_is_on_the_line_stays_on_the_campaign(scheduler: Scheduler) -> None:
    known = await started(scheduler, 1, 1)
    await at(scheduler, MONDAY)
    [only] = await people_of(scheduler)
    await call(scheduler, only["follow_up_id"], "answered", f"{MONDAY}T09:30:00Z")

    await restored(scheduler, known[0], known[1])
    await scheduler.contact(known[1])

    assert [each["standing"] for each in await people_of(scheduler)] == ["in-progress"]


async def test_nobody_is_called_twice_in_a_week(scheduler: Scheduler) -> None:
    known = await outage_of(scheduler, 2)
    case = uuid4()
    await scheduler.close(case, date(2026, 10, 26), person_id=known[2])
    await take(scheduler, "start", {"first_on": MONDAY})
    await scheduler.running.tick()

    people = await people_of(scheduler)

    calls = await scheduler.of_case(case)
    assert people[1]["follow_up_id"] == calls[0]["id"]
    assert Counter(await scheduler.running.types())["scheduler.follow-up-planned.v1"] == 3
    await scheduler.reopen(case)
    await scheduler.running.tick()
    people = await people_of(scheduler)
    assert people[1]["follow_up_id"] not in {each["id"] for each in calls}
    assert people[1]["standing"] == "planned"


async def test_the_dead_are_not_called(scheduler: Scheduler) -> None:
    known = await started(scheduler, 2, 1)
    await scheduler.close(uuid4(), person_id=known[2], reason="deceased")
    await scheduler.running.tick()

    assert [each["standing"] for each in await people_of(scheduler)] == ["planned", "deceased"]


async def test_closing_takes_everybody_off_and_is_done_once(scheduler: Scheduler) -> None:
    known = await started(scheduler, 3, 1)
    closed = await take(scheduler, "closure")
    assert (closed["status"], closed["progress"]["closed"]) == ("closed", 3)
    assert (await take(scheduler, "closure", status=409))["code"] == "campaign-step"

    await lapse(scheduler, known[0], uuid4(), 4)
    await at(scheduler, "2026-12-10")

    assert (await scheduler.running.types()).count(DUE) == 0
    assert (await the_campaign(scheduler))["progress"]["closed"] == 4


@pytest.mark.parametrize("name", ["pause", "resumption"])
async def test_what_is_not_running_is_not_paused(scheduler: Scheduler, name: str) -> None:
    await outage_of(scheduler, 1)
    refused = await take(scheduler, name, status=409)
    assert (refused["code"], refused["state"]) == ("campaign-step", "draft")


async def test_a_campaign_is_started_once(scheduler: Scheduler) -> None:
    await started(scheduler, 1, 1)
    assert (await take(scheduler, "start", status=409))["code"] == "campaign-step"


async def test_a_campaign_by_hand_takes_unknown_people_and_puts_safety_first(scheduler: Scheduler) -> None:
    people: list[dict[str, Any]] = [{"person_id": str(uuid4())}, {"person_id": str(uuid4()), "reasons": [SAFETY]}]
    async with scheduler.running.client("coordinator") as coordinator:
        made = await coordinator.post("/scheduler/campaigns", json={"people": people, "per_day": 1})
    assert made.status_code == 201, made.text
    await take(scheduler, "start", {"first_on": MONDAY})
    await scheduler.running.tick()

    found = await people_of(scheduler)

    assert [(each["person_id"], each["due_on"]) for each in found] == [
        (people[1]["person_id"], MONDAY),
        (people[0]["person_id"], TUESDAY),
    ]


SOMEBODY = {"person_id": str(UUID(int=7))}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"people": [], "per_day": 1}, "/people"),
        ({"people": [SOMEBODY], "per_day": 0}, "/per_day"),
        ({"people": [SOMEBODY, SOMEBODY], "per_day": 1}, "/people/1/person_id"),
        ({"people": [{"person_id": "nobody"}], "per_day": 1}, "/people/0/person_id"),
    ],
)
async def test_a_campaign_that_cannot_be_is_refused(scheduler: Scheduler, body: Any, pointer: str) -> None:
    async with scheduler.running.client("coordinator") as coordinator:
        answer = await coordinator.post("/scheduler/campaigns", json=body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert await scheduler.running.types() == []


async def test_the_line_reads_campaigns_and_only_coordinators_run_them(scheduler: Scheduler) -> None:
    await outage_of(scheduler, 1)
    path = f"/scheduler/campaigns/{(await the_campaign(scheduler))['id']}"
    async with scheduler.running.client("line-nurse") as nurse:
        assert (await nurse.get(path)).status_code == 200
        assert (await nurse.post(f"{path}/start", json={}, headers={"if-match": '"1"'})).status_code == 403
    async with scheduler.running.client("analyst") as analyst:
        assert (await analyst.get(path)).status_code == 403
    async with scheduler.running.client("coordinator", org_id="centre") as other:
        assert (await other.get(path)).status_code == 404


async def test_the_report_hides_small_numbers_from_the_analyst(scheduler: Scheduler) -> None:
    await outage_of(scheduler, 7)
    path = f"/scheduler/campaigns/{(await the_campaign(scheduler))['id']}/report"
    async with scheduler.running.client("coordinator") as coordinator:
        whole = (await coordinator.get(path)).json()
        table = (await coordinator.get(f"{path}.csv")).text
    async with scheduler.running.client("analyst") as analyst:
        shown = (await analyst.get(path)).json()
    counts = {(each["outcome"], each["reason"]): each["people"] for each in whole["counts"]}
    assert counts["waiting", SAFETY] == 1
    assert counts["waiting", "none"] == 6
    assert (whole["smallest"], shown["smallest"]) == (None, 5)
    assert all(each["people"] is None or each["people"] >= 5 for each in shown["counts"])
    assert {each["people"] for each in shown["counts"] if each["reason"] == "none"} == {None}
    assert table.startswith("\ufeffoutcome;reason;people\r\nwaiting;open-safety-issue;1\r\n")


async def test_late_arrivals_of_a_running_campaign_get_a_day_with_room(scheduler: Scheduler) -> None:
    known = await started(scheduler, 3, 2)
    await lapse(scheduler, known[0], uuid4(), 4)
    await scheduler.running.tick()

    assert (await the_campaign(scheduler))["batches"] == [{"on": MONDAY, "people": 2}, {"on": TUESDAY, "people": 2}]


async def test_a_campaign_starts_itself_only_where_the_setting_says_so(scheduler: Scheduler) -> None:
    scheduler.running.app.state.settings.campaigns_start_themselves = True
    known = await outage_of(scheduler, 1, announced=2)
    await scheduler.running.tick()
    assert (await the_campaign(scheduler))["status"] == "draft"

    await lapse(scheduler, known[0], uuid4(), 2)
    await scheduler.running.tick()

    assert (await the_campaign(scheduler))["status"] == "running"


async def test_every_call_is_planned_once_however_often_the_clock_ticks(scheduler: Scheduler) -> None:
    await outage_of(scheduler, 30)
    await take(scheduler, "start", {"first_on": MONDAY, "per_day": 7})
    for _ in range(3):
        await scheduler.running.tick()

    found = await the_campaign(scheduler)

    assert [batch["people"] for batch in found["batches"]] == [7, 7, 7, 7, 2]
    assert (await scheduler.running.types()).count("scheduler.follow-up-planned.v1") == 30
