"""A report as CSV: RFC 4180 with semicolons, UTF-8 with a byte order mark, which the spreadsheets of Belgium expect."""

import csv
import io

from services.cases.formats.report.cells import AnyReport, Value, figures_in, keys_of, lines_of, neutral, values_of


def csv_of(report: AnyReport) -> bytes:
    """A header of field names, one line per group, the total last; `line` says which is which.

    Names, codes and days are those of the JSON; decimals have a point; what is not known is empty.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["line", "from", "to", *keys_of(report), *figures_in(report)])
    days = [report.first.isoformat(), report.last.isoformat()]
    for keys, values in lines_of(report):
        writer.writerow(["group", *days, *map(neutral, keys), *map(written, values)])
    blank = [""] * len(report.group_by)
    writer.writerow(["total", *days, *blank, *map(written, values_of(report.totals))])
    return text.getvalue().encode("utf-8-sig")


def written(value: Value) -> str:
    """A figure with a point; nothing is empty."""
    return "" if value is None else str(value)
