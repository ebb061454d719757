"""P14: a FHIR transaction of ten entries beside the JSON push, both through one process of `referrals`."""

import asyncio

import httpx

from shared.local.run import register_organisations
from tests.bench.load import bundle, drive, payload, request
from tests.bench.rig import Rig
from tests.bench.table import Row, Table, at_share, in_turn, say

MANY = 16
SECONDS, ALONE_SECONDS = 1.5, 0.8


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """The same demand by both doors: what the standard costs beside the simple one."""
    rate = Row("P14", "FHIR transaction of ten, 16 at once", "/s", ">= 0.25x", lambda row: row.ratio >= 0.25, "/s push")
    alone = Row("P14", "FHIR transaction of ten, p50", "ms", "<= 4.0x", lambda row: row.ratio <= 4.0, "ms push")
    table.add(rate, alone)
    rig.town.start("referrals", REFERRALS_ROLE="api")
    await rig.town.ready(["referrals"])
    async with httpx.AsyncClient(base_url=rig.town.origin, trust_env=False) as client:
        await register_organisations(client)
    token = await rig.token("hospital-chu")
    document, entries = payload(), bundle()
    port = rig.town.ports["referrals"]

    def push() -> bytes:
        return request("POST", "/referrals", token, document())

    def transact() -> bytes:
        return request("POST", "/referrals/fhir", token, entries(), "application/fhir+json")

    await drive(port, push, 201, MANY, 1.0)
    await drive(port, transact, 200, MANY, 1.0)
    for number in range(repeat):
        ours, peer = await in_turn(
            number, lambda: drive(port, transact, 200, MANY, SECONDS), lambda: drive(port, push, 201, MANY, SECONDS)
        )
        rate.add(ours.rate, peer.rate)
        ours, peer = await in_turn(
            number,
            lambda: drive(port, transact, 200, 1, ALONE_SECONDS),
            lambda: drive(port, push, 201, 1, ALONE_SECONDS),
        )
        alone.add(at_share(ours.each, 0.5) * 1000, at_share(peer.each, 0.5) * 1000)
        say(f"fhir {number + 1}/{repeat}: {rate.product[-1]:.0f} transactions/s, {rate.floor[-1]:.0f} pushes/s")
        await asyncio.sleep(0.5)
    await asyncio.to_thread(rig.town.stop, "referrals")
