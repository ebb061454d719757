"""Imports of many referrals at once: their states, the verdict on each row, and the rules' errors."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.errors import DomainError


class ImportState(StrEnum):
    """Where an import stands. `refused` is an all-or-nothing import of which one row could not enter."""

    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"


class RowState(StrEnum):
    """What became of a row. `repeated`: it was known already, with the same content, by this or another door."""

    WAITING = "waiting"
    CHECKED = "checked"
    RECEIVED = "received"
    REPEATED = "repeated"
    REJECTED = "rejected"


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
    """Send text/csv, an .xlsx workbook, or JSON together with a mapping."""
