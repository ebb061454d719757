"""What scheduler does on others' facts and on the clock: it plans, cancels, and says when something is due."""

from services.scheduler.handlers import (
    campaigns,
    cases,
    clock,
    closings,
    consents,
    contacts,
    deaths,
    endings,
    languages,
    line_tasks,
    lost_contacts,
    meetings,
    merges,
    relationships,
    reminders,
    triggers,
    visits,
)
from services.scheduler.handlers.registry import handlers

__all__ = [
    "campaigns",
    "cases",
    "clock",
    "closings",
    "consents",
    "contacts",
    "deaths",
    "endings",
    "handlers",
    "languages",
    "line_tasks",
    "lost_contacts",
    "meetings",
    "merges",
    "relationships",
    "reminders",
    "triggers",
    "visits",
]
