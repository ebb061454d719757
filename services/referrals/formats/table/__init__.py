"""Tables of referrals: CSV and Excel in, the workbook of rejected rows out, foreign assessment sheets mapped."""

from services.referrals.formats.table.foreign_rows import FOREIGN, read_foreign_rows
from services.referrals.formats.table.foreign_sheet import Converted, Mapping, UnknownMapping, convert, shipped_mapping
from services.referrals.formats.table.reading import Table, read_csv, read_xlsx
from services.referrals.formats.table.rows import cell_faults, document_of
from services.referrals.formats.table.workbook_out import rejected_workbook

__all__ = [
    "FOREIGN",
    "Converted",
    "Mapping",
    "Table",
    "UnknownMapping",
    "cell_faults",
    "convert",
    "document_of",
    "read_csv",
    "read_foreign_rows",
    "read_xlsx",
    "rejected_workbook",
    "shipped_mapping",
]
