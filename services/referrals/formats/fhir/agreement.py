"""Which resources of a sender still say what its referral says, after a correction that came by another door."""

from collections.abc import Mapping

from services.referrals.domain import Document
from services.referrals.domain.referral import Referral
from services.referrals.formats.fhir.inbound import read_whole
from services.referrals.formats.fhir.outside import Resource
from services.referrals.formats.fhir.reading import TAKEN, read_as
from services.referrals.formats.fhir.resources import ServiceRequest
from services.referrals.formats.fhir.submission import Entry, Submission
from shared.errors import Fault

SAID_BY: Mapping[str, tuple[str, ...]] = {
    "Patient": ("person",),
    "RelatedPerson": ("person",),
    "Practitioner": ("person",),
    "ServiceRequest": ("reason", "urgency"),
    "Condition": ("reason",),
    "Encounter": ("stay",),
    "Consent": ("consent",),
    "QuestionnaireResponse": ("sheets",),
    "DocumentReference": ("attachments",),
}
"""The parts of the document that each type tells."""


def agreeing(referral: Referral, received: Mapping[str, Resource]) -> Mapping[str, Resource]:
    """The resources as received without those that a later correction has overtaken."""
    if referral.corrected_fingerprint is None or not received:
        return received
    said = document_of(received)
    changed = {
        name
        for name in Document.model_fields
        if said is None or getattr(said, name) != getattr(referral.document, name)
    }
    return {name: each for name, each in received.items() if not changed & set(SAID_BY.get(each["resourceType"], ()))}


def document_of(received: Mapping[str, Resource]) -> Document | None:
    """The document that the resources tell together; None where they no longer can be read."""
    faults: list[Fault] = []
    entries: list[Entry] = []
    for place, raw in received.items():
        kind = TAKEN.get(raw["resourceType"])
        read = read_as(kind, raw, place, faults) if kind else None
        entries += [Entry(place, read, raw)] if read else []
    submission = Submission(entries)
    submission.resolve()
    request = next(((entry, each) for entry, each in submission.all(ServiceRequest)), None)
    if faults or request is None:
        return None
    found = read_whole(submission, *request)
    return found.document() if not submission.faults else None
