"""What the FHIR routes share: their router, strict reading, answers, and errors as OperationOutcome."""

import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from services.referrals.formats.fhir.elements import Resource
from services.referrals.formats.fhir.outcome import BadRequest, fault_issues, outcome, problem_issue
from shared.errors import Fault
from shared.problems import UNSUPPORTED, Kind, Problem, language_of, pointer_of
from shared.requests import FreeQueryRoute, StrictRequest

FHIR_JSON = "application/fhir+json; charset=utf-8"
JSON_MEDIA = frozenset({"application/fhir+json", "application/json", "text/json", "application/json+fhir", "json"})
ANY_MEDIA = frozenset({"*/*", "application/*", ""})
PATCH_MEDIA = JSON_MEDIA | {"application/json-patch+json", "application/merge-patch+json"}
NOT_ACCEPTABLE = Kind(
    406,
    "only-json",
    {
        "fr": "Seul JSON est disponible",
        "nl": "Alleen JSON is beschikbaar",
        "de": "Nur JSON ist verfügbar",
        "en": "Only JSON is available",
    },
)
GENERAL_PARAMETERS = frozenset({"_format", "_pretty"})
"""Query parameters that any FHIR request may carry, and that change nothing for us."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class FhirRoute(FreeQueryRoute):
    """A route that speaks FHIR JSON only; it reads its query itself."""

    def get_route_handler(self) -> Handler:
        """The kernel's handler, after a look at what the client can read."""
        handle = super().get_route_handler()

        async def speak(request: Request) -> Response:
            refuse_other_formats(request)
            return await handle(request)

        return speak


router = APIRouter(prefix="/fhir", route_class=FhirRoute, tags=["fhir"])
"""Included under the service's prefix by `api/__init__.py`, after all modules have named their routes."""


def refuse_other_formats(request: Request) -> None:
    """406 for a client that reads no JSON. Where JSON and others rank equal, JSON it is."""
    accepted = request.headers.get("accept", "*/*")
    asked = request.query_params.get("_format")
    kinds = (
        [asked] if asked else [part for part in accepted.split(",") if "q=0" not in part.replace(" ", "").split(";")]
    )
    if not any(kind.partition(";")[0].strip().lower() in JSON_MEDIA | ANY_MEDIA for kind in kinds):
        raise Problem(NOT_ACCEPTABLE)


async def fhir_body(request: Request, media: frozenset[str] = JSON_MEDIA) -> Any:
    """The body as JSON, strictly: 415 for another media type, 400 for what is no JSON."""
    given = request.headers.get("content-type", "application/fhir+json").partition(";")[0].strip().lower()
    if given not in media:
        raise Problem(UNSUPPORTED)
    strict = request if isinstance(request, StrictRequest) else StrictRequest(request.scope, request.receive)
    return await strict.json()


def fhir_answer(
    resource: Resource | Mapping[str, Any] | None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer in FHIR JSON; without a resource, without a body."""
    written = resource.wire() if isinstance(resource, Resource) else resource
    content = b"" if written is None else json_bytes(written)
    return Response(content, status, dict(headers or {}), FHIR_JSON)


def json_bytes(value: Any) -> bytes:
    """JSON as we write it: UTF-8, no white space, keys in their order. Equal values give equal bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def refuse_parameters(request: Request, *known: str) -> None:
    """400 for a query parameter that means nothing here."""
    unknown = [name for name in request.query_params if name not in GENERAL_PARAMETERS and name not in known]
    if unknown:
        raise BadRequest(faults=[Fault(pointer_of(("query", name)), "unknown-parameter") for name in unknown])


def version_headers(version: int, at: datetime) -> dict[str, str]:
    """ETag and Last-Modified of a resource."""
    return {"etag": f'W/"{version}"', "last-modified": format_datetime(at.astimezone(UTC), usegmt=True)}


def instant(at: datetime) -> str:
    """A moment as a FHIR instant, to the millisecond, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def prefers(request: Request) -> str:
    """What the client wants to get back: `minimal`, `representation`, `OperationOutcome`, or empty (RFC 7240)."""
    for part in request.headers.get("prefer", "").replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "return" and value.strip('"') in ("minimal", "representation", "OperationOutcome"):
            return value.strip('"')
    return ""


def language_in(request: Request) -> str:
    """The best of our languages for this client."""
    return language_of(request.headers.get("accept-language", ""))


def base_url(request: Request) -> str:
    """Our own base as the caller reached it."""
    return f"{str(request.base_url).rstrip('/')}/referrals/fhir"


def fhir_problem(problem: Problem, language: str, request_number: str) -> Response:
    """Any error under our base as one OperationOutcome; registered as the dialect of `/referrals/fhir`."""
    kind = problem.kind
    issues = fault_issues(problem.faults, kind.status, language)
    if not issues:
        title = kind.title(language)
        issues = [problem_issue(kind.status, kind.code, title, told(problem.facts))]
    body = {**outcome(issues).wire(), "id": request_number}
    headers = {"content-language": language, "cache-control": "no-store", **problem.headers}
    return Response(json_bytes(body), kind.status, headers, FHIR_JSON)


def told(facts: Mapping[str, Any]) -> str:
    """Machine-readable hints in words, such as `state=accepted; allowed=cancelled,redirected`."""
    return "; ".join(
        f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}" for name, value in facts.items()
    )
