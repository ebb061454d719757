"""Work is entered once, corrected by another line, and never makes a day longer than 24 hours."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.cases.world import TODAY, TOMORROW, VISIT, YESTERDAY, World, named

NURSE, SOCIAL = "case-manager-nurse", "case-manager-social-worker"
PHONE = {"kind": "phone", "on": TODAY, "direct_minutes": 30}
TRAINING = {"kind": "training", "on": TODAY, "direct_minutes": 180, "travel_minutes": 60, "km": "40.00"}
OUTREACH = {
    "kind": "outreach",
    "on": TODAY,
    "direct_minutes": 90,
    "participants": 12,
    "nis_code": "62063",
    "source": "general-practice",
}


async def entered(world: World, body: dict[str, Any], case_id: str | None = None, persona: str = NURSE) -> Any:
    """Enter a line that must be taken."""
    answer = await posted(world, body, case_id, persona)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def posted(
    world: World, body: dict[str, Any], case_id: str | None = None, persona: str = NURSE
) -> httpx.Response:
    return await world.as_(persona).post(f"/cases/{case_id}/activities" if case_id else "/cases/activities", json=body)


async def changed(world: World, activity_id: str, step: str, body: dict[str, Any], persona: str = NURSE) -> Any:
    """Correct or withdraw a line in the version of the moment."""
    path = f"/cases/activities/{activity_id}"
    etag = (await world.as_("coordinator").get(path)).headers["etag"]
    return await world.as_(persona).post(f"{path}/{step}", json=body, headers={"if-match": etag})


async def test_work_on_a_case_and_on_none_is_entered_in_one_call(world: World) -> None:
    case_id = await world.assigned()

    phone = await entered(world, {**PHONE, "note": "Un canari"}, case_id)
    outreach = await entered(world, OUTREACH)
    company = {**PHONE, "kind": "accompaniment", "result": "goal-reached", "travel_minutes": 45, "km": "7.5"}
    await entered(world, company, case_id)

    assert (phone["worker"], phone["discipline"], phone["organisation"]) == (NURSE, "nurse", "relais")
    assert (outreach["case_id"], outreach["source"], outreach["participants"]) == (None, "general-practice", 12)
    told = await world.told("cases.activity-recorded.v1")
    assert [(each["kind"], each["direct_minutes"], each["km"]) for each in told] == [
        ("phone", 30, "0.00"),
        ("outreach", 90, "0.00"),
        ("accompaniment", 30, "7.50"),
    ]
    assert "canari" not in str(told)
    listed = (await world.read(f"/cases/{case_id}/activities"))["items"]
    assert sorted(line["kind"] for line in listed) == ["accompaniment", "phone"]
    kinds = [entry["kind"] for entry in (await world.read(f"/cases/{case_id}/timeline"))["items"]]
    assert kinds.count("activity-recorded") == 2


BAD: list[tuple[bool, dict[str, Any], tuple[str, str]]] = [
    (True, {"direct_minutes": -1}, ("/direct_minutes", "out-of-range")),
    (True, {"direct_minutes": 1800}, ("/direct_minutes", "out-of-range")),
    (True, {"direct_minutes": 1000, "travel_minutes": 500}, ("/direct_minutes", "day-over-24-hours")),
    (True, {"direct_minutes": 0}, ("/direct_minutes", "no-time")),
    (True, {"direct_minutes": "30"}, ("/direct_minutes", "wrong-type")),
    (True, {"km": "-1"}, ("/km", "out-of-range")),
    (True, {"on": TOMORROW}, ("/on", "in-future")),
    (True, {"on": YESTERDAY}, ("/on", "before-opening")),
    (True, {"kind": "training"}, ("/kind", "needs-no-case")),
    (True, {"kind": "accompaniment"}, ("/result", "required")),
    (True, {"result": "goal-reached"}, ("/result", "not-for-this-kind")),
    (False, {"kind": "home-visit"}, ("/kind", "needs-a-case")),
    (False, {**OUTREACH, "source": None}, ("/source", "required")),
    (False, {**OUTREACH, "nis_code": None}, ("/nis_code", "required")),
    (False, {**OUTREACH, "nis_code": "Namur"}, ("/nis_code", "wrong-format")),
    (False, {"kind": "training", "participants": 0}, ("/participants", "out-of-range")),
    (False, {"kind": "training", "address": "Rue"}, ("/address", "unknown-field")),
]


async def test_what_cannot_be_is_refused_with_its_place_and_nothing_is_kept(world: World) -> None:
    case_id = await world.assigned()

    for on_case, change, fault in BAD:
        answer = await posted(world, {**PHONE, **change}, case_id if on_case else None)
        assert (answer.status_code, fault in named(answer)) == (422, True), (change, answer.text)

    assert (await world.read("/cases/activities"))["items"] == []
    assert (await posted(world, PHONE, "01900000-0000-7000-8000-000000000009")).status_code == 404


async def test_a_day_has_24_hours_also_when_twenty_lines_come_at_once(world: World) -> None:
    lines = [{**TRAINING, "direct_minutes": 100, "travel_minutes": 20} for _ in range(20)]

    answers = await asyncio.gather(*(posted(world, line) for line in lines))

    assert sorted(answer.status_code for answer in answers) == [201] * 12 + [422] * 8
    assert {fault for answer in answers if answer.status_code == 422 for fault in named(answer)} == {
        ("/direct_minutes", "day-over-24-hours")
    }
    assert (await posted(world, {**TRAINING, "direct_minutes": 1, "on": YESTERDAY})).status_code == 201
    assert (await posted(world, TRAINING, persona=SOCIAL)).status_code == 201


async def test_a_correction_is_another_line_and_the_trail_stays(world: World) -> None:
    case_id = await world.assigned()
    first = await entered(world, PHONE, case_id)

    second = await changed(
        world, first["id"], "correction", {"reason": "Durée fausse", "values": {**PHONE, "direct_minutes": 20}}
    )
    third = await changed(
        world, second.json()["id"], "correction", {"reason": "Courriel", "values": {**PHONE, "kind": "e-mail"}}
    )
    again = await changed(world, first["id"], "correction", {"reason": "Encore", "values": PHONE})
    gone = await changed(world, third.json()["id"], "withdrawal", {"reason": "Doublon"})
    twice = await changed(world, third.json()["id"], "withdrawal", {"reason": "Doublon"})

    assert (second.status_code, third.status_code, gone.status_code) == (201, 201, 201)
    for late in (again, twice):
        assert (late.status_code, late.json()["code"]) == (409, "activity-not-current")
    trail = (await world.read(f"/cases/activities/{first['id']}", NURSE))["chain"]
    assert [(line["status"], line["direct_minutes"], line["kind"], line["reason"]) for line in trail] == [
        ("corrected", 30, "phone", None),
        ("corrected", 20, "phone", "Durée fausse"),
        ("withdrawn", 30, "e-mail", "Doublon"),
    ]
    assert [line["replaces"] for line in trail] == [None, trail[0]["id"], trail[1]["id"]]
    assert (await world.read("/cases/activities", NURSE))["items"] == []
    assert len((await world.read("/cases/activities?all_versions=true", NURSE))["items"]) == 3
    kinds = [kind.split(".")[1] for kind in await world.service.types() if "activity" in kind]
    assert kinds == [
        "activity-recorded",
        *("activity-corrected", "activity-recorded") * 2,
        "activity-withdrawn",
    ]


async def test_a_correction_is_checked_like_an_entry_and_leaves_the_old_line_when_refused(world: World) -> None:
    first = await entered(world, TRAINING)
    await entered(world, {**TRAINING, "direct_minutes": 1000})

    wrong = {**TRAINING, "direct_minutes": 500}
    over = await changed(world, first["id"], "correction", {"reason": "Trop", "values": wrong})
    future = await changed(world, first["id"], "correction", {"reason": "Non", "values": {**TRAINING, "on": TOMORROW}})
    stale = await world.as_(NURSE).post(
        f"/cases/activities/{first['id']}/withdrawal", json={"reason": "Non"}, headers={"if-match": '"7"'}
    )

    assert (over.status_code, named(over)) == (422, [("/direct_minutes", "day-over-24-hours")])
    assert (future.status_code, named(future)) == (422, [("/values/on", "in-future")])
    assert stale.status_code == 412
    assert (await world.read(f"/cases/activities/{first['id']}", NURSE))["status"] == "current"


async def test_people_enter_and_see_their_own_work_and_the_coordinator_that_of_all(world: World) -> None:
    mine = await entered(world, TRAINING)
    for_her = await entered(world, {**TRAINING, "worker": SOCIAL}, persona="coordinator")

    refused = await posted(world, {**TRAINING, "worker": SOCIAL})
    hidden = await world.as_(SOCIAL).get(f"/cases/activities/{mine['id']}")

    assert (refused.status_code, refused.json()["code"], hidden.status_code) == (403, "not-your-own", 404)
    assert (for_her["worker"], for_her["entered_by"]) == (SOCIAL, "coordinator")
    assert [line["id"] for line in (await world.read("/cases/activities", SOCIAL))["items"]] == [for_her["id"]]
    assert len((await world.read("/cases/activities"))["items"]) == 2
    assert len((await world.read(f"/cases/activities?worker={NURSE}&from={TODAY}&kind=training"))["items"]) == 1
    assert (await world.as_("hospital-chu").get("/cases/activities")).status_code == 403


async def test_a_closed_month_takes_no_line_and_no_correction_until_it_is_reopened(world: World) -> None:
    line = await entered(world, {**TRAINING, "on": "2026-10-05"})
    october = {**TRAINING, "on": "2026-10-06"}
    close = "/cases/periods/2026-10/closure"

    by_nurse = await world.as_(NURSE).post(close)
    early = await world.as_("coordinator").post("/cases/periods/2026-11/closure")
    closed = await world.as_("coordinator").post(close)
    refused = [
        await posted(world, october),
        await changed(world, line["id"], "correction", {"reason": "Fin", "values": TRAINING}),
        await changed(world, line["id"], "withdrawal", {"reason": "Fin"}),
    ]
    now = await entered(world, TRAINING)
    back = await changed(world, now["id"], "correction", {"reason": "En arrière", "values": october})

    assert (by_nurse.status_code, early.status_code, closed.status_code) == (403, 422, 201)
    for answer in (*refused, back):
        assert (answer.status_code, answer.json()["code"]) == (409, "period-closed")
    reason = {"reason": "Erreur de saisie"}
    again = await world.as_("coordinator").post("/cases/periods/2026-10/reopening", json=reason)
    never = await world.as_("coordinator").post("/cases/periods/2026-09/reopening", json=reason)
    assert (again.json()["closed"], never.status_code) == (False, 404)
    assert (await posted(world, october)).status_code == 201
    months: Any = await world.read("/cases/periods")
    assert [(each["month"], each["closed"]) for each in months] == [("2026-10", False)]


async def test_a_visit_with_its_minutes_is_the_line_too(world: World) -> None:
    case_id = await world.assigned()

    visit = await world.done(case_id, "visits", {**VISIT, "nis_code": "62063"})

    [line] = (await world.read(f"/cases/{case_id}/activities"))["items"]
    assert (line["id"], line["visit_id"], line["worker"]) == (visit["activity_id"], visit["id"], NURSE)
    assert (line["kind"], line["direct_minutes"], line["travel_minutes"], line["km"]) == ("home-visit", 60, 40, "12.50")
    kinds = [entry["kind"] for entry in (await world.read(f"/cases/{case_id}/timeline"))["items"]]
    assert "activity-recorded" not in kinds


async def test_thirty_hours_of_visits_are_refused_and_the_visit_with_them(world: World) -> None:
    case_id = await world.assigned()
    long = {**VISIT, "minutes": 900, "travel_minutes": 0}
    await world.done(case_id, "visits", long)

    answer = await world.step(case_id, "visits", long)

    assert (answer.status_code, named(answer)) == (422, [("/direct_minutes", "day-over-24-hours")])
    assert len((await world.read(f"/cases/{case_id}/visits"))["items"]) == 1


@pytest.mark.parametrize("persona", [SOCIAL, NURSE])
async def test_a_visit_without_a_worker_is_that_of_whoever_reports_it(world: World, persona: str) -> None:
    case_id = await world.assigned()

    answer = await world.step(case_id, "visits", VISIT, persona)
    other = SOCIAL if persona == NURSE else NURSE
    for_another = await world.step(case_id, "visits", {**VISIT, "worker": other}, persona)

    assert answer.json()["worker"] == persona
    assert (for_another.status_code, for_another.json()["code"]) == (403, "not-your-own")
