"""What cases does on others' facts: it opens cases, learns whom they are about, and fills the meeting's agenda."""

from services.cases.handlers import (
    complexity,
    consents,
    deaths,
    endings,
    follow_ups,
    merges,
    overlap,
    relationships,
    relays,
    requests,
    shares,
    signals,
    timeline,
)
from services.cases.handlers.registry import handlers

__all__ = [
    "complexity",
    "consents",
    "deaths",
    "endings",
    "follow_ups",
    "handlers",
    "merges",
    "overlap",
    "relationships",
    "relays",
    "requests",
    "shares",
    "signals",
    "timeline",
]
