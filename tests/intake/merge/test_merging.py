"""Merging two records of one person, on a real database: what is found where, and what is refused."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.testing.harness import UnderTest
from tests.intake.line.test_outages import OUTAGE
from tests.intake.merge.records import called, case_opened, merge, merged_now, people, undo, version
from tests.intake.people import faults, niss_of, receive, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

Said = tuple[bool, str] | None

NISS, OTHER_NISS = niss_of(1950, 2, 3, 12), niss_of(1950, 2, 3, 34)
RELAYED: dict[str, Any] = {"outcome": "relayed", "reason": "social-complexity", "urgency": "routine"}


async def read(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    """What a path answers."""
    answer = await client.get(f"/intake/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_was_known_of_both_is_found_at_the_one_who_is_kept(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        kept, merged = await people(intake, {}, {"phones": ["04 222 22 22"], "niss": NISS, "language": "nl"})
        contact = (await called(nurse, merged, caller={"kind": "patient", "person_id": merged}))["id"]
        case = await case_opened(intake, merged)
        owed = {"outcome": "call-back", "reason": "information-to-find"}
        await called(nurse, merged, **owed)
        async with intake.client("coordinator") as coordinator:
            made = (await merge(coordinator, kept, merged)).json()
        assert made["completed"] == ["niss", "language", "phones"]
        overview = await read(nurse, f"persons/{kept}/overview")
        assert overview["cases"][0]["case_id"] == str(case)
        assert [len(overview[name]) for name in ("contacts", "call_backs")] == [2, 1]
        assert await read(nurse, f"persons/{merged}/overview") == overview
        assert [each["id"] for each in (await read(nurse, "contacts", person_id=merged))["items"]][-1:] != []
        shown = await read(nurse, f"contacts/{contact}")
        assert (shown["person_id"], shown["caller"]["person_id"]) == (kept, kept)
        person = await read(nurse, f"persons/{kept}")
        assert (person["niss"], person["phones"], person["language"]) == (NISS, ["+3242222222"], "nl")
        fact = {"merge_id": made["id"], "kept_id": kept, "merged_id": merged}
        assert await told(intake, "persons-merged") == [fact]


async def test_a_merged_record_points_to_the_kept_one_and_cannot_be_changed(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        kept, merged = await people(intake, {}, {"phones": ["04 222 22 22"]})
        async with intake.client("coordinator") as coordinator:
            await merged_now(coordinator, kept, merged)
        assert (await read(nurse, f"persons/{merged}"))["merged_into"] == kept
        seen = {"if-match": f'"{await version(nurse, f"/intake/persons/{merged}")}"'}
        path = f"/intake/persons/{merged}"
        death = {"on": "2026-11-18", "source": "relative"}
        for answer in (
            await nurse.patch(path, json={"language": "fr"}, headers=seen),
            await nurse.post(f"{path}/death", json=death, headers=seen),
            await nurse.post(f"{path}/relations", json={"code": "child", "name": "An"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "person-merged")
            assert answer.json()["merged_into"] == kept
        cards = (await nurse.post("/intake/persons/lookup", json={"ids": [kept, merged]})).json()["items"]
        assert {each["id"]: each["merged_into"] for each in cards} == {kept: None, merged: kept}


async def test_search_and_recognition_find_the_kept_one_by_what_the_merged_record_says(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        maiden = {"family_name": "Vandenbroucke", "given_names": "Anne", "birth_date": "1950-02-03"}
        kept, merged = (await people(intake, {"birth_date": "1950-02-03"}))[0], await registered(intake, maiden)
        async with intake.client("coordinator") as coordinator:
            assert (await merge(coordinator, kept, merged)).json()["contradictions"] == ["name-differs"]
            await merged_now(coordinator, kept, merged, confirmed=["name-differs"])
        found = (await nurse.post("/intake/persons/search", json={"name": "Anne Vandenbroucke"})).json()["items"]
        assert [each["person"]["id"] for each in found] == [kept]
        referral, _ = await receive(intake, maiden)
        facts = await told(intake, "person-identified")
        assert [(each["person_id"], each["referral_id"]) for each in facts] == [(kept, str(referral))]
        again = await nurse.post("/intake/persons", json=maiden)
        assert (again.status_code, again.json()["person_id"]) == (409, kept)


async def test_a_contact_told_of_the_merged_record_is_the_kept_ones(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        kept, merged = await people(intake, {}, {})
        async with intake.client("coordinator") as coordinator:
            await merged_now(coordinator, kept, merged)
        assert (await called(nurse, merged))["person_id"] == kept
        await case_opened(intake, merged)
        assert len((await read(nurse, f"persons/{kept}/overview"))["cases"]) == 1


async def test_after_a_merge_nothing_is_asked_twice(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        kept, merged = await people(intake, {}, {})
        first = await called(nurse, merged, **RELAYED)
        async with intake.client("coordinator") as coordinator:
            merge_id = await merged_now(coordinator, kept, merged)
            again = await called(nurse, kept, **RELAYED)
            assert again["request_id"] == first["request_id"] == first["id"]
            assert len(await told(intake, "case-management-requested")) == 1
            assert (await undo(coordinator, merge_id)).status_code == 201
        third = await called(nurse, kept, **RELAYED)
        assert third["request_id"] == third["id"]
        assert (await called(nurse, merged, **RELAYED))["request_id"] == first["id"]


async def test_an_unsolved_topic_is_counted_over_both_records(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        kept, merged = await people(intake, {}, {})
        unsolved = {"outcome": "no-one-could-help", "reason": "no-service", "topics": ["need.living_place"]}
        await called(nurse, kept, **unsolved)
        await called(nurse, merged, **unsolved)
        async with intake.client("coordinator") as coordinator:
            await merged_now(coordinator, kept, merged)
        await called(nurse, kept, **unsolved)
        assert [(each["person_id"], each["count"]) for each in await told(intake, "topic-repeated")] == [(kept, 3)]


async def test_a_death_known_of_the_merged_record_is_told_of_the_kept_one_and_withdrawn_by_the_undo(
    run_service: Run,
) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        kept, merged = await people(intake, {}, {})
        death = {"on": "2026-11-18", "source": "relative"}
        await nurse.post(f"/intake/persons/{merged}/death", json=death, headers={"if-match": '"1"'})
        async with intake.client("coordinator") as coordinator:
            refused = await merge(coordinator, kept, merged)
            assert (refused.status_code, refused.json()["contradictions"]) == (409, ["death-differs"])
            merge_id = await merged_now(coordinator, kept, merged, confirmed=["death-differs"])
            assert (await told(intake, "person-died"))[-1] == {"person_id": kept, "on": "2026-11-18"}
            await undo(coordinator, merge_id)
        assert await told(intake, "death-withdrawn") == [{"person_id": kept}]
        assert (await read(nurse, f"persons/{merged}"))["deceased_on"] == "2026-11-18"


@pytest.mark.parametrize(
    ("one", "two", "contradictions"),
    [
        ({"birth_date": "1950-02-03"}, {"birth_date": "1951-02-03"}, ["birth-date-differs"]),
        ({"gender": "female"}, {"gender": "male"}, ["gender-differs"]),
        ({"niss": NISS}, {"niss": OTHER_NISS}, ["niss-differs"]),
        ({"gender": "unknown"}, {"gender": "male", "niss": NISS, "birth_date": "1950-02-03"}, []),
    ],
)
async def test_what_contradicts_must_be_confirmed(
    run_service: Run, one: dict[str, Any], two: dict[str, Any], contradictions: list[str]
) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        kept, merged = await people(intake, one, two)
        first = await merge(coordinator, kept, merged)
        assert first.json().get("contradictions", []) == contradictions
        if contradictions:
            assert (first.status_code, first.json()["code"]) == (409, "merge-contradicted")
            first = await merge(coordinator, kept, merged, confirmed=contradictions)
        assert (first.status_code, first.json()["confirmed"]) == (201, contradictions)


async def test_two_different_niss_both_lead_to_the_kept_one(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        kept, merged = await people(intake, {"niss": NISS}, {"niss": OTHER_NISS})
        await merged_now(coordinator, kept, merged, confirmed=["niss-differs"])
        for number in (NISS, OTHER_NISS):
            await receive(intake, {"family_name": "Other", "given_names": "Name", "niss": number})
        assert {each["person_id"] for each in await told(intake, "person-identified")} == {kept}


async def test_impossible_merges_are_refused_and_change_nothing(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        one, two, three = await people(intake, {}, {}, {})
        oneself = await merge(coordinator, one, one)
        assert (oneself.status_code, faults(oneself)) == (422, {("/merged_id", "oneself")})
        body = {"merged_id": two, "merged_version": 1, "reason": "entered-twice"}
        path, seen = f"/intake/persons/{one}/merge", {"if-match": '"1"'}
        assert (await coordinator.post(path, json=body)).status_code == 428
        assert (await coordinator.post(path, json=body, headers={"if-match": '"2"'})).status_code == 412
        stale = await coordinator.post(path, json={**body, "merged_version": 2}, headers=seen)
        assert stale.status_code == 412
        unknown = await coordinator.post(path, json={**body, "merged_id": str(uuid4())}, headers=seen)
        assert (unknown.status_code, faults(unknown)) == (422, {("/merged_id", "unknown")})
        reason = await coordinator.post(path, json={**body, "reason": "because"}, headers=seen)
        assert (reason.status_code, faults(reason)) == (422, {("/reason", "not-one-of")})
        async with intake.client("coordinator", org_id="elsewhere") as stranger:
            assert (await stranger.post(path, json=body, headers=seen)).status_code == 404
        async with intake.client("line-nurse") as nurse:
            assert (await nurse.post(path, json=body, headers=seen)).status_code == 403
        await merged_now(coordinator, one, two)
        for kept, merged in ((three, two), (two, three)):
            taken = await merge(coordinator, kept, merged)
            assert (taken.status_code, taken.json()["code"], taken.json()["merged_into"]) == (409, "person-merged", one)
        assert len(await told(intake, "persons-merged")) == 1


async def test_of_merges_at_the_same_time_one_wins(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        one, two = await people(intake, {}, {})
        answers = await asyncio.gather(*(merge(coordinator, *pair) for pair in [(one, two), (two, one)] * 3))
        assert sorted({each.status_code for each in answers} - {409, 412}) == [201]
        assert [each.status_code for each in answers].count(201) == 1
        assert len(await told(intake, "persons-merged")) == 1


async def test_merges_are_listed_by_person_the_latest_first(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        one, two, three = await people(intake, {}, {}, {})
        made = [await merged_now(coordinator, one, two), await merged_now(coordinator, one, three)]
        shown = await read(coordinator, "merges", limit=1)
        rest = await read(coordinator, "merges", limit=1, cursor=shown["next"])
        assert [each["id"] for each in shown["items"] + rest["items"]] == made[::-1]
        assert [each["id"] for each in (await read(coordinator, "merges", person_id=two))["items"]] == made[:1]
        async with intake.client("coordinator", org_id="elsewhere") as stranger:
            assert (await read(stranger, "merges"))["items"] == []
            assert (await stranger.get(f"/intake/merges/{made[0]}")).status_code == 404


async def test_a_lapsed_link_of_either_record_is_one_and_the_next_contact_restores_it(run_service: Run) -> None:
    before, after = "2026-11-13T09:00:00Z", "2026-11-19T09:00:00Z"
    async with (
        run_service("intake") as intake,
        intake.client("line-nurse") as nurse,
        intake.client("coordinator") as coordinator,
    ):
        kept, merged, third = await people(intake, {}, {}, {})
        for each in (kept, merged, third):
            await called(nurse, each, started_at=before, ended_at=before)
        await coordinator.post("/intake/line/outages", json=OUTAGE)
        await merged_now(coordinator, kept, merged)
        await merged_now(coordinator, third, kept)
        [link] = (await read(nurse, "lapsed-links"))["items"]
        assert link["person_id"] == third
        await called(nurse, third, started_at=after, ended_at=after)
        await intake.tick()
        assert (await read(nurse, "lapsed-links", state="lapsed"))["items"] == []
        assert {each["person_id"] for each in await told(intake, "link-restored")} == {kept, merged, third}


async def test_a_campaigns_answer_for_the_merged_record_restores_the_persons_link(run_service: Run) -> None:
    before = "2026-11-13T09:00:00Z"
    async with (
        run_service("intake") as intake,
        intake.client("line-nurse") as nurse,
        intake.client("coordinator") as coordinator,
    ):
        kept, merged = await people(intake, {}, {})
        await called(nurse, kept, started_at=before, ended_at=before)
        await coordinator.post("/intake/line/outages", json=OUTAGE)
        await merged_now(coordinator, kept, merged)
        answered = {"person_id": merged, "campaign_id": uuid4()}
        await intake.deliver("scheduler.contact-restored.v1", uuid4(), answered)
        assert (await read(nurse, "lapsed-links", state="lapsed"))["items"] == []


@pytest.mark.parametrize(
    ("of_kept", "of_merged", "shared"),
    [
        ((True, "2026-11-17"), (False, "2026-11-18"), False),
        ((False, "2026-11-17"), (True, "2026-11-18"), True),
        ((True, "2026-11-18"), (False, "2026-11-18"), False),
        (None, (True, "2026-11-18"), True),
    ],
)
async def test_of_two_consents_the_last_said_counts(
    run_service: Run, tmp_path: Path, of_kept: Said, of_merged: Said, shared: bool
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"2026": "a secret that programmes share here"}))
    async with (
        run_service("intake", elsewhere_keys=str(keys)) as intake,
        intake.client("line-nurse") as nurse,
        intake.client("coordinator") as coordinator,
        intake.client("partner-centre") as partner,
    ):
        kept, merged = await people(intake, {"birth_date": "1950-02-03"}, {})
        for person, said in ((kept, of_kept), (merged, of_merged)):
            if said:
                consent = {"given": said[0], "on": said[1], "kind": "oral", "by": "person"}
                await nurse.put(f"/intake/persons/{person}/elsewhere-consent", json=consent)
        merge_id = await merged_now(coordinator, kept, merged)
        assert len((await read(partner, "elsewhere/marks"))["items"]) == shared
        await undo(coordinator, merge_id)
        alone = sum(said[0] for said in (of_kept, of_merged) if said)
        assert len((await read(partner, "elsewhere/marks"))["items"]) == alone


async def test_the_history_is_read_over_both_records(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        kept, merged = await people(intake, {}, {"language": "nl"})
        async with intake.client("line-nurse") as nurse:
            seen = {"if-match": '"1"'}
            await nurse.patch(f"/intake/persons/{merged}", json={"family_name": "Lambrecht"}, headers=seen)
        await merged_now(coordinator, kept, merged, confirmed=["name-differs"])
        items = (await read(coordinator, f"persons/{kept}/history"))["items"]
        assert [(each["record_id"], each["by"], each["fields"]) for each in items] == [
            (kept, "coordinator", ["language"]),
            (merged, "line-nurse", ["family_name"]),
        ]
