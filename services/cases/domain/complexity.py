"""How complex a case is, as assessments tell it; never why, never whose diagnosis or age."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain.weights import Finding, Level, Weights


class Assessed(BaseModel):
    """One assessment of complexity: of a referral, a person, or both. `told_at` is when it was told.

    `findings` goes from dimension to what was found; `superseded` when a correction took its place.
    """

    id: UUID
    referral_id: UUID | None
    person_id: UUID | None
    findings: dict[str, Finding]
    rule_version: str
    told_at: datetime
    superseded: bool = False


def points_of(findings: Mapping[str, Finding], weights: Weights) -> int | None:
    """The sum over the dimensions; None when no dimension was assessed."""
    if all(found is Finding.NOT_ASSESSED for found in findings.values()):
        return None
    return sum(weights.complexity.points[found] for found in findings.values())


def level_of(findings: Mapping[str, Finding] | None, weights: Weights) -> tuple[Level | None, int | None]:
    """Level and points; both None while nothing was assessed."""
    points = points_of(findings, weights) if findings else None
    return (None, None) if points is None else (weights.level_of(points), points)
