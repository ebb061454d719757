"""What people agreed to, told each other and did, as R4 resources."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from services.referrals.formats.fhir.elements import (
    Annotation,
    Attachment,
    BackboneElement,
    CodeableConcept,
    Coding,
    DomainResource,
    Identifier,
    Period,
    Reference,
    Signature,
)
from services.referrals.formats.fhir.primitives import (
    DateTime,
    Instant,
    Str,
    Uri,
)
from services.referrals.formats.fhir.resources.requests import Priority


class ConsentState(StrEnum):
    """http://hl7.org/fhir/consent-state-codes"""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACTIVE = "active"
    REJECTED = "rejected"
    INACTIVE = "inactive"
    ENTERED_IN_ERROR = "entered-in-error"


class ConsentPolicy(BackboneElement):
    """The rules that a consent refers to."""

    authority: Uri | None = None
    uri: Uri | None = None


class ConsentVerification(BackboneElement):
    """Who checked a consent."""

    verified: StrictBool
    verified_with: Reference | None = None
    verification_date: DateTime | None = None


class ProvisionActor(BackboneElement):
    """Whom a provision is about."""

    role: CodeableConcept
    reference: Reference


class ProvisionData(BackboneElement):
    """What a provision is about."""

    meaning: Literal["instance", "related", "dependents", "authoredby"]
    reference: Reference


class Provision(BackboneElement):
    """What is allowed or denied."""

    type: Literal["deny", "permit"] | None = None
    period: Period | None = None
    actor: list[ProvisionActor] = []
    action: list[CodeableConcept] = []
    security_label: list[Coding] = []
    purpose: list[Coding] = []
    class_: list[Coding] = Field([], alias="class")
    code: list[CodeableConcept] = []
    data_period: Period | None = None
    data: list[ProvisionData] = []
    provision: list["Provision"] = []


class Consent(DomainResource):
    """What somebody agreed to."""

    resource_type: Literal["Consent"] = "Consent"
    identifier: list[Identifier] = []
    status: ConsentState
    scope: CodeableConcept
    category: Annotated[list[CodeableConcept], Field(min_length=1)]
    patient: Reference | None = None
    date_time: DateTime | None = None
    performer: list[Reference] = []
    organization: list[Reference] = []
    source_attachment: Attachment | None = None
    source_reference: Reference | None = None
    policy: list[ConsentPolicy] = []
    policy_rule: CodeableConcept | None = None
    verification: list[ConsentVerification] = []
    provision: Provision | None = None


class CommunicationPayload(BackboneElement):
    """One piece of what is said."""

    content_string: Str | None = None
    content_attachment: Attachment | None = None
    content_reference: Reference | None = None


EventStatus = Literal[
    "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"
]


class Communication(DomainResource):
    """Something that one side tells the other."""

    resource_type: Literal["Communication"] = "Communication"
    identifier: list[Identifier] = []
    instantiates_canonical: list[Uri] = []
    instantiates_uri: list[Uri] = []
    based_on: list[Reference] = []
    part_of: list[Reference] = []
    in_response_to: list[Reference] = []
    status: EventStatus
    status_reason: CodeableConcept | None = None
    category: list[CodeableConcept] = []
    priority: Priority | None = None
    medium: list[CodeableConcept] = []
    subject: Reference | None = None
    topic: CodeableConcept | None = None
    about: list[Reference] = []
    encounter: Reference | None = None
    sent: DateTime | None = None
    received: DateTime | None = None
    recipient: list[Reference] = []
    sender: Reference | None = None
    reason_code: list[CodeableConcept] = []
    reason_reference: list[Reference] = []
    payload: list[CommunicationPayload] = []
    note: list[Annotation] = []


class ProvenanceAgent(BackboneElement):
    """Who had a part in it."""

    type: CodeableConcept | None = None
    role: list[CodeableConcept] = []
    who: Reference
    on_behalf_of: Reference | None = None


class ProvenanceEntity(BackboneElement):
    """What it was made from."""

    role: Literal["derivation", "revision", "quotation", "source", "removal"]
    what: Reference
    agent: list[ProvenanceAgent] = []


class Provenance(DomainResource):
    """Who sent or changed something, and when."""

    resource_type: Literal["Provenance"] = "Provenance"
    target: Annotated[list[Reference], Field(min_length=1)]
    occurred_period: Period | None = None
    occurred_date_time: DateTime | None = None
    recorded: Instant
    policy: list[Uri] = []
    location: Reference | None = None
    reason: list[CodeableConcept] = []
    activity: CodeableConcept | None = None
    agent: Annotated[list[ProvenanceAgent], Field(min_length=1)]
    entity: list[ProvenanceEntity] = []
    signature: list[Signature] = []
