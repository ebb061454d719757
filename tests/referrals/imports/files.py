"""Tables of made-up people for the tests of imports, and what the tests do with them."""

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook

from shared.testing.harness import UnderTest

CSV = {"content-type": "text/csv"}
XLSX = {"content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

FULL: Mapping[str, str] = {
    "identifier_system": "urn:chu:referral",
    "identifier_value": "I-1",
    "niss": "50020300103",
    "hospital_number": "H-77",
    "family_name": "Vandenkanarie",
    "given_names": "Serafine-Josse",
    "birth_date": "03/02/1950",
    "gender": "female",
    "language": "fr",
    "phone": "+32 471 98 76 54",
    "street": "Rue du Canari",
    "house_number": "7",
    "box": "2",
    "postal_code": "4000",
    "city": "Liège",
    "nis_code": "62063",
    "reason_text": "vit seule; avec douze canaris,\net un chat",
    "reason_factors": "carer_burden|multimorbidity",
    "urgency": "urgent",
    "admitted_on": "2026-11-02",
    "discharge_on": "25/11/2026",
    "unplanned": "oui",
    "ward": "Aile des canaris",
    "unit_contact": "04 000 00 00",
    "consent_given": "true",
    "consent_kind": "oral",
    "consent_by": "person",
    "consent_on": "2026-11-18",
    "sheet_identifier": "s-1",
    "instrument": "eladeb-r",
    "edition": "2011",
    "filled_on": "2026-11-18",
    "rater": "self",
    "difficulty.housework": "2",
    "need.housework": "1",
    "sources.housework": "F|P",
    "difficulty.addiction": "3",
    "absent.addiction": "refused",
}

TWIN: Mapping[str, Any] = {
    "identifier": {"system": "urn:chu:referral", "value": "I-1"},
    "person": {
        "niss": "50020300103",
        "hospital_number": "H-77",
        "family_name": "Vandenkanarie",
        "given_names": "Serafine-Josse",
        "birth_date": "1950-02-03",
        "gender": "female",
        "language": "fr",
        "phones": ["+32 471 98 76 54"],
        "address": {
            "street": "Rue du Canari",
            "house_number": "7",
            "box": "2",
            "postal_code": "4000",
            "city": "Liège",
            "nis_code": "62063",
        },
    },
    "reason": {"text": "vit seule; avec douze canaris,\net un chat", "factors": ["carer_burden", "multimorbidity"]},
    "urgency": "urgent",
    "stay": {
        "admitted_on": "2026-11-02",
        "discharge_on": "2026-11-25",
        "unplanned": True,
        "ward": "Aile des canaris",
        "unit_contact": "04 000 00 00",
    },
    "consent": {"given": True, "kind": "oral", "by": "person", "on": "2026-11-18"},
    "sheets": [
        {
            "identifier": "s-1",
            "instrument": "eladeb-r",
            "edition": "2011",
            "filled_on": "2026-11-18",
            "rater": "self",
            "answers": {
                "addiction": {"difficulty": 3, "absent": "refused"},
                "housework": {"difficulty": 2, "need": 1, "sources": ["F", "P"]},
            },
        }
    ],
}

SMALL: Mapping[str, str] = {
    "identifier_system": "urn:chu:referral",
    "identifier_value": "S-1",
    "family_name": "Lambert",
    "given_names": "Odette",
    "consent_given": "non",
}

FAULTS: Sequence[tuple[str, str, str]] = (
    ("niss", "85073003327", "niss-check-digits"),
    ("niss", "5073003326", "leading-zero-lost"),
    ("niss", "8.50730e+10", "scientific-notation"),
    ("birth_date", "1/2/1950", "wrong-format"),
    ("birth_date", "1950-02-31", "wrong-format"),
    ("birth_date", "2027-01-01", "in-future"),
    ("postal_code", "400", "wrong-format"),
    ("phone", "471987654", "leading-zero-lost"),
    ("consent_given", "peut-être", "wrong-type"),
    ("gender", "femme", "not-one-of"),
    ("family_name", "=HYPERLINK(1)", "formula"),
    ("given_names", "", "required"),
    ("urgency", "later", "not-one-of"),
    ("need.housework", "4", "level_out_of_range"),
    ("sources.housework", "X", "not-one-of"),
    ("absent.housework", "refused", "absent_reason_with_answer"),
    ("discharge_on", "2026-10-01", "before-admission"),
    ("reason_factors", "Une phrase", "wrong-format"),
)


def csv_of(rows: Iterable[Mapping[str, str]], columns: Sequence[str] | None = None, separator: str = ";") -> bytes:
    """A CSV file of these rows."""
    rows = list(rows)
    written = io.StringIO()
    names = columns or list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(written, names, delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def xlsx_of(rows: Iterable[Mapping[str, Any]], merged: str | None = None) -> bytes:
    """An Excel workbook of these rows; values keep their types."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    workbook = Workbook()
    sheet = workbook.active
    for row in [dict(zip(names, names, strict=True)), *rows]:
        sheet.append([row.get(name) for name in names])
    if merged:
        sheet.merge_cells(merged)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def cells_of(workbook: bytes) -> list[dict[str, Any]]:
    """The rows of a workbook by its header."""
    header, *rows = load_workbook(io.BytesIO(workbook)).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def many(count: int, share_wrong: float, seed: int = 1) -> tuple[list[dict[str, str]], list[tuple[int, str, str]]]:
    """Rows with planted faults, and the exact list of (row, column, code) that they must give."""
    chance = random.Random(seed)
    wrong = set(chance.sample(range(count), round(count * share_wrong)))
    rows: list[dict[str, str]] = []
    planted: list[tuple[int, str, str]] = []
    for number in range(count):
        row = {**FULL, "identifier_value": f"I-{number}", "hospital_number": f"H-{number}"}
        if number in wrong:
            column, value, code = FAULTS[len(planted) % len(FAULTS)]
            row[column] = value
            planted.append((number + 2, column, code))
        rows.append(row)
    return rows, planted


async def send(
    referrals: UnderTest, body: bytes, kind: Mapping[str, str] = CSV, persona: str = "hospital-chu", **query: Any
) -> httpx.Response:
    """Send a table to be imported."""
    async with referrals.client(persona) as client:
        return await client.post("/referrals/imports", content=body, headers=dict(kind), params=query)


async def finished(referrals: UnderTest, answer: httpx.Response, persona: str = "hospital-chu") -> dict[str, Any]:
    """The import of an answer, once it is through."""
    assert answer.status_code == 202, answer.text
    await work(referrals)
    async with referrals.client(persona) as client:
        found: dict[str, Any] = (await client.get(answer.headers["location"])).json()
    assert found["progress"] == 1.0
    return found


async def work(referrals: UnderTest, steps: int | None = None) -> None:
    """Let the clock's import work run, to its end or for some steps."""
    [tick] = [each for each in referrals.service.handlers.ticks if each.name == "go_on_with_imports"]
    while steps is None or steps > 0:
        async with referrals.app.state.database.transaction() as transaction:
            more = await tick.call(transaction)
        if not more:
            return
        steps = None if steps is None else steps - 1


async def errors(referrals: UnderTest, import_id: str, limit: int = 200) -> list[tuple[int, str, str]]:
    """Every (row, column, code) of an import, over all pages."""
    found: list[tuple[int, str, str]] = []
    query: dict[str, Any] | None = {"limit": limit}
    async with referrals.client("hospital-chu") as client:
        while query:
            page = (await client.get(f"/referrals/imports/{import_id}/errors", params=query)).json()
            found += listed(page["items"])
            query = {"limit": limit, "cursor": page["next"]} if page["next"] else None
    return found


def listed(rejected: Iterable[Mapping[str, Any]]) -> list[tuple[int, str, str]]:
    """Rejected rows as (row, column, code)."""
    return [(row["row"], fault["column"], fault["code"]) for row in rejected for fault in row["faults"]]
