"""Where intake keeps people's ids: what a merge moves, and what it leaves in its place and reads through."""

from services.intake.store.call_backs import CallBackRow
from services.intake.store.consents import ConsentRow
from services.intake.store.contacts import ContactRow
from services.intake.store.elsewhere import ElsewhereCheckRow
from services.intake.store.exclusions import ExclusionRow
from services.intake.store.exports import ExportRow
from services.intake.store.imports import ReferenceRow
from services.intake.store.person_history import RelationRow
from services.intake.store.persons import PersonRow
from services.intake.store.reviews import IdentificationRow, ReviewRow
from services.intake.store.standings import KnownCaseRow
from shared.relationships.links import SUBJECT_COLUMNS
from shared.relinks import Columns

PERSON_COLUMNS: Columns = (
    (ContactRow, "person_id"),
    (ContactRow, "caller_person_id"),
    (CallBackRow, "person_id"),
    (KnownCaseRow, "person_id"),
    (ConsentRow, "person_id"),
    (ExportRow, "person_id"),
    (IdentificationRow, "person_id"),
    (ReviewRow, "person_id"),
    (ElsewhereCheckRow, "person_id"),
    (RelationRow, "person_id"),
    (RelationRow, "other_id"),
    (ReferenceRow, "target_id"),
    (PersonRow, "merged_into"),
    (ExclusionRow, "person_id"),
    *SUBJECT_COLUMNS,
)
"""Moved to the kept person, and back by an undo (see `shared.relinks`)."""

LEFT_IN_PLACE = {
    "restriction.person_id": "found through the person's records",
    "legal_hold.person_id": "one on any of the records holds the person: found through them",
    "erasure.person_id": "says whose records were ended",
    "person_change.person_id": "what changed of a record stays with it; the history is read over all records",
    "relay.person_id": "one is open per person: an open request of either is found through the person's records",
    "lapsed_link.person_id": "one per person and outage: the roster shows one of them, a contact restores all",
    "elsewhere_consent.person_id": "one per person: the last said of all records counts",
    "joint_case_question.person_id": "one open per person and programme: found through the person's records",
    "import_row.target_id": "says what became of a row when it came in",
    "person_merge.kept_id": "says what was merged",
    "person_merge.merged_id": "says what was merged",
    "known_apart.one_id": "a pair of records, read as the people they stand for",
    "known_apart.two_id": "a pair of records, read as the people they stand for",
    "possible_duplicate.one_id": "a pair of records, shown while neither is merged",
    "possible_duplicate.two_id": "a pair of records, shown while neither is merged",
}
"""Left where it is, each for a reason."""
