"""What referrals does on others' facts and on the clock."""

from services.referrals.handlers import (
    case,
    clock,
    deliveries,
    directory,
    imports,
    merges,
    notices,
    outgoing,
    person,
    sheets,
    subscriptions,
)
from services.referrals.handlers.registry import handlers

__all__ = [
    "case",
    "clock",
    "deliveries",
    "directory",
    "handlers",
    "imports",
    "merges",
    "notices",
    "outgoing",
    "person",
    "sheets",
    "subscriptions",
]
