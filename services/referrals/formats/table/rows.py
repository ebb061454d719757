"""A row as the document that the JSON push would have carried: same fields, same rules, same fingerprint."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.referrals.domain import Document
from services.referrals.formats.table.cells import READINGS
from services.referrals.formats.table.columns import PLACES, column_of, kind_of
from shared.errors import Fault
from shared.problems import faults_of
from shared.spreadsheets import CellFault, TableRow, Unreadable, plain


def document_of(row: TableRow) -> tuple[Document | None, list[CellFault]]:
    """The document that a row means, or what is wrong with its cells."""
    values, faults = read_cells(row)
    found: Document | None = None
    spoilt = {fault.column for fault in faults}
    try:
        found = Document.model_validate(nested(values))
    except ValidationError as error:
        further = cell_faults(faults_of(error.errors()), row.cells)
        faults += [fault for fault in further if fault.column not in spoilt]
    return (None if faults else found), faults


def read_cells(row: TableRow) -> tuple[dict[str, Any], list[CellFault]]:
    """The value of each filled cell by column, and the cells that have none."""
    values: dict[str, Any] = {}
    faults = [CellFault(column=column, code=code) for column, code in row.marks.items()]
    for column, text in row.cells.items():
        if column in row.marks:
            continue
        try:
            value = plain(text)
            if value:
                values[column] = READINGS[kind_of(column)](value)
        except Unreadable as error:
            faults.append(CellFault(column=column, code=str(error)))
    return values, faults


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The flat values as the JSON push has them."""
    document: dict[str, Any] = {"identifier": {}, "person": {}, "consent": {}}
    sheet: dict[str, Any] = {}
    answers: dict[str, dict[str, Any]] = {}
    for column, value in values.items():
        if column not in PLACES:
            part, _, card = column.partition(".")
            answers.setdefault(card, {})[part] = value
            continue
        *path, last = PLACES[column][0].removeprefix("/").split("/")
        place = sheet if path[:1] == ["sheets"] else document
        for step in [] if place is sheet else path:
            place = place.setdefault(step, {})
        place[last] = value
    if sheet or answers:
        document["sheets"] = [{**sheet, "answers": answers}]
    return document


def cell_faults(faults: list[Fault], filled: Mapping[str, Any]) -> list[CellFault]:
    """Faults of a document as faults of the row's cells, each once."""
    found = [CellFault(column=column_of(fault.pointer, filled), code=fault.code) for fault in faults]
    return list(dict.fromkeys(found))
