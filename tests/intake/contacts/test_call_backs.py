"""A call that the line owes: due in the database's time, done by one, escalated once when nobody calls."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from shared.clock import BRUSSELS
from shared.working_days import after_working_days, legal_holidays
from tests.intake.contacts.desk import CALL_BACK, Desk
from tests.intake.people import CALL, faults

Open = Callable[..., AbstractAsyncContextManager[Desk]]
AT_TEN = "2026-11-20T10:00:00Z"


async def owed(desk: Desk, **more: Any) -> dict[str, Any]:
    """The call-back of a contact that has just been recorded."""
    made = await desk.record({**CALL_BACK, "call_back": {"due_at": AT_TEN, "phone": "0470 12 34 56"}}, **more)
    items = (await desk.read("/intake/callbacks"))["items"]
    [found] = [item for item in items if item["contact_id"] == made["id"]]
    return dict(found)


async def test_a_call_back_falls_due_and_escalates_once_each(open_desk: Open) -> None:
    async with open_desk() as desk:
        one = await owed(desk)
        await desk.intake.tick()
        assert await desk.told("call-back-due") == []
        await desk.set_time(datetime(2026, 11, 20, 10, 0, tzinfo=UTC))
        for _ in range(2):
            await desk.intake.tick()
        person = {"call_back_id": one["id"], "contact_id": one["contact_id"], "person_id": None}
        assert await desk.told("call-back-due") == [person]
        assert await desk.listed("callbacks?part=due") == [one["id"]]
        assert await desk.told("call-back-escalated") == []
        await desk.set_time(datetime(2026, 11, 23, 9, 59, tzinfo=UTC))
        await desk.intake.tick()
        assert await desk.told("call-back-escalated") == []
        assert await desk.listed("callbacks?part=overdue") == [one["id"]]
        await desk.set_time(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
        for _ in range(2):
            await desk.intake.tick()
        assert await desk.told("call-back-escalated") == [{**person, "to": "coordinator"}]
        assert await desk.listed("callbacks?part=escalated") == [one["id"]]
        async with desk.intake.client("coordinator") as coordinator:
            version = (await coordinator.get(f"/intake/callbacks/{one['id']}")).headers["etag"]
            done = await coordinator.post(
                f"/intake/callbacks/{one['id']}/completion", json={"result": "reached"}, headers={"if-match": version}
            )
            assert (done.status_code, done.json()["state"], done.json()["phone"]) == (200, "completed", None)


async def test_without_a_time_it_is_the_next_working_day_or_two_hours_when_urgent(open_desk: Open) -> None:
    async with open_desk() as desk:
        for urgency, due in (("routine", "2026-11-23T09:30:00Z"), ("urgent", "2026-11-20T11:30:00Z")):
            made = await desk.record(CALL_BACK, urgency=urgency)
            items = (await desk.read("/intake/callbacks"))["items"]
            assert [item["due_at"] for item in items if item["contact_id"] == made["id"]] == [due]


async def test_a_wish_to_be_called_back_goes_with_any_outcome(open_desk: Open) -> None:
    async with open_desk() as desk:
        person = await desk.person()
        made = await desk.record(CALL, person_id=person, call_back={})
        [planned] = await desk.told("call-back-planned")
        assert (planned["contact_id"], planned["person_id"]) == (made["id"], person)
        assert await desk.listed(f"callbacks?person_id={person}") == [planned["call_back_id"]]


async def test_a_later_contact_answers_it(open_desk: Open) -> None:
    async with open_desk() as desk:
        person = await desk.person()
        one = await owed(desk, person_id=person)
        for wrong in (await desk.person("Marcel"),):
            answer = await desk.nurse.post(
                "/intake/contacts", json={**CALL, "person_id": wrong, "answers_callback_id": one["id"]}
            )
            assert faults(answer) == {("/answers_callback_id", "other-person")}
        made = await desk.record(CALL, person_id=person, answers_callback_id=one["id"], direction="outbound")
        now = await desk.read(f"/intake/callbacks/{one['id']}")
        assert (now["state"], now["result"], now["answered_by"]) == ("completed", "reached", made["id"])
        again = await desk.nurse.post("/intake/contacts", json={**CALL, "answers_callback_id": one["id"]})
        assert faults(again) == {("/answers_callback_id", "over")}
        assert await desk.listed("contacts?open_call_back=true") == []


async def test_nobody_reached_owes_the_call_still(open_desk: Open) -> None:
    async with open_desk() as desk:
        one = await owed(desk)
        await desk.record(CALL_BACK, reason="not-reached", answers_callback_id=one["id"])
        now = await desk.read(f"/intake/callbacks/{one['id']}")
        assert (now["state"], now["result"]) == ("completed", "not-reached")
        assert len(await desk.listed("callbacks")) == 1


async def test_of_two_who_claim_one_wins(open_desk: Open) -> None:
    async with open_desk() as desk, desk.intake.client("line-nurse", sub="nurse-two") as colleague:
        one = await owed(desk)
        path, seen = f"/intake/callbacks/{one['id']}", {"if-match": '"1"'}
        answers = await asyncio.gather(
            *(nurse.post(f"{path}/claim", headers=seen) for nurse in (desk.nurse, colleague))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        winner, loser = (desk.nurse, colleague) if answers[0].status_code == 200 else (colleague, desk.nurse)
        late = await loser.post(f"{path}/completion", json={"result": "reached"}, headers={"if-match": '"2"'})
        assert (late.status_code, late.json()["code"]) == (409, "call-back-taken")
        assert (await winner.post(f"{path}/claim", headers={"if-match": '"2"'})).headers["etag"] == '"2"'
        assert (await winner.get("/intake/callbacks?mine=true")).json()["items"] != []
        given = await winner.request("DELETE", f"{path}/claim", headers={"if-match": '"2"'})
        assert (given.status_code, given.json()["claimed_by"]) == (200, None)
        assert (await loser.post(f"{path}/claim", headers={"if-match": '"3"'})).status_code == 200


async def test_postponed_it_is_due_again_at_the_new_time(open_desk: Open) -> None:
    async with open_desk() as desk:
        one = await owed(desk)
        path = f"/intake/callbacks/{one['id']}/postponement"
        await desk.set_time(datetime(2026, 11, 20, 10, 5, tzinfo=UTC))
        await desk.intake.tick()
        for due_at, code in (("2026-11-20T09:00:00Z", "in-past"), ("2028-01-01T09:00:00Z", "out-of-range")):
            answer = await desk.post(path, {"due_at": due_at, "reason": "no-time"}, 2)
            assert faults(answer) == {("/due_at", code)}
        answer = await desk.post(path, {"due_at": "2026-11-20T14:00:00Z", "reason": "asked-for-later"}, 2)
        assert (answer.status_code, answer.json()["state"], answer.json()["postponed"]) == (200, "planned", 1)
        await desk.intake.tick()
        assert len(await desk.told("call-back-due")) == 1
        await desk.set_time(datetime(2026, 11, 20, 14, 0, tzinfo=UTC))
        await desk.intake.tick()
        assert len(await desk.told("call-back-due")) == 2


async def test_what_is_over_stays_over(open_desk: Open) -> None:
    async with open_desk() as desk:
        one = await owed(desk)
        path = f"/intake/callbacks/{one['id']}"
        assert faults(await desk.post(f"{path}/cancellation", {})) == {("/reason", "required")}
        unknown = {"result": "reached", "contact_id": str(uuid4())}
        assert faults(await desk.post(f"{path}/completion", unknown)) == {("/contact_id", "unknown")}
        gone = await desk.post(f"{path}/cancellation", {"reason": "no-longer-wished"})
        assert (gone.json()["state"], gone.json()["phone"]) == ("cancelled", None)
        steps: list[tuple[str, dict[str, Any] | None]] = [
            ("claim", None),
            ("completion", {"result": "reached"}),
            ("postponement", {"due_at": AT_TEN, "reason": "no-time"}),
            ("cancellation", {"reason": "other"}),
        ]
        for step, body in steps:
            answer = await desk.post(f"{path}/{step}", body, 2)
            assert (answer.status_code, answer.json()["code"]) == (409, "call-back-over")
        await desk.set_time(datetime(2026, 12, 20, 10, 0, tzinfo=UTC))
        await desk.intake.tick()
        assert await desk.told("call-back-due") == []
        assert await desk.listed("callbacks?part=over") == [one["id"]]


async def test_another_programme_sees_none_of_ours(open_desk: Open) -> None:
    async with open_desk() as desk:
        one = await owed(desk)
        async with desk.intake.client("line-nurse", org_id="other") as stranger:
            assert (await stranger.get(f"/intake/callbacks/{one['id']}")).status_code == 404
            assert (await stranger.get("/intake/callbacks")).json()["items"] == []
            answer = await stranger.post("/intake/contacts", json={**CALL, "answers_callback_id": one["id"]})
            assert faults(answer) == {("/answers_callback_id", "unknown")}
        async with desk.intake.client("case-manager-nurse") as other:
            assert (await other.get("/intake/callbacks")).status_code == 403
        assert "470123456" not in str(await desk.intake.announced())


@given(st.integers(0, 9 * 365 * 1440), st.integers(1, 10))
def test_working_days_keep_the_local_time_and_skip_weekends_and_holidays(minutes: int, days: int) -> None:
    begun = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local, later = begun.astimezone(BRUSSELS), after_working_days(begun, days).astimezone(BRUSSELS)
    between = [local.date() + timedelta(days=each) for each in range(1, (later.date() - local.date()).days + 1)]
    assert sum(day.weekday() < 5 and day not in legal_holidays(day.year) for day in between) == days
    assert later.weekday() < 5
    assert later.date() not in legal_holidays(later.year)
