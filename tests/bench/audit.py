"""P51 to P54: what the access check and the audit cost a request, and how long a million records take to verify."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from shared.audit.entry import Entry
from shared.audit.keys import Keys
from shared.audit.record import WRITTEN
from shared.audit.sealing import BATCH, Sealer
from shared.audit.verifying import Verification
from shared.clock import SystemClock
from shared.ids import new_id
from shared.local.folder import free_port
from shared.local.run import register_organisations
from shared.store import Database
from tests.bench.load import drive, payload, request
from tests.bench.rig import Rig, plain, until_answered
from tests.bench.table import Row, Table, in_turn, say
from tests.town import ROOT

RECORDS, SLICE, ENTITIES = 1_000_000, 20_000, 5_000
LINES, SECONDS = 8, 2.0


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """The cost of a request first, then the million."""
    await cost(rig, table, repeat)
    await million(rig, table)


def unguarded(rig: Rig, port: int) -> subprocess.Popen[bytes]:
    """A process of the same service that checks nothing and records nothing."""
    environment = {**rig.town.environment(), "REFERRALS_ROLE": "api", "PORT": str(port)}
    with (rig.town.folder / "unguarded.log").open("ab") as log:
        command = [sys.executable, "-m", "tests.bench.unguarded"]
        return subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log, stdout=log)


async def cost(rig: Rig, table: Table, repeat: int) -> None:
    """The same requests, in turn, to two processes: as it is, and without access check and audit."""
    pushed = Row(
        "P51", "push with access check and audit", "/s", ">= 0.60x", lambda row: row.ratio >= 0.6, "/s without"
    )
    read = Row("P52", "read with access check and audit", "/s", ">= 0.50x", lambda row: row.ratio >= 0.5, "/s without")
    table.add(pushed, read)
    rig.town.start("referrals", REFERRALS_ROLE="api")
    bare, port = free_port(), rig.town.ports["referrals"]
    without = unguarded(rig, bare)
    try:
        await rig.town.ready(["referrals"])
        await until_answered(bare, ["/referrals/health/ready"])
        token, document = await rig.token("hospital-chu"), payload()
        async with httpx.AsyncClient(base_url=rig.town.origin, trust_env=False) as client:
            await register_organisations(client)
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            path = (await client.post("/referrals", content=document(), headers=headers)).headers["location"]

        def push() -> bytes:
            return request("POST", "/referrals", token, document())

        def look() -> bytes:
            return request("GET", path, token)

        for each in (port, bare):
            await drive(each, push, 201, LINES, 0.5)
            await drive(each, look, 200, LINES, 0.5)
        for number in range(repeat):
            for row, ask, status in ((pushed, push, 201), (read, look, 200)):
                ours, floor = await in_turn(
                    number,
                    lambda ask=ask, status=status: drive(port, ask, status, LINES, SECONDS),  # type: ignore[misc]
                    lambda ask=ask, status=status: drive(bare, ask, status, LINES, SECONDS),  # type: ignore[misc]
                )
                row.add(ours.rate, floor.rate)
            say(f"audit {number + 1}/{repeat}: push {pushed.ratio:.2f}x, read {read.ratio:.2f}x")
    finally:
        without.terminate()
        without.wait(15)
        await asyncio.to_thread(rig.town.stop, "referrals")


def rows(keys: Keys, known: list[UUID], first: int) -> Iterator[tuple[Any, ...]]:
    """Records as the service writes them."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(first, first + SLICE):
        entry = Entry(
            keys.service, keys, "GET", request_id=str(new_id()), route="/assessment/sheets", action="sheet:read"
        )
        entry.entities = {known[number % ENTITIES], known[number * 7 % ENTITIES], known[number * 31 % ENTITIES]}
        yield tuple(entry.row(200, began + timedelta(milliseconds=number)))


async def million(rig: Rig, table: Table) -> None:
    """A chain of a million records in the database of a service that nothing else is measured on."""
    seal = Row("P53", f"seal {RECORDS:,} audit records", "s", "-", lambda _: True)
    verify = Row("P54", f"verify {RECORDS:,} audit records", "s", "< 60 s", lambda row: row.value < 60)
    table.add(seal, verify)
    keys = Keys("assessment", rig.town.environment()["RELAIS_AUDIT_KEYS"])
    url = rig.stack.databases["assessment"].app_url
    known = [new_id() for _ in range(ENTITIES)]
    # As superuser: rows cannot be copied in behind a fence.
    connection = await asyncpg.connect(plain(rig.postgres.url(rig.stack.databases["assessment"].name)))
    for first in range(0, RECORDS, SLICE):
        await connection.copy_records_to_table("audit_record", records=rows(keys, known, first), columns=WRITTEN)
    await connection.close()
    say("audit: a million records are there")
    database = Database(url, SystemClock(), 4)
    sealer = Sealer("assessment", database, keys)
    began = time.perf_counter()
    while await sealer.seal() == BATCH:
        pass
    seal.add(time.perf_counter() - began)
    async with database.raw() as raw:
        began = time.perf_counter()
        verdict = await Verification(keys, datetime(2000, 1, 1, tzinfo=UTC)).run(raw)
        verify.add(time.perf_counter() - began)
    assert (verdict.links >= RECORDS, verdict.finding) == (True, None)
    await database.close()
