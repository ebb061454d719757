"""`python -m services import`: sends a file to a running Relais, shows how far it is, fetches what was rejected.

Nothing is kept here between runs: the same file is the same import, so a run that was stopped is just started again.
Exit codes: 0 every row entered; 1 some rows were rejected; 2 the file or the request was refused; 3 no answer;
130 stopped by hand.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.referrals.api.imports import READERS, XLSX
from services.referrals.formats.table import FOREIGN, columns_with, shipped_mapping
from services.referrals.formats.table.foreign_sheet import first
from services.referrals.store.instruments import SHIPPED
from shared.errors import DomainError
from shared.http import Client, NoAnswer
from shared.spreadsheets import Table

ALL_IN, SOME_REJECTED, REFUSED, NO_ANSWER, STOPPED = 0, 1, 2, 3, 130
MEDIA = {".csv": "text/csv", ".xlsx": XLSX, ".json": "application/json"}
PATIENCE = 120.0
"""Seconds for which a server that does not answer is asked again."""
LOOK_AGAIN = 0.5
HERE = ("127.0.0.1", "localhost", "::1")


class Stop(Exception):
    """The run ends here, with this exit code and this sentence."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.add_argument("file", type=Path, help=".csv, .xlsx, or .json together with --mapping")
    parser.add_argument("--origin", required=True, help="like https://relais.example")
    parser.add_argument("--token-file", type=Path, required=True, help="file with a bearer token; read anew each time")
    parser.add_argument("--organisation", help="for which organisation, where you are the programme's staff")
    parser.add_argument("--dry-run", action="store_true", help="check every row, store nothing")
    parser.add_argument("--all-or-nothing", action="store_true", help="one bad row keeps all out")
    parser.add_argument("--mapping", help="how to read foreign sheets, like eladeb-browser-form")
    parser.add_argument("--sheets", type=Path, help="JSON records of another program, joined by sheet_identifier")


def main(asked: argparse.Namespace) -> int:
    """Run the command; the exit code."""
    try:
        return asyncio.run(run(asked))
    except KeyboardInterrupt:
        say("\nStopped here; the import itself goes on. Run the same command again to see it through.")
        return STOPPED
    except Stop as stop:
        say(str(stop))
        return stop.code


async def run(asked: argparse.Namespace) -> int:
    """Send the file, follow the import, fetch the rejected rows."""
    body, media = content(asked)
    async with Client(timeout=60.0) as client:
        server = Server(client, checked_origin(asked.origin), asked.token_file)
        query = {"organisation": asked.organisation, "mapping": asked.mapping if media == MEDIA[".json"] else None}
        flags = {"dry_run": asked.dry_run, "all_or_nothing": asked.all_or_nothing}
        named = {name: value for name, value in query.items() if value} | {
            name: "true" for name, value in flags.items() if value
        }
        answer = await server.ask("POST", "/referrals/imports", named, body, media)
        found: Mapping[str, Any] = answer.json()
        if asked.dry_run:
            return tell_check(found)
        line = Progress()
        while found["state"] == "running":
            line.show(found)
            await asyncio.sleep(LOOK_AGAIN)
            found = (await server.ask("GET", f"/referrals/imports/{found['id']}")).json()
        line.end(found)
        if not found["rejected"]:
            return ALL_IN
        workbook = await server.ask("GET", f"/referrals/imports/{found['id']}/rejected.xlsx")
        target = asked.file.with_name(f"{asked.file.name}.rejected.xlsx")
        target.write_bytes(workbook.content)
        say(f"The rejected rows are in {target}: correct them there and import that file.")
        return SOME_REJECTED


def content(asked: argparse.Namespace) -> tuple[bytes, str]:
    """The body to send and its media type."""
    media = MEDIA.get(asked.file.suffix.lower())
    if media is None or (asked.mapping is None and (media == MEDIA[".json"] or asked.sheets)):
        raise Stop(REFUSED, "Give a .csv or .xlsx file, or --mapping with a .json file or --sheets.")
    try:
        body = asked.file.read_bytes()
        if asked.sheets and media in READERS:
            table = READERS[media](body, columns_with(SHIPPED["eladeb-r", "2011"].cards))
            return joined(table, json.loads(asked.sheets.read_bytes()), asked.mapping), MEDIA[".json"]
    except OSError as error:
        raise Stop(REFUSED, f"{error.filename} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise Stop(REFUSED, "The file of --sheets is no JSON.") from None
    except DomainError as error:
        raise Stop(REFUSED, refusal(error)) from None
    return body, media


def refusal(error: DomainError) -> str:
    """Why a file cannot be read."""
    return "Refused: " + ", ".join(f"{fault.code} {fault.pointer}".strip() for fault in error.faults)


def joined(table: Table, records: Any, mapping: str) -> bytes:
    """The rows as JSON, each with the foreign record whose identifier its `sheet_identifier` names."""
    places = shipped_mapping(mapping).identifier
    known = {first(record, places): record for record in (records if isinstance(records, list) else [records])}
    rows = [
        {"row": row.number, **row.cells, FOREIGN: known.pop(row.cells.get("sheet_identifier", "").strip(), None)}
        for row in table.rows
    ]
    if known:
        say(f"{len(known)} records of --sheets belong to no row and are left out.")
    return json.dumps(rows).encode()


def checked_origin(origin: str) -> str:
    """The origin; a token is not sent in the clear but to this machine."""
    parts = urlsplit(origin)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
        raise Stop(REFUSED, "--origin must begin with https:// (http:// only for this machine).")
    return origin.rstrip("/")


@dataclass
class Server:
    """The Relais that is asked, again where it is busy or away."""

    client: Client
    origin: str
    token_file: Path

    async def ask(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: bytes = b"", media: str = ""
    ) -> Any:
        """An answer of success; raises Stop for any other."""
        waited, pause = 0.0, 1.0
        while True:
            headers = {"authorization": f"Bearer {self.token()}"} | ({"content-type": media} if media else {})
            try:
                answer = await self.client.request(
                    method, f"{self.origin}{path}", params=query, content=body, headers=headers
                )
            except NoAnswer:
                answer = None
            if answer is not None and answer.status_code not in (429, 502, 503, 504):
                return judged(answer)
            if waited >= PATIENCE:
                raise Stop(NO_ANSWER, "No answer. What was sent is safe: run the same command again.")
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 15.0)

    def token(self) -> str:
        """The token as its file has it now."""
        try:
            return self.token_file.read_text().strip()
        except OSError as error:
            raise Stop(REFUSED, f"{error.filename} cannot be read: {error.strerror}.") from None


def judged(answer: Any) -> Any:
    """The answer if it is one of success; raises Stop with the problem's title and the places of its faults."""
    if answer.status_code < 300:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if answer.status_code >= 500:
        raise Stop(NO_ANSWER, f"The server failed ({answer.status_code}); run the same command again.")
    faults = "".join(f"\n  {fault['code']} {fault['pointer']}" for fault in problem.get("errors", [])[:20])
    raise Stop(REFUSED, f"Refused ({answer.status_code}): {problem.get('title', 'no reason given')}{faults}")


def tell_check(found: Mapping[str, Any]) -> int:
    """Tell what an import would do."""
    say(f"{found['rows']} rows: {found['received']} would enter, {found['repeated']} are known, "
        f"{found['rejected']} would be rejected.")  # fmt: skip
    faults = [(row["row"], fault) for row in found["errors"] for fault in row["faults"]]
    for number, fault in faults[:50]:
        say(f"  row {number}: {fault['code']} {fault['column']}")
    for code, count in Counter(fault["code"] for _, fault in faults).most_common():
        say(f"{count} x {code}")
    return SOME_REJECTED if found["rejected"] else ALL_IN


class Progress:
    """One line that grows at a terminal, a line for each tenth elsewhere."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()
        self.tenth = -1

    def show(self, found: Mapping[str, Any]) -> None:
        """Show how far an import is."""
        share = float(found["progress"])
        if self.is_terminal:
            bar = "#" * round(share * 30)
            sys.stderr.write(f"\r[{bar:30}] {share:4.0%}  {self.counts(found)} ")
            sys.stderr.flush()
        elif int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            say(f"{share:4.0%}  {self.counts(found)}")

    def end(self, found: Mapping[str, Any]) -> None:
        """Show how it ended."""
        self.show(found)
        say(f"{chr(10) if self.is_terminal else ''}{found['state']}: {self.counts(found)}")

    @staticmethod
    def counts(found: Mapping[str, Any]) -> str:
        """The counts in words."""
        return f"{found['rows']} rows, {found['received']} new, {found['repeated']} known, {found['rejected']} rejected"


def say(line: str) -> None:
    """One line for the person at the terminal."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    command = argparse.ArgumentParser(description="Send a CSV or Excel file of referrals to a running Relais.")
    add_arguments(command)
    raise SystemExit(main(command.parse_args()))
