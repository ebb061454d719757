"""The routes of the identity reviews, on a real database."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

from shared.testing.harness import UnderTest
from tests.intake.people import ODETTE, faults, niss_of, receive, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

NISS = niss_of(1950, 2, 3, 12)


async def review_of(intake: UnderTest, pushed: dict[str, Any]) -> tuple[str, str]:
    """The ids of the review and of the referral that led to it."""
    referral, _ = await receive(intake, pushed)
    needed = await told(intake, "identity-review-needed")
    return str(needed[-1]["review_id"]), str(referral)


SIMILAR = {**ODETTE, "family_name": "Lamberd", "phones": ["042222222"], "niss": NISS}


async def test_a_review_shows_who_came_in_and_who_it_could_be(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        known = await registered(intake)
        review, referral = await review_of(intake, SIMILAR)
        answer = await coordinator.get(f"/intake/identity-reviews/{review}")
        assert answer.headers["etag"] == '"1"'
        seen = answer.json()
        assert (seen["referral_id"], seen["decided"], seen["incoming"]["family_name"]) == (referral, False, "Lamberd")
        [candidate] = seen["candidates"]
        assert candidate["person"]["id"] == known
        assert (candidate["grade"], candidate["reasons"]) == ("probable", ["name-similar", "birth-date-same"])


async def test_deciding_same_identifies_and_completes_the_known_person(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        known = await registered(intake)
        review, referral = await review_of(intake, SIMILAR)
        path = f"/intake/identity-reviews/{review}"
        choice = {"decision": "same", "person_id": known}
        answer = await nurse.post(f"{path}/decision", json=choice, headers={"if-match": '"1"'})
        assert answer.status_code == 201, answer.text
        [found] = await told(intake, "person-identified")
        assert found == {"referral_id": referral, "person_id": known, "certainty": "reviewed"}
        assert await told(intake, "identity-review-decided") == [
            {"review_id": review, "referral_id": referral, "decision": "same"}
        ]
        person = (await nurse.get(f"/intake/persons/{known}")).json()
        assert (person["family_name"], person["phones"], person["niss"]) == ("Lambert", ["+3242222222"], NISS)


async def test_deciding_new_registers_the_person(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        known = await registered(intake)
        review, referral = await review_of(intake, SIMILAR)
        answer = await nurse.post(
            f"/intake/identity-reviews/{review}/decision", json={"decision": "new"}, headers={"if-match": '"1"'}
        )
        assert answer.status_code == 201, answer.text
        [found] = await told(intake, "person-identified")
        assert (found["referral_id"], found["certainty"]) == (referral, "reviewed")
        assert found["person_id"] == answer.json()["person_id"] != known
        assert len(await told(intake, "person-registered")) == 2


async def test_a_decided_review_keeps_no_identity_and_is_decided_once(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        known = await registered(intake)
        review, _ = await review_of(intake, SIMILAR)
        path = f"/intake/identity-reviews/{review}"
        choice = {"decision": "same", "person_id": known}
        first = await nurse.post(f"{path}/decision", json=choice, headers={"if-match": '"1"'})
        assert (first.status_code, first.headers["etag"]) == (201, '"2"')
        stale = await nurse.post(f"{path}/decision", json={"decision": "new"}, headers={"if-match": '"1"'})
        again = await nurse.post(f"{path}/decision", json={"decision": "new"}, headers={"if-match": '"2"'})
        assert (stale.status_code, again.status_code) == (412, 409)
        assert (again.json()["code"], again.json()["state"], again.json()["allowed"]) == (
            "already-decided",
            "decided",
            [],
        )
        assert (await nurse.get(path)).json()["incoming"] is None
        async with intake.app.state.database.raw() as connection:
            assert await connection.fetchval("SELECT incoming IS NULL FROM identity_review")
        assert len(await told(intake, "person-identified")) == 1


async def test_two_reviewers_at_once_decide_once(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        await registered(intake)
        review, _ = await review_of(intake, {**SIMILAR, "niss": None})
        path = f"/intake/identity-reviews/{review}/decision"
        answers = await asyncio.gather(
            *(nurse.post(path, json={"decision": "new"}, headers={"if-match": '"1"'}) for _ in range(4))
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses[0] == 201
        assert set(statuses[1:]) <= {409, 412}
        assert len(await told(intake, "person-identified")) == 1
        assert len(await told(intake, "person-registered")) == 2


async def test_new_is_refused_when_the_same_person_was_registered_meanwhile(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        await registered(intake)
        reviews = [(await review_of(intake, SIMILAR))[0] for _ in range(2)]
        answers = [
            await nurse.post(
                f"/intake/identity-reviews/{review}/decision", json={"decision": "new"}, headers={"if-match": '"1"'}
            )
            for review in reviews
        ]
        assert [answer.status_code for answer in answers] == [201, 409]
        assert answers[1].json()["person_id"] == answers[0].json()["person_id"]


async def test_same_is_refused_when_the_niss_is_somebody_elses(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        known = await registered(intake)
        review, _ = await review_of(intake, SIMILAR)
        holder = await registered(intake, {"family_name": "Dupont", "given_names": "Luc", "niss": NISS})
        answer = await nurse.post(
            f"/intake/identity-reviews/{review}/decision",
            json={"decision": "same", "person_id": known},
            headers={"if-match": '"1"'},
        )
        assert (answer.status_code, answer.json()["person_id"]) == (409, holder)
        assert await told(intake, "person-identified") == []


async def test_a_reviewer_may_choose_among_certain_candidates_or_none_of_them(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        numbered = {"hospital_numbers": [{"organisation": "chu", "number": "A1"}]}
        await registered(intake, {"family_name": "Dupont", "given_names": "Luc"}, **numbered)
        await registered(intake)
        review, _ = await review_of(intake, {**ODETTE, "hospital_number": "A1"})
        answer = await nurse.post(
            f"/intake/identity-reviews/{review}/decision", json={"decision": "new"}, headers={"if-match": '"1"'}
        )
        assert answer.status_code == 201, answer.text
        assert len(await told(intake, "person-registered")) == 3


HALF_DECISIONS: list[tuple[dict[str, str], tuple[str, str]]] = [
    ({"decision": "same"}, ("/person_id", "required")),
    ({"decision": "new", "person_id": str(uuid4())}, ("/person_id", "not-with-this-decision")),
    ({"decision": "same", "person_id": str(uuid4())}, ("/person_id", "unknown")),
    ({"decision": "maybe"}, ("/decision", "not-one-of")),
    ({"decision": "new", "why": "x"}, ("/why", "unknown-field")),
]
"""A decision, and what is wrong with it."""


async def test_a_half_decision_is_refused(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        await registered(intake)
        review, _ = await review_of(intake, SIMILAR)
        path = f"/intake/identity-reviews/{review}/decision"
        for choice, fault in HALF_DECISIONS:
            answer = await nurse.post(path, json=choice, headers={"if-match": '"1"'})
            assert (answer.status_code, faults(answer)) == (422, {fault})
        assert (await nurse.post(path, json={"decision": "new"})).status_code == 428
        assert await told(intake, "identity-review-decided") == []


async def test_the_queue_has_the_open_ones_first_and_the_longest_waiting_on_top(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        await registered(intake)
        reviews = []
        for number in range(4):
            reviews.append((await review_of(intake, {**SIMILAR, "niss": niss_of(1950, 2, 3, 101 + 2 * number)}))[0])
            intake.clock.move(hours=1)
        path = f"/intake/identity-reviews/{reviews[1]}/decision"
        assert (await nurse.post(path, json={"decision": "new"}, headers={"if-match": '"1"'})).status_code == 201
        seen: list[str] = []
        url: str | None = "/intake/identity-reviews?limit=2"
        while url:
            page = (await nurse.get(url)).json()
            seen += [item["id"] for item in page["items"]]
            url = page["next"] and f"/intake/identity-reviews?limit=2&cursor={page['next']}"
        assert seen == [reviews[0], reviews[2], reviews[3], reviews[1]]
        async with intake.client("line-nurse", org_id="other") as stranger:
            assert (await stranger.get("/intake/identity-reviews")).json()["items"] == []
            assert (await stranger.get(f"/intake/identity-reviews/{reviews[0]}")).status_code == 404
        async with intake.client("case-manager-nurse") as manager:
            assert (await manager.get("/intake/identity-reviews")).status_code == 403
