"""What the tests of copies do: ask for one, let the services answer, and read it."""

from typing import Any

import httpx

from shared.testing.harness import UnderTest

OFFICER = "coordinator"
ASKED = {"asked_by": "person", "language": "fr"}
OTHERS = ("referrals", "assessment", "cases", "scheduler")
AWAY = "another service's row"


def record_of(service: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """What another service answers."""
    names = {"fr": "Notes", "nl": "Nota's", "de": "Notizen", "en": "Notes"}
    table = {"table": "note", "labels": names, "source": "staff", "recipient": None, "rows": list(rows)}
    return {
        **{"service": service, "made_at": "2026-11-20T09:30:00Z", "purpose": names, "retention": names},
        **{"tables": [table] if rows else [], "words": {"note": names}, "accesses": []},
    }


def answering(intake: UnderTest, person: str, *services: str, **rows: dict[str, Any]) -> None:
    """Let these services answer about a person."""
    for each in services or OTHERS:
        said = [rows[each]] if each in rows else []
        intake.neighbours.answers[f"/{each}/subjects/{person}/record"] = record_of(each, *said)


async def asked(client: httpx.AsyncClient, person: str, **more: Any) -> dict[str, Any]:
    """A request that is taken."""
    answer = await client.post(f"/intake/persons/{person}/exports", json={**ASKED, **more})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"].endswith(answer.json()["id"])
    found: dict[str, Any] = answer.json()
    return found


async def collected(intake: UnderTest) -> None:
    """Let everything that is due be asked for."""
    await intake.tick()
