"""What a submission must obey beyond the shape of its resources: statuses, codes, one person, one request."""

from collections.abc import Callable, Mapping

from pydantic_core import PydanticCustomError

from services.referrals.domain.identifiers import valid_cbe
from services.referrals.formats.fhir.codes import (
    CBE_SYSTEMS,
    CONDITION_CLINICAL,
    CONDITION_VERIFICATION,
    TASK_CODE,
)
from services.referrals.formats.fhir.elements import CodeableConcept, Period, Reference
from services.referrals.formats.fhir.primitives import moment_of
from services.referrals.formats.fhir.resources import (
    Communication,
    Condition,
    Consent,
    DocumentReference,
    Encounter,
    Organization,
    Patient,
    QuestionnaireResponse,
    ServiceRequest,
    Task,
)
from services.referrals.formats.fhir.resources.forms import ResponseStatus
from services.referrals.formats.fhir.resources.requests import RequestIntent, RequestStatus, TaskStatus
from services.referrals.formats.fhir.resources.statements import ConsentState
from services.referrals.formats.fhir.submission import Entry, R, Submission, identifiers

WISHES = frozenset(
    {
        RequestIntent.PROPOSAL,
        RequestIntent.PLAN,
        RequestIntent.DIRECTIVE,
        RequestIntent.ORDER,
        RequestIntent.ORIGINAL_ORDER,
    }
)
MESSAGE_LIMIT = 320
"""Characters of a Communication (Belgian profile)."""
ONE_ONLY = ("ServiceRequest", "Patient", "Task", "Consent", "Encounter")
SUBJECTS: Mapping[str, str] = {
    "ServiceRequest": "subject",
    "QuestionnaireResponse": "subject",
    "Condition": "subject",
    "DocumentReference": "subject",
    "Encounter": "subject",
    "Communication": "subject",
    "Consent": "patient",
    "RelatedPerson": "patient",
    "Task": "for",
}
"""The element of each type that names the person."""

CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
VERIFICATION = frozenset({"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"})
ELSEWHERE = ("http://", "https://")


def check_transaction(submission: Submission) -> tuple[Entry, ServiceRequest] | None:
    """All rules for the resources of one referral; its request. Faults are noted in the submission."""
    requests = submission.all(ServiceRequest)
    if not requests:
        submission.fail("Bundle.entry", "no-request")
        return None
    for kind in ONE_ONLY:
        for entry in [entry for entry in submission.entries if entry.kind == kind][1:]:
            submission.fail(entry.place, "duplicate-entry")
    check_identifiers(submission)
    check_resources(submission)
    check_persons(submission, requests[0][0])
    return requests[0]


def check_resources(submission: Submission) -> None:
    """Each resource by itself."""
    _each(submission, ServiceRequest, check_request)
    _each(submission, Task, check_task)
    _each(submission, Consent, check_consent)
    _each(submission, Condition, check_condition)
    _each(submission, QuestionnaireResponse, check_response)
    _each(submission, DocumentReference, check_letter)
    _each(submission, Encounter, check_stay)
    _each(submission, Communication, check_message)
    _each(submission, Organization, check_organisation)
    _each(submission, Patient, check_patient)


def _each(submission: Submission, kind: type[R], check: Callable[[Submission, Entry, R], None]) -> None:
    for entry, resource in submission.all(kind):
        check(submission, entry, resource)


def check_identifiers(submission: Submission) -> None:
    """A business identifier names one resource of its type."""
    seen: set[tuple[str, str, str]] = set()
    for entry in submission.entries:
        for number, each in enumerate(identifiers(entry)):
            if not each.system or not each.value:
                continue
            is_sheet = entry.kind == "QuestionnaireResponse"
            key = (entry.kind, "" if is_sheet else each.system, each.value)
            if key in seen:
                submission.fail(f"{entry.place}.identifier{'' if is_sheet else f'[{number}]'}", "identifier-repeated")
            seen.add(key)


def check_persons(submission: Submission, request: Entry) -> None:
    """Everything is about the person of the request, and that person came along."""
    patient = None
    for entry in submission.entries:
        element = SUBJECTS.get(entry.kind)
        if element is None:
            continue
        reference = getattr(entry.resource, "for_" if element == "for" else element)
        found = check_subject(submission, reference, f"{entry.place}.{element}")
        if entry is request and found and found.kind == "Patient":
            patient = found
    wanted = who_is_meant(submission, getattr(request.resource, "subject", None))
    for entry in submission.entries:
        element = SUBJECTS.get(entry.kind)
        reference = getattr(entry.resource, "for_" if element == "for" else element) if element else None
        meant = who_is_meant(submission, reference)
        if meant and wanted and meant != wanted and (patient or not submission.target(reference)):
            submission.fail(f"{entry.place}.{element}", "other-person")


def who_is_meant(submission: Submission, reference: Reference | None) -> str:
    """A person as something to compare: the Patient's place in the body, or our own id; empty where it is neither."""
    found = submission.target(reference)
    if found:
        return found.place if found.kind == "Patient" else ""
    text = (reference.reference if reference else None) or ""
    return text if text.startswith("Patient/") else ""


def check_subject(submission: Submission, reference: Reference | None, at: str) -> Entry | None:
    """The entry that a subject leads to; it must be a Patient of this body."""
    if reference is None:
        return None
    found = submission.target(reference)
    if found is None:
        text = reference.reference or ""
        if not text or text.startswith(ELSEWHERE):
            submission.fail(f"{at}.reference", "dangling-reference" if text else "required")
        return None
    if found.kind != "Patient":
        submission.fail(f"{at}.reference", "wrong-reference-type")
    return found


def check_request(submission: Submission, entry: Entry, request: ServiceRequest) -> None:
    """A wish that stands."""
    if request.status is not RequestStatus.ACTIVE:
        submission.fail(f"{entry.place}.status", "wrong-status")
    if request.intent not in WISHES:
        submission.fail(f"{entry.place}.intent", "wrong-intent")
    if request.do_not_perform:
        submission.fail(f"{entry.place}.doNotPerform", "do-not-perform")
    check_target(submission, request.encounter, f"{entry.place}.encounter", "Encounter")
    check_target(submission, request.requester, f"{entry.place}.requester", *REQUESTERS)
    check_period(submission, request.occurrence_period, f"{entry.place}.occurrencePeriod")


REQUESTERS = ("Organization", "Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Device")


def check_task(submission: Submission, entry: Entry, task: Task) -> None:
    """The shape of Gravity's SDOH Task, as the sender first writes it."""
    at = entry.place
    if task.status is not TaskStatus.REQUESTED:
        submission.fail(f"{at}.status", "wrong-status")
    if task.intent is not RequestIntent.ORDER:
        submission.fail(f"{at}.intent", "wrong-intent")
    check_task_code(submission, task.code, f"{at}.code", "fulfill", "abort")
    needed = {"focus": task.focus, "for": task.for_, "authoredOn": task.authored_on, "requester": task.requester}
    for name in [name for name, value in needed.items() if value is None]:
        submission.fail(f"{at}.{name}", "required")
    check_target(submission, task.focus, f"{at}.focus", "ServiceRequest", "Task")
    check_target(submission, task.requester, f"{at}.requester", *REQUESTERS)


def check_task_code(submission: Submission, code: CodeableConcept | None, at: str, *allowed: str) -> None:
    """What the Task is for, by HL7's task codes."""
    if code is None or not code.coding:
        submission.fail(at, "required")
        return
    ours = [each for each in code.coding if each.system == TASK_CODE]
    if not ours:
        submission.fail(f"{at}.coding[0].system", "wrong-code-system")
    elif ours[0].code not in allowed:
        submission.fail(f"{at}.coding[{code.coding.index(ours[0])}].code", "wrong-code")


def check_target(submission: Submission, reference: Reference | None, at: str, *kinds: str) -> None:
    """A reference leads to one of these types."""
    found = submission.target(reference)
    if found and found.kind not in kinds:
        submission.fail(f"{at}.reference", "wrong-reference-type")


def check_period(submission: Submission, period: Period | None, at: str) -> None:
    """A period ends after it begins (per-1)."""
    if period is None or not period.start or not period.end:
        return
    if "T" in period.start and "T" in period.end:
        backwards = moment_of(period.end) < moment_of(period.start)
    else:
        backwards = period.end[:10] < period.start[: len(period.end)][:10]
    if backwards:
        submission.fail(f"{at}.end", "ends-before-it-begins")


def check_consent(submission: Submission, entry: Entry, consent: Consent) -> None:
    """Invariant ppc-1, and no consent that was a mistake."""
    if consent.status is ConsentState.ENTERED_IN_ERROR:
        submission.fail(f"{entry.place}.status", "wrong-status")
    if not consent.policy and consent.policy_rule is None:
        submission.fail(f"{entry.place}.policyRule", "policy-missing")


def check_condition(submission: Submission, entry: Entry, condition: Condition) -> None:
    """The two statuses are bound to HL7's systems."""
    check_bound(submission, condition.clinical_status, f"{entry.place}.clinicalStatus", CONDITION_CLINICAL, CLINICAL)
    where = f"{entry.place}.verificationStatus"
    check_bound(submission, condition.verification_status, where, CONDITION_VERIFICATION, VERIFICATION)


def check_bound(
    submission: Submission, meaning: CodeableConcept | None, at: str, system: str, codes: frozenset[str]
) -> None:
    """A meaning whose codes must come from one system."""
    for number, coding in enumerate(meaning.coding if meaning else []):
        if coding.system != system:
            submission.fail(f"{at}.coding[{number}].system", "wrong-code-system")
        elif coding.code not in codes:
            submission.fail(f"{at}.coding[{number}].code", "not-one-of")


def check_response(submission: Submission, entry: Entry, response: QuestionnaireResponse) -> None:
    """A filled sheet, not one being filled."""
    if response.status in (ResponseStatus.IN_PROGRESS, ResponseStatus.ENTERED_IN_ERROR):
        submission.fail(f"{entry.place}.status", "wrong-status")


def check_letter(submission: Submission, entry: Entry, letter: DocumentReference) -> None:
    """A letter that stands."""
    if letter.status != "current":
        submission.fail(f"{entry.place}.status", "wrong-status")


def check_stay(submission: Submission, entry: Entry, stay: Encounter) -> None:
    """A stay that took or takes place; its dates are checked as for every door."""
    if stay.status in ("cancelled", "entered-in-error"):
        submission.fail(f"{entry.place}.status", "wrong-status")


def check_message(submission: Submission, entry: Entry, message: Communication) -> None:
    """Words that were said, and not too many of them."""
    if message.status not in ("completed", "in-progress"):
        submission.fail(f"{entry.place}.status", "wrong-status")
    if not any(each.content_string for each in message.payload):
        submission.fail(f"{entry.place}.payload", "required")
    for number, each in enumerate(message.payload):
        at = f"{entry.place}.payload[{number}]"
        if each.content_string is None:
            submission.fail(at, "attachment-by-reference" if each.content_reference else "type-not-taken")
        elif len(each.content_string) > MESSAGE_LIMIT:
            submission.fail(f"{at}.contentString", "too-long")


def check_organisation(submission: Submission, entry: Entry, organisation: Organization) -> None:
    """An enterprise number must be one (org-1: and there is a name or an identifier)."""
    if not organisation.name and not organisation.identifier:
        submission.fail(f"{entry.place}.name", "required")
    for number, each in enumerate(organisation.identifier):
        if each.system in CBE_SYSTEMS and each.value:
            try:
                valid_cbe(each.value)
            except PydanticCustomError:
                submission.fail(f"{entry.place}.identifier[{number}].value", "cbe-check-digits")


def check_patient(submission: Submission, entry: Entry, patient: Patient) -> None:
    """A record that is in use."""
    if patient.active is False:
        submission.fail(f"{entry.place}.active", "wrong-status")
