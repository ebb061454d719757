"""Which resources a search means: every search parameter per type, with where its value stands in the resource."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.referrals.formats.fhir.outside import Resource
from services.referrals.formats.fhir.search_parameters import Kind, Search, Span, Token, span_of


@dataclass(frozen=True)
class Parameter:
    """A search parameter: its type, and the path of its values in the resource."""

    kind: Kind
    path: str


def _token(path: str) -> Parameter:
    return Parameter(Kind.TOKEN, path)


def _reference(path: str) -> Parameter:
    return Parameter(Kind.REFERENCE, path)


def _date(path: str) -> Parameter:
    return Parameter(Kind.DATE, path)


COMMON = {"_id": _token("id"), "_lastUpdated": _date("meta.lastUpdated")}
ABOUT = {"patient": _reference("subject"), "subject": _reference("subject")}
STATUS = {"status": _token("status")}
IDENTIFIER = {"identifier": _token("identifier")}

PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "Task": {
        **COMMON,
        **IDENTIFIER,
        **STATUS,
        "business-status": _token("businessStatus"),
        "code": _token("code"),
        "requester": _reference("requester"),
        "owner": _reference("owner"),
        "focus": _reference("focus"),
        "patient": _reference("for"),
        "subject": _reference("for"),
        "based-on": _reference("basedOn"),
        "part-of": _reference("partOf"),
        "authored-on": _date("authoredOn"),
        "modified": _date("lastModified"),
    },
    "ServiceRequest": {
        **COMMON,
        **IDENTIFIER,
        **STATUS,
        **ABOUT,
        "requester": _reference("requester"),
        "performer": _reference("performer"),
        "authored": _date("authoredOn"),
        "priority": _token("priority"),
    },
    "Patient": {**COMMON, **IDENTIFIER},
    "QuestionnaireResponse": {**COMMON, **IDENTIFIER, **STATUS, **ABOUT, "based-on": _reference("basedOn")},
    "Consent": {**COMMON, **STATUS, "patient": _reference("patient")},
    "Communication": {
        **COMMON,
        **STATUS,
        **ABOUT,
        "category": _token("category"),
        "based-on": _reference("basedOn"),
        "part-of": _reference("partOf"),
        "sender": _reference("sender"),
        "recipient": _reference("recipient"),
        "sent": _date("sent"),
    },
    "EpisodeOfCare": {**COMMON, **IDENTIFIER, **STATUS, "patient": _reference("patient")},
    "CarePlan": {**COMMON, **STATUS, **ABOUT},
    "CareTeam": {**COMMON, **STATUS, **ABOUT},
    "Observation": {**COMMON, **STATUS, **ABOUT, "code": _token("code"), "derived-from": _reference("derivedFrom")},
    "Condition": {**COMMON, **ABOUT, "code": _token("code")},
    "DocumentReference": {**COMMON, **STATUS, **ABOUT},
    "Encounter": {**COMMON, **STATUS, **ABOUT},
    "RelatedPerson": {**COMMON, "patient": _reference("patient")},
    "Practitioner": {**COMMON, **IDENTIFIER},
    "Provenance": {**COMMON, "target": _reference("target")},
}
"""What can be searched for. Everything else is a 400."""

INCLUDES: Mapping[str, Mapping[str, str]] = {
    "Task": {"Task:focus": "ServiceRequest", "Task:patient": "Patient", "Task:subject": "Patient"},
    "ServiceRequest": {"ServiceRequest:patient": "Patient", "ServiceRequest:subject": "Patient"},
    "QuestionnaireResponse": {"QuestionnaireResponse:patient": "Patient"},
    "Communication": {"Communication:part-of": "Task"},
}
"""`_include`: which type comes along."""

REVERSE_INCLUDES: Mapping[str, Mapping[str, str]] = {
    "ServiceRequest": {"Task:focus": "Task"},
    "Patient": {"ServiceRequest:patient": "ServiceRequest", "Task:patient": "Task"},
    "Task": {"Communication:part-of": "Communication", "Task:part-of": "Task"},
}
"""`_revinclude`: which type that points here comes along."""


def fits(resource: Resource, search: Search) -> bool:
    """Whether a resource is what a search means: every parameter, any of its alternatives."""
    known = PARAMETERS[resource["resourceType"]]
    by_token = all(
        any(token_fits(value, token) for value in values_at(resource, known[name].path) for token in alternatives)
        for name, asked in search.tokens.items()
        for alternatives in asked
    )
    by_reference = by_token and all(
        any(reference_fits(value, one) for value in values_at(resource, known[name].path) for one in alternatives)
        for name, asked in search.references.items()
        for alternatives in asked
    )
    return by_reference and all(
        any(moment_fits(value, span) for value in values_at(resource, known[name].path))
        for name, spans in search.spans.items()
        for span in spans
    )


def values_at(resource: Mapping[str, Any], path: str) -> Iterator[Any]:
    """The values of a path, lists opened."""
    found: list[Any] = [resource]
    for name in path.split("."):
        found = [part[name] for part in found if isinstance(part, Mapping) and name in part]
        found = [each for part in found for each in (part if isinstance(part, list) else [part])]
    yield from found


def token_fits(value: Any, token: Token) -> bool:
    """Whether a code, coding, concept or identifier is meant; a plain code has the system of its element."""
    if isinstance(value, str):
        return token.code == value
    if not isinstance(value, Mapping):
        return False
    if "coding" in value:
        return any(token_fits(coding, token) for coding in value["coding"])
    return token.fits(value.get("system"), value.get("code", value.get("value")))


def reference_fits(value: Any, asked: str) -> bool:
    """Whether a reference is meant, asked for as `Type/id`, as `id` or as a whole URL."""
    literal = value.get("reference") if isinstance(value, Mapping) else None
    if not isinstance(literal, str):
        return False
    return literal == asked or literal.partition("/")[2] == asked or asked.endswith(f"/{literal}")


def moment_fits(value: Any, span: Span) -> bool:
    """Whether a moment of a resource lies in a span; a day counts from its Belgian midnight."""
    found = span_of(str(value))
    start: datetime | None = found.since if found else None
    if start is None:
        return False
    return (span.since is None or start >= span.since) and (span.until is None or start < span.until)
