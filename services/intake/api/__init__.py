"""The routes of intake: contacts, the person index, the identity reviews."""

from services.intake.api import (
    amendments,
    call_backs,
    contacts,
    drafts,
    duplicates,
    elsewhere,
    gaps,
    imports,
    known_caller,
    line,
    merges,
    outages,
    person_care,
    persons,
    reviews,
    topics,
)
from services.intake.api.doors import router

__all__ = [
    "amendments",
    "call_backs",
    "contacts",
    "drafts",
    "duplicates",
    "elsewhere",
    "gaps",
    "imports",
    "known_caller",
    "line",
    "merges",
    "outages",
    "person_care",
    "persons",
    "reviews",
    "router",
    "topics",
]
