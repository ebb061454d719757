"""FHIR subscriptions: a handshake first, each topic and payload told, replayed, resent; secrets never shown."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.notifications.receivers import Receiver, act, receiving, tell
from tests.referrals.notifications.subscribing import BACKPORT, FHIR, SECRET, TOPIC, create, get, status_in, told, wish
from tests.referrals.pushes import CANARIES, FULL, changed, id_of, push, register, step

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


async def subscribed(referrals: UnderTest, receiver: Receiver, **fields: Any) -> str:
    """An active subscription; its path."""
    answer = await create(referrals, wish(receiver.url, **fields))
    assert answer.status_code == 201, answer.text
    await referrals.tick()
    place = f"{FHIR}/Subscription/{answer.json()['id']}"
    assert (await get(referrals, place))["status"] == "active"
    return place


async def test_a_handshake_must_be_answered_before_anything_is_told(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        made = await create(referrals, wish(receiver.url))
        assert (made.status_code, made.json()["status"]) == (201, "requested")
        assert made.headers["location"].endswith(f"{FHIR}/Subscription/{made.json()['id']}")
        await push(referrals)
        await tell(referrals)
        [shake] = [status_in(each.json) for each in receiver.heard]
        assert (shake["type"], shake["status"], shake["events-since-subscription-start"]) == (
            "handshake",
            "requested",
            "0",
        )
        assert receiver.heard[0].headers["authorization"] == SECRET
        assert receiver.heard[0].headers["content-type"].startswith("application/fhir+json")
        await push(referrals)
        await tell(referrals)
        assert [each["events"][0]["number"] for each in told(receiver)] == ["1"]


@pytest.mark.parametrize("status", [404, 500, 302])
async def test_without_an_answer_to_the_handshake_it_is_an_error(referrals: UnderTest, status: int) -> None:
    async with receiving(answer=lambda _: status) as receiver:
        made = (await create(referrals, wish(receiver.url))).json()
        await referrals.tick()
        shown = await get(referrals, f"{FHIR}/Subscription/{made['id']}")
        assert (shown["status"], shown["error"]) == ("error", str(status))
        await push(referrals)
        referrals.clock.move(days=1)
        await tell(referrals)
        assert len(receiver.heard) == 1


@pytest.mark.parametrize("content", ["id-only", "empty"])
async def test_a_change_of_state_is_told_with_as_much_as_was_asked_for(referrals: UnderTest, content: str) -> None:
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver, content=content)
        path = await push(referrals, FULL)
        await step(referrals, "line-nurse", path, "triage")
        await tell(referrals)
        events = [each["events"][0] for each in told(receiver)]
        focus = f"http://relais.test{FHIR}/Task/{id_of(path)}" if content == "id-only" else None
        assert [(each["number"], each["focus"]) for each in events] == [("1", focus), ("2", focus)]
        assert [each["events-since-subscription-start"] for each in told(receiver)][-1] == "2"
        assert told(receiver)[0]["subscription"] == {"reference": f"http://relais.test{place}"}
        heard = "".join(each.body.decode() for each in receiver.heard)
        assert not [canary for canary in CANARIES.values() if canary in heard]
        assert (content == "id-only") is (str(id_of(path)) in heard)


@pytest.mark.parametrize("content", ["id-only", "empty"])
async def test_a_message_is_told_to_those_who_follow_communication(referrals: UnderTest, content: str) -> None:
    async with receiving() as receiver:
        await subscribed(referrals, receiver, topic="communication", content=content)
        path = await push(referrals)
        await step(referrals, "line-nurse", path, "triage")
        assert (
            await step(referrals, "coordinator", path, "messages", {"text": "We call on Monday."})
        ).status_code == 201
        await tell(referrals)
        [event] = [each["events"][0] for each in told(receiver)]
        focus = f"http://relais.test{FHIR}/Communication/{id_of(path)}.1" if content == "id-only" else None
        assert (event["number"], event["focus"]) == ("1", focus)


async def test_what_is_told_about_can_be_read(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        await subscribed(referrals, receiver)
        await push(referrals)
        await tell(referrals)
        focus = told(receiver)[0]["events"][0]["focus"].removeprefix("http://relais.test")
        assert (await get(referrals, focus))["resourceType"] == "Task"


async def test_the_same_notice_is_the_same_bundle_when_it_comes_again(referrals: UnderTest) -> None:
    answers = iter((204, 503, 204))
    async with receiving(answer=lambda _: next(answers)) as receiver:
        await subscribed(referrals, receiver)
        await push(referrals)
        await tell(referrals)
        referrals.clock.move(hours=1)
        await tell(referrals)
        _, first, again = receiver.heard
        assert again.json["id"] == first.json["id"]
        assert again.json["entry"][0]["resource"] == first.json["entry"][0]["resource"]


async def test_silence_is_broken_by_a_heartbeat_that_counts_nothing(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        await subscribed(referrals, receiver, heartbeat=600)
        referrals.clock.move(minutes=9)
        await tell(referrals)
        await push(referrals)
        await tell(referrals)
        referrals.clock.move(minutes=9)
        await tell(referrals)
        assert told(receiver, "heartbeat") == []
        referrals.clock.move(minutes=1)
        await tell(referrals)
        [beat] = told(receiver, "heartbeat")
        assert (beat["events"], beat["events-since-subscription-start"], beat["status"]) == ([], "1", "active")


async def test_every_event_can_be_asked_for_again(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver)
        ids = [str(id_of(await push(referrals))) for _ in range(5)]
        await tell(referrals)
        for query, expected in (
            ("", ["1", "2", "3", "4", "5"]),
            ("?eventsSinceNumber=4", ["4", "5"]),
            ("?eventsSinceNumber=2&eventsUntilNumber=3", ["2", "3"]),
            ("?eventsSinceNumber=6", []),
        ):
            found = status_in(await get(referrals, f"{place}/$events{query}"))
            assert (found["type"], [each["number"] for each in found["events"]]) == ("query-event", expected)
        all_of_them = status_in(await get(referrals, f"{place}/$events"))["events"]
        assert [each["focus"].rsplit("/", 1)[1] for each in all_of_them] == ids
        empty = status_in(await get(referrals, f"{place}/$events?content=empty"))["events"]
        assert {each["focus"] for each in empty} == {None}
        async with referrals.client("hospital-chu") as client:
            for query in ("content=full-resource", "eventsSinceNumber=x", "eventsSinceNumber=-1", "since=1"):
                answer = await client.get(f"{place}/$events?{query}")
                assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome"), query


async def test_the_status_of_one_and_of_all_can_be_asked(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        places = [await subscribed(referrals, receiver), await subscribed(referrals, receiver, topic="communication")]
        one = await get(referrals, f"{places[0]}/$status")
        both = await get(referrals, f"{FHIR}/Subscription/$status")
        chosen = await get(referrals, f"{FHIR}/Subscription/$status?id={places[1].rsplit('/', 1)[1]}")
        none = await get(referrals, f"{FHIR}/Subscription/$status?status=error")
        assert [each["total"] for each in (one, both, chosen, none)] == [1, 2, 1, 0]
        kinds = [part["valueCode"] for part in one["entry"][0]["resource"]["parameter"] if part["name"] == "type"]
        assert (one["type"], kinds) == ("searchset", ["query-status"])


async def test_the_receivers_headers_are_never_shown_again(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        made = await create(referrals, wish(receiver.url))
        place = f"{FHIR}/Subscription/{made.json()['id']}"
        places = (place, f"{FHIR}/Subscription", f"{place}/$status")
        shown = [made.text, *[json.dumps(await get(referrals, each)) for each in places]]
        assert not [each for each in shown if SECRET in each or "header" in json.loads(each).get("channel", {})]
        assert made.json()["channel"]["endpoint"] == receiver.url
        announced = json.dumps(await referrals.announced())
        assert SECRET not in announced
        assert receiver.url not in announced


async def test_it_is_resent_by_the_operator_after_72_hours_away(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver)
        receiver.down = True
        await push(referrals)
        await tell(referrals)
        referrals.clock.move(hours=73)
        await tell(referrals)
        assert (await get(referrals, place))["status"] == "error"
        receiver.down = False
        own_id = place.rsplit("/", 1)[1]
        assert (
            await act(referrals, "operator", f"/referrals/webhooks/{own_id}/resend", {"from": 1})
        ).status_code == 202
        await tell(referrals)
        assert [each["events"][0]["number"] for each in told(receiver)] == ["1"]


async def test_a_change_begins_with_a_handshake_and_goes_on_behind_what_was_told(referrals: UnderTest) -> None:
    async with receiving() as before, receiving() as after:
        place = await subscribed(referrals, before)
        await push(referrals)
        await tell(referrals)
        async with referrals.client("hospital-chu") as client:
            body = wish(after.url)
            assert (await client.put(place, json=body)).status_code == 428
            assert (await client.put(place, json=body, headers={"if-match": 'W/"99"'})).status_code == 412
            etag = (await client.get(place)).headers["etag"]
            assert (await client.put(place, json=body, headers={"if-match": etag})).status_code == 200
        await referrals.tick()
        await push(referrals)
        await tell(referrals)
        assert [each["type"] for each in (status_in(each.json) for each in after.heard)] == [
            "handshake",
            "event-notification",
        ]
        assert told(after)[0]["events"][0]["number"] == "2"


async def test_an_ended_or_deleted_subscription_hears_nothing(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        ends = await subscribed(referrals, receiver, end="2026-11-21T00:00:00Z")
        off, gone = await subscribed(referrals, receiver), await subscribed(referrals, receiver)
        shaken = len(receiver.heard)
        async with referrals.client("hospital-chu") as client:
            etag = (await client.get(off)).headers["etag"]
            body = wish(receiver.url, status="off")
            assert (await client.put(off, json=body, headers={"if-match": etag})).json()["status"] == "off"
            assert (await client.delete(gone)).status_code == 204
            assert (await client.get(gone)).status_code == 404
        referrals.clock.move(days=1)
        await referrals.tick()
        await push(referrals)
        await tell(referrals)
        assert (len(receiver.heard), (await get(referrals, ends))["status"]) == (shaken, "off")


async def test_what_is_anothers_does_not_exist(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        place = await subscribed(referrals, receiver)
        async with referrals.client("hospital-other") as client:
            found = [await client.get(place), await client.delete(place), await client.get(f"{place}/$events")]
            assert (await client.get(f"{FHIR}/Subscription")).json()["total"] == 0
        assert {answer.status_code for answer in found} == {404}
        assert {answer.json()["resourceType"] for answer in found} == {"OperationOutcome"}
        await push(referrals)
        await tell(referrals)
        assert len(told(receiver)) == 1


async def test_another_hospital_is_told_nothing_of_ours(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        own = wish(receiver.url)
        own.pop("_criteria")
        assert (await create(referrals, own, "hospital-other")).status_code == 201
        await referrals.tick()
        await push(referrals)
        await tell(referrals)
        assert told(receiver) == []


FAULTS: tuple[tuple[str, Any, str, str], ...] = (
    ("/criteria", "Task?status=accepted", "Subscription.criteria", "unknown-topic"),
    ("/status", "error", "Subscription.status", "wrong-status"),
    ("/status", "off", "Subscription.status", "wrong-status"),
    ("/channel/type", "websocket", "Subscription.channel.type", "channel-not-offered"),
    ("/channel/payload", "application/xml", "Subscription.channel.payload", "wrong-code"),
    ("/channel/header", ["Host: x"], "Subscription.channel.header[0]", "header-refused"),
    ("/channel/header", ["A: b", "no colon"], "Subscription.channel.header[1]", "header-refused"),
    ("/channel/header", ["A: b\r\nHost: x"], "Subscription.channel.header[0]", "header-refused"),
    ("/channel/endpoint", "http://10.1.2.3/", "Subscription.channel.endpoint", "network-refused"),
    ("/channel/endpoint", "ftp://example.org/", "Subscription.channel.endpoint", "url-not-https"),
    ("/end", "2020-01-01T00:00:00Z", "Subscription.end", "in-past"),
    ("/unknown", 1, "Subscription.unknown", "unknown-field"),
    (
        "/channel/_payload/extension/0/valueCode",
        "full-resource",
        "Subscription.channel.payload.extension[0].value",
        "payload-not-offered",
    ),
    (
        "/_criteria/extension/0/valueString",
        "Task?requester=Organization/hospital-other",
        "Subscription.criteria.extension[0]",
        "filter-not-offered",
    ),
    ("/_criteria/extension/0/valueString", "Task?owner=x", "Subscription.criteria.extension[0]", "filter-not-offered"),
    (
        "/channel/extension",
        [{"url": f"{BACKPORT}backport-heartbeat-period", "valueUnsignedInt": 1}],
        "Subscription.channel.extension[0].value",
        "out-of-range",
    ),
    (
        "/channel/extension",
        [{"url": "urn:other", "valueString": "x"}],
        "Subscription.channel.extension[0].url",
        "unknown-extension",
    ),
)


async def test_what_we_would_not_do_is_refused_with_its_place(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        for pointer, value, expression, code in FAULTS:
            answer = await create(referrals, changed(wish(receiver.url), pointer, value))
            issues = answer.json().get("issue", [])
            found = [(each["expression"][0], each["details"]["coding"][0]["code"]) for each in issues]
            assert (answer.status_code, found) == (422, [(expression, code)]), (pointer, value)
            assert all(each["details"]["text"] != code for each in issues)
        without = wish(receiver.url)
        without["channel"].pop("endpoint")
        assert (await create(referrals, without)).status_code == 422
        assert (await get(referrals, f"{FHIR}/Subscription"))["total"] == 0
        assert receiver.heard == []


async def test_the_topics_can_be_found_in_the_capability_statement(referrals: UnderTest) -> None:
    [rest] = (await get(referrals, f"{FHIR}/metadata"))["rest"]
    [subscription] = [each for each in rest["resource"] if each["type"] == "Subscription"]
    topics = [each["valueCanonical"] for each in subscription["extension"]]
    assert topics == [f"{TOPIC}task-status", f"{TOPIC}communication"]
    codes = {each["code"] for each in subscription["interaction"]}
    assert {"create", "read", "update", "delete", "search-type"} <= codes
    assert {each["name"] for each in subscription["operation"]} == {"status", "events"}


async def test_partners_and_the_programme_may_be_told_too_and_nurses_may_not(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        own = wish(receiver.url)
        own.pop("_criteria")
        assert (await create(referrals, own, "coordinator")).status_code == 201
        assert (await create(referrals, own, "partner-centre")).status_code == 201
        assert (await create(referrals, own, "line-nurse")).status_code == 403
        await referrals.tick()
        await push(referrals)
        await tell(referrals)
        assert len(told(receiver)) == 1


async def test_production_takes_no_address_of_this_machine(run_service: Run) -> None:
    async with (
        receiving() as receiver,
        run_service("referrals", callback_networks="", callback_insecure=False) as referrals,
    ):
        await register(referrals)
        for url in (receiver.url, receiver.url.replace("http:", "https:"), "https://169.254.169.254/"):
            answer = await create(referrals, wish(url))
            assert answer.status_code == 422
            assert answer.json()["issue"][0]["expression"] == ["Subscription.channel.endpoint"]
        assert receiver.heard == []


async def test_a_handshake_by_the_address_before_does_not_begin_the_one_of_now(referrals: UnderTest) -> None:
    async with receiving(seconds=0.4) as before, receiving(answer=lambda _: 500) as after:
        made = await create(referrals, wish(before.url))
        place = f"{FHIR}/Subscription/{made.json()['id']}"
        shaking = asyncio.ensure_future(referrals.tick())
        async with asyncio.timeout(10):
            while not before.heard:
                await asyncio.sleep(0.01)
        async with referrals.client("hospital-chu") as client:
            tag = {"if-match": made.headers["etag"]}
            assert (await client.put(place, json=wish(after.url), headers=tag)).status_code == 200
        await shaking
        await referrals.tick()
        assert len(after.heard) == 1
        assert (await get(referrals, place))["status"] == "error"
