"""What cases refuses by a person's word: sharing, telling others, new work, and the meeting's talk."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.ids import new_id
from tests.cases.meetings import DUE, Meeting, due
from tests.cases.test_shares import SHARING
from tests.cases.world import AGREEMENT, ASSIGNMENT, CLOSURE, PLAN, VISIT, World, accepted, at_work
from tests.security.consent.saying import hear

OTHER = str(SHARING["organisation"])


@pytest.fixture
async def world(run_service: Callable[..., Any]) -> AsyncIterator[World]:
    async with at_work(run_service("cases")) as found:
        await found.knows("centre", OTHER)
        yield found


async def refusal(world: World, case_id: str, step: str, body: dict[str, Any]) -> tuple[int, str]:
    """What comes of a step: the status, and the problem's code."""
    answer = await world.step(case_id, step, body)
    return answer.status_code, answer.json().get("code", "")


async def taken_on(world: World) -> tuple[str, UUID]:
    """An assigned case of somebody who agreed to case management, and who that is."""
    person = uuid4()
    case_id = await world.opened(person_id=person)
    await world.done(case_id, "assignment", ASSIGNMENT)
    return case_id, person


async def test_a_plan_is_agreed_only_once_case_management_is(world: World) -> None:
    person, referral = uuid4(), new_id()
    told = accepted(referral, person)
    await world.service.deliver("referrals.referral-accepted.v1", referral, told)
    case_id = (await world.told("cases.case-opened.v1"))[-1]["case_id"]
    await world.done(case_id, "assignment", ASSIGNMENT)
    await world.done(case_id, "visits", VISIT)
    await world.done(case_id, "plan", PLAN)
    assert await refusal(world, case_id, "plan/agreement", AGREEMENT) == (409, "consent-missing")
    await hear(world.service, person, "case-management")
    await world.done(case_id, "plan/agreement", AGREEMENT)


async def test_without_case_management_the_case_comes_before_its_leaders_and_nothing_new_begins(world: World) -> None:
    case_id, person = await taken_on(world)
    await world.done(case_id, "visits", VISIT)
    await hear(world.service, person, "case-management", "withdrawn", minutes=9)
    assert ("consent-withdrawn", case_id) in await world.agenda()
    assert await refusal(world, case_id, "plan", PLAN) == (409, "consent-refused")
    assert await refusal(world, case_id, "assignment", ASSIGNMENT) == (409, "consent-refused")
    await hear(world.service, person, "case-management", minutes=12)
    assert ("consent-withdrawn", case_id) not in await world.agenda()
    await hear(world.service, person, "case-management", "withdrawn", minutes=15)
    await world.done(case_id, "closure", CLOSURE)
    assert ("consent-withdrawn", case_id) not in await world.agenda()


async def test_a_case_is_shared_only_by_consent_and_closed_to_the_other_when_it_is_withdrawn(world: World) -> None:
    case_id, person = await taken_on(world)
    assert await refusal(world, case_id, "shares", SHARING) == (409, "consent-missing")
    await world.agrees(person, "sharing", about=OTHER)
    await world.done(case_id, "shares", SHARING)
    await hear(world.service, person, "sharing", "withdrawn", about=OTHER, minutes=9)
    [share] = (await world.read(f"/cases/{case_id}/shares"))["items"]
    assert (share["is_live"], share["end_reason"]) == (False, "consent-withdrawn")
    assert await refusal(world, case_id, "shares", SHARING) == (409, "consent-refused")


async def test_a_member_of_an_organisation_that_is_not_to_know_is_told_nothing(world: World) -> None:
    case_id, person = await taken_on(world)
    nurse = {"kind": "professional", "role": "home-nurse", "organisation": "centre", "since": "2026-11-01"}
    member = await world.done(case_id, "circle", nurse)
    told = {"member_id": member["id"], "step": "opening", "channel": "letter", "on": "2026-11-20", "consent": "oral"}
    await hear(world.service, person, "sharing", "refused", about="centre")
    assert await refusal(world, case_id, "information", told) == (409, "consent-refused")
    await hear(world.service, person, "sharing", about="centre", minutes=5)
    await world.done(case_id, "information", told)


async def test_who_does_not_want_the_meeting_to_talk_is_not_put_on_it(world: World) -> None:
    (silent, person), (other, _) = await taken_on(world), await taken_on(world)
    for case_id in (silent, other):
        await world.hear(DUE, uuid4(), due(case_id, uuid4()))
    await hear(world.service, person, "team-meeting", "refused")
    lines = (await world.read("/cases/meetings/agenda"))["items"]
    assert {line["case_id"]: line["withheld"] for line in lines} == {silent: True, other: False}
    meeting = await Meeting.planned(world)
    planned = (await world.read(f"/cases/meetings/{meeting.id}/agenda"))["items"]
    assert {line["case_id"] for line in planned} == {other}


async def test_a_no_is_known_to_a_case_that_is_opened_later(world: World) -> None:
    person, referral = uuid4(), new_id()
    await hear(world.service, person, "case-management", "refused")
    await world.service.deliver("referrals.referral-accepted.v1", referral, accepted(referral, person))
    case_id = (await world.told("cases.case-opened.v1"))[-1]["case_id"]
    assert ("consent-withdrawn", case_id) in await world.agenda()
