"""P8: what is due among a million planned follow-ups of ten levels of risk, by scheduler's own store.

Beside it the plainest query by bare asyncpg that the same index serves: the most urgent level alone.
"""

import time
from collections.abc import Awaitable, Callable
from statistics import median

import asyncpg

from services.scheduler.app import service
from services.scheduler.store import Due
from shared import migrate
from shared.store import Database
from tests.bench.rig import Rig, keyed, plain
from tests.bench.table import Row, Table, in_turn, say
from tests.scheduler.crowd import plan_crowd

PLANNED, DUE, CLAIMED, TIMES = 1_000_000, 10_000, 100, 30
FLOOR = "ms asyncpg, one level of risk"
LATER = "now() + interval '30 days' + number * interval '1 second'"

_RIPEN = """
    UPDATE follow_up SET due_at = due_at - interval '30 days 12 hours'
    WHERE id IN (SELECT id FROM follow_up ORDER BY due_at LIMIT $1)
"""
_CLAIM = """
    SELECT * FROM follow_up WHERE status = 'planned' AND risk = 0 AND due_at <= relais_now()
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """Nothing due first, then far more than one claim takes."""
    empty = Row(
        "P8", "1 M planned, none due", "ms", "<= 1 ms", lambda row: row.value <= 1, "ms asyncpg, one level of risk"
    )
    claim = Row(
        "P8",
        "1 M planned, 10,000 due, claim 100",
        "ms",
        "<= 5 ms",
        lambda row: row.value <= 5,
        "ms asyncpg, one level of risk",
    )
    table.add(empty, claim)
    made = await rig.postgres.create_database("bench_due", owner="scheduler_owner", app="scheduler_app")
    await migrate.upgrade(service.migrations, made.owner_url)
    owner = await asyncpg.connect(plain(made.owner_url))
    raw = await asyncpg.connect(plain(made.app_url), server_settings={"relais.reach": "service"})
    database = keyed(made.app_url)
    try:
        say(f"due: planning {PLANNED} follow-ups")
        await plan_crowd(database, owner, PLANNED, risk="number % 10", due_at=LATER)
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
            found = await Due(transaction).claim()
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
