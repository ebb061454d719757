"""What referrals does on others' facts and on the clock."""

from services.referrals.handlers import (
    case,
    clock,
    consents,
    deliveries,
    directory,
    endings,
    imports,
    merges,
    notices,
    outgoing,
    person,
    relationships,
    sheets,
    subscriptions,
)
from services.referrals.handlers.registry import handlers

__all__ = [
    "case",
    "clock",
    "consents",
    "deliveries",
    "directory",
    "endings",
    "handlers",
    "imports",
    "merges",
    "notices",
    "outgoing",
    "person",
    "relationships",
    "sheets",
    "subscriptions",
]
