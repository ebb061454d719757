"""From a `REF` message to what the sender wants: a document to receive or correct, or a referral to cancel or show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.referrals.domain import Document
from services.referrals.domain.document import Identifier
from services.referrals.formats.hl7v2.draft import Draft, day_of
from services.referrals.formats.hl7v2.er7 import Er7, Segment
from services.referrals.formats.hl7v2.faults import Place, Refused, Severity, V2Fault
from services.referrals.formats.hl7v2.grammar import structure_faults
from services.referrals.formats.hl7v2.header import Header, Trigger
from services.referrals.formats.hl7v2.person import read_person, read_providers, read_relative
from services.referrals.formats.hl7v2.sheets import read_observations

URGENCIES: Mapping[str, str] = {"": "", "R": "routine", "A": "urgent", "S": "urgent"}
"""RF1-2, HL7 table 0280: stat, as soon as possible, routine."""

UNPLANNED: Mapping[str, bool] = {"E": True, "A": True, "U": True, "R": False, "C": False}
"""PV1-4, HL7 table 0007: emergency, accident, urgent; routine, elective."""

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
CODE_SYSTEMS: Mapping[str, str] = {"I10": ICD_10, "ICD10": ICD_10, "ICD-10": ICD_10}
"""Coding systems (HL7 table 0396) by the URL that our other doors know them by; others are kept as written."""

READ = frozenset({"MSH", "RF1", "PRD", "PID", "NK1", "DG1", "OBR", "OBX", "PV1", "PV2", "NTE"})


@dataclass(frozen=True)
class Demand:
    """What a message asks for. `document` is there for I12 and I13, `reason` says why it is cancelled."""

    header: Header
    identifier: Identifier
    draft: Draft
    document: Document | None = None
    reason: str = ""

    @property
    def warnings(self) -> list[V2Fault]:
        """What was left out or odd."""
        return [fault for fault in self.draft.faults if fault.severity is Severity.WARNING]

    @property
    def place(self) -> Place:
        """Where the sender's identifier of the referral stands."""
        return self.draft.place_of("/identifier")


def read_demand(message: Er7, header: Header) -> Demand:
    """What the message asks for; raises Refused (AE) with every fault that can be found at once."""
    draft = Draft()
    is_whole = header.trigger in (Trigger.NEW, Trigger.MODIFY)
    draft.faults += structure_faults(message, header.version, is_whole=is_whole)
    _referral(draft, message)
    document = _document(draft, message) if is_whole else None
    identifier = document.identifier if document else None
    if not is_whole and message.first("RF1"):
        identifier = draft.made(Identifier, draft.content["identifier"])
    errors = [fault for fault in draft.faults if fault.severity is Severity.ERROR]
    if errors or identifier is None:
        raise Refused(list(dict.fromkeys(errors)))
    return Demand(header, identifier, draft, document, _reason(draft, message))


def _document(draft: Draft, message: Er7) -> Document | None:
    pid = message.first("PID")
    if pid:
        read_person(draft, pid)
    for nk1 in message.named("NK1"):
        read_relative(draft, nk1)
    read_providers(draft, message)
    for dg1 in message.named("DG1"):
        _diagnosis(draft, dg1)
    _stay(draft, message)
    read_observations(draft, message)
    draft.put("/reason/text", _note(draft, message), _note_place(message))
    for segment in message.segments:
        if segment.name not in READ and not segment.name.startswith("Z"):
            draft.warn(segment.place, "segment-ignored")
    draft.content.setdefault("consent", {}).setdefault("given", False)
    draft.content.setdefault("person", {})
    return draft.made(Document, draft.content) if pid and message.first("RF1") else None


def _referral(draft: Draft, message: Er7) -> None:
    """RF1: the sender's identifier, and how urgent it is."""
    rf1 = message.first("RF1")
    draft.content["identifier"] = {}
    if rf1 is None:
        draft.fault(Place("RF1"), "missing-segment")
        return
    draft.note("/identifier", rf1.place.at(6))
    urgency = rf1.text(2)
    if urgency not in URGENCIES:
        draft.fault(rf1.place.at(2), "not-one-of")
    draft.put("/urgency", URGENCIES.get(urgency, ""), rf1.place.at(2))
    for part, component, text in (("value", 1, rf1.text(6)), ("system", 2, _system(rf1))):
        draft.note(f"/identifier/{part}", rf1.place.at(6, 1, component))
        draft.put(f"/identifier/{part}", text, rf1.place.at(6, 1, component))


def _system(rf1: Segment) -> str:
    """EI-2, or EI-3 where there is no namespace; an ISO one as a URN."""
    universal, kind = rf1.text(6, 3), rf1.text(6, 4)
    return rf1.text(6, 2) or (f"urn:oid:{universal}" if universal and kind == "ISO" else universal)


def _diagnosis(draft: Draft, dg1: Segment) -> None:
    entry = draft.append("/reason/diagnoses", {}, dg1.place)
    for name, component in (("code", 1), ("system", 3)):
        draft.note(f"{entry}/{name}", dg1.place.at(3, 1, component))
    system = dg1.text(3, 3)
    draft.put(f"{entry}/system", CODE_SYSTEMS.get(system.upper(), system), dg1.place.at(3, 1, 3))
    draft.put(f"{entry}/code", dg1.text(3), dg1.place.at(3))
    draft.put(f"{entry}/text", dg1.text(3, 2) or dg1.text(4), dg1.place.at(3, 1, 2))


def _stay(draft: Draft, message: Er7) -> None:
    """PV1 and PV2: ward, kind of admission, admission, expected (else actual) discharge."""
    pv1, pv2 = message.first("PV1"), message.first("PV2")
    if pv1:
        draft.put("/stay/ward", pv1.text(3, 9) or pv1.text(3), pv1.place.at(3))
        kind = pv1.text(4)
        if kind in UNPLANNED:
            draft.put("/stay/unplanned", UNPLANNED[kind], pv1.place.at(4))
        elif kind:
            draft.warn(pv1.place.at(4), "value-ignored")
        draft.put("/stay/admitted_on", day_of(draft, pv1, 44), pv1.place.at(44))
    if pv2:
        draft.put("/stay/discharge_on", day_of(draft, pv2, 9), pv2.place.at(9))
    if pv1 and not draft.has("/stay/discharge_on"):
        draft.put("/stay/discharge_on", day_of(draft, pv1, 45), pv1.place.at(45))


def _notes(message: Er7) -> Iterator[Segment]:
    """The NTE at the end of the message: the note on the referral."""
    end = len(message.segments)
    while end and (message.segments[end - 1].name == "NTE" or message.segments[end - 1].name.startswith("Z")):
        end -= 1
    return (segment for segment in message.segments[end:] if segment.name == "NTE")


def _note(draft: Draft, message: Er7) -> str:
    """The text of the note; a comment elsewhere is left out with a warning."""
    notes = list(_notes(message))
    for segment in message.named("NTE"):
        if segment not in notes:
            draft.warn(segment.place, "segment-ignored")
    return "\n".join(nte.whole(3, repetition) for nte in notes for repetition in nte.repetitions(3)).strip()


def _note_place(message: Er7) -> Place:
    first = next(_notes(message), None)
    return first.place.at(3) if first else Place("NTE")


def _reason(draft: Draft, message: Er7) -> str:
    """Why a referral is cancelled: the note, else RF1-10, else that a message said so."""
    rf1 = message.first("RF1")
    coded = (rf1.text(10, 2) or rf1.text(10)) if rf1 else ""
    return (_note(draft, message) or coded or f"REF^{Trigger.CANCEL}")[:2000]
