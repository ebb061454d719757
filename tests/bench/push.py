"""P1 to P3: the referral push through one process of `referrals`, beside the same two inserts straight by asyncpg."""

import asyncio

import httpx

from shared.local.run import register_organisations
from tests.bench.load import drive, drive_raw, payload, request
from tests.bench.rig import Rig
from tests.bench.table import Row, Table, at_share, in_turn, say

MANY = 16
SECONDS, ALONE_SECONDS = 3.0, 1.5

_RATE = "push, 16 at once: token, check, idempotency, outbox (API process)"


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """All three, from the same requests."""
    rate = Row("P1", _RATE, "/s", ">= 0.50x", lambda row: row.ratio >= 0.5, "/s asyncpg pool, 2 inserts")
    alone = Row("P2", "push, one at a time, p50", "ms", "<= 2.0x", lambda row: row.ratio <= 2.0, "ms asyncpg")
    late = Row("P3", "push, 16 at once, p99", "ms", "<= 2.5x", lambda row: row.ratio <= 2.5, "ms asyncpg")
    table.add(rate, alone, late)
    rig.town.start("referrals", REFERRALS_ROLE="api")
    await rig.town.ready(["referrals"])
    async with httpx.AsyncClient(base_url=rig.town.origin, trust_env=False) as client:
        await register_organisations(client)
    token = await rig.token("hospital-chu")
    document = payload()
    port = rig.town.ports["referrals"]

    def push() -> bytes:
        return request("POST", "/referrals", token, document())

    async with rig.pool(MANY) as pool:
        await drive(port, push, 201, MANY, 1.0)
        await drive_raw(pool, MANY, 1.0)
        for number in range(repeat):
            ours, floor = await in_turn(
                number, lambda: drive(port, push, 201, MANY, SECONDS), lambda: drive_raw(pool, MANY, SECONDS)
            )
            rate.add(ours.rate, floor.rate)
            late.add(at_share(ours.each, 0.99) * 1000, at_share(floor.each, 0.99) * 1000)
            ours, floor = await in_turn(
                number, lambda: drive(port, push, 201, 1, ALONE_SECONDS), lambda: drive_raw(pool, 1, ALONE_SECONDS)
            )
            alone.add(at_share(ours.each, 0.5) * 1000, at_share(floor.each, 0.5) * 1000)
            say(f"push {number + 1}/{repeat}: {rate.product[-1]:.0f}/s, asyncpg {rate.floor[-1]:.0f}/s")
            await asyncio.sleep(0.5)
    await asyncio.to_thread(rig.town.stop, "referrals")
