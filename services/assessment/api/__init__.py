"""The routes of assessment: instruments, sheets and their scores, admissions."""

from fastapi import APIRouter

from services.assessment.api import admissions, instruments, life, scores, sheets

router = APIRouter()
for part in (instruments, scores, sheets, life, admissions):
    router.include_router(part.router)
