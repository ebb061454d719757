"""What intake does on others' facts and on the clock."""

from services.intake.handlers import call_backs, cases, line, orientations, persons, referrals, silence
from services.intake.handlers.registry import handlers

__all__ = ["call_backs", "cases", "handlers", "line", "orientations", "persons", "referrals", "silence"]
