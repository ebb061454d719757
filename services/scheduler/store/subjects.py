"""What scheduler keeps of a person: the case, and the calls and visits that are planned."""

from pathlib import Path

from services.scheduler.store.table import Table
from shared.audit.subjects import Subjects
from shared.rights.holdings import Holdings

HOLDINGS = Holdings.read(Path(__file__).parents[1] / "holdings.json")

SUBJECTS = Subjects.of(
    Table.metadata,
    "Patient",
    ("followed_case", "person_id", "case_id"),
    ("followed_case", "person_id", "origin_id"),
    ("follow_up", "person_id", "id"),
    ("follow_up", "case_id", "id"),
    ("appointment", "person_id", "id"),
    ("appointment", "case_id", "id"),
    ("appointment", "case_id", "visit_id"),
    ("stopped", "person_id", "id"),
    ("stopped", "case_id", "id"),
    ("reminder", "case_id", "id"),
    ("line_task", "case_id", "task_id"),
    roots=("followed_case.person_id", "follow_up.person_id", "appointment.person_id"),
)
