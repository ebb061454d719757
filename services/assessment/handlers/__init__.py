"""What assessment does on others' facts and on the clock: it scores what comes with a referral, and says so."""

from services.assessment.handlers import facts, merges
from services.assessment.handlers.registry import handlers

__all__ = ["facts", "handlers", "merges"]
