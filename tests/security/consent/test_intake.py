"""intake owns what people agreed to: put on record with its proof, taken back at once, read with its history."""

from typing import Any
from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.intake.merge.records import merged_now, undo
from tests.intake.people import faults, registered, told
from tests.security.consent.saying import SHARING, say, withdraw, word


async def states(client: Any, person_id: str) -> dict[tuple[str, str], tuple[str | None, bool]]:
    """By purpose and what it is about: the state, and whether it may be done."""
    answer = await client.get(f"/intake/persons/{person_id}/consents")
    assert answer.status_code == 200, answer.text
    return {
        (item["purpose"], item["recipient"] or item["channel"] or ""): (item["state"], item["allowed"])
        for item in answer.json()["items"]
    }


async def test_what_nobody_was_asked_is_open_by_the_rule_of_its_purpose(intake: UnderTest) -> None:
    person = await registered(intake)
    async with intake.client("line-nurse") as nurse:
        found = await states(nurse, person)
    assert found[("case-management", "")] == (None, False)
    assert found[("team-meeting", "")] == found[("statistics", "")] == (None, True)
    assert {about for purpose, about in found if purpose == "channel"} == {"phone", "sms", "email", "post"}
    assert not [purpose for purpose, _ in found if purpose == "sharing"]


async def test_consent_is_told_by_ids_and_codes_and_withdrawn_at_once(intake: UnderTest) -> None:
    person = await registered(intake)
    async with intake.client("line-nurse") as nurse:
        given = await say(nurse, person, SHARING)
        assert (await states(nurse, person))[("sharing", "partner-centre")] == ("given", True)
        gone = await withdraw(nurse, given["id"], note="Ne veut plus.")
        assert gone.status_code == 201
        assert gone.json()["withdrawn_at"] == "2026-11-20T09:30:00Z"
        assert (await states(nurse, person))[("sharing", "partner-centre")] == ("withdrawn", False)
    facts = await told(intake, "consent-recorded")
    assert [fact["decision"] for fact in facts] == ["given", "withdrawn"]
    assert facts[0] == {
        "consent_id": given["id"],
        "person_id": person,
        "purpose": "sharing",
        "recipient": "partner-centre",
        "channel": None,
        "decision": "given",
        "since": "2026-11-18T09:00:00Z",
    }
    assert "téléphone" not in str(facts)
    assert "veut plus" not in str(facts)


async def test_a_word_that_is_told_late_does_not_undo_a_later_one(intake: UnderTest) -> None:
    person = await registered(intake)
    async with intake.client("line-nurse") as nurse:
        await say(nurse, person, word("statistics", "refused", at="2026-11-19T09:00:00Z"))
        await say(nurse, person, word("statistics", at="2026-11-18T09:00:00Z"))
        assert (await states(nurse, person))[("statistics", "")] == ("refused", False)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"purpose": "marketing"}, ("/purpose", "not-one-of")),
        ({"recipient": None}, ("/recipient", "required")),
        ({"witness_note": None}, ("/witness_note", "required")),
        ({"how": "written"}, ("/document", "required")),
        ({"at": "2026-11-20T09:30:01Z"}, ("/at", "in-future")),
        ({"at": "2026-11-20T09:30:00"}, ("/at", "naive-time")),
        ({"text_version": "2025-9"}, ("/text_version", "unknown")),
        ({"given_by": "representative"}, ("/relation", "required")),
        ({"relation": "child"}, ("/relation", "not-for-oneself")),
        ({"channel": "sms"}, ("/channel", "not-for-this-purpose")),
        ({"purpose": "channel", "recipient": None}, ("/channel", "required")),
        ({"purpose": "statistics"}, ("/recipient", "not-for-this-purpose")),
        ({"decision": "withdrawn"}, ("/decision", "not-one-of")),
    ],
)
async def test_what_cannot_be_is_refused_with_where_it_is_wrong(
    intake: UnderTest, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    person = await registered(intake)
    async with intake.client("line-nurse") as nurse:
        refused = await nurse.post(f"/intake/persons/{person}/consents", json={**SHARING, **changes})
    assert refused.status_code == 422
    assert faults(refused) == {fault}
    assert await told(intake, "consent-recorded") == []


async def test_only_a_consent_that_holds_is_withdrawn_and_once(intake: UnderTest) -> None:
    person = await registered(intake)
    async with intake.client("line-nurse") as nurse:
        given = await say(nurse, person, SHARING)
        early = await withdraw(nurse, given["id"], at="2026-11-18T08:59:59Z")
        late = await withdraw(nurse, given["id"], at="2026-11-20T09:30:01Z")
        assert (faults(early), faults(late)) == ({("/at", "before-consent")}, {("/at", "in-future")})
        assert (await withdraw(nurse, given["id"])).status_code == 201
        twice = await withdraw(nurse, given["id"])
        assert (twice.status_code, twice.json()["code"]) == (409, "consent-over")
        refused = await say(nurse, person, word("statistics", "refused"))
        never = await withdraw(nurse, refused["id"])
        assert (never.status_code, never.json()["code"]) == (409, "consent-over")
    assert len(await told(intake, "consent-recorded")) == 3


async def test_somebody_of_another_organisation_is_404(intake: UnderTest) -> None:
    person = await registered(intake)
    async with intake.client("line-nurse") as nurse:
        given = await say(nurse, person, SHARING)
        assert (await nurse.get(f"/intake/persons/{uuid4()}/consents")).status_code == 404
    async with intake.client("line-nurse", org_id="autre") as other:
        assert (await other.post(f"/intake/persons/{person}/consents", json=SHARING)).status_code == 404
        assert (await other.get(f"/intake/persons/{person}/consents")).status_code == 404
        assert (await withdraw(other, given["id"])).status_code == 404
    async with intake.client("partner-centre") as partner:
        assert (await partner.post(f"/intake/persons/{person}/consents", json=SHARING)).status_code == 403


async def test_the_texts_are_read_aloud_in_four_languages_with_their_rules(intake: UnderTest) -> None:
    async with intake.client("line-nurse") as nurse:
        answer = (await nurse.get("/intake/consent-texts")).json()
        german = (await nurse.get("/intake/consent-texts", params={"language": "de"})).json()
    assert {(text["purpose"], text["language"]) for text in answer["items"]} == {
        (purpose, language) for purpose in answer["rules"] for language in ("fr", "nl", "de", "en")
    }
    assert all(text["text"] for text in answer["items"])
    assert {text["language"] for text in german["items"]} == {"de"}
    assert {name: rule["rule"] for name, rule in answer["rules"].items()} == {
        "case-management": "opt-in",
        "sharing": "opt-in",
        "team-meeting": "opt-out",
        "statistics": "opt-out",
        "channel": "opt-out",
    }


async def test_consents_follow_a_merge_and_go_back_with_its_undo(intake: UnderTest) -> None:
    kept, merged = await registered(intake), await registered(intake, given_names="Odette Marie")
    async with intake.client("coordinator") as coordinator:
        await say(coordinator, kept, SHARING)
        later = await say(coordinator, merged, {**SHARING, "decision": "refused", "at": "2026-11-19T09:00:00Z"})
        merge_id = await merged_now(coordinator, kept, merged)
        assert (await states(coordinator, kept))[("sharing", "partner-centre")] == ("refused", False)
        assert (await states(coordinator, merged))[("sharing", "partner-centre")] == ("refused", False)
        assert (await undo(coordinator, merge_id)).status_code == 201
        assert (await states(coordinator, kept))[("sharing", "partner-centre")] == ("given", True)
        [history] = [
            item["history"]
            for item in (await coordinator.get(f"/intake/persons/{merged}/consents")).json()["items"]
            if item["purpose"] == "sharing"
        ]
        assert [each["id"] for each in history] == [later["id"]]


async def test_what_a_referral_brings_is_put_on_record_once(intake: UnderTest) -> None:
    person, source = await registered(intake), uuid4()
    brought = {"source_id": source, "person_id": person, "purpose": "case-management", "how": "oral"}
    brought |= {"given_by": "person", "on": "2026-11-18", "recipient": None}
    for _ in range(2):
        await intake.deliver("referrals.consent-brought.v1", source, brought)
    async with intake.client("line-nurse") as nurse:
        assert (await states(nurse, person))[("case-management", "")] == ("given", True)
    [fact] = await told(intake, "consent-recorded")
    assert (fact["decision"], fact["since"]) == ("given", "2026-11-17T23:00:00Z")
