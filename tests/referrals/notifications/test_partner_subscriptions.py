"""FHIR subscriptions of an organisation that we ask: its Tasks, by the same engine and under the same topics."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.notifications.receivers import Receiver, hook, receiving, tell
from tests.referrals.notifications.subscribing import BACKPORT, FHIR, create, get, told, wish
from tests.referrals.outgoing.asking import CONSENT, REFUSAL, SECRETS, answer, ask, knows, listed, oriented, work
from tests.referrals.pushes import push, register

PARTNER = "partner-centre"


def owned(url: str, code: str = "centre", **fields: Any) -> dict[str, Any]:
    """A Subscription to what an organisation is asked."""
    asked = {"url": f"{BACKPORT}backport-filter-criteria", "valueString": f"Task?owner=Organization/{code}"}
    return wish(url, **fields) | {"_criteria": {"extension": [asked]}}


async def subscribed(referrals: UnderTest, receiver: Receiver, **fields: Any) -> str:
    """A partner's active subscription; its path."""
    made = await create(referrals, owned(receiver.url, **fields), PARTNER)
    assert made.status_code == 201, made.text
    await referrals.tick()
    place = f"{FHIR}/Subscription/{made.json()['id']}"
    assert (await get(referrals, place, PARTNER))["status"] == "active"
    return place


def events(receiver: Receiver) -> list[dict[str, Any]]:
    """What was told, in the order of its arrival."""
    return [each["events"][0] for each in told(receiver)]


def task(outgoing: str) -> str:
    """The focus of a notice about a referral."""
    return f"http://relais.test{FHIR}/Task/{outgoing}"


ASKING: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("theirs", "acknowledgement", {}),
    ("theirs", "question", {"question": "Quel étage ?"}),
    ("ours", "information", {"answer": "Le second."}),
    ("theirs", "acceptance", {}),
    ("theirs", "progress", {"stage": "started"}),
    ("theirs", "progress", {"stage": "done"}),
)


async def test_a_partner_is_told_of_every_state_of_its_task_and_reads_it_there(referrals: UnderTest) -> None:
    await knows(referrals, "centre")
    async with receiving() as receiver:
        await subscribed(referrals, receiver)
        outgoing = await ask(referrals)
        await tell(referrals)
        statuses = []
        for side, name, body in ASKING:
            taken = await (answer if side == "theirs" else work)(referrals, outgoing, name, body)
            assert taken.status_code == 201, taken.text
            await tell(referrals)
            focus = events(receiver)[-1]["focus"].removeprefix("http://relais.test")
            statuses.append((await get(referrals, focus, PARTNER))["businessStatus"]["coding"][0]["code"])
        assert [each["number"] for each in events(receiver)] == [str(number) for number in range(1, 8)]
        assert {each["focus"] for each in events(receiver)} == {task(outgoing)}
        assert statuses == [
            *("in-triage", "information-requested", "in-triage", "accepted", "case-opened", "closed"),
        ]
        heard = "".join(each.body.decode() for each in receiver.heard)
        assert not [word for word in SECRETS if word in heard]


async def test_only_what_is_addressed_to_it_is_told_and_nothing_of_what_comes_in(referrals: UnderTest) -> None:
    await register(referrals)
    await knows(referrals, "centre")
    await knows(referrals, "partner-other")
    unfiltered = wish("")
    unfiltered.pop("_criteria")
    async with receiving() as mine, receiving() as without, receiving() as others, receiving() as hospital:
        await subscribed(referrals, mine)
        channel = {**unfiltered["channel"], "endpoint": without.url}
        assert (await create(referrals, {**unfiltered, "channel": channel}, PARTNER)).status_code == 201
        assert (await create(referrals, owned(others.url, "partner-other"), "partner-other")).status_code == 201
        assert (await create(referrals, wish(hospital.url), "hospital-chu")).status_code == 201
        await referrals.tick()
        outgoing = await ask(referrals)
        await push(referrals)
        await tell(referrals)
        assert [each["focus"] for each in events(mine)] == [task(outgoing)]
        assert [each["focus"] for each in events(without)] == [task(outgoing)]
        assert events(others) == []
        assert [each["number"] for each in events(hospital)] == ["1"]


@pytest.mark.parametrize(
    ("persona", "code"),
    [(PARTNER, "partner-other"), ("hospital-chu", "chu"), ("hospital-chu", "centre"), ("coordinator", "centre")],
)
async def test_a_filter_to_tasks_that_one_cannot_read_is_refused(referrals: UnderTest, persona: str, code: str) -> None:
    async with receiving() as receiver:
        refused = await create(referrals, owned(receiver.url, code), persona)
        [issue] = refused.json()["issue"]
        assert (refused.status_code, issue["details"]["coding"][0]["code"], issue["expression"]) == (
            422,
            "filter-not-offered",
            ["Subscription.criteria.extension[0]"],
        )


async def test_the_filter_is_shown_as_it_was_asked_for(referrals: UnderTest) -> None:
    await knows(referrals, "centre")
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver)
        shown = await get(referrals, place, PARTNER)
        [filtered] = shown["_criteria"]["extension"]
        assert filtered["valueString"] == "Task?owner=Organization/centre"


async def test_a_disclosure_and_a_refusal_are_told_in_order_per_referral(referrals: UnderTest) -> None:
    await knows(referrals, "centre")
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver)
        for _ in range(2):
            await oriented(referrals, uuid4(), uuid4())
        one, two = sorted(each["id"] for each in await listed(referrals))
        await work(referrals, two, "disclosure", {"consent": CONSENT})
        await answer(referrals, one, "refusal", REFUSAL)
        await work(referrals, two, "voiding", {"reason": "double"})
        await tell(referrals)
        assert [each["number"] for each in events(receiver)] == ["1", "2", "3", "4", "5"]
        told_of = [each["focus"] for each in events(receiver)]
        assert (told_of.count(task(one)), told_of.count(task(two))) == (2, 3)
        again = await get(referrals, f"{place}/$events?eventsSinceNumber=1", PARTNER)
        events_again = [each for each in again["entry"][0]["resource"]["parameter"] if "part" in each]
        assert len(events_again) == 5


async def test_a_message_is_told_to_who_follows_communication_and_can_be_read(referrals: UnderTest) -> None:
    await knows(referrals, "centre")
    async with receiving() as receiver:
        await subscribed(referrals, receiver, topic="communication")
        outgoing = await ask(referrals)
        await work(referrals, outgoing, "messages", {"text": "La clé est chez la voisine."})
        await tell(referrals)
        [event] = events(receiver)
        assert event["focus"] == f"http://relais.test{FHIR}/Communication/{outgoing}.1"
        place = event["focus"].removeprefix("http://relais.test")
        read = await get(referrals, place, PARTNER)
        assert read["payload"] == [{"contentString": "La clé est chez la voisine."}]
        assert read["sender"]["reference"] == "Organization/relais"
        async with referrals.client("partner-other") as client:
            assert (await client.get(place)).status_code == 404


async def test_by_webhook_a_voided_referral_and_an_answer_are_called_what_they_are(referrals: UnderTest) -> None:
    await knows(referrals, "centre")
    async with receiving() as receiver:
        await hook(referrals, receiver, PARTNER)
        outgoing = await ask(referrals)
        await answer(referrals, outgoing, "question", {"question": "Quel étage ?"})
        await work(referrals, outgoing, "information", {"answer": "Le second."})
        await work(referrals, outgoing, "voiding", {"reason": "double"})
        await tell(referrals)
        assert [(each.json["type"], each.json["data"]["state"]) for each in receiver.arrived] == [
            ("outgoing.sent", "received"),
            ("outgoing.answered", "information-requested"),
            ("outgoing.information-given", "in-triage"),
            ("outgoing.cancelled", "voided"),
        ]


async def test_what_happens_while_a_changed_subscription_shakes_hands_is_told_afterwards(referrals: UnderTest) -> None:
    await knows(referrals, "centre")
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver)
        await ask(referrals)
        await tell(referrals)
        async with referrals.client(PARTNER) as client:
            tag = {"if-match": (await client.get(place)).headers["etag"]}
            assert (await client.put(place, json=owned(receiver.url), headers=tag)).status_code == 200
        await ask(referrals)
        await tell(referrals)
        await tell(referrals)
        assert [each["number"] for each in events(receiver)] == ["1", "2"]


async def test_after_more_days_away_than_notices_are_kept_it_goes_on_with_what_is_new(referrals: UnderTest) -> None:
    await knows(referrals, "centre")
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver)
        receiver.down = True
        await ask(referrals)
        await tell(referrals)
        referrals.clock.move(hours=73)
        await tell(referrals)
        referrals.clock.move(days=40)
        await tell(referrals)
        receiver.down = False
        async with referrals.client(PARTNER) as client:
            tag = {"if-match": (await client.get(place)).headers["etag"]}
            assert (await client.put(place, json=owned(receiver.url), headers=tag)).status_code == 200
        async with asyncio.timeout(20):
            await tell(referrals)
        receiver.arrived.clear()
        outgoing = await ask(referrals)
        await tell(referrals)
        assert [each["focus"] for each in events(receiver)] == [task(outgoing)]
