"""Rows that bring a foreign sheet with them: the flat columns beside the record of the other program."""

from collections.abc import Collection, Iterator
from typing import Any

from services.referrals.formats.table.columns import REQUIRED, is_column
from services.referrals.formats.table.foreign_sheet import Converted, Mapping, convert
from shared.errors import Fault
from shared.spreadsheets import MAX_ROWS, Table, TableRefused, TableRow, text_of

FOREIGN = "foreign_sheet"
ROW = "row"


def read_foreign_rows(value: Any, mapping: Mapping, cards: Collection[str]) -> Table:
    """The table that a JSON list of rows is. Each may say its `row`, else it is its position. Raises TableRefused."""
    if not isinstance(value, list) or not value:
        raise TableRefused(faults=[Fault("", "no-rows")])
    if len(value) > MAX_ROWS:
        raise TableRefused(faults=[Fault("", "too-many-rows")])
    faults = [fault for number, row in enumerate(value, 1) for fault in row_faults(row, number, cards)]
    numbers = [row_number(row, number) for number, row in enumerate(value, 1)]
    if len(set(numbers)) != len(numbers):
        faults.append(Fault("/row", "repeated"))
    if faults:
        raise TableRefused(faults=faults[:100])
    rows = tuple(row_of(number, row, mapping) for number, row in zip(numbers, value, strict=True))
    return Table(tuple(dict.fromkeys([*REQUIRED, *(name for row in rows for name in row.cells)])), rows)


def row_faults(row: Any, number: int, cards: Collection[str]) -> Iterator[Fault]:
    """What is wrong with the shape of a row."""
    if not isinstance(row, dict):
        yield Fault(f"/rows/{number}", "wrong-type")
        return
    for name, value in row.items():
        if name in (FOREIGN, ROW):
            continue
        if not is_column(name, cards):
            yield Fault(f"/rows/{number}", "unknown-column")
        elif isinstance(value, (dict, list)):
            yield Fault(f"/rows/{number}/{name}", "wrong-type")


def row_number(row: Any, position: int) -> int:
    """The number a row goes by."""
    named = row.get(ROW) if isinstance(row, dict) else None
    return named if isinstance(named, int) and not isinstance(named, bool) and 0 < named < 10**6 else position


def row_of(number: int, row: dict[str, Any], mapping: Mapping) -> TableRow:
    """A row with the foreign sheet's answers as cells; what could not be mapped spoils it, named by its place."""
    cells = {name: text_of(value) for name, value in row.items() if name not in (FOREIGN, ROW) and value is not None}
    if row.get(FOREIGN) is None:
        return TableRow(number=number, cells=cells)
    converted = convert(row[FOREIGN], mapping)
    marks = {f"{FOREIGN}{fault.pointer}": fault.code for fault in converted.faults}
    return TableRow(number=number, cells={**dict(cells_of(converted)), **cells}, marks=marks)


def cells_of(converted: Converted) -> Iterator[tuple[str, str]]:
    """A converted sheet as the cells of a row."""
    for name, text in converted.fields.items():
        yield ("sheet_identifier" if name == "identifier" else name), text
    for card, answer in converted.answers.items():
        for part, value in answer.items():
            yield f"{part}.{card}", "|".join(value) if isinstance(value, list) else str(value)
