"""What scheduler does on others' facts and on the clock: it plans, cancels, and says when something is due."""

from services.scheduler.handlers import clock, closings, contacts
from services.scheduler.handlers.registry import handlers

__all__ = ["clock", "closings", "contacts", "handlers"]
