"""What scheduler tells the others: ids, codes and days, never what was said."""

from services.scheduler.events.codes import ItemStatus, Outcome
from services.scheduler.events.follow_up import (
    FOLLOW_UP,
    AttemptRecorded,
    CheckedItem,
    ContactRestored,
    FollowUpCancelled,
    FollowUpCompleted,
    FollowUpDue,
    FollowUpPlanned,
    FollowUpRefused,
    PersonUnreachable,
)

PUBLISHED = (*FOLLOW_UP,)

__all__ = [
    "PUBLISHED",
    "AttemptRecorded",
    "CheckedItem",
    "ContactRestored",
    "FollowUpCancelled",
    "FollowUpCompleted",
    "FollowUpDue",
    "FollowUpPlanned",
    "FollowUpRefused",
    "ItemStatus",
    "Outcome",
    "PersonUnreachable",
]
