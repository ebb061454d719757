"""The routes of referrals: the JSON push, the shared state, the pulls of our neighbours, the directory."""

from services.referrals.api import (
    directory,
    feedback,
    gaps,
    hl7v2,
    imports,
    outgoing,
    overlap,
    pulls,
    push,
    steps,
    table,
    webhooks,
)
from services.referrals.api.doors import router
from services.referrals.api.fhir import router as fhir_router

__all__ = [
    "directory",
    "feedback",
    "gaps",
    "hl7v2",
    "imports",
    "outgoing",
    "overlap",
    "pulls",
    "push",
    "router",
    "steps",
    "table",
    "webhooks",
]

router.include_router(fhir_router)
