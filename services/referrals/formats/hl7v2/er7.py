"""ER7, the text form of HL7 v2 (chapter 2.5 to 2.7): bytes into segments, and values with their escapes undone.

The splitting is python-hl7's. What comes is counted before, for its cost grows with the number of parts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import hl7

from services.referrals.formats.hl7v2.faults import Place

START, END = b"\x0b", b"\x1c"
"""The frame of the Minimal Lower Layer Protocol: start block, end block (followed by a carriage return)."""

MAX_SEGMENTS = 2_000
MAX_PARTS = 30_000

CHARSETS: Mapping[str, str] = {
    "": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "8859/1": "iso-8859-1",
    "8859/15": "iso-8859-15",
    "ASCII": "ascii",
}
"""MSH-18 (HL7 table 0211). Without it we read UTF-8."""

_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


class NotEr7(Exception):
    """This is no HL7 v2 message in ER7; `code` says why in a word."""

    def __init__(self, code: str = "not-er7") -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Delimiters:
    """The characters that MSH-1 and MSH-2 name."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def all(self) -> str:
        """Field, component, repetition, escape, subcomponent."""
        return self.field + self.component + self.repetition + self.escape + self.subcomponent


STANDARD = Delimiters()


@dataclass(frozen=True)
class Segment:
    """One segment: `fields[n][repetition][component][subcomponent]`, as written. `fields[0]` is its name."""

    name: str
    sequence: int
    fields: list[list[list[list[str]]]]
    delimiters: Delimiters = STANDARD
    charset: str = "utf-8"

    @property
    def place(self) -> Place:
        """The segment's own place."""
        return Place(self.name, self.sequence)

    def repetitions(self, number: int) -> range:
        """The repetitions of a field that is there, from 1."""
        return range(1, len(self.fields[number]) + 1) if number < len(self.fields) else range(0)

    def text(self, number: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str:
        """A value with its escapes undone and spaces around it gone; empty for absent and for HL7's null (`""`)."""
        try:
            raw = self.fields[number][repetition - 1][component - 1][subcomponent - 1]
        except IndexError:
            return ""
        return "" if raw == '""' else unescape(raw, self.delimiters, self.charset).strip()

    def is_null(self, number: int) -> bool:
        """Whether a field holds HL7's null: explicitly no value."""
        return number < len(self.fields) and self.fields[number] == [[['""']]]

    def whole(self, number: int, repetition: int = 1) -> str:
        """A field of free text, in which some senders leave component and subcomponent marks unescaped."""
        try:
            parts = self.fields[number][repetition - 1]
        except IndexError:
            return ""
        marks = self.delimiters
        raw = marks.component.join(marks.subcomponent.join(component) for component in parts)
        return "" if raw == '""' else unescape(raw, marks, self.charset).strip()


@dataclass(frozen=True)
class Er7:
    """A message as read."""

    segments: list[Segment]
    charset: str
    is_decoded: bool = True
    broken_after: list[Place] = field(default_factory=list)
    """Places of segments that are followed by a line without a segment name: an unescaped line break."""

    def named(self, name: str) -> Iterator[Segment]:
        """The segments of a name, in order."""
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        """The first segment of a name."""
        return next(self.named(name), None)


def read(content: bytes) -> Er7:
    """Split a message, with or without its MLLP frame; raises NotEr7.

    Segments may end with CR, LF or both. Of a text in an unknown character set, or in another than it says, only the
    header is read: `check_header` refuses it with its place.
    """
    lines = [line for line in re.split(rb"[\r\n]+", unframed(content)) if line.strip()]
    if not lines or not lines[0].startswith(b"MSH") or b"\x00" in content:
        raise NotEr7
    if len(lines) > MAX_SEGMENTS:
        raise NotEr7("too-many-segments")
    head = lines[0].decode("iso-8859-1")
    marks = delimiters_of(head)
    charset = charset_of(head, marks)
    if charset not in CHARSETS.values():
        return Er7(list(segments_of([head], marks, "iso-8859-1")), charset)
    try:
        text = [line.decode(charset) for line in lines]
    except UnicodeDecodeError:
        return Er7(list(segments_of([head], marks, "iso-8859-1")), charset, is_decoded=False)
    return Er7(
        list(segments_of([line for line in text if is_segment(line, marks)], marks, charset)),
        charset,
        broken_after=list(_broken_after(text, marks)),
    )


def unframed(content: bytes) -> bytes:
    """The message without MLLP frame and byte order mark."""
    return content.strip(START + END + b"\r\n\t ").removeprefix(b"\xef\xbb\xbf")


def delimiters_of(head: str) -> Delimiters:
    """The delimiters that an MSH segment names; raises NotEr7 where they cannot be told apart."""
    mark = head[3:4]
    written = head[4:].partition(mark)[0] if mark else ""
    named = written[:4] + "^~\\&"[len(written[:4]) :]
    found = Delimiters(mark, named[0], named[1], named[2], named[3]) if mark and mark in head[4:] else None
    if found is None or not 1 <= len(written) <= 5 or len(set(found.all)) < 5:
        raise NotEr7
    if any(each.isalnum() or not " " < each < "\x7f" for each in found.all):
        raise NotEr7
    return found


def charset_of(head: str, marks: Delimiters) -> str:
    """The encoding that MSH-18 names; one that we do not read is given back as it is written."""
    fields = head.split(marks.field)
    written = fields[17].split(marks.repetition)[0] if len(fields) > 17 else ""
    named = unescape(written, marks).strip().upper()
    return CHARSETS.get(named, named)


def is_segment(line: str, marks: Delimiters) -> bool:
    """Whether a line begins as a segment does."""
    return bool(_SEGMENT_NAME.fullmatch(line[:3])) and line[3:4] in ("", marks.field)


def _broken_after(lines: Iterable[str], marks: Delimiters) -> Iterator[Place]:
    seen: dict[str, int] = {}
    last = Place("MSH")
    for line in lines:
        if is_segment(line, marks):
            seen[line[:3]] = seen.get(line[:3], 0) + 1
            last = Place(line[:3], seen[line[:3]])
        else:
            yield last


def segments_of(lines: list[str], marks: Delimiters, charset: str) -> Iterator[Segment]:
    """The segments, split by python-hl7; raises NotEr7 for more parts than a referral can have."""
    text = "\r".join(lines)
    if sum(text.count(mark) for mark in marks.all) > MAX_PARTS:
        raise NotEr7("too-many-segments")
    seen: dict[str, int] = {}
    for split in hl7.parse(text):
        name = str(split[0])
        seen[name] = seen.get(name, 0) + 1
        yield Segment(name, seen[name], [_parts(each) for each in split], marks, charset)


def _parts(split: object) -> list[list[list[str]]]:
    """python-hl7 leaves a level out where nothing is to split: here every level is there."""
    return [
        [[str(sub) for sub in _level(component)] for component in _level(repetition)] for repetition in _level(split)
    ]


def _level(split: object) -> list[object]:
    return list(split) if isinstance(split, list) else [split]


def unescape(text: str, marks: Delimiters = STANDARD, charset: str = "utf-8") -> str:
    """Undo HL7's escapes (2.7): delimiters, `\\X..\\` bytes, `.br` and `.sp` as line breaks; formatting goes.

    What is no escape stays as it is written: a lone backslash is a backslash.
    """
    if marks.escape not in text:
        return text
    parts = text.split(marks.escape)
    made = [parts[0]]
    place = 1
    while place < len(parts):
        meant = _meaning(parts[place], marks, charset) if place + 1 < len(parts) else None
        if meant is None:
            made.append(marks.escape + parts[place])
            place += 1
        else:
            made += [meant, parts[place + 1]]
            place += 2
    return "".join(made)


def _meaning(code: str, marks: Delimiters, charset: str) -> str | None:
    """What stands between two escape characters; None where it is no escape."""
    plain = {
        "F": marks.field,
        "S": marks.component,
        "T": marks.subcomponent,
        "R": marks.repetition,
        "E": marks.escape,
        **{"H": "", "N": "", ".br": "\n", ".sp": "\n", ".fi": "", ".nf": "", ".ce": "\n"},
    }
    if code in plain:
        return plain[code]
    if code[:1] == "X" and _HEX.fullmatch(code[1:]):
        text = bytes.fromhex(code[1:]).decode(charset, errors="replace")
        return text if all(each.isprintable() or each in "\t\r\n" for each in text) else None
    return "" if re.fullmatch(r"\.(sp|in|ti|sk)\s?[+-]?[0-9]{1,3}", code) else None


def escape(text: str, marks: Delimiters = STANDARD) -> str:
    """A value as it is written between delimiters."""
    letters = zip(marks.all, "FSRET", strict=True)
    table = {mark: f"{marks.escape}{letter}{marks.escape}" for mark, letter in letters}
    breaks = {"\r": "", "\n": f"{marks.escape}.br{marks.escape}"}
    return "".join({**table, **breaks}.get(each, each) for each in text)
