"""What the tests of the contacts do with the service."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from shared.testing.harness import UnderTest
from tests.intake.people import CALL, registered, told

RELAYED: dict[str, Any] = {**CALL, "outcome": "relayed", "reason": "social-complexity", "urgency": "routine"}
ORIENTED: dict[str, Any] = {**CALL, "outcome": "oriented", "reason": "service-covers-need", "organisation": "centre"}
CALL_BACK: dict[str, Any] = {**CALL, "outcome": "call-back", "reason": "information-to-find"}
UNMET: dict[str, Any] = {
    **CALL,
    "topics": ["need.food", "need.addiction"],
    "outcome": "no-one-could-help",
    "reason": "at-capacity",
    "declined_by": "centre",
}


@dataclass
class Desk:
    """The service, a nurse's client, and the clocks."""

    intake: UnderTest
    nurse: httpx.AsyncClient
    owner_url: str

    async def set_time(self, at: datetime) -> None:
        """Set the service's clock and the database's."""
        self.intake.clock.at = at
        connection = await asyncpg.connect(self.owner_url.replace("+asyncpg", ""))
        try:
            await connection.execute(
                "CREATE OR REPLACE FUNCTION relais_now() RETURNS timestamptz LANGUAGE sql STABLE "
                f"AS $$ SELECT timestamptz '{at.astimezone(UTC).isoformat()}' $$"
            )
        finally:
            await connection.close()

    async def record(self, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Record a contact."""
        answer = await self.nurse.post("/intake/contacts", json={**body, **more})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def read(self, path: str) -> dict[str, Any]:
        """What a path answers."""
        answer = await self.nurse.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def post(self, path: str, body: dict[str, Any] | None = None, version: int = 1) -> httpx.Response:
        """A step on a record in this version."""
        return await self.nurse.post(path, json=body, headers={"if-match": f'"{version}"'})

    async def listed(self, query: str, limit: int = 2) -> list[str]:
        """The ids in a list, page by page."""
        found: list[str] = []
        cursor = ""
        while True:
            page = await self.read(f"/intake/{query}{'&' if '?' in query else '?'}limit={limit}{cursor}")
            found += [item["id"] for item in page["items"]]
            if not page["next"]:
                return found
            cursor = f"&cursor={page['next']}"

    async def person(self, given: str = "Odette", **more: Any) -> str:
        """Somebody who is in the index."""
        return await registered(self.intake, {"family_name": "Lambert", "given_names": given}, **more)

    async def told(self, fact: str) -> list[dict[str, Any]]:
        """The data of every fact of one type so far."""
        return await told(self.intake, fact)

    async def case(self, request_id: str) -> str:
        """Let cases open a case for a request."""
        case_id = uuid4()
        data = {"case_id": case_id, "origin_kind": "contact", "origin_id": request_id, "person_id": None}
        await self.intake.deliver("cases.case-opened.v1", case_id, {**data, "urgency": "routine"})
        return str(case_id)
