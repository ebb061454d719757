"""Moves, relatives, filters, history and counts of follow-ups on a real database."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.scheduler.world import FOUND, Scheduler, attempt, step

MOVE = {"to": "2026-11-24", "reason": "in-hospital", "asked_by": "person"}


async def test_a_move_is_told_once_and_kept(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        moved = await step(nurse, path, "move", MOVE)
        history = (await nurse.get(f"{path}/history")).json()["items"]

    assert (moved.status_code, moved.json()["status"], moved.json()["due_on"]) == (201, "planned", "2026-11-24")
    assert (await scheduler.told(path))[-1] == "follow-up-moved"
    fact = (await scheduler.running.announced())[-1][1]
    assert (fact["moved_from"], fact["due_on"], fact["reason"], fact["asked_by"]) == (
        "2026-11-20",
        "2026-11-24",
        "in-hospital",
        "person",
    )
    assert [(each["step"], each["reason"], each["due_on"]) for each in history] == [
        ("planned", None, "2026-11-20"),
        ("moved", "in-hospital", "2026-11-24"),
    ]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"to": "2026-11-19"}, {"/to": "in-past"}),
        ({"to": "2026-11-21"}, {"/to": "not-a-working-day"}),
        ({"to": "2026-11-20"}, {"/to": "unchanged"}),
        ({"to": "soon"}, {"/to": "wrong-format"}),
        ({"reason": "Mme Dupont"}, {"/reason": "not-one-of"}),
        ({"asked_by": "me"}, {"/asked_by": "not-one-of"}),
        ({"why": "x"}, {"/why": "unknown-field"}),
    ],
)
async def test_a_wrong_move_is_refused_with_its_place(
    scheduler: Scheduler, changed: dict[str, Any], faults: dict[str, str]
) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        answer = await step(nurse, path, "move", {**MOVE, **changed})

    assert answer.status_code == 422
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == faults
    assert "Dupont" not in answer.text
    assert (await scheduler.told(path))[-1] == "follow-up-due"


@pytest.mark.parametrize(("name", "body"), [("attempts", attempt("answered")), ("result", FOUND), ("move", MOVE)])
async def test_a_cancelled_follow_up_takes_no_step(scheduler: Scheduler, name: str, body: dict[str, Any]) -> None:
    case = uuid4()
    await scheduler.close(case)
    path = f"/scheduler/follow-ups/{(await scheduler.of_case(case))[0]['id']}"
    await scheduler.reopen(case)

    async with scheduler.running.client("line-nurse") as nurse:
        answer = await step(nurse, path, name, body)
        history = (await nurse.get(f"{path}/history")).json()["items"]

    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "illegal-step", "cancelled")
    assert [(each["step"], each["reason"]) for each in history] == [("planned", None), ("cancelled", "reopened")]
    assert (await scheduler.running.announced())[-1][1]["reason"] == "reopened"


@pytest.mark.parametrize(("name", "body"), [("attempts", attempt("answered")), ("result", FOUND), ("move", MOVE)])
async def test_a_step_on_somebody_elses_claim_is_refused(scheduler: Scheduler, name: str, body: dict[str, Any]) -> None:
    path = await scheduler.one_due()
    async with (
        scheduler.running.client("line-nurse") as nurse,
        scheduler.running.client("line-nurse", sub="another-nurse") as other,
    ):
        assert (await other.post(f"{path}/claim")).status_code == 201
        answer = await step(nurse, path, name, body)
        assert (answer.status_code, (await nurse.get(path)).json()["status"]) == (409, "due")
        assert (await step(other, path, name, body)).status_code == 201


async def test_a_relative_is_noted_by_code_and_stays_out_of_the_facts(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    spoke = attempt("spoke-to-relative", relative={"relation": "child", "may_talk": True})
    async with scheduler.running.client("line-nurse") as nurse:
        answer = await step(nurse, path, "attempts", spoke)
        wrong = await step(nurse, path, "attempts", {**spoke, "relative": {"relation": "Anna", "may_talk": "yes"}})

    assert answer.json()["attempts"][0]["relative"] == {"relation": "child", "may_talk": True}
    assert {fault["pointer"] for fault in wrong.json()["errors"]} == {"/relative/relation", "/relative/may_talk"}
    assert "child" not in str(await scheduler.running.announced())


async def test_a_call_again_is_planned_once_and_ends_with_the_reopening(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    await scheduler.running.tick()
    path = f"/scheduler/follow-ups/{(await scheduler.of_case(case))[0]['id']}"
    result = {**FOUND, "next_action": "call-again", "next_on": "2026-12-01", "solved_needs": ["housing"]}
    async with scheduler.running.client("line-nurse") as nurse:
        tag = (await nurse.get(path)).headers["etag"]
        headers = {"if-match": tag, "idempotency-key": "result-1"}
        answers = [await nurse.post(f"{path}/result", json=result, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    found = {each["kind"]: each for each in await scheduler.of_case(case)}
    assert (found["call-again"]["due_on"], len(found["call-again"]["items"])) == ("2026-12-01", 1)
    assert len(found) == 3

    await scheduler.reopen(case)

    statuses = {each["kind"]: each["status"] for each in await scheduler.of_case(case)}
    assert statuses == {"one-month": "completed", "call-again": "cancelled", "six-months": "cancelled"}


async def test_a_contact_by_a_relative_about_the_person_clears_it_too(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        for _ in range(3):
            await step(nurse, path, "attempts", attempt("no-answer"))
        await scheduler.running.deliver(
            "intake.contact-recorded.v1",
            uuid4(),
            {"contact_id": uuid4(), "person_id": scheduler.person, "direction": "inbound", "outcome": "answered"},
        )
        assert (await nurse.get(path)).json()["status"] == "due"
        steps = [each["step"] for each in (await nurse.get(f"{path}/history")).json()["items"]]
    assert steps == ["planned", "attempt", "attempt", "attempt", "unreachable", "restored"]


async def test_follow_ups_are_found_by_each_filter(scheduler: Scheduler) -> None:
    case, other = uuid4(), uuid4()
    await scheduler.close(case)
    await scheduler.close(other, date(2026, 11, 2), person_id=uuid4())
    await scheduler.running.tick()
    filters: list[tuple[dict[str, str], int]] = [
        ({}, 4),
        ({"case_id": str(case)}, 2),
        ({"person_id": str(scheduler.person)}, 2),
        ({"status": "due"}, 1),
        ({"kind": "six-months"}, 2),
        ({"trigger": "case-closed"}, 4),
        ({"trigger": "discharge"}, 0),
        ({"worker": "nobody"}, 0),
        ({"due_from": "2026-11-21", "due_until": "2026-12-31"}, 1),
        ({"due_until": "2026-11-20", "status": "planned"}, 0),
    ]
    async with scheduler.running.client("line-nurse") as nurse:
        for wanted, count in filters:
            answer = await nurse.get("/scheduler/follow-ups", params=wanted)
            assert (answer.status_code, len(answer.json()["items"])) == (200, count), wanted
        for wrong in ({"status": "lost"}, {"due_from": "today"}, {"nurse": "x"}, {"kind": "Mme Dupont"}):
            answer = await nurse.get("/scheduler/follow-ups", params=wrong)
            assert answer.status_code == 422
            assert "Dupont" not in answer.text


async def test_failed_unreachable_and_refused_are_counted_apart(scheduler: Scheduler) -> None:
    lost, refusing = await scheduler.one_due(), await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        for outcome in ("no-answer", "wrong-number", "no-answer"):
            await step(nurse, lost, "attempts", attempt(outcome))
        await step(nurse, refusing, "attempts", attempt("refused"))
        report = (await nurse.get("/scheduler/reports/attempts")).json()
        wrong = await nurse.get("/scheduler/reports/attempts", params={"from_month": "2020-01-01"})
    async with scheduler.running.client("line-nurse", org_id="other") as stranger:
        nothing = (await stranger.get("/scheduler/reports/attempts")).json()

    month = {"month": "2026-11-01", "kind": "one-month"}
    assert report["attempts"] == [
        {**month, "outcome": "no-answer", "count": 2},
        {**month, "outcome": "refused", "count": 1},
        {**month, "outcome": "wrong-number", "count": 1},
    ]
    assert report["follow_ups"] == [
        {**month, "step": "refused", "count": 1},
        {**month, "step": "unreachable", "count": 1},
    ]
    assert (wrong.status_code, nothing["attempts"], nothing["follow_ups"]) == (422, [], [])
