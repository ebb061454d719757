"""A sender's corrected request, read into the document of its referral."""

from collections.abc import Iterator

from pydantic import ValidationError

from services.referrals.domain import Document
from services.referrals.domain.document import Reason
from services.referrals.events import Urgency
from services.referrals.formats.fhir.inbound import read_referral
from services.referrals.formats.fhir.outbound_request import conditions
from services.referrals.formats.fhir.outside import Outside, Resource
from services.referrals.formats.fhir.reading import raise_for, read_as
from services.referrals.formats.fhir.resources import Condition, ServiceRequest
from services.referrals.formats.fhir.rules import check_request
from services.referrals.formats.fhir.submission import Entry, Submission
from shared.errors import Fault
from shared.problems import code_of

FIXED = ("identifier", "subject", "requester", "intent")
"""What a correction leaves as it is: another person or another key is another referral."""


def completed(before: Resource, after: Resource) -> Resource:
    """The corrected request with what cannot change; raises where it does change."""
    named = (*FIXED, "id", "resourceType")
    changed = [name for name in named if name in after and after[name] != before.get(name)]
    raise_for([Fault(f"ServiceRequest.{name}", "not-changeable") for name in changed])
    kept = {name: before[name] for name in named if name in before}
    return {**kept, **{name: part for name, part in after.items() if name not in ("meta", "text")}}


def corrected(outside: Outside, request: Resource) -> Document:
    """The document with the request's priority and reasons; everything else was sent in other resources."""
    faults: list[Fault] = []
    read = read_as(ServiceRequest, request, "ServiceRequest", faults)
    raise_for(faults)
    document = outside.referral.document
    if read is None:
        return document
    entry = Entry("ServiceRequest", read, request)
    submission = Submission([entry, *diagnoses(outside)])
    submission.resolve()
    check_request(submission, entry, read)
    found = read_referral(submission, entry, read)
    raise_for(submission.faults)
    try:
        reason = Reason.model_validate(found.sketch.value.get("reason", {}))
    except ValidationError as error:
        codes = [code_of(each["type"]) for each in error.errors(include_url=False, include_input=False)]
        raise_for([Fault("ServiceRequest.reasonCode", code) for code in codes])
        return document
    urgency = Urgency(found.sketch.value.get("urgency", Urgency.ROUTINE))
    return document.model_copy(update={"reason": reason, "urgency": urgency})


def diagnoses(outside: Outside) -> Iterator[Entry]:
    """The Conditions that the request refers to."""
    for raw in conditions(outside):
        faults: list[Fault] = []
        read = read_as(Condition, raw, f"Condition/{raw['id']}", faults)
        if read:
            yield Entry(f"Condition/{raw['id']}", read, raw)
