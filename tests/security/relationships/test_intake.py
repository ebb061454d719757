"""Whose records intake opens: to the line for some hours, to the team that follows, to nobody who is excluded."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from shared.relationships import asked
from shared.testing.harness import UnderTest
from tests.intake.people import CALL, ODETTE, followed, receive, registered, told
from tests.security.relationships.linked import denials
from tests.security.relationships.walking import shown

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
LATER = {**CALL, "started_at": "2026-11-23T09:00:00Z", "ended_at": "2026-11-23T09:05:00Z"}
OWED = {"outcome": "call-back", "reason": "information-to-find"}
WHY = {"worker": "case-manager-nurse", "reason": "knows-person"}


@pytest.fixture
async def intake(run_service: Run) -> AsyncIterator[UnderTest]:
    """The intake service."""
    async with run_service("intake") as running:
        yield running


async def status(intake: UnderTest, persona: str, person: str, **claims: Any) -> int:
    """What a persona gets who asks for a person."""
    async with intake.client(persona, **claims) as client:
        return (await client.get(f"/intake/persons/{person}")).status_code


async def test_the_line_sees_whom_it_registered_or_heard_for_72_hours(intake: UnderTest) -> None:
    person = await registered(intake)
    assert await status(intake, "line-nurse", person) == 200
    assert await status(intake, "case-manager-nurse", person) == 404, "nobody asked the case managers"
    intake.clock.move(hours=72)
    assert await status(intake, "line-nurse", person) == 404
    assert await status(intake, "coordinator", person) == 200, "the programme answers for whom it has in its index"
    async with intake.client("line-nurse") as nurse:
        found = (await nurse.post("/intake/persons/search", json={"name": "Lambert"})).json()["items"]
        assert [each["person"]["id"] for each in found] == [person], "a caller is identified by searching"
        overview = f"/intake/persons/{person}/overview"
        assert (await nurse.get(overview)).status_code == 404
        assert (await nurse.post("/intake/contacts/drafts", json={"person_id": person})).status_code == 201
        assert (await nurse.get(overview)).status_code == 200, "who is on the telephone is written down first"
    assert await denials(intake) == ["no-relationship"] * 3


@pytest.mark.parametrize(
    "outcome", [{}, {"outcome": "call-back", "reason": "information-to-find"}], ids=["call", "owed"]
)
async def test_a_contact_opens_for_72_hours_and_an_owed_call_until_it_is_made(
    intake: UnderTest, outcome: dict[str, str]
) -> None:
    person = await registered(intake)
    intake.clock.move(hours=73)
    async with intake.client("line-nurse") as nurse:
        assert (await nurse.post("/intake/contacts", json={**LATER, "person_id": person, **outcome})).status_code == 201
        assert await status(intake, "line-nurse", person) == 200
        intake.clock.move(hours=73)
        assert await status(intake, "line-nurse", person) == (200 if outcome else 404)
        if outcome:
            [owed] = (await nurse.get("/intake/callbacks")).json()["items"]
            path = f"/intake/callbacks/{owed['id']}"
            seen = {"if-match": (await nurse.get(path)).headers["etag"]}
            done = await nurse.post(f"{path}/completion", json={"result": "not-reached"}, headers=seen)
            assert done.status_code == 200, done.text
            intake.clock.move(hours=73)
            assert await status(intake, "line-nurse", person) == 404


async def test_the_team_that_follows_somebody_sees_them_until_long_after(intake: UnderTest) -> None:
    person = await registered(intake)
    case_id = await followed(intake, person)
    for persona in ("case-manager-nurse", "case-manager-social-worker"):
        assert await status(intake, persona, person) == 200
        assert await status(intake, persona, person, org_id="centre") == 404
    await intake.deliver("cases.case-closed.v1", case_id, {"case_id": case_id})
    intake.clock.move(days=199)
    assert await status(intake, "case-manager-nurse", person) == 200
    intake.clock.move(days=2)
    assert await status(intake, "case-manager-nurse", person) == 404


async def test_a_merge_takes_the_links_along_and_its_undo_gives_them_back(intake: UnderTest) -> None:
    kept, merged = (
        await registered(intake),
        await registered(intake, ODETTE, given_names="Odetta", birth_date="1961-05-05"),
    )
    await followed(intake, merged)
    assert await status(intake, "case-manager-nurse", kept) == 404
    async with intake.client("coordinator") as coordinator:
        body = {
            "merged_id": merged,
            "merged_version": 1,
            "reason": "entered-twice",
            "confirmed": ["birth-date-differs", "name-differs"],
        }
        answer = await coordinator.post(f"/intake/persons/{kept}/merge", json=body, headers={"if-match": '"1"'})
        assert answer.status_code == 201, answer.text
        assert await status(intake, "case-manager-nurse", kept) == 200
        undo = f"/intake/merges/{answer.json()['id']}/undo"
        seen = {"if-match": answer.headers["etag"]}
        assert (await coordinator.post(undo, json={"reason": "different-persons"}, headers=seen)).status_code == 201
    assert await status(intake, "case-manager-nurse", kept) == 404
    assert await status(intake, "case-manager-nurse", merged) == 200


async def test_an_exclusion_wins_is_told_without_its_reason_and_can_be_taken_back(intake: UnderTest) -> None:
    person = await registered(intake)
    await followed(intake, person)
    async with intake.client("coordinator") as coordinator, intake.client("case-manager-nurse") as nurse:
        path = f"/intake/persons/{person}/exclusions"
        said = await coordinator.post(path, json=WHY)
        assert said.status_code == 201, said.text
        assert await status(intake, "case-manager-nurse", person) == 404
        assert await status(intake, "case-manager-social-worker", person) == 200
        assert (await nurse.post("/intake/persons/lookup", json={"ids": [person]})).json()["items"] == []
        [fact] = await told(intake, "exclusion-changed")
        assert (fact["person_id"], fact["worker"], fact["organisation"]) == (person, "case-manager-nurse", "relais")
        assert fact.keys() == {"exclusion_id", "person_id", "organisation", "worker", "since", "until"}
        own = await coordinator.post(path, json={"reason": "wish"})
        assert (own.status_code, own.json()["code"]) == (422, "own-organisation")
        place = said.headers["location"]
        assert (await coordinator.delete(place)).status_code == 204
        assert await status(intake, "case-manager-nurse", person) == 200
        assert (await coordinator.delete(place)).json()["code"] == "exclusion-over"
        assert [each["ended_by"] for each in (await coordinator.get(path)).json()["items"]] == ["coordinator"]
    assert len(await told(intake, "exclusion-changed")) == 2


async def test_a_referral_and_its_review_open_whom_they_may_be_about(intake: UnderTest) -> None:
    person = await registered(intake)
    intake.clock.move(hours=73)
    assert await status(intake, "line-nurse", person) == 404
    await receive(intake, {"family_name": "Lamberd", "given_names": "Odette", "birth_date": "1950-02-03"})
    [review] = await told(intake, "identity-review-needed")
    assert await status(intake, "line-nurse", person) == 200, "somebody has to say whether it is her"
    async with intake.client("coordinator") as coordinator:
        path = f"/intake/identity-reviews/{review['review_id']}"
        seen = {"if-match": (await coordinator.get(path)).headers["etag"]}
        decided = await coordinator.post(f"{path}/decision", json={"decision": "new"}, headers=seen)
        assert decided.status_code == 201, decided.text
    assert await status(intake, "line-nurse", person) == 404, "it is somebody else"


async def test_no_get_shows_anything_of_whom_one_is_not_related_to(
    intake: UnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await registered(intake)
    async with intake.client("line-nurse") as nurse:
        contact = await nurse.post("/intake/contacts", json={**CALL, "person_id": person})
        await nurse.post("/intake/contacts", json={**CALL, **OWED, "person_id": person})
    ids = {"person_id": person, "contact_id": contact.json()["id"]}
    before = await shown(intake, "line-nurse", ids)
    assert len(before) > 6, before
    async with intake.app.state.database.raw() as connection:
        await connection.execute("UPDATE relationship SET until = $1", intake.clock.now())
    for persona in ("line-nurse", "case-manager-nurse", "coordinator"):
        assert await shown(intake, persona, ids) == {}, persona
    monkeypatch.setattr(asked, "reasons_of", lambda roles: None)
    assert await shown(intake, "line-nurse", ids) == before, "without the question all is open again"
