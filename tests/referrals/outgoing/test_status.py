"""Found, accessed, used: apart from the referral's own state, on the person's word or by evidence."""

from typing import Any
from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import answer, ask, listed, told, view, work

SAID = {"status": "found", "confirmed_by": "person", "on": "2026-11-20"}


async def closed(network: UnderTest) -> str:
    """A referral that the organisation has done with."""
    outgoing = await ask(network, person_id=str(uuid4()))
    await answer(network, outgoing, "acceptance")
    await answer(network, outgoing, "progress", {"stage": "done"})
    return outgoing


async def test_the_status_moves_nothing_else_and_nothing_else_moves_it(network: UnderTest) -> None:
    outgoing = await closed(network)
    assert (await view(network, outgoing))["service_status"] is None
    for said in (SAID, {**SAID, "status": "accessed", "confirmed_by": "evidence", "evidence": "appointment"}):
        assert (await work(network, outgoing, "service-status", said)).status_code == 201
    found = await view(network, outgoing)
    assert (found["state"], found["service_status"], found["moves"][-1]["state"]) == ("closed", "accessed", "closed")
    assert [(each["status"], each["confirmed_by"], each["recorded_by"]) for each in found["confirmations"]] == [
        ("found", "person", "case-manager-nurse"),
        ("accessed", "evidence", "case-manager-nurse"),
    ]
    changed = await told(network, "service-status-changed")
    assert [(fact["status"], fact["shown_by"]) for fact in changed] == [("found", None), ("accessed", "appointment")]


async def test_what_is_done_but_not_used_stays_listed(network: UnderTest) -> None:
    used, unused, open_one = await closed(network), await closed(network), await ask(network)
    await work(network, unused, "service-status", {**SAID, "status": "accessed"})
    assert {each["id"] for each in await listed(network, "?unused=true")} == {used, unused}
    await work(network, used, "service-status", {**SAID, "status": "used"})
    assert [each["id"] for each in await listed(network, "?unused=true")] == [unused]
    assert [each["id"] for each in await listed(network, "?service_status=used")] == [used]
    await work(network, unused, "service-status", {**SAID, "status": "not-used"})
    assert [each["id"] for each in await listed(network, "?unused=true")] == [unused]
    assert open_one in {each["id"] for each in await listed(network)}


async def test_somebody_is_asked_until_it_is_settled(network: UnderTest) -> None:
    outgoing = await closed(network)
    for weeks in range(1, 3):
        network.clock.move(days=14, minutes=1)
        await network.tick()
        await network.tick()
        assert len(await told(network, "service-status-due")) == weeks
    await work(network, outgoing, "service-status", {**SAID, "status": "used"})
    network.clock.move(days=60)
    await network.tick()
    assert len(await told(network, "service-status-due")) == 2


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"confirmed_by": "partner"}, ("/confirmed_by", "not-one-of")),
        ({"confirmed_by": "evidence"}, ("", "evidence-missing")),
        ({"on": "2026-11-21"}, ("/on", "in-future")),
        ({"status": "dreamt"}, ("/status", "not-one-of")),
    ],
)
async def test_a_status_needs_somebodys_word_or_named_evidence(
    network: UnderTest, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    outgoing = await ask(network)
    refused = await work(network, outgoing, "service-status", {**SAID, **changes})
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [fault]
