"""A document in the making: the JSON that a message amounts to, and for each part where it stood in the message."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.referrals.domain.document import Identifier
from services.referrals.formats.hl7v2.er7 import Segment
from services.referrals.formats.hl7v2.faults import Place, V2Fault
from shared.errors import Fault
from shared.problems import faults_of

M = TypeVar("M", bound=BaseModel)


class Draft:
    """Collects parts with their places, and faults on the way."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.places: dict[str, Place] = {}
        self.faults: list[V2Fault] = []

    def put(self, pointer: str, value: Any, place: Place) -> None:
        """Set one part, by its JSON Pointer; an empty text is no value. The first place of a pointer stays."""
        if value in ("", []):
            return
        *path, last = pointer.removeprefix("/").split("/")
        holder: Any = self.content
        for part in path:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        holder[last] = value
        self.note(pointer, place)

    def append(self, pointer: str, value: Any, place: Place) -> str:
        """Add to a list; the pointer of the new entry."""
        *path, last = pointer.removeprefix("/").split("/")
        holder: Any = self.content
        for part in path:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        entries = holder.setdefault(last, [])
        entries.append(value)
        made = f"{pointer}/{len(entries) - 1}"
        self.note(made, place)
        return made

    def has(self, pointer: str) -> bool:
        """Whether a part has been set."""
        return pointer in self.places

    def note(self, pointer: str, place: Place) -> None:
        """Remember where a part stands, present or not."""
        self.places.setdefault(pointer, place)

    def fault(self, place: Place, code: str) -> None:
        """Something is wrong."""
        self.faults.append(V2Fault(place, code))

    def warn(self, place: Place, code: str) -> None:
        """Something is left out or odd."""
        warning = V2Fault.warning(place, code)
        if warning not in self.faults:
            self.faults.append(warning)

    def made(self, kind: type[M], content: Any) -> M | None:
        """A part of the document, or the whole; None with faults where it cannot be one."""
        try:
            return kind.model_validate(content)
        except ValidationError as error:
            under = "/identifier" if kind is Identifier else ""
            found = [Fault(under + fault.pointer, fault.code) for fault in faults_of(error.errors())]
            self.faults += self.located(found)
            return None

    def located(self, faults: Sequence[Fault]) -> Iterator[V2Fault]:
        """Faults of the document, told by their places in the message."""
        return (V2Fault(self.place_of(fault.pointer), fault.code) for fault in faults)

    def place_of(self, pointer: str) -> Place:
        """Where a part stands: its own place, or the nearest above it."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, Place("MSH"))


def day_of(draft: Draft, segment: Segment, number: int) -> str:
    """The calendar day of a time stamp (TS, DTM or DT) as `YYYY-MM-DD`; empty without one.

    A day or month of 00, or left off, is a day that nobody knows: empty too, with a warning.
    """
    text = segment.text(number)
    place = segment.place.at(number)
    digits = text.partition("+")[0].partition("-")[0].partition(".")[0]
    if not text:
        return ""
    if not (digits.isascii() and digits.isdigit() and len(digits) in (4, 6, 8, 10, 12, 14)):
        draft.fault(place, "wrong-format")
        return ""
    if len(digits) < 8 or "00" in (digits[4:6], digits[6:8]):
        draft.warn(place, "date-incomplete")
        return ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
