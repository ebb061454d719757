"""The routes of the contacts, on a real database."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

from services.intake.domain.outcome import OWNERS, REASONS, Why
from services.intake.domain.topics import SENSITIVE, TOPICS, told
from services.intake.events import Outcome
from shared.testing.harness import UnderTest
from tests.intake.people import CALL, faults, registered
from tests.intake.people import told as announced

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

RELAYED: dict[str, Any] = {**CALL, "outcome": "relayed", "reason": "social-complexity", "urgency": "urgent"}
ORIENTED: dict[str, Any] = {
    **CALL,
    "outcome": "oriented",
    "reason": "service-covers-need",
    "organisation": "centre",
}


async def test_an_anonymous_question_is_a_contact(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        made = await nurse.post("/intake/contacts", json=CALL)
        assert made.status_code == 201, made.text
        contact = made.json()
        assert (contact["person_id"], contact["discipline"]) == (None, "nurse")
        assert contact["agent"]
        assert (await nurse.get(made.headers["location"])).json() == contact
        assert await intake.announced() == [
            (
                "intake.contact-recorded.v1",
                {
                    "contact_id": contact["id"],
                    "person_id": None,
                    "direction": "inbound",
                    "outcome": "answered",
                    "topics": ["care.medication"],
                },
            )
        ]


async def test_a_relayed_contact_asks_for_a_case_manager_after_it_is_told(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake)
        contact = (await nurse.post("/intake/contacts", json={**RELAYED, "person_id": person})).json()
        assert (await intake.types())[1:] == ["intake.contact-recorded.v1", "intake.case-management-requested.v1"]
        assert await announced(intake, "case-management-requested") == [
            {"request_id": contact["id"], "person_id": person, "urgency": "urgent"}
        ]


async def test_an_oriented_contact_asks_the_organisation(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        contact = (await nurse.post("/intake/contacts", json=ORIENTED)).json()
        assert await intake.types() == ["intake.contact-recorded.v1", "intake.orientation-requested.v1"]
        assert await announced(intake, "orientation-requested") == [
            {
                "contact_id": contact["id"],
                "person_id": None,
                "organisation": "centre",
                "topics": ["care.medication"],
                "urgency": "routine",
            }
        ]


async def test_a_repeated_post_with_its_key_is_the_same_contact_and_one_request(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        body = {**RELAYED, "person_id": await registered(intake)}
        key = {"idempotency-key": "call-0001"}
        answers = await asyncio.gather(*(nurse.post("/intake/contacts", json=body, headers=key) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert len(await announced(intake, "case-management-requested")) == 1
        assert len(await announced(intake, "contact-recorded")) == 1


IMPOSSIBLE: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"mood": "calm"}, ("/mood", "unknown-field")),
    ({"agent": "somebody"}, ("/agent", "unknown-field")),
    ({"direction": "sideways"}, ("/direction", "not-one-of")),
    ({"channel": "pigeon"}, ("/channel", "not-one-of")),
    ({"caller": {"kind": "dog"}}, ("/caller/kind", "not-one-of")),
    ({"caller": {"kind": "other", "phone": "1"}}, ("/caller/phone", "unknown-field")),
    ({"topics": ["weather"]}, ("/topics/0", "not-one-of")),
    ({"language": "french"}, ("/language", "wrong-format")),
    ({"note": "x" * 20_001}, ("/note", "too-long")),
    ({"note": 5}, ("/note", "wrong-type")),
    ({"reason": None}, ("/reason", "not-one-of")),
    ({"reason": "at-capacity"}, ("/reason", "not-one-of")),
    ({"outcome": "shrugged"}, ("/outcome", "not-one-of")),
    (
        {"next_owner": "case-managers", "outcome": "call-back", "reason": "interrupted"},
        ("/next_owner", "not-with-this-outcome"),
    ),
    ({"next_owner": "boss"}, ("/next_owner", "not-one-of")),
    ({"declined_by": "centre"}, ("/declined_by", "not-with-this-outcome")),
    ({"heard_from": "a friend"}, ("/heard_from", "not-one-of")),
    ({"caller": {"kind": "relative", "organisation": "centre"}}, ("/caller/organisation", "not-with-this-caller")),
    ({"caller": {"kind": "patient", "person_id": str(uuid4())}}, ("/caller/person_id", "unknown")),
    ({"answers_callback_id": str(uuid4())}, ("/answers_callback_id", "unknown")),
    ({"call_back": {"due_at": "2026-11-20T09:00:00Z"}}, ("/call_back/due_at", "in-past")),
    ({"call_back": {"due_at": "2027-12-20T09:00:00Z"}}, ("/call_back/due_at", "out-of-range")),
    ({"call_back": {"phone": "hello"}}, ("/call_back/phone", "phone-number")),
    ({"started_at": "1999-11-20T09:00:00Z"}, ("/started_at", "out-of-range")),
    ({"started_at": "2026-11-18T09:00:00Z"}, ("/ended_at", "too-long")),
    ({"organisation": "centre"}, ("/organisation", "not-with-this-outcome")),
    ({**ORIENTED, "organisation": None}, ("/organisation", "required")),
    (RELAYED, ("/person_id", "required")),
    ({**RELAYED, "urgency": None}, ("/urgency", "required")),
    ({"person_id": str(uuid4())}, ("/person_id", "unknown")),
    ({"started_at": "2026-11-20T09:00:00"}, ("/started_at", "naive-time")),
    ({"ended_at": "2026-11-20T08:59:59Z"}, ("/ended_at", "before-start")),
    ({"ended_at": "2026-11-20T09:31:00Z"}, ("/ended_at", "in-future")),
    ({"started_at": "2026-11-21T09:00:00Z", "ended_at": "2026-11-21T09:01:00Z"}, ("/started_at", "in-future")),
]
"""What cannot be about a contact, and the fault that says so."""


async def test_an_impossible_contact_is_refused(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        for change, fault in IMPOSSIBLE:
            answer = await nurse.post("/intake/contacts", json={**CALL, **change})
            assert (answer.status_code, fault in faults(answer)) == (422, True), (fault, answer.text)
        assert await intake.types() == []


async def test_a_contact_without_a_reason_is_refused(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        answer = await nurse.post("/intake/contacts", json={name: CALL[name] for name in CALL if name != "reason"})
        assert (answer.status_code, faults(answer)) == (422, {("/reason", "required")})


async def test_a_clock_a_little_ahead_is_no_future(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        ahead = {**CALL, "ended_at": "2026-11-20T09:30:20Z"}
        assert (await nurse.post("/intake/contacts", json=ahead)).status_code == 201


async def test_a_person_of_another_programme_is_unknown_here(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse", org_id="other") as stranger:
        answer = await stranger.post("/intake/contacts", json={**RELAYED, "person_id": await registered(intake)})
        assert (answer.status_code, faults(answer)) == (422, {("/person_id", "unknown")})


async def test_only_the_line_records_contacts(run_service: Run) -> None:
    async with run_service("intake") as intake:
        for persona in ["coordinator", "case-manager-nurse", "hospital-chu", "analyst"]:
            async with intake.client(persona) as other:
                assert (await other.post("/intake/contacts", json=CALL)).status_code == 403


async def test_contacts_are_listed_latest_first_by_person_and_outcome(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake)
        made = []
        for number, body in enumerate([CALL, {**CALL, "person_id": person}, {**RELAYED, "person_id": person}, CALL]):
            timed = {**body, "started_at": f"2026-11-20T08:0{number}:00Z"}
            made.append((await nurse.post("/intake/contacts", json=timed)).json()["id"])

        async def listed(query: str) -> list[str]:
            found: list[str] = []
            cursor = ""
            while True:
                page = (await nurse.get(f"/intake/contacts?limit=2{query}{cursor}")).json()
                found += [item["id"] for item in page["items"]]
                if not page["next"]:
                    return found
                cursor = f"&cursor={page['next']}"

        assert await listed("") == made[::-1]
        assert await listed(f"&person_id={person}") == [made[2], made[1]]
        assert await listed("&outcome=relayed") == [made[2]]
        first = (await nurse.get("/intake/contacts")).json()["items"][0]
        assert "note" not in first
        assert (await nurse.get("/intake/contacts?name=Lambert")).status_code == 422


async def test_another_organisation_sees_no_contact_of_ours(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        made = await nurse.post("/intake/contacts", json=CALL)
        async with intake.client("coordinator", org_id="other") as stranger:
            assert (await stranger.get("/intake/contacts")).json()["items"] == []
            assert (await stranger.get(made.headers["location"])).status_code == 404
        async with intake.client("case-manager-nurse") as manager:
            assert (await manager.get(made.headers["location"])).status_code == 403


async def test_a_sensitive_need_is_kept_but_told_by_its_root_alone(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        topics = ["need.addiction", "need.housework", "need.sexuality"]
        made = await nurse.post("/intake/contacts", json={**ORIENTED, "topics": topics})
        assert made.json()["topics"] == topics
        facts = [data["topics"] for _, data in await intake.announced()]
        assert facts == [["need", "need.housework"]] * 2


def test_every_reason_goes_with_an_outcome_and_every_outcome_has_one() -> None:
    assert set(REASONS) == set(Outcome)
    assert set().union(*REASONS.values()) == set(Why)
    assert all(REASONS.values())
    assert set(OWNERS) == set(Outcome)
    assert all(OWNERS.values())


def test_no_sensitive_topic_is_ever_told() -> None:
    assert SENSITIVE < TOPICS
    assert not SENSITIVE & set(told(sorted(TOPICS)))
    assert set(told(sorted(TOPICS))) == TOPICS - SENSITIVE
