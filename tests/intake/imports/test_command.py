"""`python -m services import-persons` and `import-contacts` against a listening service."""

import argparse
import asyncio
import io
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import uvicorn
from openpyxl import load_workbook

from services.intake.api.imports_command import add_arguments, main
from shared.testing.harness import UnderTest, token_of
from tests.intake.imports.lists import CONTACT, PERSON, csv_of, many
from tests.intake.people import told

Ran = Callable[..., Awaitable[tuple[int, str]]]
PEOPLE, CONTACTS = "import-persons", "import-contacts"


@pytest.fixture
async def listening(
    run_service: Callable[..., AbstractAsyncContextManager[UnderTest]], tmp_path: Path
) -> AsyncIterator[tuple[UnderTest, str]]:
    """The service at work, and the origin at which it listens."""
    (tmp_path / "token").write_text(token_of("coordinator"))
    async with run_service("intake", working=True) as intake:
        server = uvicorn.Server(uvicorn.Config(intake.app, port=0, lifespan="off", log_config=None))
        serving = asyncio.ensure_future(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        yield intake, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        await serving


def said_to(command: str, origin: str, file: Path, *options: str) -> list[str]:
    """The command's words."""
    return [command, str(file), "--origin", origin, "--token-file", str(file.with_name("token")), *options]


@pytest.fixture
def ran(capsys: pytest.CaptureFixture[str]) -> Ran:
    """Runs the command here: its exit code, and what it said."""

    async def run(command: str, origin: str, file: Path, *options: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        parser.add_argument("command")
        add_arguments(parser)
        asked = parser.parse_args(said_to(command, origin, file, *options))
        code = await asyncio.to_thread(main, asked)
        return code, capsys.readouterr().err

    return run


async def test_a_dry_run_stores_nothing_and_the_import_shows_its_progress_and_gives_the_rejected_rows(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    intake, origin = listening
    rows, planted = many(60, 0.1)
    file = tmp_path / "people.csv"
    file.write_bytes(csv_of(rows))
    code, said = await ran(PEOPLE, origin, file, "--dry-run")
    assert (code, "checked: 60 rows, 54 new, 0 known, 0 to decide, 6 rejected" in said) == (1, True)
    assert all(f"row {number}: {fault} {column}" in said for number, column, fault in planted)
    assert await told(intake, "person-registered") == []
    code, said = await ran(PEOPLE, origin, file)
    assert (code, "finished: 60 rows, 54 new, 0 known, 0 to decide, 6 rejected" in said) == (1, True)
    assert "100%" in said
    assert rows[0]["family_name"] not in said
    sheet = load_workbook(io.BytesIO((tmp_path / "people.csv.rejected.xlsx").read_bytes())).active
    assert [int(row[0].value) for row in list(sheet.iter_rows())[1:]] == [row for row, _, _ in planted]
    assert (await ran(PEOPLE, origin, file))[0] == 1
    assert len(await told(intake, "person-registered")) == 54


async def test_a_stopped_command_is_started_again_and_nobody_enters_twice(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    intake, origin = listening
    file = tmp_path / "people.csv"
    file.write_bytes(csv_of(many(400, 0)[0]))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", *said_to(PEOPLE, origin, file)), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    await process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()
    assert process.returncode == 130, said
    code, said_again = await ran(PEOPLE, origin, file)
    assert code == 0, said_again
    assert len(await told(intake, "person-registered")) == 400


async def test_contacts_of_another_list_are_read_by_the_mapping_that_comes_with_them(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    intake, origin = listening
    people, contacts, mapping = tmp_path / "people.csv", tmp_path / "calls.csv", tmp_path / "mapping.json"
    people.write_bytes(csv_of([PERSON]))
    contacts.write_bytes(csv_of([{("Durée" if name == "minutes" else name): cell for name, cell in CONTACT.items()}]))
    mapping.write_text(json.dumps({"kind": "contacts", "columns": {"Durée": "minutes"}}))
    assert (await ran(PEOPLE, origin, people))[0] == 0
    assert (await ran(CONTACTS, origin, contacts))[0] == 2
    how = ("--mapping", "old", "--mapping-file", str(mapping))
    for _ in range(2):
        assert (await ran(CONTACTS, origin, contacts, *how))[0] == 0
    assert len(await told(intake, "contact-imported")) == 1
    mapping.write_text(json.dumps({"kind": "contacts", "columns": {"Temps": "minutes"}}))
    code, said = await ran(CONTACTS, origin, contacts, *how)
    assert (code, "409" in said) == (2, True)


async def test_what_the_command_cannot_do_is_one_clear_sentence(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    _, origin = listening
    file, other = tmp_path / "people.csv", tmp_path / "people.json"
    file.write_bytes(csv_of([{**PERSON, "shoe_size": "41"}]))
    other.write_text("[")
    code, said = await ran(PEOPLE, origin, file)
    assert (code, "unknown-column" in said) == (2, True)
    assert (await ran(PEOPLE, origin, other))[0] == 2
    assert (await ran(PEOPLE, origin, tmp_path / "missing.csv"))[0] == 2
    assert (await ran(PEOPLE, "http://relais.example", file))[0] == 2
    assert (await ran(PEOPLE, origin, file, "--mapping-file", str(other)))[0] == 2
    assert (await ran(PEOPLE, origin, file, "--mapping", "x", "--mapping-file", str(other)))[0] == 2
    assert (await ran(PEOPLE, origin, file, "--mapping", "no-such"))[0] == 2
    (tmp_path / "token").write_text("none")
    assert (await ran(PEOPLE, origin, file))[0] == 2
