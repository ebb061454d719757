"""What referrals does on others' facts and on the clock."""

from services.referrals.handlers import case, clock, person, sheets
from services.referrals.handlers.registry import handlers

__all__ = ["case", "clock", "handlers", "person", "sheets"]
