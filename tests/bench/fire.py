"""P9: ten thousand follow-ups fall due at once, three replicas fire them, and one of these is killed at work."""

import asyncio
import random
import signal
import time

import asyncpg

from services.scheduler.app import service
from shared import migrate
from shared.local.folder import free_port
from shared.local.postgres import DatabaseUrls
from tests.bench.rig import Rig, keyed, plain, until_answered
from tests.bench.table import Row, Table, say
from tests.scheduler.crowd import FIRED, plan_crowd, set_clock

DUE, REPLICAS, WITHIN = 10_000, ("fire-1", "fire-2", "fire-3"), 60.0
BEFORE = "now() - interval '2 days'"

_AGAIN = "UPDATE follow_up SET status = 'planned', version = 1"
_ONCE = """
    SELECT count(*) = $1 AND count(DISTINCT aggregate_id) = $1 AND bool_and(aggregate_version = 2) FROM outbox
    WHERE type = 'scheduler.follow-up-due.v1'
"""


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """From the moment at which all are due until the last fact is committed; each exactly once, or no figure."""
    row = Row("P9", "10 k due, 3 replicas, one killed", "s", "<= 10 s", lambda row: row.value <= 10)
    table.add(row)
    made = await rig.postgres.create_database("bench_fire", owner="scheduler_owner", app="scheduler_app")
    await migrate.upgrade(service.migrations, made.owner_url)
    owner = await asyncpg.connect(plain(made.owner_url))
    database = keyed(made.app_url)
    try:
        due_at = "now() - interval '1 hour' + number * interval '100 milliseconds'"
        await plan_crowd(database, owner, DUE, risk="number % 10", due_at=due_at)
        for _ in range(repeat):
            await set_clock(owner, BEFORE)
            await owner.execute(_AGAIN)
            await owner.execute("TRUNCATE outbox")
            await owner.execute("VACUUM ANALYZE follow_up")
            row.add(await once(rig, made, owner))
            say(f"{row.what}: {row.product[-1]:.2f} s")
    finally:
        await set_clock(owner, "now()")
        await database.close()
        await owner.close()


async def once(rig: Rig, made: DatabaseUrls, owner: asyncpg.Connection) -> float:
    """One repetition, with replicas that start anew."""
    ports = {name: free_port() for name in REPLICAS}
    try:
        for name, port in ports.items():
            changed = {"SCHEDULER_DATABASE_URL": made.app_url, "SCHEDULER_ROLE": "worker", "RELAIS_REPLICA": name}
            rig.town.start("scheduler", process=name, port=port, **changed)
        for port in ports.values():
            await until_answered(port, ["/scheduler/health/ready"])
        victim, after = random.choice(REPLICAS), random.randrange(DUE // 10, DUE // 2)
        began = time.perf_counter()
        await set_clock(owner, "now()")
        async with asyncio.timeout(WITHIN):
            while await owner.fetchval(FIRED) < after:
                await asyncio.sleep(0.01)
            rig.town.stop(victim, signal.SIGKILL)
            while await owner.fetchval(FIRED) < DUE:
                await asyncio.sleep(0.02)
        took = time.perf_counter() - began
        await asyncio.sleep(1.5)
        assert await owner.fetchval(_ONCE, DUE), "a follow-up fell due twice or never"
        return took
    finally:
        for name in REPLICAS:
            if name in rig.town.processes:
                rig.town.stop(name, signal.SIGKILL)
