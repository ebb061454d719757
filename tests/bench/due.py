"""P8: what is due among a million planned follow-ups, by scheduler's own store, beside the same query by asyncpg."""

import time
from collections.abc import Awaitable, Callable
from statistics import median

import asyncpg

from services.scheduler.app import service
from services.scheduler.store import FollowUps
from shared import migrate
from shared.clock import SystemClock
from shared.store import Database
from tests.bench.rig import Rig, plain
from tests.bench.table import Row, Table, in_turn, say

PLANNED, DUE, CLAIMED, TIMES = 1_000_000, 10_000, 100, 30

_FILL = """
    INSERT INTO follow_up (id, trigger, origin_id, case_id, occasion, risk, kind, organisation, owner, policy,
        policy_version, counted_from, planned_on, due_on, slot, due_at, status, items, attempts, failures, version)
    SELECT gen_random_uuid(), 'case-closed', gen_random_uuid(), gen_random_uuid(), 1, 5, 'one-month', 'relais', 'line',
        'after-closing', 1, current_date, current_date, current_date + 30, '10:00',
        now() + interval '30 days' + number * interval '1 second', 'planned', '[]', '[]', 0, 1
    FROM generate_series(1, $1) number
"""
_RIPEN = """
    UPDATE follow_up SET due_at = due_at - interval '60 days'
    WHERE id IN (SELECT id FROM follow_up ORDER BY due_at LIMIT $1)
"""
_CLAIM = """
    SELECT * FROM follow_up WHERE status = 'planned' AND due_at <= relais_now()
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """Nothing due first, then far more than one claim takes."""
    empty = Row("P8", "1 M planned, none due", "ms", "<= 1 ms", lambda row: row.value <= 1, "ms asyncpg, same query")
    claim = Row("P8", "1 M planned, claim 100", "ms", "<= 5 ms", lambda row: row.value <= 5, "ms asyncpg, same query")
    table.add(empty, claim)
    made = await rig.postgres.create_database("bench_due", owner="scheduler_owner", app="scheduler_app")
    await migrate.upgrade(service.migrations, made.owner_url)
    owner = await asyncpg.connect(plain(made.owner_url))
    raw = await asyncpg.connect(plain(made.app_url))
    database = Database(made.app_url, SystemClock(), 2)
    try:
        say(f"due: planning {PLANNED} follow-ups")
        await owner.execute(_FILL, PLANNED)
        await owner.execute("VACUUM ANALYZE follow_up")
        await compare(empty, repeat, database, raw, 0)
        await owner.execute(_RIPEN, DUE)
        await owner.execute("VACUUM ANALYZE follow_up")
        await compare(claim, repeat, database, raw, CLAIMED)
    finally:
        await database.close()
        await raw.close()
        await owner.close()


async def compare(row: Row, repeat: int, database: Database, raw: asyncpg.Connection, expected: int) -> None:
    """Claim without ever changing what was claimed, so that each time finds the same."""

    async def ours() -> float:
        async with database.transaction() as transaction:
            began = time.perf_counter()
            found = await FollowUps(transaction).claim_due()
            took = time.perf_counter() - began
        assert len(found) == expected
        return took

    async def floor() -> float:
        async with raw.transaction():
            began = time.perf_counter()
            found = await raw.fetch(_CLAIM, CLAIMED)
            took = time.perf_counter() - began
        assert len(found) == expected
        return took

    await usual(ours)
    await usual(floor)
    for number in range(repeat):
        row.add(*(1000 * each for each in await in_turn(number, lambda: usual(ours), lambda: usual(floor))))
    say(f"{row.what}: {row.value:.2f} ms, asyncpg {median(row.floor):.2f} ms")


async def usual(once: Callable[[], Awaitable[float]]) -> float:
    """The median of many times."""
    return median([await once() for _ in range(TIMES)])
