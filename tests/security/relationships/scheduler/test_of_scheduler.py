"""Calls, appointments and tasks are open to whoever is related to the person; a promised call is such a link itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.scheduler.app import service
from shared.testing.harness import under_test
from tests.conftest import Databases
from tests.scheduler.world import Scheduler, step
from tests.security.relationships import strangers

VISIT = {"kind": "home-visit", "on": "2026-11-24", "starts": "10:00", "ends": "11:00", "worker": "sara"}


@dataclass
class Followed:
    """A person with a closed case whose first call is due, an appointment, and a task of the line."""

    world: Scheduler
    case: UUID = field(default_factory=uuid4)
    task: UUID = field(default_factory=uuid4)
    calls: list[str] = field(default_factory=list)
    appointment: str = ""

    @property
    def person(self) -> UUID:
        """Whom all of it is about."""
        return self.world.person

    async def everything(self) -> None:
        """The case as cases told it, a visit as staff planned it, a task as the meeting gave it."""
        running, about = self.world.running, {"case_id": self.case, "person_id": self.person}
        await running.deliver("cases.case-opened.v1", self.case, {**about, "origin_id": uuid4(), "urgency": "routine"})
        assigned = {"worker": "sara", "organisation": "relais", "discipline": "nurse"}
        await running.deliver("cases.case-assigned.v1", self.case, {"case_id": self.case, **assigned})
        task = {"task_id": self.task, "case_id": self.case, "domain": "food", "due_on": "2026-11-20"}
        given = {**task, "organisation": "relais", "assignee": "line"}
        await running.deliver("cases.task-assigned.v1", self.case, given)
        async with running.client("case-manager-nurse") as manager:
            said = {**VISIT, "person_id": str(self.person), "case_id": str(self.case)}
            answer = await manager.post("/scheduler/appointments", json=said)
            assert answer.status_code == 201, answer.text
            self.appointment = f"/scheduler/appointments/{answer.json()['id']}"

    async def closed(self) -> None:
        """The case is closed, its first call is due."""
        await self.world.close(self.case, version=4)
        await self.world.running.tick()
        self.calls = [f"/scheduler/follow-ups/{each['id']}" for each in await self.world.of_case(self.case)]

    async def called_off(self) -> None:
        """The case goes on: the calls are called off."""
        await self.world.reopen(self.case, version=5)

    async def seen_by(self, client: httpx.AsyncClient, **headers: str) -> tuple[set[int], int]:
        """The statuses of the single records, and how many the lists hold."""
        singles = [*self.calls, *(f"{call}/history" for call in self.calls), self.appointment]
        lists = [f"/scheduler/{name}?person_id={self.person}" for name in ("follow-ups", "appointments")]
        statuses = {(await client.get(path, headers=headers)).status_code for path in singles}
        found = [(await client.get(path, headers=headers)).json()["items"] for path in lists]
        return statuses, sum(map(len, found))


@pytest.fixture
async def followed(databases: Databases) -> AsyncIterator[Followed]:
    """The person, with an open case."""
    urls = await databases.fresh(service)
    async with under_test(service, urls) as running:
        world = Scheduler(running, urls.owner_url)
        await world.set_time(running.clock.now())
        made = Followed(world)
        await made.everything()
        yield made


NOTHING: tuple[set[int], int] = ({404}, 0)


async def test_a_role_alone_sees_nothing_and_the_denial_is_audited(followed: Followed) -> None:
    await followed.closed()
    await followed.called_off()
    async with followed.world.running.client("case-manager-nurse") as manager:
        assert await followed.seen_by(manager) == ({200}, len(followed.calls) + 1)
        await strangers.forget_everybody(followed.world.running)
        assert await followed.seen_by(manager) == NOTHING
        said = {**VISIT, "on": "2026-12-24", "person_id": str(followed.person)}
        assert (await manager.post("/scheduler/appointments", json=said)).status_code == 404
        await followed.world.running.deliver("cases.task-done.v1", followed.case, {"task_id": followed.task})
        assert (await manager.get("/scheduler/worklist/tasks")).json()["items"] == []
    assert set(await strangers.denied(followed.world.running)) == {"no-relationship"}


async def test_a_promised_call_relates_the_team_to_the_person_until_it_is_off(followed: Followed) -> None:
    await followed.closed()
    await strangers.forget_everybody(followed.world.running)
    async with followed.world.running.client("line-nurse") as nurse:
        listed = (await nurse.get("/scheduler/worklist")).json()["items"]
        assert [f"/scheduler/follow-ups/{each['follow_up_id']}" for each in listed] == followed.calls[:1]
        assert await followed.seen_by(nurse) == ({200}, len(followed.calls) + 1), (
            "the appointment of the same person too"
        )
        await followed.called_off()
        assert await followed.seen_by(nurse) == NOTHING


async def test_another_programmes_line_is_not_related_by_a_call_that_it_does_not_owe(followed: Followed) -> None:
    await followed.closed()
    async with followed.world.running.client("line-nurse", org_id="centre") as foreign:
        assert await followed.seen_by(foreign) == NOTHING


async def test_the_team_sees_it_until_its_time_after_the_closing_is_over(followed: Followed) -> None:
    running = followed.world.running
    await followed.world.close(followed.case, version=4, reason="deceased")
    async with running.client("case-manager-nurse") as manager:
        running.clock.move(days=199)
        assert (await manager.get(followed.appointment)).status_code == 200
        running.clock.move(days=1)
        assert (await manager.get(followed.appointment)).status_code == 404


async def test_an_exclusion_goes_before_the_promised_call(followed: Followed) -> None:
    await followed.closed()
    await strangers.exclude(followed.world.running, followed.person)
    async with followed.world.running.client("line-nurse") as nurse:
        assert await followed.seen_by(nurse) == NOTHING
        assert (await nurse.get("/scheduler/worklist")).json()["items"] == []
        assert (await nurse.get("/scheduler/worklist/tasks")).json()["items"] == []
        refused = await nurse.post(f"{followed.calls[0]}/claim")
        assert refused.status_code == 404
    assert set(await strangers.denied(followed.world.running)) == {"excluded"}


async def test_emergency_access_opens_it_and_ends_by_the_clock(followed: Followed) -> None:
    await followed.closed()
    await followed.called_off()
    await strangers.forget_everybody(followed.world.running)
    async with followed.world.running.client("line-nurse") as nurse:
        header = await strangers.break_glass(followed.world.running, nurse, followed.person)
        assert await followed.seen_by(nurse, **header) == ({200}, len(followed.calls) + 1)
        followed.world.running.clock.move(minutes=60)
        assert (await nurse.get(followed.appointment, headers=header)).status_code == 403


async def test_nobody_puts_people_on_a_campaign_whom_they_do_not_know(followed: Followed) -> None:
    async with followed.world.running.client("coordinator") as lead:
        body: dict[str, Any] = {"people": [{"person_id": str(followed.person)}], "per_day": 5}
        assert (await lead.post("/scheduler/campaigns", json=body)).status_code == 201
        body["people"].append({"person_id": str(uuid4())})
        assert (await lead.post("/scheduler/campaigns", json=body)).status_code == 404


async def test_what_a_call_found_is_read_by_those_who_follow_the_person(followed: Followed) -> None:
    await followed.closed()
    running, call = followed.world.running, followed.calls[0]
    async with running.client("line-nurse") as nurse:
        found = {"on": "2026-11-20", "items": []}
        assert (await step(nurse, call, "result", found)).status_code in (201, 422)
        assert (await nurse.get(call)).status_code == 200


QUERIES = ("person_id={person}", "case_id={case}", "status=cancelled", "status=completed", "decided=true")


async def walked(followed: Followed) -> list[str]:
    """Every route of the service, asked by everybody, about a person to whom nobody is related."""
    await followed.closed()
    await followed.called_off()
    running = followed.world.running
    await running.deliver("cases.task-done.v1", followed.case, {"task_id": followed.task}, version=6)
    await strangers.forget_everybody(running)
    ids = [each.rsplit("/", 1)[1] for each in (*followed.calls, followed.appointment)]
    names = {"person": str(followed.person), "case": str(followed.case)}
    queries = [query.format(**names) for query in QUERIES]
    return await strangers.told(running, {*ids, *names.values(), str(followed.task)}, [*ids, *names.values()], queries)


async def test_no_route_tells_anything_of_a_person_to_whom_nobody_is_related(followed: Followed) -> None:
    assert await walked(followed) == []


async def test_the_walk_finds_what_a_build_without_the_rule_tells(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers.without_the_rule(monkeypatch)
    told = " ".join(await walked(followed))
    assert all(name in told for name in ("/follow-ups", "/appointments"))
