"""Reads an Excel workbook: guarded against files that unfold beyond measure, watchful of formulas and merged cells."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from xml.etree import ElementTree  # nosec B405  # see below

from python_calamine import CalamineWorkbook

from shared.errors import Fault
from shared.spreadsheets.values import TableRefused, position_of

MAX_UNFOLDED = 150_000_000
"""Bytes of all parts of a workbook together: 10,000 rows of a hundred columns are about 40 million."""

MAX_CELLS = 6_000_000
"""Cells of the smallest rectangle around what is filled: 50,000 rows of all our columns."""

Marks = Mapping[tuple[int, int], str]
"""What the file says is no value, by row (from 1) and column (from 0)."""

CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,4})([0-9]{1,9})\"")
FORMULA = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,3})([0-9]{1,7})\"[^>]*>\s*<(?:\w+:)?f[\s/>]")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_workbook(body: bytes, max_rows: int, max_columns: int) -> tuple[list[list[str]], Marks]:
    """The first sheet as text from its cell A1 on, with the marks of formulas and merged cells; or TableRefused."""
    try:
        parts = unfolded(body)
        marks = formulas(first_page(parts), max_rows, max_columns)
        with CalamineWorkbook.from_filelike(refolded(parts)) as workbook:
            page = workbook.get_sheet_by_index(0)
            rows = [[text_of(cell) for cell in row] for row in page.to_python(skip_empty_area=False)]
            for (top, left), (bottom, right) in page.merged_cell_ranges or ():
                below, beyond = min(bottom, max_rows), min(right, max_columns)
                places = ((row + 1, at) for row in range(top, below + 1) for at in range(left, beyond + 1))
                marks |= dict.fromkeys(places, "merged-cells")
    except TableRefused:
        raise
    # A broken file makes the readers of zip, XML and Excel raise nearly anything: found by fuzzing.
    except Exception:
        raise TableRefused(faults=[Fault("", "not-a-workbook")]) from None
    return rows, marks


def unfolded(body: bytes) -> dict[str, bytes]:
    """The XML parts of a workbook by name, never more of them than was measured before."""
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        wanted = [part for part in parts.infolist() if part.filename.endswith((".xml", ".rels"))]
        if sum(part.file_size for part in wanted) > MAX_UNFOLDED:
            raise TableRefused(faults=[Fault("", "too-many-rows")])
        return {part.filename: parts.read(part) for part in wanted}


def refolded(parts: Mapping[str, bytes]) -> io.BytesIO:
    """The same parts as a file without compression: what it says of its size is so."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    written.seek(0)
    return written


def element(xml: bytes) -> ElementTree.Element:
    """A part of a workbook; ValueError where it declares entities, which could unfold beyond measure."""
    if b"<!DOCTYPE" in xml or b"\0" in xml:
        raise ValueError
    return ElementTree.fromstring(xml)  # nosec B314  # without a DTD there are no entities


def first_page(parts: Mapping[str, bytes]) -> bytes:
    """The XML of the first sheet."""
    pages = element(parts["xl/workbook.xml"]).find("{*}sheets")
    relations = element(parts["xl/_rels/workbook.xml.rels"])
    wanted = pages[0].get(RELATION) if pages is not None else None
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    target = targets[wanted]
    return parts[target.removeprefix("/") if target.startswith("/") else f"xl/{target}"]


def formulas(xml: bytes, max_rows: int, max_columns: int) -> dict[tuple[int, int], str]:
    """The marks of the cells that hold a formula. A cell far outside would make the reader unfold all before it."""
    columns: set[bytes] = set()
    last = 0
    for column, row in CELL.findall(xml):
        columns.add(column)
        last = max(last, int(row))
    if last > max_rows + 1:
        raise TableRefused(faults=[Fault("", "too-many-rows")])
    width = max((position_of(column.decode()) + 1 for column in columns), default=0)
    if width > max_columns:
        raise TableRefused(faults=[Fault("", "too-many-columns")])
    if last * width > MAX_CELLS:
        raise TableRefused(faults=[Fault("", "too-many-rows")])
    return {(int(row), position_of(column.decode())): "formula" for column, row in FORMULA.findall(xml)}


def text_of(value: object) -> str:
    """The text of a cell, as a person would have typed it into a CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
