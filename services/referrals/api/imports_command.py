"""`python -m services import`: sends a list of referrals to a running Relais (exit codes: `shared/sending.py`)."""

import argparse
import json
from pathlib import Path
from typing import Any

from services.referrals.formats.table import FOREIGN, columns_with, shipped_mapping
from services.referrals.formats.table.foreign_sheet import first
from services.referrals.store.instruments import SHIPPED
from shared import sending
from shared.errors import DomainError
from shared.http import Client
from shared.sending import ANSWER_WITHIN, MEDIA, REFUSED, Sending, Server, Stop, bytes_of, checked_origin, say
from shared.spreadsheets import Table
from shared.spreadsheets.over_http import READERS

COUNTS = {"rows": "rows", "received": "new", "repeated": "known", "rejected": "rejected"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    parser.add_argument("file", type=Path, help=".csv, .xlsx, or .json together with --mapping")
    sending.add_arguments(parser)
    parser.add_argument("--organisation", help="for which organisation, where you are the programme's staff")
    parser.add_argument("--all-or-nothing", action="store_true", help="one bad row keeps all out")
    parser.add_argument("--mapping", help="how to read foreign sheets, like eladeb-browser-form")
    parser.add_argument("--sheets", type=Path, help="JSON records of another program, joined by sheet_identifier")


def main(asked: argparse.Namespace) -> int:
    """Run the command; the exit code."""
    return sending.ended(run(asked))


async def run(asked: argparse.Namespace) -> int:
    """Send the file, follow the import, fetch the rejected rows."""
    body, media = content(asked)
    query = {"organisation": asked.organisation, "mapping": asked.mapping if media == MEDIA[".json"] else None}
    named = {name: value for name, value in query.items() if value}
    named |= {"all_or_nothing": "true"} if asked.all_or_nothing else {}
    async with Client(timeout=ANSWER_WITHIN) as client:
        server = Server(client, checked_origin(asked.origin), asked.token_file)
        rows = Sending(asked.file, "/referrals/imports", body, media, COUNTS, named)
        return await sending.see_through(server, rows, dry_run=asked.dry_run)


def content(asked: argparse.Namespace) -> tuple[bytes, str]:
    """The body to send and its media type."""
    media = MEDIA.get(asked.file.suffix.lower())
    if media is None or (asked.mapping is None and (media == MEDIA[".json"] or asked.sheets)):
        raise Stop(REFUSED, "Give a .csv or .xlsx file, or --mapping with a .json file or --sheets.")
    body = bytes_of(asked.file)
    if not asked.sheets or media not in READERS:
        return body, media
    told = bytes_of(asked.sheets)
    try:
        table = READERS[media](body, columns_with(SHIPPED["eladeb-r", "2011"].cards))
        return joined(table, json.loads(told), asked.mapping), MEDIA[".json"]
    except ValueError:
        raise Stop(REFUSED, "The file of --sheets is no JSON.") from None
    except DomainError as error:
        raise Stop(REFUSED, refusal(error)) from None


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


if __name__ == "__main__":
    command = argparse.ArgumentParser(description="Send a CSV or Excel file of referrals to a running Relais.")
    add_arguments(command)
    raise SystemExit(main(command.parse_args()))
