"""The order of segments in `REF^I12`, from hl7apy's tables of each version of the standard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hl7apy import load_library, load_reference

from services.referrals.formats.hl7v2.er7 import Er7, Segment
from services.referrals.formats.hl7v2.faults import Place, V2Fault

VERSIONS = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6")
STRUCTURE = "REF_I12"
MAX_STEPS = 10


@dataclass(frozen=True)
class Element:
    """A segment, or a group of them, with how often it may come; `most` of -1 is any number."""

    name: str
    least: int
    most: int
    inner: tuple["Element", ...] = ()

    @property
    def opens(self) -> str:
        """The segment that it begins with."""
        return self.inner[0].opens if self.inner else self.name


@cache
def grammar(version: str) -> tuple[Element, ...]:
    """The structure of a referral in a version of the standard."""
    return _elements(load_reference(STRUCTURE, "Message", version), version)


@cache
def known_segments(version: str) -> frozenset[str]:
    """Every segment that a version of the standard defines."""
    return frozenset(load_library(version).SEGMENTS)


def _elements(reference: Any, version: str) -> tuple[Element, ...]:
    found = []
    for name, inner, (least, most), kind in reference[1]:
        group = () if kind == "SEG" else _elements(inner or load_reference(name, "Group", version), version)
        found.append(Element(name, least, most, group))
    return tuple(found)


def structure_faults(message: Er7, version: str, *, is_whole: bool) -> Iterator[V2Fault]:
    """Segments that are missing, misplaced or unknown. Z segments are left out with a warning.

    Without `is_whole` nothing is called missing: a cancellation or a question of status needs no person.
    """
    for place in message.broken_after:
        yield V2Fault(place, "broken-segment")
    standard = []
    for segment in message.segments:
        if segment.name.startswith("Z"):
            yield V2Fault.warning(segment.place, "segment-ignored")
        elif segment.name not in known_segments(version):
            yield V2Fault(segment.place, "unknown-segment")
        else:
            standard.append(segment)
    yield from _misplaced(standard, grammar(version), is_whole)


def _misplaced(segments: list[Segment], structure: tuple[Element, ...], is_whole: bool) -> Iterator[V2Fault]:
    """Take out what does not fit and go on, so that one slip hides no other."""
    everywhere = {segment.name for segment in segments}
    missing: list[str] = []
    for _ in range(MAX_STEPS):
        missing = []
        end = _match(structure, segments, 0, missing)
        if end == len(segments):
            break
        out = _culprit(structure, segments, end)
        yield V2Fault(segments[out].place, "unexpected-segment")
        segments = segments[:out] + segments[out + 1 :]
    for name in missing if is_whole else ():
        if name not in everywhere:
            yield V2Fault(Place(name), "missing-segment")


def _culprit(structure: tuple[Element, ...], segments: list[Segment], end: int) -> int:
    """Which segment to take out: the one that fits nowhere, or one before it that came too early."""
    before = {segment.name: at for at, segment in enumerate(segments[:end])}
    reached = {at: _match(structure, segments[:at] + segments[at + 1 :], 0, []) for at in (end, *before.values())}
    return max(reached, key=lambda at: reached[at])


def _match(structure: Sequence[Element], segments: Sequence[Segment], at: int, missing: list[str]) -> int:
    """How far the segments fit from here on."""
    for element in structure:
        count = 0
        while at < len(segments) and segments[at].name == element.opens and (element.most < 0 or count < element.most):
            at = _match(element.inner, segments, at, missing) if element.inner else at + 1
            count += 1
        if count < element.least:
            missing.append(element.opens)
    return at
