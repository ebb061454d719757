"""What people say to each purpose, and the one place where a test gives a service a consent."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.inbox import Outcome
from shared.testing.harness import UnderTest

RECORDED = "intake.consent-recorded.v1"
LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)

SHARING: dict[str, Any] = {
    "purpose": "sharing",
    "recipient": "partner-centre",
    "decision": "given",
    "how": "oral",
    "witness_note": "Dit oui au téléphone, sa fille écoutait.",
    "text_version": "2026-1",
    "language": "fr",
    "given_by": "person",
    "at": "2026-11-18T09:00:00Z",
}


def word(purpose: str, decision: str = "given", **more: Any) -> dict[str, Any]:
    """A word to another purpose."""
    said = {**SHARING, "purpose": purpose, "decision": decision, **more}
    return said if purpose == "sharing" else {name: value for name, value in said.items() if name != "recipient"}


async def say(client: httpx.AsyncClient, person_id: str, said: dict[str, Any]) -> dict[str, Any]:
    """Put a word on record that can be."""
    answer = await client.post(f"/intake/persons/{person_id}/consents", json=said)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def withdraw(client: httpx.AsyncClient, consent_id: str, **more: Any) -> httpx.Response:
    """Take a consent back."""
    return await client.post(f"/intake/consents/{consent_id}/withdrawal", json=more)


async def hear(
    service: UnderTest,
    person_id: str | UUID,
    purpose: str,
    decision: str = "given",
    *,
    about: str = "",
    minutes: int = 0,
    consent_id: UUID | None = None,
) -> Outcome:
    """Tell a service what a person said, as intake does; `minutes` after the first word."""
    consent_id = consent_id or uuid4()
    data = {
        "consent_id": consent_id,
        "person_id": person_id,
        "purpose": purpose,
        "recipient": about if purpose == "sharing" else None,
        "channel": about if purpose == "channel" else None,
        "decision": decision,
        "since": LONG_AGO + timedelta(minutes=minutes),
    }
    return await service.deliver(RECORDED, consent_id, data)
