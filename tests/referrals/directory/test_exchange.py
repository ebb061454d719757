"""The directory as a table: what comes in row by row, and goes out without a formula in it."""

import csv
import io
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.formats.table.directory import HEADER, read_directory, written
from shared.spreadsheets import TableRefused
from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import LIEGE, ORGANISATIONS, SERVICES, codes, found, send
from tests.referrals.pushes import faults

IMPORTS = "/referrals/directory/imports"
EXPORT = "/referrals/directory/export.csv"

COLUMNS = (
    "kind;code;organisation;name;organisation_kind;cbe;languages;domains;communes;whole_region;cost;"
    "capacity;places;capacity_on;verified_on;phone\n"
)
ROWS = """\
organisation;maison;;Maison des soins (fictive);home-care;0403.019.261;fr|de;;;;;;;;2026-05-01;'+32 4 000 00 00
service;visits;maison;Visites;;;fr;leisure|friendship;62063|62096;;free;available;2;04/05/2026;2026-05-01;
service;advice;maison;Conseil social;;;nl;administrative_tasks;;oui;co-payment;;;;;
"""
FILE = COLUMNS + ROWS


async def sent(referrals: UnderTest, text: str, query: str = "", persona: str = "coordinator") -> httpx.Response:
    """Import a text."""
    async with referrals.client(persona) as client:
        headers = {"content-type": "text/csv; charset=utf-8"}
        return await client.post(f"{IMPORTS}{query}", content=text.encode(), headers=headers)


def counts(answer: httpx.Response) -> tuple[int, ...]:
    """created, changed, unchanged, rejected."""
    assert answer.status_code == 200, answer.text
    report = answer.json()
    return tuple(report[name] for name in ("created", "changed", "unchanged", "rejected"))


@pytest.fixture
async def late(referrals: UnderTest) -> UnderTest:
    """The service at a day after those in the file."""
    referrals.clock.move(days=1000)
    return referrals


async def test_a_file_brings_organisations_with_their_services_once(late: UnderTest) -> None:
    assert counts(await sent(late, FILE, "?dry_run=true")) == (3, 0, 0, 0)
    assert await codes(late) == []
    assert counts(await sent(late, FILE)) == (3, 0, 0, 0)
    events = await late.types()
    assert counts(await sent(late, FILE)) == (0, 0, 3, 0)
    assert await late.types() == events, "the same file again tells nothing"
    [visits] = await found(late, commune=LIEGE, domain="leisure")
    assert (visits["organisation"], visits["capacity"]) == (
        "maison",
        {"state": "available", "places": 2, "on": "2026-05-04"},
    )
    organisation = (await send(late, "line-nurse", "GET", f"{ORGANISATIONS}/maison")).json()
    assert (organisation["phone"], organisation["cbe"]) == ("+32 4 000 00 00", "0403019261")


async def test_a_dry_run_of_a_change_changes_nothing(late: UnderTest) -> None:
    await sent(late, FILE)
    before = await late.announced()
    changed = FILE.replace("Conseil social", "Conseil").replace("home-care", "other")
    assert counts(await sent(late, changed, "?dry_run=true")) == (0, 2, 1, 0)
    assert await late.announced() == before
    assert counts(await sent(late, changed)) == (0, 2, 1, 0)
    assert [row["name"] for row in await found(late, q="conseil")] == ["Conseil"]


async def test_neither_room_nor_verification_goes_back_in_time(late: UnderTest) -> None:
    await sent(late, FILE)
    older = FILE.replace("04/05/2026", "03/05/2026").replace("2026-05-01", "2026-04-01").replace("available", "full")
    assert counts(await sent(late, older)) == (0, 0, 3, 0)
    newer = FILE.replace("04/05/2026", "05/05/2026").replace("available", "full")
    assert counts(await sent(late, newer)) == (0, 1, 2, 0)
    assert await codes(late, capacity="full") == ["visits"]


async def test_each_bad_row_is_told_with_its_number_column_and_code_and_the_good_ones_enter(late: UnderTest) -> None:
    lines = FILE.splitlines()
    bad = [
        lines[1].replace("maison;", "bad;", 1).replace("0403.019.261", "0403.019.262"),
        lines[2].replace("visits", "a").replace("62096", "99999"),
        lines[2].replace("visits", "b").replace("leisure", "singing"),
        lines[2].replace("visits", "c").replace(";maison;", ";nobody;"),
        lines[2].replace("visits", "d").replace("04/05/2026", "4 mai"),
        lines[3].replace("advice", "e").replace("oui", ""),
        lines[3].replace("advice", "f") + ";x",
        "person;x",
        lines[3],
        lines[2].replace("visits", "g").replace("04/05/2026", ""),
        lines[2].replace("visits", "h").replace(";;;fr", ";home-care;;fr"),
        lines[2].replace("visits", "i").replace("Visites", "=1+1"),
        lines[2].replace("visits", "j").replace("2026-05-01", "2199-05-01"),
    ]
    answer = await sent(late, "\n".join([*lines, *bad]))
    assert counts(answer) == (3, 0, 0, len(bad))
    told = {
        error["row"]: {(fault["column"], fault["code"]) for fault in error["faults"]}
        for error in answer.json()["errors"]
    }
    assert told == {
        5: {("cbe", "cbe-check-digits")},
        6: {("communes", "unknown-commune")},
        7: {("domains", "unknown_domain")},
        8: {("organisation", "unknown-organisation")},
        9: {("capacity_on", "wrong-format")},
        10: {("communes", "coverage-missing")},
        11: {("", "too-many-cells")},
        12: {("kind", "not-one-of")},
        13: {("code", "repeated")},
        14: {("capacity_on", "required")},
        15: {("organisation_kind", "not-of-a-service")},
        16: {("name", "formula")},
        17: {("verified_on", "in-future")},
    }


REFUSED: list[tuple[str, tuple[str, str]]] = [
    ("kind;code;colour\n", ("/columns/2", "unknown-column")),
    ("kind;name\n", ("/columns/code", "missing-column")),
    ("kind;code;code\n", ("/columns/2", "repeated-column")),
]


async def test_a_file_whose_columns_we_do_not_know_is_refused_whole(referrals: UnderTest) -> None:
    for text, fault in REFUSED:
        answer = await sent(referrals, text)
        assert (answer.status_code, faults(answer)) == (422, {fault}), text


async def test_only_coordinators_and_operators_import_and_only_csv(referrals: UnderTest) -> None:
    for persona in ("partner-centre", "line-nurse", "hospital-chu", "auditor"):
        assert (await sent(referrals, FILE, persona=persona)).status_code == 403
    assert (await send(referrals, "operator", "POST", IMPORTS, {"kind": "service"})).status_code == 415


async def test_what_is_exported_comes_back_unchanged_and_computes_nothing(late: UnderTest) -> None:
    await sent(late, FILE)
    risky: dict[str, Any] = {
        "organisation": "maison",
        "code": "risky",
        "name": "=HYPERLINK(1)",
        "mission": '@SUM(1)\nsecond line; with | and "quotes"',
        "domains": ["food"],
        "postal_codes": ["4000"],
        "cost": {"kind": "paid", "note": "+10 euro"},
    }
    assert (await send(late, "operator", "POST", SERVICES, risky)).status_code == 201
    async with late.client("operator") as client:
        answer = await client.get(EXPORT)
        nobody = await send(late, "line-nurse", "GET", EXPORT)
    assert nobody.status_code == 403
    text = answer.content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    assert "'=HYPERLINK(1)" in cells
    answer = await sent(late, text)
    assert counts(answer) == (0, 0, 8, 0), answer.text


@given(st.text(max_size=40), st.lists(st.sampled_from(HEADER), max_size=40))
def test_whatever_a_file_holds_it_is_read_or_refused(cell: str, names: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([["kind", "code", *names], ["service", "x", *[cell] * len(names)]])
    try:
        rows = read_directory(text.getvalue().encode("utf-8", "surrogatepass"))
    except TableRefused:
        return
    assert all((row.line is None) == bool(row.faults) for row in rows)
    assert written([]).startswith("kind;code;")
