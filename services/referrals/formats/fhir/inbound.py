"""A submission -> the Document of a referral: the same content as a JSON push of the same facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.referrals.domain import Document
from services.referrals.formats.fhir.codes import ACT_PRIORITY, CONSENT_KIND, FACTOR
from services.referrals.formats.fhir.elements import CodeableConcept, Identifier, Reference
from services.referrals.formats.fhir.inbound_person import read_person, words_of
from services.referrals.formats.fhir.primitives import moment_of
from services.referrals.formats.fhir.questionnaire import SheetReader, canonical_of
from services.referrals.formats.fhir.resources import (
    Communication,
    Condition,
    Consent,
    DocumentReference,
    Encounter,
    Patient,
    Practitioner,
    QuestionnaireResponse,
    RelatedPerson,
    ServiceRequest,
)
from services.referrals.formats.fhir.resources.requests import Priority
from services.referrals.formats.fhir.resources.statements import ConsentState
from services.referrals.formats.fhir.sketch import Sketch
from services.referrals.formats.fhir.submission import Entry, R, Submission, canonical, without_references
from shared.clock import BRUSSELS
from shared.errors import Fault

UNPLANNED = {"EM": True, "UR": True, "EL": False, "R": False}
"""HL7 ActPriority of a stay: emergency and urgent are unplanned, elective and routine planned."""
OWN_FORMS = canonical_of("")
NOBODY = {"family_name": "-", "given_names": "-"}
"""Stands for a person whose absence has been told already, so that it is not told twice."""


@dataclass
class Inbound:
    """What a submission says: the document in the making, the request, and messages beside it."""

    sketch: Sketch
    request: Entry
    faults: list[Fault]
    sheets: list[Entry] = field(default_factory=list)
    letters: list[Entry] = field(default_factory=list)
    messages: list[tuple[Entry, str]] = field(default_factory=list)

    def document(self) -> Document | None:
        """The document, or None with the faults noted."""
        return self.sketch.document(self.faults)


def read_referral(submission: Submission, entry: Entry, request: ServiceRequest) -> Inbound:
    """Fill everything but the person, who may come from elsewhere."""
    found = Inbound(Sketch(entry.place), entry, submission.faults)
    sketch = found.sketch
    read_identifier(sketch, request.identifier, entry.place, submission.faults)
    urgent = request.priority in (Priority.URGENT, Priority.ASAP, Priority.STAT)
    sketch.put(("urgency",), "urgent" if urgent else None, f"{entry.place}.priority")
    read_reasons(sketch, submission, entry, request)
    for place, stay in submission.all(Encounter)[:1]:
        read_stay(sketch, place, stay)
    read_consent(sketch, submission)
    for place, response in in_order(submission, request, QuestionnaireResponse):
        found.sheets.append(place)
        read_sheet(sketch, submission, place, response, len(found.sheets) - 1)
    for place, letter in in_order(submission, request, DocumentReference):
        found.letters.append(place)
        read_letter(sketch, place, letter, submission.faults)
    for place, message in sorted(submission.all(Communication), key=lambda pair: canonical(said(pair[1]))):
        found.messages += [(place, said(message))]
    return found


def read_whole(submission: Submission, entry: Entry, request: ServiceRequest) -> Inbound:
    """Fill the document from a body that brings its Patient along."""
    found = read_referral(submission, entry, request)
    subject = submission.target(request.subject)
    if subject and isinstance(subject.resource, Patient):
        read_person(found.sketch, submission, subject, subject.resource)
    else:
        found.sketch.put(("person",), NOBODY, f"{entry.place}.subject")
    return found


def read_identifier(sketch: Sketch, found: Sequence[Identifier], place: str, faults: list[Fault]) -> None:
    """The sender's identifier: the official one, else the first with system and value."""
    whole = [(number, each) for number, each in enumerate(found) if each.system and each.value]
    official = [pair for pair in whole if pair[1].use == "official"]
    if not whole:
        at = f"{place}.identifier[0].{'value' if found and found[0].system else 'system'}" if found else ""
        faults.append(Fault(at or f"{place}.identifier", "identifier-missing"))
        sketch.put(("identifier",), {"system": "-", "value": "-"}, f"{place}.identifier")
        return
    number, chosen = (official or whole)[0]
    sketch.put(("identifier", "system"), chosen.system, f"{place}.identifier[{number}].system")
    sketch.put(("identifier", "value"), chosen.value, f"{place}.identifier[{number}].value")


def in_order(submission: Submission, request: ServiceRequest, kind: type[R]) -> list[tuple[Entry, R]]:
    """The entries of a type: as the request's supportingInfo and reasonReference name them, the rest by content."""
    named = [submission.target(each) for each in (*request.reason_reference, *request.supporting_info)]
    places = {entry.place: number for number, entry in reversed(list(enumerate(named))) if entry}
    found = submission.all(kind)
    return sorted(found, key=lambda pair: (places.get(pair[0].place, len(named)), content_key(pair[0])))


def content_key(entry: Entry) -> str:
    """A resource's content without what only this sending knows: ids, fullUrls, references."""
    kept = {name: part for name, part in entry.raw.items() if name not in ("id", "meta")}
    return canonical(without_references(kept))


class Reasons:
    """Collects words, factors and diagnoses."""

    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._texts: list[str] = []
        self._counts = {"factors": 0, "diagnoses": 0}

    def text(self, words: str | None, at: str) -> None:
        """Add a line of prose."""
        if words:
            self._texts.append(words)
            self._sketch.put(("reason",), None, at)

    def concept(self, meaning: CodeableConcept, at: str) -> None:
        """A factor, a diagnosis, or words."""
        for number, coding in enumerate(meaning.coding):
            place = f"{at}.coding[{number}]"
            if coding.system == FACTOR:
                self._add("factors", coding.code, f"{place}.code")
            elif coding.code or coding.system:
                self._diagnosis(coding.system, coding.code, meaning.text or coding.display, place)
        if not any(coding.code for coding in meaning.coding) or all(each.system == FACTOR for each in meaning.coding):
            self.text(meaning.text, f"{at}.text")

    def _diagnosis(self, system: str | None, code: str | None, text: str | None, place: str) -> None:
        number = self._counts["diagnoses"]
        self._counts["diagnoses"] += 1
        path = ("reason", "diagnoses", number)
        self._sketch.put((*path, "system"), system, f"{place}.system")
        self._sketch.put((*path, "code"), code, f"{place}.code")
        self._sketch.put((*path, "text"), text, f"{place}.display")

    def _add(self, name: str, value: str | None, place: str) -> None:
        self._sketch.put(("reason", name, self._counts[name]), value, place)
        self._counts[name] += 1

    def close(self, place: str) -> None:
        """Set the prose."""
        self._sketch.put(("reason", "text"), "\n\n".join(self._texts) or None, place)


def read_reasons(sketch: Sketch, submission: Submission, entry: Entry, request: ServiceRequest) -> None:
    """Why: the request's reasons and notes, and the Conditions that came along."""
    reasons = Reasons(sketch)
    for number, meaning in enumerate(request.reason_code):
        reasons.concept(meaning, f"{entry.place}.reasonCode[{number}]")
    for number, note in enumerate(request.note):
        reasons.text(note.text, f"{entry.place}.note[{number}].text")
    for place, condition in in_order(submission, request, Condition):
        if condition.code:
            reasons.concept(condition.code, f"{place.place}.code")
    reasons.close(f"{entry.place}.reasonCode[0].text")


def local_day(written: str | None) -> str | None:
    """The Belgian day of a dateTime; None where it is not known to the day."""
    if written is None or len(written) < 10:
        return None
    return day_of(moment_of(written)) if "T" in written else written


def day_of(at: datetime) -> str:
    """A moment's day in Belgium."""
    return at.astimezone(BRUSSELS).date().isoformat()


def read_stay(sketch: Sketch, place: Entry, stay: Encounter) -> None:
    """The hospital stay from its Encounter."""
    at = place.place
    sketch.put(("stay",), {}, at)
    if stay.period:
        sketch.put(("stay", "admitted_on"), local_day(stay.period.start), f"{at}.period.start")
        sketch.put(("stay", "discharge_on"), local_day(stay.period.end), f"{at}.period.end")
    codes = [each.code for each in (stay.priority.coding if stay.priority else []) if each.system == ACT_PRIORITY]
    unplanned = next((UNPLANNED[code] for code in codes if code in UNPLANNED), None)
    if unplanned is None and stay.class_.code == "EMER":
        unplanned = True
    sketch.put(("stay", "unplanned"), unplanned, f"{at}.priority")
    wards = [(number, each) for number, each in enumerate(stay.location) if each.location.display]
    current = [pair for pair in wards if pair[1].status in (None, "active")]
    for number, ward in (current or wards)[:1]:
        sketch.put(("stay", "ward"), ward.location.display, f"{at}.location[{number}].location.display")
    for number, each in enumerate(stay.participant):
        if each.individual and each.individual.display:
            where = f"{at}.participant[{number}].individual.display"
            sketch.put(("stay", "unit_contact"), each.individual.display, where)
            break


def read_consent(sketch: Sketch, submission: Submission) -> None:
    """The consent; without a Consent it reads as not given."""
    sketch.put(("consent", "given"), False, sketch.place_of(()))
    for entry, consent in submission.all(Consent)[:1]:
        at = entry.place
        denied = consent.provision is not None and consent.provision.type == "deny"
        sketch.put(("consent",), {"given": consent.status is ConsentState.ACTIVE and not denied}, at)
        for number, meaning in enumerate(consent.category):
            code = next((each.code for each in meaning.coding if each.system == CONSENT_KIND), None)
            if code or (meaning.text and not meaning.coding):
                sketch.put(("consent", "kind"), code or meaning.text, f"{at}.category[{number}]")
                break
        if consent.performer:
            sketch.put(("consent", "by"), who(submission, consent.performer[0]), f"{at}.performer[0].display")
        sketch.put(("consent", "on"), local_day(consent.date_time), f"{at}.dateTime")
        paper, source = consent.source_attachment, consent.source_reference
        evidence = (paper.title if paper else None) or (source.display if source else None)
        sketch.put(("consent", "evidence"), evidence, f"{at}.sourceAttachment.title")


def who(submission: Submission, reference: Reference) -> str | None:
    """Who agreed: by name, or `person` and `relative` where only the reference tells."""
    if reference.display:
        return reference.display
    found = submission.target(reference)
    kinds = {Patient: "person", RelatedPerson: "relative", Practitioner: "professional"}
    return kinds.get(type(found.resource)) if found else None


def read_sheet(
    sketch: Sketch, submission: Submission, entry: Entry, response: QuestionnaireResponse, number: int
) -> None:
    """A filled sheet; the answers' faults come later, from the same check as for every door."""
    at = entry.place
    url, _, version = (response.questionnaire or "").partition("|")
    if not url.startswith(OWN_FORMS) or not version:
        code = "unknown-questionnaire" if response.questionnaire else "required"
        submission.fail(f"{at}.questionnaire", code)
    value = response.identifier.value if response.identifier else None
    if value is None:
        submission.fail(f"{at}.identifier", "identifier-missing")
    rater = rater_of(submission, response)
    if rater is None:
        submission.fail(f"{at}.source", "required")
    path = ("sheets", number)
    sketch.put((*path, "identifier"), value or "-", f"{at}.identifier.value")
    known = url.startswith(OWN_FORMS) and url != OWN_FORMS
    sketch.put((*path, "instrument"), url.removeprefix(OWN_FORMS) if known else "none", f"{at}.questionnaire")
    sketch.put((*path, "edition"), version or "-", f"{at}.questionnaire")
    sketch.put((*path, "filled_on"), local_day(response.authored), f"{at}.authored")
    sketch.put((*path, "rater"), rater or "self", f"{at}.source")
    sketch.put((*path, "language"), response.language, f"{at}.language")
    sketch.put((*path, "answers"), {}, f"{at}.item")
    SheetReader(sketch, number, submission.faults).read(response.item, at)


RATERS = {
    "Patient": "self",
    "RelatedPerson": "relative",
    "Practitioner": "professional",
    "PractitionerRole": "professional",
}


def rater_of(submission: Submission, response: QuestionnaireResponse) -> str | None:
    """Who judged: by the type of the source, else of the author."""
    for reference in (response.source, response.author):
        found = submission.target(reference)
        kind = found.kind if found else kind_of(reference)
        if kind in RATERS:
            return RATERS[kind]
    return None


def kind_of(reference: Reference | None) -> str:
    """The type that a reference names itself."""
    if reference is None:
        return ""
    return reference.type or (reference.reference or "").rsplit("/", 2)[-2:][0]


def read_letter(sketch: Sketch, entry: Entry, letter: DocumentReference, faults: list[Fault]) -> None:
    """A letter with its content inline."""
    for index, content in enumerate(letter.content):
        at, found = f"{entry.place}.content[{index}].attachment", content.attachment
        if found.data is None:
            faults.append(Fault(f"{at}.data", "attachment-by-reference" if found.url else "required"))
            continue
        number = len(sketch.value.get("attachments", []))
        title = found.title or letter.description or (words_of(letter.type) if letter.type else None)
        media = (found.content_type or "application/octet-stream").partition(";")[0].strip()
        sketch.put(("attachments", number, "title"), title or "document", f"{at}.title")
        sketch.put(("attachments", number, "content_type"), media, f"{at}.contentType")
        sketch.put(("attachments", number, "data"), "".join(found.data.split()), f"{at}.data")


def said(message: Communication) -> str:
    """A message's words."""
    return "\n".join(each.content_string for each in message.payload if each.content_string)


def sorted_entries(entries: Iterable[Entry]) -> list[Entry]:
    """Entries in an order that does not depend on the sending."""
    return sorted(entries, key=content_key)
