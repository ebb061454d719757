"""What is read of a table: its rows as they came, what is wrong with them, and why a table is refused as a whole."""

from pydantic import BaseModel, ConfigDict

from shared.errors import DomainError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of an Excel workbook."""


class Frozen(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True)


class CellFault(Frozen):
    """One thing wrong in a row: the column's name (empty for the row as a whole) and a stable code; never the value."""

    column: str
    code: str


class RejectedRow(Frozen):
    """A row that did not enter. `row` counts as a spreadsheet does: the header is row 1."""

    row: int
    faults: tuple[CellFault, ...]


class TableRow(Frozen):
    """A row as it came: the text of each filled cell by column, and what the file itself said is no value."""

    number: int
    cells: dict[str, str]
    marks: dict[str, str] = {}


class TableRefused(DomainError):
    """The table as a whole cannot be read; the pointers name its columns as a spreadsheet letters them."""


class UnsupportedTable(DomainError):
    """Send text/csv or an .xlsx workbook."""


def letters(position: int) -> str:
    """What a spreadsheet calls the column at this position from 0: A to Z, AA, ..."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def position_of(name: str) -> int:
    """The position from 0 of a spreadsheet's column."""
    position = 0
    for letter in name:
        position = position * 26 + ord(letter) - ord("A") + 1
    return position - 1
