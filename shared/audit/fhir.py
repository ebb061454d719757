"""A record as a FHIR R4 AuditEvent in the shape of IHE BALP (Basic Audit Log Patterns 1.1)."""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.audit.entry import SEARCHES
from shared.audit.purposes import purposes
from shared.audit.record import Outcome

MEDIA_TYPE = "application/fhir+json"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
BALP = "https://profiles.ihe.net/ITI/BALP"
MACHINE = "1"
"""The network type of a name (http://hl7.org/fhir/network-type): network numbers are not kept."""


class Interaction(StrEnum):
    """What was done, as http://hl7.org/fhir/restful-interaction names it."""

    READ = "read"
    VREAD = "vread"
    SEARCH = "search"
    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"

    @classmethod
    def of(cls, method: str, route: str) -> "Interaction":
        """The interaction of a method on a route: a step on a record is an update of it, a list is a search."""
        if method == "POST":
            return cls.SEARCH if route.endswith(SEARCHES) else cls.UPDATE if "{" in route else cls.CREATE
        if method in ("GET", "HEAD"):
            return cls.VREAD if "/_history/{" in route else cls.READ if "{" in route else cls.SEARCH
        return {"PUT": cls.UPDATE, "PATCH": cls.PATCH, "DELETE": cls.DELETE}.get(method, cls.UPDATE)


_SOURCE, _DESTINATION = (DICOM, "110153"), (DICOM, "110152")
_AUTHOR, _RECIPIENT = (f"{TERMINOLOGY}/v3-ParticipationType", "AUT"), (f"{TERMINOLOGY}/v3-ParticipationType", "IRCP")
_DELETED = (DICOM, "110150"), (f"{TERMINOLOGY}/provenance-participant-type", "custodian"), _AUTHOR

Kind = tuple[str, str]
PATTERNS: Mapping[Interaction, tuple[str, str, tuple[Kind, Kind, Kind]]] = {
    Interaction.READ: ("R", "Read", (_DESTINATION, _SOURCE, _RECIPIENT)),
    Interaction.VREAD: ("R", "Read", (_DESTINATION, _SOURCE, _RECIPIENT)),
    Interaction.SEARCH: ("E", "Query", (_SOURCE, _DESTINATION, _RECIPIENT)),
    Interaction.CREATE: ("C", "Create", (_SOURCE, _DESTINATION, _AUTHOR)),
    Interaction.UPDATE: ("U", "Update", (_SOURCE, _DESTINATION, _AUTHOR)),
    Interaction.PATCH: ("U", "Update", (_SOURCE, _DESTINATION, _AUTHOR)),
    Interaction.DELETE: ("D", "Delete", _DELETED),
}
"""The action code, the name of the pattern, and the kinds of client, server and user in it."""
OUTCOMES = {Outcome.SUCCESS: "0", Outcome.REFUSED: "4", Outcome.FAILED: "8"}


def audit_event(service: str, record: Mapping[str, Any], about: Sequence[UUID], subject_kind: str) -> dict[str, Any]:
    """The AuditEvent of a record; `about` are the subjects among its entities, and `subject_kind` their FHIR type.

    Only a success claims a pattern's profile: BALP has none for refusals.
    """
    interaction = Interaction.of(record["method"], record["route"])
    action, pattern, kinds = PATTERNS[interaction]
    whose = subject_kind if len(about) == 1 else ""
    profile = {"profile": [f"{BALP}/StructureDefinition/IHE.BasicAudit.{whose}{pattern}"]}
    return {
        "resourceType": "AuditEvent",
        "id": str(record["id"]),
        **({"meta": profile} if record["outcome"] == Outcome.SUCCESS else {}),
        "type": {"system": f"{TERMINOLOGY}/audit-event-type", "code": "rest", "display": "RESTful Operation"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": str(interaction)}],
        "action": action,
        "recorded": record["at"].astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "outcome": OUTCOMES[Outcome(record["outcome"])],
        "outcomeDesc": f"{record['status']} {record['action']}".strip(),
        "purposeOfEvent": [_purpose(record)],
        "agent": _agents(service, record, kinds),
        "source": {
            "site": service,
            "observer": {"identifier": {"value": service}},
            "type": [{"system": f"{TERMINOLOGY}/security-source-type", "code": "4"}],
        },
        "entity": _entities(record, about, subject_kind, interaction),
    }


def _agents(service: str, record: Mapping[str, Any], kinds: tuple[Kind, Kind, Kind]) -> list[dict[str, Any]]:
    client, server, user = kinds
    agents = [_machine(client, record["client"] or "unknown"), _machine(server, service)]
    if record["subject"]:
        who: dict[str, Any] = {"identifier": {"value": record["subject"]}}
        roles = [{"text": role} for role in record["roles"]]
        told = {"role": roles} if roles else {}
        agents.append(
            {"type": _coded(*user), **told, "who": who, "requestor": True, "purposeOfUse": [_purpose(record)]}
        )
    return agents


def _machine(kind: Kind, name: str) -> dict[str, Any]:
    network = {"address": name, "type": MACHINE}
    return {"type": _coded(*kind), "who": {"identifier": {"value": name}}, "requestor": False, "network": network}


def _purpose(record: Mapping[str, Any]) -> dict[str, Any]:
    return _coded(purposes().system, record["purpose"])


def _entities(
    record: Mapping[str, Any], about: Sequence[UUID], subject_kind: str, interaction: Interaction
) -> list[dict[str, Any]]:
    number = {"identifier": {"value": record["request_id"]}}
    found = [{"what": number, "type": {"system": f"{BALP}/CodeSystem/BasicAuditEntityType", "code": "XrequestId"}}]
    for each in about:
        what = {"reference": f"{subject_kind}/{each}"}
        found.append({"what": what, "type": _entity("1"), "role": _role("1")})
    others = [each for each in record["entities"] if each not in about]
    if interaction is Interaction.SEARCH:
        found.append({"type": _entity("2"), "role": _role("24"), "query": _query(record)})
        # A pattern knows one system object, here the query: what it found stands beside it as another kind.
        return [*found, *([_data(others, "4", record)] if others else [])]
    return [*found, _data(others, "2", record)]


def _data(ids: Sequence[UUID], kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    first, *rest = [f"urn:uuid:{each}" for each in ids] or [""]
    named = {"system": "urn:ietf:rfc:3986", "value": first}
    what = {"identifier": named} if first else {"display": record["route"]}
    more = {"detail": [{"type": "id", "valueString": each} for each in rest]} if rest else {}
    return {"what": what, "type": _entity(kind), "role": _role("4"), **more}


def _query(record: Mapping[str, Any]) -> str:
    """What was searched for, as far as it is kept: the route and a fingerprint of the terms, never the terms."""
    terms = f" hmac-sha256:{record['terms'].hex()}" if record["terms"] else ""
    return base64.b64encode(f"{record['method']} {record['route']}{terms}".encode()).decode()


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _entity(code: str) -> dict[str, str]:
    return {"system": f"{TERMINOLOGY}/audit-entity-type", "code": code}


def _role(code: str) -> dict[str, str]:
    return {"system": f"{TERMINOLOGY}/object-role", "code": code}
