"""Two records of one person: what is planned follows the merge, all of it stays, and the undo gives back what was."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.scheduler.app import service
from services.scheduler.store import PERSON_COLUMNS
from shared.inbox import Outcome
from shared.relationships.links import SUBJECT_COLUMNS
from shared.relinks import place
from tests.scheduler.test_lost_contact import watched
from tests.scheduler.world import OLD, Scheduler

MERGED, UNDONE = "intake.persons-merged.v1", "intake.merge-undone.v1"

STAYS = {
    "last_contact.person_id": "the key: the contacts that were told of this record, read by current_id",
    "campaign_member.person_id": "the key: the record that was put on the campaign, read by current_id",
    "person_language.person_id": "intake tells the language of either record anew at a merge and at its undo",
    "death.person_id": "a death stays with the record it was told of: intake tells it anew of the record that is kept",
}


class Two:
    """Two records of the index, and their merge."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.kept, self.merged, self.merge_id = uuid4(), uuid4(), uuid4()

    async def hear(self, event_type: str, key: UUID, **data: Any) -> None:
        assert await self.scheduler.running.deliver(event_type, key, data) is Outcome.HANDLED

    async def merge(self) -> None:
        await self.hear(MERGED, self.merge_id, **self._told)

    async def undo(self) -> None:
        await self.hear(UNDONE, self.merge_id, **self._told)

    @property
    def _told(self) -> dict[str, UUID]:
        return {"merge_id": self.merge_id, "kept_id": self.kept, "merged_id": self.merged}

    async def case(self, person: UUID, *, closed: bool = False) -> UUID:
        """A case of a record."""
        case_id = uuid4()
        await self.hear("cases.case-opened.v1", case_id, case_id=case_id, origin_id=uuid4(), person_id=person)
        if closed:
            await self.scheduler.close(case_id, person_id=person, version=2)
        return case_id

    async def campaign(self) -> str:
        """A campaign with both records on it, and somebody else."""
        outage = uuid4()
        await self.hear("intake.line-outage-recorded.v1", outage, outage_id=outage, people=3)
        for rank, person in enumerate((self.kept, self.merged, uuid4()), 1):
            about: dict[str, Any] = {"rank": rank, "reasons": ["lives-alone"], "since": "2026-10-01"}
            await self.hear("intake.link-lapsed.v1", outage, outage_id=outage, person_id=person, **about)
        return str((await self.read("/scheduler/campaigns"))["items"][0]["id"])

    async def read(self, path: str, persona: str = "coordinator") -> Any:
        async with self.scheduler.running.client(persona) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def people(self, path: str) -> list[str]:
        """Whom the entries of a list are about."""
        return [item["person_id"] for item in (await self.read(path))["items"]]

    async def rows(self, statement: str, *values: object) -> list[Any]:
        async with self.scheduler.running.app.state.database.raw() as connection:
            return list(await connection.fetch(statement, *values))

    async def tables(self) -> dict[str, list[Any]]:
        """Everything that the service keeps of its own."""
        kept = sorted(service.metadata.tables)
        return {name: sorted(map(str, await self.rows(f'SELECT * FROM "{name}"'))) for name in kept}


@pytest.fixture
def two(scheduler: Scheduler) -> Two:
    return Two(scheduler)


async def test_every_link_follows_the_merge_and_its_undo_gives_back_every_row(two: Two) -> None:
    for person in (two.kept, two.merged):
        await two.case(person, closed=True)
        await two.scheduler.contact(person)
        await two.hear("intake.person-registered.v1", person, person_id=person, language="fr")
        visit_id = uuid4()
        visit = {"visit_id": visit_id, "case_id": await two.case(person), "kind": "home-visit", "on": "2026-11-24"}
        visit |= {"worker": "case-manager-nurse", "planned_on": "2026-11-24"}
        await two.scheduler.running.deliver("cases.visit-planned.v1", visit_id, visit)
    await two.campaign()
    before = await two.tables()

    await two.merge()

    listed = await two.people("/scheduler/follow-ups")
    assert listed == [str(two.kept)] * 4, "the follow-ups of both stay"
    assert await two.people(f"/scheduler/follow-ups?person_id={two.merged}") == listed
    assert set(await two.people("/scheduler/worklist")) == {str(two.kept)}
    assert await two.tables() != before

    await two.undo()

    assert await two.tables() == before


async def test_an_undo_that_comes_first_leaves_every_row(two: Two) -> None:
    await two.case(two.merged, closed=True)
    before = await two.tables()
    await two.scheduler.running.deliver(UNDONE, uuid4(), two._told)
    await two.merge()
    assert await two.tables() == before


async def test_whoever_was_in_touch_under_either_record_is_not_lost(two: Two) -> None:
    await watched(two.scheduler)
    await two.case(two.kept)
    await two.scheduler.running.tick()
    await two.merge()
    later = two.scheduler.running.clock.now() + timedelta(weeks=20)
    await two.scheduler.set_time(later)
    await two.scheduler.contact(two.merged)

    await two.scheduler.running.tick()
    assert await two.people("/scheduler/follow-ups") == []

    await two.undo()
    await two.scheduler.running.tick()
    assert await two.people("/scheduler/follow-ups") == [str(two.kept)], "the contact was another person's"


async def test_the_silence_of_a_merged_person_is_noticed_once(two: Two) -> None:
    await watched(two.scheduler)
    await two.case(two.kept)
    await two.case(two.merged)
    await two.scheduler.running.tick()
    await two.merge()
    await two.scheduler.set_time(two.scheduler.running.clock.now() + timedelta(weeks=20))
    await two.scheduler.running.tick()
    await two.scheduler.running.tick()
    assert await two.people("/scheduler/follow-ups") == [str(two.kept)]


async def test_one_contact_ends_every_wait_for_the_person(two: Two) -> None:
    case_id = await two.case(two.merged, closed=True)
    await two.rows("UPDATE follow_up SET status = 'unreachable' WHERE case_id = $1", case_id)
    await two.merge()
    await two.scheduler.contact(two.merged)
    assert {each["status"] for each in await two.scheduler.of_case(case_id)} == {"due"}


async def test_a_campaign_calls_a_merged_person_once(two: Two) -> None:
    campaign = f"/scheduler/campaigns/{await two.campaign()}"
    assert (await two.read(campaign))["people"] == 3
    await two.merge()
    assert (await two.read(campaign))["people"] == 2
    assert (await two.people(f"{campaign}/people")).count(str(two.kept)) == 1
    assert str(two.merged) not in await two.people(f"{campaign}/people")
    async with two.scheduler.running.client("coordinator") as client:
        tag = (await client.get(campaign)).headers["etag"]
        started = await client.post(f"{campaign}/start", json={}, headers={"if-match": tag})
        assert started.status_code == 201, started.text
    await two.scheduler.running.tick()
    assert len(await two.people("/scheduler/follow-ups")) == 2
    await two.undo()
    assert (await two.read(campaign))["people"] == 3
    await two.scheduler.running.tick()
    assert len(await two.people("/scheduler/follow-ups")) == 3


async def test_a_contact_of_either_record_takes_the_person_off_the_campaign(two: Two) -> None:
    campaign = f"/scheduler/campaigns/{await two.campaign()}"
    await two.merge()
    await two.scheduler.contact(two.merged)
    progress = (await two.read(campaign))["progress"]
    assert (progress["restored"], progress["waiting"]) == (1, 1)


async def test_a_claim_holds_for_the_person_under_either_record(two: Two) -> None:
    first, second = await two.case(two.kept, closed=True), await two.case(two.merged, closed=True)
    await two.scheduler.running.tick()
    mine = f"/scheduler/follow-ups/{(await two.scheduler.of_case(second))[0]['id']}/claim"
    theirs = f"/scheduler/follow-ups/{(await two.scheduler.of_case(first))[0]['id']}/claim"
    async with (
        two.scheduler.running.client("line-nurse") as nurse,
        two.scheduler.running.client("line-nurse", sub="another-nurse") as another,
    ):
        assert (await nurse.post(mine)).status_code == 201
        await two.merge()
        assert (await another.post(theirs)).status_code == 409
        assert (await nurse.post(mine)).status_code == 201
        await two.undo()
        assert (await another.post(theirs)).status_code == 201
        assert (await another.post(mine)).status_code == 409


async def test_what_was_planned_for_a_case_meanwhile_goes_back_with_the_case(two: Two) -> None:
    case_id = await two.case(two.merged)
    await two.merge()
    await two.scheduler.close(case_id, OLD, version=2, person_id=two.kept)
    assert {each["person_id"] for each in await two.scheduler.of_case(case_id)} == {str(two.kept)}
    await two.undo()
    assert {each["person_id"] for each in await two.scheduler.of_case(case_id)} == {str(two.merged)}


async def test_a_fact_that_still_names_the_old_record_lands_on_the_kept_one_and_goes_back(two: Two) -> None:
    await two.merge()
    case_id = await two.case(two.merged, closed=True)
    assert {each["person_id"] for each in await two.scheduler.of_case(case_id)} == {str(two.kept)}
    await two.undo()
    assert {each["person_id"] for each in await two.scheduler.of_case(case_id)} == {str(two.merged)}


async def test_nobody_calls_a_person_who_died_under_either_record(two: Two) -> None:
    alive, dead = await two.case(two.merged, closed=True), two.kept
    await two.hear("intake.person-died.v1", dead, person_id=dead, on="2026-11-19")
    await two.merge()
    assert {each["status"] for each in await two.scheduler.of_case(alive)} == {"cancelled"}
    await two.undo()
    listed = await two.people("/scheduler/stopped")
    assert listed == [str(two.merged)] * 2, "what the other one's death had stopped waits for a decision"


def test_every_column_that_names_a_person_follows_a_merge_or_says_why_not() -> None:
    moved = {str(place(kind, name)) for kind, name in PERSON_COLUMNS if (kind, name) not in SUBJECT_COLUMNS}
    named = {
        str(column)
        for table in service.metadata.sorted_tables
        for column in table.columns
        if "person" in column.name or column.name == "current_id"
    }
    assert moved | set(STAYS) == named
