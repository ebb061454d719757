"""What assessment does on others' facts and on the clock: it scores what comes with a referral, and says so."""

from services.assessment.handlers import consents, endings, facts, merges, relationships
from services.assessment.handlers.registry import handlers

__all__ = ["consents", "endings", "facts", "handlers", "merges", "relationships"]
