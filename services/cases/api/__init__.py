"""The routes of cases."""

from services.cases.api import planning, reading, steps
from services.cases.api.doors import router

__all__ = ["planning", "reading", "router", "steps"]
