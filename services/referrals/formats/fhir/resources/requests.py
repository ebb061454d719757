"""The wish and the work on it, as R4 resources."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from services.referrals.formats.fhir.elements import (
    Address,
    Age,
    Annotation,
    Attachment,
    BackboneElement,
    CodeableConcept,
    Coding,
    ContactPoint,
    DomainResource,
    HumanName,
    Identifier,
    Meta,
    Money,
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    Timing,
)
from services.referrals.formats.fhir.primitives import (
    Base64,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    PositiveInt,
    Str,
    Time,
    UnsignedInt,
    Uri,
)


class RequestStatus(StrEnum):
    """http://hl7.org/fhir/request-status"""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    REVOKED = "revoked"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class RequestIntent(StrEnum):
    """http://hl7.org/fhir/request-intent"""

    PROPOSAL = "proposal"
    PLAN = "plan"
    DIRECTIVE = "directive"
    ORDER = "order"
    ORIGINAL_ORDER = "original-order"
    REFLEX_ORDER = "reflex-order"
    FILLER_ORDER = "filler-order"
    INSTANCE_ORDER = "instance-order"
    OPTION = "option"


class Priority(StrEnum):
    """http://hl7.org/fhir/request-priority"""

    ROUTINE = "routine"
    URGENT = "urgent"
    ASAP = "asap"
    STAT = "stat"


class ServiceRequest(DomainResource):
    """A sender's wish that somebody be helped."""

    resource_type: Literal["ServiceRequest"] = "ServiceRequest"
    identifier: list[Identifier] = []
    instantiates_canonical: list[Uri] = []
    instantiates_uri: list[Uri] = []
    based_on: list[Reference] = []
    replaces: list[Reference] = []
    requisition: Identifier | None = None
    status: RequestStatus
    intent: RequestIntent
    category: list[CodeableConcept] = []
    priority: Priority | None = None
    do_not_perform: StrictBool | None = None
    code: CodeableConcept | None = None
    order_detail: list[CodeableConcept] = []
    quantity_quantity: Quantity | None = None
    quantity_ratio: Ratio | None = None
    quantity_range: Range | None = None
    subject: Reference
    encounter: Reference | None = None
    occurrence_date_time: DateTime | None = None
    occurrence_period: Period | None = None
    occurrence_timing: Timing | None = None
    as_needed_boolean: StrictBool | None = None
    as_needed_codeable_concept: CodeableConcept | None = None
    authored_on: DateTime | None = None
    requester: Reference | None = None
    performer_type: CodeableConcept | None = None
    performer: list[Reference] = []
    location_code: list[CodeableConcept] = []
    location_reference: list[Reference] = []
    reason_code: list[CodeableConcept] = []
    reason_reference: list[Reference] = []
    insurance: list[Reference] = []
    supporting_info: list[Reference] = []
    specimen: list[Reference] = []
    body_site: list[CodeableConcept] = []
    note: list[Annotation] = []
    patient_instruction: Str | None = None
    relevant_history: list[Reference] = []


class TaskStatus(StrEnum):
    """http://hl7.org/fhir/task-status"""

    DRAFT = "draft"
    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    READY = "ready"
    CANCELLED = "cancelled"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    FAILED = "failed"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"


class TaskRestriction(BackboneElement):
    """Limits of what is asked."""

    repetitions: PositiveInt | None = None
    period: Period | None = None
    recipient: list[Reference] = []


class TaskParameter(BackboneElement):
    """An input to a task, or an output of it."""

    type: CodeableConcept
    value_address: Address | None = None
    value_age: Age | None = None
    value_annotation: Annotation | None = None
    value_attachment: Attachment | None = None
    value_base64_binary: Base64 | None = None
    value_boolean: StrictBool | None = None
    value_canonical: Uri | None = None
    value_code: Code | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_coding: Coding | None = None
    value_contact_point: ContactPoint | None = None
    value_date: Date | None = None
    value_date_time: DateTime | None = None
    value_decimal: Decimal | None = None
    value_human_name: HumanName | None = None
    value_id: Id | None = None
    value_identifier: Identifier | None = None
    value_instant: Instant | None = None
    value_integer: Integer | None = None
    value_markdown: Markdown | None = None
    value_meta: Meta | None = None
    value_money: Money | None = None
    value_period: Period | None = None
    value_positive_int: PositiveInt | None = None
    value_quantity: Quantity | None = None
    value_range: Range | None = None
    value_reference: Reference | None = None
    value_string: Str | None = None
    value_time: Time | None = None
    value_unsigned_int: UnsignedInt | None = None
    value_uri: Uri | None = None
    value_url: Uri | None = None


class Task(DomainResource):
    """The shared state of a wish, or a wish of the other side."""

    resource_type: Literal["Task"] = "Task"
    identifier: list[Identifier] = []
    instantiates_canonical: Uri | None = None
    instantiates_uri: Uri | None = None
    based_on: list[Reference] = []
    group_identifier: Identifier | None = None
    part_of: list[Reference] = []
    status: TaskStatus
    status_reason: CodeableConcept | None = None
    business_status: CodeableConcept | None = None
    intent: Annotated[RequestIntent, Field(description="http://hl7.org/fhir/task-intent")]
    priority: Priority | None = None
    code: CodeableConcept | None = None
    description: Str | None = None
    focus: Reference | None = None
    for_: Reference | None = Field(None, alias="for")
    encounter: Reference | None = None
    execution_period: Period | None = None
    authored_on: DateTime | None = None
    last_modified: DateTime | None = None
    requester: Reference | None = None
    performer_type: list[CodeableConcept] = []
    owner: Reference | None = None
    location: Reference | None = None
    reason_code: CodeableConcept | None = None
    reason_reference: Reference | None = None
    insurance: list[Reference] = []
    note: list[Annotation] = []
    relevant_history: list[Reference] = []
    restriction: TaskRestriction | None = None
    input: list[TaskParameter] = []
    output: list[TaskParameter] = []
