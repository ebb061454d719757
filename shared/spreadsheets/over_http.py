"""Tables as bodies of requests and answers: what comes as CSV or Excel, and the workbook of rejected rows that goes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shared.spreadsheets.reading import Columns, Table, read_csv, read_xlsx
from shared.spreadsheets.values import XLSX, RejectedRow, UnsupportedTable
from shared.spreadsheets.workbook_out import Meaning, rejected_workbook

READERS: Mapping[str, Callable[[bytes, Columns], Table]] = {"text/csv": read_csv, XLSX: read_xlsx}
"""How a table is read, by its media type."""

_WORKBOOK = {XLSX: {"schema": {"type": "string", "format": "binary"}}}
WORKBOOK: dict[int | str, dict[str, Any]] = {200: {"content": _WORKBOOK}}
"""The answer of a route that gives a workbook, for its contract."""


def table_body(more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of a route that takes a table, for its contract; `more` are the other media types that it takes."""
    content = {"text/csv": {"schema": {"type": "string"}}, **_WORKBOOK, **(more or {})}
    return {"requestBody": {"required": True, "content": content}}


def media_of(request: Request) -> str:
    """The media type of a body; raises UnsupportedTable for another character set than UTF-8."""
    media, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise UnsupportedTable
    return media.strip()


def reader_of(media: str) -> Callable[[bytes, Columns], Table]:
    """How a table of this media type is read; raises UnsupportedTable for any other."""
    if media not in READERS:
        raise UnsupportedTable
    return READERS[media]


async def rejected_rows(
    columns: Sequence[str], rows: Sequence[tuple[RejectedRow, Mapping[str, str]]], meaning: Meaning
) -> Response:
    """The workbook of rejected rows as an answer, written beside the event loop."""
    written = await asyncio.to_thread(rejected_workbook, columns, rows, meaning)
    return Response(written, media_type=XLSX, headers={"content-disposition": 'attachment; filename="rejected.xlsx"'})
