"""Planted faults: what is changed in a good bundle, and what the answer must be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.referrals.fhir.bundles import GONE, OURS, put, rich, urn


@dataclass(frozen=True)
class Planted:
    """A bundle with one fault, and the status, code and full expression of its answer."""

    name: str
    bundle: Any
    status: int
    code: str
    expression: str


PATIENT, REQUEST, TASK, CONSENT, STAY, SHEET, DIAGNOSIS, LETTER = (f"entry[{number}].resource" for number in range(8))
DOCTOR, HOSPITAL, RELATIVE, MESSAGE, ROLE, ORIGIN = (f"entry[{number}].resource" for number in range(8, 14))
FEELING = f"{SHEET}.item[0].item[0]"
UNKNOWN_ID = "Patient/01a201af-8381-755a-adb9-03aa2f298f5c"
LONG_WORDS = "x" * 321

# name: (path changed, value, status, code, expression where it is not the path itself)
CHANGES: dict[str, tuple[str, Any, int, str] | tuple[str, Any, int, str, str]] = {
    # the envelope
    "no type": ("type", GONE, 422, "required"),
    "a document": ("type", "document", 422, "wrong-bundle-type"),
    "a searchset": ("type", "searchset", 422, "wrong-bundle-type"),
    "a type that is none": ("type", "transmission", 422, "not-one-of"),
    "no entries": ("entry", GONE, 422, "required"),
    "an unknown field of the bundle": ("entries", [], 422, "empty-value"),
    "an unknown field with content": ("entries", [{"a": 1}], 422, "unknown-field"),
    "a timestamp without zone": ("timestamp", "2026-11-19T08:00:00", 422, "wrong-format"),
    "an unknown field of an entry": ("entry[0].url", "Patient", 422, "unknown-field"),
    "an entry without request": ("entry[3].request", GONE, 422, "required"),
    "an entry without resource": ("entry[3].resource", GONE, 422, "required"),
    "a request without method": ("entry[3].request.method", GONE, 422, "required"),
    "a method that is none": ("entry[3].request.method", "POSTE", 422, "not-one-of"),
    "a PUT": ("entry[0].request.method", "PUT", 422, "method-not-taken"),
    "a DELETE": ("entry[0].request.method", "DELETE", 422, "method-not-taken"),
    "a url of another type": ("entry[0].request.url", "Practitioner", 422, "url-mismatch"),
    "a url with an id": ("entry[0].request.url", "Patient/17", 422, "url-mismatch"),
    "a fullUrl twice": ("entry[6].fullUrl", urn(5), 422, "duplicate-full-url"),
    "a fullUrl with a space": ("entry[6].fullUrl", "urn:uuid: 1", 422, "wrong-format"),
    "an unsupported condition": ("entry[0].request.ifNoneExist", "family=Kanarie", 400, "unknown-condition"),
    "a condition with two parts": (
        "entry[1].request.ifNoneExist",
        "identifier=urn:chu:referral|2026-0003&status=active",
        400,
        "unknown-condition",
    ),
    "a condition of another type": (
        "entry[1].request.ifNoneExist",
        "Task?identifier=urn:chu:referral|2026-0003",
        400,
        "unknown-condition",
    ),
    "a condition on another's identifier": (
        "entry[1].request.ifNoneExist",
        "identifier=urn:chu:referral|2026-9999",
        422,
        "condition-mismatch",
    ),
    # types
    "no resource type": (f"{PATIENT}.resourceType", GONE, 400, "not-a-resource"),
    "a misspelt type": (f"{PATIENT}.resourceType", "Patientt", 400, "unknown-resource-type"),
    "a type in lower case": (f"{TASK}.resourceType", "task", 400, "unknown-resource-type"),
    "a type that we do not take": (f"{DIAGNOSIS}.resourceType", "Observation", 422, "type-not-taken"),
    "a medication": (f"{DIAGNOSIS}.resourceType", "MedicationRequest", 422, "type-not-taken"),
    "a resource that is a word": ("entry[0].resource", "Patient", 422, "wrong-type"),
    # structure
    "an unknown field": (f"{PATIENT}.birthdate", "1950-02-03", 422, "unknown-field"),
    "a Python name": (f"{PATIENT}.birth_date", "1950-02-03", 422, "unknown-field", f"Bundle.{PATIENT}"),
    "an unknown inner field": (f"{PATIENT}.name[0].first", "Rosa", 422, "unknown-field"),
    "an unknown field of a reference": (f"{REQUEST}.subject.ref", "x", 422, "unknown-field"),
    "a field of R5": (f"{REQUEST}.reason", [{"concept": {"text": "x"}}], 422, "unknown-field"),
    "an empty string": (f"{PATIENT}.name[0].family", "", 422, "empty-value"),
    "a blank string": (f"{PATIENT}.name[0].family", "   ", 422, "empty-value"),
    "an empty array": (f"{PATIENT}.telecom", [], 422, "empty-value"),
    "an empty object": (f"{REQUEST}.subject", {}, 422, "empty-value"),
    "a null": (f"{PATIENT}.gender", None, 422, "empty-value"),
    "an object for an array": (f"{PATIENT}.name", {"family": "Kanarie"}, 422, "wrong-type"),
    "a word for an array": (f"{PATIENT}.name[0].given", "Rosa", 422, "wrong-type"),
    "a number for a word": (f"{PATIENT}.identifier[0].value", 50020300103, 422, "wrong-type"),
    "a word for a boolean": (f"{PATIENT}.active", "true", 422, "wrong-type"),
    "a number for a boolean": (f"{PATIENT}.active", 1, 422, "wrong-type"),
    "contained resources": (f"{REQUEST}.contained", [{"resourceType": "Patient"}], 422, "contained-not-taken"),
    "implicit rules": (f"{REQUEST}.implicitRules", "http://example.org/rules", 422, "modifier-not-understood"),
    "a modifier extension": (
        f"{REQUEST}.modifierExtension",
        [{"url": "http://example.org/not", "valueBoolean": True}],
        422,
        "modifier-not-understood",
    ),
    "an inner modifier extension": (
        f"{PATIENT}.contact[0].modifierExtension",
        [{"url": "http://example.org/not", "valueBoolean": True}],
        422,
        "modifier-not-understood",
    ),
    "an extension without url": (
        f"{PATIENT}.extension",
        [{"valueString": "x"}],
        422,
        "required",
        f"Bundle.{PATIENT}.extension[0].url",
    ),
    "an extension with two values": (
        f"{PATIENT}.extension",
        [{"url": "http://example.org/x", "valueString": "x", "valueCode": "x"}],
        422,
        "several-values",
        f"Bundle.{PATIENT}.extension[0]",
    ),
    "two forms of deceased": (f"{PATIENT}.deceasedBoolean", True, 422, "several-values", f"Bundle.{PATIENT}"),
    "an id with an underscore": (f"{PATIENT}.id", "p_1", 422, "wrong-format"),
    "a narrative with a script": (
        f"{PATIENT}.text",
        {"status": "generated", "div": "<div><script>x</script></div>"},
        422,
        "wrong-format",
        f"Bundle.{PATIENT}.text.div",
    ),
    # formats
    "a date in words": (f"{PATIENT}.birthDate", "3 février 1950", 422, "wrong-format"),
    "a date with slashes": (f"{PATIENT}.birthDate", "03/02/1950", 422, "wrong-format"),
    "a day that is none": (f"{PATIENT}.birthDate", "1950-02-30", 422, "wrong-format"),
    "a moment for a date": (f"{PATIENT}.birthDate", "1950-02-03T00:00:00Z", 422, "wrong-format"),
    "a birth in the future": (f"{PATIENT}.birthDate", "2026-11-21", 422, "in-future"),
    "a birth before 1900": (f"{PATIENT}.birthDate", "1899-12-31", 422, "out-of-range"),
    "a moment without zone": (f"{TASK}.authoredOn", "2026-11-19T09:00:00", 422, "wrong-format"),
    "a moment without seconds": (f"{TASK}.authoredOn", "2026-11-19T09:00Z", 422, "wrong-format"),
    "hour 25": (f"{TASK}.authoredOn", "2026-11-19T25:00:00Z", 422, "wrong-format"),
    "an instant without time": (f"{ORIGIN}.recorded", "2026-11-19", 422, "wrong-format"),
    "a url with a space": (f"{REQUEST}.identifier[0].system", "urn:chu referral", 422, "wrong-format"),
    "a code with two spaces": (f"{REQUEST}.reasonCode[1].coding[0].code", "carer  burden", 422, "wrong-format"),
    "base64 that is none": (f"{LETTER}.content[0].attachment.data", "JVB*", 422, "wrong-format"),
    # bindings
    "a gender in French": (f"{PATIENT}.gender", "féminin", 422, "not-one-of"),
    "a v2 gender": (f"{PATIENT}.gender", "F", 422, "not-one-of"),
    "a use that is none": (f"{PATIENT}.address[0].use", "house", 422, "not-one-of"),
    "a system of telecom": (f"{PATIENT}.telecom[0].system", "mobile", 422, "not-one-of"),
    "a status of no request": (f"{REQUEST}.status", "requested", 422, "not-one-of"),
    "a priority in French": (f"{REQUEST}.priority", "urgente", 422, "not-one-of"),
    "a status of no task": (f"{TASK}.status", "active", 422, "not-one-of"),
    "a status of no stay": (f"{STAY}.status", "active", 422, "not-one-of"),
    # the request
    "no identifier": (f"{REQUEST}.identifier", GONE, 422, "identifier-missing"),
    "an identifier without system": (f"{REQUEST}.identifier[0].system", GONE, 422, "identifier-missing"),
    "an identifier without value": (f"{REQUEST}.identifier[0].value", GONE, 422, "identifier-missing"),
    "no status": (f"{REQUEST}.status", GONE, 422, "required"),
    "a draft": (f"{REQUEST}.status", "draft", 422, "wrong-status"),
    "a revoked request": (f"{REQUEST}.status", "revoked", 422, "wrong-status"),
    "no intent": (f"{REQUEST}.intent", GONE, 422, "required"),
    "an option": (f"{REQUEST}.intent", "option", 422, "wrong-intent"),
    "a filler's order": (f"{REQUEST}.intent", "filler-order", 422, "wrong-intent"),
    "no subject": (f"{REQUEST}.subject", GONE, 422, "required"),
    "a subject that is nobody": (f"{REQUEST}.subject.reference", GONE, 422, "empty-value", f"Bundle.{REQUEST}.subject"),
    "a dangling subject": (f"{REQUEST}.subject.reference", urn(999), 422, "dangling-reference"),
    "a subject outside": (
        f"{REQUEST}.subject.reference",
        "https://records.example/Patient/1",
        422,
        "dangling-reference",
    ),
    "a subject that is a stay": (f"{REQUEST}.subject.reference", urn(5), 422, "wrong-reference-type"),
    "somebody else's patient": (f"{REQUEST}.subject.reference", UNKNOWN_ID, 404, "unknown-reference"),
    "a patient of another server": (f"{REQUEST}.subject.reference", "Patient/17", 404, "unknown-reference"),
    "a stay that is a patient": (f"{REQUEST}.encounter.reference", urn(1), 422, "wrong-reference-type"),
    "a dangling stay": (f"{REQUEST}.encounter.reference", urn(998), 422, "dangling-reference"),
    "a contained reference": (f"{REQUEST}.encounter.reference", "#stay", 422, "dangling-reference"),
    "a request not to": (f"{REQUEST}.doNotPerform", True, 422, "do-not-perform"),
    "two forms of occurrence": (
        f"{REQUEST}.occurrenceDateTime",
        "2026-11-20",
        422,
        "several-values",
        f"Bundle.{REQUEST}",
    ),
    "an unknown requester": (f"{REQUEST}.requester.reference", "Organization/nobody", 404, "unknown-reference"),
    # the task
    "a task done": (f"{TASK}.status", "completed", 422, "wrong-status"),
    "a task in draft": (f"{TASK}.status", "draft", 422, "wrong-status"),
    "a task that is a plan": (f"{TASK}.intent", "plan", 422, "wrong-intent"),
    "a task without code": (f"{TASK}.code", GONE, 422, "required"),
    "a task to approve": (f"{TASK}.code.coding[0].code", "approve", 422, "wrong-code"),
    "a task code of our own": (f"{TASK}.code.coding[0].system", f"{OURS}/task", 422, "wrong-code-system"),
    "a task without focus": (f"{TASK}.focus", GONE, 422, "required"),
    "a task about the patient": (f"{TASK}.focus.reference", urn(1), 422, "wrong-reference-type"),
    "a task for nobody": (f"{TASK}.for", GONE, 422, "required"),
    "a task by nobody": (f"{TASK}.requester", GONE, 422, "required"),
    "a task without date": (f"{TASK}.authoredOn", GONE, 422, "required"),
    # the person
    "a wrong NISS": (f"{PATIENT}.identifier[0].value", "50020300104", 422, "niss-check-digits"),
    "a NISS in words": (f"{PATIENT}.identifier[0].value", "none", 422, "niss-check-digits"),
    "no name": (f"{PATIENT}.name", GONE, 422, "required"),
    "no family name": (f"{PATIENT}.name[0].family", GONE, 422, "required"),
    "no given name": (f"{PATIENT}.name[0].given", GONE, 422, "required"),
    "a postal code that is none": (f"{PATIENT}.address[0].postalCode", "L-1234", 422, "wrong-format"),
    "an e-mail address that is none": (f"{PATIENT}.telecom[1].value", "rosa", 422, "wrong-format"),
    "a telephone of two digits": (f"{PATIENT}.telecom[0].value", "04", 422, "too-short"),
    "a language in words": (f"{PATIENT}.communication[0].language.coding[0].code", "français", 422, "wrong-format"),
    "a record out of use": (f"{PATIENT}.active", False, 422, "wrong-status"),
    "a doctor's number": (f"{DOCTOR}.identifier[0].value", "123", 422, "wrong-format"),
    "an enterprise number": (f"{HOSPITAL}.identifier[0].value", "0403019262", 422, "cbe-check-digits"),
    "a relative of nobody": (f"{RELATIVE}.patient", GONE, 422, "required"),
    # consent, stay, diagnosis, letter, message, origin
    "a consent without status": (f"{CONSENT}.status", GONE, 422, "required"),
    "a consent without scope": (f"{CONSENT}.scope", GONE, 422, "required"),
    "a consent without category": (f"{CONSENT}.category", GONE, 422, "required"),
    "a consent without policy": (f"{CONSENT}.policyRule", GONE, 422, "policy-missing"),
    "a consent by mistake": (f"{CONSENT}.status", "entered-in-error", 422, "wrong-status"),
    "a consent of tomorrow": (f"{CONSENT}.dateTime", "2026-11-21", 422, "in-future"),
    "a stay without class": (f"{STAY}.class", GONE, 422, "required"),
    "a stay that never was": (f"{STAY}.status", "cancelled", 422, "wrong-status"),
    "an admission of tomorrow": (f"{STAY}.period.start", "2026-11-21", 422, "in-future"),
    "a discharge before the admission": (f"{STAY}.period.end", "2026-11-01", 422, "before-admission"),
    "a clinical status of our own": (
        f"{DIAGNOSIS}.clinicalStatus.coding[0].system",
        "urn:chu:status",
        422,
        "wrong-code-system",
    ),
    "a clinical status that is none": (f"{DIAGNOSIS}.clinicalStatus.coding[0].code", "ill", 422, "not-one-of"),
    "a diagnosis without system": (f"{DIAGNOSIS}.code.coding[0].system", GONE, 422, "required"),
    "a diagnosis of nobody": (f"{DIAGNOSIS}.subject", GONE, 422, "required"),
    "a letter elsewhere": (
        f"{LETTER}.content[0].attachment",
        {"url": "https://records.example/letter.pdf"},
        422,
        "attachment-by-reference",
        f"Bundle.{LETTER}.content[0].attachment.data",
    ),
    "a letter without content": (f"{LETTER}.content", GONE, 422, "required"),
    "a letter replaced": (f"{LETTER}.status", "superseded", 422, "wrong-status"),
    "a media type that is none": (f"{LETTER}.content[0].attachment.contentType", "PDF", 422, "wrong-format"),
    "a message too long": (f"{MESSAGE}.payload[0].contentString", LONG_WORDS, 422, "too-long"),
    "a message without words": (f"{MESSAGE}.payload", GONE, 422, "required"),
    "a message not sent": (f"{MESSAGE}.status", "not-done", 422, "wrong-status"),
    "an origin of nothing": (f"{ORIGIN}.target", GONE, 422, "required"),
    "a dangling origin": (f"{ORIGIN}.target[0].reference", urn(997), 422, "dangling-reference"),
    "a dangling role": (f"{ROLE}.organization.reference", urn(996), 422, "dangling-reference"),
    # the sheet, item by item
    "a sheet without identifier": (f"{SHEET}.identifier", GONE, 422, "identifier-missing"),
    "a sheet without questionnaire": (f"{SHEET}.questionnaire", GONE, 422, "required"),
    "a sheet of another's form": (f"{SHEET}.questionnaire", "http://example.org/q|1", 422, "unknown-questionnaire"),
    "a sheet without version": (
        f"{SHEET}.questionnaire",
        f"{OURS}/Questionnaire/eladeb-r",
        422,
        "unknown-questionnaire",
    ),
    "a sheet being filled": (f"{SHEET}.status", "in-progress", 422, "wrong-status"),
    "a sheet by nobody": (f"{SHEET}.source", GONE, 422, "required"),
    "a sheet without date": (f"{SHEET}.authored", GONE, 422, "required"),
    "a sheet of tomorrow": (f"{SHEET}.authored", "2026-11-21", 422, "in-future"),
    "an unknown card": (f"{FEELING}.linkId", "difficulty.gardening", 422, "unknown_domain"),
    "an item that is no question": (f"{FEELING}.linkId", "mood", 422, "unknown-item"),
    "a card twice": (f"{SHEET}.item[0].item[1].linkId", "difficulty.housework", 422, "repeated"),
    "an item without link": (f"{FEELING}.linkId", GONE, 422, "required"),
    "a level of four": (
        f"{FEELING}.answer[0].valueCoding.code",
        "4",
        422,
        "level_out_of_range",
        f"Bundle.{FEELING}.answer[0]",
    ),
    "a level of minus one": (
        f"{FEELING}.answer[0]",
        {"valueInteger": -1},
        422,
        "level_out_of_range",
        f"Bundle.{FEELING}.answer[0]",
    ),
    "a level in words": (
        f"{FEELING}.answer[0].valueCoding.code",
        "two",
        422,
        "level_out_of_range",
        f"Bundle.{FEELING}.answer[0]",
    ),
    "an answer in words": (f"{FEELING}.answer[0]", {"valueString": "2"}, 422, "wrong-type"),
    "a level of another system": (f"{FEELING}.answer[0].valueCoding.system", "urn:x", 422, "wrong-code-system"),
    "two levels": (
        f"{FEELING}.answer[1]",
        {"valueInteger": 1},
        422,
        "several-answers",
    ),
    "an unknown source": (
        f"{SHEET}.item[2].item[0].answer[0].valueCoding.code",
        "X",
        422,
        "not-one-of",
        f"Bundle.{SHEET}.item[2].item[0]",
    ),
    "a source without a need": (
        f"{SHEET}.item[1].item[0].answer[0].valueCoding.code",
        "0",
        422,
        "source_without_need",
        f"Bundle.{SHEET}.item[2].item[0]",
    ),
    "absent and answered": (
        f"{SHEET}.item[3].item[0].linkId",
        "absent.housework",
        422,
        "absent_reason_with_answer",
        f"Bundle.{SHEET}.item[3].item[0].answer[0]",
    ),
    "an unknown reason of absence": (
        f"{SHEET}.item[3].item[0].answer[0].valueCoding.code",
        "shy",
        422,
        "not-one-of",
        f"Bundle.{SHEET}.item[3].item[0].answer[0]",
    ),
}

SECOND_VALUES = {
    "two forms of deceased": (f"{PATIENT}.deceasedDateTime", "2026-11-01"),
    "two forms of occurrence": (f"{REQUEST}.occurrencePeriod", {"start": "2026-11-20"}),
}


def planted() -> Iterator[Planted]:
    """Every planted fault, each in a bundle of its own."""
    for name, (path, value, status, code, *elsewhere) in CHANGES.items():
        bundle = rich()
        put(bundle, path, value)
        if name in SECOND_VALUES:
            put(bundle, *SECOND_VALUES[name])
        yield Planted(name, bundle, status, code, elsewhere[0] if elsewhere else f"Bundle.{path}")
    yield from composed()


def composed() -> Iterator[Planted]:
    """Faults that are more than one change."""
    for number, name in ((0, "patients"), (1, "requests"), (2, "tasks"), (3, "consents"), (4, "stays")):
        bundle = rich()
        second = {**bundle["entry"][number], "fullUrl": urn(500)}
        second["resource"] = {**second["resource"], "language": "fr"}
        second["resource"].pop("identifier", None)
        bundle["entry"].append(second)
        yield Planted(f"two {name}", bundle, 422, "duplicate-entry", "Bundle.entry[14].resource")
    for number in (6, 7, 10):
        bundle = rich()
        bundle["entry"].append({**bundle["entry"][number], "fullUrl": urn(500)})
        yield Planted(f"entry {number} twice", bundle, 422, "duplicate-entry", "Bundle.entry[14].resource")
    bundle = rich()
    other = {"resourceType": "QuestionnaireResponse", **bundle["entry"][5]["resource"], "language": "fr"}
    bundle["entry"].append({**bundle["entry"][5], "fullUrl": urn(500), "resource": other})
    where = "Bundle.entry[14].resource.identifier"
    yield Planted("two sheets of one identifier", bundle, 422, "identifier-repeated", where)
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [rich()["entry"][0]]}
    bundle["entry"][0]["resource"].pop("generalPractitioner")
    yield Planted("a patient alone", bundle, 422, "no-request", "Bundle.entry")
    bundle = rich()
    bundle["entry"] = bundle["entry"] + [bundle["entry"][6]] * 90
    yield Planted("too many entries", bundle, 413, "too-many-entries", "Bundle.entry")
    yield Planted("a patient for a bundle", rich()["entry"][0]["resource"], 400, "wrong-resource-type", "resourceType")
    yield Planted("an array", [rich()], 400, "not-a-resource", "")
    yield Planted("no type at all", {"type": "transaction"}, 400, "not-a-resource", "")
