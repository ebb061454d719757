"""FHIR twins of JSON pushes, and what tests do with them. All people are made up."""

import copy
import itertools
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from tests.referrals.pushes import FULL, LONG_SHEET, MINIMAL

BASE = "/referrals/fhir"
OURS = "https://relais.example/fhir"
SSIN = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
NIHDI = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/nihdi"
PART = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-"
FHIR_JSON = {"content-type": "application/fhir+json"}

EXPRESSIBLE: Mapping[str, Any] = {
    **FULL,
    "sheets": [sheet for sheet in FULL["sheets"] if sheet != LONG_SHEET],
    "reason": {
        **FULL["reason"],
        "diagnoses": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I50", "text": "Insuffisance cardiaque"}],
    },
    "attachments": [{"title": "Lettre", "content_type": "application/pdf", "data": "JVBERi0xLjQK"}],
}
"""A full push without the long form of a sheet, which FHIR has no words for; with a diagnosis and a letter."""


def urn(number: int) -> str:
    """A fullUrl."""
    return f"urn:uuid:{UUID(int=number)}"


def coding(name: str, code: str) -> dict[str, Any]:
    """A code of one of our systems."""
    return {"coding": [{"system": f"{OURS}/CodeSystem/{name}", "code": code}]}


def twin(push: Mapping[str, Any], first: int = 1) -> dict[str, Any]:
    """The transaction that says the same as a JSON push. Entry 0 is the Patient, 1 the ServiceRequest, 2 the Task."""
    numbers = count(first)
    patient, request, task = (urn(next(numbers)) for _ in range(3))
    entries = [
        entry(patient, patient_of(push["person"])),
        entry(request, request_of(push, patient)),
        entry(task, task_of(request, patient)),
    ]
    made = dict(rest(push, patient, entries[0]["resource"]))
    entries += [entry(urn(next(numbers)), resource) for resource in made.values()]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def entry(full_url: str, resource: dict[str, Any]) -> dict[str, Any]:
    """An entry that creates a resource."""
    request = {"method": "POST", "url": resource["resourceType"]}
    return {"fullUrl": full_url, "resource": resource, "request": request}


def patient_of(person: Mapping[str, Any]) -> dict[str, Any]:
    """The Patient of a person."""
    made: dict[str, Any] = {"resourceType": "Patient"}
    identifiers = []
    if "niss" in person:
        identifiers.append({"system": SSIN, "value": person["niss"]})
    if "hospital_number" in person:
        identifiers.append({"system": "urn:chu:patients", "value": person["hospital_number"]})
    telecom = [{"system": "phone", "value": phone} for phone in person.get("phones", [])]
    if "email" in person:
        telecom.append({"system": "email", "value": person["email"]})
    made |= {"identifier": identifiers} if identifiers else {}
    made["name"] = [{"use": "official", "family": person["family_name"], "given": person["given_names"].split(" ")}]
    made |= {"telecom": telecom} if telecom else {}
    made |= {"gender": person["gender"]} if "gender" in person else {}
    made |= {"birthDate": person["birth_date"]} if "birth_date" in person else {}
    if "address" in person:
        made["address"] = [address_of(person["address"])]
    if "relatives" in person:
        made["contact"] = [contact_of(each) for each in person["relatives"]]
    if "language" in person:
        made["communication"] = [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": person["language"]}]}}]
    return made


def address_of(address: Mapping[str, Any]) -> dict[str, Any]:
    """An Address with its ISO 21090 parts."""
    parts = {"streetName": "street", "houseNumber": "house_number", "postBox": "box"}
    extensions = [
        {"url": f"{PART}{part}", "valueString": address[name]} for part, name in parts.items() if name in address
    ]
    line = " ".join(address[name] for name in parts.values() if name in address)
    made: dict[str, Any] = {"use": "home", "line": [line], "_line": [{"extension": extensions}]}
    made |= {"city": address["city"]} if "city" in address else {}
    made |= {"postalCode": address["postal_code"]} if "postal_code" in address else {}
    if "nis_code" in address:
        url = f"{OURS}/StructureDefinition/nis-code"
        made["extension"] = [{"url": url, "valueCode": address["nis_code"]}]
    return made


def contact_of(relative: Mapping[str, Any]) -> dict[str, Any]:
    """A Patient.contact."""
    made: dict[str, Any] = {"name": {"text": relative["name"]}}
    made |= {"relationship": [{"text": relative["relation"]}]} if "relation" in relative else {}
    made |= {"telecom": [{"system": "phone", "value": relative["phone"]}]} if "phone" in relative else {}
    return made


def request_of(push: Mapping[str, Any], patient: str) -> dict[str, Any]:
    """The ServiceRequest of a push."""
    reason = push.get("reason", {})
    reasons = [{"text": reason["text"]}] if "text" in reason else []
    reasons += [coding("complexity-factor", factor) for factor in reason.get("factors", [])]
    made: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "identifier": [push["identifier"]],
        "status": "active",
        "intent": "order",
        "subject": {"reference": patient},
    }
    made |= {"priority": push["urgency"]} if "urgency" in push else {}
    return {**made, **({"reasonCode": reasons} if reasons else {})}


def task_of(request: str, patient: str) -> dict[str, Any]:
    """The Task that asks to fulfil it."""
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
        "focus": {"reference": request},
        "for": {"reference": patient},
        "authoredOn": "2026-11-19T09:00:00+01:00",
        "requester": {"reference": "Organization/chu"},
    }


def rest(
    push: Mapping[str, Any], patient: str, patient_resource: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The other resources by name: consent, stay, sheets, diagnoses, letters."""
    subject = {"reference": patient}
    yield "consent", consent_of(push["consent"], subject)
    if "general_practitioner" in push["person"]:
        patient_resource["generalPractitioner"] = [{"display": push["person"]["general_practitioner"]["name"]}]
    if "stay" in push:
        yield "stay", stay_of(push["stay"], subject)
    for number, sheet in enumerate(push.get("sheets", [])):
        yield f"sheet{number}", response_of(sheet, subject)
    for number, each in enumerate(push.get("reason", {}).get("diagnoses", [])):
        code = {"coding": [{"system": each["system"], "code": each["code"]}], "text": each["text"]}
        clinical = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        }
        yield (
            f"diagnosis{number}",
            {"resourceType": "Condition", "clinicalStatus": clinical, "code": code, "subject": subject},
        )
    for number, each in enumerate(push.get("attachments", [])):
        attachment = {"title": each["title"], "contentType": each["content_type"], "data": each["data"]}
        letter = {"resourceType": "DocumentReference", "status": "current", "subject": subject}
        yield f"letter{number}", {**letter, "content": [{"attachment": attachment}]}


def consent_of(consent: Mapping[str, Any], subject: dict[str, Any]) -> dict[str, Any]:
    """The Consent."""
    made: dict[str, Any] = {
        "resourceType": "Consent",
        "status": "active" if consent["given"] else "rejected",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": subject,
        "policyRule": {"coding": [{"system": f"{OURS}/CodeSystem/consent-policy", "code": "transfer"}]},
    }
    if "kind" in consent:
        made["category"] += [coding("consent-kind", consent["kind"])]
    made |= {"performer": [{"display": consent["by"]}]} if "by" in consent else {}
    made |= {"dateTime": consent["on"]} if "on" in consent else {}
    made |= {"sourceAttachment": {"title": consent["evidence"]}} if "evidence" in consent else {}
    return made


def stay_of(stay: Mapping[str, Any], subject: dict[str, Any]) -> dict[str, Any]:
    """The Encounter."""
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    priority = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"
    return {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": act, "code": "IMP"},
        "priority": {"coding": [{"system": priority, "code": "EM" if stay["unplanned"] else "EL"}]},
        "subject": subject,
        "period": {"start": stay["admitted_on"], "end": stay["discharge_on"]},
        "location": [{"location": {"display": stay["ward"]}}],
    }


def response_of(sheet: Mapping[str, Any], subject: dict[str, Any]) -> dict[str, Any]:
    """The QuestionnaireResponse of a compact sheet."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for card, answer in sheet["answers"].items():
        for part, value in answer.items():
            codes = value if isinstance(value, list) else [] if value is None else [value]
            item: dict[str, Any] = {"linkId": f"{part}.{card}"}
            if codes:
                item["answer"] = [{"valueCoding": coding(SYSTEM[part], str(code))["coding"][0]} for code in codes]
            groups.setdefault(part, []).append(item)
    made: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": "urn:chu:sheets", "value": sheet["identifier"]},
        "questionnaire": f"{OURS}/Questionnaire/{sheet['instrument']}|{sheet['edition']}",
        "status": "completed",
        "subject": subject,
        "authored": sheet["filled_on"],
        "source": subject,
        "item": [{"linkId": part, "item": items} for part, items in groups.items()],
    }
    return {**made, **({"language": sheet["language"]} if "language" in sheet else {})}


SYSTEM = {"difficulty": "card-level", "need": "card-level", "sources": "help-source", "absent": "absent-reason"}


def good(value: str = "2026-0001", push: Mapping[str, Any] = EXPRESSIBLE) -> dict[str, Any]:
    """A fresh copy of a full transaction under an identifier."""
    return copy.deepcopy(twin({**push, "identifier": {"system": "urn:chu:referral", "value": value}}))


def small(value: str = "2026-0002") -> dict[str, Any]:
    """A fresh copy of a small transaction."""
    return good(value, MINIMAL)


def find(bundle: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The first resource of a type in a bundle."""
    found: dict[str, Any] = next(
        each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind
    )
    return found


def issues(body: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The (code, expression) pairs of an OperationOutcome."""
    assert body["resourceType"] == "OperationOutcome", body
    return {(each["details"]["coding"][0]["code"], "".join(each.get("expression", []))) for each in body["issue"]}


def rich(value: str = "2026-0003") -> dict[str, Any]:
    """A fresh transaction with one of every type: 8 Practitioner, 9 Organization, 10 RelatedPerson, 11 Communication,
    12 PractitionerRole, 13 Provenance; before them Patient, ServiceRequest, Task, Consent, Encounter,
    QuestionnaireResponse, Condition, DocumentReference."""
    bundle = good(value)
    patient, request = urn(1), urn(2)
    doctor, hospital = urn(101), urn(102)
    bundle["entry"][0]["resource"]["generalPractitioner"] = [{"reference": doctor}]
    bundle["entry"][1]["resource"]["requester"] = {"reference": urn(105)}
    bundle["entry"][1]["resource"]["encounter"] = {"reference": urn(5)}
    bundle["entry"][2]["resource"]["requester"] = {"reference": urn(105)}
    name = [{"family": "Kanarie", "prefix": ["Dr"]}]
    related = {"resourceType": "RelatedPerson", "patient": {"reference": patient}, "name": [{"text": "Rosa Kanarie"}]}
    message = {"resourceType": "Communication", "status": "completed", "about": [{"reference": request}]}
    role = {"resourceType": "PractitionerRole", "practitioner": {"reference": doctor}}
    agent = {"who": {"reference": hospital}}
    bundle["entry"] += [
        entry(
            doctor,
            {"resourceType": "Practitioner", "identifier": [{"system": NIHDI, "value": "10000106004"}], "name": name},
        ),
        entry(
            hospital,
            {"resourceType": "Organization", "identifier": [{"system": CBE, "value": "0403019261"}], "name": "CHU"},
        ),
        entry(urn(103), related),
        entry(urn(104), {**message, "payload": [{"contentString": "Préfère être appelée le matin"}]}),
        entry(urn(105), {**role, "organization": {"reference": hospital}}),
        entry(
            urn(106),
            {
                "resourceType": "Provenance",
                "target": [{"reference": request}],
                "recorded": "2026-11-19T08:00:00.000Z",
                "agent": [agent],
            },
        ),
    ]
    return bundle


CBE = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/cbe"
GONE = object()
"""Instead of a value: take the element away."""


def place(bundle: Any, path: str) -> tuple[Any, str | int]:
    """The container and the key of a FHIRPath-like path."""
    steps = [int(step) if step.isdigit() else step for step in path.replace("[", ".").replace("]", "").split(".")]
    for step, following in itertools.pairwise(steps):
        if isinstance(bundle, dict):
            bundle = bundle.setdefault(step, [] if isinstance(following, int) else {})
        else:
            if step == len(bundle):
                bundle.append([] if isinstance(following, int) else {})
            bundle = bundle[step]
    return bundle, steps[-1]


def put(bundle: Any, path: str, value: Any) -> None:
    """Set, add or take away one element."""
    container, key = place(bundle, path)
    if value is GONE:
        del container[key]
    elif isinstance(container, list) and key == len(container):
        container.append(value)
    else:
        container[key] = value
