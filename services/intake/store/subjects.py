"""What intake keeps of a person: contacts, call-backs, checks, and where they went."""

from pathlib import Path

from services.intake.store.table import Table
from shared.audit.subjects import Subjects
from shared.rights.holdings import Holdings

HOLDINGS = Holdings.read(Path(__file__).parents[1] / "holdings.json")

SUBJECTS = Subjects.of(
    Table.metadata,
    "Patient",
    ("known_case", "person_id", "id"),
    ("contact", "person_id", "id"),
    ("call_back", "person_id", "id"),
    ("call_back", "contact_id", "id"),
    ("orientation", "contact_id", "outgoing_id"),
    ("identification", "person_id", "id"),
    ("identity_review", "person_id", "id"),
    ("identity_review", "person_id", "referral_id"),
    ("person_merge", "kept_id", "id"),
    ("person_merge", "merged_id", "id"),
    ("subject_export", "person_id", "id"),
    ("person_change", "person_id", "id"),
    ("person_relation", "person_id", "id"),
    ("relay", "person_id", "id"),
    ("consent", "person_id", "id"),
    ("subject_export", "person_id", "id"),
    ("elsewhere_check", "person_id", "id"),
    ("elsewhere_consent", "person_id", "id"),
    ("named_exclusion", "person_id", "id"),
    ("joint_case_question", "person_id", "id"),
    ("named_exclusion", "person_id", "id"),
    roots=("person.id",),
)
