"""Webhooks: signed so that a stock library believes them, numbered without gaps, in order, told to nobody else."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.testing.harness import UnderTest
from tests.referrals.notifications.receivers import Heard, Receiver, act, follow, hook, receiving, tell
from tests.referrals.pushes import CANARIES, FULL, id_of, push, register, step

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
HOOKS = "/referrals/webhooks"


def believed(secret: str, heard: Heard, body: bytes | None = None) -> Any:
    return Webhook(secret).verify(body or heard.body, heard.headers)


async def test_a_stock_library_believes_a_notice_and_neither_a_changed_nor_an_old_one(referrals: UnderTest) -> None:
    referrals.clock.at = datetime.now(UTC)
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        path = await push(referrals, FULL)
        await tell(referrals)
        [heard] = receiver.arrived
        payload = believed(made["secret"], heard)
        assert payload["type"] == "referral.received"
        assert payload["data"] == {"referral_id": str(id_of(path)), "state": "received", "number": 1}
        assert not any(canary in heard.body.decode() for canary in CANARIES.values())
        for number in range(0, len(heard.body), 7):
            changed = heard.body[:number] + bytes([heard.body[number] ^ 1]) + heard.body[number + 1 :]
            with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):
                believed(made["secret"], heard, changed)
        referrals.clock.at = datetime.now(UTC) - timedelta(minutes=6)
        await step(referrals, "line-nurse", path, "triage")
        await tell(referrals)
        with pytest.raises(WebhookVerificationError):
            believed(made["secret"], receiver.arrived[1])


STEPS: tuple[tuple[str, str, Any, str, str], ...] = (
    ("line-nurse", "triage", None, "referral.triaged", "in-triage"),
    (
        "coordinator",
        "information-request",
        {"question": "Since when?"},
        "referral.information-requested",
        "information-requested",
    ),
    ("hospital-chu", "information", {"answer": "May"}, "referral.information-given", "in-triage"),
    ("coordinator", "messages", {"text": "We call on Monday."}, "referral.message-sent", "in-triage"),
    ("coordinator", "waiting-list", {}, "referral.waitlisted", "waiting-list"),
    ("coordinator", "acceptance", {}, "referral.accepted", "accepted"),
    ("hospital-chu", "cancellation", {"reason": "moved"}, "referral.cancelled", "cancelled"),
)


async def test_every_step_is_told_in_order_with_its_state_and_number(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        await hook(referrals, receiver)
        path = await push(referrals)
        for persona, name, body, _, _ in STEPS:
            answer = await step(referrals, persona, path, name, body)
            assert answer.status_code == 201, answer.text
            await tell(referrals)
        told = [(each.json["type"], each.json["data"]["state"]) for each in receiver.arrived]
        assert told == [("referral.received", "received"), *((kind, state) for *_, kind, state in STEPS)]
        assert receiver.numbers == list(range(1, len(STEPS) + 2))
        assert receiver.arrived[4].json["data"]["message"] == 3
        assert "Monday" not in "".join(each.body.decode() for each in receiver.heard)


async def test_what_a_case_becomes_is_told_to_the_sender(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        await hook(referrals, receiver)
        path, case = await push(referrals), uuid4()
        await step(referrals, "coordinator", path, "acceptance", {})
        opened = {"case_id": case, "origin_kind": "referral", "origin_id": id_of(path), "person_id": None}
        await referrals.deliver("cases.case-opened.v1", case, opened)
        await referrals.deliver(
            "cases.case-closed.v1", case, {"case_id": case, "closed_on": "2026-12-01", "reason": "deceased"}
        )
        await tell(referrals)
        told = [(each.json["type"], each.json["data"]["state"]) for each in receiver.arrived]
        assert told[2:] == [("referral.progressed", "case-opened"), ("referral.closed", "not-achieved")]


async def test_only_those_party_to_a_referral_are_told_and_the_programme(referrals: UnderTest) -> None:
    async with receiving() as mine, receiving() as others, receiving() as programme, receiving() as narrow:
        await hook(referrals, mine)
        await hook(referrals, others, "hospital-other")
        await hook(referrals, programme, "coordinator")
        await hook(referrals, narrow, "hospital-chu", "referral.refused")
        path = await push(referrals)
        await step(referrals, "coordinator", path, "refusal", {"reason": "outside-area", "onward_path": "the centre"})
        await tell(referrals)
        assert [len(each.arrived) for each in (mine, others, programme, narrow)] == [2, 0, 2, 1]
        assert narrow.numbers == [1]


async def test_a_partner_is_told_of_the_referral_it_is_asked_about(referrals: UnderTest) -> None:
    async with receiving() as partner, receiving() as hospital:
        await hook(referrals, partner, "partner-centre")
        await hook(referrals, hospital)
        asked = uuid4()
        fact = {"outgoing_id": asked, "organisation": "centre", "origin": "staff", "channel": "webhook"}
        await referrals.deliver("referrals.outgoing-sent.v1", asked, fact)
        await referrals.tick()
        assert [each.json["data"] for each in partner.arrived] == [
            {"outgoing_id": str(asked), "state": "received", "number": 1}
        ]
        assert hospital.heard == []


async def test_a_redelivered_fact_is_told_once(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        await hook(referrals, receiver)
        await push(referrals)
        for _ in range(3):
            await tell(referrals)
        assert receiver.numbers == [1]


async def test_numbers_have_no_gap_while_many_facts_come_at_once(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        await hook(referrals, receiver)
        await hook(referrals, receiver)
        await asyncio.gather(*(push(referrals) for _ in range(30)))
        await asyncio.gather(*(follow(referrals) for _ in range(4)))
        async with referrals.app.state.database.raw() as connection:
            rows = await connection.fetch("SELECT number FROM subscription_notice ORDER BY subscription_id, number")
        assert [row["number"] for row in rows] == [*range(1, 31), *range(1, 31)]


async def test_a_failed_attempt_comes_again_with_the_same_id_and_body_before_anything_newer(
    referrals: UnderTest,
) -> None:
    answers = iter((500, 302, 429, 204, 204))
    async with receiving(answer=lambda _: next(answers)) as receiver:
        made = await hook(referrals, receiver)
        path = await push(referrals)
        await step(referrals, "line-nurse", path, "triage")
        for _ in range(6):
            await tell(referrals)
            referrals.clock.move(hours=1)
        first, *again = receiver.heard[:4]
        assert {(each.headers["webhook-id"], each.body) for each in again} == {
            (first.headers["webhook-id"], first.body)
        }
        assert receiver.numbers == [1, 2]
        async with referrals.client("hospital-chu") as client:
            log = (await client.get(f"{HOOKS}/{made['id']}/notices")).json()["items"]
        assert [(each["number"], each["attempts"], each["answer"], each["status"]) for each in log] == [
            (1, 4, "204", "delivered"),
            (2, 1, "204", "delivered"),
        ]


async def test_a_redirect_is_not_followed(referrals: UnderTest) -> None:
    elsewhere: Receiver
    answer = lambda _: f"307 Go\r\nlocation: {elsewhere.url}"  # noqa: E731
    async with receiving() as elsewhere, receiving(answer=answer) as receiver:
        await hook(referrals, receiver)
        await push(referrals)
        await tell(referrals)
        assert (len(receiver.heard), len(elsewhere.heard)) == (1, 0)


async def test_gone_means_gone(referrals: UnderTest) -> None:
    async with receiving(answer=lambda _: 410) as receiver:
        made = await hook(referrals, receiver)
        await push(referrals)
        await tell(referrals)
        referrals.clock.move(days=1)
        await push(referrals)
        await tell(referrals)
        async with referrals.client("hospital-chu") as client:
            shown = (await client.get(f"{HOOKS}/{made['id']}")).json()
            refused = await client.post(f"{HOOKS}/{made['id']}/resend", json={"from": 1})
        assert (len(receiver.heard), shown["state"], shown["failure"], shown["last_number"]) == (1, "off", "410", 1)
        assert (refused.status_code, refused.json()["code"]) == (409, "subscription-off")


async def test_a_secret_changes_with_a_day_of_both(referrals: UnderTest) -> None:
    referrals.clock.at = datetime.now(UTC)
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        rotated = (await act(referrals, "hospital-chu", f"{HOOKS}/{made['id']}/secret-rotation")).json()
        await push(referrals)
        await tell(referrals)
        assert rotated["secret"] != made["secret"]
        for secret in (made["secret"], rotated["secret"]):
            believed(secret, receiver.arrived[0])
        referrals.clock.move(hours=24)
        await push(referrals)
        await tell(referrals)
        signatures = [each.headers["webhook-signature"].split(" ") for each in receiver.arrived]
        assert [len(each) for each in signatures] == [2, 1]


async def test_the_secret_is_shown_once(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        async with referrals.client("hospital-chu") as client:
            shown = [await client.get(f"{HOOKS}/{made['id']}"), await client.get(HOOKS)]
        assert made["secret"].startswith("whsec_")
        assert not [each for each in shown if made["secret"] in each.text or 'secret"' in each.text]


async def test_a_test_notice_says_how_it_ended_and_has_no_number(referrals: UnderTest) -> None:
    referrals.clock.at = datetime.now(UTC)
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        assert (await act(referrals, "hospital-chu", f"{HOOKS}/{made['id']}/test")).status_code == 202
        await referrals.tick()
        async with referrals.client("hospital-chu") as client:
            shown = (await client.get(f"{HOOKS}/{made['id']}")).json()
        assert (believed(made["secret"], receiver.heard[0])["type"], shown["last_test"]["answer"]) == (
            "webhook.test",
            "204",
        )
        assert shown["last_number"] == 0


async def test_a_deleted_webhook_hears_no_more_and_is_gone(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        await push(referrals)
        await follow(referrals)
        async with referrals.client("hospital-chu") as client:
            assert (await client.delete(f"{HOOKS}/{made['id']}")).status_code == 204
            assert (await client.get(f"{HOOKS}/{made['id']}")).status_code == 404
            assert (await client.get(HOOKS)).json()["items"] == []
        await referrals.tick()
        async with referrals.app.state.database.raw() as connection:
            kept = await connection.fetchrow("SELECT secret, headers::text FROM subscription")
        assert (receiver.heard, kept["secret"]) == ([], "")


async def test_what_is_anothers_does_not_exist(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        place = f"{HOOKS}/{made['id']}"
        async with referrals.client("hospital-other") as client:
            answers = [
                await client.get(place),
                await client.delete(place),
                await client.get(f"{place}/notices"),
                await client.post(f"{place}/test"),
                await client.post(f"{place}/secret-rotation"),
                await client.post(f"{place}/resend", json={"from": 1}),
            ]
            assert (await client.get(HOOKS)).json()["items"] == []
        assert {answer.status_code for answer in answers} == {404}
        async with referrals.client("line-nurse") as client:
            assert (await client.get(HOOKS)).status_code == 403


async def test_an_organisation_has_twenty_at_most(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        for _ in range(20):
            await hook(referrals, receiver)
        answer = await act(referrals, "hospital-chu", HOOKS, {"url": receiver.url})
        assert (answer.status_code, answer.json()["code"]) == (409, "too-many-subscriptions")
        await hook(referrals, receiver, "hospital-other")


@pytest.mark.parametrize(
    "body",
    [{}, {"url": ""}, {"url": "x" * 3000}, {"url": "https://example.org", "events": ["referral.none"]}, {"uri": "x"}],
)
async def test_a_webhook_needs_an_address_and_known_kinds(referrals: UnderTest, body: dict[str, Any]) -> None:
    assert (await act(referrals, "hospital-chu", HOOKS, body)).status_code == 422


async def test_hostile_addresses_are_refused_when_made_and_when_called(run_service: Run) -> None:
    async with (
        receiving() as receiver,
        run_service("referrals", callback_networks="", callback_insecure=False) as referrals,
    ):
        await register(referrals)
        for url, code in (
            (receiver.url, "url-not-https"),
            (f"https://127.0.0.1:{receiver.port}/", "network-refused"),
            (f"https://localhost:{receiver.port}/", "network-refused"),
            (f"https://2130706433:{receiver.port}/", "url-host"),
            (f"https://[::ffff:127.0.0.1]:{receiver.port}/", "url-host"),
            ("https://10.1.2.3/", "network-refused"),
            ("https://user:word@example.org/", "url-malformed"),
            ("https://example.org:22/", "url-port"),
        ):
            answer = await act(referrals, "hospital-chu", HOOKS, {"url": url})
            assert (answer.status_code, answer.json()["code"]) == (422, "endpoint-refused"), url
            assert answer.json()["errors"] == [{"pointer": "/url", "code": code}]
        async with referrals.app.state.database.raw() as connection:
            await connection.execute(MOVED, f"https://127.0.0.1:{receiver.port}/")
        await push(referrals)
        await tell(referrals)
        async with referrals.app.state.database.raw() as connection:
            assert await connection.fetchval("SELECT answer FROM subscription_notice") == "network-refused"
        assert receiver.heard == []


MOVED = """INSERT INTO subscription (id, owner, wire, url, sees_all, kinds, payload, state, reason, base, secret,
    headers, created_at, last_number, sent_number, failures, version)
    VALUES (gen_random_uuid(), 'chu', 'webhook', $1, false, '{}', 'id-only', 'active', '', '', 'whsec_AAAA', '[]',
    now(), 0, 0, 0, 1)"""


async def test_made_twice_under_a_key_it_is_one_with_one_secret(referrals: UnderTest) -> None:
    async with receiving() as receiver, referrals.client("hospital-chu") as client:
        answers = [
            await client.post(HOOKS, json={"url": receiver.url}, headers={"idempotency-key": "hook-1"})
            for _ in range(2)
        ]
        assert answers[0].content == answers[1].content
        assert json.loads(answers[0].content)["secret"]
        assert len((await client.get(HOOKS)).json()["items"]) == 1
