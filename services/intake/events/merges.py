"""What intake tells of two records of one person: which id now stands for which, and when it no longer does."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.events import Event


class MergeReason(StrEnum):
    """Why two records are held for one person."""

    ENTERED_TWICE = "entered-twice"
    SAME_NISS = "same-niss"
    NAME_CHANGED = "name-changed"
    PERSON_CONFIRMED = "person-confirmed"
    DOCUMENT_SEEN = "document-seen"
    OTHER = "other"


class UndoReason(StrEnum):
    """Why a merge is taken back."""

    DIFFERENT_PERSONS = "different-persons"
    WRONG_ONE_KEPT = "wrong-one-kept"
    ENTERED_IN_ERROR = "entered-in-error"
    OTHER = "other"


class PersonsMerged(Event):
    """Two records are of one person: from now on `merged_id` stands for `kept_id`.

    The aggregate is the merge: a merge and its undo come in order, two merges of one person in any order.
    """

    type: ClassVar[str] = "intake.persons-merged.v1"
    merge_id: UUID
    kept_id: UUID
    merged_id: UUID


class MergeUndone(Event):
    """A merge is taken back: `merged_id` stands for itself again."""

    type: ClassVar[str] = "intake.merge-undone.v1"
    merge_id: UUID
    kept_id: UUID
    merged_id: UUID


MERGES = (PersonsMerged, MergeUndone)
