"""`python -m services import-persons`, `import-contacts`: send lists to a running Relais (`shared/sending.py`)."""

import argparse
import json
from pathlib import Path
from urllib.parse import quote

from shared import sending
from shared.http import Client
from shared.sending import ANSWER_WITHIN, MEDIA, REFUSED, Sending, Server, Stop, bytes_of, checked_origin

COUNTS = {"rows": "rows", "entered": "new", "known": "known", "review": "to decide", "rejected": "rejected"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.add_argument("file", type=Path, help=".csv or .xlsx")
    sending.add_arguments(parser)
    parser.add_argument("--mapping", help="code of the column mapping that reads the file")
    parser.add_argument("--mapping-file", type=Path, help="JSON of that mapping, kept under its code first")


def main(asked: argparse.Namespace) -> int:
    """Run the command; the exit code. `asked.command` ends with the kind of rows."""
    return sending.ended(run(asked, asked.command.removeprefix("import-")))


async def run(asked: argparse.Namespace, kind: str) -> int:
    """Keep the mapping, send the file, follow the import, fetch the rejected rows."""
    media = MEDIA.get(asked.file.suffix.lower())
    if media is None or media == MEDIA[".json"]:
        raise Stop(REFUSED, "Give a .csv or .xlsx file.")
    body = bytes_of(asked.file)
    query = {"kind": kind} | ({"mapping": asked.mapping} if asked.mapping else {})
    async with Client(timeout=ANSWER_WITHIN) as client:
        server = Server(client, checked_origin(asked.origin), asked.token_file)
        if asked.mapping_file:
            await keep_mapping(server, asked.mapping, bytes_of(asked.mapping_file))
        rows = Sending(asked.file, "/intake/imports", body, media, COUNTS, query)
        return await sending.see_through(server, rows, dry_run=asked.dry_run)


async def keep_mapping(server: Server, code: str | None, told: bytes) -> None:
    """Put the mapping under its code; the same again changes nothing."""
    if code is None:
        raise Stop(REFUSED, "--mapping-file needs --mapping: the code under which the mapping is kept.")
    try:
        json.loads(told)
    except ValueError:
        raise Stop(REFUSED, "The file of --mapping-file is no JSON.") from None
    await server.ask("PUT", f"/intake/import-mappings/{quote(code, safe='')}", body=told, media=MEDIA[".json"])


if __name__ == "__main__":
    command = argparse.ArgumentParser(description="Send a CSV or Excel file of people or contacts to a running Relais.")
    command.add_argument("command", choices=("import-persons", "import-contacts"))
    add_arguments(command)
    raise SystemExit(main(command.parse_args()))
