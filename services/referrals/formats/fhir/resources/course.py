"""The course of care and its scores, as R4 resources."""

from typing import Literal

from pydantic import StrictBool

from services.referrals.formats.fhir.elements import (
    Annotation,
    BackboneElement,
    CodeableConcept,
    ContactPoint,
    DomainResource,
    Identifier,
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    Timing,
)
from services.referrals.formats.fhir.primitives import DateTime, Instant, Integer, PositiveInt, Str, Time, Uri


class ReferenceRange(BackboneElement):
    """What is usual."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None
    applies_to: list[CodeableConcept] = []
    age: Range | None = None
    text: Str | None = None


class ObservationComponent(BackboneElement):
    """A part of an observation."""

    code: CodeableConcept
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: Str | None = None
    value_boolean: StrictBool | None = None
    value_integer: Integer | None = None
    value_range: Range | None = None
    value_ratio: Ratio | None = None
    value_time: Time | None = None
    value_date_time: DateTime | None = None
    value_period: Period | None = None
    data_absent_reason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] = []
    reference_range: list[ReferenceRange] = []


class Observation(DomainResource):
    """Something measured or computed, such as a score."""

    resource_type: Literal["Observation"] = "Observation"
    identifier: list[Identifier] = []
    based_on: list[Reference] = []
    part_of: list[Reference] = []
    status: Literal[
        "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"
    ]
    category: list[CodeableConcept] = []
    code: CodeableConcept
    subject: Reference | None = None
    focus: list[Reference] = []
    encounter: Reference | None = None
    effective_date_time: DateTime | None = None
    effective_period: Period | None = None
    effective_timing: Timing | None = None
    effective_instant: Instant | None = None
    issued: Instant | None = None
    performer: list[Reference] = []
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: Str | None = None
    value_boolean: StrictBool | None = None
    value_integer: Integer | None = None
    value_range: Range | None = None
    value_ratio: Ratio | None = None
    value_time: Time | None = None
    value_date_time: DateTime | None = None
    value_period: Period | None = None
    data_absent_reason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] = []
    note: list[Annotation] = []
    body_site: CodeableConcept | None = None
    method: CodeableConcept | None = None
    specimen: Reference | None = None
    device: Reference | None = None
    reference_range: list[ReferenceRange] = []
    has_member: list[Reference] = []
    derived_from: list[Reference] = []
    component: list[ObservationComponent] = []


EpisodeStatus = Literal["planned", "waitlist", "active", "onhold", "finished", "cancelled", "entered-in-error"]


class EpisodeStatusHistory(BackboneElement):
    """A past status."""

    status: EpisodeStatus
    period: Period


class EpisodeDiagnosis(BackboneElement):
    """A condition that care is given for."""

    condition: Reference
    role: CodeableConcept | None = None
    rank: PositiveInt | None = None


class EpisodeOfCare(DomainResource):
    """The outside view of a case."""

    resource_type: Literal["EpisodeOfCare"] = "EpisodeOfCare"
    identifier: list[Identifier] = []
    status: EpisodeStatus
    status_history: list[EpisodeStatusHistory] = []
    type: list[CodeableConcept] = []
    diagnosis: list[EpisodeDiagnosis] = []
    patient: Reference
    managing_organization: Reference | None = None
    period: Period | None = None
    referral_request: list[Reference] = []
    care_manager: Reference | None = None
    team: list[Reference] = []
    account: list[Reference] = []


class PlanDetail(BackboneElement):
    """What is planned, without a resource of its own."""

    kind: Str | None = None
    instantiates_canonical: list[Uri] = []
    instantiates_uri: list[Uri] = []
    code: CodeableConcept | None = None
    reason_code: list[CodeableConcept] = []
    reason_reference: list[Reference] = []
    goal: list[Reference] = []
    status: Literal[
        "not-started",
        "scheduled",
        "in-progress",
        "on-hold",
        "completed",
        "cancelled",
        "stopped",
        "unknown",
        "entered-in-error",
    ]
    status_reason: CodeableConcept | None = None
    do_not_perform: StrictBool | None = None
    scheduled_timing: Timing | None = None
    scheduled_period: Period | None = None
    scheduled_string: Str | None = None
    location: Reference | None = None
    performer: list[Reference] = []
    product_codeable_concept: CodeableConcept | None = None
    product_reference: Reference | None = None
    daily_amount: Quantity | None = None
    quantity: Quantity | None = None
    description: Str | None = None


class PlanActivity(BackboneElement):
    """One thing that is planned."""

    outcome_codeable_concept: list[CodeableConcept] = []
    outcome_reference: list[Reference] = []
    progress: list[Annotation] = []
    reference: Reference | None = None
    detail: PlanDetail | None = None


class CarePlan(DomainResource):
    """The outside view of a plan."""

    resource_type: Literal["CarePlan"] = "CarePlan"
    identifier: list[Identifier] = []
    instantiates_canonical: list[Uri] = []
    instantiates_uri: list[Uri] = []
    based_on: list[Reference] = []
    replaces: list[Reference] = []
    part_of: list[Reference] = []
    status: Literal["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
    intent: Literal["proposal", "plan", "order", "option"]
    category: list[CodeableConcept] = []
    title: Str | None = None
    description: Str | None = None
    subject: Reference
    encounter: Reference | None = None
    period: Period | None = None
    created: DateTime | None = None
    author: Reference | None = None
    contributor: list[Reference] = []
    care_team: list[Reference] = []
    addresses: list[Reference] = []
    supporting_info: list[Reference] = []
    goal: list[Reference] = []
    activity: list[PlanActivity] = []
    note: list[Annotation] = []


class TeamParticipant(BackboneElement):
    """Who is in a team."""

    role: list[CodeableConcept] = []
    member: Reference | None = None
    on_behalf_of: Reference | None = None
    period: Period | None = None


class CareTeam(DomainResource):
    """Who cares."""

    resource_type: Literal["CareTeam"] = "CareTeam"
    identifier: list[Identifier] = []
    status: Literal["proposed", "active", "suspended", "inactive", "entered-in-error"] | None = None
    category: list[CodeableConcept] = []
    name: Str | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    period: Period | None = None
    participant: list[TeamParticipant] = []
    reason_code: list[CodeableConcept] = []
    reason_reference: list[Reference] = []
    managing_organization: list[Reference] = []
    telecom: list[ContactPoint] = []
    note: list[Annotation] = []
