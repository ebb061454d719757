"""The tables of scheduler, and all SQL about them."""

from services.scheduler.store.closings import ClosingRow, Closings
from services.scheduler.store.follow_ups import CLAIM, FollowUpRow, FollowUps, When, days_of
from services.scheduler.store.policies import SHIPPED, PolicyBook, shipped
from services.scheduler.store.table import Table

__all__ = [
    "CLAIM",
    "SHIPPED",
    "ClosingRow",
    "Closings",
    "FollowUpRow",
    "FollowUps",
    "PolicyBook",
    "Table",
    "When",
    "days_of",
    "shipped",
]
