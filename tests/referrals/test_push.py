"""The door: what a hospital may push, how often, and what is refused."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.pushes import (
    CANARIES,
    FULL,
    LONG_SHEET,
    MINIMAL,
    changed,
    count,
    faults,
    push,
    read,
    step,
    turned,
)

LONG: Mapping[str, Any] = {**FULL, "sheets": [LONG_SHEET]}
HOME = "/sheets/0/answers/0"
WAY = "/sheets/0/answers/housework"


async def test_a_push_is_received_at_once_and_its_sender_can_read_it(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        answer = await client.post("/referrals", json=FULL)
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
        assert answer.json()["state"] == "received"
        shown = await client.get(answer.headers["location"])
    assert shown.headers["etag"] == '"1"'
    body = shown.json()
    assert (body["id"], body["sender"], body["sheets_checked"]) == (answer.json()["id"], "chu", True)
    assert body["document"]["person"]["family_name"] == CANARIES["family_name"]
    assert body["document"]["sheets"][1]["answers"] == LONG_SHEET["answers"]
    assert {"accepted", "refused", "cancelled"} <= set(body["allowed"])
    [event] = [data for kind, data in await referrals.announced() if kind == "referrals.referral-received.v1"]
    assert event == {
        "referral_id": body["id"],
        "sender": "chu",
        "urgency": "urgent",
        "factors": ["carer_burden"],
        "sheets": 2,
    }


async def test_of_fifty_equal_pushes_at_once_one_is_stored_and_all_get_its_receipt(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        answers = await asyncio.gather(*(client.post("/referrals", json=FULL) for _ in range(50)))
        referrals.clock.move(days=1)
        answers.append(await client.post("/referrals", json=FULL))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    assert await count(referrals) == 1
    assert (await referrals.types()).count("referrals.referral-received.v1") == 1


async def test_a_push_repeated_after_a_decision_still_gets_its_first_receipt(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        first = await client.post("/referrals", json=FULL)
        await step(referrals, "coordinator", first.headers["location"], "acceptance", {})
        assert (await client.post("/referrals", json=FULL)).content == first.content
    assert (await read(referrals, first.headers["location"]))["state"] == "accepted"


async def test_white_space_order_of_keys_and_defaults_do_not_make_another_push(referrals: UnderTest) -> None:
    same = [
        json.dumps(FULL, indent=3).encode(),
        json.dumps(turned(dict(FULL))).encode(),
        json.dumps({**FULL, "attachments": []}).encode(),
        json.dumps(FULL, ensure_ascii=False, separators=(",", ":")).encode(),
    ]
    async with referrals.client("hospital-chu") as client:
        first = await client.post("/referrals", json=FULL)
        for content in same:
            answer = await client.post("/referrals", content=content, headers={"content-type": "application/json"})
            assert (answer.status_code, answer.content) == (201, first.content)
    assert await count(referrals) == 1


async def test_another_content_under_a_known_identifier_is_refused(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        await client.post("/referrals", json=FULL)
        for other in (changed(FULL, "/urgency", "routine"), changed(FULL, "/person/family_name", "Other")):
            answer = await client.post("/referrals", json=other)
            assert (answer.status_code, answer.json()["code"]) == (409, "identifier-reused")
    assert await count(referrals) == 1


async def test_two_hospitals_may_use_the_same_identifier(referrals: UnderTest) -> None:
    path = await push(referrals, FULL)
    async with referrals.client("hospital-other") as other:
        answer = await other.post("/referrals", json=FULL)
    assert answer.status_code == 201
    assert answer.headers["location"] != path


BAD: Mapping[str, tuple[Mapping[str, Any], str, Any, str | None, str]] = {
    "an unknown field": (FULL, "/colour", "red", None, "unknown-field"),
    "an unknown field of the person": (FULL, "/person/shoe_size", 42, None, "unknown-field"),
    "an unknown field of a sheet": (FULL, "/sheets/0/mood", "good", None, "unknown-field"),
    "a number for a name": (FULL, "/person/family_name", 7, None, "wrong-type"),
    "no name": (FULL, "/person/family_name", "", None, "too-short"),
    "a name of null": (FULL, "/person/given_names", None, None, "wrong-type"),
    "one phone": (FULL, "/person/phones", "0471", None, "wrong-type"),
    "words for consent": (FULL, "/consent/given", "yes", None, "wrong-type"),
    "one for consent": (FULL, "/consent/given", 1, None, "wrong-type"),
    "an unknown urgency": (FULL, "/urgency", "asap", None, "not-one-of"),
    "an unknown gender": (FULL, "/person/gender", "f", None, "not-one-of"),
    "an unknown rater": (FULL, "/sheets/0/rater", "nurse", None, "not-one-of"),
    "a NUL": (FULL, "/reason/text", "a\x00b", None, "nul-character"),
    "half a character": (FULL, "/person/family_name", "\ud800", None, "half-a-character"),
    "a NUL in an answer": (FULL, f"{WAY}/difficulty", "\x00", None, "nul-character"),
    "a wrong check digit": (FULL, "/person/niss", CANARIES["niss"][:-1] + "0", None, "niss-check-digits"),
    "a NISS in words": (FULL, "/person/niss", "none", None, "niss-check-digits"),
    "a postal code abroad": (FULL, "/person/address/postal_code", "L-1234", None, "wrong-format"),
    "a birth in the future": (FULL, "/person/birth_date", "2026-11-21", None, "in-future"),
    "a birth before 1900": (FULL, "/person/birth_date", "1899-12-31", None, "out-of-range"),
    "a birth as a number": (FULL, "/person/birth_date", 0, None, "wrong-type"),
    "a birth as an instant": (FULL, "/person/birth_date", "1950-02-03T00:00:00Z", None, "wrong-format"),
    "a day that is none": (FULL, "/person/birth_date", "1950-02-30", None, "wrong-format"),
    "a consent of tomorrow": (FULL, "/consent/on", "2026-11-21", None, "in-future"),
    "an admission of tomorrow": (FULL, "/stay/admitted_on", "2026-11-21", None, "in-future"),
    "a stay that ends before it begins": (FULL, "/stay/discharge_on", "2026-11-01", None, "before-admission"),
    "a sheet of tomorrow": (FULL, "/sheets/0/filled_on", "2026-11-21", None, "in-future"),
    "two sheets of one identifier": (FULL, "/sheets/1/identifier", "s-1", None, "repeated"),
    "answers in words": (FULL, "/sheets/0/answers", "all fine", None, "wrong-type"),
    "an unknown card": (FULL, "/sheets/0/answers/gardening", {"difficulty": 1}, None, "unknown_domain"),
    "a level beyond": (FULL, f"{WAY}/difficulty", 4, None, "level_out_of_range"),
    "a level below": (FULL, f"{WAY}/need", -1, None, "level_out_of_range"),
    "a level that is true": (FULL, f"{WAY}/difficulty", True, None, "level_out_of_range"),
    "a level and a half": (FULL, f"{WAY}/difficulty", 1.5, None, "level_out_of_range"),
    "a level in words": (FULL, f"{WAY}/difficulty", "2", None, "level_out_of_range"),
    "an unknown field of an answer": (FULL, f"{WAY}/level", 2, None, "unknown-field"),
    "an unknown reason of absence": (FULL, "/sheets/0/answers/addiction/absent", "shy", None, "not-one-of"),
    "a list as a reason of absence": (FULL, "/sheets/0/answers/addiction/absent", ["refused"], None, "not-one-of"),
    "absent and answered": (FULL, f"{WAY}/absent", "unknown", None, "absent_reason_with_answer"),
    "an unknown source": (FULL, f"{WAY}/sources", ["X"], None, "not-one-of"),
    "a source without a list": (FULL, f"{WAY}/sources", "F", None, "not-one-of"),
    "a source without a need": (FULL, f"{WAY}/need", 0, f"{WAY}/sources", "source_without_need"),
    "unknown and known sources": (FULL, f"{WAY}/sources", ["?", "F"], None, "source_unknown_combined"),
    "long: an unknown card": (LONG, f"{HOME}/domain", "gardening", None, "unknown_domain"),
    "long: no card": (LONG, f"{HOME}/domain", None, None, "unknown_domain"),
    "long: a card twice": (LONG, "/sheets/0/answers/1/domain", "housework", None, "duplicate_domain"),
    "long: an unknown field": (LONG, f"{HOME}/colour", 1, None, "unknown-field"),
    "long: an unknown field of a scale": (LONG, f"{HOME}/need/colour", 1, None, "unknown-field"),
    "long: a number for a scale": (LONG, f"{HOME}/need", 2, None, "wrong-type"),
    "long: one for presence": (LONG, "/sheets/0/answers/1/difficulty/presence", 1, None, "wrong-type"),
    "long: a level without presence": (
        LONG,
        f"{HOME}/difficulty",
        {"presence": False, "level": 2},
        f"{HOME}/difficulty/level",
        "level_without_presence",
    ),
    "long: a level of nought": (LONG, f"{HOME}/difficulty/level", 0, None, "level_out_of_range"),
    "long: a level beyond": (LONG, f"{HOME}/difficulty/level", 4, None, "level_out_of_range"),
    "long: a level that is true": (LONG, f"{HOME}/difficulty/level", True, None, "level_out_of_range"),
    "long: a source on a difficulty": (LONG, f"{HOME}/difficulty/sources", ["F"], None, "source_on_difficulty"),
    "long: a source without a need": (
        LONG,
        f"{HOME}/need",
        {"presence": False, "sources": ["F"]},
        f"{HOME}/need/sources",
        "source_without_need",
    ),
    "long: unknown and known sources": (LONG, f"{HOME}/need/sources", ["?", "P"], None, "source_unknown_combined"),
    "long: an unknown reason of absence": (
        LONG,
        "/sheets/0/answers/1/need/absent_reason",
        {"shy": 1},
        None,
        "not-one-of",
    ),
    "long: absent and present": (LONG, f"{HOME}/need/absent_reason", "declined", None, "absent_reason_with_answer"),
}


async def test_every_bad_push_is_refused_at_its_place_and_nothing_is_stored(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        for name, (document, pointer, value, place, code) in BAD.items():
            bad = json.dumps(changed(document, pointer, value)).encode()
            answer = await client.post("/referrals", content=bad, headers={"content-type": "application/json"})
            expected = (422, "invalid-input", {(place or pointer, code)})
            assert (answer.status_code, answer.json().get("code"), faults(answer)) == expected, (name, answer.text)
            assert not any(canary in answer.text for canary in CANARIES.values()), name
    assert await count(referrals) == 0
    assert "referrals.referral-received.v1" not in await referrals.types()


async def test_a_push_must_have_an_identifier_a_person_and_a_word_on_consent(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        for missing in MINIMAL:
            answer = await client.post("/referrals", json={name: MINIMAL[name] for name in MINIMAL if name != missing})
            assert (answer.status_code, faults(answer)) == (422, {(f"/{missing}", "required")})


async def test_all_faults_of_a_push_are_told_together(referrals: UnderTest) -> None:
    bad = changed(changed(changed(FULL, f"{WAY}/difficulty", 9), "/consent/on", "2030-01-01"), f"{WAY}/x", 1)
    async with referrals.client("hospital-chu") as client:
        answer = await client.post("/referrals", json=bad)
    told = {(f"{WAY}/difficulty", "level_out_of_range"), (f"{WAY}/x", "unknown-field"), ("/consent/on", "in-future")}
    assert faults(answer) == told


async def test_a_bad_card_name_that_could_be_somebody_s_is_not_repeated(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        answer = await client.post("/referrals", json=changed(FULL, "/sheets/0/answers/Odette Lambert", {}))
    assert faults(answer) == {("/sheets/0/answers", "unknown_domain")}
    assert "Odette" not in answer.text


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("/sheets/0/instrument", "camberwell"), ("/sheets/0/edition", "2031")],
    ids=["instrument", "edition"],
)
async def test_a_sheet_of_an_unknown_instrument_is_taken_unchecked(
    referrals: UnderTest, pointer: str, value: str
) -> None:
    odd = changed(changed(FULL, pointer, value), "/sheets/0/answers", {"gardening": {"difficulty": 99}})
    assert (await read(referrals, await push(referrals, odd)))["sheets_checked"] is False


async def test_a_sender_that_the_directory_does_not_know_is_refused(referrals: UnderTest) -> None:
    for organisation in ("clinic", "", "CHU"):
        async with referrals.client("hospital-chu", org_id=organisation) as client:
            answer = await client.post("/referrals", json=FULL)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-organisation")
    assert await count(referrals) == 0
