"""What assessments tell of complexity: it orders the waiting list and weighs the caseload."""

from typing import ClassVar
from uuid import UUID

from services.cases.domain.complexity import Assessed
from services.cases.domain.weights import Finding
from services.cases.handlers.registry import handlers
from services.cases.store import Complexities
from shared.events import Envelope, Reading


class ComplexityAssessed(Reading):
    """Of an assessment, how complex each dimension was found; the advice stays there."""

    type: ClassVar[str] = "assessment.complexity-assessed.v1"
    assessment_id: UUID
    referral_id: UUID | None
    person_id: UUID | None
    dimensions: dict[str, str]
    rule_version: str


class AdmissionSuperseded(Reading):
    """A newer assessment takes the place of this one."""

    type: ClassVar[str] = "assessment.admission-superseded.v1"
    assessment_id: UUID


@handlers.on(ComplexityAssessed)
async def learn_complexity(event: ComplexityAssessed, complexities: Complexities, envelope: Envelope) -> None:
    """Keep the findings, with the instant at which they were told; an unknown one counts as not assessed."""
    known = {finding.value for finding in Finding}
    assessed = Assessed(
        id=event.assessment_id,
        referral_id=event.referral_id,
        person_id=event.person_id,
        findings={
            dimension: Finding(found) if found in known else Finding.NOT_ASSESSED
            for dimension, found in sorted(event.dimensions.items())
        },
        rule_version=event.rule_version,
        told_at=envelope.time,
    )
    await complexities.learn(assessed)


@handlers.on(AdmissionSuperseded)
async def supersede_complexity(event: AdmissionSuperseded, complexities: Complexities) -> None:
    """A corrected assessment stays in the history and counts no more."""
    await complexities.supersede(event.assessment_id)
