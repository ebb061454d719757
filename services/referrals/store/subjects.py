"""What referrals keeps of a person: referrals in both directions, and the cases they led to."""

from pathlib import Path

from services.referrals.store.table import Table
from shared.audit.subjects import Subjects
from shared.rights.holdings import Holdings

HOLDINGS = Holdings.read(Path(__file__).parents[1] / "holdings.json")

SUBJECTS = Subjects.of(
    Table.metadata,
    "Patient",
    ("referral", "person_id", "id"),
    ("referral", "person_id", "case_id"),
    ("followed_person", "person_id", "case_id"),
    ("outgoing_referral", "person_id", "id"),
    ("outgoing_referral", "case_id", "id"),
    ("gap", "source_id", "id"),
    roots=("referral.person_id", "followed_person.person_id", "outgoing_referral.person_id"),
)
