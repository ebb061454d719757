"""A merge and its undoing leave everything as it was, whatever was known of both and whatever came in between."""

import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from shared.testing.harness import UnderTest
from tests.intake.line.test_outages import OUTAGE
from tests.intake.merge.records import called, case_opened, differences, everything, merge, merged_now, people, undo
from tests.intake.people import faults, niss_of, receive, registered

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

CONFIRMED = ["birth-date-differs", "death-differs", "gender-differs", "name-differs", "niss-differs"]
CONSENT = {"kind": "oral", "by": "person"}


def known(chance: random.Random, number: int) -> dict[str, Any]:
    """Some of what may be known of somebody."""
    every: dict[str, Any] = {
        "birth_date": f"19{chance.randint(30, 60)}-05-06",
        "niss": niss_of(1950, 2, 3, number),
        "phones": [f"0470 12 {chance.randint(10, 12)} {each}" for each in range(30, 30 + chance.randint(1, 4))],
        "email": "anne@example.org",
        "gender": chance.choice(["female", "male", "unknown"]),
        "language": chance.choice(["fr", "nl"]),
        "contact_points": [{"phone": "0470 99 99 9" + str(chance.randint(0, 2)), "kind": "home", "preferred": True}],
        "preferred_channel": "letter",
        "lives_alone": chance.choice([True, False]),
        "hospital_numbers": [{"organisation": "chu", "number": str(number)}],
        "address": {"postal_code": "4000", "nis_code": "62063"},
    }
    return {name: value for name, value in every.items() if chance.random() < 0.5}


async def live(intake: UnderTest, nurse: httpx.AsyncClient, chance: random.Random, ids: list[str]) -> None:
    """Let something happen to these people: contacts of every outcome, cases, relatives, consents."""
    for person in ids:
        about = {"caller": {"kind": "relative", "relation": "daughter", "person_id": chance.choice(ids)}}
        await called(nurse, person, **(about if chance.random() < 0.5 else {}))
        if chance.random() < 0.5:
            await called(nurse, person, outcome="relayed", reason="social-complexity", urgency="routine")
        if chance.random() < 0.5:
            await called(nurse, person, outcome="call-back", reason="information-to-find")
        if chance.random() < 0.5:
            topics = ["need.living_place"]
            await called(nurse, person, outcome="no-one-could-help", reason="no-service", topics=topics)
        if chance.random() < 0.5:
            await case_opened(intake, person)
        other = chance.choice(ids)
        relation = {"code": "sibling", "other_id": other} if other != person else {"code": "child", "name": "An"}
        await nurse.post(f"/intake/persons/{person}/relations", json=relation)
        if chance.random() < 0.5:
            said = {**CONSENT, "given": chance.random() < 0.5, "on": "2026-11-18"}
            await nurse.put(f"/intake/persons/{person}/elsewhere-consent", json=said)


@pytest.mark.parametrize("seed", range(4))
async def test_merge_and_undo_restore_every_row_of_both(run_service: Run, seed: int) -> None:
    chance = random.Random(seed)
    async with (
        run_service("intake") as intake,
        intake.client("line-nurse") as nurse,
        intake.client("coordinator") as coordinator,
    ):
        for turn in range(3):
            ids = await people(intake, known(chance, 10 * turn + 1), known(chance, 10 * turn + 2))
            await live(intake, nurse, chance, ids)
            if chance.random() < 0.3:
                death = {"on": "2026-11-18", "source": "relative"}
                path = f"/intake/persons/{chance.choice(ids)}"
                seen = (await nurse.get(path)).headers["etag"]
                await nurse.post(f"{path}/death", json=death, headers={"if-match": seen})
        await coordinator.post("/intake/line/outages", json=OUTAGE)
        await intake.tick()
        listed = [row["id"] for row in (await everything(intake))["person"].values()]
        kept, merged, third = chance.sample(listed, 3)
        before = await everything(intake)
        first = await merged_now(coordinator, kept, merged, confirmed=CONFIRMED)
        between = await everything(intake)
        second = await merged_now(coordinator, third, kept, confirmed=CONFIRMED)
        assert differences(before, between) != []
        covered = await undo(coordinator, first)
        assert (covered.status_code, covered.json()["code"], covered.json()["merge_id"]) == (
            409,
            "merge-covered",
            second,
        )
        assert (await undo(coordinator, second)).status_code == 201
        assert differences(between, await everything(intake)) == []
        assert (await undo(coordinator, first)).status_code == 201
        assert differences(before, await everything(intake)) == []


async def test_what_came_in_between_stays_with_whom_it_was_said_of(run_service: Run) -> None:
    async with (
        run_service("intake") as intake,
        intake.client("line-nurse") as nurse,
        intake.client("coordinator") as coordinator,
    ):
        kept, merged = await people(intake, {}, {"phones": ["04 222 22 22"], "language": "nl"})
        old = (await called(nurse, merged))["id"]
        merge_id = await merged_now(coordinator, kept, merged)
        new = (await called(nurse, kept))["id"]
        late = str(await case_opened(intake, merged))
        seen = (await nurse.get(f"/intake/persons/{kept}")).headers["etag"]
        change = {"phones": ["04 222 22 22", "0470 12 34 56"], "language": "de"}
        assert (
            await nurse.patch(f"/intake/persons/{kept}", json=change, headers={"if-match": seen})
        ).status_code == 200
        before = await everything(intake)
        assert {before["contact"][each]["person_id"] for each in (old, new)} == {kept}
        assert before["known_case"][late]["person_id"] == kept
        await undo(coordinator, merge_id)
        after = await everything(intake)
        assert {each: after["contact"][each]["person_id"] for each in (old, new)} == {old: merged, new: kept}
        assert after["known_case"][late]["person_id"] == merged
        person = after["person"][kept]
        assert (person["phones"], person["language"]) == (["+32470123456"], "de")
        assert (after["person"][merged]["phones"], after["person"][merged]["language"]) == (["+3242222222"], "nl")


async def test_a_merge_is_undone_once_and_its_undoing_is_told_once(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        kept, merged = await people(intake, {}, {})
        merge_id = await merged_now(coordinator, kept, merged)
        path, body = f"/intake/merges/{merge_id}/undo", {"reason": "different-persons"}
        assert (await coordinator.post(path, json=body)).status_code == 428
        assert (await coordinator.post(path, json=body, headers={"if-match": '"2"'})).status_code == 412
        bad = await coordinator.post(path, json={"reason": "why"}, headers={"if-match": '"1"'})
        assert (bad.status_code, faults(bad)) == (422, {("/reason", "not-one-of")})
        done = await coordinator.post(path, json=body, headers={"if-match": '"1"'})
        assert (done.status_code, done.json()["undone_by"], done.headers["etag"]) == (201, "coordinator", '"2"')
        again = await undo(coordinator, merge_id)
        assert (again.status_code, again.json()["code"]) == (409, "merge-undone")
        fact = {"merge_id": merge_id, "kept_id": kept, "merged_id": merged}
        facts = [each for each in await intake.announced() if "merge" in each[0]]
        assert facts == [("intake.persons-merged.v1", fact), ("intake.merge-undone.v1", fact)]


async def test_undone_two_are_known_apart_unless_said_otherwise(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        kept, merged = await people(intake, {}, {})
        await undo(coordinator, await merged_now(coordinator, kept, merged))
        merge_id = await merged_now(coordinator, merged, kept)
        assert (await undo(coordinator, merge_id, known_apart=True)).status_code == 201
        refused = await merge(coordinator, kept, merged)
        assert (refused.status_code, refused.json()["code"]) == (409, "known-apart")
        [said] = (await coordinator.get(f"/intake/persons/{kept}/not-same")).json()["items"]
        assert (said["other_id"], said["origin"]) == (merged, "merge-undone")


async def test_a_chain_of_merges_leads_to_its_end(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        one, two, three = await people(intake, {}, {}, {})
        await merged_now(coordinator, two, one)
        last = await merged_now(coordinator, three, two)
        assert (await coordinator.get(f"/intake/persons/{one}")).json()["merged_into"] == three
        referral, _ = await receive(
            intake, {"family_name": "Lambert", "given_names": "Anne", "birth_date": "1950-02-03"}
        )
        async with intake.client("line-nurse") as nurse:
            [review] = (await nurse.get("/intake/identity-reviews")).json()["items"]
            shown = (await nurse.get(f"/intake/identity-reviews/{review['id']}")).json()
        assert review["referral_id"] == str(referral)
        assert [each["person"]["id"] for each in shown["candidates"]] == [three]
        await undo(coordinator, last)
        assert (await coordinator.get(f"/intake/persons/{one}")).json()["merged_into"] == two
        assert await registered(intake, {"family_name": "Other", "given_names": "Name"})
