"""A report as an Excel workbook: numbers as numbers, texts as texts, nothing that is computed."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from services.cases.formats.report.cells import AnyReport, Value, figures_in, lines_of, neutral, values_of
from services.cases.formats.report.words import Language, heading_of, key_label, label, notes_of, title_of

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_TEXT = 32_767
HEADING_ROWS = 4


@dataclass(frozen=True)
class Pen:
    """Writes cells of one sheet."""

    sheet: Any

    def text(self, value: str, *, bold: bool = False) -> WriteOnlyCell:
        """A cell of text, never a formula."""
        cell = WriteOnlyCell(self.sheet, value=UNWRITABLE.sub("", neutral(value))[:MAX_TEXT])
        cell.data_type, cell.number_format, cell.font = "s", "@", Font(bold=bold)
        return cell

    def number(self, value: Value, name: str, *, bold: bool = False) -> WriteOnlyCell:
        """A cell of a figure; empty where nothing is known."""
        cell = WriteOnlyCell(self.sheet, value=value)
        cell.number_format, cell.font = number_format(value, name), Font(bold=bold)
        return cell

    def heads(self, names: Sequence[str]) -> list[WriteOnlyCell]:
        """The header cells, each column wide enough for its own."""
        for column, name in enumerate(names, start=1):
            self.sheet.column_dimensions[get_column_letter(column)].width = max(12, len(name) + 2)
        return [self.text(name, bold=True) for name in names]


def workbook_of(report: AnyReport, language: Language) -> bytes:
    """An .xlsx file with one sheet: title, days, header, one row per group, the total."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title_of(report, language)[:31])
    sheet.freeze_panes = f"A{HEADING_ROWS + 1}"
    pen, names, columns = Pen(sheet), figures_in(report), report.group_by
    heads = pen.heads([label(name, language) for name in (*columns, *names)])
    sheet.append([pen.text(title_of(report, language), bold=True)])
    sheet.append([pen.text(" ".join([heading_of(report, language), *notes_of(report, language)]))])
    sheet.append([])
    sheet.append(heads)
    for keys, values in lines_of(report):
        told = [key_label(dimension, key, language) for dimension, key in zip(columns, keys, strict=True)]
        sheet.append([*map(pen.text, told), *map(pen.number, values, names)])
    total = [label("total", language), *("" for _ in columns)][: len(columns)]
    figures = [pen.number(value, name, bold=True) for value, name in zip(values_of(report.totals), names, strict=True)]
    sheet.append([*(pen.text(cell, bold=True) for cell in total), *figures])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def number_format(value: Value, name: str) -> str:
    """How a spreadsheet shows a figure."""
    if name == "continuity":
        return "0.00%"
    if name == "amount":
        return '#,##0.00 "€"'
    return "#,##0.00" if isinstance(value, Decimal) else "#,##0"
