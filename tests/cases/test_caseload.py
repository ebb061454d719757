"""Workers, assignment, the caseload and the waiting list, through the service's doors."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.ids import new_id
from tests.cases.world import ACCEPTED, ASSIGNMENT, CLOSURE, TOMORROW, VISIT, World, at_work, named

ASSESSED = "assessment.complexity-assessed.v1"
SUPERSEDED = "assessment.admission-superseded.v1"
HIGH = {"medical": "dominant", "psychosocial": "dominant", "context": "present", "family": "none"}
MEDIUM = {"medical": "present", "psychosocial": "present", "context": "not_assessed"}
LOW = {"medical": "none"}
WORKER = {
    "discipline": "nurse",
    "employer": "centre",
    "programme": "relais",
    "organisation": "relais",
    "employed_from": "2026-01-01",
}
NURSE, SOCIAL = "case-manager-nurse", "case-manager-social-worker"


async def registered(world: World, subject: str = NURSE, **changes: Any) -> httpx.Response:
    answer = await world.as_("coordinator").put(f"/cases/workers/{subject}", json={**WORKER, **changes})
    assert answer.status_code == 200, answer.text
    return answer


async def absent(world: World, subject: str, until: str, **more: Any) -> httpx.Response:
    etag = (await world.as_("coordinator").get(f"/cases/workers/{subject}")).headers["etag"]
    body = {"from_on": "2026-11-20", "until": until, **more}
    return await world.as_("coordinator").post(
        f"/cases/workers/{subject}/absences", json=body, headers={"if-match": etag}
    )


async def assessed(world: World, findings: dict[str, str], **about: UUID) -> UUID:
    told = {"referral_id": None, "person_id": None, "advice": "case_management", "rule_version": "admission/1"}
    assessment_id = new_id()
    data = {**told, **about, "assessment_id": assessment_id, "dimensions": findings}
    await world.hear(ASSESSED, assessment_id, data)
    return assessment_id


async def requested(world: World, findings: dict[str, str] | None = None, urgency: str = "routine") -> str:
    """A new request, its complexity told before it is accepted."""
    referral = new_id()
    if findings is not None:
        await assessed(world, findings, referral_id=referral)
    await world.hear(ACCEPTED, referral, {"referral_id": referral, "person_id": None, "urgency": urgency})
    return str((await world.told("cases.case-opened.v1"))[-1]["case_id"])


async def waiting(world: World, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.read(f"/cases/waiting-list{query}"))["items"]
    return found


async def load_of(world: World, subject: str = NURSE) -> dict[str, Any]:
    return await world.read(f"/cases/workers/{subject}/caseload")


async def test_a_worker_is_registered_changed_and_told(world: World) -> None:
    made = await registered(world, cap=20, municipalities=["62063"])
    client, path = world.as_("coordinator"), f"/cases/workers/{NURSE}"

    blind = await client.put(path, json=WORKER)
    stale = await client.put(path, json=WORKER, headers={"if-match": '"9"'})
    changed = await client.put(path, json={**WORKER, "cap": 10}, headers={"if-match": made.headers["etag"]})
    again = await client.put(path, json={**WORKER, "cap": 10}, headers={"if-match": changed.headers["etag"]})

    assert (blind.status_code, stale.status_code, changed.status_code) == (428, 412, 200)
    assert (changed.json()["cap"], changed.json()["municipalities"]) == (10, [])
    assert again.headers["etag"] == changed.headers["etag"] == '"2"'
    assert {made.json()[name] for name in ("employer", "programme", "organisation")} == {"centre", "relais"}
    assert [kind for kind in await world.service.types() if "worker" in kind] == [
        "cases.worker-registered.v1",
        "cases.worker-changed.v1",
    ]
    assert [each["subject"] for each in (await world.read("/cases/workers"))["items"]] == [NURSE]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"discipline": "doctor"}, ("/discipline", "not-one-of")),
        ({"discipline": None}, ("/discipline", "not-one-of")),
        ({"cap": -1}, ("/cap", "out-of-range")),
        ({"cap": True}, ("/cap", "wrong-type")),
        ({"employed_until": "2025-12-31"}, ("/employed_until", "before-start")),
        ({"municipalities": ["62063", "62063"]}, ("/municipalities", "repeated")),
        ({"municipalities": ["Liège"]}, ("/municipalities/0", "wrong-format")),
        ({"employer": None}, ("/employer", "wrong-type")),
        ({"name": "Anne"}, ("/name", "unknown-field")),
    ],
)
async def test_a_worker_that_cannot_be_is_refused(
    world: World, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = await world.as_("coordinator").put(f"/cases/workers/{NURSE}", json={**WORKER, **changes})

    assert answer.status_code == 422
    assert named(answer) == [fault]


async def test_workers_of_another_organisation_are_nobodys_business(world: World) -> None:
    foreign = {**WORKER, "organisation": "centre"}
    coordinator = world.as_("coordinator")
    there = world.service.client("coordinator", org_id="centre")

    assert (await coordinator.put("/cases/workers/bruno", json=foreign)).status_code == 404
    assert (await there.put("/cases/workers/bruno", json=foreign)).status_code == 200
    assert (await coordinator.get("/cases/workers/bruno")).status_code == 404
    assert (await coordinator.get("/cases/workers/bruno/caseload")).status_code == 404
    assert (await world.read("/cases/workers"))["items"] == []
    taken = await coordinator.put("/cases/workers/bruno", json=WORKER, headers={"if-match": '"1"'})
    assert taken.status_code == 404
    assert (await world.as_(NURSE).put(f"/cases/workers/{NURSE}", json=WORKER)).status_code == 403
    elsewhere = await world.step(await world.opened(), "assignment", {**ASSIGNMENT, "worker": "bruno"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "worker-elsewhere")
    await there.aclose()


async def test_an_absent_worker_is_refused_until_the_assignment_starts_later(world: World) -> None:
    await registered(world)
    noted = await absent(world, NURSE, "2026-11-25", substitute=SOCIAL)
    case_id = await world.opened()

    refused = await world.step(case_id, "assignment", ASSIGNMENT)
    too_early = await world.step(case_id, "assignment", {**ASSIGNMENT, "starts_on": "2026-11-25"})
    later = await world.step(case_id, "assignment", {**ASSIGNMENT, "starts_on": "2026-11-26"})

    assert noted.json()["away"] == {"until": "2026-11-25", "substitute": SOCIAL}
    assert refused.status_code == too_early.status_code == 409
    problem = refused.json()
    assert (problem["code"], problem["until"], problem["substitute"]) == ("worker-absent", "2026-11-25", SOCIAL)
    assert (later.status_code, later.json()["worker_from"]) == (201, "2026-11-26")
    assert "cases.worker-absent.v1" in await world.service.types()


async def test_who_has_left_takes_no_case(world: World) -> None:
    await registered(world, employed_until="2026-11-19")

    refused = await world.step(await world.opened(), "assignment", ASSIGNMENT)

    assert (refused.status_code, refused.json()["left_on"]) == (409, "2026-11-19")


async def test_an_absence_that_cannot_be_is_refused_and_loses_nothing(world: World) -> None:
    await registered(world)
    first = (await absent(world, NURSE, "2026-11-25")).json()["absences"]

    before = await absent(world, NURSE, "2026-11-19")
    twice = await absent(world, NURSE, "2026-11-30")

    assert named(before) == [("/until", "before-start")]
    assert named(twice) == [("/from_on", "overlaps")]
    assert (await world.read(f"/cases/workers/{NURSE}"))["absences"] == first
    path = f"/cases/workers/{NURSE}/absences/{first[0]['id']}"
    client, seen = world.as_("coordinator"), {"if-match": '"2"'}
    changed = await client.put(path, json={"from_on": "2026-12-01", "until": "2026-12-05"}, headers=seen)
    gone = await client.delete(path, headers={"if-match": changed.headers["etag"]})
    again = await client.delete(path, headers={"if-match": gone.headers["etag"]})
    assert (changed.json()["away"], gone.json()["absences"], again.status_code) == (None, [], 404)


async def test_another_profile_than_the_wanted_one_needs_a_reason_and_is_shown(world: World) -> None:
    case_id = await world.opened()
    await world.done(case_id, "staffing", {"wanted_discipline": "both"})

    refused = await world.step(case_id, "assignment", ASSIGNMENT)
    alone = await world.done(case_id, "assignment", {**ASSIGNMENT, "discipline_reason": "Pas d'assistant social"})
    pair = {**ASSIGNMENT, "second": {"worker": SOCIAL, "discipline": "social-worker"}}
    together = await world.done(case_id, "assignment", pair)

    problem = refused.json()
    assert (problem["code"], problem["wanted"], problem["given"]) == ("discipline-mismatch", "both", ["nurse"])
    assert (alone["missing_disciplines"], together["missing_disciplines"]) == (["social-worker"], [])
    assert (together["worker"], together["second_worker"]) == (NURSE, SOCIAL)
    assert (await load_of(world, SOCIAL))["load"] == "0.50"


async def test_the_registered_discipline_is_the_one_that_counts(world: World) -> None:
    await registered(world)

    refused = await world.step(await world.opened(), "assignment", {**ASSIGNMENT, "discipline": "social-worker"})

    assert named(refused) == [("/discipline", "not-the-workers")]


async def test_a_load_is_weighed_and_explained_case_by_case(world: World) -> None:
    await registered(world, cap=10)
    heavy, light = await requested(world, HIGH), await requested(world)
    for case_id in (heavy, light):
        await world.done(case_id, "assignment", ASSIGNMENT)
    await world.done(light, "staffing", {"travel_minutes": 100})
    for _ in range(3):
        await world.done(heavy, "visits", {**VISIT, "travel_minutes": 50})

    load = await load_of(world)

    assert [(line["case_id"], line["weight"]) for line in load["lines"]] == [(heavy, "1.73"), (light, "1.30")]
    told = ("complexity_weight", "travel_weight", "stage_weight", "share", "travel_source")
    assert [load["lines"][0][name] for name in told] == ["1.50", "1.15", "1.00", "1", "visits"]
    assert (load["load"], load["room"], load["over"], load["weights_version"]) == ("3.03", "6.97", False, "caseload/1")
    assert load["by_complexity"]["high"] == {"cases": 1, "load": "1.73"}
    weights = await world.read("/cases/caseload/weights")
    assert (weights["version"], weights["phase"]["plan"]) == ("caseload/1", "1.00")


async def test_over_the_cap_needs_a_reason_and_comes_before_the_meeting(world: World) -> None:
    await registered(world, cap=2)
    await world.done(await requested(world), "assignment", ASSIGNMENT)
    case_id = await requested(world, HIGH)

    refused = await world.step(case_id, "assignment", ASSIGNMENT)
    before = await world.agenda()
    await world.done(case_id, "assignment", {**ASSIGNMENT, "over_cap_reason": "Elle connaît la famille"})

    problem = refused.json()
    numbers = [problem[name] for name in ("code", "open", "cap", "load", "case_weight")]
    assert numbers == ["caseload-full", 1, 2, "1.00", "1.50"]
    over = ("caseload-over-cap", case_id)
    assert over not in before
    assert over in await world.agenda()
    assert (await load_of(world))["over"]
    assert "famille" not in str(await world.service.announced())
    await world.done(case_id, "assignment", {**ASSIGNMENT, "worker": SOCIAL, "discipline": "social-worker"})
    assert over not in await world.agenda()


async def test_the_projected_load_knows_ends_pauses_and_absences(world: World) -> None:
    await registered(world)
    await registered(world, SOCIAL, discipline="social-worker")
    resting, ending = await world.assigned(), await world.assigned()
    await world.done(resting, "pause", {"reason": "readmitted", "until": TOMORROW})
    await world.done(ending, "staffing", {"expected_close_on": "2026-12-01"})
    await absent(world, NURSE, "2026-11-30", substitute=SOCIAL)

    soon = await world.read(f"/cases/workers/{NURSE}/caseload?on={TOMORROW}")
    later = await load_of(world)

    assert (soon["load"], soon["room"], soon["away"]["until"]) == ("1.25", "0", "2026-11-30")
    assert (soon["projected"]["load"], soon["projected"]["changes"]) == ("2.00", {"resuming": 1})
    assert soon["projected"]["away"] == {"until": "2026-11-30", "substitute": SOCIAL}
    assert (later["projected"]["on"], later["projected"]["load"]) == ("2026-12-18", "1.00")
    assert later["projected"]["changes"] == {"ending": 1, "resuming": 1}
    loads = (await world.read("/cases/caseload"))["items"]
    assert [(each["worker"], each["stands_in_for"]) for each in loads] == [(NURSE, []), (SOCIAL, [NURSE])]
    past = await world.as_("coordinator").get("/cases/caseload?on=2026-11-19")
    assert named(past) == [("/query/on", "in-past")]


async def test_the_caseload_is_paged_and_shows_who_is_not_registered(world: World) -> None:
    await registered(world, "zoe")
    for subject in ("anne", "bruno"):
        await world.assigned(worker=subject)

    first = await world.read("/cases/caseload?limit=2")
    second = await world.read(f"/cases/caseload?limit=2&cursor={first['next']}")

    both = [(each["worker"], each["registered"]) for each in first["items"] + second["items"]]
    assert both == [("anne", False), ("bruno", False), ("zoe", True)]
    assert second["next"] is None


@pytest.mark.parametrize(("cap", "wanted"), [(1, 4), (3, 8), (5, 5)])
async def test_parallel_assignments_never_go_over_the_cap_without_a_reason(
    run_service: Callable[..., Any], cap: int, wanted: int
) -> None:
    async with at_work(run_service("cases", caseload_cap=cap)) as world:
        cases = [await requested(world, HIGH if number % 2 else None) for number in range(wanted)]
        etags = [await world.etag(case_id) for case_id in cases]
        pair = {"worker": SOCIAL, "discipline": "social-worker"}
        bodies = [
            {**ASSIGNMENT, "second": pair} if number % 3 else {**ASSIGNMENT, **pair, "second": None}
            for number in range(wanted)
        ]

        answers = await asyncio.gather(
            *(
                world.step(case_id, "assignment", body, etag=etag)
                for case_id, body, etag in zip(cases, bodies, etags, strict=True)
            )
        )

        assert {answer.status_code for answer in answers} <= {201, 409}
        for subject in (NURSE, SOCIAL):
            for load in (each for each in (await world.read("/cases/caseload"))["items"] if each["worker"] == subject):
                assert float(load["load"]) <= cap
        left = [case for case, answer in zip(cases, answers, strict=True) if answer.status_code == 409]
        for case_id in left[:1]:
            await world.done(case_id, "assignment", {**ASSIGNMENT, "over_cap_reason": "Urgence sociale"})


async def test_the_waiting_list_goes_by_complexity_then_time_and_explains_itself(world: World) -> None:
    await registered(world, cap=1)
    await registered(world, SOCIAL, discipline="social-worker", cap=3)
    low, unknown = await requested(world, LOW), await requested(world)
    world.service.clock.move(days=2)
    medium, urgent = await requested(world, MEDIUM), await requested(world, urgency="urgent")
    high = await requested(world, HIGH)

    lines = await waiting(world)

    placed = [(each["case_id"], each["rank"], each["placed_at"], each["rule"], each["behind_by"]) for each in lines]
    assert placed == [
        (high, 1, "high", "complexity", None),
        (urgent, 2, "high", "provisional-urgent", "points"),
        (medium, 3, "medium", "complexity", "level"),
        (unknown, 4, "medium", "provisional-routine", "points"),
        (low, 5, "low", "complexity", "level"),
    ]
    assert [each["days_waiting"] for each in lines] == [0, 0, 0, 2, 2]
    assert (lines[0]["complexity"]["level"], lines[0]["complexity"]["points"]) == ("high", 5)
    assert lines[1]["complexity"] is None
    rooms = [[able["worker"] for able in each["workers_with_room"]] for each in lines]
    assert rooms == [[SOCIAL], [SOCIAL, NURSE], [SOCIAL, NURSE], [SOCIAL, NURSE], [SOCIAL, NURSE]]


async def test_the_waiting_list_is_the_same_twice_and_after_edits_page_by_page(world: World) -> None:
    cases = [await requested(world, findings) for findings in (MEDIUM, MEDIUM, None, LOW, HIGH)]
    before = await waiting(world)

    world.service.clock.move(hours=3)
    for case_id in cases[:3]:
        await world.done(case_id, "staffing", {"travel_minutes": 10})
        await world.done(case_id, "waiting-list", {"note": "Rappeler en janvier"})
    pages: list[str] = []
    cursor = ""
    while True:
        page = await world.read(f"/cases/waiting-list?limit=2{cursor}")
        pages += [each["case_id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    order = [each["case_id"] for each in before]
    assert order == pages == [each["case_id"] for each in await waiting(world)]
    assert order == [cases[4], cases[0], cases[1], cases[2], cases[3]]


async def test_the_waiting_list_is_filtered_by_profile_and_keeps_its_ranks(world: World) -> None:
    first, second = await requested(world, HIGH), await requested(world, LOW)
    await world.done(first, "waiting-list", {"wanted_discipline": "nurse"})
    await world.done(second, "waiting-list", {"wanted_discipline": "social-worker"})

    found = await waiting(world, "?wanted_discipline=social-worker")

    assert [(each["case_id"], each["rank"]) for each in found] == [(second, 2)]
    assert await waiting(world, "?organisation=centre") == []
    wrong = await world.as_("coordinator").get("/cases/waiting-list?wanted_discipline=doctor")
    assert wrong.status_code == 422


async def test_an_assigned_or_ended_case_waits_no_more(world: World) -> None:
    assigned, declined = await world.assigned(), await world.opened()
    closing = {"reason": "at-capacity", "onward_path": "Centre de coordination"}
    await world.done(declined, "decline", closing)

    assert await waiting(world) == []
    await world.done(assigned, "closure", CLOSURE)
    assert (await world.read("/cases/caseload"))["items"] == []


async def test_the_newest_assessment_counts_and_the_history_stays(world: World) -> None:
    person = new_id()
    case_id = await world.opened(person_id=person)
    first = await assessed(world, LOW, person_id=person)
    world.service.clock.move(days=1)
    second = await assessed(world, HIGH, person_id=person)
    await assessed(world, LOW, person_id=new_id())
    assert [each["placed_at"] for each in await waiting(world)] == ["high"]

    await world.hear(SUPERSEDED, second, {"assessment_id": second, "referral_id": None, "superseded_by": new_id()})

    assert [each["placed_at"] for each in await waiting(world)] == ["low"]
    history = (await world.read(f"/cases/{case_id}/complexity"))["items"]
    told = [(each["assessment_id"], each["level"], each["superseded"]) for each in history]
    assert told == [(str(second), "high", True), (str(first), "low", False)]


async def test_weights_that_make_no_sense_stop_the_start(run_service: Callable[..., Any], tmp_path: Any) -> None:
    broken = tmp_path / "weights.json"
    broken.write_text('{"version": "mine/1", "paused": "-1"}')

    with pytest.raises(ValueError, match="paused"):
        async with at_work(run_service("cases", caseload_weights=broken)):
            pass
