"""Emergency access: taken with a reason, an hour at most, told of at once, and open until somebody else judges it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.__main__ import NAMES, load
from shared.ids import new_id
from shared.relationships.break_glass import Emergencies
from shared.testing.harness import UnderTest
from tests.security.relationships.linked import denials

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
WHY = {"reason": "urgent-care", "text": "Elle ne répond plus à la porte."}
VITAL = {**WHY, "reason": "threat-to-life"}
FINE = {"verdict": "justified", "note": "La situation le demandait."}
OFFICER: dict[str, Any] = {"roles": ["data-protection-officer"], "sub": "officer"}
OTHER_COORDINATOR: dict[str, Any] = {"sub": "coordinator-2"}


@pytest.fixture
async def cases(run_service: Run) -> AsyncIterator[UnderTest]:
    """The cases service, with one case of a person whom the line is not related to."""
    async with run_service("cases") as running:
        yield running


async def of_person(cases: UnderTest, person: UUID) -> str:
    """A case of a person, which is out of triage: the line has nothing to do with it any more."""
    referral = new_id()
    said = {"referral_id": referral, "person_id": person, "urgency": "routine"}
    await cases.deliver("referrals.referral-accepted.v1", referral, said)
    case_id = str((await cases.announced())[-1][1]["case_id"])
    async with cases.client("coordinator") as coordinator:
        given = {
            "worker": "case-manager-nurse",
            "discipline": "nurse",
            "next_step": {"kind": "home-visit", "due_on": "2026-11-27"},
        }
        answer = await coordinator.post(f"/cases/{case_id}/assignment", json=given, headers={"if-match": '"1"'})
        assert answer.status_code == 201, answer.text
    return case_id


async def broken(client: httpx.AsyncClient, subject: object, why: dict[str, str] = WHY) -> str:
    """The id of an emergency access."""
    answer = await client.post("/cases/break-glass", json={"subject_id": str(subject), **why})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def under(grant: str) -> dict[str, str]:
    """The header that names it."""
    return {"break-glass": grant}


async def test_its_whole_life(cases: UnderTest) -> None:
    person = new_id()
    case_id = await of_person(cases, person)
    path = f"/cases/{case_id}"
    async with cases.client("line-nurse") as nurse, cases.client("coordinator") as coordinator:
        assert (await nurse.get(path)).status_code == 404
        assert await denials(cases) == ["no-relationship"]

        answer = await nurse.post("/cases/break-glass", json={"subject_id": case_id, **WHY})
        grant = answer.json()
        assert (answer.status_code, grant["subject_id"]) == (201, str(person)), "a case stands for its person"
        kind, told = (await cases.announced())[-1]
        assert (kind, told["reason"]) == ("cases.break-glass-opened.v1", "urgent-care")
        assert WHY["text"] not in str(told)

        assert (await nurse.get(path)).status_code == 404, "only for requests that say so"
        assert (await nurse.get(path, headers=under(grant["id"]))).status_code == 200
        async with cases.app.state.database.raw() as connection:
            row = await connection.fetchrow("SELECT * FROM audit_record ORDER BY id DESC LIMIT 1")
        assert (str(row["break_glass"]), row["purpose"], row["reason"]) == (grant["id"], "BTG", "urgent-care")

        [notice] = (await coordinator.get("/cases/break-glass/reviews")).json()["items"]
        assert (notice["id"], notice["worker"], notice["text"]) == (grant["id"], "line-nurse", WHY["text"])
        async with cases.client("auditor", **OFFICER) as officer:
            assert len((await officer.get("/cases/break-glass/reviews")).json()["items"]) == 1
        metrics = (await nurse.get("/cases/metrics")).text
        assert 'relais_break_glass_unreviewed{service="cases"} 1.0' in metrics

        cases.clock.move(hours=1)
        over = await nurse.get(path, headers=under(grant["id"]))
        assert (over.status_code, over.json()["code"]) == (403, "break-glass-over")
        async with cases.app.state.database.transaction() as transaction:
            await Emergencies(transaction).close_due("cases")
        assert (await cases.types())[-1] == "cases.break-glass-closed.v1"

        review = f"/cases/break-glass/{grant['id']}/review"
        asked = await coordinator.post(review, json={**FINE, "verdict": "inquiry"})
        assert (asked.status_code, asked.json()["reviewed_at"]) == (200, None)
        assert len((await coordinator.get("/cases/break-glass/reviews")).json()["items"]) == 1, "an inquiry goes on"
        assert (await coordinator.post(review, json=FINE)).json()["reviewed_at"]
        assert (await coordinator.get("/cases/break-glass/reviews")).json()["items"] == []
        assert len((await coordinator.get("/cases/break-glass/reviews?reviewed=true")).json()["items"]) == 1
        again = await coordinator.post(review, json=FINE)
        assert (again.status_code, again.json()["code"]) == (409, "already-reviewed")
        assert 'relais_break_glass_unreviewed{service="cases"} 0.0' in (await nurse.get("/cases/metrics")).text
    facts = [kind for kind in await cases.types() if "break-glass" in kind]
    assert facts == [f"cases.break-glass-{each}.v1" for each in ("opened", "closed", "reviewed", "reviewed")]


async def test_nobody_judges_their_own_and_those_who_may_not_review_do_not(cases: UnderTest) -> None:
    case_id = await of_person(cases, new_id())
    async with cases.client("coordinator") as coordinator, cases.client("line-nurse") as nurse:
        review = f"/cases/break-glass/{await broken(coordinator, case_id)}/review"
        own = await coordinator.post(review, json=FINE)
        assert (own.status_code, own.json()["code"]) == (403, "own-break-glass")
        assert (await nurse.post(review, json=FINE)).status_code == 403
        async with cases.client("coordinator", **OTHER_COORDINATOR) as another:
            assert (await another.post(review, json=FINE)).status_code == 200
        async with cases.client("coordinator", org_id="centre") as elsewhere:
            assert (await elsewhere.post(review, json=FINE)).status_code == 404
            assert (await elsewhere.get("/cases/break-glass/reviews?reviewed=true")).json()["items"] == []


async def test_it_is_ended_by_hand_and_opens_nothing_more(cases: UnderTest) -> None:
    case_id = await of_person(cases, new_id())
    async with cases.client("line-nurse") as nurse:
        grant = await broken(nurse, case_id)
        for _ in range(2):
            assert (await nurse.post(f"/cases/break-glass/{grant}/end")).json()["closed_at"]
        assert (await cases.types()).count("cases.break-glass-closed.v1") == 1
        assert (await nurse.get(f"/cases/{case_id}", headers=under(grant))).status_code == 403
        async with cases.client("case-manager-nurse") as colleague:
            assert (await colleague.post(f"/cases/break-glass/{grant}/end")).status_code == 404


async def test_it_is_the_takers_alone_for_the_one_subject(cases: UnderTest) -> None:
    mine, other = await of_person(cases, new_id()), await of_person(cases, new_id())
    async with cases.client("line-nurse") as nurse, cases.client("line-nurse", sub="line-nurse-2") as colleague:
        grant = await broken(nurse, mine)
        assert (await nurse.get(f"/cases/{other}", headers=under(grant))).status_code == 404
        assert (await colleague.get(f"/cases/{mine}", headers=under(grant))).status_code == 403
        assert (await nurse.get(f"/cases/{mine}", headers=under(str(new_id())))).status_code == 403
        assert (await nurse.get(f"/cases/{mine}", headers=under("no-id"))).status_code == 422


async def test_a_named_exclusion_yields_to_a_threat_to_life_only(cases: UnderTest) -> None:
    person = new_id()
    case_id = await of_person(cases, person)
    whom = {"organisation": "relais", "worker": "case-manager-nurse"}
    exclusion = new_id()
    said = {"exclusion_id": exclusion, "person_id": person, **whom, "since": cases.clock.now(), "until": None}
    async with cases.client("case-manager-nurse") as nurse:
        assert (await nurse.get(f"/cases/{case_id}")).status_code == 200
        await cases.deliver("intake.exclusion-changed.v1", exclusion, said)
        assert (await nurse.get(f"/cases/{case_id}")).status_code == 404
        assert await denials(cases) == ["excluded"]
        grant = await broken(nurse, person)
        assert (await nurse.get(f"/cases/{case_id}", headers=under(grant))).status_code == 404
        vital = await broken(nurse, person, VITAL)
        assert (await nurse.get(f"/cases/{case_id}", headers=under(vital))).status_code == 200


async def test_what_nobody_here_knows_and_what_says_no_reason_opens_nothing(cases: UnderTest) -> None:
    case_id = await of_person(cases, new_id())
    async with cases.client("line-nurse") as nurse:
        for body, status in (
            ({"subject_id": str(new_id()), **WHY}, 404),
            ({"subject_id": case_id, "reason": "curiosity", "text": WHY["text"]}, 422),
            ({"subject_id": case_id, "reason": "urgent-care", "text": "court"}, 422),
        ):
            assert (await nurse.post("/cases/break-glass", json=body)).status_code == status
        async with cases.client("line-nurse", org_id="centre") as stranger:
            answer = await stranger.post("/cases/break-glass", json={"subject_id": case_id, **WHY})
            assert answer.status_code == 404, "another organisation's"
    for persona in ("analyst", "operator", "hospital-chu", "partner-centre", "auditor"):
        async with cases.client(persona) as other:
            assert (await other.post("/cases/break-glass", json={"subject_id": case_id, **WHY})).status_code == 403
    assert [kind for kind in await cases.types() if "break-glass" in kind] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_service_has_it(name: str) -> None:
    [service] = load([name])
    told = {fact.type for fact in service.facts}
    assert {f"{name}.break-glass-{each}.v1" for each in ("opened", "closed", "reviewed")} <= told
