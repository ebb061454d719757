"""What our resources promise beyond R4, as StructureDefinitions: anybody's validator can hold us to it."""

from collections.abc import Mapping
from typing import Any

from services.referrals.domain.states import STANDING, State
from services.referrals.formats.fhir.codes import BUSINESS_STATUS, CANONICAL, TASK_CODE
from services.referrals.formats.fhir.outside import Resource

HL7_DEFINITION = "http://hl7.org/fhir/StructureDefinition"
TASK_STATUS = "http://hl7.org/fhir/task-status"
REFERRAL_TASK = f"{CANONICAL}/StructureDefinition/referral-task"
REFERRAL_REQUEST = f"{CANONICAL}/StructureDefinition/referral-request"
USED_STATUS = f"{CANONICAL}/ValueSet/referral-task-status"


def element(path: str, **rules: Any) -> Resource:
    """The rules of one element, by its path."""
    return {"id": path, "path": path, **rules}


def to_one(path: str, kind: str) -> Resource:
    """An element that must be there and refers to one type."""
    return element(path, min=1, type=[{"code": "Reference", "targetProfile": [f"{HL7_DEFINITION}/{kind}"]}])


def bound(path: str, value_set: str) -> Resource:
    """An element whose code must come from a value set."""
    return element(path, binding={"strength": "required", "valueSet": value_set})


def constraint(key: str, says: str, expression: str) -> Resource:
    """A rule as FHIRPath."""
    return {"key": key, "severity": "error", "human": says, "expression": expression}


def definition(name: str, title: str, base: str, elements: list[Resource]) -> Resource:
    """A profile of a resource, as differences only."""
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": f"{CANONICAL}/StructureDefinition/{name}",
        "version": "1",
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": title,
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": base,
        "baseDefinition": f"{HL7_DEFINITION}/{base}",
        "derivation": "constraint",
        "differential": {"element": elements},
    }


def extension(name: str, title: str, kind: str) -> Resource:
    """An extension with one value; where it may stand is to be added."""
    elements = [
        element("Extension", max="1"),
        element("Extension.extension", max="0"),
        element("Extension.url", fixedUri=f"{CANONICAL}/StructureDefinition/{name}"),
        element("Extension.value[x]", min=1, type=[{"code": kind}]),
    ]
    return {**definition(name, title, "Extension", elements), "kind": "complex-type"}


TASK = definition(
    "referral-task",
    "The Task whose status both sides share",
    "Task",
    [
        element(
            "Task",
            constraint=[
                constraint(
                    "relais-1", "A reason is told in words", "statusReason.exists() implies statusReason.text.exists()"
                ),
                constraint(
                    "relais-2",
                    "What was refused, cancelled, paused or not achieved says why (Gravity)",
                    "(status in ('rejected' | 'cancelled' | 'on-hold' | 'failed')) implies statusReason.text.exists()",
                ),
            ],
        ),
        element("Task.identifier", min=1),
        bound("Task.status", USED_STATUS),
        bound("Task.businessStatus", f"{CANONICAL}/ValueSet/{BUSINESS_STATUS.rpartition('/')[2]}"),
        element("Task.intent", patternCode="order"),
        element("Task.code", min=1, patternCodeableConcept={"coding": [{"system": TASK_CODE, "code": "fulfill"}]}),
        to_one("Task.focus", "ServiceRequest"),
        to_one("Task.for", "Patient"),
        element("Task.authoredOn", min=1),
        element("Task.lastModified", min=1),
        element("Task.requester", min=1),
    ],
)
REQUEST = definition(
    "referral-request",
    "The sender's wish",
    "ServiceRequest",
    [
        element("ServiceRequest.identifier", min=1),
        element("ServiceRequest.identifier.value", min=1),
        to_one("ServiceRequest.subject", "Patient"),
    ],
)
MUNICIPALITY: Resource = {
    **extension("nis-code", "Municipality (NIS code, REFNIS)", "code"),
    "context": [{"type": "fhirpath", "expression": "Patient.address | Organization.address | Location.address"}],
}
VERIFIED: Resource = {
    **extension("verified-on", "The day on which an entry of the directory was last checked", "date"),
    "context": [{"type": "fhirpath", "expression": "Organization | HealthcareService | Location"}],
}

STRUCTURE_DEFINITIONS: Mapping[str, Resource] = {each["id"]: each for each in (TASK, REQUEST, MUNICIPALITY, VERIFIED)}
"""Our profiles and extensions, by id."""

PROFILES: Mapping[str, str] = {"Task": REFERRAL_TASK, "ServiceRequest": REFERRAL_REQUEST}
"""The profile that our resources of a type keep. A Task that asks a question is none of these."""

USED_TASK_STATUS: Resource = {
    "resourceType": "ValueSet",
    "id": "referral-task-status",
    "url": USED_STATUS,
    "version": "1",
    "name": "ReferralTaskStatus",
    "title": "States of a referral's Task (within Gravity's subset)",
    "status": "active",
    "experimental": False,
    "compose": {
        "include": [
            {
                "system": TASK_STATUS,
                "concept": [{"code": code} for code in sorted({STANDING[state].task_status for state in State})],
            }
        ]
    },
}
"""Which of Task's states we use."""
