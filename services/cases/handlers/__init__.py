"""What cases does on others' facts: it opens cases, learns whom they are about, and fills the meeting's agenda."""

from services.cases.handlers import complexity, follow_ups, overlap, requests, shares, signals, timeline
from services.cases.handlers.registry import handlers

__all__ = ["complexity", "follow_ups", "handlers", "overlap", "requests", "shares", "signals", "timeline"]
