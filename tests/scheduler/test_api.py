"""The routes of scheduler on a real database."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.scheduler.world import FOUND, HOUSING, MONEY, Scheduler, attempt, step


async def test_a_nurse_calls_and_completes(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        answered = await step(nurse, path, "attempts", attempt("answered"))
        done = await step(
            nurse, path, "result", {**FOUND, "satisfaction": 4, "new_needs": ["transport"], "note": "Va bien."}
        )

    assert (answered.status_code, answered.json()["status"]) == (201, "in-progress")
    assert done.status_code == 201
    body = done.json()
    assert (body["status"], body["allowed"], done.headers["etag"]) == ("completed", [], '"4"')
    assert body["result"]["satisfaction"] == 4
    assert body["result"]["new_needs"] == ["transport"]
    assert body["attempts"][0]["by"]
    assert await scheduler.told(path) == [
        "follow-up-planned",
        "follow-up-due",
        "attempt-recorded",
        "follow-up-completed",
    ]
    fact = (await scheduler.running.announced())[-1][1]
    assert fact["items"] == FOUND["items"]
    assert (fact["satisfaction"], fact["next_action"], fact["outcome_point"]) == (4, None, "one-month")
    assert set(fact) == {
        "follow_up_id",
        "case_id",
        "person_id",
        "kind",
        "items",
        "satisfaction",
        "next_action",
        "outcome_point",
    }


async def test_three_failures_are_announced_as_unreachable_once(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        answers = [await step(nurse, path, "attempts", attempt("no-answer")) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 409]
    assert [answer.json()["due_on"] for answer in answers[:2]] == ["2026-11-24", "2026-11-24"]
    assert (await scheduler.told(path)).count("person-unreachable") == 1
    problem = answers[3].json()
    assert (problem["code"], problem["state"], problem["allowed"]) == (
        "illegal-step",
        "unreachable",
        ["cancelled", "due", "planned"],
    )


async def test_the_next_attempt_falls_due_by_itself(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        await step(nurse, path, "attempts", attempt("no-answer"))
        await scheduler.running.tick()
        assert (await nurse.get(path)).json()["status"] == "planned"
        scheduler.running.clock.move(days=4)
        await scheduler.set_time(scheduler.running.clock.now())
        await scheduler.running.tick()
        assert (await nurse.get(path)).json()["status"] == "due"
    assert (await scheduler.told(path)).count("follow-up-due") == 2


async def test_a_cancelled_follow_up_takes_no_result(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    path = f"/scheduler/follow-ups/{(await scheduler.of_case(case))[0]['id']}"
    await scheduler.reopen(case)

    async with scheduler.running.client("line-nurse") as nurse:
        answer = await step(nurse, path, "result", FOUND)

    assert answer.status_code == 409
    assert (answer.json()["state"], answer.json()["allowed"]) == ("cancelled", [])


HERE, ELSEWHERE = {"task_id": str(HOUSING), "status": "weak"}, {"task_id": str(UUID(int=7)), "status": "weak"}
THERE = {"task_id": str(MONEY), "status": "weak"}


WRONG_RESULTS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"items": [HERE]}, {"/items": "incomplete"}),
    ({"items": [HERE, THERE, ELSEWHERE]}, {"/items/2/task_id": "unknown-task"}),
    ({"items": [HERE, THERE, HERE]}, {"/items/2/task_id": "repeated"}),
    ({"items": [HERE, {**THERE, "status": "gone"}]}, {"/items/1/status": "not-one-of"}),
    ({"items": [HERE, {**THERE, "name": "x"}]}, {"/items/1/name": "unknown-field"}),
    ({"on": "2026-11-21"}, {"/on": "in-future"}),
    ({"on": "2026-10-21"}, {"/on": "too-early"}),
    ({"satisfaction": 6}, {"/satisfaction": "out-of-range"}),
    ({"satisfaction": "5"}, {"/satisfaction": "wrong-type"}),
    ({"satisfaction": True}, {"/satisfaction": "wrong-type"}),
    ({"new_needs": ["Mme Dupont"]}, {"/new_needs/0": "wrong-format"}),
    ({"note": "x" * 2001}, {"/note": "too-long"}),
    ({"surprise": 1}, {"/surprise": "unknown-field"}),
]


async def test_a_wrong_result_is_refused_with_its_place(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        for body, pointers in WRONG_RESULTS:
            answer = await step(nurse, path, "result", {**FOUND, **body})

            assert answer.status_code == 422
            assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == pointers
            assert "Dupont" not in answer.text
    assert (await scheduler.told(path))[-1] == "follow-up-due"


WRONG_ATTEMPTS: list[tuple[dict[str, Any], dict[str, str]]] = [
    (attempt("answered", "2026-11-20T09:30:01Z"), {"/at": "in-future"}),
    (attempt("answered", "2026-11-20T09:15:00"), {"/at": "naive-time"}),
    (attempt("answered", "2026-11-01T09:15:00Z"), {"/at": "too-early"}),
    (attempt("maybe"), {"/outcome": "not-one-of"}),
    ({**attempt("answered"), "channel": "pigeon"}, {"/channel": "not-one-of"}),
    (attempt("call-back"), {"/call_back_on": "required"}),
    (attempt("call-back", call_back_on="2026-11-19"), {"/call_back_on": "out-of-range"}),
    (attempt("no-answer", call_back_on="2026-11-24"), {"/call_back_on": "not-expected"}),
    (attempt("answered", by="me"), {"/by": "unknown-field"}),
    ({}, {"/at": "required", "/channel": "required", "/outcome": "required"}),
]


async def test_a_wrong_attempt_is_refused_with_its_place(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        for body, pointers in WRONG_ATTEMPTS:
            answer = await step(nurse, path, "attempts", body)

            assert answer.status_code == 422
            assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == pointers
            assert "Dupont" not in answer.text
    assert (await scheduler.told(path))[-1] == "follow-up-due"


async def test_a_call_back_is_on_the_worklist_of_its_day(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        answer = await step(nurse, path, "attempts", attempt("call-back", call_back_on="2026-11-28"))
    assert (answer.json()["status"], answer.json()["due_on"]) == ("planned", "2026-11-30")


@pytest.mark.parametrize("name", ["attempts", "result"])
async def test_a_step_needs_the_version_last_seen(scheduler: Scheduler, name: str) -> None:
    path = await scheduler.one_due()
    body = attempt("no-answer") if name == "attempts" else FOUND
    async with scheduler.running.client("line-nurse") as nurse:
        missing = await nurse.post(f"{path}/{name}", json=body)
        stale = await nurse.post(f"{path}/{name}", json=body, headers={"if-match": '"1"'})
        fresh = await nurse.post(f"{path}/{name}", json=body, headers={"if-match": '"2"'})
    assert [answer.status_code for answer in (missing, stale, fresh)] == [428, 412, 201]


async def test_a_repeated_report_under_one_key_counts_once(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    headers = {"if-match": '"2"', "idempotency-key": "call-1"}
    async with scheduler.running.client("line-nurse") as nurse:
        answers = [await nurse.post(f"{path}/attempts", json=attempt("no-answer"), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert (await scheduler.told(path)).count("attempt-recorded") == 1


async def worklist(scheduler: Scheduler, when: str = "") -> list[dict[str, Any]]:
    async with scheduler.running.client("line-nurse") as nurse:
        answer = await nurse.get("/scheduler/worklist", params={"when": when} if when else {})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_worklist_shows_the_line_what_is_due_until_sunday_first_things_first(scheduler: Scheduler) -> None:
    cases = {name: uuid4() for name in ("last week", "today", "later", "over")}
    scheduler.running.clock.move(days=-2)
    await scheduler.close(cases["today"], date(2026, 10, 18))
    await scheduler.close(cases["later"], date(2026, 10, 20))
    await scheduler.close(cases["last week"], date(2026, 10, 9))
    await scheduler.close(cases["over"], date(2026, 10, 9))
    await scheduler.close(uuid4(), date(2026, 10, 23))
    await scheduler.reopen(cases["over"])
    path = f"/scheduler/follow-ups/{(await scheduler.of_case(cases['last week']))[0]['id']}"
    async with scheduler.running.client("line-nurse") as nurse:
        assert (await step(nurse, path, "attempts", attempt("answered", "2026-11-17T09:00:00Z"))).status_code == 201

    assert [
        (item["case_id"], item["due_on"], item["overdue"], item["attempts"]) for item in await worklist(scheduler)
    ] == [
        (str(cases["last week"]), "2026-11-09", True, 1),
        (str(cases["today"]), "2026-11-18", False, 0),
        (str(cases["later"]), "2026-11-20", False, 0),
    ]
    found = {
        when: [item["due_on"] for item in await worklist(scheduler, when)] for when in ("overdue", "today", "week")
    }
    assert found == {"overdue": ["2026-11-09"], "today": ["2026-11-18"], "week": ["2026-11-18", "2026-11-20"]}
    first = (await worklist(scheduler))[0]
    assert (first["reason"], first["person_id"], first["status"]) == (
        "one-month",
        str(scheduler.person),
        "in-progress",
    )


@pytest.mark.parametrize("path", ["/scheduler/worklist", "/scheduler/follow-ups"])
async def test_lists_are_paged_without_holes(scheduler: Scheduler, path: str) -> None:
    cases = [uuid4() for _ in range(5)]
    for case in cases:
        await scheduler.close(case, date(2026, 4, 20))
    seen: list[tuple[str, str]] = []
    async with scheduler.running.client("line-nurse") as nurse:
        page = (await nurse.get(path, params={"limit": 2})).json()
        seen += [(item["due_on"], item.get("follow_up_id") or item["id"]) for item in page["items"]]
        while page["next"]:
            answer = await nurse.get(path, params={"limit": 2, "cursor": page["next"]})
            page = answer.json()
            seen += [(item["due_on"], item.get("follow_up_id") or item["id"]) for item in page["items"]]
    assert len(set(seen)) == len(seen) == 10
    assert seen == sorted(seen)


async def test_the_policies_are_published(scheduler: Scheduler) -> None:
    async with scheduler.running.client("coordinator") as coordinator:
        answer = await coordinator.get("/scheduler/policies")
    [policy, *_] = answer.json()["items"]
    assert (policy["code"], policy["version"], policy["in_force"]) == ("after-closing", 1, True)
    assert [each["channel"] for each in policy["attempts"]] == ["call"] * 3
    assert [(each["kind"], each["months"]) for each in policy["steps"]] == [("one-month", 1), ("six-months", 6)]


async def test_nobody_without_a_token_or_the_right_role_gets_in(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    reads = [path, "/scheduler/follow-ups", "/scheduler/worklist", "/scheduler/policies"]
    headers = {"if-match": '"2"'}
    for persona, status in ((None, 401), ("hospital-chu", 403), ("partner-centre", 403), ("analyst", 403)):
        async with scheduler.running.client(persona) as client:
            assert {(await client.get(read)).status_code for read in reads} == {status}
    for persona, status in ((None, 401), ("coordinator", 403), ("case-manager-nurse", 404)):
        async with scheduler.running.client(persona) as client:
            tries = [
                await client.post(f"{path}/attempts", json=attempt("no-answer"), headers=headers),
                await client.post(f"{path}/result", json=FOUND, headers=headers),
            ]
            assert {answer.status_code for answer in tries} == {status}
    async with scheduler.running.client("case-manager-social-worker") as client:
        assert {(await client.get(read)).status_code for read in reads} == {200}


async def test_a_case_manager_works_on_follow_ups_of_ones_own_alone(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.app.state.database.raw() as connection:
        await connection.execute("UPDATE follow_up SET owner = 'case-manager', worker = 'case-manager-nurse'")
    for persona, status in (("case-manager-social-worker", 404), ("case-manager-nurse", 201)):
        async with scheduler.running.client(persona) as client:
            assert (await step(client, path, "attempts", attempt("no-answer"))).status_code == status


async def test_another_organisation_sees_nothing(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse", org_id="other") as stranger:
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.get("/scheduler/follow-ups")).json()["items"] == []
        assert (await stranger.get("/scheduler/worklist")).json()["items"] == []
        for name, body in (("attempts", attempt("no-answer")), ("result", FOUND)):
            answer = await stranger.post(f"{path}/{name}", json=body, headers={"if-match": '"2"'})
            assert answer.status_code == 404


async def test_unknown_ids_and_filters_are_said_so(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as nurse:
        answers = [
            await nurse.get(f"/scheduler/follow-ups/{uuid4()}"),
            await nurse.get("/scheduler/follow-ups/one"),
            await nurse.get("/scheduler/follow-ups", params={"case_id": "one"}),
            await nurse.get("/scheduler/worklist", params={"when": "someday"}),
            await nurse.get("/scheduler/worklist", params={"sort": "x"}),
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 422, 422, 422]
