"""What falls due, by the database's clock."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from services.scheduler.handlers.clock import tell_what_is_due
from services.scheduler.store import Due, FollowUpRow
from services.scheduler.store.due import TODAY
from shared.testing.harness import UnderTest
from tests.scheduler.crowd import plan_crowd
from tests.scheduler.world import Scheduler

RunService = Callable[..., AbstractAsyncContextManager[UnderTest]]

DUE = "scheduler.follow-up-due.v1"


async def test_a_closing_in_the_past_is_due_at_the_next_tick(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2024, 2, 29))

    await scheduler.running.tick()

    assert {each["status"] for each in await scheduler.of_case(case)} == {"due"}
    assert (await scheduler.running.types()).count(DUE) == 2


async def test_nothing_fires_early_by_the_databases_time_whatever_the_services_clock_says(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2026, 9, 21))
    scheduler.running.clock.at = datetime(2030, 1, 1, tzinfo=UTC)
    fired = []

    for at in ("2026-10-21T06:59:59Z", "2026-10-21T06:59:59.999999Z", "2026-10-21T07:00:00Z", "2026-10-22T07:00:00Z"):
        await scheduler.set_database_time(datetime.fromisoformat(at))
        await scheduler.running.tick()
        fired.append((await scheduler.running.types()).count(DUE))

    assert fired == [0, 0, 1, 1]


async def test_the_databases_clock_is_the_real_one_and_the_service_cannot_change_it(run_service: RunService) -> None:
    async with run_service("scheduler") as running, running.app.state.database.raw() as connection:
        assert await connection.fetchval("SELECT relais_now() = now()")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "CREATE OR REPLACE FUNCTION relais_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"
            )


async def plan(scheduler: Scheduler, count: int, **columns: str) -> None:
    """Plan so many follow-ups that came due half an hour ago, or as the columns say."""
    owner = await asyncpg.connect(scheduler.owner_url.replace("+asyncpg", ""))
    try:
        given = {"due_at": "relais_now() - interval '30 minutes'", **columns}
        await plan_crowd(scheduler.running.app.state.database, owner, count, **given)
    finally:
        await owner.close()


async def fired(scheduler: Scheduler) -> list[str]:
    """Whose time has come, in the order in which it was told."""
    return [data["follow_up_id"] for name, data in await scheduler.running.announced() if name == DUE]


async def tick_of_due(scheduler: Scheduler) -> bool:
    """One round of the clock for today's own work."""
    async with scheduler.running.app.state.database.transaction() as transaction:
        return await tell_what_is_due(Due(transaction))


async def test_three_clocks_at_once_fire_each_of_300_exactly_once(scheduler: Scheduler) -> None:
    await plan(scheduler, 300, risk="number % 10")
    together = asyncio.Barrier(3)
    rounds = []

    async def clock() -> None:
        await together.wait()
        more = True
        while more:
            more = await tick_of_due(scheduler)
            rounds.append(more)

    await asyncio.gather(clock(), clock(), clock())

    facts = await fired(scheduler)
    assert (len(facts), len(set(facts))) == (300, 300)
    assert rounds.count(True) >= 2
    async with scheduler.running.app.state.database.raw() as connection:
        assert await connection.fetchval("SELECT count(*) FROM follow_up WHERE status = 'due' AND version = 2") == 300


async def test_a_claim_takes_a_hundred_and_never_waits_for_another(scheduler: Scheduler) -> None:
    await plan(scheduler, 120)
    database = scheduler.running.app.state.database

    async with database.transaction() as one, database.transaction() as other:
        mine = await Due(one).claim()
        theirs = await asyncio.wait_for(Due(other).claim(), 2)

    assert (len(mine), len(theirs)) == (100, 20)
    assert not {each.id for each in mine} & {each.id for each in theirs}


async def test_a_claim_starts_with_the_highest_risk_and_within_it_with_the_oldest(scheduler: Scheduler) -> None:
    await plan(scheduler, 60, risk="number % 10", due_at="relais_now() - number * interval '1 minute'")

    async with scheduler.running.app.state.database.transaction() as transaction:
        ids = [each.id for each in await Due(transaction).claim(25)]
        rows = await transaction.session.exec(
            select(FollowUpRow).order_by(col(FollowUpRow.risk), col(FollowUpRow.due_at))
        )
        assert ids == [row.id for row in rows][:25]


async def test_the_claim_reads_the_partial_index_at_both_ends(scheduler: Scheduler) -> None:
    await plan(scheduler, 500, risk="number % 10")
    async with scheduler.running.app.state.database.transaction() as transaction:
        await transaction.session.exec(text("SET LOCAL enable_seqscan = off"))
        await transaction.session.exec(text("SET LOCAL enable_bitmapscan = off"))
        connection = await transaction.session.connection()
        plan_of = await connection.exec_driver_sql(f"EXPLAIN {TODAY.replace('$1', '100')}")
        lines = " ".join(row[0] for row in plan_of)
    assert "Index Scan using ix_follow_up_planned" in lines
    assert "Index Cond: ((risk = level.risk) AND (due_at > CASE" in lines
    assert "Sort" not in lines


async def test_a_clock_that_dies_before_its_commit_has_told_nothing(scheduler: Scheduler) -> None:
    await plan(scheduler, 3)

    async def die() -> None:
        async with scheduler.running.app.state.database.transaction() as transaction:
            await tell_what_is_due(Due(transaction))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await die()
    before = await fired(scheduler)
    await tick_of_due(scheduler)

    assert before == []
    assert len(await fired(scheduler)) == 3
