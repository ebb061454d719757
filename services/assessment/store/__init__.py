"""The tables of assessment, and all SQL about them."""

from services.assessment.store.admissions import AdmissionRow, Admissions
from services.assessment.store.courses import CourseRow, Courses, ReferralSourceRow
from services.assessment.store.outcomes import OutcomeRow, Outcomes
from services.assessment.store.profiles import ProfileConsentRow, ProfileConsents, ProfileSources
from services.assessment.store.registry import PackRow, PublicationRow, Registry, VersionFrozen
from services.assessment.store.relinks import PERSON_COLUMNS, Links
from services.assessment.store.sheets import DraftRow, Drafts, ReferralPersons, ResultRow, SheetRow, Sheets
from services.assessment.store.table import About, Related, Table

__all__ = [
    "PERSON_COLUMNS",
    "About",
    "AdmissionRow",
    "Admissions",
    "CourseRow",
    "Courses",
    "DraftRow",
    "Drafts",
    "Links",
    "OutcomeRow",
    "Outcomes",
    "PackRow",
    "ProfileConsentRow",
    "ProfileConsents",
    "ProfileSources",
    "PublicationRow",
    "ReferralPersons",
    "ReferralSourceRow",
    "Registry",
    "Related",
    "ResultRow",
    "SheetRow",
    "Sheets",
    "Table",
    "VersionFrozen",
]
