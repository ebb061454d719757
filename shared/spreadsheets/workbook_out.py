"""Writes the workbook of rejected rows: each as it came, with what was wrong, ready to be corrected and sent again."""

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from shared.spreadsheets.cells import neutral
from shared.spreadsheets.reading import REMARKS
from shared.spreadsheets.values import RejectedRow

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_TEXT = 32_767

LANGUAGES = ("fr", "nl", "de", "en")

Meaning = Callable[[str, str], str]
"""What a code means in a language."""


def rejected_workbook(
    columns: Sequence[str], rejected: Iterable[tuple[RejectedRow, Mapping[str, str]]], meaning: Meaning
) -> bytes:
    """An .xlsx file of the rejected rows with their cells as they came: all text, none that a spreadsheet computes."""
    workbook = Workbook(write_only=True)
    page = workbook.create_sheet("rejected")
    page.freeze_panes = "A2"
    kept = [column for column in columns if column not in REMARKS]

    def text(value: str, *, bold: bool = False) -> WriteOnlyCell:
        cell = WriteOnlyCell(page, value=UNWRITABLE.sub("", value)[:MAX_TEXT])
        cell.data_type = "s"
        cell.number_format = "@"
        if bold:
            cell.font = Font(bold=True)
        return cell

    page.append([text(name, bold=True) for name in (*REMARKS, *kept)])
    for row, cells in rejected:
        page.append(
            [text(value) for value in (*remarks(row, meaning), *(neutral(cells.get(name, "")) for name in kept))]
        )
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def remarks(row: RejectedRow, meaning: Meaning) -> list[str]:
    """What is wrong with a row, one line for each fault."""
    meanings = ["\n".join(meaning(fault.code, language) for fault in row.faults) for language in LANGUAGES]
    columns, codes = (
        "\n".join(parts) for parts in zip(*((fault.column, fault.code) for fault in row.faults), strict=True)
    )
    return [str(row.row), columns, codes, *meanings]
