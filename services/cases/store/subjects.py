"""What cases keeps of a person: where the case came from, the case, and all that is done in it."""

from pathlib import Path

from services.cases.store.table import Table
from shared.audit.subjects import Subjects
from shared.rights.holdings import Holdings

HOLDINGS = Holdings.read(Path(__file__).parents[1] / "holdings.json")

SUBJECTS = Subjects.of(
    Table.metadata,
    "Patient",
    ("origin", "person_id", "id"),
    ("assessed", "person_id", "id"),
    ("assessed", "person_id", "referral_id"),
    ("asked_elsewhere", "person_id", "outgoing_id"),
    ("case", "person_id", "id"),
    ("tie", "subject_id", "record_id"),
    ("tie", "subject_id", "record_id"),
    ("agenda_line", "case_id", "id"),
    ("case_share", "case_id", "id"),
    ("circle_member", "case_id", "id"),
    ("decision", "case_id", "id"),
    ("help_request", "case_id", "id"),
    ("pathway_deviation", "case_id", "id"),
    ("task", "case_id", "id"),
    ("timeline", "case_id", "id"),
    ("transfer", "case_id", "id"),
    ("visit", "case_id", "id"),
    ("activity", "case_id", "id"),
    ("information", "case_id", "id"),
    ("meeting_line", "case_id", "id"),
    ("follow_up_result", "case_id", "follow_up_id"),
    roots=("case.person_id", "origin.person_id", "assessed.person_id"),
)
