"""Services, places and doors of the network, as R4 resources (IHE mCSD)."""

from typing import Literal

from pydantic import StrictBool

from services.referrals.formats.fhir.elements import (
    Address,
    Attachment,
    BackboneElement,
    CodeableConcept,
    Coding,
    ContactPoint,
    DomainResource,
    Identifier,
    Period,
    Reference,
)
from services.referrals.formats.fhir.primitives import Code, Decimal, Markdown, Str, Time, Uri
from services.referrals.formats.fhir.resources.people import AvailableTime, NotAvailable


class Eligibility(BackboneElement):
    """Who may use a service."""

    code: CodeableConcept | None = None
    comment: Markdown | None = None


class HealthcareService(DomainResource):
    """What an organisation offers."""

    resource_type: Literal["HealthcareService"] = "HealthcareService"
    identifier: list[Identifier] = []
    active: StrictBool | None = None
    provided_by: Reference | None = None
    category: list[CodeableConcept] = []
    type: list[CodeableConcept] = []
    specialty: list[CodeableConcept] = []
    location: list[Reference] = []
    name: Str | None = None
    comment: Str | None = None
    extra_details: Markdown | None = None
    photo: Attachment | None = None
    telecom: list[ContactPoint] = []
    coverage_area: list[Reference] = []
    service_provision_code: list[CodeableConcept] = []
    eligibility: list[Eligibility] = []
    program: list[CodeableConcept] = []
    characteristic: list[CodeableConcept] = []
    communication: list[CodeableConcept] = []
    referral_method: list[CodeableConcept] = []
    appointment_required: StrictBool | None = None
    available_time: list[AvailableTime] = []
    not_available: list[NotAvailable] = []
    availability_exceptions: Str | None = None
    endpoint: list[Reference] = []


class Position(BackboneElement):
    """A point on the earth."""

    longitude: Decimal
    latitude: Decimal
    altitude: Decimal | None = None


class HoursOfOperation(BackboneElement):
    """When a place is open."""

    days_of_week: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = []
    all_day: StrictBool | None = None
    opening_time: Time | None = None
    closing_time: Time | None = None


class Location(DomainResource):
    """A place: a site, a ward, a municipality."""

    resource_type: Literal["Location"] = "Location"
    identifier: list[Identifier] = []
    status: Literal["active", "suspended", "inactive"] | None = None
    operational_status: Coding | None = None
    name: Str | None = None
    alias: list[Str] = []
    description: Str | None = None
    mode: Literal["instance", "kind"] | None = None
    type: list[CodeableConcept] = []
    telecom: list[ContactPoint] = []
    address: Address | None = None
    physical_type: CodeableConcept | None = None
    position: Position | None = None
    managing_organization: Reference | None = None
    part_of: Reference | None = None
    hours_of_operation: list[HoursOfOperation] = []
    availability_exceptions: Str | None = None
    endpoint: list[Reference] = []


class Endpoint(DomainResource):
    """The technical door of an organisation."""

    resource_type: Literal["Endpoint"] = "Endpoint"
    identifier: list[Identifier] = []
    status: Literal["active", "suspended", "error", "off", "entered-in-error", "test"]
    connection_type: Coding
    name: Str | None = None
    managing_organization: Reference | None = None
    contact: list[ContactPoint] = []
    period: Period | None = None
    payload_type: list[CodeableConcept] = []
    payload_mime_type: list[Code] = []
    address: Uri
    header: list[Str] = []
