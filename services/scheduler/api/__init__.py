"""The routes of scheduler."""

from services.scheduler.api import follow_ups, policies, worklist
from services.scheduler.api.doors import router

__all__ = ["follow_ups", "policies", "router", "worklist"]
