"""Rotation: while the service works, once killed again, until nothing is left under the old key."""

import asyncio
from typing import Any

import pytest

from shared.encryption import Unreadable
from shared.encryption import rotation as module
from shared.encryption.keys import Keyring
from shared.testing.harness import UnderTest, under_test
from tests.conftest import Databases, load
from tests.intake.people import CALL, ODETTE, niss_of, registered
from tests.security.encryption.rest import BOTH, NEW, OLD, counted, dump, keys, plain, rotation

NISS = niss_of(1950, 2, 3, 12)
WHO: dict[str, Any] = {
    "niss": NISS,
    "phones": ["042222222"],
    "email": "odette@example.be",
    "address": {"street": "Rue de la Canarie", "house_number": "3", "postal_code": "4020", "nis_code": "62063"},
    "hospital_numbers": [{"organisation": "chu", "number": "H-77012"}],
}
LETTERS = "bcdfghjklmnp"
MARKS = (NISS, "42222222", "odette@", "Canarie", "H-77012", "pill box", "Odette", "Lambert", "lmbr")


async def found(intake: UnderTest, **terms: Any) -> list[str]:
    """Whom a search finds."""
    async with intake.client("line-nurse") as nurse:
        answer = await nurse.post("/intake/persons/search", json=terms)
    assert answer.status_code == 200, answer.text
    return [item["person"]["id"] for item in answer.json()["items"]]


async def called(intake: UnderTest, person: str) -> str:
    """A call about somebody, with a note."""
    async with intake.client("line-nurse") as nurse:
        answer = await nurse.post("/intake/contacts", json={**CALL, "person_id": person})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize(
    "terms",
    [
        {"niss": NISS},
        {"phone": "042222222"},
        {"name": "Odette Lambert"},
        {"name": "Lamberd", "birth_date": "1950-02-03"},
    ],
    ids=["niss", "phone", "name", "misspelt"],
)
async def test_who_is_encrypted_is_found_before_during_and_after_a_rotation(
    databases: Databases, terms: dict[str, str]
) -> None:
    service = load("intake")
    urls = await databases.fresh(service)
    async with under_test(service, urls, **keys(OLD)) as intake:
        person = await registered(intake, **WHO)
        assert await found(intake, **terms) == [person]
    async with under_test(service, urls, **keys(BOTH)) as intake:
        assert await found(intake, **terms) == [person]
        async with intake.client("line-nurse") as nurse:
            again = await nurse.post("/intake/persons", json={**ODETTE, **WHO})
        assert (again.status_code, again.json()["code"]) == (409, "already-registered")
    async with rotation(service, urls, BOTH) as rotating:
        assert [each async for each in rotating.run()]
        assert await rotating.old() == 0
    async with under_test(service, urls, **keys(NEW)) as intake:
        assert await found(intake, **terms) == [person]


async def test_a_dump_holds_nothing_of_anybody(databases: Databases) -> None:
    service = load("intake")
    urls = await databases.fresh(service)
    async with under_test(service, urls, **keys(OLD)) as intake:
        person = await registered(intake, **WHO)
        await called(intake, person)
        async with intake.client("line-nurse") as nurse:
            changed = {"given_names": "Odette Marie", "phones": ["042222223"]}
            assert (
                await nurse.patch(f"/intake/persons/{person}", json=changed, headers={"if-match": '"1"'})
            ).is_success
            relative = {"code": "daughter", "name": "Marie Lambert", "phone": "042222222"}
            await nurse.post(f"/intake/persons/{person}/relations", json=relative, headers={"if-match": '"2"'})
    kept = await dump(urls)
    assert kept.count("relais:1:old:") > 10
    assert [mark for mark in MARKS if mark in kept] == []


async def test_what_an_older_version_wrote_in_clear_is_found_read_and_then_encrypted(databases: Databases) -> None:
    service = load("intake")
    urls = await databases.fresh(service)
    async with under_test(service, urls, **keys(NEW)) as intake:
        person = await registered(intake, **WHO)
        contact = await called(intake, person)
        await plain(
            urls,
            f"UPDATE person SET niss = '{NISS}', niss_mark = '{NISS}', phones = '[\"+3242222222\"]', index_key = '',"
            " family_name = 'Lambert', given_names = 'Odette', hospital_numbers = '[]', email = 'odette@example.be',"
            ' address = \'{"street": "Rue de la Canarie", "nis_code": "62063"}\','
            " marks = '{phone:+3242222222,word:lmbr}'",
            "UPDATE contact SET note = 'Asked about the pill box.', caller = '{\"kind\": \"relative\"}'",
        )
        assert "Canarie" in await dump(urls)
        assert await found(intake, niss=NISS) == await found(intake, phone="042222222") == [person]
        async with intake.client("line-nurse") as nurse:
            assert (await nurse.get(f"/intake/contacts/{contact}")).json()["note"] == CALL["note"]
        async with rotation(service, urls, NEW) as rotating:
            assert (await counted(rotating))[""] > 8
            assert {each.table async for each in rotating.run()} >= {"person", "contact"}
            assert set(await counted(rotating)) == {"new"}
        kept = await dump(urls)
        assert [mark for mark in MARKS if mark in kept] == []
        assert await found(intake, niss=NISS) == await found(intake, phone="042222222") == [person]
        async with intake.client("line-nurse") as nurse:
            seen = (await nurse.get(f"/intake/persons/{person}")).json()
        assert seen["address"]["street"] == "Rue de la Canarie"


async def test_a_value_moved_to_another_column_is_an_error_and_never_garbage(databases: Databases) -> None:
    service = load("intake")
    urls = await databases.fresh(service)
    async with under_test(service, urls, **keys(NEW)) as intake:
        person = await registered(intake, **WHO)
        await plain(urls, "UPDATE person SET family_name = niss")
        async with intake.client("line-nurse") as nurse:
            answer = await nurse.get(f"/intake/persons/{person}")
        assert answer.status_code == 500
        assert "relais:1" not in answer.text
        async with rotation(service, urls, BOTH.replace("new", "newer")) as rotating:
            with pytest.raises(Unreadable, match=r"intake\.person"):
                assert [each async for each in rotating.run()]


async def test_rotation_beside_a_working_service_loses_nothing_and_leaves_nothing_old(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    service = load("intake")
    urls = await databases.fresh(service)
    async with under_test(service, urls, **keys(OLD)) as intake:
        people = [
            await registered(intake, {**ODETTE, "family_name": f"Lambert{'abcdefghijklmn'[n]}"}) for n in range(12)
        ]
    async with under_test(service, urls, **keys(BOTH)) as intake:

        async def write() -> None:
            async with intake.client("line-nurse") as nurse:
                for number, person in enumerate(people):
                    body = {"phones": [f"0422222{number:02}"]}
                    answer = await nurse.patch(f"/intake/persons/{person}", json=body, headers={"if-match": '"1"'})
                    assert answer.status_code == 200, answer.text
                    await registered(intake, {**ODETTE, "family_name": f"Dubois{LETTERS[number]}"})

        async def rotate() -> None:
            async with rotation(service, urls, BOTH) as rotating:
                while await rotating.old():
                    assert len([each async for each in rotating.run()]) >= 0

        await asyncio.gather(write(), rotate())
        async with rotation(service, urls, BOTH) as after:
            assert set(await counted(after)) == {"new"}
        for number, person in enumerate(people):
            assert await found(intake, phone=f"0422222{number:02}") == [person]


async def test_a_rotation_that_was_killed_goes_on(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    service = load("intake")
    urls = await databases.fresh(service)
    async with under_test(service, urls, **keys(OLD)) as intake:
        for name in "abcdefg":
            await registered(intake, {**ODETTE, "family_name": f"Lambert{name}"})
    async with rotation(service, urls, BOTH) as first:
        before = await first.old()
        run = first.run()
        await anext(run)
        await run.aclose()
        left = await first.old()
        assert 0 < left < before
    async with rotation(service, urls, BOTH) as second:
        rows = sum([each.rows async for each in second.run() if each.table == "person"])
        assert rows == 5
        assert await second.old() == 0


async def test_a_key_that_is_taken_away_too_early_is_told_of(databases: Databases) -> None:
    service = load("intake")
    urls = await databases.fresh(service)
    async with under_test(service, urls, **keys(OLD)) as intake:
        person = await registered(intake, **WHO)
    async with under_test(service, urls, **keys(NEW)) as intake, intake.client("line-nurse") as nurse:
        assert (await nurse.get(f"/intake/persons/{person}")).status_code == 500
    async with rotation(service, urls, NEW) as rotating:
        assert (await counted(rotating))["old"] > 5
    assert Keyring.read(BOTH).names == ["new", "old"]
