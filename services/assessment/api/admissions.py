"""The advice on admissions, with its reasons. It binds nobody."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from services.assessment.api.about import AboutDep
from services.assessment.api.doors import ContentDep, RelatedDep, SheetsDep
from services.assessment.api.scores import FactorCode
from services.assessment.domain import Admission, Advice, ComplexityProfile, Decision, Origin
from services.assessment.store import AdmissionRow, Admissions
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag, opened
from shared.service import router as service_router

router = service_router("assessment", tags=["admissions"])

AdmissionsDep = Annotated[Admissions, Depends(opened(Admissions))]

MayAdvise = Annotated[Caller, Depends(May("admission:advise"))]
MayDecide = Annotated[Caller, Depends(May("admission:decide"))]
MayReadAdmissions = Annotated[Caller, Depends(May("admission:read"))]


class AdmissionView(BaseModel):
    """An advice and the profile that it comes from."""

    id: UUID
    referral_id: UUID | None
    person_id: UUID | None = Field(description="Null while the person of the referral is not identified")
    sheet_id: UUID | None = Field(description="The person's own sheet that was read; null when there was none")
    measured_by: list[UUID] = Field(description="Sheets of other instruments whose cut-offs were crossed")
    is_current: bool = Field(description="False once a correction has brought a newer advice")
    decision: Decision | None = Field(description="What people decided, and why")
    advice: Advice | None = Field(description="Null when nothing at all could be assessed")
    rule_version: str = Field(description="The policy in force on the day")
    profile: ComplexityProfile = Field(description="Each dimension with its evidence, and the rules that spoke")
    assessed_at: datetime

    @classmethod
    def of(cls, admission: AdmissionRow) -> "AdmissionView":
        return cls.model_validate(admission, from_attributes=True)


class AdviceRequest(BaseModel):
    """A person to be advised on, from the newest sheets that count and the factors that no card asks for."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID
    factors: Annotated[list[FactorCode], Field(max_length=20, examples=[["living_alone"]])] = []


class DecisionBody(BaseModel):
    """What people decide. Anything but case management names where the person can turn instead."""

    model_config = ConfigDict(extra="forbid")

    decided: Advice
    reason: Annotated[str, Field(min_length=3, max_length=2000)]
    onward_path: Annotated[str, Field(min_length=3, max_length=2000)] | None = None


@router.post("/admissions", status_code=201)
async def advise_on_person(
    body: AdviceRequest,
    admissions: AdmissionsDep,
    sheets: SheetsDep,
    content: ContentDep,
    related: RelatedDep,
    clock: ClockDep,
    caller: MayAdvise,
    response: Response,
) -> AdmissionView:
    """Advise on somebody who came by the line: from the sheets that count, without a referral."""
    await related.demand(body.person_id, caller)
    origin = Origin(organisation=caller.organisation, person_id=body.person_id)
    known = await sheets.newest_of_person(body.person_id, caller)
    admission, fact = Admission.advise(content, known, body.factors, origin, clock.now())
    await admissions.add(admission, fact)
    response.headers["location"] = f"/assessment/admissions/{admission.id}"
    response.headers["etag"] = '"1"'
    return AdmissionView.model_validate(admission, from_attributes=True)


@router.post("/admissions/{admission_id:uuid}/decision", status_code=201)
async def decide_admission(
    admission_id: UUID,
    body: DecisionBody,
    admissions: AdmissionsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayDecide,
    tag: Tag,
) -> AdmissionView:
    """Note what people decided. They may differ from the advice; the reason is kept beside it."""
    admission = await admissions.get(admission_id, caller, seen)
    fact = admission.decide(body.decided, body.reason, body.onward_path, caller.subject, clock.now())
    await admissions.record(admission, fact)
    return AdmissionView.of(tag(admission))


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
