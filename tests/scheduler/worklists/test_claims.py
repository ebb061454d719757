"""Two nurses never call the same person at once."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from tests.scheduler.world import FOUND, Scheduler, attempt, step


async def test_of_twenty_nurses_who_claim_at_once_one_wins(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()

    async def claim(number: int) -> int:
        async with scheduler.running.client("line-nurse", sub=f"nurse-{number}") as nurse:
            return (await nurse.post(f"{path}/claim")).status_code

    statuses = await asyncio.gather(*(claim(number) for number in range(20)))

    assert sorted(statuses) == [201] + [409] * 19


async def test_a_claim_holds_for_the_person_and_not_for_one_follow_up_alone(scheduler: Scheduler) -> None:
    one, other = await scheduler.one_due(), await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        claimed = await nurse.post(f"{one}/claim")
    async with scheduler.running.client("line-nurse", sub="somebody-else") as else_where:
        refused = await else_where.post(f"{other}/claim")

    assert (claimed.status_code, claimed.json()["until"]) == (201, "2026-11-20T09:50:00Z")
    assert (refused.status_code, refused.json()["code"]) == (409, "claimed-by-another")
    assert refused.json()["until"] == "2026-11-20T09:50:00+00:00"


async def test_people_who_are_not_identified_do_not_block_each_other(scheduler: Scheduler) -> None:
    cases = [uuid4(), uuid4()]
    for case in cases:
        await scheduler.close(case, person_id=None)
    paths = [f"/scheduler/follow-ups/{(await scheduler.of_case(case))[0]['id']}" for case in cases]
    for number, path in enumerate(paths):
        async with scheduler.running.client("line-nurse", sub=f"nurse-{number}") as nurse:
            assert (await nurse.post(f"{path}/claim")).status_code == 201


async def test_no_step_is_taken_on_what_somebody_else_has_claimed(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse", sub="quick") as quick:
        await quick.post(f"{path}/claim")
    async with scheduler.running.client("line-nurse") as slow:
        steps = {
            "attempts": attempt("answered"),
            "result": FOUND,
            "hold": {"until": "2026-11-24", "reason": "person-away"},
            "move": {"to": "2026-11-24", "reason": "other", "asked_by": "person"},
        }
        answers = {name: await step(slow, path, name, body) for name, body in steps.items()}
        released = await slow.post(f"{path}/release")

    codes = {name: (answer.status_code, answer.json()["code"]) for name, answer in answers.items() if name != "move"}
    assert set(codes.values()) == {(409, "claimed-by-another")}
    assert answers["move"].status_code in {409, 422}
    assert (released.status_code, released.json()["code"]) == (409, "claimed-by-another")
    assert (await scheduler.told(path))[-1] == "follow-up-due"


async def test_a_claim_ends_by_itself_by_the_databases_clock(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as first:
        await first.post(f"{path}/claim")
        await scheduler.set_database_time(datetime(2026, 11, 20, 9, 50, tzinfo=UTC))
        async with scheduler.running.client("line-nurse", sub="next") as following:
            assert (await following.post(f"{path}/claim")).status_code == 201
        late = await first.post(f"{path}/renewal")
    assert (late.status_code, late.json()["code"]) == (409, "claimed-by-another")


async def test_a_claim_can_be_prolonged_while_it_holds(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        assert (await nurse.post(f"{path}/renewal")).json()["code"] == "claim-expired"
        await nurse.post(f"{path}/claim")
        await scheduler.set_database_time(datetime(2026, 11, 20, 9, 45, tzinfo=UTC))
        assert (await nurse.post(f"{path}/renewal")).json()["until"] == "2026-11-20T10:05:00Z"
        assert (await nurse.post(f"{path}/claim")).status_code == 201
        await scheduler.set_database_time(datetime(2026, 11, 20, 10, 30, tzinfo=UTC))
        assert (await nurse.post(f"{path}/renewal")).json()["code"] == "claim-expired"


async def test_release_gives_the_person_free_and_may_be_repeated(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        await nurse.post(f"{path}/claim")
        assert [(await nurse.post(f"{path}/release")).status_code for _ in range(2)] == [204, 204]
    async with scheduler.running.client("line-nurse", sub="next") as following:
        assert (await following.post(f"{path}/claim")).status_code == 201


async def test_an_attempt_ends_the_claim_but_not_while_the_person_is_on_the_line(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with (
        scheduler.running.client("line-nurse") as nurse,
        scheduler.running.client("line-nurse", sub="next") as following,
    ):
        await nurse.post(f"{path}/claim")
        await step(nurse, path, "attempts", attempt("answered"))
        assert (await following.post(f"{path}/claim")).status_code == 409
        await step(nurse, path, "attempts", attempt("no-answer"))
        assert (await following.post(f"{path}/claim")).status_code == 201
        await following.post(f"{path}/release")
        await nurse.post(f"{path}/claim")
        assert (await step(nurse, path, "result", FOUND)).status_code == 201
        assert (await following.post(f"{path}/claim")).json()["code"] == "illegal-step"
        assert (await nurse.get("/scheduler/worklist", params={"free": "true"})).json()["items"] == []


async def test_a_refused_step_leaves_the_claim_as_it_was(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        await nurse.post(f"{path}/claim")
        assert (await step(nurse, path, "result", {**FOUND, "items": []})).status_code == 422
        item = (await nurse.get("/scheduler/worklist")).json()["items"][0]
    assert item["claimed_by"] == "self"


async def test_others_organisations_have_no_claim_here(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse", org_id="centre") as stranger:
        for name in ("claim", "renewal", "release"):
            assert (await stranger.post(f"{path}/{name}")).status_code == 404


HOLDS = [
    ({"until": "2026-11-20", "reason": "person-away"}, {"/until": "in-past"}),
    ({"until": "2026-12-05", "reason": "person-away"}, {"/until": "out-of-range"}),
    ({"until": "2026-11-24", "reason": "Mme Dupont"}, {"/reason": "not-one-of"}),
    ({"reason": "person-away"}, {"/until": "required"}),
]


async def test_what_rests_is_on_no_list_until_its_day(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        held = await step(nurse, path, "hold", {"until": "2026-11-24", "reason": "in-hospital"})
        assert held.status_code == 201, held.text
        assert (await nurse.get("/scheduler/worklist")).json()["items"] == []
        [item] = (await nurse.get("/scheduler/worklist", params={"held": "true"})).json()["items"]
        assert (item["held_until"], item["hold_reason"]) == ("2026-11-24", "in-hospital")
        scheduler.running.clock.move(days=4)
        [back] = (await nurse.get("/scheduler/worklist")).json()["items"]
    assert (back["held_until"], back["overdue"]) == (None, True)
    assert (await scheduler.told(path))[-1] == "follow-up-held"


async def test_a_hold_is_for_days_to_come_and_not_for_ever(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        for body, pointers in HOLDS:
            answer = await step(nurse, path, "hold", body)
            assert answer.status_code == 422
            assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == pointers
            assert "Dupont" not in answer.text
        await step(nurse, path, "hold", {"until": "2026-12-04", "reason": "person-away"})
        scheduler.running.clock.move(days=10)
        again = {"until": "2026-12-05", "reason": "person-away"}
        assert (await step(nurse, path, "hold", again)).status_code == 422
        tried = attempt("no-answer", "2026-11-30T09:00:00Z")
        assert (await step(nurse, path, "attempts", tried)).status_code == 201
        assert (await step(nurse, path, "hold", again)).status_code == 201


async def test_a_rest_can_be_ended_before_its_day(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        assert (await step(nurse, path, "resumption", None)).status_code == 409
        await step(nurse, path, "hold", {"until": "2026-11-24", "reason": "asked-to-wait"})
        assert (await step(nurse, path, "resumption", None)).status_code == 201
        assert len((await nurse.get("/scheduler/worklist")).json()["items"]) == 1
    assert (await scheduler.told(path))[-2:] == ["follow-up-held", "follow-up-resumed"]
