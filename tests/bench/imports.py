"""P43 to P45: ten thousand rows with planted faults through intake's own import, beside bare insertions of as many."""

import csv
import io
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from services.intake.app import service
from services.intake.domain.imports import ColumnMapping, ImportKind, RowState
from services.intake.formats.table import columns_of
from services.intake.handlers.imports import go_on_with_imports
from services.intake.store import ContactImports, Imports, PeopleImports
from shared import migrate
from shared.access import Scope
from shared.auth import Caller
from shared.ids import new_id
from shared.spreadsheets import read_csv
from shared.store import Database
from tests.bench.rig import Rig, keyed, plain
from tests.bench.table import Row, Table, in_turn, say
from tests.intake.imports.lists import CONTACT, csv_of, many

ROWS, SHARE_WRONG = 10_000, 0.05
MOST = 300.0
BY = Caller("coordinator", "coordinator", "relais", frozenset({"coordinator"}), "", Scope.ORGANISATION)
Planted = list[tuple[int, str, str]]


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """People and contacts, each list into a fresh database each time; the floor writes the same lines row by row."""
    people = Row("P43", f"import of {ROWS} people, 5 % wrong", "s", f"<= {MOST:.0f}", lambda row: row.value <= MOST)
    contacts = Row("P44", f"import of {ROWS} contacts, 5 % wrong", "s", f"<= {MOST:.0f}", lambda row: row.value <= MOST)
    people.floor_is = contacts.floor_is = "s bare INSERTs, a row each"
    wrong = Row("P45", "rows named that are right, or not named that are wrong", "", "0", lambda row: row.value == 0)
    table.add(people, contacts, wrong)
    rows, planted = many(ROWS, SHARE_WRONG)
    lists = {
        ImportKind.PERSONS: (csv_of(rows), planted, people),
        ImportKind.CONTACTS: (*past(), contacts),
    }
    for number in range(min(repeat, 2)):
        for kind, (body, expected, row) in lists.items():
            missed: list[float] = []
            ours, floor = await in_turn(number, product(rig, kind, body, expected, missed), bare(rig, body))
            row.add(ours, floor)
            wrong.add(missed[0])
            say(f"import of {kind} {number + 1}: {ours:.0f} s, bare {floor:.1f} s, {missed[0]:.0f} rows misjudged")
    table.notes.append("P43 to P45: two repetitions, reading the file included; faults compared one by one")


def past() -> tuple[bytes, Planted]:
    """As many contacts without a person; every twentieth has an hour that is none."""
    blank = {**CONTACT, "person_reference": ""}
    rows, planted = [], []
    for number in range(ROWS):
        day = f"20{10 + number % 15}-{1 + number // 15 % 12:02}-{1 + number // 180 % 28:02}"
        wrong = number % 20 == 7
        rows.append({**blank, "reference": f"C-{number}", "started_at": day if wrong else f"{day} 10:00"})
        if wrong:
            planted.append((number + 2, "started_at", "wrong-format"))
    return csv_of(rows), planted


def product(
    rig: Rig, kind: ImportKind, body: bytes, expected: Planted, missed: list[float]
) -> Callable[[], Awaitable[float]]:
    """The import from the bytes to its last row; what it says of the rows is held against what was planted."""

    async def run() -> float:
        made = await rig.postgres.create_database(f"bench_{new_id().hex}", owner="intake_owner", app="intake_app")
        await migrate.upgrade(service.migrations, made.owner_url)
        database = keyed(made.app_url)
        try:
            began = time.perf_counter()
            import_id = await opened(database, kind, body)
            while await step(database):
                pass
            spent = time.perf_counter() - began
            missed.append(float(len({*await named(database, import_id)} ^ {*expected})))
            return spent
        finally:
            await database.close()

    return run


async def opened(database: Database, kind: ImportKind, body: bytes) -> UUID:
    """The list, read and to be gone on with."""
    how = ColumnMapping(kind=kind)
    async with database.transaction() as transaction:
        found = await Imports(transaction).open(read_csv(body, columns_of(how)), BY, new_id().hex, how)
        return found.id


async def step(database: Database) -> bool:
    """What the clock does; whether there was more to do."""
    async with database.transaction() as transaction:
        parts = Imports(transaction), PeopleImports(transaction), ContactImports(transaction)
        return await go_on_with_imports(*parts)


async def named(database: Database, import_id: UUID) -> Planted:
    """Every fault that the import names."""
    async with database.transaction() as transaction:
        rows = await Imports(transaction).rows(import_id, RowState.REJECTED, ROWS, 0)
        return [(row.number, fault.column, fault.code) for row in rows for fault in row.faults]


def bare(rig: Rig, body: bytes) -> Callable[[], Awaitable[float]]:
    """The same lines put into a table of one text column, each in a transaction of its own."""

    async def run() -> float:
        made = await rig.postgres.create_database(f"bench_{new_id().hex}", owner="intake_owner", app="intake_app")
        connection = await asyncpg.connect(plain(made.owner_url))
        try:
            await connection.execute("CREATE TABLE line (id uuid PRIMARY KEY, at timestamptz, text text)")
            began = time.perf_counter()
            for row in csv.reader(io.StringIO(body.decode()), delimiter=";"):
                await connection.execute(
                    "INSERT INTO line VALUES ($1, $2, $3)", new_id(), datetime.now(UTC), "\x1f".join(row)
                )
            return time.perf_counter() - began
        finally:
            await connection.close()

    return run
