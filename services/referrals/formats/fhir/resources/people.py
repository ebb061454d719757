"""Persons and those who care for them, as R4 resources."""

from typing import Literal

from pydantic import StrictBool

from services.referrals.formats.fhir.elements import (
    Address,
    Attachment,
    BackboneElement,
    CodeableConcept,
    ContactPoint,
    DomainResource,
    HumanName,
    Identifier,
    Period,
    Reference,
)
from services.referrals.formats.fhir.primitives import Date, DateTime, Integer, Str, Time

Gender = Literal["male", "female", "other", "unknown"]


class PatientContact(BackboneElement):
    """Somebody close to the patient."""

    relationship: list[CodeableConcept] = []
    name: HumanName | None = None
    telecom: list[ContactPoint] = []
    address: Address | None = None
    gender: Gender | None = None
    organization: Reference | None = None
    period: Period | None = None


class Communication(BackboneElement):
    """A language that somebody speaks."""

    language: CodeableConcept
    preferred: StrictBool | None = None


class PatientLink(BackboneElement):
    """Another record of the same patient."""

    other: Reference
    type: Literal["replaced-by", "replaces", "refer", "seealso"]


class Patient(DomainResource):
    """Whom a referral is about."""

    resource_type: Literal["Patient"] = "Patient"
    identifier: list[Identifier] = []
    active: StrictBool | None = None
    name: list[HumanName] = []
    telecom: list[ContactPoint] = []
    gender: Gender | None = None
    birth_date: Date | None = None
    deceased_boolean: StrictBool | None = None
    deceased_date_time: DateTime | None = None
    address: list[Address] = []
    marital_status: CodeableConcept | None = None
    multiple_birth_boolean: StrictBool | None = None
    multiple_birth_integer: Integer | None = None
    photo: list[Attachment] = []
    contact: list[PatientContact] = []
    communication: list[Communication] = []
    general_practitioner: list[Reference] = []
    managing_organization: Reference | None = None
    link: list[PatientLink] = []


class RelatedPerson(DomainResource):
    """Somebody close to the patient, as a record of its own."""

    resource_type: Literal["RelatedPerson"] = "RelatedPerson"
    identifier: list[Identifier] = []
    active: StrictBool | None = None
    patient: Reference
    relationship: list[CodeableConcept] = []
    name: list[HumanName] = []
    telecom: list[ContactPoint] = []
    gender: Gender | None = None
    birth_date: Date | None = None
    address: list[Address] = []
    photo: list[Attachment] = []
    period: Period | None = None
    communication: list[Communication] = []


class Qualification(BackboneElement):
    """What a practitioner has learnt."""

    identifier: list[Identifier] = []
    code: CodeableConcept
    period: Period | None = None
    issuer: Reference | None = None


class Practitioner(DomainResource):
    """A professional."""

    resource_type: Literal["Practitioner"] = "Practitioner"
    identifier: list[Identifier] = []
    active: StrictBool | None = None
    name: list[HumanName] = []
    telecom: list[ContactPoint] = []
    address: list[Address] = []
    gender: Gender | None = None
    birth_date: Date | None = None
    photo: list[Attachment] = []
    qualification: list[Qualification] = []
    communication: list[CodeableConcept] = []


class AvailableTime(BackboneElement):
    """When somebody or something is there."""

    days_of_week: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = []
    all_day: StrictBool | None = None
    available_start_time: Time | None = None
    available_end_time: Time | None = None


class NotAvailable(BackboneElement):
    """When somebody or something is not there."""

    description: Str
    during: Period | None = None


class PractitionerRole(DomainResource):
    """What a professional does for an organisation."""

    resource_type: Literal["PractitionerRole"] = "PractitionerRole"
    identifier: list[Identifier] = []
    active: StrictBool | None = None
    period: Period | None = None
    practitioner: Reference | None = None
    organization: Reference | None = None
    code: list[CodeableConcept] = []
    specialty: list[CodeableConcept] = []
    location: list[Reference] = []
    healthcare_service: list[Reference] = []
    telecom: list[ContactPoint] = []
    available_time: list[AvailableTime] = []
    not_available: list[NotAvailable] = []
    availability_exceptions: Str | None = None
    endpoint: list[Reference] = []


class OrganizationContact(BackboneElement):
    """Whom to ask in an organisation."""

    purpose: CodeableConcept | None = None
    name: HumanName | None = None
    telecom: list[ContactPoint] = []
    address: Address | None = None


class Organization(DomainResource):
    """A hospital, a coordination centre, a practice, ..."""

    resource_type: Literal["Organization"] = "Organization"
    identifier: list[Identifier] = []
    active: StrictBool | None = None
    type: list[CodeableConcept] = []
    name: Str | None = None
    alias: list[Str] = []
    telecom: list[ContactPoint] = []
    address: list[Address] = []
    part_of: Reference | None = None
    contact: list[OrganizationContact] = []
    endpoint: list[Reference] = []
