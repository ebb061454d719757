"""Who may see a case: by its life, by whom it is shared with, and never somebody whom the person has excluded."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import pytest

from shared.ids import new_id
from shared.inbox import Outcome
from shared.relationships import asked
from shared.testing.harness import UnderTest
from tests.cases.world import ASSIGNMENT, CLOSURE, DECLINE, IDENTIFIED, World, at_work, identified
from tests.security.relationships.linked import denials
from tests.security.relationships.walking import shown

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
CALLED = "intake.contact-recorded.v1"
CONSENT = {"kind": "oral", "by": "person", "on": "2026-11-20"}
SHARING = {"organisation": "centre", "rule": "read", "purpose": "Suivi commun", "consent": CONSENT}


@pytest.fixture
async def world(run_service: Run) -> AsyncIterator[World]:
    """The programme at work."""
    async with at_work(run_service("cases")) as found:
        yield found


async def status(world: World, persona: str, case_id: str, **claims: Any) -> int:
    """What a persona gets who asks for a case."""
    async with world.service.client(persona, **claims) as client:
        return (await client.get(f"/cases/{case_id}")).status_code


async def assigned(world: World, person: UUID) -> str:
    """A case of a person, owned."""
    case_id = await world.opened(person_id=person)
    await world.done(case_id, "assignment", ASSIGNMENT)
    return case_id


async def exclude(world: World, person: UUID, worker: str, organisation: str = "relais", **more: Any) -> UUID:
    """The person excludes somebody, as intake tells it."""
    told = {"exclusion_id": new_id(), "person_id": person, "organisation": organisation, "worker": worker}
    said = {**told, "since": world.service.clock.now(), "until": None, **more}
    await world.hear("intake.exclusion-changed.v1", UUID(str(said["exclusion_id"])), said)
    return UUID(str(said["exclusion_id"]))


async def test_the_reasons_follow_the_life_of_a_case(world: World) -> None:
    case_id = await world.opened(person_id=new_id())
    for persona in ("line-nurse", "case-manager-nurse", "case-manager-social-worker", "coordinator"):
        assert await status(world, persona, case_id) == 200, "a request that waits is everybody's who triages"
    await world.done(case_id, "assignment", ASSIGNMENT)
    assert await status(world, "line-nurse", case_id) == 404, "taken on: the line has nothing to do with it"
    assert await status(world, "case-manager-social-worker", case_id) == 200, "the team replaces each other"
    await world.done(case_id, "closure", CLOSURE)
    world.service.clock.move(days=199)
    assert await status(world, "case-manager-nurse", case_id) == 200, "its follow-ups still run"
    world.service.clock.move(days=2)
    assert await status(world, "case-manager-nurse", case_id) == 404, "ended yesterday"
    assert await status(world, "coordinator", case_id) == 200
    assert set(await denials(world.service)) == {"no-relationship"}


async def test_a_declined_request_closes_after_some_days(world: World) -> None:
    case_id = await world.opened(person_id=new_id())
    await world.done(case_id, "decline", DECLINE)
    assert await status(world, "case-manager-nurse", case_id) == 200
    assert await status(world, "line-nurse", case_id) == 404
    world.service.clock.move(days=31)
    assert await status(world, "case-manager-nurse", case_id) == 404


async def test_a_call_opens_the_case_to_the_line_for_three_days(world: World) -> None:
    person = new_id()
    case_id = await assigned(world, person)
    contact = {"contact_id": new_id(), "person_id": person, "direction": "inbound", "outcome": "answered"}
    assert await world.hear(CALLED, new_id(), contact) is Outcome.HANDLED
    assert await status(world, "line-nurse", case_id) == 200
    assert await status(world, "line-nurse", case_id, org_id="centre") == 404
    world.service.clock.move(hours=72)
    assert await status(world, "line-nurse", case_id) == 404


async def test_the_person_may_turn_out_later(world: World) -> None:
    referral, person = new_id(), new_id()
    case_id = await world.opened(referral)
    assert await status(world, "case-manager-nurse", case_id) == 200, "the case stands for the person"
    await world.hear(IDENTIFIED, referral, identified(referral, person))
    assert await status(world, "case-manager-nurse", case_id) == 200
    await exclude(world, person, "case-manager-nurse")
    assert await status(world, "case-manager-nurse", case_id) == 404


async def test_a_share_opens_and_its_end_closes(world: World) -> None:
    await world.knows("centre")
    person = new_id()
    case_id = await assigned(world, person)
    await world.agrees(person, "sharing", about="centre")
    there = {"org_id": "centre", "sub": "there"}
    assert await status(world, "case-manager-nurse", case_id, **there) == 404
    share = await world.done(case_id, "shares", SHARING)
    assert await status(world, "case-manager-nurse", case_id, **there) == 200
    await world.done(case_id, f"shares/{share['id']}/end", {"reason": "purpose-reached"})
    assert await status(world, "case-manager-nurse", case_id, **there) == 404
    assert await status(world, "case-manager-nurse", case_id) == 200


async def test_lists_show_what_single_reads_answer(world: World) -> None:
    people = [new_id() for _ in range(3)]
    case_ids = [await assigned(world, person) for person in people]
    await exclude(world, people[0], "case-manager-nurse")
    for persona in ("case-manager-nurse", "case-manager-social-worker", "line-nurse"):
        single = {case_id for case_id in case_ids if await status(world, persona, case_id) == 200}
        listed = (await world.as_(persona).get("/cases")).json()["items"]
        assert {each["id"] for each in listed} == single
        tasks = await world.as_(persona).get("/cases/tasks")
        assert {each["case_id"] for each in tasks.json()["items"]} <= single
    assert len(single) == 0, "the line is related to none of them"


async def test_an_excluded_worker_is_not_given_the_case(world: World) -> None:
    person = new_id()
    case_id = await world.opened(person_id=person)
    exclusion = await exclude(world, person, "case-manager-nurse")
    answer = await world.step(case_id, "assignment", ASSIGNMENT)
    assert (answer.status_code, answer.json()["code"]) == (409, "worker-excluded")
    over: dict[str, Any] = {"exclusion_id": exclusion, "until": world.service.clock.now()}
    await exclude(world, person, "case-manager-nurse", **over)
    assert (await world.step(case_id, "assignment", ASSIGNMENT)).status_code == 201


async def test_no_get_shows_anything_of_a_case_to_an_excluded_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = new_id()
    case_id = await assigned(world, person)
    await world.done(case_id, "visits", {"kind": "home-visit", "status": "done", "on": "2026-11-20"})
    await world.service.tick()
    ids = {"case_id": case_id, "person": str(person)}
    before = await shown(world.service, "case-manager-nurse", ids)
    assert len(before) > 8, before
    await exclude(world, person, "case-manager-nurse")
    assert await shown(world.service, "case-manager-nurse", ids) == {}
    assert await shown(world.service, "case-manager-social-worker", ids)
    monkeypatch.setattr(asked, "reasons_of", lambda roles: None)
    assert await shown(world.service, "case-manager-nurse", ids) == before, "without the question all is open again"
