"""The weekly meeting as the tests see it: its series, its steps, and what the other services tell."""

from typing import Any
from uuid import UUID

import httpx

from shared.ids import new_id
from tests.cases.world import (
    AGREEMENT,
    ASSIGNMENT,
    CANCELLATION,
    CLOSURE,
    COMPLETED,
    PLAN,
    TODAY,
    UNREACHABLE,
    VISIT,
    World,
    called,
)

SERIES = {
    "weekday": 4,
    "time": "09:30",
    "members": [{"subject": "coordinator", "role": "chair"}, {"subject": "line-nurse", "role": "line-nurse"}],
    "quorum": 2,
}
MEETING_DAY = "2026-11-26"
SPACE = UUID("01900000-0000-7000-8000-000000000000")
HELP = {"kind": "stuck", "urgency": "urgent", "text": "La porte reste fermée."}
LINE_TASK = {"title": "Rappeler la nièce", "assignee": "line", "due_on": "2026-11-30"}
DUE, ATTEMPT, RESTORED = (f"scheduler.{fact}.v1" for fact in ("follow-up-due", "attempt-recorded", "contact-restored"))
SENT, ANSWERED, EXPIRED, LINKED = (
    f"referrals.outgoing-{fact}.v1" for fact in ("sent", "answered", "expired", "person-linked")
)


def due(case_id: str, follow_up: UUID, on: str = TODAY) -> dict[str, Any]:
    """What the scheduler tells of a call that is to be made."""
    return {"follow_up_id": follow_up, "case_id": case_id, "person_id": None, "kind": "one-month", "due_on": on}


def attempt(case_id: str, follow_up: UUID, outcome: str = "no-answer", number: int = 1) -> dict[str, Any]:
    """What the scheduler tells of an attempt."""
    known = {"follow_up_id": follow_up, "case_id": case_id, "kind": "one-month", "number": number}
    return {**known, "outcome": outcome, "next_on": None}


def sent(outgoing: UUID, referral: UUID | None, replaces: UUID | None = None) -> dict[str, Any]:
    """What referrals tells of a referral to a partner."""
    known = {"outgoing_id": outgoing, "organisation": "centre", "origin": "staff", "channel": "inbox"}
    return {**known, "urgency": "routine", "based_on": referral, "replaces": replaces, "discloses": False}


def answered(outgoing: UUID, state: str = "refused") -> dict[str, Any]:
    """What referrals tells of a partner's answer."""
    return {"outgoing_id": outgoing, "organisation": "centre", "state": state, "reason": None, "on_behalf": False}


class Meeting:
    """The meeting of a week, as those see it who lead it."""

    def __init__(self, world: World, meeting_id: str) -> None:
        self.world = world
        self.id = meeting_id

    @classmethod
    async def planned(cls, world: World, on: str = MEETING_DAY) -> "Meeting":
        """A week's meeting, with the series set first where it is not there."""
        found = await world.as_("coordinator").get("/cases/meetings/series")
        if found.status_code == 404:
            put = await world.as_("coordinator").put("/cases/meetings/series", json=SERIES)
            assert put.status_code == 200, put.text
        meetings = (await world.read("/cases/meetings"))["items"]
        return cls(world, next(each["id"] for each in meetings if each["on"] == on))

    async def post(self, step: str, body: dict[str, Any] | None = None, etag: str | None = None) -> httpx.Response:
        client = self.world.as_("coordinator")
        seen = etag or (await client.get(f"/cases/meetings/{self.id}")).headers["etag"]
        return await client.post(f"/cases/meetings/{self.id}/{step}", json=body, headers={"if-match": seen})

    async def step(self, step: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await self.post(step, body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def opened(self) -> "Meeting":
        await self.step("opening")
        return self

    async def agenda(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.world.read(f"/cases/meetings/{self.id}/agenda"))["items"]
        return found

    async def line(self, reason: str) -> dict[str, Any]:
        return next(each for each in await self.agenda() if each["reason"] == reason)

    async def decide(self, reason: str, outcome: str, **more: Any) -> dict[str, Any]:
        line = await self.line(reason)
        return await self.step(f"lines/{line['id']}/decision", {"outcome": outcome, **more})


async def to_meeting_day(world: World) -> None:
    """Go from Friday to the Thursday of the meeting."""
    world.service.clock.move(days=6)


async def closed(world: World) -> str:
    """A case that is closed with an agreed plan."""
    case_id = await world.agreed()
    await world.done(case_id, "closure", CLOSURE)
    return case_id


async def in_care(world: World, step_on: str, tasks_on: str) -> str:
    """A case in care whose next step and tasks are due on these days."""
    await world.knows("centre")
    case_id = await world.assigned(next_step={"kind": "home-visit", "due_on": step_on})
    await world.done(case_id, "visits", VISIT)
    plan = {**PLAN, "tasks": [{**PLAN["tasks"][0], "due_on": tasks_on}]}
    await world.done(case_id, "plan", plan)
    await world.done(case_id, "plan/agreement", AGREEMENT)
    return case_id


async def a_week(world: World, order: int = 1) -> list[tuple[str, str]]:
    """One signal of each kind, told in this order or in the other: (reason, case) in the order that is expected."""
    referral, outgoing, follow_ups = new_id(), new_id(), [new_id() for _ in range(4)]
    cancelled, unreached, lost, missed, due_one = (
        await world.opened(referral),
        *[await closed(world) for _ in range(4)],
    )
    late = await in_care(world, "2026-11-23", "2026-11-24")
    helped = await world.assigned(next_step={"kind": "home-visit", "due_on": "2026-12-15"})
    task = (await world.view(lost))["tasks"][0]["id"]
    await world.done(
        cancelled, "assignment", {**ASSIGNMENT, "next_step": {"kind": "home-visit", "due_on": "2026-12-15"}}
    )
    await world.hear(SENT, outgoing, sent(outgoing, referral))
    fresh = await world.opened()
    signals = [
        (UNREACHABLE, follow_ups[0], {"follow_up_id": follow_ups[0], "case_id": unreached, "person_id": None}),
        (COMPLETED, follow_ups[1], {**called(lost, {task: "lost"}), "follow_up_id": follow_ups[1]}),
        (ATTEMPT, follow_ups[2], attempt(missed, follow_ups[2])),
        (DUE, follow_ups[3], due(due_one, follow_ups[3])),
        (ANSWERED, outgoing, answered(outgoing)),
        (CANCELLATION, referral, {"referral_id": referral, "case_id": None}),
    ]
    for kind, key, data in signals[::order]:
        await world.hear(kind, key, data)
        await world.hear(kind, key, data)
    asked = await world.as_("case-manager-nurse").post(f"/cases/{helped}/help-requests", json=HELP)
    assert asked.status_code == 201, asked.text
    return [
        ("person-unreachable", unreached),
        ("item-lost", lost),
        ("help-requested", helped),
        ("follow-up-missed", missed),
        ("step-overdue", late),
        ("task-overdue", late),
        ("referral-refused", cancelled),
        ("cancellation-requested", cancelled),
        ("request-new", fresh),
        ("follow-up-due", due_one),
    ]
