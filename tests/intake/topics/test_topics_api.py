"""The routes of the topic model, on a real database, the fit in its own process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.intake.domain.topic_fit import TRIES, TURN
from shared.testing.harness import UnderTest
from tests.intake.people import faults, registered, told
from tests.intake.topics.notes import FAMILY, GIVEN, notes

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
TOPICS = "/intake/analytics/topics"
FITS = f"{TOPICS}/fits"
SPRING, AUTUMN = "2026-04", "2026-10"
BOTH = {"from": AUTUMN, "to": AUTUMN, "against_from": SPRING, "against_to": SPRING}

INSERT = """
    INSERT INTO contact (id, programme, direction, channel, caller, caller_kind, started_at, ended_at, topics, note,
                         outcome, reason, agent, discipline, recorded_at, amendments, version)
    SELECT id, 'relais', 'inbound', 'call', '{"kind": "person"}', 'person', at, at, '[]', note, 'answered',
           'information-given', 'line-nurse', 'nurse', at, 0, 1
    FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS given(id, at, note)
"""


async def remember(intake: UnderTest, number: int, month: str = AUTUMN, seed: int = 5) -> None:
    """Put contacts with notes on record, of one month."""
    made = list(notes(number, seed))
    at = datetime.strptime(f"{month}-15T10", "%Y-%m-%dT%H").replace(tzinfo=UTC)
    async with intake.app.state.database.raw() as connection:
        await connection.execute(
            INSERT, [note.contact_id for note in made], [at] * number, [note.text for note in made]
        )


@pytest.fixture
async def intake(run_service: Run) -> AsyncIterator[UnderTest]:
    """A line with 300 notes of October and 200 of April."""
    async with run_service("intake") as running:
        await remember(running, 300)
        await remember(running, 200, SPRING, seed=6)
        yield running


async def fitted(intake: UnderTest, **asked: Any) -> dict[str, Any]:
    """A fit that was asked for, done."""
    async with intake.client("coordinator") as client:
        made = await client.post(FITS, json=asked)
        assert made.status_code == 202, made.text
        assert made.json()["state"] == "waiting"
        await intake.tick()
        answer = (await client.get(made.headers["location"])).json()
        assert isinstance(answer, dict)
        return answer


async def test_a_fit_is_asked_for_and_its_topics_are_read(intake: UnderTest) -> None:
    fit = await fitted(intake, topics=4)
    assert (fit["state"], fit["progress"], fit["notes"], fit["failure"]) == ("done", 1.0, 500, None)
    async with intake.client("analyst") as client:
        answer = await client.get(TOPICS)
        model = answer.json()
        assert (model["fit_id"], model["notes"], len(model["topics"])) == (fit["id"], 500, 4)
        assert (model["first_on"], model["last_on"]) == ("2026-04-01", "2026-10-01")
        assert sum(topic["documents"] for topic in model["topics"]) == pytest.approx(500, abs=10)
        assert all(0 <= topic["coherence"] <= 1 and len(topic["terms"]) == 10 for topic in model["topics"])
        small = answer.text.lower()
        assert not any(f'"{name.lower()}"' in small for name in (*FAMILY, *GIVEN))
        assert (await client.get(FITS)).json()["items"] == [fit]
    assert [data["topics"] for data in await told(intake, "topic-fit-completed")] == [4]


async def test_names_of_the_index_are_no_terms_though_they_are_words(intake: UnderTest) -> None:
    await registered(intake, {"family_name": "Logement", "given_names": "Bail"})
    await fitted(intake, topics=4)
    async with intake.client("coordinator") as client:
        terms = {term for topic in (await client.get(TOPICS)).json()["topics"] for term in topic["terms"]}
    assert terms
    assert terms.isdisjoint({"logement", "bail"})


async def test_the_same_notes_give_the_same_topics_again(intake: UnderTest) -> None:
    async with intake.client("coordinator") as client:
        seen = []
        for _ in range(2):
            await fitted(intake, topics=4)
            model = (await client.get(TOPICS)).json()
            seen.append([(topic["terms"], topic["documents"]) for topic in model["topics"]] + [model["coherence"]])
    assert seen[0] == seen[1]


async def test_new_notes_find_their_place_and_the_topics_stay(intake: UnderTest) -> None:
    await fitted(intake, topics=4)
    await remember(intake, 100, AUTUMN, seed=9)
    async with intake.client("coordinator") as client:
        before = (await client.get(TOPICS)).json()
        fit = await fitted(intake, kind="new-notes")
        after = (await client.get(TOPICS)).json()
    assert (fit["state"], fit["notes"]) == ("done", 100)
    assert (after["fit_id"], after["notes"], after["placed_since"]) == (before["fit_id"], 600, 100)
    assert {topic["id"] for topic in before["topics"]} == {topic["id"] for topic in after["topics"]}


async def test_a_topic_is_named_and_a_new_model_keeps_the_name(intake: UnderTest) -> None:
    await fitted(intake, topics=4)
    async with intake.client("coordinator") as client:
        topic = (await client.get(TOPICS)).json()["topics"][0]
        assert topic["name"] == ", ".join(topic["terms"][:3])
        read = await client.get(f"{TOPICS}/{topic['id']}")
        label = f"{TOPICS}/{topic['id']}/label"
        assert (await client.put(label, json={"label": "Se loger"})).status_code == 428
        tag = {"if-match": read.headers["etag"]}
        named = await client.put(label, json={"label": "Se loger"}, headers=tag)
        assert (named.status_code, named.json()["name"]) == (200, "Se loger")
        assert (await client.put(label, json={"label": "Autre"}, headers=tag)).status_code == 412
        await fitted(intake, topics=4)
        assert (await client.get(f"{TOPICS}/{topic['id']}")).status_code == 404
        assert (await client.get(TOPICS)).json()["topics"][0]["label"] == "Se loger"
    assert "Se loger" not in str(await intake.announced())


async def test_two_periods_are_compared_and_small_cells_hidden(intake: UnderTest) -> None:
    await fitted(intake, topics=8)
    async with intake.client("analyst") as client:
        answer = (await client.get(f"{TOPICS}/comparison", params=BOTH)).json()
    assert (answer["notes"], answer["against_notes"], len(answer["topics"])) == (300, 200, 8)
    for topic in answer["topics"]:
        for cell in (topic["period"], topic["against"]):
            assert (cell["notes"] is None) is (cell["share"] is None)
            assert cell["notes"] is None or (cell["notes"] >= 5 and cell["notes"] % 5 == 0)


IMPOSSIBLE: list[tuple[dict[str, str], tuple[str, str]]] = [
    ({"from": "2026-13"}, ("/query/from", "not-a-month")),
    ({"to": "octobre"}, ("/query/to", "not-a-month")),
    ({"to": "2026-09"}, ("/query/to", "before-start")),
    ({"against_to": AUTUMN}, ("/query/against_from", "overlaps")),
    ({"against_from": "2020-01", "against_to": "2020-12"}, ("/query/against_from", "too-few-notes")),
]


async def test_impossible_periods_are_told(intake: UnderTest) -> None:
    await fitted(intake, topics=2)
    async with intake.client("analyst") as client:
        for change, fault in IMPOSSIBLE:
            answer = await client.get(f"{TOPICS}/comparison", params={**BOTH, **change})
            assert answer.status_code == 422, answer.text
            assert fault in faults(answer)


async def test_nothing_is_fitted_on_too_few_notes(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as client:
        await remember(intake, 20)
        refused = await client.post(FITS, json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "too-few-notes")
        early = await client.post(FITS, json={"kind": "new-notes"})
        assert (early.status_code, early.json()["code"]) == (409, "no-topic-model")
        assert (await client.get(TOPICS)).status_code == 404
        assert (await client.get(f"{TOPICS}/comparison", params=BOTH)).status_code == 409
        assert (await client.get(f"{FITS}/{uuid4()}")).status_code == 404
        assert await intake.announced() == []


async def test_notes_without_words_fail_and_the_model_before_stays(run_service: Run) -> None:
    async with run_service("intake") as intake:
        async with intake.app.state.database.raw() as connection:
            ids = [uuid4() for _ in range(60)]
            await connection.execute(INSERT, ids, [intake.clock.now()] * 60, ["Bonjour madame, le 12/03"] * 60)
        fit = await fitted(intake)
        assert (fit["state"], fit["failure"]) == ("failed", "too-few-notes")
        assert len(await told(intake, "topic-fit-failed")) == 1


async def test_a_fit_that_cannot_be_is_refused(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as client:
        for body in ({"topics": 0}, {"topics": 41}, {"kind": "half"}, {"seed": 3}):
            assert (await client.post(FITS, json=body)).status_code == 422


async def test_one_fit_at_a_time_and_not_by_everybody(intake: UnderTest) -> None:
    async with intake.client("coordinator") as client, intake.client("line-nurse") as nurse:
        answers = await asyncio.gather(*(client.post(FITS, json={}) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
        refused = next(answer.json() for answer in answers if answer.status_code == 409)
        assert refused["code"] == "fit-under-way"
        assert (await nurse.post(FITS, json={})).status_code == 403
        assert (await nurse.get(TOPICS)).status_code == 403


async def test_the_line_answers_while_topics_are_fitted(intake: UnderTest) -> None:
    async with intake.client("coordinator") as client:
        assert (await client.post(FITS, json={"topics": 12})).status_code == 202
        working = asyncio.ensure_future(intake.tick())
        slowest = 0.0
        while not working.done():
            began = time.monotonic()
            await asyncio.sleep(0.01)
            slowest = max(slowest, time.monotonic() - began)
        await working
    assert slowest < 1.0


async def test_a_fit_whose_process_went_away_is_begun_again_but_not_for_ever(intake: UnderTest) -> None:
    async with intake.client("coordinator") as client:
        made = await client.post(FITS, json={"topics": 2})
        where = made.headers["location"]
        async with intake.app.state.database.raw() as connection:
            await connection.execute(
                "UPDATE topic_fit SET state = 'running', tries = 1, turn_ends_at = $1", intake.clock.now() + TURN
            )
        await intake.tick()
        assert (await client.get(where)).json()["state"] == "running"
        intake.clock.move(seconds=2 * TURN.total_seconds())
        await intake.tick()
        assert (await client.get(where)).json()["state"] == "done"
        again = (await client.post(FITS, json={"topics": 2})).headers["location"]
        async with intake.app.state.database.raw() as connection:
            await connection.execute(
                "UPDATE topic_fit SET state = 'running', tries = $1, turn_ends_at = $2 WHERE state = 'waiting'",
                TRIES,
                intake.clock.now() - TURN,
            )
        await intake.tick()
        assert (await client.get(again)).json()["failure"] == "interrupted"
