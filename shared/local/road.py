"""The main road as its users walk it, over HTTP alone: for the demonstration and for the journeys of the tests."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import httpx

from shared.clock import BRUSSELS

Json = Mapping[str, Any]
T = TypeVar("T")

WAIT = 30.0


class RoadBlocked(Exception):
    """A step of the road was refused, or what should follow from it did not come."""


def today() -> date:
    """The day in Belgium."""
    return datetime.now(BRUSSELS).date()


@dataclass
class Road:
    """Every persona's client at one origin."""

    origin: str
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    wait: float = WAIT
    token: Callable[[str], str] | None = None
    """Gives a persona's token; without it, the issuer at this origin is asked."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def client(self, persona: str) -> httpx.AsyncClient:
        """The client of a persona, with its token."""
        async with self.opening:
            if persona not in self.clients:
                client = httpx.AsyncClient(base_url=self.origin, trust_env=False, timeout=20)
                self.clients[persona] = client
                token = self.token(persona) if self.token else await development_token(client, persona)
                client.headers["authorization"] = f"Bearer {token}"
        return self.clients[persona]

    async def get(self, persona: str, path: str, **query: str) -> Json:
        """Read something that must be there."""
        answer = await (await self.client(persona)).get(path, params=query)
        return said(answer, 200)

    async def post(self, persona: str, path: str, body: Json | None = None, *, on: str | None = None) -> Json:
        """Take a step; `on` is the resource that the caller has just read. If it moved meanwhile, read it again."""
        client = await self.client(persona)
        for _ in range(5):
            headers = {"if-match": (await client.get(on)).headers["etag"]} if on else {}
            answer = await client.post(path, json=body or {}, headers=headers)
            if answer.status_code != 412:
                break
        return said(answer, 201)

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """What follows from a step, as soon as it is there; raises RoadBlocked when it does not come."""
        deadline = time.monotonic() + self.wait
        while time.monotonic() < deadline:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.1)
        raise RoadBlocked(f"{what} did not come within {self.wait:.0f} s")

    async def close(self) -> None:
        """Close every client."""
        for client in self.clients.values():
            await client.aclose()

    async def push(self, document: Json) -> str:
        """The hospital pushes a referral."""
        return str((await self.post("hospital-chu", "/referrals", document))["id"])

    async def referral(self, referral_id: str, persona: str = "hospital-chu") -> Json:
        """The referral as its sender sees it."""
        return await self.get(persona, f"/referrals/{referral_id}")

    async def identified(self, referral_id: str) -> str:
        """The person of a referral, once intake knows."""

        async def look() -> str | None:
            person: str | None = (await self.referral(referral_id))["person_id"]
            return person

        return await self.until("the identification", look)

    async def totals(self, referral_id: str) -> list[Json]:
        """The computed totals, as the sender reads them."""

        async def look() -> list[Json]:
            found: list[Json] = (await self.referral(referral_id))["totals"]
            return found

        return await self.until("the totals", look)

    async def advice(self, referral_id: str) -> Json:
        """The admission advice with its reasons."""

        async def look() -> Json | None:
            page = await self.get("coordinator", "/assessment/admissions", referral_id=referral_id)
            return page["items"][0] if page["items"] else None

        return await self.until("the admission advice", look)

    async def decide(self, referral_id: str, step: str, body: Json | None = None) -> Json:
        """A coordinator's step on a referral."""
        path = f"/referrals/{referral_id}"
        return await self.post("coordinator", f"{path}/{step}", body, on=path)

    async def case_of(self, origin_id: str) -> str:
        """The case that an origin led to; exactly one."""

        async def look() -> str | None:
            cases = [
                case for case in (await self.get("coordinator", "/cases"))["items"] if case["origin_id"] == origin_id
            ]
            if len(cases) > 1:
                raise RoadBlocked("more than one case for one origin")
            return cases[0]["id"] if cases else None

        return await self.until("the case", look)

    async def assign(self, case_id: str, worker: str = "case-manager-nurse", discipline: str = "nurse") -> Json:
        """A coordinator gives the case its owner."""
        step = {"kind": "home-visit", "due_on": (today() + timedelta(days=3)).isoformat()}
        body = {"worker": worker, "discipline": discipline, "next_step": step}
        return await self.post("coordinator", f"/cases/{case_id}/assignment", body, on=f"/cases/{case_id}")

    async def visit(self, case_id: str, worker: str = "case-manager-nurse") -> Json:
        """The case manager has visited the home."""
        body = {"kind": "home-visit", "status": "done", "on": today().isoformat(), "minutes": 75, "travel_minutes": 40}
        return await self.post(worker, f"/cases/{case_id}/visits", body, on=f"/cases/{case_id}")

    async def plan(self, case_id: str, content: Json, worker: str = "case-manager-nurse") -> Json:
        """A plan is written with the person, who agrees to it; the case with its tasks."""
        path = f"/cases/{case_id}"

        async def drafted() -> Json | None:
            """What cases learns by events moves the case, and brings the directory: the first try may be early."""
            client = await self.client(worker)
            etag = (await client.get(path)).headers["etag"]
            answer = await client.post(f"{path}/plan", json=content, headers={"if-match": etag})
            early = answer.status_code == 412 or (
                answer.status_code == 422 and answer.json()["code"] == "unknown-organisation"
            )
            return None if early else said(answer, 201)

        draft = await self.until("the directory in cases", drafted)
        agreement = {
            "plan_version": draft["plan_version"],
            "agreed_by": "person",
            "how": "oral",
            "on": today().isoformat(),
        }

        async def agreed() -> Json | None:
            """The consent that the referral brought goes over intake: the first try may be before it has arrived."""
            client = await self.client(worker)
            etag = (await client.get(path)).headers["etag"]
            answer = await client.post(f"{path}/plan/agreement", json=agreement, headers={"if-match": etag})
            early = answer.status_code == 412 or (
                answer.status_code == 409 and answer.json()["code"] == "consent-missing"
            )
            return None if early else said(answer, 201)

        return await self.until("the consent to case management", agreed)

    async def agrees(
        self, person_id: str, purpose: str, decision: str = "given", *, about: Mapping[str, str] | None = None
    ) -> Json:
        """The line's nurse reads the text aloud and puts on record what the person says to it."""
        text = (await self.get("line-nurse", "/intake/consent-texts"))["version"]
        body = {
            "purpose": purpose,
            "decision": decision,
            "how": "oral",
            "witness_note": "Lu au téléphone, compris et répondu.",
            "text_version": text,
            "language": "fr",
            "given_by": "person",
            "at": datetime.now(UTC).isoformat(),
            **(about or {}),
        }
        return await self.post("line-nurse", f"/intake/persons/{person_id}/consents", body)

    async def consent(self, person_id: str, purpose: str) -> Json:
        """What stands on a purpose, once something does."""

        async def look() -> Json | None:
            page = await self.get("line-nurse", f"/intake/persons/{person_id}/consents")
            return next((each for each in page["items"] if each["purpose"] == purpose and each["state"]), None)

        return await self.until("the consent", look)

    async def finish_task(self, case_id: str, task_id: str, persona: str) -> Json:
        """A task is done."""
        body = {"on": today().isoformat(), "evidence": "Fait, vérifié par téléphone."}
        path = f"/cases/{case_id}"
        return await self.post(persona, f"{path}/tasks/{task_id}/completion", body, on=path)

    async def close_case(self, case_id: str, closed_on: date, worker: str = "case-manager-nurse") -> Json:
        """The case is closed; the day may lie in the past."""
        body = {
            "closed_on": closed_on.isoformat(),
            "reason": "goals-reached",
            "summary": "Les objectifs convenus sont atteints.",
            "open_tasks_reason": "Le service partenaire prend le relais.",
        }
        return await self.post(worker, f"/cases/{case_id}/closure", body, on=f"/cases/{case_id}")

    async def follow_ups(self, case_id: str, status: str | None = None, count: int = 2) -> list[Json]:
        """The follow-ups of a case, once `count` of them are there (in a status, if one is named)."""

        async def look() -> list[Json] | None:
            items = (await self.get("line-nurse", "/scheduler/follow-ups", case_id=case_id))["items"]
            found = [item for item in items if status is None or item["status"] == status]
            return found if len(found) >= count else None

        return await self.until("the follow-ups", look)

    async def attempt(self, follow_up_id: str, outcome: str) -> Json:
        """The line calls."""
        path = f"/scheduler/follow-ups/{follow_up_id}"
        body = {"at": datetime.now(UTC).isoformat(), "channel": "call", "outcome": outcome}
        return await self.post("line-nurse", f"{path}/attempts", body, on=path)

    async def result(self, follow_up_id: str, found: Mapping[str, str]) -> Json:
        """What the line heard, per item of the plan."""
        path = f"/scheduler/follow-ups/{follow_up_id}"
        items = [{"task_id": task_id, "status": status} for task_id, status in found.items()]
        body = {"on": today().isoformat(), "items": items, "satisfaction": 4}
        return await self.post("line-nurse", f"{path}/result", body, on=path)

    async def call(self, person_id: str) -> Json:
        """A relative calls the line about somebody, and the nurse relays it to case management."""
        now = datetime.now(UTC)
        body = {
            "direction": "inbound",
            "channel": "call",
            "caller": {"kind": "relative", "relation": "fille"},
            "person_id": person_id,
            "started_at": (now - timedelta(minutes=12)).isoformat(),
            "ended_at": now.isoformat(),
            "language": "fr",
            "topics": ["services.housing", "services.respite"],
            "note": "La maison n'est plus adaptée, la famille est épuisée.",
            "outcome": "relayed",
            "reason": "carer-exhausted",
            "urgency": "urgent",
        }
        return await self.post("line-nurse", "/intake/contacts", body)


async def development_token(client: httpx.AsyncClient, persona: str) -> str:
    """A persona's token from the development issuer at the client's origin."""
    grant = {"grant_type": "client_credentials", "client_id": persona}
    answer = (await client.post("/auth/token", data=grant)).raise_for_status()
    return str(answer.json()["access_token"])


def said(answer: httpx.Response, expected: int) -> Json:
    """The body of an answer; RoadBlocked with the stable code when it is not the expected one."""
    if answer.status_code != expected:
        kind = answer.headers.get("content-type", "")
        problem = answer.json() if kind.startswith("application/problem+json") else {}
        detail = {name: problem[name] for name in ("code", "detail", "errors", "allowed") if name in problem}
        raise RoadBlocked(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {detail}")
    body: Json = answer.json()
    return body
