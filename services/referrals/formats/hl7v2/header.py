"""MSH: what a message is, who sent it, and whether we take it at all."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.referrals.formats.hl7v2.er7 import CHARSETS, STANDARD, Er7, Segment, escape
from services.referrals.formats.hl7v2.faults import Refused, V2Fault
from services.referrals.formats.hl7v2.grammar import STRUCTURE, VERSIONS

MAX_ID, MAX_FACILITY = 100, 100


class Trigger(StrEnum):
    """What the sender wants (HL7 table 0003)."""

    NEW = "I12"
    MODIFY = "I13"
    CANCEL = "I14"
    STATUS = "I15"


@dataclass(frozen=True)
class Header:
    """What MSH says. `facility` is MSH-4 as one word; `application` and `station` are MSH-3 and MSH-4 as written."""

    trigger: Trigger | None
    message_id: str
    version: str
    processing_id: str
    charset: str
    facility: str
    application: str = ""
    station: str = ""
    event: str = ""

    @property
    def charset_name(self) -> str:
        """The character set as MSH-18 writes it."""
        names = (name for name, charset in CHARSETS.items() if name and charset == self.charset)
        return next(names, "UNICODE UTF-8")

    @property
    def key(self) -> str:
        """What a repetition is known by: the sending facility and its message id."""
        return f"hl7v2|{self.facility}|{self.message_id}"


def header_of(message: Er7) -> Header:
    """What MSH says, however wrong: `check_header` judges it."""
    msh = message.segments[0]
    event = msh.text(9, 2)
    return Header(
        trigger=next((each for each in Trigger if each == event), None) if msh.text(9) == "REF" else None,
        message_id=msh.text(10),
        version=msh.text(12) if msh.text(12) in VERSIONS else "2.5",
        processing_id=msh.text(11),
        charset=message.charset if message.charset in CHARSETS.values() else "utf-8",
        facility=msh.text(4) or msh.text(4, 2),
        application=_as_written(msh, 3),
        station=_as_written(msh, 4),
        event=event if event.isalnum() and len(event) == 3 else "",
    )


def check_header(message: Er7, *, only_production: bool) -> Header:
    """What MSH says; raises Refused (AR) for a message that is none of ours to take."""
    header = header_of(message)
    faults = list(_header_faults(message, header, only_production))
    if faults:
        raise Refused(faults, is_rejected=True)
    return header


def _header_faults(message: Er7, header: Header, only_production: bool) -> Iterator[V2Fault]:
    msh = message.segments[0]
    yield from _type_faults(msh, header)
    for number, written, most in ((4, header.facility, MAX_FACILITY), (10, header.message_id, MAX_ID)):
        if not 1 <= len(written) <= most or not written.isprintable():
            yield V2Fault(msh.place.at(number), "wrong-format" if written else "required")
    if header.processing_id not in (("P",) if only_production else ("P", "T", "D")):
        yield V2Fault(msh.place.at(11), "unsupported-processing-id")
    if msh.text(12) not in VERSIONS:
        yield V2Fault(msh.place.at(12), "unsupported-version")
    yield from _charset_faults(msh, message)


def _type_faults(msh: Segment, header: Header) -> Iterator[V2Fault]:
    if msh.text(9) != "REF":
        yield V2Fault(msh.place.at(9, 1, 1), "unsupported-type")
    elif header.trigger is None:
        yield V2Fault(msh.place.at(9, 1, 2), "unsupported-event")
    elif msh.text(9, 3) not in ("", STRUCTURE):
        yield V2Fault(msh.place.at(9, 1, 3), "unsupported-type")


def _charset_faults(msh: Segment, message: Er7) -> Iterator[V2Fault]:
    if message.charset not in CHARSETS.values():
        yield V2Fault(msh.place.at(18), "unsupported-charset")
    elif not message.is_decoded:
        yield V2Fault(msh.place.at(18), "wrong-charset")


def fingerprint_of(message: Er7) -> bytes:
    """A proof of what a message says: line ends, MSH-7 (time of sending) and MSH-13 (sequence number) do not count."""
    digest = hashlib.sha256()
    for segment in message.segments:
        fields = list(segment.fields)
        if segment.name == "MSH":
            fields = [[] if number in (7, 13) else each for number, each in enumerate(fields)]
        digest.update(f"{fields}\n".encode())
    return digest.digest()


def _as_written(msh: Segment, number: int) -> str:
    """An HD field for the answer, in standard delimiters."""
    parts = [msh.text(number, component)[:MAX_FACILITY] for component in (1, 2, 3)]
    return "^".join(escape(part, STANDARD) for part in parts).rstrip("^")
