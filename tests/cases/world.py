"""A programme at work, as the tests of cases see it: opened cases, and the steps that move them on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from shared.ids import new_id
from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.security.consent.saying import hear

TODAY = "2026-11-20"
YESTERDAY = "2026-11-19"
TOMORROW = "2026-11-21"

ASSIGNMENT = {
    "worker": "case-manager-nurse",
    "discipline": "nurse",
    "next_step": {"kind": "home-visit", "due_on": "2026-11-27"},
}
VISIT = {"kind": "home-visit", "status": "done", "on": TODAY, "minutes": 60, "travel_minutes": 40, "km": "12.50"}
TASK = {
    "title": "Demander un logement social",
    "domain": "living_place",
    "organisation": "centre",
    "assignee": "partner",
    "due_on": "2026-12-15",
}
LINE_TASK = {**TASK, "title": "Rappeler la mutualité", "domain": "finances", "assignee": "line", "due_on": "2026-12-01"}
PLAN: dict[str, Any] = {
    "goals": [{"text": "Rester chez moi", "domain": "living_place"}],
    "needs": [{"text": "Un logement sans escalier", "domain": "living_place"}],
    "resources": [{"text": "Ma nièce passe le dimanche", "domain": "family"}],
    "tasks": [TASK, LINE_TASK],
    "person_words": "Je veux rester chez moi avec mon chat.",
}
AGREEMENT = {"plan_version": 1, "agreed_by": "person", "how": "oral", "on": TODAY}
COMPLETION = {"on": TODAY, "evidence": "Lettre de la société de logement"}
CLOSURE = {"closed_on": TODAY, "reason": "goals-reached", "summary": "Tout est en place."}
DECLINE = {"reason": "not-complex", "onward_path": "Le centre de coordination prend le relais."}


ACCEPTED = "referrals.referral-accepted.v1"
REQUESTED = "intake.case-management-requested.v1"
IDENTIFIED = "intake.person-identified.v1"
CANCELLATION = "referrals.cancellation-requested.v1"
CANCELLED = "referrals.referral-cancelled.v1"
FOR_CASE_MANAGEMENT = {ACCEPTED, REQUESTED, IDENTIFIED}
COMPLETED = "scheduler.follow-up-completed.v1"
UNREACHABLE = "scheduler.person-unreachable.v1"


def named(answer: httpx.Response) -> list[tuple[str, str]]:
    """The faults of a refused input, as (pointer, code)."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return [(fault["pointer"], fault["code"]) for fault in answer.json().get("errors", [])]


def accepted(referral_id: UUID, person_id: UUID | None = None) -> dict[str, Any]:
    """What referrals tells of an accepted referral."""
    return {"referral_id": referral_id, "person_id": person_id, "urgency": "urgent"}


def identified(referral_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What intake tells of a known person."""
    return {"referral_id": referral_id, "person_id": person_id, "certainty": "certain"}


def called(case_id: str, items: dict[str, str], kind: str = "one-month") -> dict[str, Any]:
    """What the scheduler tells of a follow-up call that was made."""
    found = [{"task_id": task_id, "status": status} for task_id, status in items.items()]
    follow_up = {"follow_up_id": new_id(), "kind": kind, "person_id": None}
    return {**follow_up, "case_id": case_id, "items": found}


@dataclass
class World:
    """The service, and somebody who uses it."""

    service: UnderTest
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)

    def as_(self, persona: str) -> httpx.AsyncClient:
        """A client of this persona."""
        if persona not in self.clients:
            self.clients[persona] = self.service.client(persona)
        return self.clients[persona]

    async def hear(self, event_type: str, key: UUID, data: dict[str, Any], version: int | None = None) -> Outcome:
        """Deliver another service's fact; versions count up per service and key, as the services count them."""
        source = (event_type.split(".")[0], key)
        number = version or self.versions.get(source, 0) + 1
        self.versions[source] = number
        outcome = await self.service.deliver(event_type, key, data, number)
        if event_type in FOR_CASE_MANAGEMENT and (person_id := data.get("person_id")):
            await self.agrees(person_id, "case-management")
        return outcome

    async def agrees(self, person_id: UUID, purpose: str, *, about: str = "") -> None:
        """Tell that a person agreed to a purpose: whoever is taken on has agreed to be followed."""
        await hear(self.service, person_id, purpose, about=about)

    async def opened(self, referral_id: UUID | None = None, person_id: UUID | None = None) -> str:
        """Open a case from an accepted referral; its id."""
        referral_id = referral_id or new_id()
        accepted = {"referral_id": referral_id, "person_id": person_id, "urgency": "routine"}
        outcome = await self.hear("referrals.referral-accepted.v1", referral_id, accepted)
        assert outcome is Outcome.HANDLED
        return str((await self.told("cases.case-opened.v1"))[-1]["case_id"])

    async def knows(self, *organisations: str) -> None:
        """Let the service know active organisations."""
        for code in organisations:
            changed = {"organisation": code, "kind": "coordination-centre", "active": True}
            await self.hear("referrals.organisation-changed.v1", new_id(), changed)

    async def etag(self, case_id: str) -> str:
        """The ETag of a case."""
        return (await self.as_("coordinator").get(f"/cases/{case_id}")).headers["etag"]

    async def step(
        self, case_id: str, step: str, body: dict[str, Any], persona: str = "coordinator", etag: str | None = None
    ) -> httpx.Response:
        """Take a step with the ETag of the moment, or with another one."""
        seen = {"if-match": etag or await self.etag(case_id)}
        return await self.as_(persona).post(f"/cases/{case_id}/{step}", json=body, headers=seen)

    async def done(self, case_id: str, step: str, body: dict[str, Any]) -> dict[str, Any]:
        """Take a step that must succeed; its answer."""
        answer = await self.step(case_id, step, body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def assigned(self, **changes: Any) -> str:
        """An assigned case."""
        case_id = await self.opened()
        await self.done(case_id, "assignment", {**ASSIGNMENT, **changes})
        return case_id

    async def rung_by(self, person_id: UUID) -> None:
        """Somebody rings the line, which has to do with the person from then on."""
        contact = {"contact_id": new_id(), "person_id": person_id, "direction": "inbound", "outcome": "answered"}
        assert await self.hear("intake.contact-recorded.v1", new_id(), contact) is Outcome.HANDLED

    async def agreed(self, plan: dict[str, Any] = PLAN) -> str:
        """A case in care with an agreed plan."""
        await self.knows("centre")
        case_id = await self.assigned()
        await self.done(case_id, "visits", VISIT)
        await self.done(case_id, "plan", plan)
        await self.done(case_id, "plan/agreement", AGREEMENT)
        return case_id

    async def read(self, path: str, persona: str = "coordinator") -> dict[str, Any]:
        """What a GET answers."""
        answer = await self.as_(persona).get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def view(self, case_id: str) -> dict[str, Any]:
        """A case."""
        return await self.read(f"/cases/{case_id}")

    async def agenda(self) -> list[tuple[str, str]]:
        """The meeting's agenda as (reason, case)."""
        return [(line["reason"], line["case_id"]) for line in (await self.read("/cases/meetings/agenda"))["items"]]

    async def told(self, event_type: str) -> list[dict[str, Any]]:
        """The facts of one type so far."""
        return [data for kind, data in await self.service.announced() if kind == event_type]

    async def rows(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """What the database holds."""
        async with self.service.app.state.database.raw() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement, *values)
        return found


@asynccontextmanager
async def at_work(running: Any) -> AsyncIterator[World]:
    """A world for the time of a block."""
    async with running as service:
        world = World(service)
        try:
            yield world
        finally:
            for client in world.clients.values():
                await client.aclose()
