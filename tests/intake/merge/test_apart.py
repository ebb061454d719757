"""People who look alike: proposed to a coordinator, and never again once somebody has said that they are two."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from shared.testing.harness import UnderTest
from tests.intake.imports.lists import PERSON, csv_of, finished, rows_of, send
from tests.intake.merge.records import merge, merged_now, people, undo
from tests.intake.people import ODETTE, faults, receive, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


async def proposed(client: httpx.AsyncClient, **query: Any) -> list[set[str]]:
    """The pairs in the queue, page by page."""
    found: list[set[str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get("/intake/possible-duplicates", params={"limit": 1, **query, **cursor})
        assert answer.status_code == 200, answer.text
        found += [{person["id"] for person in each["people"]} for each in answer.json()["items"]]
        if not answer.json()["next"]:
            return found
        cursor = {"cursor": answer.json()["next"]}


async def test_pairs_that_could_be_one_are_proposed_the_surest_first(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        one, two = await people(intake, {"phones": ["04 222 22 22"]}, {"phones": ["04 222 22 22"]})
        three = await registered(intake)
        four = await registered(intake, {**ODETTE, "birth_date": None})
        assert await proposed(coordinator) == []
        async with intake.client("line-nurse") as nurse:
            birth = {"birth_date": ODETTE["birth_date"]}
            await nurse.patch(f"/intake/persons/{four}", json=birth, headers={"if-match": '"1"'})
        await intake.tick()
        assert await proposed(coordinator) == [{three, four}, {one, two}]
        assert await proposed(coordinator, grade="probable") == [{one, two}]
        first = (await coordinator.get("/intake/possible-duplicates")).json()["items"][0]
        assert (first["grade"], first["reasons"]) == ("certain", ["name-same", "birth-date-same"])
        async with intake.client("coordinator", org_id="elsewhere") as stranger:
            assert await proposed(stranger) == []


async def test_a_pair_goes_with_the_merge_and_comes_back_with_its_undoing(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        one, two = await people(intake, {"phones": ["04 222 22 22"]}, {"phones": ["04 222 22 22"]})
        await intake.tick()
        merge_id = await merged_now(coordinator, one, two)
        await intake.tick()
        assert await proposed(coordinator) == []
        await undo(coordinator, merge_id)
        assert await proposed(coordinator) == [{one, two}]


async def test_who_is_known_apart_is_not_proposed_nor_merged_until_it_is_taken_back(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        alike = {"phones": ["04 222 22 22"]}
        one, two, three = await people(intake, alike, alike, alike)
        await intake.tick()
        answer = await coordinator.post(f"/intake/persons/{one}/not-same", json={"other_id": two})
        assert (answer.status_code, answer.json()["said_by"]) == (201, "coordinator")
        again = await coordinator.post(f"/intake/persons/{two}/not-same", json={"other_id": one})
        assert again.status_code == 201
        assert {one, two} not in await proposed(coordinator)
        await merged_now(coordinator, three, two)
        assert await proposed(coordinator) == []
        refused = await merge(coordinator, one, three)
        assert (refused.status_code, refused.json()["code"]) == (409, "known-apart")
        [said] = (await coordinator.get(f"/intake/persons/{one}/not-same")).json()["items"]
        assert said["other_id"] == three
        assert (await coordinator.delete(f"/intake/persons/{three}/not-same/{one}")).status_code == 204
        assert (await coordinator.delete(f"/intake/persons/{three}/not-same/{one}")).status_code == 404
        assert await proposed(coordinator) == [{one, three}]


async def test_nobody_is_known_apart_from_oneself(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        one, two = await people(intake, {}, {})
        answer = await coordinator.post(f"/intake/persons/{one}/not-same", json={"other_id": one})
        assert (answer.status_code, faults(answer)) == (422, {("/other_id", "oneself")})
        await merged_now(coordinator, one, two)
        answer = await coordinator.post(f"/intake/persons/{one}/not-same", json={"other_id": two})
        assert (answer.status_code, faults(answer)) == (422, {("/other_id", "oneself")})


async def test_a_reviewers_new_is_remembered_and_not_asked_again(run_service: Run) -> None:
    twin = {**ODETTE, "hospital_number": "77"}
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        known = await registered(intake, hospital_numbers=[{"organisation": "chu", "number": "12"}], **{})
        similar = {**twin, "given_names": "Odetta"}
        await receive(intake, similar)
        [review] = (await nurse.get("/intake/identity-reviews")).json()["items"]
        path = f"/intake/identity-reviews/{review['id']}"
        seen = {"if-match": (await nurse.get(path)).headers["etag"]}
        decided = await nurse.post(f"{path}/decision", json={"decision": "new"}, headers=seen)
        fresh = decided.json()["person_id"]
        [said] = (await nurse.get(f"/intake/persons/{fresh}/not-same")).json()["items"]
        assert (said["other_id"], said["origin"]) == (known, "review")
        await receive(intake, {**twin, "given_names": "Odette"})
        assert (await told(intake, "person-identified"))[-1]["person_id"] == fresh
        assert len((await nurse.get("/intake/identity-reviews")).json()["items"]) == 1


async def decided_new(nurse: httpx.AsyncClient, path: str) -> str:
    """Somebody new, by a reviewer's decision."""
    seen = {"if-match": (await nurse.get(path)).headers["etag"]}
    answer = await nurse.post(f"{path}/decision", json={"decision": "new"}, headers=seen)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["person_id"])


async def test_a_corrected_referral_is_not_asked_anew_for_who_is_known_to_be_another(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        other = await registered(intake, hospital_numbers=[{"organisation": "elsewhere", "number": "12"}])
        referral, _ = await receive(intake, {**ODETTE, "given_names": "Odetta"})
        [review] = (await nurse.get("/intake/identity-reviews")).json()["items"]
        path = f"/intake/identity-reviews/{review['id']}"
        fresh = await decided_new(nurse, path)
        namesake = {"given_names": "Odetta"}
        await nurse.patch(f"/intake/persons/{other}", json=namesake, headers={"if-match": '"1"'})
        corrected = {**ODETTE, "given_names": "Odetta", "phones": ["042222222"]}
        intake.neighbours.answers[f"/referrals/{referral}/demographics"] = {"person": corrected, "sender": "chu"}
        await intake.deliver(
            "referrals.referral-corrected.v1", referral, {"referral_id": referral, "parts": ["person"]}
        )
        assert (await nurse.get(path)).json()["decided"]
        assert (await nurse.get(f"/intake/persons/{fresh}")).json()["phones"] == ["+3242222222"]


async def test_an_imported_row_is_not_for_review_because_of_who_is_known_to_be_another(run_service: Run) -> None:
    alike = {**PERSON, "reference": "", "niss": "", "hospital": "chu", "hospital_number": "H-77"}
    told_of = {"family_name": alike["family_name"], "given_names": alike["given_names"], "birth_date": "1950-02-03"}
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        known = await registered(intake, told_of, hospital_numbers=[{"organisation": "chu", "number": "H-77"}])
        another = await registered(intake, {**told_of, "birth_date": None})
        async with intake.client("line-nurse") as nurse:
            birth = {"birth_date": "1950-02-03"}
            await nurse.patch(f"/intake/persons/{another}", json=birth, headers={"if-match": '"1"'})
        first, second = (csv_of([{**alike, "reference": name}]) for name in ("P-1", "P-2"))
        asked = await finished(intake, await send(intake, first))
        assert [row["state"] for row in await rows_of(intake, asked["id"])] == ["review"]
        await coordinator.post(f"/intake/persons/{known}/not-same", json={"other_id": another})
        dry = await send(intake, second, dry_run=True)
        assert (dry.status_code, dry.json()["review"]) == (200, 0), dry.text
        found = await finished(intake, await send(intake, second))
        [row] = await rows_of(intake, found["id"])
        assert (row["state"], row["target_id"]) == ("known", known)
