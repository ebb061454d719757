"""Good variants of a submission, generated from what stock clients and hospitals send: none is refused."""

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

from shared.testing.harness import UnderTest
from tests.referrals.fhir.bundles import BASE, GONE, OURS, SSIN, put, rich, small, urn
from tests.referrals.pushes import count

Bundle = dict[str, Any]
Change = Callable[[Bundle], None]

PATIENT, REQUEST, TASK, CONSENT, STAY, SHEET, DIAGNOSIS, LETTER = (f"entry[{number}].resource" for number in range(8))
DOCTOR, HOSPITAL, RELATIVE, MESSAGE, ROLE, ORIGIN = (f"entry[{number}].resource" for number in range(8, 14))
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Une demande</p></div>'}
OBSCURED = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/be-ext-pseudonymization"
META = {"profile": ["https://www.ehealth.fgov.be/standards/fhir/core/StructureDefinition/be-patient"], "versionId": "1"}

SET: dict[str, tuple[tuple[str, Any], ...]] = {
    "as it is": (),
    "a Bundle.id": (("id", "b-1"),),
    "a Bundle.meta": (("meta", {"lastUpdated": "2026-11-19T08:00:00.123+01:00", "tag": [{"code": "x"}]}),),
    "a Bundle.timestamp": (("timestamp", "2026-11-19T08:00:00Z"),),
    "a Bundle.language": (("language", "fr-BE"),),
    "ids of their own": tuple((f"entry[{number}].resource.id", f"r{number}") for number in range(14)),
    "meta on each": tuple((f"entry[{number}].resource.meta", META) for number in range(14)),
    "narratives": tuple((f"entry[{number}].resource.text", NARRATIVE) for number in range(14)),
    "languages": tuple((f"entry[{number}].resource.language", "fr") for number in range(14)),
    "extensions": tuple(
        (f"entry[{number}].resource.extension", [{"url": "http://example.org/x", "valueString": "x"}])
        for number in range(14)
    ),
    "a nested extension": (
        (f"{PATIENT}.extension", [{"url": "http://a.b/n", "extension": [{"url": "c", "valueCode": "BE"}]}]),
    ),
    "an extension of a primitive": (
        (f"{PATIENT}._birthDate", {"extension": [{"url": "http://a.b/t", "valueTime": "04:00:00"}]}),
    ),
    "an absolute request url": (("entry[0].request.url", "http://relais.test/referrals/fhir/Patient"),),
    "a request url with a slash": (("entry[0].request.url", "/Patient"),),
    "a condition on the patient": (("entry[0].request.ifNoneExist", f"identifier={SSIN}|50020300103"),),
    "a condition with the type": (("entry[1].request.ifNoneExist", "ServiceRequest?identifier=urn:chu:referral|{id}"),),
    "an absolute condition": (
        (
            "entry[1].request.ifNoneExist",
            "http://relais.test/referrals/fhir/ServiceRequest?identifier=urn:chu:referral|{id}",
        ),
    ),
    "a condition with a coded bar": (("entry[1].request.ifNoneExist", "identifier=urn%3Achu%3Areferral%7C{id}"),),
    "no task": (("entry[2]", GONE),),
    "no gender": ((f"{PATIENT}.gender", GONE),),
    "no birth date": ((f"{PATIENT}.birthDate", GONE),),
    "a year of birth": ((f"{PATIENT}.birthDate", "1950"),),
    "a month of birth": ((f"{PATIENT}.birthDate", "1950-02"),),
    "no NISS": ((f"{PATIENT}.identifier[0]", GONE),),
    "no number at all": ((f"{PATIENT}.identifier", GONE),),
    "a NISS with dots": ((f"{PATIENT}.identifier[0].value", "50.02.03-001.03"),),
    "a NISS by its OID": ((f"{PATIENT}.identifier[0].system", "urn:oid:2.16.840.1.113883.3.6777.5.1"),),
    "a pseudonym": (
        (
            f"{PATIENT}.identifier[0]",
            {"system": SSIN, "_value": {"extension": [{"url": OBSCURED, "valueString": "p-17"}]}},
        ),
    ),
    "a typed hospital number": (
        (
            f"{PATIENT}.identifier[1].type",
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
        ),
    ),
    "two given names": ((f"{PATIENT}.name[0].given", ["Serafine", "Josse"]),),
    "a name in words too": ((f"{PATIENT}.name[0].text", "Serafine Vandenkanarie"),),
    "an old name first": (
        (f"{PATIENT}.name", [{"use": "maiden", "family": "X", "given": ["Y"]}, {"family": "A", "given": ["B"]}]),
    ),
    "a plain address": (
        (f"{PATIENT}.address[0]", {"line": ["Rue du Canari 7 b2"], "postalCode": "4000", "city": "Liège"}),
    ),
    "an address abroad": (
        (f"{PATIENT}.address[0]", {"line": ["Weg 1"], "postalCode": "52062", "city": "Aachen", "country": "DE"}),
    ),
    "an address in words": ((f"{PATIENT}.address[0]", {"text": "Rue du Canari 7, 4000 Liège"}),),
    "no address": ((f"{PATIENT}.address", GONE),),
    "nobody near": ((f"{PATIENT}.contact", GONE),),
    "a contact by relation": (
        (
            f"{PATIENT}.contact[0]",
            {"relationship": [{"text": "voisine"}], "telecom": [{"system": "phone", "value": "04 111"}]},
        ),
    ),
    "a coded relation": (
        (
            f"{PATIENT}.contact[0].relationship[0]",
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "SIB", "display": "frère"}
                ]
            },
        ),
    ),
    "a fax and a mobile": (
        (f"{PATIENT}.telecom[2]", {"system": "fax", "value": "04 1"}),
        (f"{PATIENT}.telecom[3]", {"system": "phone", "value": "0470 11 22 33", "use": "mobile", "rank": 1}),
    ),
    "a preferred language": (
        (f"{PATIENT}.communication[0].preferred", True),
        (f"{PATIENT}.communication[0].language.coding[0].code", "nl-BE"),
    ),
    "deceased unknown": ((f"{PATIENT}.deceasedBoolean", False),),
    "married": (
        (
            f"{PATIENT}.maritalStatus",
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M"}]},
        ),
    ),
    "a doctor in words": ((f"{PATIENT}.generalPractitioner[0]", {"display": "Dr Kanarie"}),),
    "a doctor by role": ((f"{PATIENT}.generalPractitioner[0].reference", urn(105)),),
    "a doctor elsewhere": (
        (
            f"{PATIENT}.generalPractitioner[0]",
            {"reference": "https://records.example/Practitioner/9", "display": "Dr K"},
        ),
    ),
    "an active patient": ((f"{PATIENT}.active", True),),
    "two identifiers": ((f"{REQUEST}.identifier[1]", {"use": "secondary", "system": "urn:chu:order", "value": "O-1"}),),
    "a requisition": ((f"{REQUEST}.requisition", {"system": "urn:chu:requisition", "value": "R-1"}),),
    "a proposal": ((f"{REQUEST}.intent", "proposal"),),
    "a plan": ((f"{REQUEST}.intent", "plan"),),
    "an original order": ((f"{REQUEST}.intent", "original-order"),),
    "as soon as possible": ((f"{REQUEST}.priority", "asap"),),
    "at once": ((f"{REQUEST}.priority", "stat"),),
    "no priority": ((f"{REQUEST}.priority", GONE),),
    "no reason": ((f"{REQUEST}.reasonCode", GONE),),
    "a SNOMED code": ((f"{REQUEST}.code", {"coding": [{"system": "http://snomed.info/sct", "code": "308433007"}]}),),
    "a SNOMED category": (
        (f"{REQUEST}.category", [{"coding": [{"system": "http://snomed.info/sct", "code": "3457005"}]}]),
    ),
    "a coded reason": (
        (
            f"{REQUEST}.reasonCode[2]",
            {"coding": [{"system": "http://snomed.info/sct", "code": "84114007"}], "text": "IC"},
        ),
    ),
    "a note": ((f"{REQUEST}.note", [{"text": "Rappeler lundi", "time": "2026-11-19"}]),),
    "a date of wish": ((f"{REQUEST}.occurrenceDateTime", "2026-11-30"),),
    "a period of wish": ((f"{REQUEST}.occurrencePeriod", {"start": "2026-11-25", "end": "2026-12-25"}),),
    "authored to the millisecond": ((f"{REQUEST}.authoredOn", "2026-11-19T08:01:02.345+01:00"),),
    "reasons by reference": ((f"{REQUEST}.reasonReference", [{"reference": urn(7)}]),),
    "supporting information": ((f"{REQUEST}.supportingInfo", [{"reference": urn(6)}, {"reference": urn(8)}]),),
    "a performer of ours": ((f"{REQUEST}.performer", [{"reference": "Organization/relais"}]),),
    "a performer in words": ((f"{REQUEST}.performer", [{"display": "Relais", "type": "Organization"}]),),
    "a requester by number": ((f"{REQUEST}.requester", {"identifier": {"system": "urn:x", "value": "y"}}),),
    "a requester elsewhere": ((f"{REQUEST}.requester", {"reference": "https://records.example/Organization/1"}),),
    "a task with an owner": ((f"{TASK}.owner", {"reference": "Organization/relais"}),),
    "a task with an identifier": ((f"{TASK}.identifier", [{"system": "urn:chu:task", "value": "{id}"}]),),
    "a task with a priority": ((f"{TASK}.priority", "urgent"),),
    "a task with a description": ((f"{TASK}.description", "Suivi à domicile"),),
    "a task with an input": (
        (f"{TASK}.input", [{"type": {"text": "sheet"}, "valueReference": {"reference": urn(6)}}]),
    ),
    "a task with a limit": ((f"{TASK}.restriction", {"period": {"end": "2026-12-01"}}),),
    "no consent": (("entry[3]", GONE),),
    "a consent refused": ((f"{CONSENT}.status", "rejected"),),
    "a consent denied": ((f"{CONSENT}.provision", {"type": "deny"}),),
    "a consent proposed": ((f"{CONSENT}.status", "proposed"),),
    "a consent by the patient": ((f"{CONSENT}.performer[0]", {"reference": urn(1)}),),
    "a consent by a relative": ((f"{CONSENT}.performer[0]", {"reference": urn(103)}),),
    "a consent on paper": (
        (f"{CONSENT}.sourceAttachment", {"contentType": "application/pdf", "title": "Accord signé"}),
    ),
    "a consent with a policy": (
        (f"{CONSENT}.policyRule", GONE),
        (f"{CONSENT}.policy", [{"uri": "http://example.org/p"}]),
    ),
    "a consent verified": ((f"{CONSENT}.verification", [{"verified": True, "verificationDate": "2026-11-18"}]),),
    "a consent at an hour": ((f"{CONSENT}.dateTime", "2026-11-18T10:00:00+01:00"),),
    "a consent with an identifier": ((f"{CONSENT}.identifier", [{"system": "urn:chu:consent", "value": "{id}"}]),),
    "no stay": (("entry[4]", GONE), (f"{REQUEST}.encounter", GONE)),
    "a stay that goes on": ((f"{STAY}.period.end", GONE),),
    "an elective stay": ((f"{STAY}.priority.coding[0].code", "EL"),),
    "an emergency by class": ((f"{STAY}.class.code", "EMER"), (f"{STAY}.priority", GONE)),
    "a finished stay": ((f"{STAY}.status", "finished"),),
    "a stay to the minute": ((f"{STAY}.period.start", "2026-11-02T03:04:05+01:00"),),
    "a contact in the unit": (
        (f"{STAY}.participant", [{"individual": {"display": "Infirmière Kanarie, 04 000 00 02"}}]),
    ),
    "a discharge": ((f"{STAY}.hospitalization", {"dischargeDisposition": {"text": "domicile"}}),),
    "no sheet": (("entry[5]", GONE),),
    "a sheet amended": ((f"{SHEET}.status", "amended"),),
    "a sheet stopped": ((f"{SHEET}.status", "stopped"),),
    "a sheet by a nurse": ((f"{SHEET}.source", {"reference": urn(101)}),),
    "a sheet by a role": ((f"{SHEET}.source", {"reference": urn(105)}),),
    "a sheet by a relative": ((f"{SHEET}.source", {"reference": urn(103)}),),
    "a sheet by its author": ((f"{SHEET}.source", GONE), (f"{SHEET}.author", {"reference": urn(101)})),
    "a sheet by a type": ((f"{SHEET}.source", {"type": "Practitioner", "display": "N. K."}),),
    "a sheet at an hour": ((f"{SHEET}.authored", "2026-11-18T23:59:59+01:00"),),
    "levels as integers": ((f"{SHEET}.item[0].item[0].answer[0]", {"valueInteger": 2}),),
    "a flat form": ((f"{SHEET}.item", [{"linkId": "difficulty.housework", "answer": [{"valueInteger": 0}]}]),),
    "an empty form": ((f"{SHEET}.item", GONE),),
    "a reason of HL7": (
        (
            f"{SHEET}.item[1].item[1].extension",
            [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "asked-declined"}],
        ),
        (f"{SHEET}.item[3]", GONE),
    ),
    "questions in words": ((f"{SHEET}.item[0].item[0].text", "Entretien du logement"),),
    "displays": ((f"{SHEET}.item[0].item[0].answer[0].valueCoding.display", "important"),),
    "a second edition": ((f"{SHEET}.questionnaire", f"{OURS}/Questionnaire/eladeb-r|2031"),),
    "no diagnosis": (("entry[6]", GONE),),
    "a diagnosis in words": ((f"{DIAGNOSIS}.code", {"text": "chutes"}),),
    "two codings": (
        (f"{DIAGNOSIS}.code.coding[1]", {"system": "http://snomed.info/sct", "code": "84114007", "display": "HF"}),
    ),
    "a verified diagnosis": (
        (
            f"{DIAGNOSIS}.verificationStatus",
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]},
        ),
    ),
    "an onset": ((f"{DIAGNOSIS}.onsetDateTime", "2019"),),
    "an age of onset": (
        (f"{DIAGNOSIS}.onsetAge", {"value": 69, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}),
    ),
    "no letter": (("entry[7]", GONE),),
    "a letter with a type": ((f"{LETTER}.type", {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}),),
    "a letter with a charset": ((f"{LETTER}.content[0].attachment.contentType", "text/plain; charset=UTF-8"),),
    "a letter in lines": ((f"{LETTER}.content[0].attachment.data", "JVBE\nRi0x\nLjQK"),),
    "a letter with its date": ((f"{LETTER}.date", "2026-11-19T08:00:00.000Z"),),
    "a letter without title": ((f"{LETTER}.content[0].attachment.title", GONE), (f"{LETTER}.description", "Sortie")),
    "a message to whom": (
        (f"{MESSAGE}.recipient", [{"display": "Relais"}]),
        (f"{MESSAGE}.sent", "2026-11-19T08:00:00Z"),
    ),
    "an origin with a signature": (
        (
            f"{ORIGIN}.signature",
            [
                {
                    "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}],
                    "when": "2026-11-19T08:00:00Z",
                    "who": {"display": "x"},
                    "data": "QUJD",
                }
            ],
        ),
    ),
}


def variants() -> Iterator[tuple[str, Bundle]]:
    """Every named variant, some made by mixing, and the shapes of four stock clients."""
    for number, (name, changes) in enumerate(SET.items()):
        bundle = rich(f"v-{number}")
        put(bundle, f"{SHEET}.identifier.value", f"s-{number}")
        for path, value in sorted(changes, key=lambda change: change[1] is GONE):
            put(bundle, path, filled(value, f"v-{number}"))
        yield name, pruned(bundle)
    chosen = random.Random(4)
    kept = [
        name
        for name, changes in SET.items()
        if not any(path.startswith("entry[") and path.endswith("]") for path, _ in changes)
    ]
    for number in range(20):
        bundle = rich(f"m-{number}")
        put(bundle, f"{SHEET}.identifier.value", f"m-{number}")
        chosen.shuffle(bundle["entry"])
        yield f"shuffled {number}", bundle
    assert kept
    for number, shape in enumerate((of_rest_urls, of_relative_urls, of_ids, of_conditions)):
        bundle = rich(f"c-{number}")
        put(bundle, f"{SHEET}.identifier.value", f"c-{number}")
        shape(bundle, f"c-{number}")
        yield shape.__name__, bundle
    yield "the smallest", small("small")
    without = small("smaller")
    del without["entry"][2:]
    yield "a patient and a request", without


def filled(value: Any, identifier: str) -> Any:
    """A value with the referral's identifier in its place."""
    if isinstance(value, str):
        return value.replace("{id}", identifier)
    if isinstance(value, dict):
        return {name: filled(part, identifier) for name, part in value.items()}
    return [filled(part, identifier) for part in value] if isinstance(value, list) else value


def pruned(bundle: Bundle) -> Bundle:
    """The same without references to entries that were taken away."""
    urls = {each["fullUrl"] for each in bundle["entry"]}
    for each in bundle["entry"]:
        resource = each["resource"]
        for name in ("reasonReference", "supportingInfo"):
            if name in resource:
                resource[name] = [one for one in resource[name] if one["reference"] in urls]
    return bundle


def renamed(bundle: Bundle, names: dict[str, str]) -> None:
    """Other fullUrls, and references to them."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(part) for name, part in value.items()}
        if isinstance(value, list):
            return [walk(part) for part in value]
        return names.get(value, value) if isinstance(value, str) else value

    bundle["entry"] = walk(bundle["entry"])


def of_rest_urls(bundle: Bundle, _: str) -> None:
    """A server that names its own resources by their address."""
    kinds = {each["fullUrl"]: each["resource"]["resourceType"] for each in bundle["entry"]}
    renamed(
        bundle,
        {url: f"https://records.example/fhir/{kind}/{number}" for number, (url, kind) in enumerate(kinds.items())},
    )


def of_relative_urls(bundle: Bundle, _: str) -> None:
    """Addresses in fullUrl, and relative references."""
    for number, each in enumerate(bundle["entry"]):
        old, kind = each["fullUrl"], each["resource"]["resourceType"]
        renamed(bundle, {old: f"{kind}/{number}"})
        bundle["entry"][number]["fullUrl"] = f"https://records.example/fhir/{kind}/{number}"


def of_ids(bundle: Bundle, _: str) -> None:
    """No fullUrl at all: resources by their own id."""
    for number, each in enumerate(bundle["entry"]):
        renamed(bundle, {each["fullUrl"]: f"{each['resource']['resourceType']}/n{number}"})
        bundle["entry"][number]["resource"]["id"] = f"n{number}"
        del bundle["entry"][number]["fullUrl"]


def of_conditions(bundle: Bundle, identifier: str) -> None:
    """Conditions on everything that has an identifier, and one resource named twice by equal conditions."""
    condition = f"identifier={SSIN}|50020300103"
    put(bundle, "entry[0].request.ifNoneExist", condition)
    put(bundle, "entry[1].request.ifNoneExist", f"identifier=urn:chu:referral|{identifier}")
    twice = {**bundle["entry"][0], "fullUrl": urn(700)}
    bundle["entry"].append(twice)
    put(bundle, f"{CONSENT}.patient.reference", urn(700))


async def test_no_good_variant_is_refused(referrals: UnderTest) -> None:
    refused = []
    cases = list(variants())
    assert len(cases) >= 100
    media = itertools.cycle(
        [
            "application/fhir+json; charset=UTF-8",
            "application/json",
            "application/fhir+json",
            "application/json; charset=utf-8",
        ]
    )
    accepts = itertools.cycle(
        [
            "application/fhir+xml, application/fhir+json",
            "*/*",
            "application/json",
            "application/fhir+json;q=1.0, application/json+fhir;q=0.9",
        ]
    )
    async with referrals.client("hospital-chu") as client:
        for (name, bundle), kind, accepted in zip(cases, media, accepts, strict=False):
            headers = {"content-type": kind, "accept": accepted}
            where = BASE if len(name) % 2 else f"{BASE}/"
            answer = await client.post(where, json=bundle, headers=headers)
            if answer.status_code != 200:
                refused.append((name, answer.text))
            else:
                assert [each["response"]["status"] for each in answer.json()["entry"]] == ["201 Created"] * len(
                    bundle["entry"]
                )
    assert not refused, "\n".join(map(str, refused))
    assert await count(referrals) == len(cases)
