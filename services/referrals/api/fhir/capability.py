"""What this server can do, read from its own routes, so that it cannot promise what is not there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import iter_route_contexts

from services.referrals.api.fhir.doors import base_url, fhir_answer, router
from services.referrals.api.fhir.published import PUBLISHED_PARAMETERS
from services.referrals.formats.fhir.codes import CANONICAL
from services.referrals.formats.fhir.directory import DIRECTORY_PARAMETERS, NAMED
from services.referrals.formats.fhir.notification import topic_extensions
from services.referrals.formats.fhir.outside import Resource
from services.referrals.formats.fhir.profiles import PROFILES
from services.referrals.formats.fhir.search_filter import INCLUDES, PARAMETERS, REVERSE_INCLUDES
from shared.access import Anyone
from shared.requests import ClockDep

ForAnyone = Annotated[None, Depends(Anyone())]

BASE = "/referrals/fhir"
PUBLISHED = frozenset({"Questionnaire", "CodeSystem", "ValueSet", "StructureDefinition"})
OPERATIONS: Mapping[str, str] = {
    "$validate": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    "$status": "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status",
    "$events": "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events",
}
SMART = "http://terminology.hl7.org/CodeSystem/restful-security-service"

SHAPES: tuple[tuple[str, str, str], ...] = (
    ("GET", r"/_history", "history-type"),
    ("GET", r"/\{\w+\}/_history/\{\w+\}", "vread"),
    ("GET", r"/\{\w+\}/_history", "history-instance"),
    ("GET", r"/\{\w+(:\w+)?\}", "read"),
    ("GET", r"", "search-type"),
    ("POST", r"/_search", "search-type"),
    ("POST", r"", "create"),
    ("PUT", r"/\{\w+(:\w+)?\}", "update"),
    ("PATCH", r"/\{\w+(:\w+)?\}", "patch"),
    ("DELETE", r"/\{\w+(:\w+)?\}", "delete"),
)
"""Which interaction a method and the rest of a path are, behind the resource type."""


@dataclass(frozen=True)
class Ability:
    """One thing that a route does: an interaction, or an operation, on a type or on the whole server."""

    kind: str
    interaction: str
    operation: str = ""


def abilities(app: FastAPI) -> Iterator[Ability]:
    """What the routes under our base do."""
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path == BASE or path.startswith(f"{BASE}/"):
            for method in sorted(route.methods or ()):
                yield from ability(method, path.removeprefix(BASE))


def ability(method: str, path: str) -> Iterator[Ability]:
    """What one route does; nothing for the two documents that describe the server."""
    if path in ("", "/"):
        yield from (Ability("", each) for each in ("transaction", "batch"))
        return
    kind, _, rest = path.removeprefix("/").partition("/")
    operation = path.rpartition("/")[2]
    if operation.startswith("$"):
        yield Ability(kind if kind[0].isupper() else "", "operation", operation)
    elif kind[0].isupper():
        rest = f"/{rest}" if rest else ""
        yield from (Ability(kind, name) for verb, shape, name in SHAPES if verb == method and re.fullmatch(shape, rest))


def parameters_of(kind: str) -> list[Resource]:
    """The search parameters of a type."""
    if kind in PUBLISHED:
        return [{"name": name, "type": type_} for name, type_ in PUBLISHED_PARAMETERS.items()]
    if kind == "Subscription":
        return [{"name": "status", "type": "token"}, {"name": "criteria", "type": "string"}]
    known = PARAMETERS.get(kind) or DIRECTORY_PARAMETERS.get(kind, {})
    by_name = [{"name": "name", "type": "string"}] if kind in NAMED else []
    return [{"name": name, "type": each.kind.value} for name, each in known.items()] + by_name


def described(kind: str, able: list[Ability]) -> Resource:
    """What can be done with one type."""
    interactions = sorted({each.interaction for each in able if each.interaction != "operation"})
    made: Resource = {"type": kind, "interaction": [{"code": code} for code in interactions]}
    if kind in PROFILES:
        made["supportedProfile"] = [PROFILES[kind]]
    if "read" in interactions and kind in {**PARAMETERS, **DIRECTORY_PARAMETERS}:
        made |= {"versioning": "versioned", "conditionalRead": "not-match"}
    made["readHistory"] = "vread" in interactions
    made["updateCreate"] = False
    if "create" in interactions and kind != "Subscription":
        made["conditionalCreate"] = True
    made["referencePolicy"] = ["literal", "enforced"] if kind in PARAMETERS else []
    made["searchInclude"] = sorted(INCLUDES.get(kind, ()))
    made["searchRevInclude"] = sorted(REVERSE_INCLUDES.get(kind, ()))
    made["searchParam"] = parameters_of(kind) if "search-type" in interactions else []
    made["operation"] = named_operations(able)
    made["extension"] = [each.wire() for each in topic_extensions()] if kind == "Subscription" else []
    return {name: part for name, part in made.items() if part != []}


def named_operations(able: list[Ability]) -> list[Resource]:
    """The operations among the abilities."""
    names = sorted({each.operation for each in able if each.operation})
    return [{"name": name.removeprefix("$"), "definition": OPERATIONS[name]} for name in names]


def statement(request: Request, today: str) -> Resource:
    """The CapabilityStatement of the app that serves this request."""
    able = list(abilities(request.app))
    kinds = sorted({each.kind for each in able if each.kind})
    system = [each for each in able if not each.kind]
    whole = sorted({each.interaction for each in system} - {"operation"})
    rest: Resource = {
        "mode": "server",
        "security": {
            "cors": False,
            "service": [{"coding": [{"system": SMART, "code": "SMART-on-FHIR"}], "text": "OAuth 2.0 bearer tokens"}],
            "description": "Bearer tokens of the trusted issuer; see .well-known/smart-configuration. A caller sees "
            "what it is party to and nothing else.",
        },
        "resource": [described(kind, [each for each in able if each.kind == kind]) for kind in kinds],
        "interaction": [{"code": code} for code in whole],
        "operation": named_operations(system),
    }
    return {
        "resourceType": "CapabilityStatement",
        "id": "relais",
        "url": f"{CANONICAL}/CapabilityStatement/relais",
        "version": "1",
        "name": "RelaisReferrals",
        "title": "Relais referrals",
        "status": "active",
        "date": today,
        "kind": "instance",
        "software": {"name": "Relais"},
        "implementation": {"description": "Referrals of this installation", "url": base_url(request)},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json", "application/fhir+json", "application/merge-patch+json"],
        "rest": [{name: part for name, part in rest.items() if part != []}],
    }


@router.get("/metadata", name="fhir_capabilities")
async def read_capabilities(request: Request, clock: ClockDep, everybody: ForAnyone) -> Response:
    """The CapabilityStatement of this server."""
    return fhir_answer(statement(request, clock.now().date().isoformat()))
