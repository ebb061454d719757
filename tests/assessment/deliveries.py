"""What the neighbours of assessment send and answer, for its tests."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from shared.ids import new_id
from shared.inbox import Outcome
from shared.testing.harness import UnderTest

COMPLETED = "assessment.sheet-completed.v1"
REJECTED = "assessment.sheet-rejected.v1"
ASSESSED = "assessment.complexity-assessed.v1"
PUBLISHED = "assessment.instrument-published.v1"

REASONS = {"declined": "refused", "unknown": "unknown", "not_applicable": "not-applicable"}


Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


def filled(answers: Any, **given: Any) -> dict[str, Any]:
    """A sheet as a hospital pushes it."""
    return {
        "identifier": "s1",
        "instrument": "eladeb-r",
        "edition": "2011",
        "filled_on": "2026-11-12",
        "rater": "self",
        "language": "fr",
        "answers": answers,
        **given,
    }


def as_compact(long: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The compact map of a long list, written after the table of the instruments page, section 2.4."""

    def value(answer: dict[str, Any]) -> int | None:
        return 0 if answer.get("presence") is False else answer.get("level")

    found = {}
    for entry in long:
        need = entry.get("need") or {}
        card = {"difficulty": value(entry["difficulty"]), "need": value(need)}
        sources = {"sources": need["sources"]} if need.get("sources") else {}
        reason = entry["difficulty"].get("absent_reason") or need.get("absent_reason")
        absent = {"absent": REASONS[reason]} if reason in REASONS else {}
        found[entry["domain"]] = {**card, **sources, **absent}
    return found


async def receive(
    service: UnderTest, sheets: Sequence[Any] = (), factors: Sequence[str] = (), referral_id: UUID | None = None
) -> UUID:
    """A referral with these sheets and factors comes in and is handled; its id."""
    referral_id = referral_id or new_id()
    outcome = await deliver_referral(service, referral_id, sheets, factors)
    assert outcome is Outcome.HANDLED
    return referral_id


async def deliver_referral(
    service: UnderTest, referral_id: UUID, sheets: Sequence[Any], factors: Sequence[str] = (), version: int = 1
) -> Outcome:
    """The event of a referral, and what there is to pull."""
    pushed = {"sheets": list(sheets), "factors": list(factors), "discharge_on": None}
    service.neighbours.answers[f"/referrals/{referral_id}/sheets"] = pushed
    data = {
        "referral_id": referral_id,
        "sender": "chu",
        "urgency": "routine",
        "factors": list(factors),
        "sheets": len(sheets),
    }
    return await service.deliver("referrals.referral-received.v1", referral_id, data, version)


async def identify(service: UnderTest, referral_id: UUID, person_id: UUID, version: int = 1) -> Outcome:
    """intake says whom a referral is about; the identification has the referral's id, and versions of its own."""
    data = {"referral_id": referral_id, "person_id": person_id, "certainty": "certain"}
    return await service.deliver("intake.person-identified.v1", referral_id, data, version)


async def told(service: UnderTest, event_type: str) -> list[dict[str, Any]]:
    """The facts of one type so far."""
    found = [data for told_type, data in await service.announced() if told_type == event_type]
    return [json.loads(data) if isinstance(data, str) else data for data in found]


async def read(service: UnderTest, path: str, persona: str = "coordinator") -> Any:
    """What a persona reads there."""
    async with service.client(persona) as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()
