"""Reading bodies: JSON into our models, every fault at its full path. Statuses follow from the codes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.referrals.formats.fhir import resources
from services.referrals.formats.fhir.elements import E, Resource, parse
from services.referrals.formats.fhir.outcome import BadRequest, RefusedResource, UnknownReference
from shared.errors import Fault
from shared.problems import code_of

SAFE_NAME = re.compile(r"_?[a-zA-Z][a-zA-Z]{0,40}")
"""A field name that may be repeated in an answer; anything else could be somebody's data."""

_R4 = """
    Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic
    Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry
    ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication
    CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
    CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric
    DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
    Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
    EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group
    GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation
    ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure
    MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
    MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
    MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
    MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
    MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader
    MolecularSequence NamingSystem NutritionOrder Observation ObservationDefinition OperationDefinition
    OperationOutcome Organization OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation
    Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
    RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject
    RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen
    SpecimenDefinition StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid
    SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial
    SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript
    ValueSet VerificationResult VisionPrescription
"""
R4_TYPES = frozenset(_R4.split())
"""Every resource type of R4: what is not among them is a slip of the pen, not a wish that we refuse."""

TAKEN: Mapping[str, type[Resource]] = {
    name: getattr(resources, name)
    for name in (
        *("Patient", "Organization", "Practitioner", "PractitionerRole", "RelatedPerson", "QuestionnaireResponse"),
        *("Consent", "Condition", "DocumentReference", "Encounter", "ServiceRequest", "Task", "Provenance"),
        "Communication",
    )
}
"""What a transaction may carry."""

MALFORMED = frozenset({"not-a-resource", "unknown-resource-type", "unknown-condition", "unknown-parameter"})


def raise_for(faults: Sequence[Fault]) -> None:
    """Raise one error for all the faults, if there are any; its class knows the status."""
    if not faults:
        return
    codes = {fault.code for fault in faults}
    if codes & MALFORMED:
        raise BadRequest(faults=faults)
    if codes == {"unknown-reference"}:
        raise UnknownReference(faults=faults)
    raise RefusedResource(faults=faults)


def read_resource(value: Any, place: str, faults: list[Fault]) -> Resource | None:
    """One of the resources that we take, or None with the reason among the faults."""
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        faults.append(Fault(f"{place}.resourceType" if isinstance(value, dict) else place, "not-a-resource"))
        return None
    if kind not in TAKEN:
        code = "type-not-taken" if kind in R4_TYPES else "unknown-resource-type"
        faults.append(Fault(f"{place}.resourceType", code))
        return None
    return read_as(TAKEN[kind], value, place, faults)


def read_as(kind: type[E], value: Any, place: str, faults: list[Fault]) -> E | None:
    """A value as this type, or None with its faults."""
    found = list(empties(value, place))
    try:
        made = parse(kind, value)
    except ValidationError as error:
        empty = tuple(fault.pointer for fault in found)
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            expression = place + path_of(each["loc"])
            if not expression.startswith(empty) or not empty:
                found.append(Fault(expression, code_of(each["type"])))
        made = None
    faults += list(dict.fromkeys(found))
    return None if found else made


def path_of(location: Sequence[str | int]) -> str:
    """A place within a resource as FHIRPath; a name that could be somebody's data is left off."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif SAFE_NAME.fullmatch(part):
            path += f".{part}"
        else:
            break
    return path


def empties(value: Any, place: str) -> Iterator[Fault]:
    """FHIR JSON has no empty objects, arrays or strings, and no null."""
    if value is None or value in ({}, []) or (isinstance(value, str) and not value.strip()):
        yield Fault(place, "empty-value")
        return
    if isinstance(value, dict):
        for name, part in value.items():
            yield from empties(part, place + path_of([name]))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from empties(part, f"{place}[{number}]")
