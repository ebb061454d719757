"""What assessment keeps of a person: referrals and cases, sheets, outcomes, admissions, consents."""

from pathlib import Path

from services.assessment.store.table import Table
from shared.audit.subjects import Subjects
from shared.rights.holdings import Holdings

HOLDINGS = Holdings.read(Path(__file__).parents[1] / "holdings.json")

SUBJECTS = Subjects.of(
    Table.metadata,
    "Patient",
    ("referral_person", "person_id", "referral_id"),
    ("course", "person_id", "case_id"),
    ("course", "person_id", "origin_id"),
    ("sheet", "person_id", "id"),
    ("sheet", "referral_id", "id"),
    ("rejection", "referral_id", "id"),
    ("draft", "person_id", "id"),
    ("outcome", "person_id", "id"),
    ("outcome", "case_id", "id"),
    ("admission", "person_id", "id"),
    ("admission", "referral_id", "id"),
    ("profile_consent", "person_id", "id"),
    roots=(
        "referral_person.person_id",
        "course.person_id",
        "sheet.person_id",
        "outcome.person_id",
        "profile_consent.person_id",
        "admission.person_id",
    ),
)
