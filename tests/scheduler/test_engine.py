"""What falls due, by the database's clock."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from services.scheduler.app import service
from services.scheduler.store import FollowUps
from shared.inbox import Outcome
from shared.testing.harness import UnderTest
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


async def plan_old(scheduler: Scheduler, cases: int) -> None:
    for _ in range(cases):
        assert await scheduler.close(uuid4(), date(2025, 1, 6)) is Outcome.HANDLED


async def test_three_clocks_at_once_fire_each_of_300_exactly_once(scheduler: Scheduler) -> None:
    await plan_old(scheduler, 150)
    [tick] = service.handlers.ticks
    together = asyncio.Barrier(3)
    rounds = []

    async def clock() -> None:
        await together.wait()
        more = True
        while more:
            async with scheduler.running.app.state.database.transaction() as transaction:
                more = await tick.call(transaction)
                rounds.append(more)

    await asyncio.gather(clock(), clock(), clock())

    facts = [data["follow_up_id"] for name, data in await scheduler.running.announced() if name == DUE]
    assert (len(facts), len(set(facts))) == (300, 300)
    assert rounds.count(True) == 3
    async with scheduler.running.app.state.database.raw() as connection:
        assert await connection.fetchval("SELECT count(*) FROM follow_up WHERE status = 'due' AND version = 2") == 300


async def test_a_claim_takes_a_hundred_and_never_waits_for_another(scheduler: Scheduler) -> None:
    await plan_old(scheduler, 60)
    database = scheduler.running.app.state.database

    async with database.transaction() as one, database.transaction() as other:
        mine = await FollowUps(one).claim_due()
        theirs = await asyncio.wait_for(FollowUps(other).claim_due(), 2)

    assert (len(mine), len(theirs)) == (100, 20)
    assert not {each.id for each in mine} & {each.id for each in theirs}


async def test_the_claim_reads_the_partial_index(scheduler: Scheduler) -> None:
    async with scheduler.running.app.state.database.transaction() as transaction:
        await transaction.session.exec(text("SET LOCAL enable_seqscan = off"))
        plan = await transaction.session.exec(
            text(
                "EXPLAIN SELECT * FROM follow_up WHERE status = 'planned' AND due_at <= relais_now() "
                "ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED"
            )
        )
        lines = " ".join(row[0] for row in plan)
    assert "ix_follow_up_planned" in lines
    assert "Index Cond: (due_at <= " in lines
