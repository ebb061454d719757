"""The routes of scheduler."""

from services.scheduler.api import (
    absences,
    appointments,
    cadences,
    calendars,
    campaigns,
    claims,
    digest,
    feeds,
    follow_ups,
    policies,
    reports,
    stopped,
    worklist,
)
from services.scheduler.api.doors import router

__all__ = [
    "absences",
    "appointments",
    "cadences",
    "calendars",
    "campaigns",
    "claims",
    "digest",
    "feeds",
    "follow_ups",
    "policies",
    "reports",
    "router",
    "stopped",
    "worklist",
]
