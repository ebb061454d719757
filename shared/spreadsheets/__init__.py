"""Tables of others: CSV and Excel in, each row with its faults; the workbook of rejected rows out."""

from shared.spreadsheets.cells import Unreadable, plain
from shared.spreadsheets.reading import MAX_ROWS, REMARKS, Columns, Table, read_csv, read_xlsx, records_of
from shared.spreadsheets.values import XLSX, CellFault, RejectedRow, TableRefused, TableRow, UnsupportedTable
from shared.spreadsheets.workbook_in import text_of
from shared.spreadsheets.workbook_out import LANGUAGES, rejected_workbook

__all__ = [
    "LANGUAGES",
    "MAX_ROWS",
    "REMARKS",
    "XLSX",
    "CellFault",
    "Columns",
    "RejectedRow",
    "Table",
    "TableRefused",
    "TableRow",
    "Unreadable",
    "UnsupportedTable",
    "plain",
    "read_csv",
    "read_xlsx",
    "records_of",
    "rejected_workbook",
    "text_of",
]
