"""What intake does on others' facts and on the clock."""

from services.intake.handlers import referrals
from services.intake.handlers.registry import handlers

__all__ = ["handlers", "referrals"]
