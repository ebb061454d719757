"""The officer's routes in intake: two people, the law, holds, restriction, the list of those whose time is over."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import pytest

from shared.testing.harness import UnderTest
from tests.intake.imports.lists import CONTACT, PERSON, csv_of, finished, listed, rows_of, send
from tests.intake.people import CALL, ODETTE
from tests.security.erasure.together import OFFICER, as_persona

COORDINATOR, NURSE = "coordinator", "line-nurse"


@pytest.fixture
async def intake(run_service: Callable[..., AbstractAsyncContextManager[UnderTest]]) -> AsyncIterator[UnderTest]:
    """intake alone."""
    async with run_service("intake") as running:
        yield running


async def ask(intake: UnderTest, persona: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """An answer, with its status."""
    async with as_persona(intake, persona) as client:
        return await client.request(method, f"/intake{path}", json=body, headers=headers)


async def somebody(intake: UnderTest, **changed: Any) -> str:
    """A person with one contact."""
    made = await ask(intake, NURSE, "POST", "/persons", {**ODETTE, **changed})
    assert made.status_code == 201, made.text
    person = str(made.json()["id"])
    assert (await ask(intake, NURSE, "POST", "/contacts", {**CALL, "person_id": person})).status_code == 201
    return person


async def test_who_asks_does_not_confirm(intake: UnderTest) -> None:
    person = await somebody(intake)
    asked = await ask(intake, OFFICER, "POST", f"/persons/{person}/erasure", {"ground": "request"})
    assert asked.status_code == 201
    again = await ask(intake, COORDINATOR, "POST", f"/persons/{person}/erasure", {"ground": "request"})
    assert again.json()["id"] == asked.json()["id"]
    path = f"/erasures/{asked.json()['id']}/confirmation"
    assert (await ask(intake, COORDINATOR, "POST", path)).status_code == 403
    refused = await ask(intake, OFFICER, "POST", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "two-person-rule")
    assert (await ask(intake, NURSE, "GET", f"/persons/{person}")).status_code == 200


async def test_a_confirmed_erasure_leaves_nobody_and_a_new_request_is_somebody_new(intake: UnderTest) -> None:
    person, other = await somebody(intake), await somebody(intake, family_name="Dupont", birth_date="1961-01-02")
    asked = await ask(intake, COORDINATOR, "POST", f"/persons/{person}/erasure", {"ground": "request"})
    done = await ask(intake, OFFICER, "POST", f"/erasures/{asked.json()['id']}/confirmation")
    assert done.status_code == 201
    assert done.json()["missing"] == ["assessment", "cases", "referrals", "scheduler"]
    assert (await ask(intake, NURSE, "GET", f"/persons/{person}")).status_code == 404
    assert (await ask(intake, NURSE, "GET", f"/persons/{other}")).status_code == 200
    twice = await ask(intake, OFFICER, "POST", f"/erasures/{asked.json()['id']}/confirmation")
    assert (twice.status_code, twice.json()["code"]) == (409, "ending-settled")
    assert await somebody(intake) not in (person, other)
    types = await intake.types()
    assert "intake.person-erased.v1" in types
    assert "intake.person-data-erased.v1" in types


@pytest.mark.parametrize("then", ["erase", "pseudonymise"])
async def test_what_a_list_calls_somebody_stays_known_and_adds_nothing_to_who_is_ended(
    intake: UnderTest, then: str
) -> None:
    person = (await entered(intake, csv_of([PERSON]), "persons"))["target_id"]
    asked = await ask(intake, COORDINATOR, "POST", f"/persons/{person}/erasure", {"ground": "request", "then": then})
    assert (await ask(intake, OFFICER, "POST", f"/erasures/{asked.json()['id']}/confirmation")).status_code == 201
    again = {**PERSON, "street": "Rue de la Source"}
    assert (await entered(intake, csv_of([PERSON], ","), "persons"))["state"] == "known"
    assert (await entered(intake, csv_of([again]), "persons"))["state"] == "rejected"
    told = await entered(intake, csv_of([CONTACT]), "contacts")
    assert listed([told]) == [(2, "person_reference", "unknown")]


async def entered(intake: UnderTest, body: bytes, kind: str) -> dict[str, Any]:
    """What became of the one row of a list."""
    found = await finished(intake, await send(intake, body, kind))
    [row] = await rows_of(intake, found["id"])
    return row


async def test_a_care_record_that_the_law_binds_is_refused_and_may_become_a_pseudonym(intake: UnderTest) -> None:
    person = await somebody(intake, niss=None)
    case = "01900000-0000-7000-8000-00000000ca5e"
    origin = {"origin_kind": "contact", "origin_id": case}
    opened = {"case_id": case, "person_id": person, "urgency": "routine", **origin}

    await intake.deliver("cases.case-opened.v1", UUID(case), opened)
    refused = await ask(intake, COORDINATOR, "POST", f"/persons/{person}/erasure", {"ground": "request"})
    assert (refused.status_code, refused.json()["code"]) == (409, "law-binds")
    assert refused.json()["law"] == "quality-of-practice-art-35"
    assert refused.json()["offers"] == ["pseudonymise"]
    wish = {"ground": "request", "then": "pseudonymise"}
    asked = await ask(intake, COORDINATOR, "POST", f"/persons/{person}/erasure", wish)
    done = await ask(intake, OFFICER, "POST", f"/erasures/{asked.json()['id']}/confirmation")
    assert done.status_code == 201, done.text
    left = (await ask(intake, NURSE, "GET", f"/persons/{person}")).json()
    assert (left["family_name"], left["birth_date"]) == ("-", "1950-01-01")
    contacts = (await ask(intake, NURSE, "GET", f"/contacts?person_id={person}")).json()["items"]
    assert [each["topics"] for each in contacts] == [["care.medication"]]
    assert "pill box" not in str(contacts)
    assert "daughter" not in str(contacts)


async def test_a_hold_stops_every_end_until_it_is_ended(intake: UnderTest) -> None:
    person = await somebody(intake)
    asked = await ask(intake, COORDINATOR, "POST", f"/persons/{person}/erasure", {"ground": "request"})
    hold = {"reason": "a claim is before the court", "review_on": "2027-05-01"}
    placed = await ask(intake, OFFICER, "POST", f"/persons/{person}/legal-holds", hold)
    assert placed.status_code == 201
    path = f"/erasures/{asked.json()['id']}/confirmation"
    stopped = await ask(intake, OFFICER, "POST", path)
    assert (stopped.status_code, stopped.json()["code"]) == (409, "legal-hold")
    assert stopped.json()["hold_id"] == placed.json()["id"]
    for then in ("erase", "pseudonymise"):
        wish = {"ground": "consent-withdrawn", "then": then}
        assert (await ask(intake, COORDINATOR, "POST", f"/persons/{person}/erasure", wish)).status_code == 409
    intake.clock.move(days=365 * 60)
    [listed] = (await ask(intake, OFFICER, "GET", "/retention/due")).json()
    assert (listed["person_id"], listed["held"]) == (person, True)
    assert (await ask(intake, OFFICER, "POST", "/retention/executions", {"person_ids": [person]})).json() == []
    ended = await ask(intake, OFFICER, "POST", f"/legal-holds/{placed.json()['id']}/end")
    assert ended.status_code == 201
    assert (await ask(intake, OFFICER, "POST", f"/legal-holds/{placed.json()['id']}/end")).status_code == 409
    assert (await ask(intake, OFFICER, "POST", path)).status_code == 201


async def test_restriction_hides_and_is_lifted_with_everything_as_before(intake: UnderTest) -> None:
    person, other = await somebody(intake), await somebody(intake, family_name="Dupont", birth_date="1961-01-02")
    before = (await ask(intake, NURSE, "GET", "/contacts")).json()["items"]
    why = {"reason": "accuracy-contested"}
    assert (await ask(intake, COORDINATOR, "POST", f"/persons/{person}/restriction", why)).status_code == 201
    for persona in (NURSE, COORDINATOR, "case-manager-nurse"):
        assert (await ask(intake, persona, "GET", f"/persons/{person}")).status_code == 404
    assert (await ask(intake, NURSE, "GET", f"/persons/{other}")).status_code == 200
    assert [each["person_id"] for each in (await ask(intake, NURSE, "GET", "/contacts")).json()["items"]] == [other]
    found = await ask(intake, NURSE, "POST", "/persons/search", {"name": "Lambert"})
    assert person not in found.text
    shown = await ask(intake, OFFICER, "GET", f"/persons/{person}/restrictions")
    assert [each["lifted_at"] for each in shown.json()] == [None]
    refused = await ask(intake, NURSE, "POST", "/contacts", {**CALL, "person_id": person})
    assert refused.status_code == 422
    assert (await ask(intake, COORDINATOR, "POST", f"/persons/{person}/restriction/lift")).status_code == 403
    assert (await ask(intake, OFFICER, "POST", f"/persons/{person}/restriction/lift")).status_code == 201
    assert (await ask(intake, OFFICER, "POST", f"/persons/{person}/restriction/lift")).status_code == 409
    assert (await ask(intake, NURSE, "GET", "/contacts")).json()["items"] == before
    assert (await ask(intake, NURSE, "GET", f"/persons/{person}")).status_code == 200


async def test_the_list_of_those_whose_time_is_over_is_carried_out_by_the_officer_only(intake: UnderTest) -> None:
    person = await somebody(intake)
    assert (await ask(intake, OFFICER, "GET", "/retention/due")).json() == []
    assert (await ask(intake, OFFICER, "POST", "/retention/executions", {"person_ids": [person]})).json() == []
    intake.clock.move(days=365 * 5 + 3)
    young = await somebody(intake, family_name="Dupont", birth_date="1961-01-02")
    [listed] = (await ask(intake, OFFICER, "GET", "/retention/due")).json()
    assert (listed["person_id"], listed["then"]) == (person, "erase")
    await intake.tick()
    intake.known_to = ("relais",)
    await intake.know(person)
    assert (await ask(intake, NURSE, "GET", f"/persons/{person}")).status_code == 200
    assert (
        await ask(intake, COORDINATOR, "POST", "/retention/executions", {"person_ids": [person]})
    ).status_code == 403
    [ended] = (await ask(intake, OFFICER, "POST", "/retention/executions", {"person_ids": [person, young]})).json()
    assert (ended["person_id"], ended["ground"], ended["asked_by"]) == (person, "retention", "retention-policy")
    assert (await ask(intake, NURSE, "GET", f"/persons/{person}")).status_code == 404
    assert (await ask(intake, NURSE, "GET", f"/persons/{young}")).status_code == 200


async def test_where_the_installation_says_so_the_clock_ends_them(
    run_service: Callable[..., AbstractAsyncContextManager[UnderTest]],
) -> None:
    async with run_service("intake", retention_automatic=True) as intake:
        person = await somebody(intake)
        await intake.tick()
        assert (await ask(intake, NURSE, "GET", f"/persons/{person}")).status_code == 200
        intake.clock.move(days=365 * 5 + 3)
        await intake.tick()
        assert (await ask(intake, NURSE, "GET", f"/persons/{person}")).status_code == 404


async def test_the_policy_is_set_as_a_whole_and_not_below_the_law(intake: UnderTest) -> None:
    shipped = (await ask(intake, COORDINATOR, "GET", "/retention-policies")).json()
    assert shipped["changed_by"] is None
    policy = shipped["policy"]
    assert (await ask(intake, COORDINATOR, "PUT", "/retention-policies", policy)).status_code == 403
    policy["rules"][0]["years"] = 29
    refused = await ask(intake, OFFICER, "PUT", "/retention-policies", policy)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": "/rules/0/years", "code": "below-what-the-law-asks"}]
    policy["rules"][0]["years"] = 40
    put = await ask(intake, OFFICER, "PUT", "/retention-policies", policy)
    assert put.status_code == 200
    assert (await ask(intake, OFFICER, "PUT", "/retention-policies", policy)).status_code == 428
    seen = {"if-match": put.headers["etag"]}
    assert (await ask(intake, OFFICER, "PUT", "/retention-policies", policy, **seen)).status_code == 200
    assert (await ask(intake, OFFICER, "PUT", "/retention-policies", policy, **seen)).status_code == 412


async def test_a_kept_answer_is_gone_with_the_person(intake: UnderTest) -> None:
    key = {"idempotency-key": "once"}
    made = await ask(intake, NURSE, "POST", "/persons", ODETTE, **key)
    assert (await ask(intake, NURSE, "POST", "/persons", ODETTE, **key)).json() == made.json()
    asked = await ask(intake, COORDINATOR, "POST", f"/persons/{made.json()['id']}/erasure", {"ground": "request"})
    await ask(intake, OFFICER, "POST", f"/erasures/{asked.json()['id']}/confirmation")
    repeated = await ask(intake, NURSE, "POST", "/persons", ODETTE, **key)
    assert (repeated.status_code, repeated.json()["code"]) == (410, "erased")
