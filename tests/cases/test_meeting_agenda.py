"""The agenda of the weekly meeting on a real database: from signals, in order, frozen, rolled over."""

from shared.ids import new_id
from tests.cases.meetings import (
    ATTEMPT,
    DUE,
    EXPIRED,
    HELP,
    LINKED,
    RESTORED,
    SENT,
    Meeting,
    a_week,
    attempt,
    closed,
    due,
    in_care,
    sent,
    to_meeting_day,
)
from tests.cases.world import ASSIGNMENT, CLOSURE, COMPLETED, UNREACHABLE, World, called


async def test_the_agenda_of_a_week_is_as_expected_and_a_rerun_is_equal(world: World) -> None:
    meeting = await Meeting.planned(world)
    expected = await a_week(world)
    await to_meeting_day(world)
    await world.service.tick()
    before = [(line["reason"], line["case_id"]) for line in await meeting.agenda()]

    opened = await meeting.opened()
    first = await opened.agenda()
    await world.opened()
    await world.service.tick()

    assert [(line["reason"], line["case_id"]) for line in first] == expected
    assert before == expected
    assert await opened.agenda() == first, "nothing that comes later is on a frozen agenda"
    assert len(await world.agenda()) == len(expected) + 1


async def test_the_agenda_does_not_depend_on_the_order_of_signals_or_on_ticks(world: World) -> None:
    meeting = await Meeting.planned(world)
    expected = await a_week(world, order=-1)
    for _ in range(3):
        await world.service.tick()
        world.service.clock.move(days=2)
    await world.service.tick()

    agenda = await (await meeting.opened()).agenda()

    assert [(line["reason"], line["case_id"]) for line in agenda] == expected


async def test_each_line_is_explained_and_linked(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id = await in_care(world, "2026-11-23", "2026-12-15")
    await to_meeting_day(world)

    [line] = await (await meeting.opened()).agenda()

    assert (line["labels"]["fr"], line["labels"]["de"]) == ("Prochaine étape en retard", "Nächster Schritt überfällig")
    assert (line["since"], line["days_overdue"], line["rolled_over"]) == ("2026-11-23", 3, 0)
    assert (line["about"], line["worker"], line["state"]) == ("case", "case-manager-nurse", "in-care")
    assert line["links"] == [{"rel": "case", "href": f"/cases/{case_id}"}]


async def test_the_links_of_a_lost_item_lead_to_its_case_its_task_and_the_call_that_found_it(world: World) -> None:
    case_id, follow_up = await closed(world), new_id()
    task = (await world.view(case_id))["tasks"][0]["id"]
    await world.hear(COMPLETED, follow_up, {**called(case_id, {task: "lost"}), "follow_up_id": follow_up})

    [line] = (await world.read("/cases/meetings/agenda"))["items"]

    assert [link["href"] for link in line["links"]] == [
        f"/cases/{case_id}",
        f"/cases/{case_id}/tasks/{task}/history",
        f"/scheduler/follow-ups/{follow_up}",
    ]
    assert (await world.as_("coordinator").get(line["links"][1]["href"])).status_code == 200


async def test_unanswered_lines_roll_over_and_facts_take_lines_off(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id, follow_ups = await closed(world), [new_id(), new_id()]
    tasks = [task["id"] for task in (await world.view(case_id))["tasks"]]
    found = called(case_id, dict.fromkeys(tasks, "lost"))
    await world.hear(COMPLETED, follow_ups[0], found)
    await to_meeting_day(world)
    await meeting.opened()

    await meeting.decide("item-lost", "reopen-proposed", text="Le logement est perdu")
    minutes = await meeting.step("closure", {"attendees": ["coordinator", "line-nurse"]})
    world.service.clock.move(days=7)
    await world.service.tick()
    following = await (await Meeting.planned(world, "2026-12-03")).opened()
    again = await following.agenda()
    await world.done(case_id, "reopening", {"reason": "Le logement est perdu"})

    assert [line["rolls_over"] for line in minutes["lines"]] == [True, True]
    assert [line["outcome"] for line in minutes["lines"]] == ["reopen-proposed", None]
    assert [line["rolled_over"] for line in again] == [1, 1]
    assert await world.agenda() == []
    closing = await following.step("closure", {"attendees": ["coordinator"]})
    assert [line["rolls_over"] for line in closing["lines"]] == [False, False]
    assert (minutes["is_quorate"], closing["is_quorate"]) == (True, False)


async def test_a_cancelled_meeting_leaves_its_lines_to_the_next_one_without_counting(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id = await in_care(world, "2026-11-23", "2026-12-15")
    await meeting.step("cancellation", {"reason": "Grève des trains"})
    world.service.clock.move(days=13)
    await world.service.tick()

    [line] = await (await (await Meeting.planned(world, "2026-12-03")).opened()).agenda()

    assert (line["case_id"], line["rolled_over"], line["days_overdue"]) == (case_id, 0, 10)


async def test_a_withdrawn_help_request_leaves_the_agenda_and_an_ended_case_needs_none(world: World) -> None:
    case_id = await world.assigned()
    manager = world.as_("case-manager-nurse")
    asked = await manager.post(f"/cases/{case_id}/help-requests", json=HELP)
    seen = {"if-match": asked.headers["etag"]}

    await manager.post(f"/cases/help-requests/{asked.json()['id']}/withdrawal", json={"text": "Réglé"}, headers=seen)

    assert await world.agenda() == []
    await world.done(case_id, "closure", CLOSURE)
    assert (await manager.post(f"/cases/{case_id}/help-requests", json=HELP)).status_code == 409


async def test_what_was_set_aside_stays_away_until_another_day_is_missed(world: World) -> None:
    meeting = await Meeting.planned(world)
    case_id = await in_care(world, "2026-11-23", "2026-12-15")
    await to_meeting_day(world)
    await meeting.opened()
    await meeting.decide("step-overdue", "no-action", text="Vacances")
    await world.service.tick()
    quiet = await world.agenda()

    await world.done(case_id, "pause", {"reason": "patient-request", "until": "2026-11-30"})
    world.service.clock.move(days=7)
    await world.service.tick()

    assert quiet == []
    assert await world.agenda() == [("step-overdue", case_id)]


async def test_a_call_is_due_then_missed_then_out_of_reach_then_restored(world: World) -> None:
    person = new_id()
    await world.knows("centre")
    case_id = await world.opened(person_id=person)
    await world.done(case_id, "assignment", ASSIGNMENT)
    await world.done(case_id, "closure", CLOSURE)
    follow_up = new_id()

    seen = []
    for kind, data in (
        (DUE, due(case_id, follow_up)),
        (ATTEMPT, attempt(case_id, follow_up)),
        (DUE, due(case_id, follow_up, "2026-11-23")),
        (UNREACHABLE, {"follow_up_id": follow_up, "case_id": case_id, "person_id": person}),
        (RESTORED, {"person_id": person}),
    ):
        await world.hear(kind, person if kind == RESTORED else follow_up, data)
        seen.append([reason for reason, _ in await world.agenda()])

    assert seen == [
        ["follow-up-due"],
        ["follow-up-missed"],
        ["follow-up-missed", "follow-up-due"],
        ["person-unreachable"],
        [],
    ]


async def test_a_refusal_finds_its_case_by_the_person_too_and_another_referral_answers_it(world: World) -> None:
    person, outgoing, second = new_id(), new_id(), new_id()
    case_id = await world.opened(person_id=person)
    await world.done(case_id, "assignment", ASSIGNMENT)

    await world.hear(SENT, outgoing, sent(outgoing, None))
    await world.hear(EXPIRED, outgoing, {"outgoing_id": outgoing, "organisation": "centre"})
    nobody = await world.agenda()
    await world.hear(LINKED, outgoing, {"outgoing_id": outgoing, "person_id": person})
    linked = await world.agenda()
    await world.hear(SENT, second, sent(second, None, replaces=outgoing))

    assert (nobody, linked) == ([], [("referral-refused", case_id)])
    assert await world.agenda() == []


async def test_a_topic_that_the_line_cannot_solve_comes_once_before_the_meeting_of_each_open_case(world: World) -> None:
    person = new_id()
    case_id, ended = await world.opened(person_id=person), await world.opened(person_id=person)
    await world.done(ended, "decline", {"reason": "followed-elsewhere", "onward_path": "La maison médicale"})
    repeated = {"person_id": person, "topic": "need.transport"}
    for count in (3, 4):
        contact = new_id()
        for _ in range(2):
            await world.hear("intake.topic-repeated.v1", contact, {**repeated, "contact_id": contact, "count": count})
    assert await world.agenda() == [("topic-repeated", case_id)]
