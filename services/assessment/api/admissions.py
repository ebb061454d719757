"""The advice on admissions, with its reasons. It binds nobody."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from services.assessment.api.about import AboutDep
from services.assessment.domain import Advice, ComplexityProfile
from services.assessment.store import AdmissionRow, Admissions
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.requests import Tag, opened
from shared.service import router as service_router

router = service_router("assessment", tags=["admissions"])

AdmissionsDep = Annotated[Admissions, Depends(opened(Admissions))]

MayReadAdmissions = Annotated[Caller, Depends(May("admission:read"))]


class AdmissionView(BaseModel):
    """An advice and the profile that it comes from."""

    id: UUID
    referral_id: UUID | None
    person_id: UUID | None = Field(description="Null while the person of the referral is not identified")
    sheet_id: UUID | None = Field(description="The person's own sheet that was read; null when there was none")
    advice: Advice | None = Field(description="Null when nothing at all could be assessed")
    rule_version: str = Field(description="The policy in force on the day")
    profile: ComplexityProfile = Field(description="Each dimension with its evidence, and the rules that spoke")
    assessed_at: datetime

    @classmethod
    def of(cls, admission: AdmissionRow) -> "AdmissionView":
        return cls.model_validate(admission, from_attributes=True)


@router.get("/admissions")
async def list_admissions(
    admissions: AdmissionsDep, about: AboutDep, paging: PagingDep, caller: MayReadAdmissions
) -> Page[AdmissionView]:
    """The advice on a referral, or on all referrals of a person, newest first."""
    rows = await admissions.page(caller, about, paging.limit, paging.after)
    keys = [(row.assessed_at.isoformat(), row.id) for row in rows]
    return paging.page([AdmissionView.of(row) for row in rows], keys)


@router.get("/admissions/{admission_id:uuid}")
async def read_admission(
    admission_id: UUID, admissions: AdmissionsDep, caller: MayReadAdmissions, tag: Tag
) -> AdmissionView:
    """One advice with its reasons in four languages."""
    return AdmissionView.of(tag(await admissions.get(admission_id, caller)))
