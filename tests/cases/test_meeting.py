"""The weekly meeting on a real database: its series, its decisions, its minutes, and the help that is asked for."""

from shared.ids import new_id
from tests.cases.meetings import (
    HELP,
    LINE_TASK,
    MEETING_DAY,
    SERIES,
    Meeting,
    closed,
    in_care,
    to_meeting_day,
)
from tests.cases.world import CLOSURE, TODAY, UNREACHABLE, World, named


async def test_a_decision_becomes_a_task_on_the_list_of_the_lines_nurse_who_does_it(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id, follow_up = await closed(world), new_id()
    await world.hear(UNREACHABLE, follow_up, {"follow_up_id": follow_up, "case_id": case_id, "person_id": None})
    await to_meeting_day(world)
    await meeting.opened()

    decided = await meeting.decide("person-unreachable", "task", text="Essayer le soir", tasks=[LINE_TASK])
    [task] = (await world.read("/cases/tasks?assignee=line", "line-nurse"))["items"]
    done = await world.step(
        case_id,
        f"tasks/{task['id']}/completion",
        {"on": MEETING_DAY, "evidence": "La nièce a répondu", "minutes": 25},
        "line-nurse",
    )

    assert decided["tasks"] == [task["id"]]
    assert (task["title"], task["origin"], task["origin_id"], task["organisation"]) == (
        LINE_TASK["title"],
        "meeting",
        decided["id"],
        "relais",
    )
    assert done.status_code == 201, done.text
    assert (await world.read("/cases/tasks?assignee=line", "line-nurse"))["items"] == []
    assert await world.agenda() == []
    [told] = await world.told("cases.line-decided.v1")
    assert (told["outcome"], told["tasks"], "text" in told) == ("task", [task["id"]], False)
    report = await world.read("/cases/reports/delegation?from=2026-11-01&to=2026-11-30")
    assert report["weeks"][-1] == {
        "week": "2026-11-23",
        "delegated": 1,
        "by_meeting": 1,
        "done": 1,
        "timed": 1,
        "minutes": 25,
    }


async def test_a_task_of_the_meeting_on_a_case_in_care_is_no_item_of_its_plan(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id = await in_care(world, "2026-11-23", "2026-12-15")
    await to_meeting_day(world)
    await meeting.opened()
    await meeting.decide("step-overdue", "task", tasks=[LINE_TASK])

    await world.done(case_id, "closure", {**CLOSURE, "closed_on": MEETING_DAY})

    [told] = await world.told("cases.case-closed.v1")
    assert len(told["items"]) == 1
    assert len((await world.read("/cases/tasks?assignee=line", "line-nurse"))["items"]) == 1


async def test_minutes_never_change_and_print_without_anything_from_outside(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id = await in_care(world, "2026-11-23", "2026-12-15")
    await to_meeting_day(world)
    await meeting.opened()
    coordinator = world.as_("coordinator")
    assert (await coordinator.get(f"/cases/meetings/{meeting.id}/minutes")).status_code == 404

    line = await meeting.decide("step-overdue", "close-proposed", text="<b>Plus</b> rien à faire")
    body = {
        "attendees": ["coordinator", "line-nurse"],
        "summary": "Réunion calme",
        "lines": [{"line_id": line["id"], "summary": "Relu avec l'équipe"}],
    }
    signed = await meeting.step("closure", body)
    await world.done(case_id, "closure", {**CLOSURE, "closed_on": MEETING_DAY})

    assert await world.read(f"/cases/meetings/{meeting.id}/minutes") == signed
    assert (signed["signed_by"], signed["lines"][0]["summary"]) == ("coordinator", "Relu avec l'équipe")
    page = await coordinator.get(f"/cases/meetings/{meeting.id}/minutes.html?lang=nl")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "&lt;b&gt;Plus&lt;/b&gt;" in page.text
    assert "Volgende stap te laat" in page.text
    for step, more in (
        ("closure", body),
        ("opening", None),
        (f"lines/{line['id']}/decision", {"outcome": "keep-watching"}),
    ):
        assert (await meeting.post(step, more)).status_code == 409, step
    [held] = await world.told("cases.meeting-held.v1")
    assert (held["lines"], held["decided"], held["rolled_over"], held["attendees"]) == (1, 1, 1, 2)


async def test_a_help_request_stays_until_it_is_answered_even_beyond_the_closing(world: World) -> None:
    case_id = await world.assigned()
    asked = await world.as_("case-manager-nurse").post(f"/cases/{case_id}/help-requests", json=HELP)
    await world.done(case_id, "closure", CLOSURE)
    path = f"/cases/help-requests/{asked.json()['id']}"
    nurse = world.as_("line-nurse")

    assert await world.agenda() == [("help-requested", case_id)]
    stale = await nurse.post(f"{path}/answer", json={"text": "J'appelle"}, headers={"if-match": '"9"'})
    said = await nurse.post(f"{path}/answer", json={"text": "J'appelle"}, headers={"if-match": asked.headers["etag"]})
    again = await nurse.post(f"{path}/answer", json={"text": "J'appelle"}, headers={"if-match": said.headers["etag"]})

    assert (stale.status_code, said.status_code, again.status_code) == (412, 201, 409)
    assert (said.json()["state"], said.json()["answered_by"]) == ("answered", "line-nurse")
    assert await world.agenda() == []
    [fact] = await world.told("cases.help-answered.v1")
    assert fact == {"help_request_id": asked.json()["id"], "case_id": case_id, "answered_at": "directly"}


async def test_the_meeting_answers_a_help_request_by_its_decision(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id = await world.assigned()
    asked = (await world.as_("case-manager-nurse").post(f"/cases/{case_id}/help-requests", json=HELP)).json()
    await to_meeting_day(world)
    await meeting.opened()
    line = await meeting.line("help-requested")
    path = f"lines/{line['id']}/decision"

    wordless = await meeting.post(path, {"outcome": "task", "tasks": [LINE_TASK]})
    await meeting.step(path, {"outcome": "task", "text": "La ligne appelle", "tasks": [LINE_TASK]})

    assert (wordless.status_code, named(wordless)) == (422, [("/text", "text-required")])
    found = await world.read(f"/cases/help-requests/{asked['id']}")
    assert (found["state"], found["answer"], found["meeting_id"]) == ("answered", "La ligne appelle", meeting.id)


async def test_what_cannot_be_decided(world: World) -> None:
    meeting = await Meeting.planned(world)
    await in_care(world, "2026-11-23", "2026-12-15")
    early = await meeting.post("opening")
    await to_meeting_day(world)
    await meeting.opened()
    line = await meeting.line("step-overdue")
    path, order = f"lines/{line['id']}/decision", LINE_TASK

    answers = [
        await meeting.post(f"lines/{new_id()}/decision", {"outcome": "keep-watching"}),
        await meeting.post(path, {"outcome": "no-action"}),
        await meeting.post(path, {"outcome": "task"}),
        await meeting.post(path, {"outcome": "task", "tasks": [{**order, "assignee": "neighbour"}]}),
        await meeting.post(path, {"outcome": "task", "tasks": [{**order, "organisation": "nobody"}]}),
        await meeting.post(path, {"outcome": "task", "tasks": [{**order, "due_on": TODAY}]}),
        await meeting.post(path, {"outcome": "keep-watching"}, etag='"1"'),
    ]

    assert early.status_code == 409
    assert [each.status_code for each in answers] == [404, 422, 422, 422, 422, 422, 412]
    assert named(answers[4]) == [("/tasks/0/organisation", "unknown-organisation")]
    assert (await meeting.line("step-overdue"))["outcome"] is None
    assert (await world.read("/cases/tasks?assignee=line"))["items"] == []


async def test_the_series_plans_five_weeks_and_a_change_moves_what_is_planned(world: World) -> None:
    await Meeting.planned(world)
    coordinator = world.as_("coordinator")
    first = [each["on"] for each in (await world.read("/cases/meetings"))["items"]]
    unseen = await coordinator.put("/cases/meetings/series", json={**SERIES, "weekday": 5})
    etag = (await coordinator.get("/cases/meetings/series")).headers["etag"]

    changed = await coordinator.put("/cases/meetings/series", json={**SERIES, "weekday": 5}, headers={"if-match": etag})
    await world.service.tick()

    assert first == ["2026-12-17", "2026-12-10", "2026-12-03", "2026-11-26"]
    assert (unseen.status_code, changed.status_code) == (428, 200)
    after = [each["on"] for each in (await world.read("/cases/meetings"))["items"]]
    assert after == ["2026-12-18", "2026-12-11", "2026-12-04", "2026-11-27", "2026-11-20"]


async def test_another_organisation_sees_none_of_it(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id = await world.assigned()
    asked = (await world.as_("coordinator").post(f"/cases/{case_id}/help-requests", json=HELP)).json()

    async with world.service.client("coordinator", org_id="other") as other:
        paths = [
            f"meetings/{meeting.id}",
            f"meetings/{meeting.id}/agenda",
            f"help-requests/{asked['id']}",
            "meetings/series",
        ]
        answers = [(await other.get(f"/cases/{path}")).status_code for path in paths]
        lists = [
            (await other.get(f"/cases/{path}")).json()["items"]
            for path in ("meetings", "help-requests", "meetings/agenda")
        ]

    assert answers == [404, 404, 404, 404]
    assert lists == [[], [], []]
