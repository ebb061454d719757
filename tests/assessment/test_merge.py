"""Two records of one person: what was assessed follows the merge, and its undo gives back exactly what was there."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Uuid

from services.assessment.app import service
from services.assessment.store import PERSON_COLUMNS
from shared.ids import new_id
from shared.inbox import Outcome
from shared.relationships.links import SUBJECT_COLUMNS
from shared.relinks import place
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run, as_compact, filled, identify, read, receive
from tests.assessment.sheets import SCORED
from tests.security.consent.saying import hear

MERGED, UNDONE = "intake.persons-merged.v1", "intake.merge-undone.v1"
ANSWERS = as_compact(next(iter(SCORED.values()))["answers"])


class Two:
    """Two records of the index, and their merge."""

    def __init__(self, assessment: UnderTest) -> None:
        self.assessment = assessment
        self.kept, self.merged, self.merge_id = new_id(), new_id(), new_id()

    @property
    def facts(self) -> dict[str, UUID]:
        return {"merge_id": self.merge_id, "kept_id": self.kept, "merged_id": self.merged}

    async def merge(self) -> None:
        assert await self.assessment.deliver(MERGED, self.merge_id, self.facts, 1) is Outcome.HANDLED

    async def undo(self) -> None:
        assert await self.assessment.deliver(UNDONE, self.merge_id, self.facts, 2) is Outcome.HANDLED

    async def assessed(self, person: UUID) -> UUID:
        """A referral with a sheet about a person, and its case."""
        referral, case = await receive(self.assessment, [filled(ANSWERS)], ["no-relatives"]), new_id()
        await identify(self.assessment, referral, person)
        self.assessment.neighbours.answers[f"/referrals/{referral}/sheets"] = {"discharge_on": None}
        opened = {"case_id": case, "origin_kind": "referral", "origin_id": referral, "person_id": person}
        await self.assessment.deliver("cases.case-opened.v1", case, opened)
        return referral

    async def seen(self, person: UUID) -> dict[str, Any]:
        """What the service says of a person."""
        kinds = ("sheets", "admissions", "outcomes")
        found = {kind: await read(self.assessment, f"/assessment/{kind}?person_id={person}") for kind in kinds}
        async with self.assessment.client("case-manager-nurse") as client:
            for part in ("profile", "profile-consents"):
                answer = await client.get(f"/assessment/persons/{person}/{part}")
                found[part] = answer.json() if answer.status_code == 200 else answer.status_code
            found["drafts"] = (await client.get(f"/assessment/drafts?person_id={person}")).json()
        return found

    async def everything(self) -> list[dict[str, Any]]:
        return [await self.seen(person) for person in (self.kept, self.merged)]


async def test_sheets_advice_and_agreements_follow_the_merge_and_its_undo_gives_back_what_was_there(
    run_service: Run,
) -> None:
    async with run_service("assessment") as assessment:
        two = Two(assessment)
        for person in (two.kept, two.merged):
            await two.assessed(person)
            await hear(assessment, person, "sharing", about="centre")
            agreed = {"audience": "centre", "given_by": "person", "how": "oral", "until": "2099-12-31"}
            draft = {"person_id": str(person), "content": {"instrument": "eladeb-r"}}
            async with assessment.client("case-manager-nurse") as nurse:
                consents = f"/assessment/persons/{person}/profile-consents"
                assert (await nurse.post(consents, json=agreed)).status_code == 201
                assert (await nurse.post("/assessment/drafts", json=draft)).status_code == 201
        before = await two.everything()

        await two.merge()

        kept, by_old = await two.everything()
        assert {**by_old, "profile": None} == {**kept, "profile": None}
        assert len(kept["drafts"]) == len(kept["profile-consents"]["items"]) == 2
        assert len(kept["sheets"]["items"]) == len(kept["admissions"]["items"]) == 2
        assert {each["person_id"] for each in kept["sheets"]["items"]} == {str(two.kept)}
        assert str(two.merged) not in str(kept)

        await two.undo()

        assert await two.everything() == before


async def test_sheets_of_both_records_can_be_compared_while_they_are_one_person(run_service: Run) -> None:
    async with run_service("assessment") as assessment, assessment.client("coordinator") as coordinator:
        two = Two(assessment)
        for person in (two.kept, two.merged):
            await two.assessed(person)
        seen = [(await two.seen(person))["sheets"]["items"][0]["id"] for person in (two.kept, two.merged)]

        async def compared() -> str:
            answer = await coordinator.get(f"/assessment/comparisons?first={seen[0]}&second={seen[1]}")
            return answer.text

        assert "incomparable_persons" in await compared()
        await two.merge()
        assert "incomparable_persons" not in await compared()
        await two.undo()
        assert "incomparable_persons" in await compared()


async def test_an_undo_that_comes_first_leaves_everything_as_it_is(run_service: Run) -> None:
    async with run_service("assessment") as assessment:
        two = Two(assessment)
        for person in (two.kept, two.merged):
            await two.assessed(person)
        before = await two.everything()
        other = uuid4()
        await assessment.deliver(UNDONE, other, two.facts, 1)
        await two.merge()
        assert await two.everything() == before


async def test_facts_that_still_name_the_old_record_land_on_the_kept_one_and_go_back(run_service: Run) -> None:
    async with run_service("assessment") as assessment:
        two = Two(assessment)
        await two.merge()
        await two.assessed(two.merged)
        assert len((await two.seen(two.kept))["sheets"]["items"]) == 1
        await two.undo()
        assert (await two.seen(two.kept))["sheets"]["items"] == []
        assert len((await two.seen(two.merged))["admissions"]["items"]) == 1


async def test_what_is_corrected_while_they_are_one_person_goes_back_with_its_referral(run_service: Run) -> None:
    async with run_service("assessment") as assessment:
        two = Two(assessment)
        referral = await two.assessed(two.merged)
        await two.merge()
        corrected = {"sheets": [filled(ANSWERS, filled_on="2026-11-13")], "factors": [], "discharge_on": None}
        assessment.neighbours.answers[f"/referrals/{referral}/sheets"] = corrected
        fact = {"referral_id": referral, "parts": ["sheets"]}
        assert await assessment.deliver("referrals.referral-corrected.v1", referral, fact, 2) is Outcome.HANDLED
        assert {each["person_id"] for each in (await two.seen(two.kept))["sheets"]["items"]} == {str(two.kept)}
        await two.undo()
        assert (await two.seen(two.kept))["sheets"]["items"] == []
        assert {each["filled_on"] for each in (await two.seen(two.merged))["sheets"]["items"]} == {
            "2026-11-12",
            "2026-11-13",
        }


def test_every_column_that_names_a_person_follows_a_merge() -> None:
    moved = {str(place(kind, name)) for kind, name in PERSON_COLUMNS if (kind, name) not in SUBJECT_COLUMNS}
    columns = {
        str(column) for table in service.metadata.sorted_tables for column in table.columns if "person" in column.name
    }
    assert moved == columns
    tables = service.metadata.tables
    for moved_column in moved:
        table, name = moved_column.split(".")
        assert isinstance(tables[table].columns[name].type, Uuid)
        assert tables[table].columns[name].index or any(
            next(iter(index.columns)).name == name for index in tables[table].indexes
        ), place
