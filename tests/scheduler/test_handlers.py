"""What scheduler does on others' facts, on a real database."""

from datetime import date
from itertools import pairwise
from uuid import uuid4

import pytest

from shared.inbox import Outcome
from tests.scheduler.world import FOUND, Scheduler, attempt, step

DUE = "scheduler.follow-up-due.v1"


def statuses(follow_ups: list[dict[str, object]]) -> list[tuple[object, object, object]]:
    return [(each["occasion"], each["kind"], each["status"]) for each in follow_ups]


async def test_a_closed_case_gets_two_follow_ups_on_working_days(scheduler: Scheduler) -> None:
    case = uuid4()

    await scheduler.close(case, date(2026, 8, 31))

    found = await scheduler.of_case(case)
    assert [(each["kind"], each["due_on"], each["due_at"]) for each in found] == [
        ("one-month", "2026-09-30", "2026-09-30T07:00:00Z"),
        ("six-months", "2027-03-01", "2027-03-01T08:00:00Z"),
    ]
    assert [item["domain"] for item in found[0]["items"]] == ["housing", "money"]
    announced = await scheduler.running.announced()
    assert {data["follow_up_id"] for _, data in announced} == {each["id"] for each in found}
    assert announced[0] == (
        "scheduler.follow-up-planned.v1",
        {
            "follow_up_id": found[0]["id"],
            "case_id": str(case),
            "person_id": str(scheduler.person),
            "kind": "one-month",
            "due_on": "2026-09-30",
        },
    )


async def test_closing_reopening_closing_each_told_three_times_plans_each_follow_up_once(scheduler: Scheduler) -> None:
    case = uuid4()

    outcomes = [await scheduler.close(case, version=1) for _ in range(3)]
    outcomes += [await scheduler.reopen(case, version=2) for _ in range(3)]
    outcomes += [await scheduler.close(case, version=3) for _ in range(3)]

    assert outcomes == [Outcome.HANDLED, Outcome.DUPLICATE, Outcome.DUPLICATE] * 3
    assert statuses(await scheduler.of_case(case)) == [
        (1, "one-month", "cancelled"),
        (2, "one-month", "planned"),
        (1, "six-months", "cancelled"),
        (2, "six-months", "planned"),
    ]
    names = [name.split(".")[1] for name in await scheduler.running.types()]
    assert names == ["follow-up-planned"] * 2 + ["follow-up-cancelled"] * 2 + ["follow-up-planned"] * 2


async def test_even_new_messages_that_repeat_a_step_plan_each_follow_up_once(scheduler: Scheduler) -> None:
    case = uuid4()

    for act in (scheduler.close, scheduler.reopen, scheduler.close):
        for _ in range(3):
            assert await act(case) is Outcome.HANDLED

    types = await scheduler.running.types()
    assert types.count("scheduler.follow-up-planned.v1") == 4
    assert types.count("scheduler.follow-up-cancelled.v1") == 2


async def test_reopening_cancels_what_is_due_or_unreachable_but_not_what_is_over(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case, date(2026, 5, 18))
    await scheduler.running.tick()
    one_month, six_months = (f"/scheduler/follow-ups/{each['id']}" for each in await scheduler.of_case(case))
    async with scheduler.running.client("line-nurse") as nurse:
        assert (await step(nurse, one_month, "result", FOUND)).status_code == 201
        for _ in range(3):
            assert (await step(nurse, six_months, "attempts", attempt("no-answer"))).status_code == 201
    assert statuses(await scheduler.of_case(case)) == [(1, "one-month", "completed"), (1, "six-months", "unreachable")]

    await scheduler.reopen(case)

    assert statuses(await scheduler.of_case(case)) == [(1, "one-month", "completed"), (1, "six-months", "cancelled")]


@pytest.mark.parametrize("reason", ["deceased", "moved", "patient-withdrew"])
async def test_nobody_calls_after_a_closing_that_ends_all_contact(scheduler: Scheduler, reason: str) -> None:
    case, corrected = uuid4(), uuid4()

    await scheduler.close(corrected)
    await scheduler.close(corrected, reason=reason)
    await scheduler.close(case, reason=reason)

    assert await scheduler.of_case(case) == []
    assert {each["status"] for each in await scheduler.of_case(corrected)} == {"cancelled"}


async def test_a_reopening_of_a_case_never_seen_changes_nothing(scheduler: Scheduler) -> None:
    assert await scheduler.reopen(uuid4()) is Outcome.HANDLED
    assert await scheduler.running.types() == []


async def unreachable(scheduler: Scheduler) -> str:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        for _ in range(3):
            assert (await step(nurse, path, "attempts", attempt("no-answer"))).status_code == 201
    return path


async def test_an_inbound_contact_makes_the_unreachable_due_again(scheduler: Scheduler) -> None:
    path = await unreachable(scheduler)

    await scheduler.contact(scheduler.person)
    await scheduler.contact(scheduler.person)

    async with scheduler.running.client("line-nurse") as nurse:
        found = (await nurse.get(path)).json()
    assert (found["status"], found["due_on"], len(found["attempts"])) == ("due", "2026-11-20", 3)
    restored = [data for name, data in await scheduler.running.announced() if name == "scheduler.contact-restored.v1"]
    assert restored == [{"person_id": str(scheduler.person)}]
    assert (await scheduler.told(path))[-2:] == ["person-unreachable", "follow-up-due"]


async def test_after_a_restored_contact_the_attempts_count_anew(scheduler: Scheduler) -> None:
    path = await unreachable(scheduler)
    await scheduler.contact(scheduler.person)

    async with scheduler.running.client("line-nurse") as nurse:
        states = [(await step(nurse, path, "attempts", attempt("no-answer"))).json()["status"] for _ in range(3)]

    assert states == ["planned", "planned", "unreachable"]
    assert (await scheduler.told(path)).count("person-unreachable") == 2


async def test_two_unreachable_follow_ups_of_a_person_are_one_restored_contact(scheduler: Scheduler) -> None:
    paths = [await unreachable(scheduler), await unreachable(scheduler)]

    await scheduler.contact(scheduler.person)

    assert (await scheduler.running.types()).count("scheduler.contact-restored.v1") == 1
    async with scheduler.running.client("line-nurse") as nurse:
        assert {(await nurse.get(path)).json()["status"] for path in paths} == {"due"}


async def test_other_contacts_restore_nothing(scheduler: Scheduler) -> None:
    path = await unreachable(scheduler)

    outcomes = [
        await scheduler.contact(None),
        await scheduler.contact(uuid4()),
        await scheduler.contact(scheduler.person, "outbound"),
    ]

    assert outcomes == [Outcome.HANDLED] * 3
    assert (await scheduler.told(path))[-1] == "person-unreachable"


async def test_every_change_of_a_follow_up_counts_one_version_per_fact(scheduler: Scheduler) -> None:
    path = await unreachable(scheduler)
    await scheduler.contact(scheduler.person)

    async with scheduler.running.app.state.database.raw() as connection:
        rows = await connection.fetch(
            "SELECT f.version, array_agg(o.aggregate_version ORDER BY o.seq) AS told "
            "FROM follow_up f JOIN outbox o ON o.aggregate_id = f.id GROUP BY f.id, f.version"
        )
    for row in rows:
        assert row["told"][0] == 1
        assert all(later == earlier + 1 for earlier, later in pairwise(row["told"]))
        assert row["told"][-1] == row["version"]
    async with scheduler.running.client("line-nurse") as nurse:
        assert (await nurse.get(path)).headers["etag"] == f'"{max(row["version"] for row in rows)}"'
