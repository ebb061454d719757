"""What a service tells of somebody is all of theirs, under every id that stands for them, and nothing of others."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import Column, MetaData, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared.rights.holdings import Holding, Source, Walk
from shared.testing.harness import UnderTest
from tests.intake.merge.records import merged_now
from tests.intake.people import CALL, ODETTE, niss_of, registered

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
NOBODY_NAMED = {"masked": "third-party"}
STAFF = {"masked": "staff"}


async def held(running: UnderTest, person: str) -> dict[str, Any]:
    """What a service answers to intake about a person."""
    async with running.client("service-intake") as intake:
        answer = await intake.get(f"/{running.service.name}/subjects/{person}/record")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rows(record: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows of one table."""
    return [row for each in record["tables"] if each["table"] == table for row in each["rows"]]


async def called(nurse: httpx.AsyncClient, **said: Any) -> None:
    """Record a contact."""
    answer = await nurse.post("/intake/contacts", json={**CALL, **said})
    assert answer.status_code == 201, answer.text


async def test_all_of_a_person_is_told_and_nothing_of_who_stands_by_or_works_for_her(run_service: Run) -> None:
    async with run_service("intake") as intake:
        niss = niss_of(1950, 2, 3, 45)
        mother = await registered(
            intake, {**ODETTE, "family_name": "Zqmaman"}, niss=niss, phones=["+32470000001"], email="zqmaman@example.be"
        )
        daughter = await registered(intake, {"family_name": "Zqfille", "given_names": "Anne"}, phones=["+32470000002"])
        async with intake.client("line-nurse", sub="nurse-7f3a") as nurse:
            for seen, relation in enumerate(
                (
                    {"code": "child", "other_id": daughter},
                    {"code": "friend", "name": "Zqamie", "phone": "+32470000003"},
                ),
                1,
            ):
                path = f"/intake/persons/{mother}/relations"
                added = await nurse.post(path, json=relation, headers={"if-match": f'"{seen}"'})
                assert added.status_code == 201, added.text
            of_mother = {"kind": "relative", "relation": "daughter", "person_id": daughter}
            await called(nurse, person_id=mother, note="Zqsa note", caller=of_mother)
            await called(nurse, person_id=daughter, note="Zqautre note", caller={"kind": "patient"})
            draft = await nurse.post("/intake/contacts/drafts", json={})
            saved = await nurse.patch(
                f"/intake/contacts/drafts/{draft.json()['id']}",
                json={"person_id": mother, "note": "Zqbrouillon"},
                headers={"if-match": draft.headers["etag"]},
            )
            assert saved.status_code == 200, saved.text
        of_mother_all, of_daughter = await held(intake, mother), await held(intake, daughter)
        whole, other = json.dumps(of_mother_all), json.dumps(of_daughter)
        for mine in ("Zqmaman", niss, "32470000001", "zqmaman@example.be", "Zqsa note", "Zqbrouillon"):
            assert mine in whole, mine
            assert mine not in other, mine
        for theirs in ("Zqfille", "32470000002", "Zqamie", "32470000003", "Zqautre note", "nurse-7f3a", daughter):
            assert theirs not in whole, theirs
        relations = rows(of_mother_all, "person_relation")
        assert [(each["code"], each.get("name"), each.get("other_id")) for each in relations] == [
            ("child", None, NOBODY_NAMED),
            ("friend", NOBODY_NAMED, None),
        ]
        [contact] = rows(of_mother_all, "contact")
        assert (contact["agent"], contact["caller_person_id"]) == (STAFF, NOBODY_NAMED)
        assert contact["caller"] == {"kind": "relative", "relation": "daughter", "person_id": NOBODY_NAMED}
        as_caller = [each for each in rows(of_daughter, "contact") if "note" not in each]
        assert [set(each) for each in as_caller] == [{"direction", "channel", "started_at", "ended_at", "caller_kind"}]
        assert rows(of_daughter, "person_relation") == [{"code": "child"}], "that she is named, and of nobody what"


async def test_records_that_were_merged_are_one_person(run_service: Run) -> None:
    async with run_service("intake") as intake:
        kept = await registered(intake, {"family_name": "Zqun", "given_names": "Anne"})
        merged = await registered(intake, {"family_name": "Zqdeux", "given_names": "Anne"})
        stranger = await registered(intake, {"family_name": "Zqtrois", "given_names": "Anne"})
        async with intake.client("line-nurse") as nurse, intake.client("coordinator") as coordinator:
            await called(nurse, person_id=kept, note="Zqpremiere")
            await called(nurse, person_id=merged, note="Zqseconde")
            await called(nurse, person_id=stranger, note="Zqtroisieme")
            await merged_now(coordinator, kept, merged, confirmed=["name-differs"])
        for each in (kept, merged):
            whole = json.dumps(await held(intake, each))
            assert all(mark in whole for mark in ("Zqun", "Zqdeux", "Zqpremiere", "Zqseconde"))
            assert not any(mark in whole for mark in ("Zqtrois", "Zqtroisieme", stranger))


async def test_who_looked_is_told_with_purpose_and_role_and_without_a_name(run_service: Run) -> None:
    async with run_service("intake") as intake:
        person, other = await registered(intake), await registered(intake, {**ODETTE, "given_names": "Jeanne"})
        async with intake.client("line-nurse", sub="nurse-7f3a") as nurse:
            for each, times in ((person, 2), (other, 5)):
                for _ in range(times):
                    await nurse.get(f"/intake/persons/{each}", headers={"purpose-of-use": "ETREAT"})
        accesses = (await held(intake, person))["accesses"]
        looks = [each for each in accesses if each["purpose"] == "ETREAT"]
        assert [(each["roles"], each["action"], each["agent"]) for each in looks] == [
            (["line-nurse"], "person:read", None)
        ] * 2
        assert "nurse-7f3a" not in json.dumps(accesses)
        again = (await held(intake, person))["accesses"]
        assert again[0]["action"] == "subject:pull-record", "the copy itself is a look"


def test_people_in_a_message_of_fhir_are_told_by_what_they_are() -> None:
    table = Table("message", MetaData(), Column("id", Uuid, primary_key=True), Column("resources", JSONB))
    holding = Holding(
        labels={},
        by=("id",),
        columns=("id", "resources"),
        source=Source.SENDER,
        tellings={"resources[RelatedPerson]": "third-party", "resources[Patient].contact": "third-party"},
    )
    mine: UUID = uuid4()
    told = Walk(table, holding, frozenset({mine})).told(
        {
            "id": mine,
            "resources": [
                {"resourceType": "Patient", "name": [{"family": "Zqmoi"}], "contact": [{"name": "Zqtiers"}]},
                {"resourceType": "RelatedPerson", "name": [{"family": "Zqfille"}]},
            ],
        }
    )
    assert told["resources"] == [
        {"resourceType": "Patient", "name": [{"family": "Zqmoi"}], "contact": NOBODY_NAMED},
        NOBODY_NAMED,
    ]
