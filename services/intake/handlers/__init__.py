"""What intake does on others' facts and on the clock."""

from services.intake.handlers import (
    call_backs,
    cases,
    consents,
    endings,
    exports,
    gaps,
    imports,
    line,
    orientations,
    persons,
    referrals,
    relationships,
    silence,
    topics,
)
from services.intake.handlers.registry import handlers

__all__ = [
    "call_backs",
    "cases",
    "consents",
    "endings",
    "exports",
    "gaps",
    "handlers",
    "imports",
    "line",
    "orientations",
    "persons",
    "referrals",
    "relationships",
    "silence",
    "topics",
]
