"""What stands in cases while the matrix is walked: the same of everything in two organisations."""

from typing import Any
from uuid import UUID

from shared.ids import new_id
from shared.testing.harness import UnderTest
from tests.cases.meetings import SERIES
from tests.cases.world import (
    ACCEPTED,
    AGREEMENT,
    ASSIGNMENT,
    CLOSURE,
    COMPLETED,
    COMPLETION,
    DECLINE,
    PLAN,
    TASK,
    TODAY,
    VISIT,
    World,
    called,
)
from tests.security.matrix.actors import ACTORS, OTHER, SERVING, Actor, Records
from tests.security.matrix.planting import made, plant

CONSENT = {"kind": "oral", "by": "person", "on": TODAY}
SHARING = {"organisation": "maison", "rule": "read", "purpose": "Suivi commun", "consent": CONSENT}
WORK = {"kind": "phone", "on": TODAY, "direct_minutes": 20}
ALONE = {**WORK, "kind": "training"}
WORKER = {
    "discipline": "nurse",
    "employer": SERVING,
    "programme": "relais",
    "organisation": SERVING,
    "employed_from": "2026-01-01",
}
AWAY = {"from_on": "2026-12-01", "until": "2026-12-10"}
DECISION = {"kind": "remark", "subject": "plan", "on": TODAY, "text": "Entendu.", "organisations": ["maison"]}
STEP = {"kind": "home-visit", "due_on": "2026-11-27"}
SHEET = {"situation": "Vit seul.", "agreed": "Le plan continue.", "person_informed": False}
LATER = {"due_on": "2026-12-20", "reason": "person-asks"}
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}

BODIES: dict[str, Any] = {
    "record_activity": ALONE,
    "record_activity_of_case": WORK,
    "correct_activity": {"reason": "Une erreur.", "values": ALONE},
    "withdraw_activity": {"reason": "Une erreur."},
    "assign_case": ASSIGNMENT,
    "register_worker": {**WORKER, "organisation": "$organisation"},
    "note_absence": AWAY,
    "change_absence": AWAY,
    "add_circle_member": {"kind": "informal", "relation": "child"},
    "end_circle_member": {"until": TODAY, "reason": "moved"},
    "identify_general_practitioner": {"status": "none"},
    "inform_member": {"step": "opening", "channel": "phone", "on": TODAY, "consent": "oral"},
    "log_decision": DECISION,
    "answer_joint_decision": {"organisation": "maison", "agreed": True, "on": TODAY},
    "decide_on_follow_up": {"choice": "stable", "reason": "Tout tient."},
    "write_sheet": SHEET,
    "ask_help": {"kind": "stuck", "text": "La porte reste fermée."},
    "answer_help": {"text": "Sonner deux fois."},
    "withdraw_help": {"text": "Ce n'est plus utile."},
    "set_series": SERIES,
    "move_meeting": {"on": "2026-11-27"},
    "cancel_meeting": {"reason": "Jour férié."},
    "decide_line": {"outcome": "new-referral", "text": "Vers le centre."},
    "close_meeting": {"attendees": ["coordinator"]},
    "write_pathway": {
        "protocol_version": "2",
        "model": "coordination-centre",
        "valid_from": "2026-12-01",
        "steps": [{"step": "assignment", "within": 2}],
    },
    "explain_deviation": {"step": "home-visit", "reason": "person-wish"},
    "reopen_period": {"reason": "Une ligne manque."},
    "draft_plan": PLAN,
    "agree_plan": AGREEMENT,
    "refuse_plan_version": {**AGREEMENT, "words": "Non."},
    "set_rate": {"valid_from": "2026-01-01", "direct_hour": 50, "travel_hour": 20, "km": 0.4},
    "reassign_cases": {
        "from_worker": "case-manager-nurse",
        "leaves_on": "2026-12-01",
        "reason": "worker-leaves",
        "to": [{"worker": "anne", "discipline": "nurse"}],
        "dry_run": True,
    },
    "write_routing": {"rules": []},
    "share_case": SHARING,
    "end_share": {"reason": "purpose-reached"},
    "decline_case": DECLINE,
    "record_first_contact": {"on": TODAY, "channel": "phone"},
    "set_next_step": STEP,
    "pause_case": {"reason": "readmitted", "until": "2026-12-01"},
    "close_case": CLOSURE,
    "reopen_case": {"reason": "Rechute"},
    "add_task_to_plan": TASK,
    "note_progress": {"on": TODAY, "note": "En cours."},
    "complete_task": COMPLETION,
    "cancel_task": {"on": TODAY, "reason": "no-longer-needed"},
    "postpone_task": LATER,
    "reassign_task": {"organisation": "maison", "assignee": "partner", "reason": "Plus proche."},
    "write_template": {"title": dict.fromkeys(("fr", "nl", "de", "en"), "Plan"), "goals": []},
    "fill_in_template": {"template": "transport"},
    "ask_transfer": {"to_worker": "case-manager-social-worker", "reason": "workload"},
    "accept_transfer": {"worker": "case-manager-social-worker", "discipline": "social-worker", "next_step": STEP},
    "refuse_transfer": {"note": "Non."},
    "withdraw_transfer": {"note": "Non."},
    "record_visit_of_case": VISIT,
    "record_outcome": {"status": "cancelled"},
}
QUERIES: dict[str, Any] = {
    **dict.fromkeys(("report_activity", "report_funding"), DAYS),
    **dict.fromkeys(("report_deviations", "report_deviations_as_csv", "report_models", "read_delegation"), DAYS),
    **dict.fromkeys(("report_models_as_csv", "report_mission_boundary", "list_boundary_tasks"), DAYS),
    "compare_plans": {"from": 1, "to": 1},
}


async def seeded(cases: UnderTest) -> Records:
    """The records, made through the API."""
    world = World(cases)
    await world.knows(SERVING, OTHER, "maison")
    public = {"item": "providers-known", "month": "2026-10"}
    records = Records(public={**public, "code": "transport"})
    records.entered = {"record_activity_of_case"}
    records.absent = {"/cases/meetings/{meeting_id:uuid}/minutes", "/cases/periods/"}
    for whose in (SERVING, OTHER):
        await Programme(world, records, whose).works()
        records.private[whose] = {each for each in records.held[whose].values() if len(each) == 36}
    for actor in ACTORS:
        if actor.role in ("line-nurse", "case-manager-nurse", "case-manager-social-worker"):
            async with cases.client("auditor", **actor.claims) as client:
                records.keep(actor.subject, activity_id=await made(client, "/cases/activities", ALONE))
    for client in world.clients.values():
        await client.aclose()
    return records


class Programme:
    """An organisation whose people do something of everything."""

    def __init__(self, world: World, records: Records, whose: str) -> None:
        self.world, self.records, self.whose = world, records, whose
        self.case_id = ""
        self.coordinator = world.service.client("coordinator", org_id=whose, sub=f"coordinator@{whose}")
        self.manager = world.service.client("case-manager-nurse", org_id=whose, sub=f"manager@{whose}")

    async def works(self) -> None:
        """Do all of it."""
        async with self.coordinator, self.manager:
            await self.employs()
            await self.follows()
            await self.meets()

    async def employs(self) -> None:
        """Workers, one of them away, in one programme."""
        about = {**WORKER, "employer": self.whose, "organisation": self.whose}
        workers = [f"manager@{self.whose}"]
        workers += [Actor(role, self.whose).subject for role in ("case-manager-nurse", "case-manager-social-worker")]
        for subject in workers:
            answer = await self.coordinator.put(f"/cases/workers/{subject}", json=about)
            assert answer.status_code == 200, answer.text
        answer = await self.coordinator.post(
            f"/cases/workers/{workers[0]}/absences", json=AWAY, headers={"if-match": '"1"'}
        )
        assert answer.status_code == 201, answer.text
        absence = answer.json()["absences"][0]["id"]
        self.records.keep(self.whose, subject=workers[0], absence_id=absence, organisation=self.whose)

    async def step(self, path: str, body: Any) -> dict[str, Any]:
        """A step on the case; its answer."""
        seen = (await self.coordinator.get(f"/cases/{self.case_id}")).headers["etag"]
        answer = await self.coordinator.post(f"/cases/{self.case_id}/{path}", json=body, headers={"if-match": seen})
        assert answer.status_code == 201, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def follows(self) -> None:
        """A case in care."""
        referral, person = new_id(), new_id()
        said = {"referral_id": referral, "person_id": person, "urgency": "routine", "organisation": self.whose}
        await self.world.hear(ACCEPTED, referral, said)
        await self.world.agrees(person, "sharing", about="maison")
        self.case_id = str((await self.world.told("cases.case-opened.v1"))[-1]["case_id"])
        await self.step("assignment", {**ASSIGNMENT, "worker": f"manager@{self.whose}"})
        await self.step("visits", VISIT)
        await self.step("plan", PLAN)
        case = await self.step("plan/agreement", AGREEMENT)
        visit = await self.step(
            "visits",
            {**VISIT, "status": "planned", "on": "2026-11-25", "minutes": None, "travel_minutes": None, "km": None},
        )
        decision = await self.step("decisions", DECISION)
        share = await self.step("shares", SHARING)
        member = await self.step("circle", {"kind": "informal", "relation": "child"})
        activity = await self.step("activities", WORK)
        await self.step("hand-over", SHEET)
        transfer = await self.step(
            "transfers", {"to_worker": Actor("case-manager-nurse", self.whose).subject, "reason": "workload"}
        )
        task = case["tasks"][0]["id"]
        call = called(self.case_id, {task: "lost"})
        await self.world.hear(COMPLETED, UUID(str(call["follow_up_id"])), call)
        self.records.keep(self.whose, case_id=self.case_id, task_id=task, visit_id=visit["id"])
        self.records.keep(self.whose, decision_id=decision["id"], share_id=share["id"], transfer_id=transfer["id"])
        self.records.keep(self.whose, activity_id=activity["id"], follow_up_id=str(call["follow_up_id"]))
        self.records.keep(self.whose, member_id=member["id"])

    async def meets(self) -> None:
        """A meeting with a line, and a demand for help."""
        put = await self.coordinator.put("/cases/meetings/series", json=SERIES)
        assert put.status_code == 200, put.text
        meeting = (await self.coordinator.get("/cases/meetings")).json()["items"][0]["id"]
        helped = await made(self.manager, f"/cases/{self.case_id}/help-requests", BODIES["ask_help"])
        lines = await self.world.rows("SELECT id FROM agenda_line WHERE case_id = $1", UUID(self.case_id))
        said = {"case_id": UUID(self.case_id), "line_id": lines[0]["id"], "reason": "help-requested"}
        said |= {"urgency": "routine", "state": "in-care", "meeting_id": UUID(meeting)}
        line = await plant(self.world.service, "meeting_line", **said)
        self.records.keep(self.whose, meeting_id=meeting, help_id=helped, line_id=line)
