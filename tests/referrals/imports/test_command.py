"""`python -m services import` against a listening service."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import uvicorn

from services.referrals.api.imports_command import add_arguments, main
from shared.testing.harness import UnderTest, token_of
from tests.referrals.imports.files import SMALL, cells_of, csv_of, many, xlsx_of
from tests.referrals.imports.test_foreign_sheets import LABELLED
from tests.referrals.pushes import count, register

Ran = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def listening(
    run_service: Callable[..., AbstractAsyncContextManager[UnderTest]], tmp_path: Path
) -> AsyncIterator[tuple[UnderTest, str]]:
    """The service at work, and the origin at which it listens."""
    (tmp_path / "token").write_text(token_of("hospital-chu"))
    async with run_service("referrals", working=True) as referrals:
        await register(referrals)
        server = uvicorn.Server(uvicorn.Config(referrals.app, port=0, lifespan="off", log_config=None))
        serving = asyncio.ensure_future(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        yield referrals, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        await serving


async def start(origin: str, file: Path, *options: str) -> asyncio.subprocess.Process:
    """The command as a process of its own."""
    token = file.with_name("token")
    return await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "services.referrals.api.imports_command",
            str(file),
            "--origin",
            origin,
            "--token-file",
            str(token),
        ),
        *options,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.fixture
def ran(capsys: pytest.CaptureFixture[str]) -> Ran:
    """Runs the command here: its exit code, and what it said."""

    async def run(origin: str, file: Path, *options: str) -> tuple[int, str]:
        token = file.with_name("token")
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        asked = parser.parse_args([str(file), "--origin", origin, "--token-file", str(token), *options])
        code = await asyncio.to_thread(main, asked)
        return code, capsys.readouterr().err

    return run


async def test_good_rows_enter_and_the_rejected_come_back_in_a_workbook(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    referrals, origin = listening
    rows, planted = many(60, 0.1)
    file = tmp_path / "list.csv"
    file.write_bytes(csv_of(rows))
    assert (await ran(origin, file, "--dry-run"))[0] == 1
    assert await count(referrals) == 0
    code, said = await ran(origin, file)
    assert code == 1
    assert "finished: 60 rows, 54 new, 0 known, 6 rejected" in said
    assert "Kanarie" not in said
    rejected = cells_of((tmp_path / "list.csv.rejected.xlsx").read_bytes())
    assert [int(row["#row"]) for row in rejected] == [row for row, _, _ in planted]
    code, said = await ran(origin, file)
    assert (code, await count(referrals)) == (1, 54)


async def test_a_stopped_command_is_started_again_and_nothing_enters_twice(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    referrals, origin = listening
    file = tmp_path / "list.xlsx"
    file.write_bytes(xlsx_of(many(400, 0)[0]))
    process = await start(origin, file)
    assert process.stderr is not None
    await process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()
    assert process.returncode == 130, said
    code, said_again = await ran(origin, file)
    assert code == 0, said_again
    assert await count(referrals) == 400


async def test_foreign_sheets_in_a_second_file_are_joined_to_their_rows(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    referrals, origin = listening
    file, sheets = tmp_path / "list.csv", tmp_path / "sheets.json"
    file.write_bytes(csv_of([{**SMALL, "sheet_identifier": "mabc123"}, {**SMALL, "identifier_value": "S-2"}]))
    sheets.write_text(json.dumps([LABELLED, {**LABELLED, "id": "other"}]))
    code, said = await ran(origin, file, "--mapping", "eladeb-browser-form", "--sheets", str(sheets))
    assert code == 0, said
    assert "1 records of --sheets belong to no row" in said
    assert await count(referrals) == 2


async def test_what_the_command_cannot_do_is_one_clear_sentence(
    listening: tuple[UnderTest, str], tmp_path: Path, ran: Ran
) -> None:
    _, origin = listening
    file = tmp_path / "list.csv"
    file.write_bytes(csv_of([{**SMALL, "shoe_size": "41"}]))
    code, said = await ran(origin, file)
    assert (code, "unknown-column /columns/F" in said) == (2, True)
    assert (await ran("http://relais.example", file))[0] == 2
    assert (await ran(origin, tmp_path / "missing.csv"))[0] == 2
    assert (await ran(origin, tmp_path / "token"))[0] == 2
    (tmp_path / "token").write_text("none")
    assert (await ran(origin, file))[0] == 2
