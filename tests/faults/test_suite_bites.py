"""The suite itself on trial: with one guarantee taken out of the kernel, the checker must object."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared import relay
from shared.testing.invariants import Violated, check, heard, settled
from tests.faults.conftest import Rig


async def test_without_the_inbox_a_repeat_is_found_out(rig: Rig) -> None:
    rig.start("relay")
    rig.start("consume", MUTANT="no-inbox")
    await rig.flowing()
    await relay.republish(rig.producer, datetime.now(UTC) - timedelta(hours=1))
    async with asyncio.timeout(20):
        while len(await heard(rig.consumer)) < 2:
            await asyncio.sleep(0.05)
    with pytest.raises(Violated, match="doubled"):
        await check(rig.producer, rig.consumer)


async def test_with_a_last_id_cursor_a_skipped_fact_is_found_out(rig: Rig) -> None:
    rig.start("relay", MUTANT="last-id")
    rig.start("consume")
    await rig.flowing()
    await asyncio.gather(*(rig.race(40) for _ in range(16)))
    with pytest.raises(Violated):
        await settled(rig.producer, rig.consumer, within=5)


async def test_with_offsets_committed_before_handling_a_lost_event_is_found_out(rig: Rig) -> None:
    rig.start("relay")
    doomed = rig.start("consume", MUTANT="early-offsets", FAILPOINT="before-effect", AFTER="5")
    await rig.flowing()
    await rig.write(keys=20, each=1)
    await rig.died(doomed)
    rig.start("consume", MUTANT="early-offsets")
    await rig.flowing()
    with pytest.raises(Violated):
        await settled(rig.producer, rig.consumer, within=5)
