"""A planned visit gets one outcome; what is unsafe is shown before the next one is planned."""

from typing import Any

import pytest

from tests.cases.world import TODAY, TOMORROW, VISIT, YESTERDAY, World, named

PLANNED = {
    "kind": "home-visit",
    "status": "planned",
    "at": "2026-11-25T10:00:00+01:00",
    "until": "2026-11-25T11:30:00+01:00",
    "place": "home",
    "address_note": "Sonnette du bas, troisième étage",
    "safety_note": "Le chien au portail",
}
DONE = {"status": "done", "minutes": 50, "travel_minutes": 20, "km": "8.00"}
MISSED = {"status": "missed", "missed_by": "person", "missed_reason": "nobody-home", "travel_minutes": 20, "km": "8.00"}


async def planned(world: World, case_id: str, **changes: Any) -> dict[str, Any]:
    return await world.done(case_id, "visits", {**PLANNED, **changes})


async def test_a_planned_visit_that_was_made_begins_the_care_and_makes_its_line(world: World) -> None:
    case_id = await world.assigned()
    visit = await planned(world, case_id)
    world.service.clock.move(days=5)

    done = await world.done(case_id, f"visits/{visit['id']}/outcome", DONE)
    again = await world.step(case_id, f"visits/{visit['id']}/outcome", DONE)

    assert (visit["worker"], visit["until"], visit["activity_id"]) == (
        "case-manager-nurse",
        PLANNED["until"],
        None,
    )
    assert (done["id"], done["status"], done["on"]) == (visit["id"], "done", "2026-11-25")
    assert (await world.view(case_id))["care_started_on"] == "2026-11-25"
    told = [(each["visit_id"], each["status"]) for each in await world.told("cases.visit-recorded.v1")]
    assert told == [(visit["id"], "planned"), (visit["id"], "done")]
    [line] = await world.told("cases.activity-recorded.v1")
    assert (line["activity_id"], line["visit_id"], line["on"]) == (done["activity_id"], visit["id"], "2026-11-25")
    assert (again.status_code, again.json()["code"], again.json()["status"]) == (409, "visit-not-planned", "done")


async def test_a_missed_visit_says_who_missed_it_and_why_and_counts_the_way_there(world: World) -> None:
    case_id = await world.assigned()
    visit = await planned(world, case_id, at=None, until=None, on=TODAY)

    missed = await world.done(case_id, f"visits/{visit['id']}/outcome", MISSED)

    assert (missed["missed_by"], missed["missed_reason"]) == ("person", "nobody-home")
    assert (await world.view(case_id))["state"] == "open"
    [line] = await world.told("cases.activity-recorded.v1")
    assert (line["direct_minutes"], line["travel_minutes"]) == (0, 20)
    report = await world.read("/cases/reports/activity?period=2026-11")
    assert (report["totals"]["visits_missed"], report["totals"]["home_visits"]) == (1, 0)


async def test_a_moved_visit_is_replaced_by_a_planned_one_with_its_notes(world: World) -> None:
    case_id = await world.assigned()
    visit = await planned(world, case_id)

    moved = await world.done(
        case_id, f"visits/{visit['id']}/outcome", {"status": "moved", "moved_to": {"on": "2026-12-02"}}
    )

    new = moved["next_visit"]
    assert (moved["status"], moved["moved_to"], moved["activity_id"]) == ("moved", new["id"], None)
    assert (new["status"], new["on"], new["at"], new["safety_note"]) == (
        "planned",
        "2026-12-02",
        None,
        PLANNED["safety_note"],
    )
    cancelled = await world.done(case_id, f"visits/{new['id']}/outcome", {"status": "cancelled"})
    assert cancelled["status"] == "cancelled"
    told = [each["status"] for each in await world.told("cases.visit-recorded.v1")]
    assert told == ["planned", "moved", "planned", "cancelled"]


async def test_what_is_unsafe_is_shown_when_a_visit_is_planned_and_told_to_nobody(world: World) -> None:
    case_id = await world.assigned()
    first = await world.done(case_id, "visits", {**VISIT, "safety_note": "Un canari méchant"})

    second = await planned(world, case_id)

    assert first["earlier_safety_notes"] == []
    assert [note["safety_note"] for note in second["earlier_safety_notes"]] == ["Un canari méchant"]
    notes: Any = await world.read(f"/cases/{case_id}/visits/safety-notes")
    assert [note["visit_id"] for note in notes] == [second["id"], first["id"]]
    assert "canari" not in str(await world.service.announced())
    assert "Sonnette" not in str(await world.service.announced())


BAD_VISITS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"at": "2026-11-19T10:00:00+01:00", "until": None}, ("/at", "before-opening")),
    ({"at": "2026-11-20T06:00:00+01:00", "until": None}, ("/at", "in-past")),
    ({"until": "2026-11-25T09:00:00+01:00"}, ("", "slot")),
    ({"place": "Rue de la Loi 16"}, ("/place", "not-one-of")),
    ({"address": "Rue de la Loi 16"}, ("/address", "unknown-field")),
    ({"missed_reason": "forgotten"}, ("/missed_reason", "not-for-this-status")),
    ({"nis_code": "5000"}, ("/nis_code", "wrong-format")),
]
BAD_OUTCOMES: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"status": "planned"}, ("/status", "not-an-outcome")),
    (DONE, ("/on", "in-future")),
    ({**DONE, "on": YESTERDAY}, ("/on", "before-opening")),
    ({**MISSED, "on": TODAY, "missed_by": None}, ("/missed_by", "required")),
    ({**MISSED, "on": TODAY, "missed_reason": None}, ("/missed_reason", "required")),
    ({**DONE, "on": TODAY, "missed_by": "person"}, ("/missed_by", "not-for-this-status")),
    ({**DONE, "on": TODAY, "minutes": 1430, "travel_minutes": 20}, ("/minutes", "day-over-24-hours")),
    ({"status": "cancelled", "minutes": 10}, ("/minutes", "not-for-this-status")),
    ({"status": "cancelled", "moved_to": {"on": TOMORROW}}, ("/moved_to", "not-for-this-status")),
    ({"status": "moved"}, ("/moved_to", "required")),
    ({"status": "moved", "moved_to": {"on": YESTERDAY}}, ("/moved_to/on", "in-past")),
]


async def test_what_cannot_be_is_refused_with_its_place(world: World) -> None:
    case_id = await world.assigned()
    visit = await planned(world, case_id)

    for change, fault in BAD_VISITS:
        answer = await world.step(case_id, "visits", {**PLANNED, **change})
        assert (answer.status_code, named(answer)) == (422, [fault]), change
    for body, fault in BAD_OUTCOMES:
        answer = await world.step(case_id, f"visits/{visit['id']}/outcome", body)
        assert (answer.status_code, fault in named(answer)) == (422, True), (body, answer.text)

    assert [each["status"] for each in (await world.read(f"/cases/{case_id}/visits"))["items"]] == ["planned"]
    assert (await world.view(case_id))["state"] == "open"


@pytest.mark.parametrize("step", ["visits", "closure"])
async def test_a_visit_is_not_settled_on_an_old_version_nor_on_another_case(world: World, step: str) -> None:
    case_id, other = await world.assigned(), await world.assigned()
    visit = await planned(world, case_id)
    etag = await world.etag(case_id)
    body = PLANNED if step == "visits" else {"closed_on": TODAY, "reason": "moved", "summary": "Parti"}
    await world.done(case_id, step, body)

    stale = await world.step(case_id, f"visits/{visit['id']}/outcome", {"status": "cancelled"}, etag=etag)
    elsewhere = await world.step(other, f"visits/{visit['id']}/outcome", {"status": "cancelled"})

    assert (stale.status_code, elsewhere.status_code) == (412, 404)
    if step == "closure":
        closed = await world.step(case_id, f"visits/{visit['id']}/outcome", {"status": "cancelled"})
        assert (closed.status_code, closed.json()["code"]) == (409, "illegal-step")
