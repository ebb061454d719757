"""The stay, the diagnoses and the letters, as R4 resources."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from services.referrals.formats.fhir.elements import (
    Annotation,
    Attachment,
    BackboneElement,
    CodeableConcept,
    Coding,
    DomainResource,
    Duration,
    Identifier,
    Period,
    Quantity,
    Range,
    Reference,
)
from services.referrals.formats.fhir.primitives import DateTime, Instant, PositiveInt, Str


class ConditionStage(BackboneElement):
    """How far a condition has come."""

    summary: CodeableConcept | None = None
    assessment: list[Reference] = []
    type: CodeableConcept | None = None


class ConditionEvidence(BackboneElement):
    """What a diagnosis rests on."""

    code: list[CodeableConcept] = []
    detail: list[Reference] = []


class Condition(DomainResource):
    """A diagnosis or a problem."""

    resource_type: Literal["Condition"] = "Condition"
    identifier: list[Identifier] = []
    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    category: list[CodeableConcept] = []
    severity: CodeableConcept | None = None
    code: CodeableConcept | None = None
    body_site: list[CodeableConcept] = []
    subject: Reference
    encounter: Reference | None = None
    onset_date_time: DateTime | None = None
    onset_age: Quantity | None = None
    onset_period: Period | None = None
    onset_range: Range | None = None
    onset_string: Str | None = None
    abatement_date_time: DateTime | None = None
    abatement_age: Quantity | None = None
    abatement_period: Period | None = None
    abatement_range: Range | None = None
    abatement_string: Str | None = None
    recorded_date: DateTime | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None
    stage: list[ConditionStage] = []
    evidence: list[ConditionEvidence] = []
    note: list[Annotation] = []


class EncounterStatus(StrEnum):
    """http://hl7.org/fhir/encounter-status"""

    PLANNED = "planned"
    ARRIVED = "arrived"
    TRIAGED = "triaged"
    IN_PROGRESS = "in-progress"
    ON_LEAVE = "onleave"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class StatusHistory(BackboneElement):
    """A past status."""

    status: EncounterStatus
    period: Period


class ClassHistory(BackboneElement):
    """A past class."""

    class_: Coding = Field(alias="class")
    period: Period


class EncounterParticipant(BackboneElement):
    """Who has a part in a stay."""

    type: list[CodeableConcept] = []
    period: Period | None = None
    individual: Reference | None = None


class EncounterDiagnosis(BackboneElement):
    """A diagnosis relevant to a stay."""

    condition: Reference
    use: CodeableConcept | None = None
    rank: PositiveInt | None = None


class Hospitalization(BackboneElement):
    """Admission and discharge."""

    pre_admission_identifier: Identifier | None = None
    origin: Reference | None = None
    admit_source: CodeableConcept | None = None
    re_admission: CodeableConcept | None = None
    diet_preference: list[CodeableConcept] = []
    special_courtesy: list[CodeableConcept] = []
    special_arrangement: list[CodeableConcept] = []
    destination: Reference | None = None
    discharge_disposition: CodeableConcept | None = None


class EncounterLocation(BackboneElement):
    """Where somebody stayed."""

    location: Reference
    status: Literal["planned", "active", "reserved", "completed"] | None = None
    physical_type: CodeableConcept | None = None
    period: Period | None = None


class Encounter(DomainResource):
    """A hospital stay."""

    resource_type: Literal["Encounter"] = "Encounter"
    identifier: list[Identifier] = []
    status: EncounterStatus
    status_history: list[StatusHistory] = []
    class_: Coding = Field(alias="class")
    class_history: list[ClassHistory] = []
    type: list[CodeableConcept] = []
    service_type: CodeableConcept | None = None
    priority: CodeableConcept | None = None
    subject: Reference | None = None
    episode_of_care: list[Reference] = []
    based_on: list[Reference] = []
    participant: list[EncounterParticipant] = []
    appointment: list[Reference] = []
    period: Period | None = None
    length: Duration | None = None
    reason_code: list[CodeableConcept] = []
    reason_reference: list[Reference] = []
    diagnosis: list[EncounterDiagnosis] = []
    account: list[Reference] = []
    hospitalization: Hospitalization | None = None
    location: list[EncounterLocation] = []
    service_provider: Reference | None = None
    part_of: Reference | None = None


class DocumentContent(BackboneElement):
    """One form of a document."""

    attachment: Attachment
    format: Coding | None = None


class DocumentRelation(BackboneElement):
    """How a document relates to another."""

    code: Literal["replaces", "transforms", "signs", "appends"]
    target: Reference


class DocumentContext(BackboneElement):
    """What a document is about."""

    encounter: list[Reference] = []
    event: list[CodeableConcept] = []
    period: Period | None = None
    facility_type: CodeableConcept | None = None
    practice_setting: CodeableConcept | None = None
    source_patient_info: Reference | None = None
    related: list[Reference] = []


class DocumentReference(DomainResource):
    """A letter or a report."""

    resource_type: Literal["DocumentReference"] = "DocumentReference"
    master_identifier: Identifier | None = None
    identifier: list[Identifier] = []
    status: Literal["current", "superseded", "entered-in-error"]
    doc_status: Literal["preliminary", "final", "amended", "entered-in-error"] | None = None
    type: CodeableConcept | None = None
    category: list[CodeableConcept] = []
    subject: Reference | None = None
    date: Instant | None = None
    author: list[Reference] = []
    authenticator: Reference | None = None
    custodian: Reference | None = None
    relates_to: list[DocumentRelation] = []
    description: Str | None = None
    security_label: list[CodeableConcept] = []
    content: Annotated[list[DocumentContent], Field(min_length=1)]
    context: DocumentContext | None = None
