"""The route of a case's complexity: every assessment that told it, the newest first."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.api.doors import CaseloadDep, CasesDep, ComplexitiesDep, MayReadRecord, router
from services.cases.domain.complexity import level_of
from services.cases.domain.weights import Finding, Level, Weights
from services.cases.store import AssessedRow
from shared.cursors import Page, PagingDep


class AssessedView(BaseModel):
    """One assessment of complexity."""

    assessment_id: UUID = Field(description="To be read at /assessment/admissions/{assessment_id}")
    told_at: datetime = Field(description="When it was told")
    level: Level | None = Field(description="By the weights in force; null when no dimension was assessed")
    points: int | None
    findings: dict[str, Finding] = Field(description="What was found, by dimension")
    rule_version: str
    superseded: bool = Field(description="A correction took its place")

    @classmethod
    def of(cls, row: AssessedRow, weights: Weights) -> "AssessedView":
        level, points = level_of(row.findings, weights)
        return cls.model_validate({**dict(row), "assessment_id": row.id, "level": level, "points": points})


@router.get("/{case_id:uuid}/complexity")
async def read_complexity(
    case_id: UUID,
    cases: CasesDep,
    complexities: ComplexitiesDep,
    caseload: CaseloadDep,
    paging: PagingDep,
    caller: MayReadRecord,
) -> Page[AssessedView]:
    """How complex the needs behind a case were found, and when; the first that was not superseded counts."""
    case = await cases.get(case_id, caller)
    rows = await complexities.history(case.id, paging.limit, paging.after)
    keys = [(row.told_at.isoformat(), row.id) for row in rows]
    return paging.page([AssessedView.of(row, caseload.weights) for row in rows], keys)
