"""The evaluation export as files: rows as CSV or Parquet, the data dictionary as CSV or Markdown."""

import csv
import io
from collections.abc import Mapping, Sequence
from enum import StrEnum

from services.assessment.domain.evaluation import Column, ColumnType, Row, Value

Entry = Mapping[str, Value | list[str]]

ARROW = {
    ColumnType.TEXT: "string",
    ColumnType.INTEGER: "int64",
    ColumnType.NUMBER: "float64",
    ColumnType.BOOLEAN: "bool",
}


class FileFormat(StrEnum):
    """What a file of rows is."""

    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES = {FileFormat.CSV: "text/csv; charset=utf-8", FileFormat.PARQUET: "application/vnd.apache.parquet"}


def as_csv(rows: Sequence[Row], wanted: Sequence[Column]) -> bytes:
    """RFC 4180 in UTF-8 with a header; nothing is an empty field, booleans are true and false."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in wanted])
    writer.writeheader()
    writer.writerows({name: _written(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def as_parquet(rows: Sequence[Row], wanted: Sequence[Column]) -> bytes:
    """Parquet with typed, nullable columns; each field carries its description."""
    # Large, and needed by exports alone: not loaded at the start of the service.
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {kind: pa.type_for_alias(alias) for kind, alias in ARROW.items()}
    fields = [pa.field(each.name, kinds[each.type], metadata={"description": each.description}) for each in wanted]
    table = pa.Table.from_pylist(list(rows), schema=pa.schema(fields))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def written(form: FileFormat, rows: Sequence[Row], wanted: Sequence[Column]) -> bytes:
    """The file of a format."""
    return as_csv(rows, wanted) if form is FileFormat.CSV else as_parquet(rows, wanted)


def dictionary_as_csv(entries: Sequence[Entry]) -> bytes:
    """The data dictionary with one line per column; codes are separated by spaces."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(entries[0])
    writer.writerows([_told(value) for value in entry.values()] for entry in entries)
    return text.getvalue().encode()


def dictionary_as_markdown(entries: Sequence[Entry]) -> bytes:
    """The data dictionary as a Markdown table."""
    head = list(entries[0])
    lines = [head, ["---"] * len(head), *([_told(value) for value in entry.values()] for entry in entries)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines).encode()


def _told(value: Value | list[str]) -> str:
    return " ".join(value) if isinstance(value, list) else _written(value)
