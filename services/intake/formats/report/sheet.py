"""Figures as CSV: a column per field, empty where a figure is hidden."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from shared.spreadsheets.cells import neutral


def cell(value: Any) -> str:
    """A figure as a cell; a code that a spreadsheet would compute gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "|".join(f"{name}={number}" for name, number in value.items())
    if isinstance(value, list):
        return "|".join(str(each) for each in value)
    return str(value) if isinstance(value, int | float) else neutral(str(value))


def as_csv(kind: type[BaseModel], rows: Sequence[BaseModel]) -> str:
    """The rows under the names of their fields, with the byte order mark that spreadsheets ask for."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(kind.model_fields)
    writer.writerows([cell(value) for value in row.model_dump(mode="json").values()] for row in rows)
    return "\ufeff" + sheet.getvalue()
