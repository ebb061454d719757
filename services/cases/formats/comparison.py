"""The comparisons between organisations as CSV: a column per figure, empty where too few people are behind it."""

import csv
import io
from collections.abc import Sequence

from pydantic import BaseModel

COMPUTED = ("=", "+", "-", "@")


def cell(value: object) -> str:
    """A figure as a cell; a code that a spreadsheet would compute gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "|".join(f"{name}={number}" for name, number in value.items())
    text = str(value)
    return f"'{text}" if text.startswith(COMPUTED) and not isinstance(value, (int, float)) else text


def as_csv(kind: type[BaseModel], rows: Sequence[BaseModel]) -> str:
    """The rows under the names of their fields, with the byte order mark that spreadsheets ask for."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(kind.model_fields)
    writer.writerows([cell(value) for value in row.model_dump(mode="json").values()] for row in rows)
    return "\ufeff" + table.getvalue()
