"""Somebody with every role and no link: what they are told when they ask for everything that can be read."""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import true

from services.referrals.store import related as referrals_related
from services.scheduler.store import related as scheduler_related
from shared.access import May, rules_of
from shared.relationships import asked, links
from shared.testing.harness import UnderTest

PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
STAFF = ("line-nurse", "case-manager-nurse", "case-manager-social-worker", "coordinator")
JSON = {"accept": "application/json, */*;q=0.5"}


async def forget_everybody(running: UnderTest) -> None:
    """Nobody is related to anybody any more."""
    running.known_to = ()
    async with running.app.state.database.raw() as connection:
        await connection.execute("DELETE FROM relationship")


async def denied(running: UnderTest) -> list[str]:
    """Why requests were refused so far, in order."""
    async with running.app.state.database.raw() as connection:
        query = "SELECT reason FROM audit_record WHERE status = 404 AND outcome = 'refused' ORDER BY id"
        return [row["reason"] for row in await connection.fetch(query)]


async def exclude(running: UnderTest, person_id: object, organisation: str = "relais", **more: Any) -> None:
    """intake tells that a person excludes an organisation, or one of its people, since the day before."""
    said = {"exclusion_id": person_id, "person_id": person_id, "organisation": organisation, "worker": ""}
    said |= {"since": "2026-11-01T00:00:00Z", "until": None, **more}
    await running.deliver("intake.exclusion-changed.v1", person_id, said)  # type: ignore[arg-type]


async def break_glass(
    running: UnderTest, client: httpx.AsyncClient, subject_id: object, reason: str = "urgent-care"
) -> dict[str, str]:
    """Emergency access, as the header of the requests that need it."""
    said = {"subject_id": str(subject_id), "reason": reason, "text": "Trouvée inconsciente chez elle."}
    answer = await client.post(f"/{running.service.name}/break-glass", json=said)
    assert answer.status_code == 201, answer.text
    return {"break-glass": str(answer.json()["id"])}


def paths(running: UnderTest, ids: Sequence[str], queries: Sequence[str]) -> Iterator[str]:
    """Every path that can be read, with each of these ids in it, and every list with each of these queries."""
    for route in iter_route_contexts(running.app.routes):
        rules = list(rules_of(route.dependant)) if route.dependant else []
        if "GET" not in (route.methods or ()) or not any(isinstance(rule, May) for rule in rules):
            continue
        names = PARAMETER.findall(str(route.path))
        for values in product(ids, repeat=len(names)):
            path = str(route.path)
            for name, value in zip(names, values, strict=True):
                path = re.sub(rf"{{{name}(:\w+)?}}", value, path)
            yield path
            yield from (f"{path}?{query}" for query in queries)


async def told(
    running: UnderTest, secrets: set[str], ids: Sequence[str], queries: Sequence[str], roles: Sequence[str] = STAFF
) -> list[str]:
    """The paths whose answers name any of these secrets to somebody of our staff."""
    found = []
    for role in roles:
        async with running.client(role) as client:
            for path in paths(running, ids, queries):
                answer = await client.get(path, headers=JSON)
                said = answer.text.replace(path.partition("?")[2], "")
                named = {each for each in secrets if each in said and each not in path}
                if answer.is_success and named:
                    found.append(f"{role} {path}")
    return found


def without_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: everybody is related to everybody."""
    for module in (asked, links, scheduler_related, referrals_related):
        monkeypatch.setattr(module, "linked", lambda *_: true())
