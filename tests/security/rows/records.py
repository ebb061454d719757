"""What stands in each service while strangers look for it: records of one organisation, made as people make them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import filled
from tests.assessment.outcomes.cases import open_case
from tests.assessment.profile.people import NOW
from tests.cases.meetings import SERIES
from tests.cases.world import VISIT, World
from tests.intake.people import CALL, ODETTE, registered
from tests.referrals.outgoing.asking import ask, knows
from tests.referrals.pushes import FULL, push, register
from tests.security.consent.saying import hear


async def intake(running: UnderTest) -> None:
    """A person, contacts, a call owed, a draft, an outage, opening hours."""
    hours = {"valid_from": "2025-01-01", "weekly": [[{"opens": "08:30:00", "closes": "12:30:00"}]] * 7}
    outage = {"began_at": "2026-11-16T07:00:00Z", "ended_at": "2026-11-18T17:00:00Z", "cause": "telephone-exchange"}
    async with running.client("line-nurse") as nurse, running.client("coordinator") as coordinator:
        person = await registered(running, ODETTE)
        await done(nurse.post("/intake/contacts", json={**CALL, "person_id": person}))
        owed = {**CALL, "person_id": person, "outcome": "call-back", "reason": "information-to-find"}
        await done(nurse.post("/intake/contacts", json=owed))
        await done(nurse.post("/intake/contacts/drafts", json={}))
        await done(coordinator.put("/intake/line/hours", json=hours))
        await done(coordinator.post("/intake/line/outages", json=outage))


async def cases(running: UnderTest) -> None:
    """A case in care with a plan, visits and activities, and the weekly meetings."""
    world = World(running)
    case_id = await world.agreed()
    await world.done(case_id, "visits", VISIT)
    await done(world.as_("coordinator").put("/cases/meetings/series", json=SERIES))
    for client in world.clients.values():
        await client.aclose()


async def assessment(running: UnderTest) -> None:
    """A sheet, a draft, an advice, an outcome, an agreement to share."""
    sheet = {name: value for name, value in filled(NOW).items() if name != "identifier"}
    person, case_id = str(uuid4()), str(await open_case(running))
    agreed = {"audience": "chu", "given_by": "person", "how": "oral", "until": "2027-11-20"}
    await hear(running, person, "sharing", about="chu")
    outcome = {"point": "start", "measured_on": "2026-11-20", "living_situation": "at-home", "case_id": case_id}
    async with running.client("case-manager-nurse") as manager:
        await done(manager.post("/assessment/sheets", json={**sheet, "person_id": person}))
        await done(manager.post("/assessment/drafts", json={"person_id": person, "content": {}}))
        await done(manager.post("/assessment/admissions", json={"person_id": person}))
        await done(manager.post("/assessment/outcomes", json=outcome))
        await done(manager.post(f"/assessment/persons/{person}/profile-consents", json=agreed))


async def scheduler(running: UnderTest) -> None:
    """A closed case with its follow-ups, an appointment, an absence."""
    person, case_id, item = uuid4(), uuid4(), uuid4()
    opened = {"case_id": case_id, "person_id": person, "organisation": "relais", "origin_id": uuid4()}
    await running.deliver("cases.case-opened.v1", case_id, {**opened, "origin_kind": "referral", "urgency": "routine"})
    closed = {"case_id": case_id, "person_id": person, "closed_on": "2026-10-20", "reason": "goals-met"}
    await running.deliver(
        "cases.case-closed.v1", case_id, {**closed, "items": [{"task_id": item, "domain": "housing"}]}
    )
    away = {"worker": "anna", "substitute": "bert", "from": "2026-12-01", "until": "2026-12-10"}
    async with running.client("coordinator") as coordinator:
        await done(coordinator.post("/scheduler/absences", json=away))


async def referrals(running: UnderTest) -> None:
    """A hospital's referral, and a demand to an organisation of the network."""
    await register(running)
    await push(running, FULL)
    await knows(running, "centre")
    await ask(running)


async def done(answering: Awaitable[Any]) -> None:
    """A request that must succeed."""
    answer = await answering
    assert answer.is_success, answer.text


RECORDS: Mapping[str, Callable[[UnderTest], Awaitable[None]]] = {
    "intake": intake,
    "cases": cases,
    "assessment": assessment,
    "scheduler": scheduler,
    "referrals": referrals,
}
