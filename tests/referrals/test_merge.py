"""Two records of one person: referrals follow the merge, their documents never do, and the undo gives all back."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Uuid

from services.referrals.app import service
from services.referrals.store import PERSON_COLUMNS
from shared.encryption import BlindList
from shared.ids import new_id
from shared.inbox import Outcome
from shared.relationships.links import SUBJECT_COLUMNS
from shared.relinks import place
from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import ask
from tests.referrals.outgoing.conftest import network
from tests.referrals.pushes import fresh, id_of, push, step

__all__ = ["network"]

MERGED, UNDONE = "intake.persons-merged.v1", "intake.merge-undone.v1"


class Two:
    """Two records of the index, and their merge."""

    def __init__(self, network: UnderTest) -> None:
        self.network = network
        self.kept, self.merged, self.merge_id = new_id(), new_id(), new_id()

    @property
    def facts(self) -> dict[str, UUID]:
        return {"merge_id": self.merge_id, "kept_id": self.kept, "merged_id": self.merged}

    async def merge(self) -> None:
        assert await self.network.deliver(MERGED, self.merge_id, self.facts, 1) is Outcome.HANDLED

    async def undo(self) -> None:
        assert await self.network.deliver(UNDONE, self.merge_id, self.facts, 2) is Outcome.HANDLED

    async def referred(self, person: UUID) -> str:
        """A referral about a person."""
        path = await push(self.network, fresh())
        data = {"referral_id": id_of(path), "person_id": person}
        assert await self.network.deliver("intake.person-identified.v1", id_of(path), data) is Outcome.HANDLED
        return path

    async def read(self, path: str, persona: str = "coordinator") -> dict[str, Any]:
        async with self.network.client(persona) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def seen(self, *paths: str) -> list[dict[str, Any]]:
        """What the service says of referrals, of who serves their people, and of who is asked."""
        found = [{**await self.read(path), "updated_at": None} for path in paths]
        served = [await self.read(f"{path}/overlap") for path in paths]
        asked = [await self.read(f"/referrals/outgoing?person_id={each}") for each in (self.kept, self.merged)]
        return [*found, *served, *asked]


@pytest.fixture
def two(network: UnderTest) -> Two:
    return Two(network)


async def followed(two: Two, person: UUID) -> None:
    """A case of ours about a person."""
    case = uuid4()
    opened = {"case_id": case, "origin_kind": "contact", "origin_id": uuid4(), "person_id": person}
    await two.network.deliver("cases.case-opened.v1", case, opened)


async def test_referrals_cases_and_demands_follow_the_merge_and_its_undo_gives_back_what_was_there(two: Two) -> None:
    await followed(two, two.kept)
    await ask(two.network, person_id=str(two.merged))
    first, second = await two.referred(two.kept), await two.referred(two.merged)
    before = await two.seen(first, second)

    await two.merge()

    one, other, served_one, served_other, asked, asked_by_old = await two.seen(first, second)
    assert one["person_id"] == other["person_id"] == str(two.kept)
    assert asked == asked_by_old
    assert len(asked["items"]) == 1
    kinds = [sorted(each["kind"] for each in served["items"]) for served in (served_one, served_other)]
    assert kinds == [["case", "incoming"]] * 2

    await two.undo()

    assert await two.seen(first, second) == before


async def test_a_sender_s_two_open_referrals_of_what_is_one_person_are_shown_and_nothing_is_merged(two: Two) -> None:
    first, second = await two.referred(two.kept), await two.referred(two.merged)
    await two.merge()
    for path, other in ((first, second), (second, first)):
        view = await two.read(path)
        assert view["possible_duplicates"] == [str(id_of(other))]
        assert view["state"] == "received"
    await two.undo()
    for path in (first, second):
        assert (await two.read(path))["possible_duplicates"] == []


async def test_what_the_hospital_sent_stays_as_it_was_sent(two: Two) -> None:
    path = await two.referred(two.merged)
    fhir = f"/referrals/fhir/Patient/{id_of(path)}"
    before = await two.read(fhir, "hospital-chu")
    await two.referred(two.kept)
    await two.merge()
    after = await two.read(fhir, "hospital-chu")
    assert {**after, "meta": None} == {**before, "meta": None}


async def test_an_undo_that_comes_first_leaves_everything_as_it_is(two: Two) -> None:
    first, second = await two.referred(two.kept), await two.referred(two.merged)
    before = await two.seen(first, second)
    await two.network.deliver(UNDONE, uuid4(), two.facts, 1)
    await two.network.deliver(UNDONE, two.merge_id, two.facts, 1)
    await two.network.deliver(MERGED, two.merge_id, two.facts, 2)
    assert await two.seen(first, second) == before


async def test_facts_that_still_name_the_old_record_land_on_the_kept_one_and_go_back(two: Two) -> None:
    await two.merge()
    path = await two.referred(two.merged)
    assert (await two.read(path))["person_id"] == str(two.kept)
    await followed(two, two.merged)
    assert (await two.read(path))["state"] != "received"
    await two.undo()
    assert (await two.read(path))["person_id"] == str(two.merged)


async def test_who_is_asked_while_they_are_one_person_goes_back_with_the_referral(two: Two) -> None:
    path = await two.referred(two.merged)
    await two.merge()
    moved = await step(two.network, "coordinator", path, "redirection", {"organisation": "centre"})
    assert moved.status_code == 201, moved.text
    [asked] = (await two.read(f"/referrals/outgoing?based_on={id_of(path)}"))["items"]
    assert (await two.read(f"/referrals/outgoing/{asked['id']}"))["person_id"] == str(two.kept)
    await two.undo()
    assert (await two.read(f"/referrals/outgoing/{asked['id']}"))["person_id"] == str(two.merged)


def test_every_column_that_names_a_person_follows_a_merge() -> None:
    moved = {str(place(kind, name)) for kind, name in PERSON_COLUMNS if (kind, name) not in SUBJECT_COLUMNS}
    columns = {
        str(column)
        for table in service.metadata.sorted_tables
        for column in table.columns
        if "person" in column.name and not isinstance(column.type, BlindList)
    }
    assert moved == columns
    for moved_column in moved:
        table, name = moved_column.split(".")
        assert isinstance(service.metadata.tables[table].columns[name].type, Uuid)
