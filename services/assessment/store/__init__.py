"""The tables of assessment, and all SQL about them."""

from services.assessment.store.admissions import AdmissionRow, Admissions
from services.assessment.store.registry import PackRow, PublicationRow, Registry, VersionFrozen
from services.assessment.store.sheets import DraftRow, Drafts, ReferralPersons, ResultRow, SheetRow, Sheets
from services.assessment.store.table import About, Table

__all__ = [
    "About",
    "AdmissionRow",
    "Admissions",
    "DraftRow",
    "Drafts",
    "PackRow",
    "PublicationRow",
    "ReferralPersons",
    "Registry",
    "ResultRow",
    "SheetRow",
    "Sheets",
    "Table",
    "VersionFrozen",
]
