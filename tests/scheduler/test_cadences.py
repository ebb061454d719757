"""The cadence of meetings: planned weeks ahead on working days, told once when near, planned anew when changed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.scheduler.world import Scheduler

TEAM = "/scheduler/cadences/team"


def weekly(**changed: Any) -> dict[str, Any]:
    """The team meets on Fridays at ten."""
    return {"weekday": 5, "starts": "10:00", "minutes": 60, "on_day_off": "move", **changed}


async def meetings(scheduler: Scheduler) -> list[tuple[str, str, str]]:
    """Day, start and status of what is planned."""
    async with scheduler.running.client("coordinator") as client:
        listed = (await client.get("/scheduler/appointments", params={"limit": 200})).json()["items"]
    return [(each["on"], each["starts_at"][11:16], each["status"]) for each in listed]


async def put(scheduler: Scheduler, **changed: Any) -> None:
    """Set the series up, or change it."""
    async with scheduler.running.client("coordinator") as client:
        answer = await client.put(TEAM, json=weekly(**changed), headers=await tags(scheduler))
    assert answer.status_code == 200, answer.text


async def tags(scheduler: Scheduler) -> dict[str, str]:
    """The version of the series, if it is there."""
    async with scheduler.running.app.state.database.raw() as connection:
        version = await connection.fetchval("SELECT version FROM cadence")
    return {"if-match": f'"{version}"'} if version else {}


@pytest.mark.parametrize(("rule", "first"), [("move", "2026-12-28"), ("skip", "2027-01-08")])
async def test_a_meeting_on_a_holiday_is_moved_or_skipped(scheduler: Scheduler, rule: str, first: str) -> None:
    await scheduler.set_time(datetime(2026, 12, 21, 9, tzinfo=UTC))
    await put(scheduler, on_day_off=rule)

    await scheduler.running.tick()
    await scheduler.running.tick()

    days = [day for day, _, _ in await meetings(scheduler)]
    assert days[0] == first
    assert all(date.fromisoformat(day).isoweekday() < 6 for day in days)
    assert len(days) == len(set(days))


async def test_it_goes_on_week_by_week_and_keeps_its_local_time_across_the_change_of_clocks(
    scheduler: Scheduler,
) -> None:
    start = datetime(2026, 10, 12, 9, tzinfo=UTC)
    await scheduler.set_time(start)
    await put(scheduler)
    for week in range(4):
        await scheduler.set_time(start + timedelta(weeks=week))
        await scheduler.running.tick()

    found = {day: at for day, at, _ in await meetings(scheduler)}
    assert (found["2026-10-23"], found["2026-10-30"]) == ("08:00", "09:00")
    assert "2026-11-20" in found


async def test_a_meeting_is_told_once_when_it_is_near(scheduler: Scheduler) -> None:
    await put(scheduler)
    await scheduler.running.tick()
    before = await scheduler.running.types()
    for hours in (24 * 6 + 1, 24 * 6 + 2):
        await scheduler.set_time(datetime(2026, 11, 20, 9, 30, tzinfo=UTC) + timedelta(hours=hours))
        await scheduler.running.tick()

    assert before.count("scheduler.meeting-due.v1") == 0
    assert (await scheduler.running.types()).count("scheduler.meeting-due.v1") == 1


async def test_a_change_calls_off_what_was_planned_and_plans_anew(scheduler: Scheduler) -> None:
    await put(scheduler)
    await scheduler.running.tick()
    await put(scheduler, weekday=2)
    await scheduler.running.tick()

    found = await meetings(scheduler)
    assert {date.fromisoformat(day).isoweekday() for day, _, status in found if status == "cancelled"} == {5}
    assert {date.fromisoformat(day).isoweekday() for day, _, status in found if status == "planned"} == {2}


@pytest.mark.parametrize("changed", [{"starts": "06:30"}, {"starts": "19:30"}, {"weekday": 6}, {"minutes": 0}])
async def test_a_series_that_cannot_be_is_refused(scheduler: Scheduler, changed: dict[str, Any]) -> None:
    async with scheduler.running.client("coordinator") as client:
        answer = await client.put(TEAM, json=weekly(**changed))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
