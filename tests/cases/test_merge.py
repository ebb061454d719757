"""Two records of one person: every link of cases follows the merge, and its undo gives back exactly what was there."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Uuid

from services.cases.app import service
from services.cases.store import PERSON_COLUMNS
from shared.ids import new_id
from shared.inbox import Outcome
from shared.relationships.links import SUBJECT_COLUMNS
from shared.relinks import place
from tests.cases.world import ASSIGNMENT, CLOSURE, DECLINE, REQUESTED, TODAY, World, identified

MERGED, UNDONE = "intake.persons-merged.v1", "intake.merge-undone.v1"
DIED = "intake.person-died.v1"

OF_ANY_KIND = {
    "heard.about": "facts about records of any kind: moved with the others",
    "tie.subject_id": "what a record belongs to, people among others: moved with the others",
}
NOBODY = {
    "plan.person_words": "what was said, not who",
    "death.person_id": "it stays with the record it was told of: intake tells it anew of the record that is kept",
}


class Two:
    """Two records of the index, and their merge."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept, self.merged, self.merge_id = new_id(), new_id(), new_id()

    async def merge(self, kept: UUID | None = None, merged: UUID | None = None, merge_id: UUID | None = None) -> None:
        key = merge_id or self.merge_id
        data = {"merge_id": key, "kept_id": kept or self.kept, "merged_id": merged or self.merged}
        assert await self.world.hear(MERGED, key, data) is Outcome.HANDLED

    async def undo(self, merge_id: UUID | None = None) -> None:
        key = merge_id or self.merge_id
        data = {"merge_id": key, "kept_id": self.kept, "merged_id": self.merged}
        assert await self.world.hear(UNDONE, key, data) is Outcome.HANDLED

    async def cases(self) -> tuple[str, str]:
        """A case of each, with a circle, a timeline, an assessment and a demand elsewhere."""
        found = []
        for person in (self.kept, self.merged):
            referral, outgoing, contact = new_id(), new_id(), new_id()
            await self.world.hear("intake.person-identified.v1", referral, identified(referral, person))
            heard = {"contact_id": contact, "person_id": person, "direction": "inbound", "outcome": "answered"}
            await self.world.hear("intake.contact-recorded.v1", contact, heard)
            case_id = await self.world.opened(referral, person)
            asked = {"outgoing_id": outgoing, "organisation": "centre", "origin": "staff", "urgency": "routine"}
            asked |= {"person_id": person, "case_id": None, "based_on": None, "replaces": None}
            await self.world.hear("referrals.outgoing-sent.v1", outgoing, asked)
            await self.world.hear("scheduler.contact-restored.v1", person, {"person_id": person})
            assessment = new_id()
            assessed: dict[str, Any] = {
                "assessment_id": assessment,
                "referral_id": None,
                "person_id": person,
                "advice": None,
            }
            assessed |= {"dimensions": {"medical": "none"}, "rule_version": "1"}
            await self.world.hear("assessment.complexity-assessed.v1", assessment, assessed)
            found.append(case_id)
        return found[0], found[1]

    async def owned(self, person: UUID) -> str:
        """A case that somebody owns."""
        case_id = await self.world.opened(person_id=person)
        await self.world.done(case_id, "assignment", ASSIGNMENT)
        return case_id

    async def lines(self, wanted: str) -> list[str]:
        """The cases that are on the agenda for one reason."""
        return sorted(case for reason, case in await self.world.agenda() if reason == wanted)

    async def dead(self) -> list[str]:
        """The cases that the meeting sees because the person died."""
        return await self.lines("person-deceased")

    async def next_step(self, case_id: str) -> str:
        """What comes next for a case."""
        return str((await self.world.view(case_id))["next_step"]["kind"])

    async def seen(self, *cases: str) -> dict[str, Any]:
        """What the service says of these cases, of everybody's and of the agenda."""
        paths = ["/cases", "/cases/overlaps", "/cases/meetings/agenda"]
        for case in cases:
            paths += [f"/cases/{case}{part}" for part in ("", "/circle", "/overlap", "/timeline", "/complexity")]
        return {path: await self.world.read(path) for path in paths}


@pytest.fixture
def two(world: World) -> Two:
    return Two(world)


async def test_every_link_follows_the_merge_and_its_undo_gives_back_what_was_there(two: Two) -> None:
    first, second = await two.cases()
    relative = {"kind": "informal", "relation": "child", "person_id": str(two.merged)}
    await two.world.done(first, "circle", relative)
    before = await two.seen(first, second)

    await two.merge()

    seen = await two.seen(first, second)
    assert str(two.merged) not in str(seen)
    assert seen[f"/cases/{second}"]["person_id"] == str(two.kept)
    assert [each["case_id"] for each in seen[f"/cases/{first}/overlap"]["cases"]] == [second]
    assert len(seen[f"/cases/{second}/overlap"]["asked"]) == 2
    assert len(seen[f"/cases/{second}/complexity"]["items"]) == 2

    await two.undo()

    assert await two.seen(first, second) == before


async def test_two_open_cases_of_what_is_one_person_come_before_the_meeting_until_one_ends(two: Two) -> None:
    first, second = await two.cases()
    await two.merge()
    assert sorted(line for line in await two.world.agenda() if line[0] == "same-person") == sorted(
        [("same-person", first), ("same-person", second)]
    )

    await two.world.done(second, "decline", DECLINE)

    assert "same-person" not in dict(await two.world.agenda())


async def test_one_case_of_a_merged_person_is_no_matter_for_the_meeting(two: Two) -> None:
    case_id = await two.world.opened(person_id=two.merged)
    closed = await two.world.opened(person_id=two.kept)
    await two.world.done(closed, "assignment", ASSIGNMENT)
    await two.world.done(closed, "closure", CLOSURE)
    await two.merge()
    assert (await two.world.view(case_id))["person_id"] == str(two.kept)
    assert "same-person" not in dict(await two.world.agenda())


async def test_the_undo_takes_the_line_off_again(two: Two) -> None:
    await two.cases()
    before = await two.world.agenda()
    await two.merge()
    assert await two.world.agenda() != before
    await two.undo()
    assert await two.world.agenda() == before


async def test_an_undo_that_comes_first_leaves_everybody_as_they_are(two: Two) -> None:
    first, second = await two.cases()
    before = await two.seen(first, second)
    facts = {"merge_id": two.merge_id, "kept_id": two.kept, "merged_id": two.merged}
    other = new_id()
    await two.world.hear(UNDONE, other, facts)
    await two.world.hear(MERGED, two.merge_id, facts)
    assert await two.seen(first, second) == before


async def test_two_merges_give_the_same_in_either_order(two: Two) -> None:
    first, second = await two.cases()
    third, later = new_id(), new_id()
    seen = []
    for turned in (False, True):
        chain = [(third, two.kept, later), (two.kept, two.merged, two.merge_id)]
        for kept, merged, merge_id in chain[::-1] if turned else chain:
            await two.merge(kept, merged, merge_id)
        assert {(await two.world.view(each))["person_id"] for each in (first, second)} == {str(third)}
        seen.append([line for line in await two.world.agenda() if line[0] == "same-person"])
        await two.undo(later)
        assert {(await two.world.view(each))["person_id"] for each in (first, second)} == {str(two.kept)}
        await two.undo(two.merge_id)
        assert (await two.world.view(second))["person_id"] == str(two.merged)
        two.merge_id, later = new_id(), new_id()
    assert sorted(seen[0]) == sorted(seen[1])


async def test_facts_that_still_name_the_old_record_land_on_the_kept_one_and_go_back(two: Two) -> None:
    await two.merge()
    request, referral = new_id(), new_id()
    asked = {"request_id": request, "person_id": two.merged, "urgency": "routine"}
    await two.world.hear(REQUESTED, request, asked)
    relayed = (await two.world.told("cases.case-opened.v1"))[-1]["case_id"]
    unknown = await two.world.opened(referral)
    await two.world.hear("intake.person-identified.v1", referral, identified(referral, two.merged))
    contact = new_id()
    repeated = {"contact_id": contact, "person_id": two.merged, "topic": "care.medication", "count": 3}
    await two.world.hear("intake.topic-repeated.v1", contact, repeated)
    for case in (relayed, unknown):
        assert (await two.world.view(case))["person_id"] == str(two.kept)
    about_topic = [case for reason, case in await two.world.agenda() if reason == "topic-repeated"]
    assert sorted(about_topic) == sorted([relayed, unknown])

    await two.undo()

    for case in (relayed, unknown):
        assert (await two.world.view(case))["person_id"] == str(two.merged)


async def test_open_cases_of_a_living_record_that_proves_to_be_somebody_dead_are_to_be_closed(two: Two) -> None:
    ours, theirs = await two.owned(two.kept), await two.owned(two.merged)
    asked = await two.world.opened(person_id=two.merged)
    await two.world.hear(DIED, two.kept, {"person_id": two.kept, "on": TODAY})
    assert await two.dead() == [ours]

    await two.merge()

    assert await two.dead() == sorted([ours, theirs, asked])
    assert await two.next_step(theirs) == "closure"

    await two.undo()

    assert await two.dead() == [ours]
    assert await two.next_step(theirs) == "phone-call"
    assert await two.lines("death-withdrawn") == sorted([theirs, asked])
    assert await two.next_step(ours) == "closure"


async def test_a_second_merge_into_somebody_dead_says_it_again(two: Two) -> None:
    theirs = await two.owned(two.merged)
    await two.world.hear(DIED, two.kept, {"person_id": two.kept, "on": TODAY})
    await two.merge()
    await two.undo()
    await two.merge(merge_id=new_id())
    assert await two.dead() == [theirs]


async def test_what_the_meeting_decided_of_somebody_dead_is_not_asked_again_by_a_merge(two: Two) -> None:
    ours, theirs = await two.owned(two.kept), await two.owned(two.merged)
    for person in (two.kept, two.merged):
        await two.world.hear(DIED, person, {"person_id": person, "on": TODAY})
    await two.world.rows("UPDATE agenda_line SET settled_at = now() WHERE reason = 'person-deceased'")
    await two.merge()
    assert await two.dead() == []
    assert await two.next_step(ours) == await two.next_step(theirs) == "closure"


@pytest.mark.parametrize("undone_first", [True, False])
async def test_a_death_that_came_with_a_merge_goes_with_it_and_the_dead_stay_dead(two: Two, undone_first: bool) -> None:
    ours, theirs = await two.owned(two.kept), await two.owned(two.merged)
    await two.world.hear(DIED, two.merged, {"person_id": two.merged, "on": TODAY})
    await two.merge()
    await two.world.hear(DIED, two.kept, {"person_id": two.kept, "on": TODAY})
    assert await two.dead() == sorted([ours, theirs])

    if undone_first:
        await two.undo()
    await two.world.hear("intake.death-withdrawn.v1", two.kept, {"person_id": two.kept})
    if not undone_first:
        await two.undo()

    assert (await two.dead(), await two.next_step(theirs)) == ([theirs], "closure")
    assert (await two.lines("death-withdrawn"), await two.next_step(ours)) == ([ours], "phone-call")


async def test_an_undo_that_comes_first_says_nothing_of_a_death(two: Two) -> None:
    theirs = await two.owned(two.merged)
    await two.world.hear(DIED, two.kept, {"person_id": two.kept, "on": TODAY})
    before = await two.world.agenda()
    await two.undo()
    assert await two.world.agenda() == before
    assert await two.next_step(theirs) == "home-visit"


async def test_a_known_identification_told_again_says_nothing_new(two: Two) -> None:
    referral = new_id()
    case_id = await two.world.opened(referral, two.merged)
    await two.merge()
    etag = await two.world.etag(case_id)
    await two.world.hear("intake.person-identified.v1", referral, identified(referral, two.merged))
    assert await two.world.etag(case_id) == etag
    assert (await two.world.view(case_id))["person_id"] == str(two.kept)


async def test_whoever_asks_by_the_old_record_finds_the_cases_of_the_person(two: Two) -> None:
    first, second = await two.cases()
    await two.merge()
    both = {first, second}
    listed = await two.world.read(f"/cases?person_id={two.merged}")
    assert {each["id"] for each in listed["items"]} == both
    found = await two.world.as_("coordinator").post("/cases/search", json={"person_ids": [str(two.merged)]})
    assert {each["id"] for each in found.json()["items"]} == both


def test_every_column_that_names_a_person_follows_a_merge() -> None:
    moved = {str(place(kind, name)) for kind, name in PERSON_COLUMNS if (kind, name) not in SUBJECT_COLUMNS}
    columns = {
        str(column) for table in service.metadata.sorted_tables for column in table.columns if "person" in column.name
    }
    assert moved | set(NOBODY) == columns | set(OF_ANY_KIND)
    tables = service.metadata.tables
    for moved_column in moved:
        table, column = moved_column.split(".")
        assert isinstance(tables[table].c[column].type, Uuid)
        assert any(index.columns[0].name == column for index in tables[table].indexes), place
