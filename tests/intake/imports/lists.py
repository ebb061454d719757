"""Made-up lists of people and contacts, and what the tests do with them."""

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpx

from shared.testing.harness import UnderTest
from tests.intake.people import niss_of

CSV = {"content-type": "text/csv"}

PERSON: Mapping[str, str] = {
    "reference": "P-1",
    "niss": niss_of(1950, 2, 3, 12),
    "hospital": "chu",
    "hospital_number": "H-77",
    "family_name": "Vandenkanarie",
    "given_names": "Serafine-Josse",
    "birth_date": "03/02/1950",
    "gender": "female",
    "language": "fr",
    "phone": "0471 98 76 54|04 222 11 00",
    "email": "serafine@example.org",
    "street": "Rue du Canari",
    "house_number": "7",
    "box": "2",
    "postal_code": "4000",
    "city": "Liège",
    "nis_code": "62063",
    "preferred_channel": "call",
    "lives_alone": "oui",
}

CONTACT: Mapping[str, str] = {
    "reference": "C-1",
    "person_reference": "P-1",
    "direction": "inbound",
    "channel": "call",
    "caller_kind": "relative",
    "caller_relation": "daughter",
    "started_at": "05/03/2024 14:30",
    "minutes": "12",
    "language": "fr",
    "topics": "care.medication|need.housework",
    "note": "Canari malade; a rappelé.",
    "outcome": "answered",
    "reason": "information-given",
    "agent": "Old nurse",
    "discipline": "nurse",
}

FAULTS: Sequence[tuple[str, str, str]] = (
    ("niss", "85073003327", "niss-check-digits"),
    ("niss", "8.50730e+10", "scientific-notation"),
    ("birth_date", "1/2/1950", "wrong-format"),
    ("birth_date", "1950-02-31", "wrong-format"),
    ("birth_date", "2027-01-01", "in-future"),
    ("postal_code", "400", "wrong-format"),
    ("phone", "471987654", "leading-zero-lost"),
    ("phone", "nobody", "phone-number"),
    ("lives_alone", "peut-être", "wrong-type"),
    ("gender", "femme", "not-one-of"),
    ("family_name", "=HYPERLINK(1)", "formula"),
    ("given_names", "", "required"),
    ("given_names", "---", "no-letters"),
    ("preferred_channel", "pigeon", "not-one-of"),
)

CONTACT_FAULTS: Sequence[tuple[str, str, str]] = (
    ("person_reference", "P-none", "unknown"),
    ("person_niss", "85073003327", "niss-check-digits"),
    ("direction", "sideways", "not-one-of"),
    ("caller_kind", "ghost", "not-one-of"),
    ("caller_kind", "", "required"),
    ("caller_organisation", "chu", "not-with-this-caller"),
    ("started_at", "05/03/2024", "wrong-format"),
    ("started_at", "2024-03-31 02:30", "no-such-time"),
    ("started_at", "", "required"),
    ("started_at", "2031-01-01 10:00", "in-future"),
    ("minutes", "-3", "out-of-range"),
    ("topics", "care.dragons", "not-one-of"),
    ("outcome", "", "required"),
    ("reason", "no-service", "not-one-of"),
    ("organisation", "centre", "not-with-this-outcome"),
    ("reference", "", "required"),
)


def csv_of(rows: Iterable[Mapping[str, str]], separator: str = ";") -> bytes:
    """A CSV file of these rows."""
    rows = list(rows)
    written = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(written, names, delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def made_up(number: int) -> dict[str, str]:
    """Somebody who resembles nobody else of the list."""
    chance = random.Random(number)
    born = (1900 + number % 100, 1 + number // 100 % 12, 1 + number // 1200 % 28)
    name = "".join(chance.choice("bdfgklmnprstv") + chance.choice("aeiou") for _ in range(6)).capitalize()
    given = "".join(chance.choice("bdfgklmnprstv") + chance.choice("aeiou") for _ in range(4)).capitalize()
    return {
        "reference": f"P-{number}",
        "niss": niss_of(*born, 101 + 2 * (number % 400)),
        "family_name": name,
        "given_names": given,
        "birth_date": f"{born[0]}-{born[1]:02}-{born[2]:02}",
        "gender": "female",
        "phone": f"0471{number:06}",
        "postal_code": "4000",
        "city": "Liège",
        "lives_alone": "",
        "preferred_channel": "",
    }


def many(count: int, share_wrong: float, seed: int = 1) -> tuple[list[dict[str, str]], list[tuple[int, str, str]]]:
    """People with planted faults, and the exact list of (row, column, code) that they must give."""
    chance = random.Random(seed)
    wrong = set(chance.sample(range(count), round(count * share_wrong)))
    rows: list[dict[str, str]] = []
    planted: list[tuple[int, str, str]] = []
    for number in range(count):
        row = made_up(number)
        if number in wrong:
            column, value, code = FAULTS[len(planted) % len(FAULTS)]
            row[column] = value
            planted.append((number + 2, column, code))
        rows.append(row)
    return rows, planted


async def send(
    intake: UnderTest, body: bytes, kind: str = "persons", media: Mapping[str, str] = CSV, **query: Any
) -> httpx.Response:
    """Send a list to be imported."""
    async with intake.client("coordinator") as client:
        return await client.post(
            "/intake/imports", content=body, headers=dict(media), params={"kind": kind, **query}, timeout=300
        )


async def finished(intake: UnderTest, answer: httpx.Response) -> dict[str, Any]:
    """The import of an answer, once it is through."""
    assert answer.status_code == 202, answer.text
    await work(intake)
    async with intake.client("coordinator") as client:
        found: dict[str, Any] = (await client.get(answer.headers["location"])).json()
    assert (found["progress"], found["state"]) == (1.0, "finished")
    return found


async def work(intake: UnderTest, steps: int | None = None) -> None:
    """Let the clock's import work run, to its end or for some steps."""
    [tick] = [each for each in intake.service.handlers.ticks if each.name == "go_on_with_imports"]
    while steps is None or steps > 0:
        async with intake.app.state.database.transaction() as transaction:
            more = await tick.call(transaction)
        if not more:
            return
        steps = None if steps is None else steps - 1


async def rows_of(intake: UnderTest, import_id: str, **query: Any) -> list[dict[str, Any]]:
    """The rows of an import, over all pages."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] | None = {}
    async with intake.client("coordinator") as client:
        while cursor is not None:
            asked = {"limit": 200, **query, **cursor}
            page = (await client.get(f"/intake/imports/{import_id}/rows", params=asked)).json()
            found += page["items"]
            cursor = {"cursor": page["next"]} if page["next"] else None
    return found


async def errors(intake: UnderTest, import_id: str) -> list[tuple[int, str, str]]:
    """Every (row, column, code) of an import."""
    return listed(await rows_of(intake, import_id, state="rejected"))


def listed(rejected: Iterable[Mapping[str, Any]]) -> list[tuple[int, str, str]]:
    """Rejected rows as (row, column, code)."""
    return [(row["row"], fault["column"], fault["code"]) for row in rejected for fault in row["faults"]]
