"""The FHIR R4 door under `/referrals/fhir`."""

from services.referrals.api.fhir import (
    base,
    capability,
    creates,
    directory,
    published,
    read,
    search,
    smart,
    subscriptions,
    write,
)
from services.referrals.api.fhir.doors import fhir_answer, fhir_body, fhir_problem, router

__all__ = [
    "base",
    "capability",
    "creates",
    "directory",
    "fhir_answer",
    "fhir_body",
    "fhir_problem",
    "published",
    "read",
    "router",
    "search",
    "smart",
    "subscriptions",
    "write",
]
