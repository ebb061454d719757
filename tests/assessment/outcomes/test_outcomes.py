"""Outcomes: one record per point of a case, amended but never changed, and a list of those that are missing."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from shared.ids import new_id
from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run, filled, told
from tests.assessment.outcomes.cases import at, close_case, open_case, record, stay, who5

RECORDED = "assessment.outcome-recorded.v1"


async def missing(client: httpx.AsyncClient) -> list[tuple[str, bool]]:
    """The missing points and whether the person was reached."""
    answer = await client.get("/assessment/outcomes/missing")
    assert answer.status_code == 200, answer.text
    return [(each["point"], each["reached"]) for each in answer.json()["items"]]


async def test_a_point_is_recorded_once_and_its_event_tells_codes_only(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        at(service, "2026-01-10")
        person = new_id()
        case_id = await open_case(service, person_id=person)
        given: dict[str, Any] = {
            "quality_of_life": who5(44),
            "living_situation": "with-family",
            "stays": [stay("2025-12-01", "2025-12-09")],
            "satisfaction": 4,
            "satisfaction_comment": "Madame trouve cela bien.",
            "source": {"kind": "general-practitioner"},
        }
        answer = await record(nurse, case_id, "start", "2026-01-10", **given)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["person_id"], made["living_at_home"], made["status"]) == (str(person), True, "recorded")
        again = await nurse.get(answer.headers["location"])
        assert (again.json(), again.headers["etag"]) == (made, '"1"')

        [fact] = await told(service, RECORDED)
        assert fact == {
            "outcome_id": made["id"],
            "case_id": str(case_id),
            "person_id": str(person),
            "point": "start",
            "measured": ["quality-of-life", "living-situation", "hospital-stays", "satisfaction"],
            "amends": None,
        }
        assert "Madame" not in json.dumps(await service.announced())

        second = await record(nurse, case_id, "start", "2026-01-10", satisfaction=5)
        assert (second.status_code, second.json()["code"]) == (409, "outcome-recorded-already")


async def test_of_many_records_of_one_point_at_once_one_counts(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as coordinator:
        case_id = await open_case(service)
        answers = await asyncio.gather(
            *(record(coordinator, case_id, "start", "2026-11-20", satisfaction=number) for number in (1, 2, 3, 4))
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        assert len(await told(service, RECORDED)) == 1


async def test_an_amendment_takes_the_place_of_a_record_and_both_stay_readable(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        case_id = await open_case(service)
        first = await record(nurse, case_id, "start", "2026-11-20", satisfaction=2)
        place = first.headers["location"]
        better = {"point": "start", "measured_on": "2026-11-20", "satisfaction": 5}
        assert (await nurse.post(f"{place}/amendment", json=better)).status_code == 428
        stale = await nurse.post(f"{place}/amendment", json=better, headers={"if-match": '"7"'})
        assert stale.status_code == 412
        made = await nurse.post(f"{place}/amendment", json=better, headers={"if-match": '"1"'})
        assert (made.status_code, made.json()["amends"]) == (201, first.json()["id"])
        old = (await nurse.get(place)).json()
        assert (old["status"], old["amended_by"], old["measures"]["satisfaction"]) == ("amended", made.json()["id"], 2)
        again = await nurse.post(f"{place}/amendment", json=better, headers={"if-match": '"2"'})
        assert (again.status_code, again.json()["code"]) == (409, "outcome-over")
        other = {**better, "point": "close"}
        await close_case(service, case_id, "2026-11-20")
        moved = await nurse.post(f"{made.headers['location']}/amendment", json=other, headers={"if-match": '"1"'})
        assert moved.json()["errors"] == [{"pointer": "/point", "code": "another-point"}]
        listed = (await nurse.get(f"/assessment/outcomes?case_id={case_id}")).json()["items"]
        assert [each["status"] for each in listed] == ["recorded", "amended"]


async def test_a_withdrawn_record_makes_room_for_another(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        case_id = await open_case(service)
        first = await record(nurse, case_id, "start", "2026-11-20", satisfaction=2)
        place = f"{first.headers['location']}/error"
        answer = await nurse.post(place, json={"reason": "wrong-person"}, headers={"if-match": '"1"'})
        assert (answer.status_code, answer.json()["status"]) == (201, "withdrawn")
        assert await missing(nurse) == [("start", False)]
        assert (await record(nurse, case_id, "start", "2026-11-20", satisfaction=2)).status_code == 201


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"stays": [stay("2025-12-05", "2025-12-01")]}, [("/stays/0/discharged_on", "before-admission")]),
        (
            {"stays": [stay("2025-12-01", "2025-12-09"), stay("2025-12-05", "2025-12-20")]},
            [("/stays/1", "overlapping-stay")],
        ),
        ({"stays": [stay("2025-12-01", None), stay("2025-12-05", "2025-12-20")]}, [("/stays/1", "overlapping-stay")]),
        ({"stays": [stay("2026-02-01", None)]}, [("/stays/0/admitted_on", "in-future")]),
        ({"stays": [stay("2025-12-01", "2026-02-01")]}, [("/stays/0/discharged_on", "in-future")]),
        (
            {"measured_on": "2026-01-09", "stays": [stay("2026-01-10", None)]},
            [("/stays/0/admitted_on", "after-measurement")],
        ),
        ({"measured_on": "2026-01-11", "satisfaction": 3}, [("/measured_on", "in-future")]),
        ({"point": "two-months", "satisfaction": 3}, [("/point", "not-one-of")]),
        ({"living_situation": "on-the-moon"}, [("/living_situation", "not-one-of")]),
        ({"stays": [{**stay("2025-12-01", None), "admission": "maybe"}]}, [("/stays/0/admission", "not-one-of")]),
        ({"satisfaction": 6}, [("/satisfaction", "out-of-range")]),
        ({"satisfaction": True}, [("/satisfaction", "wrong-type")]),
        ({}, [("", "nothing-measured")]),
        ({"point": "one-month", "satisfaction": 3}, [("/point", "case-not-closed")]),
        (
            {"satisfaction_comment": "Oui."},
            [("", "nothing-measured"), ("/satisfaction_comment", "comment-without-satisfaction")],
        ),
        ({"quality_of_life": who5(101)}, [("/quality_of_life/0", "out-of-range")]),
        ({"quality_of_life": [*who5(40), *who5(44)]}, [("/quality_of_life/1", "repeated")]),
        ({"quality_of_life": [{"scale": "percent"}]}, [("/quality_of_life/0", "required")]),
        (
            {"quality_of_life": [{"instrument": "lace", "scale": "total", "value": 3}]},
            [("/quality_of_life/0", "unknown-measure")],
        ),
        (
            {"quality_of_life": [{"scale": "percent", "sheet_id": "01900000-0000-7000-8000-000000000001"}]},
            [("/quality_of_life/0", "unknown-sheet")],
        ),
    ],
)
async def test_a_record_that_contradicts_itself_is_refused_whole(
    assessment: UnderTest, given: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    at(assessment, "2026-01-10")
    case_id = await open_case(assessment)
    async with assessment.client("case-manager-nurse") as nurse:
        values = {"point": "start", "on": "2026-01-10", **{k: v for k, v in given.items() if k != "measured_on"}}
        values["on"] = given.get("measured_on", "2026-01-10")
        answer = await record(nurse, case_id, values.pop("point"), values.pop("on"), **values)
        assert answer.status_code == 422, answer.text
        assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == faults
        assert (await nurse.get(f"/assessment/outcomes?case_id={case_id}")).json()["items"] == []
    assert await assessment.announced() == []


async def test_stays_that_touch_are_two_and_a_stay_told_again_is_the_same(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        at(service, "2026-01-10")
        case_id = await open_case(service)
        touching = [stay("2025-12-01", "2025-12-09"), stay("2025-12-09", "2025-12-12"), stay("2026-01-05", None)]
        assert (await record(nurse, case_id, "start", "2026-01-10", stays=touching)).status_code == 201
        at(service, "2026-03-10")
        await close_case(service, case_id, "2026-03-10")
        wrong = [stay("2026-01-07", "2026-01-20")]
        answer = await record(nurse, case_id, "close", "2026-03-10", stays=wrong)
        assert answer.json()["errors"] == [{"pointer": "/stays/0", "code": "overlapping-stay"}]
        ended = [stay("2026-01-05", "2026-01-20")]
        assert (await record(nurse, case_id, "close", "2026-03-10", stays=ended)).status_code == 201


async def test_quality_of_life_comes_from_a_sheet_of_the_same_person(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        person, items = new_id(), {f"item_{number}": 3 for number in range(1, 6)}
        case_id, other = await open_case(service, person_id=person), await open_case(service)
        sheet = {**filled(items, instrument="who-5", edition="1998"), "person_id": str(person)}
        del sheet["identifier"]
        made = await nurse.post("/assessment/sheets", json=sheet)
        assert made.status_code == 201, made.text
        linked = [{"scale": "percent", "sheet_id": made.json()["id"]}]
        stranger = await record(nurse, other, "start", "2026-11-20", quality_of_life=linked)
        assert stranger.json()["errors"] == [{"pointer": "/quality_of_life/0", "code": "incomparable_persons"}]
        answer = await record(nurse, case_id, "start", "2026-11-20", quality_of_life=linked)
        [number] = answer.json()["measures"]["quality_of_life"]
        assert (number["instrument"], number["value"], number["sheet_id"]) == ("who-5", 60, made.json()["id"])


async def test_points_without_a_record_are_listed_once_they_have_come(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as coordinator:
        at(service, "2026-01-10")
        case_id = await open_case(service)
        assert await missing(coordinator) == [("start", False)]
        await record(coordinator, case_id, "start", "2026-01-10", satisfaction=3)
        assert await missing(coordinator) == []
        at(service, "2026-03-31")
        await close_case(service, case_id, "2026-03-31")
        assert await missing(coordinator) == [("close", False)]
        at(service, "2026-04-29")
        assert await missing(coordinator) == [("close", False)]
        at(service, "2026-04-30")
        assert await missing(coordinator) == [("close", False), ("one-month", False)]
        call = new_id()
        done: dict[str, Any] = {
            "follow_up_id": call,
            "case_id": case_id,
            "person_id": None,
            "kind": "one-month",
            "items": [],
        }
        await service.deliver("scheduler.follow-up-completed.v1", call, done)
        assert await missing(coordinator) == [("close", False), ("one-month", True)]
        at(service, "2026-09-30")
        assert [point for point, _ in await missing(coordinator)] == ["close", "one-month", "six-months"]


async def test_nothing_is_expected_of_the_dead(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as coordinator:
        at(service, "2026-01-10")
        case_id = await open_case(service)
        await close_case(service, case_id, "2026-01-10", reason="deceased")
        at(service, "2026-11-20")
        assert [point for point, _ in await missing(coordinator)] == ["start", "close"]
        answer = await record(coordinator, case_id, "one-month", "2026-11-20", satisfaction=3)
        assert answer.json()["errors"] == [{"pointer": "/point", "code": "person-deceased"}]


async def test_a_reopened_case_takes_back_what_was_recorded_at_its_closing(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as coordinator:
        case_id = await open_case(service)
        await close_case(service, case_id, "2026-11-20")
        for point in ("start", "close"):
            assert (await record(coordinator, case_id, point, "2026-11-20", satisfaction=3)).status_code == 201
        await service.deliver("cases.case-reopened.v1", case_id, {"case_id": case_id})
        rows = (await coordinator.get(f"/assessment/outcomes?case_id={case_id}")).json()["items"]
        assert {(each["point"], each["status"]) for each in rows} == {("start", "recorded"), ("close", "withdrawn")}
        [fact] = await told(service, "assessment.outcome-withdrawn.v1")
        assert (fact["point"], fact["reason"]) == ("close", "case-reopened")
        await close_case(service, case_id, "2026-11-20")
        assert await missing(coordinator) == [("close", False)]


async def test_a_person_known_later_is_on_the_case_and_its_records(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        case_id, person = await open_case(service, person_id=None), new_id()
        made = (await record(nurse, case_id, "start", "2026-11-20", satisfaction=3)).json()
        assert made["person_id"] is None
        await service.deliver("cases.person-linked.v1", case_id, {"case_id": case_id, "person_id": person})
        found = (await nurse.get(f"/assessment/outcomes?person_id={person}")).json()["items"]
        assert [each["id"] for each in found] == [made["id"]]


async def test_a_case_waits_for_a_referrals_service_that_is_away(run_service: Run) -> None:
    async with run_service("assessment") as service:
        case_id = new_id()
        data = {"case_id": case_id, "origin_kind": "referral", "origin_id": new_id(), "person_id": None}
        assert await service.deliver("cases.case-opened.v1", case_id, data) is Outcome.WAITING


async def test_only_those_who_care_see_outcomes_and_only_of_their_own_organisation(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        case_id = await open_case(service)
        made = await record(nurse, case_id, "start", "2026-11-20", satisfaction=3)
        for persona in ("hospital-chu", "partner-centre", "analyst", "auditor", "operator"):
            async with service.client(persona) as client:
                for path in (
                    f"/assessment/outcomes?case_id={case_id}",
                    made.headers["location"],
                    "/assessment/outcomes/missing",
                ):
                    assert (await client.get(path)).status_code == 403
        async with service.client("case-manager-nurse", org_id="elsewhere") as stranger:
            assert (await stranger.get(made.headers["location"])).status_code == 404
            answer = await record(stranger, case_id, "close", "2026-11-20", satisfaction=3)
            assert answer.json()["errors"] == [{"pointer": "/case_id", "code": "unknown-case"}]
        nobody = await nurse.get("/assessment/outcomes")
        assert nobody.json()["errors"] == [{"pointer": "/query/case_id", "code": "required"}]
