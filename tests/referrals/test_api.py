"""The door and the shared state: what hospitals, the line and coordinators may do with a referral."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.referrals.store import Organisations
from shared.testing.harness import UnderTest
from tests.referrals.pushes import (
    CANARIES,
    FULL,
    LONG_SHEET,
    MINIMAL,
    SHEET,
    changed,
    count,
    faults,
    fresh,
    id_of,
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


@pytest.mark.parametrize("name", STEPS)
async def test_each_step_moves_the_referral_and_tells_it(referrals: UnderTest, name: str) -> None:
    persona, body, state = STEPS[name]
    path = await push(referrals)
    answer = await step(referrals, persona, path, name, body)
    assert (answer.status_code, answer.headers["etag"], answer.json()["state"]) == (201, '"2"', state)
    assert (await read(referrals, path))["moves"][-1]["state"] == state
    assert (await referrals.types())[-1] == f"referrals.{EVENTS[name]}.v1"
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
    async with referrals.client("coordinator", roles=["coordinator", "hospital"], org_id="chu") as client:
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


async def test_another_hospital_s_referral_does_not_exist_for_us(referrals: UnderTest) -> None:
    path = await push(referrals, FULL)
    async with referrals.client("hospital-other") as other:
        unknown = await other.get(f"/referrals/{uuid4()}")
        theirs = await other.get(path)
        cancelled = await other.post(f"{path}/cancellation", json={"reason": "x"}, headers={"if-match": '"1"'})
        informed = await other.post(f"{path}/information", json={"answer": "x"}, headers={"if-match": '"1"'})
        listed = await other.get("/referrals")
    for answer in (unknown, theirs, cancelled, informed):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert "etag" not in theirs.headers
    assert listed.json() == {"items": [], "next": None}
    assert (await read(referrals, path))["state"] == "received"


async def pages(client: httpx.AsyncClient, path: str) -> list[str]:
    """The ids of a list, page by page."""
    ids: list[str] = []
    following: str | None = path
    while following:
        page = await client.get(following)
        ids += [item["id"] for item in page.json()["items"]]
        link = page.headers.get("link")
        following = link.removeprefix("<").split(">")[0] if link else None
    return ids


async def test_lists_are_newest_first_each_one_s_own_and_stable_while_others_push(referrals: UnderTest) -> None:
    mine = []
    for number in range(9):
        referrals.clock.move(minutes=number % 2)
        mine.append(str(id_of(await push(referrals))))
    async with referrals.client("hospital-other") as other:
        assert (await other.post("/referrals", json=FULL)).status_code == 201
    async with referrals.client("hospital-chu") as client:
        assert await pages(client, "/referrals?limit=2") == mine[::-1]
        first = await client.get("/referrals?limit=4")
        await push(referrals)
        rest = await pages(client, first.headers["link"].removeprefix("<").split(">")[0])
        assert [item["id"] for item in first.json()["items"]] + rest == mine[::-1]
    async with referrals.client("coordinator") as coordinator:
        assert len(await pages(coordinator, "/referrals?limit=3")) == 11


async def test_a_list_shows_one_state_and_no_personal_data(referrals: UnderTest) -> None:
    path = await push(referrals, FULL)
    await push(referrals)
    await step(referrals, "coordinator", path, "acceptance", {})
    async with referrals.client("coordinator") as client:
        accepted = await client.get("/referrals", params={"state": "accepted"})
        unknown = await client.get("/referrals", params={"state": "lost"})
    assert [item["id"] for item in accepted.json()["items"]] == [str(id_of(path))]
    assert not any(canary in accepted.text for canary in CANARIES.values())
    assert unknown.status_code == 422


async def test_intake_pulls_who_it_is_and_assessment_pulls_the_sheets_and_nobody_else_does(
    referrals: UnderTest,
) -> None:
    path = await push(referrals, FULL)
    async with referrals.client("service-intake") as intake:
        demographics = (await intake.get(f"{path}/demographics")).json()
        assert (await intake.get(f"{path}/sheets")).status_code == 403
        assert (await intake.get(path)).status_code == 403
    async with referrals.client("service-assessment") as assessment:
        sheets = (await assessment.get(f"{path}/sheets")).json()
        assert (await assessment.get(f"{path}/demographics")).status_code == 403
    assert set(demographics) == {"person", "sender"}
    assert (demographics["sender"], demographics["person"]["niss"]) == ("chu", CANARIES["niss"])
    assert set(sheets) == {"sheets", "factors", "discharge_on"}
    assert (sheets["factors"], sheets["discharge_on"]) == (["carer_burden"], "2026-11-25")
    assert [sheet["answers"] for sheet in sheets["sheets"]] == [SHEET["answers"], LONG_SHEET["answers"]]
    assert not any(canary in json.dumps(sheets) for canary in CANARIES.values())


async def test_no_announced_fact_holds_a_word_about_the_person(referrals: UnderTest) -> None:
    notes = {"note": CANARIES["note"], "text": CANARIES["text"]}
    cancelled, refused, accepted = [
        await push(referrals, changed(FULL, "/identifier/value", str(number))) for number in range(3)
    ]
    await step(referrals, "line-nurse", cancelled, "triage")
    await step(referrals, "line-nurse", cancelled, "information-request", {"question": notes["note"]})
    await step(referrals, "hospital-chu", cancelled, "information", {"answer": notes["note"]})
    await step(referrals, "coordinator", cancelled, "waiting-list", {"note": notes["note"]})
    await step(referrals, "hospital-chu", cancelled, "cancellation", {"reason": notes["note"]})
    refusal = {"reason": "outside-area", "onward_path": notes["note"]}
    await step(referrals, "coordinator", refused, "refusal", refusal)
    await step(referrals, "coordinator", accepted, "acceptance", {"emergency_reason": notes["note"]})
    await step(referrals, "coordinator", accepted, "redirection", {"organisation": "centre", "note": notes["note"]})
    announced = [entry for entry in await referrals.announced() if "organisation-changed" not in entry[0]]
    assert len(announced) == 11
    told = json.dumps(announced, ensure_ascii=False)
    hidden = [*CANARIES.values(), "addiction", "Kanarie", "H-77", "1950-02-03"]
    assert [canary for canary in hidden if canary in told] == []


async def test_the_directory_is_kept_by_operators_and_tells_only_changes(referrals: UnderTest) -> None:
    place = "/referrals/directory/organisations/centre"
    async with referrals.client("operator") as client:
        before = len(await referrals.types())
        same = await client.put(place, json={"name": "Centre", "kind": "other"})
        assert (same.status_code, len(await referrals.types())) == (200, before)
        other = await client.put(place, json={"name": "Centre", "kind": "coordination-centre"})
        assert other.json() == {"code": "centre", "name": "Centre", "kind": "coordination-centre", "active": True}
        bad = await client.put("/referrals/directory/organisations/Bad%20Code", json={"name": "x", "kind": "other"})
        assert bad.status_code == 422
        listed = (await client.get("/referrals/directory/organisations")).json()["items"]
    assert [each["code"] for each in listed] == ["centre", "chu", "hospital-other", "relais"]
    changes = [data for kind, data in await referrals.announced() if kind == "referrals.organisation-changed.v1"]
    assert changes[-1] == {"organisation": "centre", "kind": "coordination-centre", "active": True}
    async with referrals.client("hospital-chu") as hospital:
        assert (await hospital.put(place, json={"name": "x", "kind": "other"})).status_code == 403


async def test_an_organisation_that_is_no_longer_active_sends_nothing_more(
    referrals: UnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Organisations, "kept_for", 0.0)
    async with referrals.client("operator") as operator, referrals.client("hospital-chu") as chu:
        path = "/referrals/directory/organisations/chu"
        await operator.put(path, json={"name": "CHU", "kind": "hospital", "active": False})
        answer = await chu.post("/referrals", json=MINIMAL)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-organisation")
