"""The routes of assessment: instruments, sheets and their scores, admissions."""

from fastapi import APIRouter

from services.assessment.api import (
    admissions,
    exports,
    fhir,
    indicators,
    instruments,
    life,
    outcomes,
    profiles,
    scores,
    sheets,
)

router = APIRouter()
for part in (instruments, scores, sheets, life, admissions, outcomes, indicators, exports, profiles, fhir):
    router.include_router(part.router)
