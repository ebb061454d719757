"""The scheduler under test, with the database's clock in the test's hands."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from shared.inbox import Outcome
from shared.testing.harness import UnderTest

HOUSING, MONEY = UUID(int=1), UUID(int=2)
ITEMS = [{"task_id": HOUSING, "domain": "housing"}, {"task_id": MONEY, "domain": "money"}]
FOUND = {
    "on": "2026-11-20",
    "items": [{"task_id": str(HOUSING), "status": "in-place"}, {"task_id": str(MONEY), "status": "lost"}],
}
OLD = date(2026, 10, 20)
"""A closing whose first follow-up is due on the day on which the test's clock stands: 20 November 2026, a Friday."""


@dataclass
class Scheduler:
    """What the tests do with the service."""

    running: UnderTest
    owner_url: str
    person: UUID = field(default_factory=uuid4)

    async def set_time(self, at: datetime) -> None:
        """Set the service's clock and the database's."""
        self.running.clock.at = at
        await self.set_database_time(at)

    async def set_database_time(self, at: datetime) -> None:
        """Set the clock that timers go by, as the owner of the database."""
        connection = await asyncpg.connect(self.owner_url.replace("+asyncpg", ""))
        try:
            await connection.execute(
                "CREATE OR REPLACE FUNCTION relais_now() RETURNS timestamptz LANGUAGE sql STABLE "
                f"AS $$ SELECT timestamptz '{at.astimezone(UTC).isoformat()}' $$"
            )
        finally:
            await connection.close()

    async def close(self, case_id: UUID, closed_on: date = OLD, version: int | None = None, **changed: Any) -> Outcome:
        """Deliver the closing of a case."""
        data = {"case_id": case_id, "person_id": self.person, "closed_on": closed_on, "reason": "goals-met"}
        data |= {"items": ITEMS, **changed}
        return await self.running.deliver("cases.case-closed.v1", case_id, data, version)

    async def reopen(self, case_id: UUID, version: int | None = None) -> Outcome:
        """Deliver the reopening of a case."""
        return await self.running.deliver("cases.case-reopened.v1", case_id, {"case_id": str(case_id)}, version)

    async def contact(self, person_id: UUID | None, direction: str = "inbound") -> Outcome:
        """Deliver a contact."""
        contact = uuid4()
        data = {"contact_id": contact, "person_id": person_id, "direction": direction, "outcome": "answered"}
        return await self.running.deliver("intake.contact-recorded.v1", contact, data)

    async def of_case(self, case_id: UUID) -> list[dict[str, Any]]:
        """The follow-ups of a case, as the line's nurse reads them."""
        async with self.running.client("line-nurse") as nurse:
            answer = await nurse.get("/scheduler/follow-ups", params={"case_id": str(case_id)})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def one_due(self) -> str:
        """The path of a follow-up that is due."""
        case_id = uuid4()
        await self.close(case_id)
        await self.running.tick()
        return f"/scheduler/follow-ups/{(await self.of_case(case_id))[0]['id']}"

    async def told(self, follow_up: str) -> list[str]:
        """The facts about one follow-up so far, without their service and version."""
        facts = await self.running.announced()
        wanted = follow_up.rsplit("/", 1)[-1]
        return [name.split(".")[1] for name, data in facts if data.get("follow_up_id") == wanted]


async def step(client: httpx.AsyncClient, path: str, name: str, body: Any) -> httpx.Response:
    """Take a named step on the follow-up as it is now."""
    tag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{name}", json=body, headers={"if-match": tag})


def attempt(outcome: str, at: str = "2026-11-20T09:15:00Z", **more: Any) -> dict[str, Any]:
    """The report of a call."""
    return {"at": at, "channel": "call", "outcome": outcome, **more}
