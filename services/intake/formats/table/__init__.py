"""Lists of people and of past contacts, as CSV or Excel."""

from services.intake.formats.table.columns import BOUNDS, PLACES, UnknownColumns, columns_of, refuse_unknown
from services.intake.formats.table.messages import message
from services.intake.formats.table.rows import cell_faults, contact_of, person_of

__all__ = [
    "BOUNDS",
    "PLACES",
    "UnknownColumns",
    "cell_faults",
    "columns_of",
    "contact_of",
    "message",
    "person_of",
    "refuse_unknown",
]
