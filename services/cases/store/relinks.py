"""Where cases keeps ids of people: what a merge of two records of one person moves, and its undo moves back."""

from services.cases.store.case_row import CaseRow
from services.cases.store.circle import MemberRow
from services.cases.store.complexity import AssessedRow
from services.cases.store.heard import HeardRow, TieRow
from services.cases.store.origins import OriginRow
from services.cases.store.overlap import AskedRow
from shared.relationships.links import SUBJECT_COLUMNS
from shared.relinks import Columns

PERSON_COLUMNS: Columns = (
    (CaseRow, "person_id"),
    (OriginRow, "person_id"),
    (MemberRow, "person_id"),
    (AssessedRow, "person_id"),
    (AskedRow, "person_id"),
    (TieRow, "subject_id"),
    (HeardRow, "about"),
    *SUBJECT_COLUMNS,
)
"""Those of ties and of what was heard name records of any kind, people among them.

The facts that timelines keep as JSON stay as they were told; `Timeline.page` names the person as today when it is read.
"""
