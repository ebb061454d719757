"""What a record says, when it is written, and that no answer leaves without it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from io import BytesIO

import asyncpg
import pytest
from openpyxl import Workbook

from shared.audit.entry import ids_shown
from shared.audit.record import Outcome
from shared.ids import new_id
from shared.local.postgres import EmbeddedPostgres
from shared.testing.harness import UnderTest
from tests.referrals.hl7v2.messages import SMALL, Answer, edited, fresh, sent
from tests.referrals.pushes import CANARIES, FULL, count, id_of, push, register
from tests.security.audit.records import last, records

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


@pytest.fixture
async def referrals(run_service: Run) -> AsyncIterator[UnderTest]:
    async with run_service("referrals") as running:
        await register(running)
        yield running


async def test_a_push_is_recorded_in_its_own_transaction(referrals: UnderTest) -> None:
    referral = id_of(await push(referrals))
    row = await last(referrals)
    async with referrals.app.state.database.raw() as connection:
        told = await connection.fetchval("SELECT xid::text FROM outbox ORDER BY seq DESC LIMIT 1")
    assert row["of"] == told
    assert (row["subject"], row["client"], row["organisation"]) == ("hospital-chu", "hospital-chu", "chu")
    assert (row["roles"], row["action"], row["scope"]) == (["hospital"], "referral:push", "organisation")
    assert (row["method"], row["route"], row["status"], row["outcome"]) == ("POST", "/referrals", 201, "success")
    assert referral in row["entities"]
    assert row["break_glass"] is None


async def test_a_repeat_a_conflict_and_a_bad_push_have_one_record_each(referrals: UnderTest) -> None:
    before = len(await records(referrals))
    async with referrals.client("hospital-chu") as client:
        document = json.loads(json.dumps(FULL))
        statuses = [(await client.post("/referrals", json=document)).status_code for _ in range(2)]
        statuses.append((await client.post("/referrals", json={**document, "urgency": "routine"})).status_code)
        statuses.append((await client.post("/referrals", json={"urgency": "routine"})).status_code)
        statuses.append((await client.post("/referrals", content=b"{")).status_code)
    assert statuses == [201, 201, 409, 422, 400]
    assert [row["status"] for row in (await records(referrals))[before:]] == statuses
    assert await count(referrals) == 1


async def test_an_answer_given_again_is_a_look_of_its_own(referrals: UnderTest) -> None:
    headers = {"idempotency-key": "the-same-key"}
    async with referrals.client("hospital-chu") as client:
        for _ in range(2):
            assert (await client.post("/referrals", json=dict(FULL), headers=headers)).status_code == 201
    first, again = (await records(referrals))[-2:]
    assert first["entities"] == again["entities"]
    assert first["id"] != again["id"]


async def test_what_an_answer_discloses_is_what_is_recorded(referrals: UnderTest) -> None:
    pushed = [id_of(await push(referrals)) for _ in range(3)]
    async with referrals.client("coordinator") as client:
        assert (await client.get("/referrals")).status_code == 200
        assert set(pushed) <= set((await last(referrals))["entities"])
        assert (await client.get(f"/referrals/{pushed[1]}")).status_code == 200
        assert pushed[1] in (await last(referrals))["entities"]
        assert not {pushed[0], pushed[2]} & {*(await last(referrals))["entities"]}
        assert (await client.get("/referrals?state=accepted")).status_code == 200
        assert (await last(referrals))["entities"] == []
        assert (await client.get(f"/referrals/fhir/Patient/{pushed[2]}")).status_code == 200
        assert pushed[2] in (await last(referrals))["entities"]
        assert (await last(referrals))["route"] == "/referrals/fhir/Patient/{resource_id}"


async def test_a_look_that_was_refused_names_what_it_was_after(referrals: UnderTest) -> None:
    referral = id_of(await push(referrals))
    for persona, status in (("hospital-other", 404), ("analyst", 403), (None, 401)):
        async with referrals.client(persona) as client:
            assert (await client.get(f"/referrals/{referral}")).status_code == status
        row = await last(referrals)
        assert (row["subject"], row["status"], row["outcome"]) == (persona or "", status, Outcome.REFUSED)
        assert row["entities"] == [referral]


async def test_the_purpose_is_the_callers_or_the_actions(referrals: UnderTest) -> None:
    async with referrals.client("coordinator") as client:
        for said, status, kept in (
            ({}, 200, "TREAT"),
            ({"purpose-of-use": "HQUALIMP"}, 200, "HQUALIMP"),
            ({"purpose-of-use": "CURIOSITY"}, 422, "TREAT"),
            ({"purpose-of-use": "BTG"}, 422, "TREAT"),
        ):
            answer = await client.get("/referrals", headers=said)
            assert (answer.status_code, (await last(referrals))["purpose"]) == (status, kept)
        await client.get("/referrals/directory/organisations")
    assert (await last(referrals))["purpose"] == "HOPERAT"


async def test_a_search_leaves_a_fingerprint_and_no_words(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        for name in ("Kanarie", "Kanarie", "Andere"):
            answer = await nurse.post("/intake/persons/search", json={"name": name})
            assert answer.status_code == 200, answer.text
        rows = await records(intake, route="/intake/persons/search")
        assert [row["terms"] == rows[0]["terms"] for row in rows] == [True, True, False]
        await nurse.get("/intake/contacts?limit=5")
        assert (await last(intake))["terms"] is None, "the page asked for is no search"
        assert b"Kanarie" not in b"".join(row["terms"] for row in rows)


async def test_no_record_holds_anything_of_a_person(referrals: UnderTest) -> None:
    path = await push(referrals, FULL)
    async with referrals.client("hospital-chu") as client:
        await client.post("/referrals", json={**FULL, "urgency": CANARIES["text"]})
        await client.get(f"{path}?name={CANARIES['family_name']}")
        await client.get(f"/referrals/fhir/Patient?identifier={CANARIES['niss']}")
        await client.get(f"/referrals/{CANARIES['family_name']}/{CANARIES['niss']}")
    told = str(await records(referrals))
    assert [word for word in CANARIES.values() if word in told] == []


async def superuser(postgres: EmbeddedPostgres, running: UnderTest, statement: str) -> None:
    url = postgres.url(running.app.state.database.engine.url.database)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(statement)
    await connection.close()


async def test_without_a_record_there_is_no_answer_and_no_change(
    referrals: UnderTest, postgres: EmbeddedPostgres
) -> None:
    path = await push(referrals)
    await superuser(postgres, referrals, "ALTER TABLE audit_record ADD CHECK (status = 0) NOT VALID")
    async with referrals.client("coordinator") as client:
        for address in (path, "/referrals", "/referrals/nothing", f"{path}x"):
            answer = await client.get(address)
            assert answer.status_code in (500, 503), address
            assert "state" not in answer.text
    async with referrals.client("hospital-chu") as client:
        assert (await client.post("/referrals", json=dict(FULL))).status_code in (500, 503)
        assert (await client.get("/referrals/health/live")).status_code == 200
    async with referrals.client() as client:
        assert (await client.get("/referrals")).status_code == 503, "not even a 401"
    assert await count(referrals) == 1


async def test_a_failure_is_recorded_although_nothing_of_it_stays(
    referrals: UnderTest, postgres: EmbeddedPostgres
) -> None:
    await superuser(postgres, referrals, "ALTER TABLE referral RENAME TO elsewhere")
    async with referrals.client("coordinator") as client:
        assert (await client.get("/referrals")).status_code == 500
    row = await last(referrals)
    assert (row["outcome"], row["status"], row["subject"]) == ("failed", 500, "coordinator")


async def test_hl7_over_http_is_recorded_and_its_refusals_are_refusals(referrals: UnderTest) -> None:
    good: Answer = await sent(referrals, fresh(SMALL, "1"))
    assert good.code == "AA"
    row = await last(referrals)
    assert (row["route"], row["outcome"], len(row["entities"]) >= 1) == ("/referrals/hl7v2", "success", True)
    bad: Answer = await sent(referrals, edited(fresh(SMALL, "2"), "PID-5", None))
    assert bad.code != "AA"
    row = await last(referrals)
    assert (row["route"], row["status"], row["outcome"]) == ("/referrals/hl7v2", 200, "refused")


async def test_a_service_that_pulls_is_recorded_where_it_is_answered(run_service: Run) -> None:
    async with run_service("referrals") as referrals:
        await register(referrals)
        referral = id_of(await push(referrals))
        async with referrals.client("service-intake") as client:
            await client.get(f"/referrals/{referral}/demographics")
        row = await last(referrals)
    assert (row["subject"], row["roles"], row["action"]) == (
        "service-intake",
        ["service-intake"],
        "referral:pull-demographics",
    )
    assert referral in row["entities"]


async def test_times_are_the_clocks_of_the_service(referrals: UnderTest) -> None:
    row = await last(referrals)
    assert isinstance(row["at"], datetime)
    assert row["at"] == referrals.clock.now()


async def test_a_workbook_discloses_what_stands_in_its_cells() -> None:
    known = new_id()
    book = Workbook()
    book.active.append(["case", str(known)])
    written = BytesIO()
    book.save(written)
    assert str(known).encode() not in written.getvalue()
    assert ids_shown(written.getvalue()) == {known}


async def test_every_message_on_the_bare_port_has_one_record(run_service: Run) -> None:
    options = {"mllp_port": 0, "mllp_senders": "CHU=chu@127.0.0.0/8"}
    async with run_service("referrals", **options) as referrals:
        await register(referrals)
        before = len(await records(referrals))
        reader, writer = await asyncio.open_connection("127.0.0.1", referrals.app.state.mllp_port)
        unknown = edited(fresh(SMALL, "3"), "MSH-4", "NOBODY")
        for text in (fresh(SMALL, "1"), edited(fresh(SMALL, "2"), "PID-5", None), unknown, "hello"):
            writer.write(b"\x0b" + text.encode() + b"\x1c\r")
            await reader.readuntil(b"\x1c\r")
        writer.close()
        made = (await records(referrals))[before:]
    assert [(row["method"], row["subject"], row["outcome"]) for row in made] == [
        ("MLLP", "chu", "success"),
        ("MLLP", "chu", "refused"),
        ("MLLP", "", "refused"),
        ("MLLP", "", "refused"),
    ]
    assert len(made[0]["entities"]) >= 1
    assert {row["route"] for row in made} == {"/referrals/hl7v2"}
