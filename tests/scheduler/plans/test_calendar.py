"""An organisation's working days: changed as data, followed by what is planned."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tests.scheduler.world import Scheduler, attempt, step

CALENDAR = "/scheduler/calendar"
EMPTY: dict[str, Any] = {"closed_on_27_september": False, "closed_days": [], "closures": []}
MOVE = {"from": "2026-12-07", "until": "2026-12-18", "reason": "move"}


async def days_of(scheduler: Scheduler, case: UUID) -> list[str]:
    """The days that a case's follow-ups are due on."""
    return [each["due_on"] for each in await scheduler.of_case(case)]


async def test_planned_follow_ups_move_off_a_closure_and_back_and_each_says_so(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2026, 11, 10))
    async with scheduler.running.client("coordinator") as coordinator:
        first = await coordinator.get(CALENDAR)
        closed = await coordinator.put(CALENDAR, json={**EMPTY, "closures": [MOVE]})
        away = await days_of(scheduler, case)
        opened = await coordinator.put(CALENDAR, json=EMPTY, headers={"if-match": closed.headers["etag"]})
        later = uuid4()
        await scheduler.close(later, date(2026, 11, 11))
    assert (first.json(), first.headers["etag"]) == ({**EMPTY, "planned": None}, '"0"')
    assert (closed.status_code, closed.json()["closures"], closed.json()["planned"]["moved"]) == (200, [MOVE], 1)
    assert away == ["2026-12-21", "2027-05-10"]
    assert opened.json()["planned"]["moved"] == 1
    assert await days_of(scheduler, case) == ["2026-12-10", "2027-05-10"]
    assert await days_of(scheduler, later) == ["2026-12-11", "2027-05-11"]
    facts = await scheduler.running.announced()
    moved = [data for kind, data in facts if kind == "scheduler.follow-up-moved.v1"]
    assert [(each["moved_from"], each["due_on"], each["reason"]) for each in moved] == [
        ("2026-12-10", "2026-12-21", "calendar-changed"),
        ("2026-12-21", "2026-12-10", "calendar-changed"),
    ]


async def test_a_day_that_was_agreed_is_kept_unless_it_is_closed(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        wished = attempt("call-back", call_back_on="2026-12-10")
        assert (await step(nurse, path, "attempts", wished)).status_code == 201
        async with scheduler.running.client("coordinator") as coordinator:
            await coordinator.put(CALENDAR, json={**EMPTY, "closed_on_27_september": True})
            kept = (await nurse.get(path)).json()["due_on"]
            tag = (await coordinator.get(CALENDAR)).headers["etag"]
            await coordinator.put(CALENDAR, json={**EMPTY, "closures": [MOVE]}, headers={"if-match": tag})
        moved = (await nurse.get(path)).json()["due_on"]
    assert (kept, moved) == ("2026-12-10", "2026-12-21")


async def test_another_organisation_works_on(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2026, 11, 10))
    async with scheduler.running.client("coordinator", org_id="centre") as coordinator:
        answer = await coordinator.put(CALENDAR, json={**EMPTY, "closures": [MOVE]})
    assert (answer.status_code, answer.json()["planned"]["moved"]) == (200, 0)
    assert await days_of(scheduler, case) == ["2026-12-10", "2027-05-10"]


async def test_the_closed_days_of_any_year_are_listed(scheduler: Scheduler) -> None:
    year = {"from": "2027-01-01", "to": "2027-12-31"}
    async with scheduler.running.client("coordinator") as coordinator:
        body = {
            **EMPTY,
            "closed_on_27_september": True,
            "closed_days": ["2027-05-07"],
            "closures": [{"from": "2027-08-13", "until": "2027-08-16", "reason": "annual-leave"}],
        }
        assert (await coordinator.put(CALENDAR, json=body)).status_code == 200
        days = (await coordinator.get(f"{CALENDAR}/days", params=year)).json()["items"]
        far = await coordinator.get(f"{CALENDAR}/days", params={"from": "2090-01-01", "to": "2090-12-31"})
        page = (await coordinator.get(f"{CALENDAR}/days", params={**year, "limit": 9})).json()
        rest = await coordinator.get(f"{CALENDAR}/days", params={**year, "limit": 9, "cursor": page["next"]})
    legal = [each["on"] for each in days if each["holiday"]]
    assert len(legal) == 10
    assert [(each["on"], each["why"], each["reason"]) for each in days if not each["holiday"]] == [
        ("2027-05-07", "closed-day", None),
        ("2027-08-13", "line-closure", "annual-leave"),
        ("2027-08-14", "line-closure", "annual-leave"),
        ("2027-08-16", "line-closure", "annual-leave"),
        ("2027-09-27", "french-community-day", None),
    ]
    assert [*page["items"], *rest.json()["items"]] == days
    assert len(far.json()["items"]) == 11


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"closures": [{**MOVE, "until": "2026-12-01"}]}, {"/closures/0/until": "before-start"}),
    ({"closures": [{**MOVE, "until": "2027-12-01"}]}, {"/closures/0/until": "out-of-range"}),
    ({"closures": [{**MOVE, "reason": "tired"}]}, {"/closures/0/reason": "not-one-of"}),
    ({"closures": [{**MOVE, "from": "soon"}]}, {"/closures/0/from": "wrong-format"}),
    ({"closures": [{**MOVE, "note": "x"}]}, {"/closures/0/note": "unknown-field"}),
    ({"closed_days": ["1999-01-01"]}, {"/closed_days/0": "out-of-range"}),
    ({"closed_on_27_september": 1}, {"": "wrong-type"}),
    ({"surprise": 1}, {"/surprise": "unknown-field"}),
]


async def test_a_calendar_that_makes_no_sense_is_refused_with_its_place(scheduler: Scheduler) -> None:
    async with scheduler.running.client("coordinator") as coordinator:
        for wrong, pointers in WRONG:
            answer = await coordinator.put(CALENDAR, json={**EMPTY, **wrong})
            assert answer.status_code == 422, wrong
            assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == pointers
        spans = [("2027-01-02", "2027-01-01"), ("2027-01-01", "2031-01-01"), ("1999-01-01", "2000-01-01")]
        days = [await coordinator.get(f"{CALENDAR}/days", params={"from": a, "to": b}) for a, b in spans]
    assert {answer.status_code for answer in days} == {422}
    assert await scheduler.running.types() == []


async def test_a_change_needs_the_version_last_seen_and_the_right_role(scheduler: Scheduler) -> None:
    body = {**EMPTY, "closures": [MOVE]}
    async with scheduler.running.client("coordinator") as coordinator:
        made = await coordinator.put(CALENDAR, json=body)
        answers = [
            await coordinator.put(CALENDAR, json=EMPTY),
            await coordinator.put(CALENDAR, json=EMPTY, headers={"if-match": '"7"'}),
            await coordinator.put(CALENDAR, json=body),
        ]
    assert (made.status_code, made.headers["etag"]) == (200, '"1"')
    assert [answer.status_code for answer in answers] == [428, 412, 200]
    for persona, read, write in ((None, 401, 401), ("hospital-chu", 403, 403), ("line-nurse", 200, 403)):
        async with scheduler.running.client(persona) as client:
            assert (await client.get(CALENDAR)).status_code == read
            assert (await client.put(CALENDAR, json=EMPTY)).status_code == write
