"""What is wrong in a v2 message, named as ERR names it: segment, occurrence, field, repetition, component."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

MAX_FAULTS = 50


class Severity(StrEnum):
    """HL7 table 0516."""

    ERROR = "E"
    WARNING = "W"


@dataclass(frozen=True)
class Place:
    """Where in a message (ERR-2, data type ERL). `sequence` counts the segments of that name; 0 leaves a part out."""

    segment: str
    sequence: int = 1
    field: int = 0
    repetition: int = 0
    component: int = 0
    subcomponent: int = 0

    def at(self, field: int, repetition: int = 1, component: int = 0, subcomponent: int = 0) -> "Place":
        """A place inside the same segment."""
        return replace(self, field=field, repetition=repetition, component=component, subcomponent=subcomponent)

    @property
    def parts(self) -> tuple[str, ...]:
        """The components of ERR-2, empty ones at the end left off."""
        numbers = [self.sequence, self.field, self.repetition, self.component, self.subcomponent]
        while numbers and not numbers[-1]:
            numbers.pop()
        return (self.segment, *map(str, numbers))


@dataclass(frozen=True)
class V2Fault:
    """One thing wrong: where, and our stable code. Never the value."""

    place: Place
    code: str
    severity: Severity = Severity.ERROR

    @classmethod
    def warning(cls, place: Place, code: str) -> "V2Fault":
        """Something left out or odd, and taken all the same."""
        return cls(place, code, Severity.WARNING)


class Refused(Exception):
    """The message is answered with `AE` or `AR`; nothing of it is stored.

    `is_rejected` means AR: the message is none that we take, whatever its content.
    """

    def __init__(self, faults: Sequence[V2Fault], *, is_rejected: bool = False, hint: str = "") -> None:
        super().__init__("refused")
        self.faults = tuple(faults)[:MAX_FAULTS]
        self.is_rejected = is_rejected
        self.hint = hint


TITLES_0357: Mapping[int, str] = {
    100: "Segment sequence error",
    101: "Required field missing",
    102: "Data type error",
    103: "Table value not found",
    200: "Unsupported message type",
    201: "Unsupported event code",
    202: "Unsupported processing id",
    203: "Unsupported version id",
    204: "Unknown key identifier",
    205: "Duplicate key identifier",
    206: "Application record locked",
    207: "Application internal error",
}
"""HL7 table 0357, message error condition codes."""

_CODES_0357: Mapping[str, int] = {
    "missing-segment": 100,
    "unexpected-segment": 100,
    "unknown-segment": 100,
    "broken-segment": 100,
    "required": 101,
    "not-one-of": 103,
    "unknown_domain": 103,
    "unknown-code": 103,
    "unsupported-charset": 103,
    "sender-mismatch": 103,
    "unknown-sender": 103,
    "unknown-organisation": 103,
    "unsupported-type": 200,
    "unsupported-event": 201,
    "unsupported-processing-id": 202,
    "unsupported-version": 203,
    "not-found": 204,
    "repeated": 205,
    "identifier-reused": 205,
    "message-id-reused": 205,
    "locked": 206,
    "illegal-move": 207,
    "not-your-move": 207,
    "not-er7": 207,
    "too-large": 207,
    "too-many-segments": 207,
    "database-busy": 206,
    "database-unavailable": 207,
    "internal-error": 207,
}


def code_0357(code: str) -> int:
    """HL7's coarse code for one of ours; what is not listed is wrong in its form."""
    return _CODES_0357.get(code, 102)
