"""Somebody is reminded once before the day and once after it, by the database's clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain import Calendar, long_past, near
from tests.scheduler.world import Scheduler, attempt, step

DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))


async def reminders(scheduler: Scheduler) -> list[dict[str, Any]]:
    """The reminders told so far."""
    facts = await scheduler.running.announced()
    return [data for name, data in facts if name == "scheduler.reminder-due.v1"]


async def on(scheduler: Scheduler, day: int, hour: int = 7) -> None:
    """Tick twice on a day of November 2026, in UTC."""
    await scheduler.set_time(datetime(2026, 11, 1, hour, tzinfo=UTC) + timedelta(days=day - 1))
    await scheduler.running.tick()
    await scheduler.running.tick()


async def test_one_reminder_the_working_day_before_and_one_when_it_is_overdue(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2026, 10, 23))
    follow_up = (await scheduler.of_case(case))[0]
    assert follow_up["due_on"] == "2026-11-23"

    seen = {}
    for day in (18, 19, 20, 21, 22, 23, 24, 25, 26, 30):
        await on(scheduler, day)
        seen[day] = [each["kind"] for each in await reminders(scheduler)]

    assert seen[19] == []
    assert seen[20] == seen[23] == seen[24] == ["before"]
    assert seen[25] == seen[30] == ["before", "overdue"]
    first = (await reminders(scheduler))[0]
    assert (first["of"], first["subject_id"], first["due_on"]) == ("follow-up", follow_up["id"], "2026-11-23")
    assert (first["owner"], first["worker"], first["case_id"]) == ("line", None, str(case))


async def test_the_day_is_that_of_belgium(scheduler: Scheduler) -> None:
    await scheduler.close(uuid4(), date(2026, 10, 19))
    await on(scheduler, 17, hour=22)
    assert await reminders(scheduler) == []
    await on(scheduler, 17, hour=23)
    assert [each["kind"] for each in await reminders(scheduler)] == ["before"]


async def test_a_reminder_leaves_the_version_that_a_nurse_has_seen(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        before = (await nurse.get(path)).headers["etag"]
        await on(scheduler, 26)
        assert len(await reminders(scheduler)) == 1
        assert (await nurse.get(path)).headers["etag"] == before


async def test_another_day_is_reminded_of_anew_and_what_rests_is_not(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        await step(nurse, path, "attempts", attempt("no-answer"))
        await on(scheduler, 23)
        assert [each["due_on"] for each in await reminders(scheduler)] == ["2026-11-24"]
        await step(nurse, path, "hold", {"until": "2026-12-02", "reason": "person-away"})
    await on(scheduler, 30)
    assert len(await reminders(scheduler)) == 1
    await on(scheduler, 32)
    assert [each["kind"] for each in await reminders(scheduler)] == ["before", "overdue"]


async def test_what_is_over_is_not_reminded_of(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    await scheduler.reopen(case)
    await on(scheduler, 30)
    assert await reminders(scheduler) == []


async def test_after_ten_days_down_each_is_reminded_of_once(scheduler: Scheduler) -> None:
    cases = [uuid4() for _ in range(130)]
    for case in cases:
        await scheduler.close(case)
    await on(scheduler, 30)
    told = await reminders(scheduler)
    assert len(told) == len({each["subject_id"] for each in told}) == 130
    assert {each["kind"] for each in told} == {"overdue"}


@given(DAYS, st.integers(1, 10))
def test_what_is_near_is_to_come_and_ends_on_a_working_day(today: date, working_days: int) -> None:
    calendar = Calendar()
    first, last = near(today, working_days, calendar) or (today, today)
    assert first == today + timedelta(days=1) <= last
    assert calendar.is_working_day(last)


@given(DAYS, st.integers(1, 20))
def test_what_is_long_past_has_had_its_working_days_and_the_day_after_has_not(today: date, working_days: int) -> None:
    calendar = Calendar()
    last = long_past(today, working_days, calendar)
    assert last
    assert calendar.working_days_after(last, working_days) <= today
    assert calendar.working_days_after(last + timedelta(days=1), working_days) > today


@pytest.mark.parametrize("today", [date(2026, 11, 20)])
def test_nought_days_turn_reminders_off(today: date) -> None:
    assert near(today, 0, Calendar()) is None
    assert long_past(today, 0, Calendar()) is None
