"""Imports of people and of past contacts, on a real database."""

import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from services.intake.store import Imports
from shared.testing.harness import UnderTest
from tests.intake.imports.lists import (
    CONTACT,
    CONTACT_FAULTS,
    CSV,
    FAULTS,
    PERSON,
    csv_of,
    errors,
    finished,
    listed,
    many,
    rows_of,
    send,
    work,
)
from tests.intake.people import faults, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
XLSX = {"content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def xlsx_of(rows: list[dict[str, Any]]) -> bytes:
    """An Excel workbook of these rows."""
    workbook = Workbook()
    names = list(rows[0])
    for row in [dict(zip(names, names, strict=True)), *rows]:
        workbook.active.append([row.get(name) for name in names])
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


# People


async def test_a_row_is_the_person_that_the_api_would_have_registered(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as client:
        found = await finished(intake, await send(intake, csv_of([PERSON])))
        [row] = await rows_of(intake, found["id"])
        person = (await client.get(f"/intake/persons/{row['target_id']}")).json()
        assert (person["niss"], person["birth_date"], person["phones"]) == (
            PERSON["niss"],
            "1950-02-03",
            ["+32471987654", "+3242221100"],
        )
        assert person["hospital_numbers"] == [{"organisation": "chu", "number": "H-77"}]
        assert (person["address"]["city"], person["lives_alone"]) == ("Liège", True)
        assert len(await told(intake, "person-registered")) == 1


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_wrong_cell_is_named_by_row_column_and_code_and_never_by_value(
    run_service: Run, fault: tuple[str, str, str]
) -> None:
    column, value, code = fault
    async with run_service("intake") as intake:
        answer = await send(intake, csv_of([PERSON, {**PERSON, "reference": "P-2", column: value}]), dry_run=True)
        assert listed(answer.json()["errors"]) == [(3, column, code)]
        assert not value or value not in answer.text
        assert await intake.announced() == []


async def test_a_thousand_rows_with_planted_faults_give_exactly_these(run_service: Run) -> None:
    rows, planted = many(1000, 0.05)
    async with run_service("intake") as intake:
        body = csv_of(rows)
        dry = (await send(intake, body, dry_run=True)).json()
        found = await finished(intake, await send(intake, body))
        assert listed(dry["errors"]) == planted
        assert await errors(intake, found["id"]) == planted
        assert (found["entered"], found["rejected"], found["review"]) == (950, 50, 0)
        assert (dry["entered"], dry["rejected"]) == (950, 50)
        assert len(await told(intake, "person-registered")) == 950


async def test_people_of_the_index_and_of_the_list_itself_are_recognised(run_service: Run) -> None:
    async with run_service("intake") as intake:
        at_hand = await registered(intake)
        odette = {"family_name": "LAMBERT", "given_names": "Odette", "birth_date": "1950-02-03", "phone": "0471987654"}
        similar = {"family_name": "Lambert", "given_names": "O.", "birth_date": "03/02/1950"}
        rows = [
            odette,
            dict(PERSON),
            {**PERSON, "reference": "P-2", "niss": "", "hospital_number": "", "hospital": ""},
            similar,
        ]
        body = csv_of([{"reference": "", **row} for row in rows])
        dry = (await send(intake, body, dry_run=True)).json()
        found = await finished(intake, await send(intake, body))
        states = [row["state"] for row in await rows_of(intake, found["id"])]
        assert states == ["known", "entered", "known", "review"]
        assert (dry["known"], dry["entered"], dry["review"], dry["to_review"]) == (2, 1, 1, [5])
        assert (await rows_of(intake, found["id"]))[0]["target_id"] == at_hand
        async with intake.client("line-nurse") as nurse:
            assert (await nurse.get(f"/intake/persons/{at_hand}")).json()["phones"] == ["+32471987654"]


async def test_somebody_decides_who_an_unsure_row_is_once(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        at_hand = await registered(intake)
        rows = [
            {"reference": "P-8", "family_name": "Lambert", "given_names": "O.", "birth_date": "1950-02-03"},
            {"reference": "P-9", "family_name": "Lambert", "given_names": "Odettte", "birth_date": "1950-02-03"},
        ]
        found = await finished(intake, await send(intake, csv_of(rows)))
        path = f"/intake/imports/{found['id']}/reviews"
        items = (await nurse.get(path)).json()["items"]
        assert [item["row"] for item in items] == [2, 3]
        assert items[0]["incoming"]["given_names"] == "O."
        assert items[0]["candidates"][0]["person"]["id"] == at_hand
        half = await nurse.post(f"{path}/2/decision", json={"decision": "same"})
        same = await nurse.post(f"{path}/2/decision", json={"decision": "same", "person_id": at_hand})
        again = await nurse.post(f"{path}/2/decision", json={"decision": "new"})
        new = await nurse.post(f"{path}/3/decision", json={"decision": "new"})
        assert (half.status_code, same.status_code, again.status_code, new.status_code) == (422, 201, 409, 201)
        assert again.json()["code"] == "already-decided"
        assert (same.json()["state"], new.json()["state"]) == ("known", "entered")
        assert (await nurse.get(path)).json()["items"] == []
        contact = await finished(
            intake, await send(intake, csv_of([{**CONTACT, "person_reference": "P-8"}]), "contacts")
        )
        assert contact["entered"] == 1


async def test_a_stopped_import_goes_on_and_the_same_file_is_the_same_import(run_service: Run) -> None:
    rows, planted = many(200, 0.05)
    async with run_service("intake") as intake:
        first = await send(intake, csv_of(rows))
        await work(intake, 2)
        async with intake.client("coordinator") as client:
            half = (await client.get(first.headers["location"])).json()
        assert 0 < half["progress"] < 1
        second = await send(intake, csv_of(rows))
        assert second.headers["location"] == first.headers["location"]
        found = await finished(intake, second)
        third = await finished(intake, await send(intake, csv_of(rows)))
        assert (third["entered"], third["rejected"]) == (found["entered"], found["rejected"]) == (190, 10)
        assert await errors(intake, found["id"]) == planted
        assert len(await told(intake, "person-registered")) == 190


async def test_a_list_that_is_sent_again_while_a_part_of_it_enters_is_answered_at_once(run_service: Run) -> None:
    async with run_service("intake") as intake:
        rows = csv_of(many(20, 0)[0])
        first = await send(intake, rows)
        async with intake.app.state.database.transaction() as working:
            assert await Imports(working).next(5)
            again = await send(intake, rows)
        assert again.json() == first.json()


async def test_the_workbook_of_rejected_rows_comes_back_corrected(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as client:
        found = await finished(
            intake, await send(intake, csv_of([PERSON, {**PERSON, "reference": "P-2", "gender": "F"}]))
        )
        book = (await client.get(f"/intake/imports/{found['id']}/rejected.xlsx")).content
        sheet = load_workbook(io.BytesIO(book)).active
        header, row = ([cell.value for cell in line] for line in sheet.iter_rows())
        assert row[: header.index("#fr")] == ["3", "gender", "not-one-of"]
        corrected = [{**dict(zip(header, row, strict=True)), "gender": "female"}]
        again = await finished(intake, await send(intake, xlsx_of(corrected), media=XLSX))
        assert again["known"] == 1


async def test_the_cells_of_rejected_rows_are_forgotten_and_of_entered_ones_not_even_kept(run_service: Run) -> None:
    async with run_service("intake") as intake:
        found = await finished(
            intake, await send(intake, csv_of([PERSON, {**PERSON, "reference": "P-2", "gender": "F"}]))
        )
        query = "SELECT count(*) FROM import_row WHERE content IS NOT NULL"
        async with intake.app.state.database.raw() as connection:
            assert await connection.fetchval(query) == 1
            intake.clock.move(days=31)
            await intake.tick()
            assert await connection.fetchval(query) == 0
        assert await errors(intake, found["id"]) == [(3, "gender", "not-one-of")]


async def test_another_list_is_read_by_its_column_mapping(run_service: Run) -> None:
    mapping = {
        "kind": "persons",
        "columns": {"Nom": "family_name", "Prénom": "given_names", "Sexe": "gender", "Divers": None},
        "values": {"gender": {"F": "female", "M": "male"}},
        "defaults": {"language": "fr"},
    }
    async with run_service("intake") as intake, intake.client("coordinator") as client:
        assert (await client.put("/intake/import-mappings/old", json=mapping)).status_code == 204
        assert (await client.put("/intake/import-mappings/old", json=mapping)).status_code == 204
        other = await client.put("/intake/import-mappings/old", json={**mapping, "defaults": {}})
        assert (other.status_code, other.json()["code"]) == (409, "mapping-exists")
        wrong = await client.put("/intake/import-mappings/x", json={**mapping, "columns": {"Nom": "surname"}})
        assert (wrong.status_code, faults(wrong)) == (422, {("/columns/0", "unknown-column")})
        body = csv_of([{"Nom": "Dupont", "Prénom": "Luc", "Sexe": "M", "Divers": "x"}])
        found = await finished(intake, await send(intake, body, mapping="old"))
        [row] = await rows_of(intake, found["id"])
        person = (await client.get(f"/intake/persons/{row['target_id']}")).json()
        assert (person["family_name"], person["gender"], person["language"]) == ("Dupont", "male", "fr")
        assert (await send(intake, body, "contacts", mapping="old")).json()["code"] == "unknown-mapping"
        refused = await send(intake, body)
        assert (refused.status_code, refused.json()["code"]) == (422, "table-refused")


# Contacts


async def with_person(intake: UnderTest) -> str:
    """The id of the person whom past contacts are about."""
    found = await finished(intake, await send(intake, csv_of([PERSON])))
    return str((await rows_of(intake, found["id"]))[0]["target_id"])


async def test_a_past_contact_stands_among_the_others_on_its_own_day(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as client:
        person_id = await with_person(intake)
        by_niss = {**CONTACT, "reference": "C-2", "person_reference": "", "person_niss": PERSON["niss"]}
        found = await finished(intake, await send(intake, csv_of([CONTACT, by_niss]), "contacts"))
        assert found["entered"] == 2
        asked = {"person_id": person_id, "topic": "care"}
        listed_ = (await client.get("/intake/contacts", params=asked)).json()["items"]
        assert [(each["started_at"], each["ended_at"]) for each in listed_] == [
            ("2024-03-05T13:30:00Z", "2024-03-05T13:42:00Z")
        ] * 2
        assert listed_[0]["agent"] == "Old nurse"
        facts = await told(intake, "contact-imported")
        assert [(fact["person_id"], fact["on"]) for fact in facts] == [(person_id, "2024-03-05")] * 2


async def test_the_past_asks_nothing_of_anybody(run_service: Run) -> None:
    relayed = {"outcome": "relayed", "reason": "medical-complexity", "urgency": "urgent"}
    oriented = {"outcome": "oriented", "reason": "service-covers-need", "organisation": "centre"}
    refused = {"outcome": "no-one-could-help", "reason": "no-service"}
    wished = {"outcome": "call-back", "reason": "not-reached"}
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        await with_person(intake)
        rows = [
            {**CONTACT, "organisation": "", "urgency": "", **each, "reference": f"C-{number}"}
            for number, each in enumerate([relayed, oriented, refused, wished])
        ]
        found = await finished(intake, await send(intake, csv_of(rows), "contacts"))
        assert found["entered"] == 4
        types = {kind for kind, _ in await intake.announced()}
        assert types == {"intake.person-registered.v1", "intake.contact-imported.v1"}
        assert (await nurse.get("/intake/callbacks")).json()["items"] == []


async def test_past_demands_that_nobody_could_help_with_are_gaps_of_their_month_and_commune(run_service: Run) -> None:
    refused = {**CONTACT, "outcome": "no-one-could-help", "reason": "no-service", "topics": "need.food|need.transport"}
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        await with_person(intake)
        body = csv_of([{**refused, "reference": f"C-{number}"} for number in range(6)])
        for _ in range(2):
            await finished(intake, await send(intake, body, "contacts"))
        seen = await coordinator.get("/intake/analytics/gaps", params={"by": ["topic", "commune"]})
        assert {(each["topic"], each["commune"], each["count"]) for each in seen.json()["rows"]} == {
            ("need.food", "62063", 6),
            ("need.transport", "62063", 6),
        }


@pytest.mark.parametrize("fault", CONTACT_FAULTS, ids=str)
async def test_a_wrong_cell_of_a_contact_is_named_and_nothing_else(
    run_service: Run, fault: tuple[str, str, str]
) -> None:
    column, value, code = fault
    async with run_service("intake") as intake:
        await with_person(intake)
        row = {**CONTACT, column: value} | ({"person_reference": ""} if column == "person_niss" else {})
        answer = await send(intake, csv_of([row]), "contacts", dry_run=True)
        assert listed(answer.json()["errors"]) == [(2, column, code)]


async def test_the_same_reference_is_the_same_contact_in_every_file(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await with_person(intake)
        await finished(intake, await send(intake, csv_of([CONTACT]), "contacts"))
        other = {**CONTACT, "minutes": "13"}
        found = await finished(
            intake, await send(intake, csv_of([CONTACT, other, {**CONTACT, "reference": "C-3"}]), "contacts")
        )
        assert [row["state"] for row in await rows_of(intake, found["id"])] == ["known", "rejected", "entered"]
        assert await errors(intake, found["id"]) == [(3, "reference", "reference-reused")]


# Who may, and what is refused


async def test_only_the_programmes_coordinators_import_and_see_only_their_own(run_service: Run) -> None:
    async with run_service("intake") as intake:
        found = await finished(intake, await send(intake, csv_of([PERSON])))
        async with intake.client("line-nurse") as nurse:
            denied = await nurse.post("/intake/imports", params={"kind": "persons"}, content=b"", headers=CSV)
            assert denied.status_code == 403
        async with intake.client("coordinator", org_id="other") as stranger:
            assert (await stranger.get(f"/intake/imports/{found['id']}")).status_code == 404
            assert (await stranger.get(f"/intake/imports/{found['id']}/reviews")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        (b"", 422, ("/columns/family_name", "missing-column")),
        (b"family_name;given_names\n", 422, ("", "no-rows")),
        (b"family_name;given_names;shoe_size\nA;B;44\n", 422, ("/columns/C", "unknown-column")),
        (b"\xff\xfe", 422, ("", "not-utf8")),
        (b"family_name;given_names\n\0;B\n", 422, ("", "nul-character")),
    ],
)
async def test_a_file_that_can_mean_nothing_is_refused_whole(
    run_service: Run, body: bytes, status: int, fault: tuple[str, str]
) -> None:
    async with run_service("intake") as intake:
        answer = await send(intake, body)
        assert answer.status_code == status
        assert fault in faults(answer)
        assert (await send(intake, body, media={"content-type": "application/json"})).status_code == 415
