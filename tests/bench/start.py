"""P5, P11, P12: cold start, idling and memory of the five services, beside a bare FastAPI app with a pool."""

import asyncio
import time

import asyncpg
import httpx

from services.__main__ import NAMES
from shared.local.folder import free_port
from shared.local.run import register_organisations
from tests.bench.load import payload, request
from tests.bench.rig import Bare, Rig, cpu_seconds, memory, plain, status_of, until_answered
from tests.bench.table import Row, Table, say

IDLE_SECONDS = 10.0
SETTLED = 5.0
PUSHES = 40

_READY = [f"/{name}/health/ready" for name in NAMES]
_QUERIES = "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database WHERE datname LIKE 'relais%'"


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """Starts first, then the five as processes: idle, and after a little traffic."""
    row = Row(
        "P11",
        "cold start, five services in one process",
        "s",
        "<= 1.5x, <= 6 s",
        lambda row: row.ratio <= 1.5 and row.value <= 6,
        "s bare FastAPI + pool",
    )
    table.add(row)
    database = rig.stack.databases["referrals"].app_url
    for number in range(repeat + 1):
        ours, floor = await start_five(rig), await start_bare(database)
        if number:  # the first one compiles
            row.add(ours, floor)
            say(f"start {number}/{repeat}: {ours:.1f} s, bare {floor:.1f} s")
    for name in NAMES:
        rig.town.start(name)
    await rig.town.ready(NAMES)
    await asyncio.sleep(SETTLED)
    await idle(rig, table, repeat)
    await sizes(rig, table, database)
    for name in NAMES:
        await asyncio.to_thread(rig.town.stop, name)


async def start_five(rig: Rig) -> float:
    """Seconds from the start of the process until all five are ready."""
    port = free_port()
    rig.town.start("serve", port=port)
    seconds = await until_answered(port, _READY)
    await asyncio.to_thread(rig.town.stop, "serve")
    return seconds


async def start_bare(database: str) -> float:
    """Seconds from the start of the bare app until its first answer."""
    bare = Bare(database)
    try:
        return await until_answered(bare.port, ["/"])
    finally:
        await asyncio.to_thread(bare.stop)


async def idle(rig: Rig, table: Table, repeat: int) -> None:
    """What five services cost that have nothing to do."""
    busy = Row("P5", "five idle services, processor", "% of a core", "< 1 %", lambda row: row.value < 1)
    asked = Row("P5", "five idle services, transactions", "/s", "< 20/s", lambda row: row.value < 20)
    table.add(busy, asked)
    pids = [rig.town.processes[name].pid for name in NAMES]
    connection = await asyncpg.connect(plain(rig.postgres.url("postgres")))
    try:
        for number in range(repeat):
            began, used, queries = time.perf_counter(), cpu_seconds(pids), await connection.fetchval(_QUERIES)
            await asyncio.sleep(IDLE_SECONDS)
            seconds = time.perf_counter() - began
            busy.add(100 * (cpu_seconds(pids) - used) / seconds)
            asked.add((await connection.fetchval(_QUERIES) - queries) / seconds)
            say(f"idle {number + 1}/{repeat}: {busy.product[-1]:.2f} %, {asked.product[-1]:.1f} transactions/s")
    finally:
        await connection.close()


async def sizes(rig: Rig, table: Table, database: str) -> None:
    """Memory after a little traffic: some pushes, which reach every service, and each one's health."""
    each = Row("P12", "memory, the largest of the five", "MB RSS", "<= 120 MB", lambda row: row.value <= 120, "MB bare")
    total = Row("P12", "memory, all five together", "MB PSS", "<= 500 MB", lambda row: row.value <= 500, "MB bare")
    table.add(each, total)
    bare = Bare(database)
    try:
        await until_answered(bare.port, ["/"])
        await some_traffic(rig)
        for _ in range(PUSHES):
            await status_of(bare.port, "/")
        found = {name: memory(rig.town.processes[name].pid) for name in NAMES}
        floor = memory(bare.process.pid)
    finally:
        await asyncio.to_thread(bare.stop)
    each.add(max(resident for resident, _ in found.values()), floor[0])
    total.add(sum(shared for _, shared in found.values()), floor[1])
    table.notes.append("RSS in MB: " + ", ".join(f"{name} {rss:.0f}" for name, (rss, _) in found.items()))


async def some_traffic(rig: Rig) -> None:
    """A few pushes, each answered 201, and time for them to go round."""
    token, document = await rig.token("hospital-chu"), payload()
    async with httpx.AsyncClient(base_url=rig.town.origin, trust_env=False) as client:
        await register_organisations(client)
    for _ in range(PUSHES):
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.town.ports["referrals"])
        writer.write(request("POST", "/referrals", token, document()))
        line = await reader.readline()
        writer.close()
        assert b" 201 " in line, line
    for name in NAMES:
        await until_answered(rig.town.ports[name], [f"/{name}/health/ready"])
    await asyncio.sleep(SETTLED)
