"""Invented people for the tests: valid numbers that no register gave out, and what hospitals say of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from shared.inbox import Outcome
from shared.testing.harness import UnderTest

RECEIVED = "referrals.referral-received.v1"

ODETTE: dict[str, Any] = {
    "family_name": "Lambert",
    "given_names": "Odette",
    "birth_date": "1950-02-03",
}

CALL: dict[str, Any] = {
    "direction": "inbound",
    "channel": "call",
    "caller": {"kind": "relative", "relation": "daughter"},
    "started_at": "2026-11-20T09:00:00Z",
    "ended_at": "2026-11-20T09:12:00Z",
    "language": "fr",
    "topics": ["care.medication"],
    "note": "Asked about the pill box.",
    "outcome": "answered",
    "reason": "information-given",
}


def niss_of(year: int, month: int, day: int, sequence: int, shift: int = 0) -> str:
    """A NISS by the rule of the national register; `shift` 20 or 40 makes a BIS number."""
    nine = f"{year % 100:02}{month + shift:02}{day:02}{sequence:03}"
    counted = int(("2" if year >= 2000 else "") + nine)
    return f"{nine}{97 - counted % 97:02}"


def is_niss(number: str, today: date) -> bool:
    """The same rule read the other way: our own verdict, to hold against the product's."""
    if len(number) != 11 or not number.isdigit():
        return False
    months = {shift + month for shift in (0, 20, 40) for month in range(13)}
    nine, check = number[:9], int(number[9:])
    centuries = [nine] + (["2" + nine] if 2000 + int(nine[:2]) <= today.year else [])
    return int(nine[2:4]) in months and any(97 - int(each) % 97 == check for each in centuries)


async def receive(
    intake: UnderTest, person: dict[str, Any], sender: str = "chu", referral_id: UUID | None = None
) -> tuple[UUID, Outcome]:
    """Let a referral about this person arrive."""
    referral_id = referral_id or uuid4()
    intake.neighbours.answers[f"/referrals/{referral_id}/demographics"] = {"person": person, "sender": sender}
    data = {"referral_id": referral_id, "sender": sender, "urgency": "routine", "factors": [], "sheets": 0}
    return referral_id, await intake.deliver(RECEIVED, referral_id, data)


async def told(intake: UnderTest, event_type: str) -> list[dict[str, Any]]:
    """The data of every fact of one type so far."""
    return [data for kind, data in await intake.announced() if kind == f"intake.{event_type}.v1"]


async def registered(intake: UnderTest, person: dict[str, Any] = ODETTE, **more: Any) -> str:
    """The id of a person whom the line's nurse registers."""
    async with intake.client("line-nurse") as nurse:
        answer = await nurse.post("/intake/persons", json={**person, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def followed(intake: UnderTest, person_id: str) -> UUID:
    """A case of the person, as cases tells it: whose team follows her sees her record."""
    case_id = uuid4()
    opened = {"case_id": case_id, "person_id": person_id, "urgency": "routine", "origin_kind": "referral"}
    await intake.deliver("cases.case-opened.v1", case_id, {**opened, "origin_id": uuid4()})
    return case_id


def faults(answer: Any) -> set[tuple[str, str]]:
    """Pointer and code of each fault in a problem."""
    return {(fault["pointer"], fault["code"]) for fault in answer.json().get("errors", [])}


def grades(items: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Grade by person of what a search found."""
    return {item["person"]["id"]: item["grade"] for item in items}
