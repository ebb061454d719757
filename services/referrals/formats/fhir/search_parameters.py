"""Search parameters as they are written in a URL or a form: tokens, references, dates with prefixes, and their faults.

Nothing unknown is ever ignored: a search that silently drops a filter answers another question (FHIR R4 search,
"Handling: strict").
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from services.referrals.domain.identifiers import valid_niss
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault

MOST_VALUES = 50
MOST_RESULTS = 200


class SearchRefused(DomainError):
    """A search parameter is unknown, or its value is not of its type."""


class NumberInAddress(DomainError):
    """A national number has no place in an address: send this search as a form, by POST to _search."""


class Kind(StrEnum):
    """The types of search parameters that are used here."""

    TOKEN = "token"
    REFERENCE = "reference"
    DATE = "date"


@dataclass(frozen=True)
class Token:
    """`system|code`, `|code` (no system) or `code` (any system: None)."""

    system: str | None
    code: str

    def fits(self, system: str | None, code: str | None) -> bool:
        """Whether an identifier or coding is meant."""
        return self.code in ("", code) and (self.system is None or self.system == (system or ""))


@dataclass(frozen=True)
class Span:
    """What a date parameter asks for: from `since` on (included), before `until` (left out)."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Search:
    """A search as it was understood."""

    tokens: Mapping[str, Sequence[Sequence[Token]]]
    references: Mapping[str, Sequence[Sequence[str]]]
    spans: Mapping[str, Sequence[Span]]
    includes: frozenset[str] = frozenset()
    count: int = 50
    newest_first: bool = False
    only_total: bool = False


CONTROLS = frozenset(
    {"_count", "_sort", "_include", "_revinclude", "_summary", "_format", "_pretty", "_total", "_totalMethod"}
)
"""Parameters that shape the answer; `_totalMethod` is what one stock client adds when it counts."""

JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json", "application/fhir json"})
SORTS: Mapping[str, bool] = {"_lastUpdated": False, "-_lastUpdated": True, "_id": False}


def parse_search(pairs: Iterable[tuple[str, str]], known: Mapping[str, Kind], includes: frozenset[str]) -> Search:
    """A search from its (name, value) pairs; raises SearchRefused naming every parameter that cannot be used."""
    tokens: dict[str, list[Sequence[Token]]] = {}
    references: dict[str, list[Sequence[str]]] = {}
    spans: dict[str, list[Span]] = {}
    controls: dict[str, list[str]] = {}
    faults: list[Fault] = []
    for name, value in pairs:
        if name in CONTROLS:
            controls.setdefault(name, []).append(value)
        elif name not in known:
            faults.append(Fault(f"/query/{safe_name(name)}", "unknown-parameter"))
        elif known[name] is Kind.DATE and (span := span_of(value)):
            spans.setdefault(name, []).append(span)
        elif known[name] is Kind.TOKEN and (listed := values_of(value)):
            tokens.setdefault(name, []).append([token_of(each) for each in listed])
        elif known[name] is Kind.REFERENCE and (listed := values_of(value)):
            references.setdefault(name, []).append(listed)
        else:
            faults.append(Fault(f"/query/{name}", "wrong-format"))
    faults += _control_faults(controls, includes)
    if faults:
        raise SearchRefused(faults=list(dict.fromkeys(faults)))
    return Search(
        tokens,
        references,
        spans,
        frozenset(value for name in ("_include", "_revinclude") for value in controls.get(name, [])),
        int(controls.get("_count", ["50"])[0]) or 0,
        SORTS[controls.get("_sort", ["_lastUpdated"])[0]],
        "count" in controls.get("_summary", []) or controls.get("_count") == ["0"],
    )


def _control_faults(controls: Mapping[str, Sequence[str]], includes: frozenset[str]) -> list[Fault]:
    """What is wrong with the parameters that shape the answer."""
    allowed = {
        "_sort": frozenset(SORTS),
        "_include": includes,
        "_revinclude": includes,
        "_summary": frozenset({"count", "false"}),
        "_format": JSON_FORMATS,
        "_pretty": frozenset({"true", "false"}),
        "_total": frozenset({"none", "estimate", "accurate"}),
        "_totalMethod": frozenset({"count"}),
    }
    faults = [
        Fault(f"/query/{name}", "not-supported")
        for name, values in controls.items()
        if name != "_count" and any(value not in allowed[name] for value in values)
    ]
    faults += [Fault(f"/query/{name}", "repeated") for name in ("_count", "_sort") if len(controls.get(name, [])) > 1]
    count = controls.get("_count", ["50"])[0]
    if not re.fullmatch(r"[0-9]{1,5}", count) or int(count) > MOST_RESULTS:
        faults.append(Fault("/query/_count", "out-of-range"))
    return faults


def safe_name(name: str) -> str:
    """A parameter's name as it may be told back: what is no plain name could be somebody's data."""
    return name if re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}", name) else "?"


def values_of(value: str) -> list[str]:
    """The alternatives of a value: a comma means or, a backslash takes it literally (FHIR R4 search, escaping)."""
    parts = [re.sub(r"\\([,|$\\])", r"\1", part) for part in re.split(r"(?<!\\),", value)]
    return parts if all(parts) and len(parts) <= MOST_VALUES else []


def token_of(value: str) -> Token:
    """A token; a value without a bar fits any system."""
    system, bar, code = value.rpartition("|")
    return Token(system, code) if bar else Token(None, value)


_DATE = re.compile(
    r"(eq|gt|ge|lt|le|ap|sa|eb|ne)?"
    r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+ -]\d{2}:\d{2})?)?"
)


def span_of(value: str) -> Span | None:
    """The moments that a date parameter means, by the precision it is written in; None where it is no such date.

    A date without a time zone is Belgian. A `+` that the URL turned into a space is read as it was meant.
    """
    match = _DATE.fullmatch(value)
    if match is None or match[1] in ("ap", "ne"):
        return None
    prefix, day, minute, second, zone = match.groups()
    fraction = second.partition(".")[2] if second else ""
    written = f"{day}T{minute or '00:00'}{(second or ':00').partition('.')[0]}"
    try:
        start = datetime.fromisoformat(written + (zone or "").replace(" ", "+").replace("Z", "+00:00"))
        start = (start if zone else start.replace(tzinfo=BRUSSELS)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    start += timedelta(microseconds=int(fraction[:6].ljust(6, "0") or "0"))
    end = start + _width(minute, second, fraction)
    spans = {
        "gt": Span(since=end),
        "sa": Span(since=end),
        "ge": Span(since=start),
        "lt": Span(until=start),
        "eb": Span(until=start),
        "le": Span(until=end),
    }
    return spans.get(prefix or "eq", Span(start, end))


def _width(minute: str | None, second: str | None, fraction: str) -> timedelta:
    if minute is None:
        return timedelta(days=1)
    if second is None:
        return timedelta(minutes=1)
    return timedelta(microseconds=10 ** max(0, 6 - len(fraction)))


def refuse_numbers(pairs: Iterable[tuple[str, str]]) -> None:
    """Raise NumberInAddress where a query string holds a national number, under whatever parameter."""
    for name, value in pairs:
        if any("/ssin|" in each or has_number(each) for each in value.split(",")):
            raise NumberInAddress(faults=[Fault(f"/query/{safe_name(name)}", "number-in-address")])


def has_number(value: str) -> bool:
    """Whether a value is a valid national or bis number."""
    try:
        return bool(valid_niss(value.rpartition("|")[2]))
    except ValueError:
        return False
