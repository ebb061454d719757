"""The shared state: who may take which step, in which version."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.testing.harness import UnderTest
from tests.referrals.pushes import (
    FULL,
    LONG_SHEET,
    count,
    faults,
    fresh,
    push,
    read,
    step,
)

LONG: Mapping[str, Any] = {**FULL, "sheets": [LONG_SHEET]}
HOME = "/sheets/0/answers/0"
WAY = "/sheets/0/answers/housework"


STEPS: Mapping[str, tuple[str, Any, str]] = {
    "triage": ("line-nurse", None, "in-triage"),
    "information-request": ("line-nurse", {"question": "Since when?"}, "information-requested"),
    "waiting-list": ("coordinator", {"note": "in May"}, "waiting-list"),
    "acceptance": ("coordinator", {}, "accepted"),
    "refusal": ("coordinator", {"reason": "outside-area", "onward_path": "the local centre"}, "refused"),
    "redirection": ("coordinator", {"organisation": "centre"}, "redirected"),
    "cancellation": ("hospital-chu", {"reason": "moved away"}, "cancelled"),
}
EVENTS = {
    "triage": "referral-triaged",
    "information-request": "information-requested",
    "waiting-list": "referral-waitlisted",
    "acceptance": "referral-accepted",
    "refusal": "referral-refused",
    "redirection": "referral-redirected",
    "cancellation": "referral-cancelled",
}

FOLLOWING = {"referrals.gap-recorded.v1", "referrals.outgoing-prepared.v1"}
"""What a refusal and a redirection bring with them."""


@pytest.mark.parametrize("name", STEPS)
async def test_each_step_moves_the_referral_and_tells_it(referrals: UnderTest, name: str) -> None:
    persona, body, state = STEPS[name]
    path = await push(referrals)
    answer = await step(referrals, persona, path, name, body)
    assert (answer.status_code, answer.headers["etag"], answer.json()["state"]) == (201, '"2"', state)
    assert (await read(referrals, path))["moves"][-1]["state"] == state
    told = [kind for kind in await referrals.types() if kind not in FOLLOWING]
    assert told[-1] == f"referrals.{EVENTS[name]}.v1"
    again = await step(referrals, persona, path, name, body)
    assert (again.status_code, again.json()["code"]) == (409, "illegal-move")
    assert again.json()["state"] == state
    assert state not in again.json()["allowed"]


async def test_the_sender_answers_a_question_and_reports_the_consent(referrals: UnderTest) -> None:
    path = await push(referrals, fresh(consent={"given": False}))
    refused = await step(referrals, "coordinator", path, "acceptance", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "consent-missing")
    early = await step(referrals, "hospital-chu", path, "information", {"answer": "yes", "consent_given": True})
    assert (early.status_code, early.json()["code"]) == (409, "illegal-move")
    await step(referrals, "coordinator", path, "information-request", {"question": "Does she agree?"})
    answer = await step(referrals, "hospital-chu", path, "information", {"answer": "yes", "consent_given": True})
    assert (answer.status_code, answer.json()["state"], answer.json()["consent_given"]) == (201, "in-triage", True)
    assert (await step(referrals, "coordinator", path, "acceptance", {})).status_code == 201


async def test_an_emergency_goes_without_consent_and_keeps_its_reason(referrals: UnderTest) -> None:
    path = await push(referrals, fresh(consent={"given": False}))
    answer = await step(referrals, "coordinator", path, "acceptance", {"emergency_reason": "unconscious"})
    assert (answer.status_code, answer.json()["moves"][-1]["note"]) == (201, "unconscious")


async def test_a_step_needs_the_version_that_was_seen(referrals: UnderTest) -> None:
    path = await push(referrals)
    for name, (persona, body, _) in STEPS.items():
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        async with referrals.client(persona) as client:
            missing = await client.post(f"{path}/{name}", content=content, headers=headers)
            stale = await client.post(f"{path}/{name}", content=content, headers={**headers, "if-match": '"2"'})
        assert (missing.status_code, missing.json()["code"]) == (428, "if-match-required")
        assert (stale.status_code, stale.json()["code"], stale.json()["etag"]) == (412, "stale-version", '"1"')
    assert len((await read(referrals, path))["moves"]) == 1


async def test_of_two_coordinators_one_decides(referrals: UnderTest) -> None:
    path = await push(referrals)
    async with referrals.client("coordinator") as client:
        seen = {"if-match": '"1"'}
        refusal = {"reason": "at-capacity", "onward_path": "later"}
        answers = await asyncio.gather(
            client.post(f"{path}/acceptance", json={}, headers=seen),
            client.post(f"{path}/refusal", json=refusal, headers=seen),
        )
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    decided = {"referrals.referral-accepted.v1", "referrals.referral-refused.v1"}
    assert len([kind for kind in await referrals.types() if kind in decided]) == 1


BAD_STEPS: list[tuple[str, Any, tuple[str, str]]] = [
    ("refusal", {"reason": "no-time", "onward_path": "x"}, ("/reason", "not-one-of")),
    ("refusal", {"reason": "at-capacity"}, ("/onward_path", "required")),
    ("refusal", {"reason": "at-capacity", "onward_path": ""}, ("/onward_path", "too-short")),
    ("information-request", {"question": "x" * 321}, ("/question", "too-long")),
    ("acceptance", {"because": "x"}, ("/because", "unknown-field")),
    ("redirection", {"organisation": "../x"}, ("/organisation", "wrong-format")),
]


async def test_a_step_with_bad_input_changes_nothing(referrals: UnderTest) -> None:
    path = await push(referrals)
    for name, body, fault in BAD_STEPS:
        answer = await step(referrals, "coordinator", path, name, body)
        assert (answer.status_code, faults(answer)) == (422, {fault})
    assert len((await read(referrals, path))["moves"]) == 1


async def test_nobody_is_redirected_to_an_organisation_that_is_unknown_or_gone(referrals: UnderTest) -> None:
    path = await push(referrals)
    async with referrals.client("operator") as client:
        gone = {"name": "Centre", "kind": "other", "active": False}
        await client.put("/referrals/directory/organisations/centre", json=gone)
    for organisation in ("nowhere", "centre"):
        answer = await step(referrals, "coordinator", path, "redirection", {"organisation": organisation})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-organisation")
        assert faults(answer) == {("/organisation", "unknown-organisation")}
    assert (await read(referrals, path))["state"] == "received"


async def correct(referrals: UnderTest, path: str, document: Any, persona: str = "hospital-chu") -> httpx.Response:
    """Correct a referral in the version that is there now."""
    async with referrals.client("coordinator") as reader:
        etag = (await reader.get(path)).headers["etag"]
    async with referrals.client(persona) as client:
        return await client.put(path, json=document, headers={"if-match": etag})


async def test_a_referral_is_corrected_until_it_is_decided_on(referrals: UnderTest) -> None:
    sent = fresh()
    path = await push(referrals, sent)
    better = {**sent, "urgency": "urgent", "person": {**sent["person"], "phones": ["04 000 00 02"]}}
    answer = await correct(referrals, path, better)
    assert (answer.status_code, answer.headers["etag"], answer.json()["urgency"]) == (200, '"2"', "urgent")
    expected = {"referral_id": path.rsplit("/", 1)[1], "parts": ["person", "urgency"], "discharge_on": None}
    assert (await referrals.announced())[-1] == ("referrals.referral-corrected.v1", expected)
    await step(referrals, "coordinator", path, "acceptance", {})
    late = await correct(referrals, path, sent)
    assert (late.status_code, late.json()["code"]) == (409, "illegal-move")
    assert (await read(referrals, path))["urgency"] == "urgent"


async def test_what_was_sent_first_and_what_was_corrected_both_count_as_a_repeat(referrals: UnderTest) -> None:
    sent = fresh()
    path = await push(referrals, sent)
    better, other = {**sent, "urgency": "urgent"}, {**sent, "stay": {"ward": "Nord"}}
    await correct(referrals, path, better)
    async with referrals.client("hospital-chu") as client:
        again = [(await client.post("/referrals", json=each)).status_code for each in (sent, better, other)]
    assert again == [201, 201, 409]
    assert await count(referrals) == 1


async def test_a_correction_is_checked_like_a_push_and_is_nobody_elses(referrals: UnderTest) -> None:
    sent = fresh()
    path = await push(referrals, sent)
    wrong = await correct(referrals, path, {**sent, "person": {**sent["person"], "niss": "85073003327"}})
    assert (wrong.status_code, faults(wrong)) == (422, {("/person/niss", "niss-check-digits")})
    other = await correct(referrals, path, fresh())
    assert (other.status_code, other.json()["code"]) == (409, "identifier-reused")
    assert (await correct(referrals, path, sent, "hospital-other")).status_code == 404
    assert (await correct(referrals, path, sent, "coordinator")).status_code == 403
    assert [kind for kind in await referrals.types() if "corrected" in kind] == []


async def test_what_should_never_have_been_sent_is_voided_before_a_decision(referrals: UnderTest) -> None:
    path = await push(referrals)
    answer = await step(referrals, "hospital-chu", path, "voiding", {"reason": "wrong person"})
    assert (answer.status_code, answer.json()["state"]) == (201, "voided")
    assert (await referrals.announced())[-1][1]["code"] == "entered-in-error"
    late = await push(referrals)
    await step(referrals, "coordinator", late, "acceptance", {})
    assert (await step(referrals, "hospital-chu", late, "voiding", {"reason": "x"})).status_code == 409


async def test_both_sides_write_and_what_they_wrote_is_on_no_event(referrals: UnderTest) -> None:
    path = await push(referrals)
    for persona in ("hospital-chu", "line-nurse"):
        answer = await step(referrals, persona, path, "messages", {"text": f"a word of {persona}"})
        assert (answer.status_code, answer.json()["state"]) == (201, "received")
    shown = [(each["actor"], each["text"]) for each in (await read(referrals, path))["messages"]]
    assert shown == [("sender", "a word of hospital-chu"), ("line-nurse", "a word of line-nurse")]
    assert "a word" not in json.dumps(await referrals.announced())
    too_long = await step(referrals, "hospital-chu", path, "messages", {"text": "x" * 321})
    assert (too_long.status_code, faults(too_long)) == (422, {("/text", "too-long")})


async def test_a_cancellation_after_the_opening_is_granted_only_if_it_was_asked_for(referrals: UnderTest) -> None:
    path = await push(referrals)
    await step(referrals, "coordinator", path, "acceptance", {})
    case, origin = uuid4(), path.rsplit("/", 1)[1]
    opened = {"case_id": case, "origin_kind": "referral", "origin_id": origin, "person_id": None}
    await referrals.deliver("cases.case-opened.v1", case, opened)
    early = await step(referrals, "coordinator", path, "cancellation-grant", {})
    assert (early.status_code, early.json()["code"]) == (409, "illegal-move")
    await step(referrals, "hospital-chu", path, "cancellation", {"reason": "moved away"})
    answer = await step(referrals, "coordinator", path, "cancellation-grant", {"note": "agreed with the family"})
    assert (answer.status_code, answer.json()["state"]) == (201, "cancelled")
    assert (await referrals.announced())[-1][1]["code"] == "granted"


OTHERS_STEPS = [
    ("hospital-chu", "acceptance"),
    ("hospital-chu", "triage"),
    ("line-nurse", "acceptance"),
    ("line-nurse", "refusal"),
    ("line-nurse", "cancellation"),
    ("coordinator", "cancellation"),
    ("coordinator", "information"),
    ("case-manager-nurse", "triage"),
    ("partner-centre", "acceptance"),
    ("analyst", "cancellation"),
]


async def test_a_step_of_somebody_else_is_forbidden(referrals: UnderTest) -> None:
    path = await push(referrals)
    for persona, name in OTHERS_STEPS:
        answer = await step(referrals, persona, path, name, {})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (persona, name)
    assert len((await read(referrals, path))["moves"]) == 1


async def test_a_coordinator_in_a_hospital_cannot_cancel_for_the_sender(referrals: UnderTest) -> None:
    path = await push(referrals)
    roles = ["coordinator", "hospital"]
    async with referrals.client("hospital-chu", sub="coordinator", roles=roles) as client:
        answer = await client.post(f"{path}/cancellation", json={"reason": "x"}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-your-move")


async def test_without_a_token_nothing_is_told(referrals: UnderTest) -> None:
    path = await push(referrals)
    async with referrals.client() as client:
        answers = [
            await client.post("/referrals", json=FULL),
            await client.get("/referrals"),
            await client.get(path),
            await client.get(f"/referrals/{uuid4()}"),
            await client.post(f"{path}/cancellation", json={"reason": "x"}, headers={"if-match": '"1"'}),
        ]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert await count(referrals) == 1
