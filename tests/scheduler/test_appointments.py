"""Appointments: what is refused, what overlaps, how long the way is, and what cases tells of its visits."""

import asyncio
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain import AppointmentStatus, Times
from services.scheduler.domain.appointment import exists
from tests.scheduler.world import Scheduler

PLACE = "/scheduler/appointments"
DAY = "2026-11-24"


def visit(starts: str | None = "10:00", ends: str | None = "11:00", **changed: Any) -> dict[str, Any]:
    """A home visit on Tuesday."""
    return {"kind": "home-visit", "on": DAY, "starts": starts, "ends": ends, "worker": "sara", **changed}


async def plan(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """Make an appointment that nothing speaks against."""
    answer = await client.post(PLACE, json=visit(**body))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def step(client: httpx.AsyncClient, made: dict[str, Any], name: str, body: Any = None) -> httpx.Response:
    """Take a step on the appointment as it is now."""
    path = f"{PLACE}/{made['id']}"
    return await client.post(
        f"{path}/{name}", json=body, headers={"if-match": (await client.get(path)).headers["etag"]}
    )


async def test_an_appointment_is_planned_moved_and_done(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as client:
        made = await plan(client)
        moved = await step(client, made, "move", {"on": DAY, "starts": "14:00", "ends": "15:00"})
        early = await step(client, made, "done")
        scheduler.running.clock.move(days=5)
        done = await step(client, made, "done")
        again = await step(client, made, "cancel")

    assert (made["starts_at"], moved.json()["starts_at"]) == ("2026-11-24T09:00:00Z", "2026-11-24T13:00:00Z")
    assert (moved.json()["status"], done.json()["status"]) == ("moved", "done")
    assert early.json()["errors"] == [{"pointer": "", "code": "too-early"}]
    assert (again.status_code, again.json()["code"]) == (409, "illegal-step")
    types = [each for each in await scheduler.running.types() if ".appointment-" in each]
    assert types == [f"scheduler.appointment-{each}.v1" for each in ("planned", "moved", "done")]


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"starts": "11:00", "ends": "10:00"}, "/ends", "before-start"),
        ({"starts": "11:00", "ends": "11:00"}, "/ends", "before-start"),
        ({"starts": "06:59"}, "/starts", "outside-hours"),
        ({"ends": "20:01"}, "/ends", "outside-hours"),
        ({"ends": None}, "/ends", "required"),
        ({"on": "2026-11-19"}, "/on", "in-past"),
        ({"on": "2026-11-20"}, "/starts", "in-past"),
        ({"on": "2029-01-01"}, "/on", "too-far"),
        ({"on": "2027-03-28", "starts": "02:30"}, "/starts", "nonexistent-time"),
        ({"starts": "10:00+01:00"}, "/starts", "not-local"),
        ({"allow_conflict": True}, "/reason", "required"),
        ({"reason": "because"}, "/reason", "not-expected"),
    ],
)
async def test_times_that_cannot_be_are_refused(
    scheduler: Scheduler, changed: dict[str, Any], pointer: str, code: str
) -> None:
    async with scheduler.running.client("line-nurse") as client:
        answer = await client.post(PLACE, json=visit(**changed))

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": pointer, "code": code}]
    assert await scheduler.running.types() == []


async def test_an_overlap_of_the_worker_or_the_person_is_refused_unless_allowed_with_a_reason(
    scheduler: Scheduler,
) -> None:
    person = str(uuid4())
    async with scheduler.running.client("line-nurse") as client:
        made = await plan(client, person_id=person)
        of_worker = await client.post(PLACE, json=visit("10:59", "12:00"))
        of_person = await client.post(PLACE, json=visit("09:00", "10:01", worker="tom", person_id=person))
        await plan(client, starts="11:00", ends="12:00")
        other = await plan(client, starts="10:30", ends="10:45", allow_conflict=True, reason="both at the hospital")
        conflicts = (await client.get(f"{PLACE}/conflicts", params={"worker": "sara"})).json()["items"]

    for refused in (of_worker, of_person):
        assert (refused.status_code, refused.json()["code"]) == (409, "appointment-clash")
        assert refused.json()["ids"] == [made["id"]]
    assert [(each["appointment_id"], each["other_id"], each["minutes"]) for each in conflicts] == [
        (made["id"], other["id"], 15)
    ]


async def test_of_ten_requests_at_once_for_the_same_hour_one_wins(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as client:
        answers = await asyncio.gather(*(client.post(PLACE, json=visit()) for _ in range(10)))

    assert sorted(each.status_code for each in answers) == [201] + [409] * 9


async def test_a_cancelled_appointment_makes_room_and_a_move_looks_for_it(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as client:
        first = await plan(client)
        second = await plan(client, starts="12:00", ends="13:00")
        refused = await step(client, second, "move", {"on": DAY, "starts": "10:30", "ends": "11:30"})
        await step(client, first, "cancel")
        moved = await step(client, second, "move", {"on": DAY, "starts": "10:30", "ends": "11:30"})

    assert (refused.status_code, moved.status_code) == (409, 201)


async def test_the_gap_is_shown_and_tight_where_the_way_takes_longer(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as client:
        await plan(client, starts="09:00", ends="10:00")
        await plan(client, starts="10:15", ends="11:00", travel_minutes=30)
        await plan(client, starts="12:00", ends="13:00", travel_minutes=30)
        await plan(client, starts=None, ends=None)
        listed = (await client.get(PLACE, params={"worker": "sara", "from": DAY, "to": DAY})).json()["items"]

    assert [(each["gap_minutes"], each["tight"]) for each in listed] == [
        (None, False),
        (None, False),
        (15, True),
        (60, False),
    ]


async def test_an_absent_worker_is_flagged(scheduler: Scheduler) -> None:
    absence = {"worker": "sara", "from": DAY, "until": DAY, "substitute": "tom"}
    async with scheduler.running.client("coordinator") as client:
        await plan(client)
        assert (await client.post("/scheduler/absences", json=absence)).status_code == 201
        [listed] = (await client.get(PLACE, params={"worker": "sara"})).json()["items"]

    assert listed["worker_absent"] is True


async def test_another_organisation_sees_nothing(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as client:
        made = await plan(client)
    async with scheduler.running.client("line-nurse", org_id="elsewhere") as other:
        assert (await other.get(f"{PLACE}/{made['id']}")).status_code == 404
        assert (await other.get(PLACE)).json()["items"] == []


async def tell(scheduler: Scheduler, visit_id: UUID, status: str, on: str = DAY) -> None:
    """Deliver what cases tells of a visit; each fact as if of a case of its own, so that any order goes through."""
    data = {"case_id": UUID(int=3), "visit_id": visit_id, "kind": "home-visit", "status": status, "on": on}
    await scheduler.running.deliver("cases.visit-recorded.v1", uuid4(), data)


async def test_a_visit_of_cases_is_one_appointment_in_whatever_order_and_however_often_it_is_told(
    scheduler: Scheduler,
) -> None:
    told = (("planned", "2026-11-24"), ("moved", "2026-11-25"), ("done", "2026-11-25"))
    for order in permutations(told):
        visit_id = uuid4()
        for status, on in (*order, *order):
            await tell(scheduler, visit_id, status, on)
        async with scheduler.running.client("line-nurse") as client:
            listed = (await client.get(PLACE, params={"case_id": str(UUID(int=3))})).json()["items"]
        [mine] = [each for each in listed if each["visit_id"] == str(visit_id)]
        assert (mine["status"], mine["on"], mine["starts_at"]) == ("done", "2026-11-25", None)
    done = [each for each in await scheduler.running.types() if each == "scheduler.appointment-done.v1"]
    assert len(done) == 6


@given(on=st.dates(), at=st.times())
def test_every_time_between_seven_and_eight_in_the_evening_exists_every_day(on: Any, at: Any) -> None:
    if 7 <= at.hour < 20:
        assert exists(on, at)
    assert Times(on=on).starts_at is None
    assert AppointmentStatus.DONE.value == "done"
