"""Imports through the door: the same commands as the push, exact faults, resumable, repeat-safe."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from services.referrals.store import Referrals
from shared.testing.harness import UnderTest, under_test
from tests.conftest import Databases, load
from tests.referrals.imports.files import (
    FULL,
    SMALL,
    TWIN,
    XLSX,
    cells_of,
    csv_of,
    errors,
    finished,
    listed,
    many,
    send,
    work,
    xlsx_of,
)
from tests.referrals.pushes import count, push, register

Running = Callable[..., AbstractAsyncContextManager[UnderTest]]


@pytest.fixture
async def restarted(databases: Databases) -> Callable[[], AbstractAsyncContextManager[UnderTest]]:
    """`async with restarted() as referrals:` - the service again and again on one database."""
    service = load("referrals")
    database = await databases.fresh(service)
    async with under_test(service, database) as referrals:
        await register(referrals)
    return lambda: under_test(service, database)


async def test_an_imported_row_and_its_json_twin_are_one_referral(referrals: UnderTest) -> None:
    answer = await send(referrals, csv_of([FULL]))
    found = await finished(referrals, answer)
    assert (found["state"], found["received"], found["rejected"]) == ("finished", 1, 0)
    place = await push(referrals, TWIN)
    async with referrals.client("hospital-chu") as client:
        seen = (await client.get(place)).json()
    assert seen["door"] == "import"
    assert seen["document"]["person"]["phones"] == TWIN["person"]["phones"]
    assert await count(referrals) == 1


async def test_a_row_that_was_pushed_before_is_a_repetition(referrals: UnderTest) -> None:
    await push(referrals, TWIN)
    found = await finished(referrals, await send(referrals, xlsx_of([FULL, SMALL]), XLSX))
    assert (found["received"], found["repeated"], found["rejected"]) == (1, 1, 0)
    assert await count(referrals) == 2


async def test_six_hundred_rows_give_the_exact_faults_and_the_others_enter(referrals: UnderTest) -> None:
    rows, planted = many(600, 0.1)
    found = await finished(referrals, await send(referrals, csv_of(rows)))
    assert (found["rows"], found["received"], found["rejected"]) == (600, 600 - len(planted), len(planted))
    assert await errors(referrals, found["id"], limit=7) == planted
    assert await count(referrals) == 600 - len(planted)
    told = [kind for kind, _ in await referrals.announced() if kind == "referrals.referral-received.v1"]
    assert len(told) == 600 - len(planted)


async def test_a_dry_run_says_the_same_and_stores_nothing(referrals: UnderTest) -> None:
    rows, planted = many(80, 0.3)
    good = [number for number in range(80) if number + 2 not in {row for row, _, _ in planted}]
    rows[good[0]]["hospital_number"] = FULL["hospital_number"]
    known = {"system": "urn:chu:referral", "value": f"I-{good[0]}"}
    await push(referrals, {**TWIN, "identifier": known})
    rows.append({**SMALL, "identifier_value": f"I-{good[1]}"})
    expected = [*planted, (82, "identifier_value", "identifier-reused")]
    answer = await send(referrals, csv_of(rows), dry_run=True)
    assert answer.status_code == 200
    found = answer.json()
    assert listed(found["errors"]) == expected
    assert (found["rows"], found["rejected"], found["repeated"]) == (81, len(expected), 1)
    assert await count(referrals) == 1
    async with referrals.app.state.database.raw() as connection:
        assert await connection.fetchval("SELECT count(*) FROM import_row") == 0


async def test_the_same_file_again_is_the_same_import_and_brings_nothing_new(referrals: UnderTest) -> None:
    rows, _ = many(60, 0.1)
    answers = await asyncio.gather(*(send(referrals, csv_of(rows)) for _ in range(5)))
    found = await finished(referrals, answers[0])
    again = await finished(referrals, await send(referrals, csv_of(rows)))
    assert {answer.json()["id"] for answer in answers} == {found["id"]} == {again["id"]}
    assert {**again, "finished_at": None} == {**found, "finished_at": None}
    assert await count(referrals) == 54


async def test_a_rejected_row_is_looked_at_once_more_when_its_file_comes_again(referrals: UnderTest) -> None:
    body = csv_of([{**FULL, "consent_on": "2026-11-25"}])
    assert (await finished(referrals, await send(referrals, body)))["rejected"] == 1
    referrals.clock.move(days=7)
    again = await finished(referrals, await send(referrals, body))
    assert (again["received"], again["rejected"]) == (1, 0)


async def test_an_import_that_was_killed_in_the_middle_goes_on_where_it_was(
    restarted: Callable[[], AbstractAsyncContextManager[UnderTest]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, planted = many(600, 0.05)
    async with restarted() as referrals:
        answer = await send(referrals, csv_of(rows))
        await work(referrals, steps=3)
        calls = 0
        receive = Referrals.receive

        async def killed(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == 20:
                raise asyncio.CancelledError
            return await receive(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(Referrals, "receive", killed)
            with pytest.raises(asyncio.CancelledError):
                await work(referrals, steps=1)
        assert 100 < await count(referrals) <= 150
    async with restarted() as referrals:
        async with referrals.client("hospital-chu") as client:
            halfway = (await client.get(answer.headers["location"])).json()
        assert (halfway["state"], halfway["progress"]) == ("running", 0.25)
        found = await finished(referrals, answer)
        assert (found["received"], found["repeated"], found["rejected"]) == (600 - len(planted), 0, len(planted))
        assert await errors(referrals, found["id"]) == planted
        assert await count(referrals) == 600 - len(planted)


async def test_two_replicas_share_the_work_and_no_row_enters_twice(referrals: UnderTest) -> None:
    rows, _ = many(200, 0)
    answers = [await send(referrals, csv_of(part)) for part in (rows[:100], rows[100:])]
    await asyncio.gather(*(work(referrals) for _ in range(4)))
    counts = [await finished(referrals, answer) for answer in answers]
    assert [each["received"] for each in counts] == [100, 100]
    assert await count(referrals) == 200


async def test_all_or_nothing_lets_nothing_enter_beside_a_bad_row(referrals: UnderTest) -> None:
    rows, planted = many(120, 0.02)
    found = await finished(referrals, await send(referrals, csv_of(rows), all_or_nothing=True))
    assert (found["state"], found["received"], found["rejected"]) == ("refused", 0, len(planted))
    assert await errors(referrals, found["id"]) == planted
    assert await count(referrals) == 0
    assert await referrals.types() == [each for each in await referrals.types() if "referral-received" not in each]


async def test_all_or_nothing_lets_all_enter_together(referrals: UnderTest) -> None:
    rows, _ = many(120, 0)
    found = await finished(referrals, await send(referrals, csv_of(rows), all_or_nothing=True))
    assert (found["state"], found["received"]) == ("finished", 120)
    assert await count(referrals) == 120


async def test_all_or_nothing_sees_an_identifier_that_two_rows_share(referrals: UnderTest) -> None:
    rows, _ = many(120, 0)
    rows[110]["identifier_value"] = rows[2]["identifier_value"]
    found = await finished(referrals, await send(referrals, csv_of(rows), all_or_nothing=True))
    assert (found["state"], found["received"]) == ("refused", 0)
    assert await errors(referrals, found["id"]) == [(112, "identifier_value", "identifier-reused")]
    assert await count(referrals) == 0


async def test_the_workbook_of_rejected_rows_comes_back_corrected(referrals: UnderTest) -> None:
    rows, _ = many(3, 0)
    rows[1] |= {"niss": "85073003327", "given_names": "'@rose", "phone": "+32 471 98 76 54"}
    found = await finished(referrals, await send(referrals, csv_of(rows)))
    async with referrals.client("hospital-chu") as client:
        answer = await client.get(f"/referrals/imports/{found['id']}/rejected.xlsx")
    assert answer.headers["content-type"] == XLSX["content-type"]
    [row] = cells_of(answer.content)
    assert (row["#row"], row["#column"], row["#code"]) == ("3", "niss", "niss-check-digits")
    assert all(row[f"#{language}"] for language in ("fr", "nl", "de", "en"))
    assert row["phone"] == "'+32 471 98 76 54"
    assert row["niss"] == "85073003327"
    assert row["reason_text"] == FULL["reason_text"]
    again = await finished(referrals, await send(referrals, xlsx_of([{**row, "niss": FULL["niss"]}]), XLSX))
    assert (again["received"], again["rejected"]) == (1, 0)
    async with referrals.client("hospital-chu") as client:
        newest = (await client.get("/referrals?limit=1")).json()["items"][0]
        person = (await client.get(f"/referrals/{newest['id']}")).json()["document"]["person"]
    assert (person["phones"], person["given_names"]) == (["+32 471 98 76 54"], "@rose")


async def test_an_import_belongs_to_its_organisation(referrals: UnderTest) -> None:
    found = await finished(referrals, await send(referrals, csv_of([{**FULL, "niss": "1"}])))
    place = f"/referrals/imports/{found['id']}"
    for persona, status in (
        ("hospital-other", 404),
        ("coordinator", 200),
        ("line-nurse", 403),
        ("partner-centre", 403),
    ):
        async with referrals.client(persona) as client:
            for path in (place, f"{place}/errors", f"{place}/rejected.xlsx"):
                assert (await client.get(path)).status_code == status, (persona, path)
        other = await send(referrals, csv_of([SMALL]), persona=persona, organisation="chu")
        assert other.status_code == {404: 403, 200: 202}.get(status, 403), persona


async def test_the_programmes_staff_import_for_the_organisation_they_name(referrals: UnderTest) -> None:
    assert (await send(referrals, csv_of([SMALL]), persona="coordinator")).status_code == 422
    assert (await send(referrals, csv_of([SMALL]), persona="coordinator", organisation="nobody")).status_code == 422
    answer = await send(referrals, csv_of([SMALL]), persona="coordinator", organisation="hospital-other")
    await finished(referrals, answer, "coordinator")
    async with referrals.client("hospital-other") as client:
        [seen] = (await client.get("/referrals")).json()["items"]
    assert seen["sender"] == "hospital-other"


async def test_rows_as_received_are_forgotten_and_their_verdicts_stay(referrals: UnderTest) -> None:
    body = csv_of([FULL, {**FULL, "identifier_value": "I-2", "niss": "85073003327"}])
    found = await finished(referrals, await send(referrals, body))
    referrals.clock.move(days=31)
    await referrals.tick()
    async with referrals.client("hospital-chu") as client:
        later = (await client.get(f"/referrals/imports/{found['id']}")).json()
    assert later["rows_forgotten_at"]
    assert (later["received"], later["rejected"]) == (1, 1)
    assert await errors(referrals, found["id"]) == [(3, "niss", "niss-check-digits")]
    async with referrals.app.state.database.raw() as connection:
        assert await connection.fetchval("SELECT count(*) FROM import_row WHERE content IS NOT NULL") == 0
    again = await finished(referrals, await send(referrals, body))
    assert (again["id"], again["received"], again["rejected"]) == (found["id"], 1, 1)


@pytest.mark.parametrize(
    ("media", "status"),
    [
        ("text/csv", 202),
        ("text/csv; charset=UTF-8", 202),
        ("text/csv; charset=iso-8859-1", 415),
        ("application/json", 415),
        ("text/plain", 415),
        ("", 415),
        (XLSX["content-type"], 422),
    ],
)
async def test_a_body_says_what_it_is(referrals: UnderTest, media: str, status: int) -> None:
    assert (await send(referrals, csv_of([SMALL]), {"content-type": media})).status_code == status


async def test_a_file_of_the_wrong_shape_is_refused_and_nothing_of_it_is_repeated(referrals: UnderTest) -> None:
    answer = await send(referrals, csv_of([{**SMALL, "Odette": "1"}]))
    assert answer.status_code == 422
    assert answer.json()["code"] == "table-refused"
    assert answer.json()["errors"] == [{"pointer": "/columns/F", "code": "unknown-column"}]
    assert "Odette" not in answer.text
    assert (await send(referrals, csv_of([SMALL]), dryrun=True)).json()["errors"][0]["code"] == "unknown-parameter"


async def test_a_body_over_twenty_megabytes_is_refused_and_one_of_five_is_not(referrals: UnderTest) -> None:
    assert (await send(referrals, b"x" * (20 * 1024 * 1024 + 1))).status_code == 413
    rows = [{**SMALL, "reason_text": "x" * 9_000, "identifier_value": f"B-{n}"} for n in range(600)]
    assert (await send(referrals, csv_of(rows))).status_code == 202


async def test_no_personal_data_leaves_by_events_or_answers(referrals: UnderTest) -> None:
    rows = [FULL, {**FULL, "identifier_value": "I-2", "niss": "85073003327"}]
    answer = await send(referrals, csv_of(rows))
    found = await finished(referrals, answer)
    async with referrals.client("hospital-chu") as client:
        listing = (await client.get(f"/referrals/imports/{found['id']}/errors")).text
    said = answer.text + listing + json.dumps(found) + json.dumps(await referrals.announced())
    for secret in ("Vandenkanarie", "Serafine", "50020300103", "85073003327", "471", "canaris", "Canari"):
        assert secret not in said
