"""Reads a CSV file or an Excel workbook into rows of text; what a file cannot mean is refused before any row is."""

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.errors import Fault
from shared.spreadsheets.values import TableRefused, TableRow, letters
from shared.spreadsheets.workbook_in import Marks, read_workbook

SEPARATORS = (";", ",")
MAX_COLUMNS = 500
MAX_ROWS = 50_000

REMARKS = ("#row", "#column", "#code", "#fr", "#nl", "#de", "#en")
"""What a workbook of rejected rows carries beside the rows: skipped when the corrected workbook comes back."""

Record = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Table:
    """The rows of a file, the blank ones left out, under the names of its first row."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class Columns:
    """The columns that a table may have and those that it must.

    `renamed` gives a file's own name of a column in our words; a `skipped` column is read over.
    """

    is_known: Callable[[str], bool]
    required: tuple[str, ...]
    renamed: Callable[[str], str] = str
    skipped: Collection[str] = ()

    def is_data(self, name: str) -> bool:
        """Whether the cells of a column count."""
        return name not in REMARKS and name not in self.skipped


def read_csv(body: bytes, columns: Columns) -> Table:
    """The table in a CSV file: UTF-8 with or without byte order mark, `;` or `,`. Raises TableRefused."""
    if b"\0" in body:
        raise TableRefused(faults=[Fault("", "nul-character")])
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableRefused(faults=[Fault("", "not-utf8")]) from None
    return table(records_of(text), columns, {})


def read_xlsx(body: bytes, columns: Columns) -> Table:
    """The table on the first sheet of an Excel workbook. Raises TableRefused."""
    rows, marks = read_workbook(body, MAX_ROWS, MAX_COLUMNS)
    return table(enumerate(rows, 1), columns, marks)


def records_of(text: str) -> Iterator[Record]:
    """The records of a CSV text, numbered as a spreadsheet shows them."""
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower() in ("sep=;", "sep=,"):
        separator, text, skipped = first.strip()[-1], rest, 1
    else:
        separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = skipped
    try:
        for number, cells in enumerate(reader, skipped + 1):
            yield number, cells
    except csv.Error:
        raise TableRefused(faults=[Fault(f"/rows/{number + 1}", "malformed-csv")]) from None


def table(found: Iterable[Record], columns: Columns, marks: Marks) -> Table:
    """The table that these records are; the first of them names the columns."""
    records = iter(found)
    header_row, header = next(records, (1, ()))
    names = trimmed([columns.renamed(name.strip()) for name in header])
    faults = list(header_faults(names, columns))
    marked: dict[int, dict[int, str]] = {}
    for (row_number, at), code in marks.items():
        marked.setdefault(row_number, {})[at] = code
    faults += [Fault(f"/columns/{letters(at)}", code) for at, code in marked.get(header_row, {}).items()]
    if faults:
        raise TableRefused(faults=list(dict.fromkeys(faults)))
    kept = [name if columns.is_data(name) else "" for name in names]
    rows = tuple(row for number, cells in records if (row := row_of(number, cells, kept, marked.get(number, {}))))
    if not rows:
        raise TableRefused(faults=[Fault("", "no-rows")])
    if len(rows) > MAX_ROWS:
        raise TableRefused(faults=[Fault("", "too-many-rows")])
    return Table(tuple(name for name in kept if name), rows)


def trimmed(names: list[str]) -> list[str]:
    """The names without the empty ones at the end."""
    while names and not names[-1]:
        names.pop()
    return names


def header_faults(names: Sequence[str], columns: Columns) -> Iterator[Fault]:
    """What is wrong with the names of the columns. A name that we do not know is never repeated to the sender."""
    if len(names) > MAX_COLUMNS:
        yield Fault("", "too-many-columns")
        return
    for position, name in enumerate(names):
        if name in names[:position]:
            yield Fault(f"/columns/{letters(position)}", "repeated-column")
        elif columns.is_data(name) and not columns.is_known(name):
            yield Fault(f"/columns/{letters(position)}", "unknown-column")
    for name in columns.required:
        if name not in names:
            yield Fault(f"/columns/{name}", "missing-column")


def row_of(number: int, cells: Sequence[str], columns: Sequence[str], marks: Mapping[int, str]) -> TableRow | None:
    """One row, or None where it is blank; cells of a column without name are read over.

    A cell beyond the last column has no meaning and spoils its row.
    """
    named = dict(zip(columns, cells, strict=False))
    filled = {name: text for name, text in named.items() if name and text.strip()}
    beyond = len(columns)
    spoilt = {columns[at] if at < beyond else "": code for at, code in marks.items() if at >= beyond or columns[at]}
    if any(text.strip() for text in cells[len(columns) :]):
        spoilt[""] = "too-many-cells"
    if not filled and not spoilt:
        return None
    return TableRow(number=number, cells=filled, marks=spoilt)
