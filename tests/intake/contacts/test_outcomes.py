"""What follows from a contact: one request, one tracked orientation, an unmet demand; all of it or nothing."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.intake.contacts.desk import CALL_BACK, ORIENTED, RELAYED, UNMET, Desk
from tests.intake.people import CALL, faults

Open = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.mark.parametrize(
    ("body", "owner"),
    [(CALL, "nobody"), (ORIENTED, "organisation"), (RELAYED, "case-managers"), (CALL_BACK, "line"), (UNMET, "nobody")],
)
async def test_one_call_is_enough_and_says_who_acts_next(open_desk: Open, body: dict[str, Any], owner: str) -> None:
    async with open_desk() as desk:
        made = await desk.record(body, person_id=await desk.person())
        assert (made["next_owner"], made["urgency"]) == (owner, "routine")
        chosen = await desk.record({**CALL, "next_owner": "person", "urgency": "urgent"})
        assert (chosen["next_owner"], chosen["urgency"]) == ("person", "urgent")


async def test_a_caller_is_not_the_person_and_may_be_known_too(open_desk: Open) -> None:
    async with open_desk() as desk:
        person, daughter = await desk.person(), await desk.person("Lucie")
        caller = {"kind": "relative", "relation": "daughter", "person_id": daughter, "organisation": None}
        made = await desk.record(CALL, person_id=person, caller=caller)
        assert (made["caller"], made["person_id"]) == (caller, person)
        gp = {"kind": "professional", "relation": "GP", "person_id": None, "organisation": "centre"}
        assert (await desk.record(CALL, caller=gp))["caller"] == gp
        assert await desk.listed(f"contacts?caller_person_id={daughter}") == [made["id"]]


# Relay


async def test_five_relays_of_a_person_are_one_request(open_desk: Open) -> None:
    async with open_desk() as desk:
        person = await desk.person()
        body = {**RELAYED, "person_id": person}
        answers = await asyncio.gather(*(desk.nurse.post("/intake/contacts", json=body) for _ in range(5)))
        assert [answer.status_code for answer in answers] == [201] * 5
        [request] = await desk.told("case-management-requested")
        assert {answer.json()["request_id"] for answer in answers} == {request["request_id"]}
        assert request["request_id"] in {answer.json()["id"] for answer in answers}
        repeated = await desk.told("relay-repeated")
        assert [fact["request_id"] for fact in repeated] == [request["request_id"]] * 4
        assert len(await desk.told("contact-recorded")) == 5


async def test_a_relay_of_somebody_else_is_a_request_of_its_own(open_desk: Open) -> None:
    async with open_desk() as desk:
        for given in ("Odette", "Marcel"):
            await desk.record(RELAYED, person_id=await desk.person(given))
        assert len({fact["request_id"] for fact in await desk.told("case-management-requested")}) == 2


@pytest.mark.parametrize("ending", ["case-closed", "case-declined"])
async def test_a_relay_after_the_case_is_over_is_a_new_request(open_desk: Open, ending: str) -> None:
    async with open_desk() as desk:
        person = await desk.person()
        first = await desk.record(RELAYED, person_id=person)
        case = await desk.case(first["id"])
        repeated = await desk.record(RELAYED, person_id=person, urgency="urgent")
        assert repeated["request_id"] == first["id"]
        assert [fact["urgency"] for fact in await desk.told("relay-repeated")] == ["urgent"]
        await desk.intake.deliver(f"cases.{ending}.v1", UUID(case), {"case_id": case})
        again = await desk.record(RELAYED, person_id=person)
        assert again["request_id"] == again["id"]
        assert len(await desk.told("case-management-requested")) == 2


# Orientation


async def test_an_orientation_shows_what_became_of_its_referral(open_desk: Open) -> None:
    async with open_desk() as desk:
        made = await desk.record(ORIENTED, urgency="urgent")
        assert (await desk.told("orientation-requested"))[0]["urgency"] == "urgent"
        path, outgoing = f"/intake/contacts/{made['id']}", uuid4()
        assert (await desk.read(path))["orientation"] is None
        begun = {"outgoing_id": outgoing, "organisation": "centre", "contact_id": made["id"]}
        steps: list[tuple[str, dict[str, Any], str]] = [
            ("outgoing-prepared", begun, "prepared"),
            ("outgoing-sent", begun, "sent"),
            ("outgoing-answered", {"outgoing_id": outgoing, "state": "accepted"}, "accepted"),
            ("outgoing-progressed", {"outgoing_id": outgoing, "state": "case-opened"}, "case-opened"),
            ("service-status-changed", {"outgoing_id": outgoing, "status": "used"}, "case-opened"),
            ("outgoing-closed", {"outgoing_id": outgoing, "achieved": True}, "closed"),
            ("outgoing-expired", {"outgoing_id": outgoing}, "expired"),
            ("outgoing-cancelled", {"outgoing_id": outgoing}, "cancelled"),
        ]
        for fact, data, state in steps:
            await desk.intake.deliver(f"referrals.{fact}.v1", outgoing, data)
            assert (await desk.read(path))["orientation"]["state"] == state
        assert (await desk.read(path))["orientation"]["service_status"] == "used"


async def test_a_referral_that_no_contact_led_to_is_none_of_ours(open_desk: Open) -> None:
    async with open_desk() as desk:
        outgoing = uuid4()
        await desk.intake.deliver(
            "referrals.outgoing-sent.v1", outgoing, {"outgoing_id": outgoing, "organisation": "centre"}
        )
        done = {"outgoing_id": outgoing, "achieved": False}
        await desk.intake.deliver("referrals.outgoing-closed.v1", outgoing, done)
        async with desk.intake.app.state.database.raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM orientation") == 0


# Nobody could help


async def test_an_unmet_demand_is_told_in_codes_alone(open_desk: Open) -> None:
    async with open_desk() as desk:
        person = await desk.person(address={"nis_code": "62063", "city": "Liège"})
        made = await desk.record(UNMET, person_id=person)
        assert await desk.told("demand-unmet") == [
            {
                "contact_id": made["id"],
                "topics": ["need.food", "need"],
                "commune": "62063",
                "reason": "at-capacity",
                "declined_by": "centre",
            }
        ]


# All or nothing


async def test_what_fails_late_leaves_nothing(open_desk: Open) -> None:
    async with open_desk() as desk:
        person = await desk.person()
        before = await desk.intake.types()
        answer = await desk.nurse.post(
            "/intake/contacts", json={**RELAYED, "person_id": person, "answers_callback_id": str(uuid4())}
        )
        assert (answer.status_code, faults(answer)) == (422, {("/answers_callback_id", "unknown")})
        assert (await desk.read("/intake/contacts"))["items"] == []
        assert await desk.intake.types() == before
        assert (await desk.record(RELAYED, person_id=person))["request_id"] is not None


async def test_a_note_of_a_megabyte_is_refused_clearly(open_desk: Open) -> None:
    async with open_desk() as desk:
        for size, status in ((1_100_000, 413), (500_000, 422)):
            answer = await desk.nurse.post("/intake/contacts", json={**CALL, "note": "x" * size})
            assert answer.status_code == status
            assert answer.json()["code"] in ("body-too-large", "invalid-input")
        assert await desk.intake.types() == []


# The call list


async def test_the_call_list_is_narrowed_by_day_agent_kind_channel_topic_and_open_call_back(open_desk: Open) -> None:
    async with open_desk() as desk:
        yesterday = {"started_at": "2026-11-19T23:30:00Z", "ended_at": "2026-11-19T23:35:00Z"}
        day_before = {"started_at": "2026-11-19T22:30:00Z", "ended_at": "2026-11-19T22:35:00Z"}
        late = await desk.record(CALL, **day_before, channel="email")
        night = await desk.record(CALL, **yesterday, topics=["rights.work", "care"], caller={"kind": "patient"})
        owed = await desk.record(CALL_BACK, started_at="2026-11-20T08:00:00Z", topics=["rights"])
        async with desk.intake.client("line-nurse", sub="nurse-two") as colleague:
            answer = await colleague.post("/intake/contacts", json=CALL)
            other = answer.json()
        assert await desk.listed("contacts?on=2026-11-20") == [other["id"], owed["id"], night["id"]]
        assert await desk.listed("contacts?on=2026-11-19") == [late["id"]]
        assert await desk.listed("contacts?agent=nurse-two") == [other["id"]]
        assert await desk.listed("contacts?caller_kind=patient") == [night["id"]]
        assert await desk.listed("contacts?channel=email") == [late["id"]]
        assert await desk.listed("contacts?topic=rights") == [owed["id"], night["id"]]
        assert await desk.listed("contacts?topic=rights.work&on=2026-11-20") == [night["id"]]
        assert await desk.listed("contacts?topic=care", limit=1) == [other["id"], night["id"], late["id"]]
        assert await desk.listed("contacts?open_call_back=true") == [owed["id"]]
        for wrong in ("topic=weather", "on=today", "channel=pigeon", "caller_kind=dog"):
            assert (await desk.nurse.get(f"/intake/contacts?{wrong}")).status_code == 422
