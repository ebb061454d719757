"""Subscriptions, and how a server describes itself, as R4 resources."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from services.referrals.formats.fhir.elements import (
    BackboneElement,
    CodeableConcept,
    ContactDetail,
    ContactPoint,
    DomainResource,
    Reference,
)
from services.referrals.formats.fhir.primitives import (
    Code,
    DateTime,
    Instant,
    Markdown,
    Str,
    Uri,
)
from services.referrals.formats.fhir.resources.forms import PublicationStatus


class SubscriptionChannel(BackboneElement):
    """By which road notices go out."""

    type: Literal["rest-hook", "websocket", "email", "sms", "message"]
    endpoint: Uri | None = None
    payload: Code | None = None
    header: list[Str] = []


class Subscription(DomainResource):
    """A wish to be told (topic-based by the R5 Backport's extensions)."""

    resource_type: Literal["Subscription"] = "Subscription"
    status: Literal["requested", "active", "error", "off"]
    contact: list[ContactPoint] = []
    end: Instant | None = None
    reason: Str
    criteria: Str
    error: Str | None = None
    channel: SubscriptionChannel


class CapabilitySoftware(BackboneElement):
    """What program it is."""

    name: Str
    version: Str | None = None
    release_date: DateTime | None = None


class CapabilityImplementation(BackboneElement):
    """Which installation it is."""

    description: Str
    url: Uri | None = None
    custodian: Reference | None = None


class CapabilitySecurity(BackboneElement):
    """How it is guarded."""

    cors: StrictBool | None = None
    service: list[CodeableConcept] = []
    description: Markdown | None = None


class Interaction(BackboneElement):
    """Something that can be done."""

    code: Code
    documentation: Markdown | None = None


class SearchParam(BackboneElement):
    """A search parameter."""

    name: Str
    definition: Uri | None = None
    type: Literal["number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"]
    documentation: Markdown | None = None


class CapabilityOperation(BackboneElement):
    """An operation."""

    name: Str
    definition: Uri
    documentation: Markdown | None = None


class CapabilityResource(BackboneElement):
    """What can be done with a resource type."""

    type: Code
    profile: Uri | None = None
    supported_profile: list[Uri] = []
    documentation: Markdown | None = None
    interaction: list[Interaction] = []
    versioning: Literal["no-version", "versioned", "versioned-update"] | None = None
    read_history: StrictBool | None = None
    update_create: StrictBool | None = None
    conditional_create: StrictBool | None = None
    conditional_read: Literal["not-supported", "modified-since", "not-match", "full-support"] | None = None
    conditional_update: StrictBool | None = None
    conditional_delete: Literal["not-supported", "single", "multiple"] | None = None
    reference_policy: list[Literal["literal", "logical", "resolves", "enforced", "local"]] = []
    search_include: list[Str] = []
    search_rev_include: list[Str] = []
    search_param: list[SearchParam] = []
    operation: list[CapabilityOperation] = []


class CapabilityRest(BackboneElement):
    """What can be done over HTTP."""

    mode: Literal["client", "server"]
    documentation: Markdown | None = None
    security: CapabilitySecurity | None = None
    resource: list[CapabilityResource] = []
    interaction: list[Interaction] = []
    search_param: list[SearchParam] = []
    operation: list[CapabilityOperation] = []
    compartment: list[Uri] = []


class CapabilityStatement(DomainResource):
    """A server's description of itself."""

    resource_type: Literal["CapabilityStatement"] = "CapabilityStatement"
    url: Uri | None = None
    version: Str | None = None
    name: Str | None = None
    title: Str | None = None
    status: PublicationStatus
    experimental: StrictBool | None = None
    date: DateTime
    publisher: Str | None = None
    contact: list[ContactDetail] = []
    description: Markdown | None = None
    jurisdiction: list[CodeableConcept] = []
    purpose: Markdown | None = None
    copyright: Markdown | None = None
    kind: Literal["instance", "capability", "requirements"]
    instantiates: list[Uri] = []
    imports: list[Uri] = []
    software: CapabilitySoftware | None = None
    implementation: CapabilityImplementation | None = None
    fhir_version: Literal["4.0.1"] = "4.0.1"
    format: Annotated[list[Code], Field(min_length=1)]
    patch_format: list[Code] = []
    implementation_guide: list[Uri] = []
    rest: list[CapabilityRest] = []
