"""The life of a sheet: several sittings, one judgement, corrections beside what was said first."""

from typing import Any
from uuid import uuid4

import httpx

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run, deliver_referral, filled, told
from tests.assessment.sheets import compact


def sheet(**changes: Any) -> dict[str, Any]:
    """A sheet about somebody."""
    made = {"person_id": str(uuid4()), **filled(compact()), **changes}
    return {name: value for name, value in made.items() if name != "identifier"}


def answered(**given: Any) -> dict[str, Any]:
    """A sheet that is about nobody yet."""
    return {name: value for name, value in sheet(answers=compact(**given)).items() if name != "person_id"}


async def recorded(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """A recorded sheet."""
    answer = await client.post("/assessment/sheets", json=sheet(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_sheet_is_filled_in_several_sittings_and_judged_at_its_completion(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        person = str(uuid4())
        begun = await nurse.post(
            "/assessment/drafts", json={"person_id": person, "content": {"instrument": "eladeb-r"}}
        )
        place, tag = begun.headers["location"], begun.headers["etag"]
        early = await nurse.post(f"{place}/completion", headers={"if-match": tag})
        assert early.status_code == 422
        assert {fault["pointer"] for fault in early.json()["errors"]} >= {"/edition", "/answers", "/rater"}
        saved = await nurse.patch(place, json={"content": answered()}, headers={"if-match": tag})
        assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
        stale = await nurse.patch(place, json={"content": {}}, headers={"if-match": tag})
        assert stale.status_code == 412
        assert [each["id"] for each in (await nurse.get(f"/assessment/drafts?person_id={person}")).json()]
        done = await nurse.post(f"{place}/completion", headers={"if-match": '"2"'})
        assert (done.status_code, done.json()["status"]) == (201, "completed")
        assert done.headers["location"].rsplit("/", 1)[1] == place.rsplit("/", 1)[1]
        assert (await nurse.get(place)).status_code == 404
        assert [kind for kind, _ in await service.announced()] == ["assessment.sheet-completed.v1"]


async def test_a_correction_is_a_new_sheet_and_the_old_one_stays_readable(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        first = await recorded(nurse)
        better = answered(food={"difficulty": 3, "need": 3})
        place = f"/assessment/sheets/{first['id']}"
        made = await nurse.post(f"{place}/amendment", json=better, headers={"if-match": '"1"'})
        assert (made.status_code, made.json()["amends"]) == (201, first["id"])
        old = (await nurse.get(place)).json()
        assert (old["status"], old["amended_by"], old["answers"]) == ("amended", made.json()["id"], first["answers"])
        again = await nurse.post(f"{place}/amendment", json=better, headers={"if-match": '"2"'})
        assert (again.status_code, again.json()["code"]) == (409, "sheet-over")
        missing = await nurse.post(f"{place}/amendment", json=better)
        assert missing.status_code == 428


async def test_a_sheet_entered_in_error_counts_nowhere_and_ends(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        first = await recorded(nurse)
        place = f"/assessment/sheets/{first['id']}"
        answer = await nurse.post(f"{place}/error", json={"reason": "wrong-person"}, headers={"if-match": '"1"'})
        assert (answer.status_code, answer.json()["status"]) == (201, "entered_in_error")
        again = await nurse.post(f"{place}/error", json={"reason": "other"}, headers={"if-match": '"2"'})
        assert again.status_code == 409
        body = {"person_id": first["person_id"]}
        advice = await nurse.post("/assessment/admissions", json=body)
        assert advice.status_code == 201, advice.text
        assert advice.json()["sheet_id"] is None


async def test_scoring_again_adds_a_result_and_changes_none(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        first = await recorded(nurse, answers=compact(sexuality={"difficulty": 2, "need": 0}))
        place = f"/assessment/sheets/{first['id']}"
        parameters = {"sexuality_group": "relationships"}
        added = await nurse.post(f"{place}/scores", json={"parameters": parameters}, headers={"if-match": '"1"'})
        assert (added.status_code, added.json()["number"]) == (201, 2)
        results = (await nurse.get(f"{place}/scores")).json()
        sums = [each["result"]["difficulty"]["groups"]["relationships"]["sum"] for each in results]
        assert sums[1] - sums[0] == 2
        assert (await nurse.get(place)).json()["result"] == first["result"]
        unknown = await nurse.post(f"{place}/scores", json={"spec_version": "9.9"}, headers={"if-match": '"2"'})
        assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_version")


async def test_the_senders_own_totals_are_compared_and_a_difference_is_a_warning(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        right = await recorded(
            nurse, answers=compact(food={"difficulty": 2, "need": 1}), sender_totals={"difficulty": 2}
        )
        wrong = await recorded(
            nurse, answers=compact(food={"difficulty": 2, "need": 1}), sender_totals={"difficulty": 3}
        )
        assert right["warnings"] == []
        assert wrong["warnings"] == [{"pointer": "/sender_totals", "code": "total-differs"}]


async def test_a_relative_fills_no_sheet_of_the_person_and_needs_no_help_to_be_told(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("case-manager-nurse") as nurse:
        body = {
            name: value for name, value in sheet(rater="relative", assistance="helped").items() if name != "identifier"
        }
        answer = await nurse.post("/assessment/sheets", json=body)
        assert (answer.status_code, answer.json()["errors"]) == (
            422,
            [{"pointer": "/assistance", "code": "assistance-of-another"}],
        )


async def correct(service: UnderTest, referral_id: Any, sheets: list[dict[str, Any]]) -> None:
    """The sender corrects a referral."""
    service.neighbours.answers[f"/referrals/{referral_id}/sheets"] = {"sheets": sheets, "factors": []}
    data = {"referral_id": referral_id, "parts": ["sheets"]}
    await service.deliver("referrals.referral-corrected.v1", referral_id, data)


async def test_a_corrected_referral_amends_its_sheet_and_brings_a_newer_advice(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as coordinator:
        referral_id = uuid4()
        await deliver_referral(service, referral_id, [filled(compact())])
        await correct(service, referral_id, [filled(compact(food={"difficulty": 3, "need": 0}))])
        sheets = (await coordinator.get(f"/assessment/sheets?referral_id={referral_id}")).json()["items"]
        assert sorted(each["status"] for each in sheets) == ["amended", "completed"]
        advice = (await coordinator.get(f"/assessment/admissions?referral_id={referral_id}")).json()["items"]
        assert sorted((each["is_current"], each["advice"]) for each in advice) == [
            (False, "self_management"),
            (True, "case_management"),
        ]
        assert len(await told(service, "assessment.admission-superseded.v1")) == 1


async def test_people_decide_may_differ_and_never_leave_anybody_without_a_path(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("coordinator") as coordinator:
        referral_id = uuid4()
        await deliver_referral(service, referral_id, [filled(compact(food={"difficulty": 3}))])
        [advice] = (await coordinator.get(f"/assessment/admissions?referral_id={referral_id}")).json()["items"]
        place = f"/assessment/admissions/{advice['id']}/decision"
        refusal = {"decided": "orientation", "reason": "The centre follows her already."}
        without = await coordinator.post(place, json=refusal, headers={"if-match": '"1"'})
        assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/onward_path")
        told_where = {**refusal, "onward_path": "Coordination centre"}
        answer = await coordinator.post(place, json=told_where, headers={"if-match": '"1"'})
        assert (answer.status_code, answer.json()["decision"]["differs"]) == (201, True)
        [fact] = await told(service, "assessment.admission-decided.v1")
        assert (fact["advised"], fact["decided"], "reason" in fact) == ("case_management", "orientation", False)
