"""Errors on the wire: RFC 9457 problem documents with a stable code and pointers, never echoing what was sent."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import Response

from shared.errors import Fault

MEDIA_TYPE = "application/problem+json"
LANGUAGES = ("fr", "nl", "de", "en")
SAFE_NAME = re.compile(r"[a-z_][a-zA-Z_.-]{0,63}")

_KERNEL_TITLES: Mapping[str, Mapping[str, str]] = json.loads((Path(__file__).parent / "titles.json").read_text())


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its HTTP status, its stable code and its title in four languages."""

    status: int
    code: str
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)

    def title(self, language: str) -> str:
        """The title in a language, English where it is missing."""
        titles = self.titles or _KERNEL_TITLES.get(self.code, {})
        return titles.get(language) or titles.get("en") or self.code


def kinds(titles: Path) -> Callable[[int, str], Kind]:
    """A service's own kinds of problem, by status and code; their titles stand in its file, code -> four languages.

    Raises KeyError for a code that the file does not have.
    """
    known: Mapping[str, Mapping[str, str]] = json.loads(titles.read_text())
    return lambda status, code: Kind(status, code, known[code])


class Problem(Exception):
    """An answer that is an error; raised by the kernel only."""

    def __init__(
        self,
        problem: Kind,
        detail: str = "",
        faults: Sequence[Fault] = (),
        *,
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(problem.code)
        self.kind = problem
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.facts = dict(facts or {})


Renderer = Callable[[Problem, str, str], Response]
"""How a problem looks on the wire: from the problem, a language and the request's number."""


def renderer_at(path: str, dialects: Mapping[str, Renderer]) -> Renderer:
    """The renderer of the longest path prefix, whole segments only, that a path lies under; else RFC 9457's."""
    fitting = [prefix for prefix in dialects if path == prefix or path.startswith(f"{prefix}/")]
    return dialects[max(fitting, key=len)] if fitting else render


UNAUTHENTICATED = Kind(401, "unauthenticated")
FORBIDDEN = Kind(403, "forbidden")
BREAK_GLASS_OVER = Kind(403, "break-glass-over")
OWN_BREAK_GLASS = Kind(403, "own-break-glass")
ALREADY_REVIEWED = Kind(409, "already-reviewed")
NOT_FOUND = Kind(404, "not-found")
METHOD_NOT_ALLOWED = Kind(405, "method-not-allowed")
STALE = Kind(412, "stale-version")
ERASED = Kind(410, "erased")
TOO_LARGE = Kind(413, "body-too-large")
UNSUPPORTED = Kind(415, "unsupported-media-type")
INVALID = Kind(422, "invalid-input")
IF_MATCH_REQUIRED = Kind(428, "if-match-required")
RATE_LIMITED = Kind(429, "rate-limited")
MALFORMED = Kind(400, "malformed-json")
KEY_REUSED = Kind(422, "idempotency-key-reused")
KEY_IN_USE = Kind(409, "idempotency-key-in-use")
INTERNAL = Kind(500, "internal-error")
DATABASE_AWAY = Kind(503, "database-unavailable")
DATABASE_BUSY = Kind(503, "database-busy")
ISSUER_AWAY = Kind(503, "issuer-unavailable")

KERNEL_KINDS = (
    *(UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, STALE, TOO_LARGE, UNSUPPORTED, INVALID),
    *(IF_MATCH_REQUIRED, RATE_LIMITED, MALFORMED, KEY_REUSED, KEY_IN_USE),
    *(INTERNAL, DATABASE_AWAY, DATABASE_BUSY, ISSUER_AWAY),
)

BY_STATUS = {
    each.status: each
    for each in (FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, TOO_LARGE, UNSUPPORTED, INVALID, MALFORMED, INTERNAL)
}


def language_of(accepted: str) -> str:
    """The best of our languages for an Accept-Language header: `de-BE` is German, an unknown one French."""
    weighted: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") if parameters else "1"
        weight = float(quality) if re.fullmatch(r"[01](\.\d{1,3})?", quality) else 0.0
        weighted.append((weight, tag.lower().split("-")[0]))
    for weight, language in sorted(weighted, key=lambda pair: -pair[0]):
        if weight > 0 and language in LANGUAGES:
            return language
    return "en" if not accepted.strip() else "fr"


def pointer_of(location: Sequence[str | int]) -> str:
    """A JSON Pointer (RFC 6901) to a place in the input; a name that could be somebody's data is left off."""
    parts: list[str] = []
    for part in location:
        if isinstance(part, str) and not SAFE_NAME.fullmatch(part):
            break
        parts.append(str(part))
    return "".join(f"/{part}" for part in parts)


_CODES: Sequence[tuple[str, str]] = (
    ("missing", "required"),
    ("extra_forbidden", "unknown-field"),
    ("timezone_", "naive-time"),
    ("string_too_long", "too-long"),
    ("too_long", "too-long"),
    ("string_too_short", "too-short"),
    ("too_short", "too-short"),
    ("greater_than", "out-of-range"),
    ("less_than", "out-of-range"),
    ("date_past", "in-future"),
    ("enum", "not-one-of"),
    ("literal_error", "not-one-of"),
    ("union_tag", "not-one-of"),
    ("string_pattern", "wrong-format"),
)


def code_of(pydantic_type: str) -> str:
    """The stable code of a validation error, independent of the library's own names."""
    for prefix, code in _CODES:
        if pydantic_type.startswith(prefix):
            return code
    if pydantic_type.endswith(("_parsing", "_inexact", "_size")):
        return "wrong-format"
    return "wrong-type" if pydantic_type.endswith("_type") else pydantic_type.replace("_", "-")


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """The faults in a pydantic error list; a pointer into the body begins at its root."""
    found: list[Fault] = []
    for error in errors:
        place, *rest = error["loc"] or ("body",)
        location = rest if place == "body" else error["loc"]
        if error["type"] == "json_invalid":
            location = []
        found.append(Fault(pointer_of(location), code_of(error["type"])))
    return list(dict.fromkeys(found))


def render(problem: Problem, language: str, instance: str) -> Response:
    """The response of a problem."""
    body: dict[str, Any] = {
        "type": f"/problems#{problem.kind.code}",
        "title": problem.kind.title(language),
        "status": problem.kind.status,
        "code": problem.kind.code,
        "instance": f"urn:request:{instance}",
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.faults:
        body["errors"] = [{"pointer": fault.pointer, "code": fault.code} for fault in problem.faults]
    body |= problem.facts
    headers = {"content-language": language, "cache-control": "no-store", **problem.headers}
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, problem.kind.status, headers, MEDIA_TYPE)
