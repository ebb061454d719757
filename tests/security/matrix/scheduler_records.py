"""What stands in the scheduler while the matrix is walked: the same of everything in two organisations."""

from typing import Any
from uuid import uuid4

from shared.testing.harness import UnderTest
from tests.scheduler.world import ITEMS, OLD
from tests.security.matrix.actors import ACTORS, OTHER, SERVING, Actor, Records
from tests.security.matrix.planting import give, made, plant

VISIT = {"kind": "home-visit", "on": "2026-11-24", "starts": "10:00", "ends": "11:00", "worker": "sara"}
AWAY = {"worker": "sara", "substitute": "bert", "from": "2026-12-01", "until": "2026-12-10"}
POLICY = {
    "trigger": "case-closed",
    "owner": "line",
    "organisation": SERVING,
    "steps": [{"kind": "one-month", "months": 1}],
    "slot": "09:00",
    "attempts": [{"channel": "call"}],
    "early_days": 3,
    "call_back_days": 10,
}

BODIES: dict[str, Any] = {
    "agree_absence": AWAY,
    "plan_appointment": {**VISIT, "on": "2026-12-24"},
    "move_appointment": {"on": "2026-12-26", "starts": "10:00", "ends": "11:00"},
    "write_cadence": {"weekday": 4, "starts": "09:30", "minutes": 60, "on_day_off": "skip"},
    "change_working_days": {"closed_days": []},
    "draft_campaign": {"people": [{"person_id": str(uuid4())}], "per_day": 5},
    "hold_follow_up": {"until": "2026-11-30", "reason": "person-away"},
    "record_attempt": {"at": "2026-11-20T09:15:00Z", "channel": "call", "outcome": "no-answer"},
    "move_follow_up": {"to": "2026-11-30", "reason": "by-hand", "asked_by": "person"},
    "record_result": {"on": "2026-11-20", "items": []},
    "change_policy": POLICY,
    "preview_policy": POLICY,
    "make_feed": {"of": "mine"},
    "decide_on_stopped": {"decision": "let-be"},
}
QUERIES: dict[str, Any] = {"list_closed_days": {"from": "2026-01-01", "to": "2026-12-31"}}


async def seeded(scheduler: UnderTest) -> Records:
    """The records; what events make is given to the other organisation."""
    public = {"code": "after-closing", "token": "x" * 43}
    records = Records(public=public)
    for whose in (SERVING, OTHER):
        await of(scheduler, records, whose)
        records.private[whose] = set(records.held[whose].values())
    for actor in ACTORS:
        if actor.role.startswith("case-manager") or actor.role in ("line-nurse", "coordinator"):
            await own(scheduler, records, actor)
    return records


async def of(scheduler: UnderTest, records: Records, whose: str) -> None:
    """One organisation's records."""
    nurse = scheduler.client("line-nurse", org_id=whose, sub=f"nurse@{whose}")
    coordinator = scheduler.client("coordinator", org_id=whose, sub=f"coordinator@{whose}")
    async with nurse, coordinator:
        absence = await made(coordinator, "/scheduler/absences", {**AWAY, "worker": f"sara@{whose}"})
        appointment = await made(nurse, "/scheduler/appointments", VISIT)
        people = [{"person_id": str(uuid4())}]
        campaign = await made(coordinator, "/scheduler/campaigns", {"people": people, "per_day": 5})
        feed = await made(nurse, "/scheduler/feeds", {"of": "line"})
    today = scheduler.clock.now().date()
    stopped = await plant(scheduler, "stopped", organisation=whose, of="follow-up", listed_on=today, version=1)
    records.keep(whose, absence_id=absence, appointment_id=appointment, campaign_id=campaign, feed_id=feed)
    records.keep(whose, stopped_id=stopped)
    records.keep(whose, follow_up_id=await follow_up(scheduler, whose))


async def follow_up(scheduler: UnderTest, whose: str, worker: str | None = None) -> str:
    """A follow-up of the line, or of a case manager."""
    case_id = uuid4()
    closing = {"case_id": case_id, "person_id": uuid4(), "closed_on": OLD, "reason": "goals-met", "items": ITEMS}
    await scheduler.deliver("cases.case-closed.v1", case_id, closing)
    async with scheduler.client("line-nurse") as nurse:
        answer = await nurse.get("/scheduler/follow-ups", params={"case_id": str(case_id)})
    found = str(answer.json()["items"][0]["id"])
    owned = {"owner": "case-manager", "worker": worker} if worker else {}
    await give(scheduler, "follow_up", found, organisation=whose, **owned)
    return found


async def own(scheduler: UnderTest, records: Records, actor: Actor) -> None:
    """What is one worker's own."""
    async with scheduler.client("auditor", **actor.claims) as client:
        feed = await made(client, "/scheduler/feeds", {"of": "mine"})
        records.keep(actor.subject, feed_id=feed)
        if actor.role.startswith("case-manager"):
            absence = await made(client, "/scheduler/absences", {**AWAY, "worker": actor.subject})
            mine = await follow_up(scheduler, actor.organisation, actor.subject)
            records.keep(actor.subject, absence_id=absence, follow_up_id=mine)
