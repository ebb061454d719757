"""Tables of referrals: CSV and Excel in, the workbook of rejected rows out, foreign assessment sheets mapped."""

from services.referrals.formats.table.columns import columns_with
from services.referrals.formats.table.foreign_rows import FOREIGN, read_foreign_rows
from services.referrals.formats.table.foreign_sheet import Converted, Mapping, UnknownMapping, convert, shipped_mapping
from services.referrals.formats.table.messages import message
from services.referrals.formats.table.rows import cell_faults, document_of

__all__ = [
    "FOREIGN",
    "Converted",
    "Mapping",
    "UnknownMapping",
    "cell_faults",
    "columns_with",
    "convert",
    "document_of",
    "message",
    "read_foreign_rows",
    "shipped_mapping",
]
