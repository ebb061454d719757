"""The main road with a mark in every personal field, and every kind of error on the way."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, Self

import asyncpg
import httpx

from shared.local import demo_people as people
from shared.local.road import Road, today
from tests.journeys.pushes import a_push
from tests.security.canaries.marks import Marks
from tests.town import Town

MANAGER = "case-manager-nurse"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Listener:
    """What subscribers are sent."""

    heard: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        heard = self.heard

        class Hear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                heard.append(f"{self.path} {self.headers} {body.decode()}")
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Hear)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hear"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Walk:
    """Who walks, what was sown, and every problem that was seen."""

    town: Town
    road: Road
    marks: Marks = field(default_factory=Marks)
    problems: dict[int, list[str]] = field(default_factory=dict)

    async def refused(self, persona: str, method: str, path: str, body: Any, **headers: str) -> None:
        """A request that must fail; its problem is kept."""
        client = await self.road.client(persona)
        answer = await client.request(method, path, json=body, headers={"traceparent": TRACE, **headers})
        assert answer.status_code >= 400, (method, path, answer.status_code)
        self.problems.setdefault(answer.status_code, []).append(f"{answer.headers} {answer.text}")

    def push(self) -> dict[str, Any]:
        """A push that holds every part that a push may have, all marked."""
        address = {"postal_code": "4020"}
        person = {"address": address, "relatives": [{}], "general_practitioner": {}, "niss": "", "gender": "female"}
        document = a_push(people.HEAVY, person=person, attachments=[{"content_type": "text/plain", "data": "QQ=="}])
        document["reason"]["diagnoses"] = [{"system": "icd-10", "code": "I50"}]
        filled: dict[str, Any] = self.marks.fill("referrals", "Document", document)
        return filled

    def contact(self, person: str) -> dict[str, Any]:
        """A call of a relative, marked."""
        now = datetime.now(UTC)
        body = {
            **{"direction": "inbound", "channel": "call", "caller": {"kind": "relative"}, "person_id": person},
            **{"started_at": (now - timedelta(minutes=9)).isoformat(), "ended_at": now.isoformat()},
            **{
                "topics": ["services.housing"],
                "outcome": "call-back",
                "reason": "information-to-find",
                "call_back": {},
            },
        }
        filled: dict[str, Any] = self.marks.fill("intake", "NewContact", body)
        return filled

    async def whole(self) -> str:
        """The road from the push to the lost item; the case."""
        road, marks = self.road, self.marks
        document = self.push()
        referral = await road.push(document)
        person = await road.identified(referral)
        await road.post("line-nurse", "/intake/contacts", self.contact(person))
        await self.errors(document, referral, person)
        await road.decide(referral, "messages", {"text": marks.word("Text.text")})
        await road.decide(referral, "acceptance")
        case = await road.case_of(referral)
        await road.assign(case)
        await self.work(case)
        await road.close_case(case, today() - timedelta(days=62))
        [due] = await road.follow_ups(case, "due", count=1)
        await road.attempt(due["id"], "answered")
        await road.result(due["id"], {item["task_id"]: "lost" for item in due["items"]})

        async def closed() -> bool:
            return bool((await road.referral(referral))["state"] == "closed")

        await road.until("the closed loop", closed)
        return case

    async def work(self, case: str) -> None:
        """What a case manager writes: visits, the plan, a request for help, a sheet for the next one, minutes."""
        road, marks, path = self.road, self.marks, f"/cases/{case}"
        visit = {
            **{"kind": "home-visit", "status": "done", "on": today().isoformat()},
            **{"minutes": 75, "travel_minutes": 40},
        }
        notes = {name: f"{marks.word(f'VisitReport.{name}')} seen" for name in ("note", "nursing_note")}
        notes |= {name: marks.word(f"VisitReport.{name}") for name in ("address_note", "safety_note")}
        await road.post(MANAGER, f"{path}/visits", visit | notes, on=path)
        plan = people.plan_for(("relais", "centre"), today() + timedelta(days=7))
        marks.fill("cases", "PlanContent", plan)
        for task in plan["tasks"]:
            # Of what is outside the programme's mission only.
            marks.sown.pop(task.pop("mission_note").split()[0])
        await road.plan(case, plan)
        asked = {"kind": "stuck", "urgency": "urgent", "text": marks.word("HelpAsked.text")}
        await road.post(MANAGER, f"{path}/help-requests", asked, on=path)
        sheet = {"contacts": [{"organisation": "centre"}], "person_informed": True}
        sheet |= {"person_informed_on": today().isoformat()}
        await road.post(MANAGER, f"{path}/hand-over", marks.fill("cases", "HandOver", sheet), on=path)
        await self.met(case)

    async def met(self, case: str) -> None:
        """The meeting speaks about the case and writes its minutes."""
        from tests.journeys.test_case_work import meeting_of_today

        road, marks = self.road, self.marks
        meeting = await meeting_of_today(road)
        await road.post("coordinator", f"{meeting}/opening", {}, on=meeting)
        agenda = (await road.get("coordinator", f"{meeting}/agenda"))["items"]
        [line] = [each for each in agenda if each["case_id"] == case and each["reason"] == "help-requested"]
        order = {"title": marks.word("Order.title"), "assignee": "line", "due_on": today().isoformat()}
        decision = {"outcome": "task", "text": marks.word("Decision.text"), "tasks": [order]}
        await road.post("coordinator", f"{meeting}/lines/{line['id']}/decision", decision, on=meeting)
        ended = {"attendees": ["coordinator"], "summary": marks.word("Minutes.summary")}
        await road.post("coordinator", f"{meeting}/closure", ended, on=meeting)

    async def errors(self, document: dict[str, Any], referral: str, person: str) -> None:
        """Every kind of refusal, with marks wherever something of somebody's could be sent by mistake."""
        marks = self.marks
        mistaken = {**document, "urgency": marks.word("urgency"), marks.word("a name of a field"): 1}
        await self.refused("hospital-chu", "POST", "/referrals", mistaken)
        await self.refused("hospital-chu", "POST", "/referrals", {**document, "reason": {"text": marks.word("again")}})
        wrong = {"phones": [marks.word("phone")], "niss": marks.word("niss"), "birth_date": marks.word("birth")}
        await self.refused("line-nurse", "PATCH", f"/intake/persons/{person}", wrong, **{"if-match": '"1"'})
        stale = {"given_names": marks.word("stale")}
        await self.refused("line-nurse", "PATCH", f"/intake/persons/{person}", stale, **{"if-match": '"99"'})
        await self.refused("line-nurse", "GET", f"/intake/persons/{marks.word('id')}", None)
        await self.refused("line-nurse", "GET", f"/intake/contacts?name={marks.word('query')}", None)
        await self.refused("analyst", "POST", "/intake/persons/search", {"name": marks.word("search")})
        await self.refused("hospital-chu", "GET", f"/referrals/fhir/Patient?name={marks.word('fhir')}", None)
        await self.failing(person)

    async def failing(self, person: str) -> None:
        """The database refuses a statement whose values are marks: the answer is 500."""
        assert self.town.stack.postgres
        url = self.town.stack.postgres.url("relais_intake").replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("ALTER TABLE contact ADD CONSTRAINT failpoint CHECK (false) NOT VALID")
            await self.refused("line-nurse", "POST", "/intake/contacts", self.contact(person))
        finally:
            await connection.execute("ALTER TABLE contact DROP CONSTRAINT failpoint")
            await connection.close()

    async def feeds(self) -> list[str]:
        """What calendar programs are given."""
        found = []
        for persona, of in ((MANAGER, "mine"), ("line-nurse", "line")):
            made = await self.road.post(persona, "/scheduler/feeds", {"of": of})
            async with httpx.AsyncClient(base_url=self.town.origin, trust_env=False) as anybody:
                calendar = await anybody.get(made["path"])
            assert calendar.status_code == 200
            found.append(calendar.text)
        return found

    async def subscribed(self, url: str) -> None:
        """The hospital is told what becomes of its referrals."""
        await self.road.post("hospital-chu", "/referrals/webhooks", {"url": url})


def as_text(rows: list[Any]) -> str:
    """Rows of a table as text."""
    return json.dumps([dict(row) for row in rows], default=str, ensure_ascii=False)
