"""What we answer: `RRI` with the referral's state, or `ACK` with one ERR per fault. Nothing of the person."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.referrals.domain import STANDING, Referral
from services.referrals.events import Urgency
from services.referrals.formats.hl7v2.er7 import STANDARD, escape
from services.referrals.formats.hl7v2.faults import TITLES_0357, Place, Refused, V2Fault, code_0357
from services.referrals.formats.hl7v2.header import Header
from services.referrals.formats.hl7v2.sheets import CODE_SYSTEM
from shared.clock import BRUSSELS

APPLICATION = "RELAIS"
STATUS_0283: Mapping[str, str] = {"A": "Accepted", "P": "Pending", "R": "Rejected", "E": "Expired"}
OLD = ("2.3", "2.3.1", "2.4")
"""Versions whose ERR is one field, ERR-1 (data type ELD)."""


@dataclass(frozen=True)
class Envelope:
    """What goes around an answer: to whom, from which organisation, when, and a proof of what is answered."""

    header: Header
    organisation: str
    at: datetime
    fingerprint: bytes = b""

    @property
    def message_id(self) -> str:
        """MSH-10 of the answer: the same for the same message, twenty characters as 2.5 allows."""
        return hashlib.sha256(self.header.key.encode() + b"|" + self.fingerprint).hexdigest()[:20].upper()


def referral_answer(envelope: Envelope, referral: Referral, warnings: Iterable[V2Fault] = ()) -> bytes:
    """`RRI`: accepted, with the referral as it stands.

    RF1-1 is its status (our own fine state as alternate code), RF1-6 the sender's identifier, RF1-11 ours. The person
    is named by our identifier alone. Warnings are notes at the end, for RRI has no place for ERR.
    """
    header = envelope.header
    segments = [
        _msh(envelope, "RRI"),
        _line("MSA", ["AA"], [header.message_id]),
        _rf1(referral),
        _line("PRD", ["RT", "Referred to Provider", "HL70286"], *[[]] * 5, [envelope.organisation, APPLICATION]),
        _line("PID", ["1"], [], [str(referral.id), "", "", APPLICATION, "RI"], [], ["", "", "", "", "", "", "S"]),
    ]
    for number, warning in enumerate(warnings, 1):
        text = f"{warning.code} {'-'.join(warning.place.parts)}"
        segments.append(_line("NTE", [str(number)], ["L"], [text], ["W", "Warning", "HL70516"]))
    return _message(segments, header)


def acknowledgement(envelope: Envelope, refused: Refused) -> bytes:
    """`ACK` with AE or AR: where it is wrong, HL7's code (table 0357), ours, and never what was written there."""
    code = "AR" if refused.is_rejected else "AE"
    faults = [_err(fault, envelope.header, refused.hint) for fault in refused.faults]
    answer = [_msh(envelope, "ACK"), _line("MSA", [code], [envelope.header.message_id])]
    return _message([*answer, *faults], envelope.header)


def unreadable(organisation: str, at: datetime, code: str) -> bytes:
    """`ACK` with AR to what is no HL7 message: there is no message id to answer to."""
    header = Header(None, "", "2.5", "P", "utf-8", "")
    refused = Refused([V2Fault(Place("MSH"), code)], is_rejected=True)
    return acknowledgement(Envelope(header, organisation, at, code.encode()), refused)


def _rf1(referral: Referral) -> str:
    status = STANDING[referral.state].referral_status
    urgency = ["A", "ASAP", "HL70280"] if referral.urgency is Urgency.URGENT else ["R", "Routine", "HL70280"]
    disposition = ["cancellation-requested", "", CODE_SYSTEM] if referral.cancellation_requested else []
    reason = referral.moves[-1].reason if status == "R" else None
    return _line(
        "RF1",
        [status, STATUS_0283[status], "HL70283", referral.state, "", CODE_SYSTEM],
        urgency,
        [],
        disposition,
        [],
        [referral.identifier_value, referral.identifier_system],
        [_stamp(referral.received_at)],
        [],
        [_stamp(referral.updated_at)],
        [reason, "", CODE_SYSTEM] if reason else [],
        [str(referral.id), APPLICATION],
    )


def _msh(envelope: Envelope, kind: str) -> str:
    header = envelope.header
    event = [header.event] if header.event else []
    structure = ["RRI_I12" if kind == "RRI" else "ACK"] if event and header.version not in ("2.3", "2.3.1") else []
    marks = STANDARD.component + STANDARD.repetition + STANDARD.escape + STANDARD.subcomponent
    rest = [
        [APPLICATION],
        [envelope.organisation],
        header.application,
        header.station,
        [_stamp(envelope.at)],
        [],
        [kind, *event, *structure],
        [envelope.message_id],
        [header.processing_id if header.processing_id in ("P", "T", "D") else "P"],
        [header.version],
        *[[]] * 5,
        [header.charset_name],
    ]
    return f"MSH{STANDARD.field}{marks}{STANDARD.field}{STANDARD.field.join(_field(each) for each in rest)}"


def _err(fault: V2Fault, header: Header, hint: str) -> str:
    coarse = code_0357(fault.code)
    known = [str(coarse), TITLES_0357[coarse], "HL70357"]
    parts = list(fault.place.parts)
    old: str | list[str] = []
    if header.version in OLD:
        first = [*parts[:3], *[""] * (3 - len(parts[:3]))]
        old = STANDARD.component.join([*map(escape, first), STANDARD.subcomponent.join(known)])
    return _line("ERR", old, parts, known, [fault.severity], [fault.code, "", CODE_SYSTEM], [], [hint] if hint else [])


def _stamp(at: datetime) -> str:
    return at.astimezone(BRUSSELS).strftime("%Y%m%d%H%M%S%z")


def _field(parts: str | Sequence[str]) -> str:
    """A field of components; a text is one that is written already."""
    if isinstance(parts, str):
        return parts
    return STANDARD.component.join(escape(part) for part in parts)


def _line(name: str, *fields: str | Sequence[str]) -> str:
    return STANDARD.field.join([name, *map(_field, fields)]).rstrip(STANDARD.field)


def _message(segments: Iterable[str], header: Header) -> bytes:
    return "".join(f"{segment}\r" for segment in segments).encode(header.charset, errors="replace")
