"""Shared cases by rule: with consent another organisation sees a case, or does its own part of the work."""

from typing import Any

import pytest

from services.cases.domain import IllegalStep, Unfit
from services.cases.domain.share import RIGHTS, NotByThisShare, Right, ShareOver, Sharing, allow, share
from services.cases.events import ShareEnd, ShareRule
from tests.cases.neighbours import OTHER, of, step
from tests.cases.record import NOW, Record, opened
from tests.cases.record import TODAY as THIS_DAY
from tests.cases.world import (
    AGREEMENT,
    ASSIGNMENT,
    CLOSURE,
    COMPLETION,
    PLAN,
    TASK,
    TODAY,
    TOMORROW,
    YESTERDAY,
    World,
    named,
)

CONSENT = {"kind": "written", "by": "person", "on": TODAY}
SHARING = {"organisation": OTHER, "rule": "contribute", "purpose": "Le centre passe chaque jour", "consent": CONSENT}


def wish(**changes: Any) -> Sharing:
    return Sharing.model_validate({**SHARING, **changes})


def test_each_rule_allows_what_the_one_before_it_allows_and_more() -> None:
    read, contribute, lead = (RIGHTS[rule] for rule in ShareRule)

    assert read < contribute < lead == frozenset(Right)


def test_only_a_right_of_the_rule_opens_a_step_to_another_organisation() -> None:
    case = Record().assign().case

    for rule in ShareRule:
        for right in Right:
            if right in RIGHTS[rule]:
                allow(case, OTHER, rule, right)
            else:
                with pytest.raises(NotByThisShare):
                    allow(case, OTHER, rule, right)
        with pytest.raises(NotByThisShare):
            allow(case, OTHER, rule, None)
    with pytest.raises(NotByThisShare):
        allow(case, OTHER, None, Right.READ)
    allow(case, case.organisation, None, None)


def test_a_case_without_an_owner_is_not_shared() -> None:
    with pytest.raises(IllegalStep):
        share(opened(), wish(), [], ("anne", NOW), THIS_DAY)


def test_a_share_ends_once() -> None:
    made, fact = share(Record().assign().case, wish(), [], ("anne", NOW), THIS_DAY)

    ended = made.end(ShareEnd.PURPOSE_REACHED, THIS_DAY)

    assert (fact.rule, fact.organisation, ended.share_id, made.is_live) == ("contribute", OTHER, made.id, False)
    with pytest.raises(ShareOver):
        made.end(ShareEnd.PURPOSE_REACHED, THIS_DAY)


def test_a_share_that_begins_later_is_not_live_yet() -> None:
    made, _ = share(Record().assign().case, wish(begins_on=TOMORROW), [], ("anne", NOW), THIS_DAY)

    assert not made.is_live
    with pytest.raises(Unfit):
        share(Record().assign().case, wish(organisation="relais"), [], ("anne", NOW), THIS_DAY)


async def test_a_shared_case_is_seen_and_worked_on_by_its_rule_and_no_longer_after_the_end(world: World) -> None:
    case_id = await world.agreed()
    mine = next(task for task in (await world.view(case_id))["tasks"] if task["organisation"] == OTHER)
    before = await of(world).get(f"/cases/{case_id}")
    shared = await world.done(case_id, "shares", SHARING)

    seen = await of(world).get(f"/cases/{case_id}")
    listed = (await of(world).get("/cases")).json()["items"]
    refused = [
        await step(world, case_id, "assignment", ASSIGNMENT),
        await step(world, case_id, "closure", CLOSURE),
        await step(world, case_id, "plan", PLAN),
        await step(world, case_id, "tasks", TASK),
        await step(world, case_id, "shares", {**SHARING, "organisation": "maison"}),
        await step(world, case_id, "pause", {"reason": "readmitted", "until": "2026-12-24"}),
    ]
    done = await step(world, case_id, f"tasks/{mine['id']}/completion", COMPLETION)
    await world.done(case_id, f"shares/{shared['id']}/end", {"reason": "consent-withdrawn"})
    after = await of(world).get(f"/cases/{case_id}")

    assert (before.status_code, seen.status_code, after.status_code) == (404, 200, 404)
    assert (seen.json()["organisation"], [each["id"] for each in listed]) == ("relais", [case_id])
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(403, "not-by-this-share")] * len(refused)
    assert (done.status_code, done.json()["status"]) == (201, "done")
    assert [fact["rule"] for fact in await world.told("cases.case-shared.v1")] == ["contribute"]
    assert [fact["reason"] for fact in await world.told("cases.case-share-ended.v1")] == ["consent-withdrawn"]
    assert "passe chaque jour" not in str(await world.service.announced())


async def test_a_contributing_organisation_finishes_its_own_tasks_only(world: World) -> None:
    await world.knows("maison", OTHER)
    case_id = await world.agreed({**PLAN, "tasks": [{**TASK, "organisation": "maison"}, TASK]})
    theirs = next(task for task in (await world.view(case_id))["tasks"] if task["organisation"] == "maison")
    await world.done(case_id, "shares", SHARING)

    refused = await step(world, case_id, f"tasks/{theirs['id']}/completion", COMPLETION)

    assert (refused.status_code, refused.json()["accountable"]) == (403, "maison")


async def test_an_organisation_that_leads_too_writes_the_plan_but_never_closes(world: World) -> None:
    case_id = await world.agreed()
    await world.done(case_id, "shares", {**SHARING, "rule": "co-lead"})

    drafted = await step(world, case_id, "plan", PLAN)
    agreed = await step(world, case_id, "plan/agreement", {**AGREEMENT, "plan_version": 2})
    closed = await step(world, case_id, "closure", CLOSURE)
    rule = await world.read("/cases/sharing-rules")

    assert (drafted.status_code, agreed.status_code, closed.status_code) == (201, 201, 403)
    assert [each["rule"] for each in rule["rules"]] == ["read", "contribute", "co-lead"]


async def test_a_share_begins_and_ends_by_the_calendar(world: World) -> None:
    case_id = await world.agreed()
    await world.done(case_id, "shares", {**SHARING, "begins_on": TOMORROW, "until": "2026-11-22"})

    seen = []
    for _ in range(4):
        await world.service.tick()
        seen.append((await of(world).get(f"/cases/{case_id}")).status_code)
        world.service.clock.move(days=1)

    assert seen == [404, 200, 200, 404]
    [ended] = await world.told("cases.case-share-ended.v1")
    assert (ended["reason"], ended["on"]) == ("expired", "2026-11-23")


async def test_an_organisation_may_leave_by_itself_and_ends_nothing_else(world: World) -> None:
    case_id = await world.agreed()
    await world.knows("maison")
    mine = await world.done(case_id, "shares", SHARING)
    other = await world.done(case_id, "shares", {**SHARING, "organisation": "maison"})

    wrong = await step(world, case_id, f"shares/{other['id']}/end", {"reason": "organisation-left"})
    reason = await step(world, case_id, f"shares/{mine['id']}/end", {"reason": "consent-withdrawn"})
    left = await step(world, case_id, f"shares/{mine['id']}/end", {"reason": "organisation-left"})
    again = await world.step(case_id, f"shares/{mine['id']}/end", {"reason": "organisation-left"})

    assert [each.status_code for each in (wrong, reason, left, again)] == [404, 403, 201, 409]
    assert again.json()["code"] == "share-over"


async def test_a_share_that_cannot_be_is_refused_with_the_place(world: World) -> None:
    case_id = await world.agreed()
    without = {name: value for name, value in SHARING.items() if name != "consent"}
    cases: list[tuple[dict[str, Any], tuple[str, str]]] = [
        (without, ("/consent", "required")),
        ({**SHARING, "organisation": "relais"}, ("/organisation", "leads-already")),
        ({**SHARING, "organisation": "nulle-part"}, ("/organisation", "unknown-organisation")),
        ({**SHARING, "begins_on": YESTERDAY}, ("/begins_on", "in-past")),
        ({**SHARING, "begins_on": "2026-12-02", "until": "2026-12-01"}, ("", "until-before-begin")),
        ({**SHARING, "until": YESTERDAY}, ("/until", "in-past")),
        ({**SHARING, "consent": {**CONSENT, "on": TOMORROW}}, ("/consent/on", "in-future")),
        ({**SHARING, "rule": "everything"}, ("/rule", "not-one-of")),
    ]
    for body, expected in cases:
        answer = await world.step(case_id, "shares", body)
        assert answer.status_code == 422, answer.text
        assert named(answer) == [expected], body
    await world.done(case_id, "shares", SHARING)
    twice = await world.step(case_id, "shares", SHARING)
    stale = await world.step(case_id, "shares", SHARING, etag='"1"')

    assert (twice.status_code, twice.json()["code"], stale.status_code) == (409, "shared-already", 412)
