"""A list of rows sent from a terminal to a running service: how far it is, and what was rejected.

Nothing is kept here between runs: the same file is the same import, so a run that was stopped is just started again.
Exit codes: 0 no row was rejected; 1 some were; 2 the file or the request was refused; 3 no answer; 130 stopped by hand.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.http import Client, NoAnswer
from shared.spreadsheets import XLSX

ALL_IN, SOME_REJECTED, REFUSED, NO_ANSWER, STOPPED = 0, 1, 2, 3, 130
MEDIA = {".csv": "text/csv", ".xlsx": XLSX, ".json": "application/json"}
PATIENCE = 120.0
"""Seconds for which a server that does not answer is asked again."""
LOOK_AGAIN = 0.5
ANSWER_WITHIN = 300.0
"""Seconds that one answer may take: a dry run judges every row before it answers."""
HERE = ("127.0.0.1", "localhost", "::1")


class Stop(Exception):
    """The run ends here, with this exit code and this sentence."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Sending:
    """What is sent where. `counts`: the fields of a report that are shown, with the word for each."""

    file: Path
    path: str
    body: bytes
    media: str
    counts: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What every such command can be told."""
    parser.add_argument("--origin", required=True, help="like https://relais.example")
    parser.add_argument("--token-file", type=Path, required=True, help="file with a bearer token; read anew each time")
    parser.add_argument("--dry-run", action="store_true", help="check every row, store nothing")


def ended(run: Coroutine[Any, Any, int]) -> int:
    """Run a command to its end; the exit code."""
    try:
        return asyncio.run(run)
    except KeyboardInterrupt:
        say("\nStopped here; the import itself goes on. Run the same command again to see it through.")
        return STOPPED
    except Stop as stop:
        say(str(stop))
        return stop.code


async def see_through(server: "Server", sending: Sending, *, dry_run: bool) -> int:
    """Send the list, follow the import, fetch the rejected rows; the exit code."""
    query = {**sending.query, **({"dry_run": "true"} if dry_run else {})}
    answer = await server.ask("POST", sending.path, query, sending.body, sending.media)
    found: Mapping[str, Any] = answer.json()
    if dry_run:
        return tell_check(found, sending.counts)
    line = Progress(sending.counts)
    while found["state"] == "running":
        line.show(found)
        await asyncio.sleep(LOOK_AGAIN)
        found = (await server.ask("GET", f"{sending.path}/{found['id']}")).json()
    line.end(found)
    if not found["rejected"]:
        return ALL_IN
    workbook = await server.ask("GET", f"{sending.path}/{found['id']}/rejected.xlsx")
    target = sending.file.with_name(f"{sending.file.name}.rejected.xlsx")
    target.write_bytes(workbook.content)
    say(f"The rejected rows are in {target}: correct them there and import that file.")
    return SOME_REJECTED


def bytes_of(file: Path) -> bytes:
    """What a file holds; raises Stop."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Stop(REFUSED, f"{error.filename} cannot be read: {error.strerror}.") from None


def checked_origin(origin: str) -> str:
    """The origin; a token is not sent in the clear but to this machine."""
    parts = urlsplit(origin)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
        raise Stop(REFUSED, "--origin must begin with https:// (http:// only for this machine).")
    return origin.rstrip("/")


@dataclass
class Server:
    """The server that is asked, again where it is busy or away."""

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


def tell_check(found: Mapping[str, Any], counts: Mapping[str, str]) -> int:
    """Tell what an import would do."""
    say(f"checked: {counted(found, counts)}")
    faults = [(row["row"], fault) for row in found["errors"] for fault in row["faults"]]
    for number, fault in faults[:50]:
        say(f"  row {number}: {fault['code']} {fault['column']}")
    for code, count in Counter(fault["code"] for _, fault in faults).most_common():
        say(f"{count} x {code}")
    return SOME_REJECTED if found["rejected"] else ALL_IN


class Progress:
    """One line that grows at a terminal, a line for each tenth elsewhere."""

    def __init__(self, counts: Mapping[str, str]) -> None:
        self.counts = counts
        self.is_terminal = sys.stderr.isatty()
        self.tenth = -1

    def show(self, found: Mapping[str, Any]) -> None:
        """Show how far an import is."""
        share = float(found["progress"])
        if self.is_terminal:
            bar = "#" * round(share * 30)
            sys.stderr.write(f"\r[{bar:30}] {share:4.0%}  {counted(found, self.counts)} ")
            sys.stderr.flush()
        elif int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            say(f"{share:4.0%}  {counted(found, self.counts)}")

    def end(self, found: Mapping[str, Any]) -> None:
        """Show how it ended."""
        self.show(found)
        say(f"{chr(10) if self.is_terminal else ''}{found['state']}: {counted(found, self.counts)}")


def counted(found: Mapping[str, Any], counts: Mapping[str, str]) -> str:
    """The counts in words."""
    return ", ".join(f"{found[name]} {word}" for name, word in counts.items())


def say(line: str) -> None:
    """One line for the person at the terminal."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
