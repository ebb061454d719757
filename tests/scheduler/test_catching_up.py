"""After days of downtime: all that waited falls due once, urgent first, and the routine of old at a pace."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.handlers.clock import catch_up, tell_what_is_due
from services.scheduler.settings import Settings
from services.scheduler.store import Due
from tests.scheduler.test_engine import DUE, fired, plan
from tests.scheduler.world import Scheduler

BRUSSELS = ZoneInfo("Europe/Brussels")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEN_DAYS = "relais_now() - number * interval '10 days' / 1000"


def paced(scheduler: Scheduler, per_minute: int) -> None:
    """Let so much of a backlog fall due in a minute."""
    settings: Settings = scheduler.running.app.state.settings
    scheduler.running.app.state.database.settings = settings.model_copy(update={"backlog_per_minute": per_minute})


async def risks_and_ages(scheduler: Scheduler) -> list[tuple[int, bool]]:
    """What fell due, in the order of telling: its risk, and whether it is older than a day."""
    async with scheduler.running.app.state.database.raw() as connection:
        rows = await connection.fetch(
            "SELECT f.risk, f.due_at <= relais_now() - interval '1 day' AS old FROM outbox o "
            "JOIN follow_up f ON f.id = o.aggregate_id WHERE o.type = $1 ORDER BY o.seq",
            DUE,
        )
    return [(row["risk"], row["old"]) for row in rows]


async def test_ten_days_of_work_fall_due_once_each_the_urgent_first(scheduler: Scheduler) -> None:
    await plan(scheduler, 1000, risk="number % 10", due_at=TEN_DAYS)
    paced(scheduler, 600)

    await scheduler.running.tick()
    await scheduler.running.tick()

    told = await risks_and_ages(scheduler)
    facts = await fired(scheduler)
    assert len(facts) == len(set(facts)) == 1000
    urgent = [risk for risk, _ in told if risk < 5]
    assert told[: len(urgent)] == [each for each in told if each[0] < 5]
    assert urgent == sorted(urgent)
    assert not any(old for _, old in told[len(urgent) : -len([1 for risk, old in told if old and risk >= 5])])


async def test_old_routine_falls_due_at_the_pace_of_the_setting_and_todays_work_does_not_wait_for_it(
    scheduler: Scheduler,
) -> None:
    await plan(
        scheduler, 100, risk="5 + number % 3", due_at="relais_now() - interval '3 days' - number * interval '1 s'"
    )
    paced(scheduler, 30)
    after = []

    for minutes in (0, 0, 1, 2, 3):
        await scheduler.set_database_time(NOON + timedelta(minutes=minutes))
        await scheduler.running.tick()
        after.append(len(await fired(scheduler)))
    await scheduler.close(uuid4(), date(2026, 10, 20))
    await scheduler.running.tick()

    assert after == [30, 30, 60, 90, 100]
    told = [risk for risk, _ in await risks_and_ages(scheduler)]
    assert told[:100] == sorted(told[:100])
    assert len(told) == 101


async def test_fresh_work_falls_due_while_a_backlog_waits(scheduler: Scheduler) -> None:
    await plan(scheduler, 90, due_at="relais_now() - CASE WHEN number % 9 = 0 THEN interval '1 hour' ELSE '4 days' END")
    paced(scheduler, 1)

    await scheduler.running.tick()

    assert [old for _, old in await risks_and_ages(scheduler)] == [False] * 10 + [True]


async def test_any_number_of_replicas_share_the_pace_of_a_minute(scheduler: Scheduler) -> None:
    await plan(scheduler, 60, due_at="relais_now() - interval '3 days'")
    paced(scheduler, 20)
    database = scheduler.running.app.state.database

    async def replica() -> None:
        for _ in range(5):
            async with database.transaction() as transaction:
                await catch_up(Due(transaction), database.settings)

    await asyncio.gather(replica(), replica(), replica())

    assert len(await fired(scheduler)) == len(set(await fired(scheduler))) == 20


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 10, 26), id="the working day after summer time ends"),
        pytest.param(date(2027, 3, 29), id="Easter Monday, the day after summer time begins"),
        pytest.param(date(2028, 2, 29), id="29 February"),
    ],
)
async def test_nothing_is_early_late_or_twice_around_a_change_of_clocks_and_29_february(
    scheduler: Scheduler, day: date
) -> None:
    case = uuid4()
    await scheduler.close(case, date(day.year, day.month - 1, min(day.day, 28)))
    one, _ = await scheduler.of_case(case)
    due_at = datetime.fromisoformat(one["due_at"])
    local = due_at.astimezone(BRUSSELS)
    assert (local.time(), local.date() >= day - timedelta(days=1)) == (time(9), True)
    counts = []

    for moment in (local - timedelta(days=3), local - timedelta(seconds=1), local, local + timedelta(days=3)):
        await scheduler.set_database_time(moment)
        async with scheduler.running.app.state.database.transaction() as transaction:
            await tell_what_is_due(Due(transaction))
        counts.append(len(await fired(scheduler)))

    assert counts == [0, 0, 1, 1]


async def test_every_hour_across_a_change_of_clocks_fires_each_once(scheduler: Scheduler) -> None:
    """From 24 October 2026 22:00 UTC the database's clock moves by half hours through the doubled local hour."""
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    await plan(scheduler, 12, due_at=f"timestamptz '{start.isoformat()}' + number * interval '30 minutes'")
    counts = []

    for half_hours in range(14):
        await scheduler.set_database_time(start + timedelta(minutes=30 * half_hours))
        async with scheduler.running.app.state.database.transaction() as transaction:
            await tell_what_is_due(Due(transaction))
        counts.append(len(await fired(scheduler)))

    assert counts == [*range(13), 12]
