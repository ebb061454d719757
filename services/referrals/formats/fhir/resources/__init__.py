"""The R4 resources that we read or write."""

from services.referrals.formats.fhir.resources.clinical import Condition, DocumentReference, Encounter
from services.referrals.formats.fhir.resources.conformance import CapabilityStatement, Subscription
from services.referrals.formats.fhir.resources.course import CarePlan, CareTeam, EpisodeOfCare, Observation
from services.referrals.formats.fhir.resources.directory import Endpoint, HealthcareService, Location
from services.referrals.formats.fhir.resources.exchange import Bundle, OperationOutcome, Parameters
from services.referrals.formats.fhir.resources.forms import CodeSystem, Questionnaire, QuestionnaireResponse, ValueSet
from services.referrals.formats.fhir.resources.people import (
    Organization,
    Patient,
    Practitioner,
    PractitionerRole,
    RelatedPerson,
)
from services.referrals.formats.fhir.resources.requests import ServiceRequest, Task
from services.referrals.formats.fhir.resources.statements import Communication, Consent, Provenance

__all__ = [
    "Bundle",
    "CapabilityStatement",
    "CarePlan",
    "CareTeam",
    "CodeSystem",
    "Communication",
    "Condition",
    "Consent",
    "DocumentReference",
    "Encounter",
    "Endpoint",
    "EpisodeOfCare",
    "HealthcareService",
    "Location",
    "Observation",
    "OperationOutcome",
    "Organization",
    "Parameters",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "ServiceRequest",
    "Subscription",
    "Task",
    "ValueSet",
]
