"""The directory as R4 resources, in the shape of IHE mCSD 4.0.1: organisations, services, places, functions, doors.

Ids: an organisation's code for its Organization, its site (Location), its service desk (PractitionerRole) and its FHIR
server (Endpoint, with `.mail` for the one of its e-mail notices); a service's uuid; `nis-<code>`, `postal-<code>` and
`region` for the areas that services cover. No private person is in it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from services.referrals.domain.care_service import CareService, Channel, CostKind
from services.referrals.domain.municipality import Municipalities, Municipality, folded
from services.referrals.domain.organisation import Organisation
from services.referrals.formats.fhir import codes
from services.referrals.formats.fhir.codes import HL7
from services.referrals.formats.fhir.outbound_person import address, language
from services.referrals.formats.fhir.outside import Resource, concept, filled, instant, organisation
from services.referrals.formats.fhir.search_filter import (
    Parameter,
    moment_fits,
    reference_fits,
    token_fits,
    values_at,
)
from services.referrals.formats.fhir.search_parameters import Kind, Search

SERVICE_NUMBER = f"{codes.CANONICAL}/NamingSystem/care-service"
NIS = f"{codes.CANONICAL}/NamingSystem/nis-code"
PROGRAMME = f"{codes.CANONICAL}/NamingSystem/programme"
VERIFIED_ON = f"{codes.CANONICAL}/StructureDefinition/verified-on"
"""Extension: the day on which somebody last checked the entry, `valueDate`."""
COSTS = {CostKind.FREE: "free", CostKind.CO_PAYMENT: "cost", CostKind.PAID: "cost"}
REGION = "region"


def organizations(known: Organisation, version: int) -> Iterator[Resource]:
    """The organisation itself."""
    about = known.about
    numbers = ((codes.ORGANISATION, known.code), (codes.CBE, about.cbe), (codes.NIHDI_ORGANIZATION, about.nihdi))
    yield filled(
        **start("Organization", known.code, version, known.updated_at),
        extension=verified(known),
        identifier=[{"system": system, "value": value} for system, value in numbers if value],
        active=known.active,
        type=[concept(codes.ORGANISATION_KIND, known.kind.value)],
        name=known.name,
        telecom=telecom(known),
        address=[address(about.address)] if about.address else None,
        endpoint=[{"reference": f"Endpoint/{each['id']}"} for each in endpoints(known, version)],
    )


def sites(known: Organisation, version: int) -> Iterator[Resource]:
    """Where the organisation is found."""
    yield filled(
        **start("Location", known.code, version, known.updated_at),
        status="active" if known.active else "inactive",
        name=known.name,
        mode="instance",
        telecom=telecom(known),
        address=address(known.about.address) if known.about.address else None,
        physicalType=concept(f"{HL7}/location-physical-type", "si"),
        managingOrganization=organisation(known.code),
    )


def functions(known: Organisation, version: int) -> Iterator[Resource]:
    """The organisation's service desk: a function, whoever holds it."""
    if known.about.email or known.about.phone:
        yield filled(
            **start("PractitionerRole", known.code, version, known.updated_at),
            active=known.active,
            organization=organisation(known.code),
            code=[concept(codes.FUNCTION, "service-desk")],
            location=[{"reference": f"Location/{known.code}"}],
            telecom=telecom(known),
        )


def endpoints(known: Organisation, version: int) -> Iterator[Resource]:
    """The doors by which it can be told something: its FHIR server, and the address of e-mail notices."""
    about = known.about
    doors = (
        (known.code, "hl7-fhir-rest", about.endpoint, Channel.FHIR_REST_HOOK),
        (f"{known.code}.mail", None, about.email and f"mailto:{about.email}", Channel.EMAIL_NOTICE),
    )
    for door, connection, place, channel in doors:
        if not place or (connection is None and about.channel is not channel):
            continue
        kind = {"system": f"{HL7}/endpoint-connection-type", "code": connection} if connection else MAIL_NOTICE
        yield filled(
            **start("Endpoint", door, version, known.updated_at),
            status="active" if known.active else "off",
            connectionType=kind,
            managingOrganization=organisation(known.code),
            payloadType=[concept(f"{HL7}/endpoint-payload-type", "any")],
            payloadMimeType=["application/fhir+json"] if connection else ["text/plain"],
            address=place,
        )


MAIL_NOTICE: Resource = {"system": codes.CHANNEL, "code": Channel.EMAIL_NOTICE.value}


def healthcare_services(known: CareService, version: int) -> Iterator[Resource]:
    """A service. `coverageArea` holds what it names: municipalities, postal codes, or the whole region."""
    areas = [f"nis-{code}" for code in known.communes] + [f"postal-{code}" for code in known.postal_codes]
    yield filled(
        **start("HealthcareService", str(known.id), version, known.updated_at),
        extension=verified(known),
        identifier=[{"system": SERVICE_NUMBER, "value": f"{known.organisation}/{known.code}"}],
        active=known.active,
        providedBy=organisation(known.organisation),
        type=[concept(codes.CARD, domain) for domain in known.domains],
        location=[{"reference": f"Location/{known.organisation}"}],
        name=known.name,
        extraDetails=known.mission,
        coverageArea=[{"reference": f"Location/{area}"} for area in ([REGION] if known.whole_region else areas)],
        serviceProvisionCode=provision(known),
        program=[concept(PROGRAMME, known.programme)] if known.programme else None,
        characteristic=[concept(codes.CAPACITY, known.capacity.value)] if known.capacity else None,
        communication=[language(each) for each in known.languages],
        referralMethod=[concept(codes.CHANNEL, known.channel.value)] if known.channel else None,
    )


def areas(listed: Municipalities) -> Iterator[Resource]:
    """What can be covered: every municipality, every postal code, and the region as a whole."""
    at = since(listed)
    for each in listed.by_code.values():
        yield area(f"nis-{each.nis_code}", at, each.name, NIS, each.nis_code) | {"address": of_municipality(each)}
    for code in listed.by_postal_code:
        yield area(f"postal-{code}", at, code) | {"address": {"postalCode": code, "country": "BE"}}
    yield area(REGION, at, "Région desservie")


def area(area_id: str, at: datetime, name: str, system: str | None = None, value: str | None = None) -> Resource:
    """An area without its address."""
    return filled(
        **start("Location", area_id, 1, at),
        identifier=[{"system": system, "value": value}] if system else None,
        status="active",
        name=name,
        mode="instance",
        physicalType=concept(f"{HL7}/location-physical-type", "jdn"),
    )


def of_municipality(each: Municipality) -> Resource:
    """Where a municipality lies. Its postal codes are areas of their own: neither follows from the other."""
    return {"city": each.name, "district": each.arrondissement, "state": each.province, "country": "BE"}


def since(listed: Municipalities) -> datetime:
    """Since when the areas are so: the year that the list is of."""
    year = listed.edition[:4]
    return datetime(int(year) if year.isdigit() and int(year) > 1900 else 2000, 1, 1, tzinfo=UTC)


def start(kind: str, resource_id: str, version: int, at: datetime) -> Resource:
    """The beginning of a resource."""
    return {
        "resourceType": kind,
        "id": resource_id,
        "meta": {"versionId": str(version), "lastUpdated": instant(at.astimezone(UTC))},
    }


def verified(known: Organisation | CareService) -> list[Resource]:
    """When somebody last checked it, if anybody did."""
    return [{"url": VERIFIED_ON, "valueDate": known.verified_on.isoformat()}] if known.verified_on else []


def telecom(known: Organisation) -> list[Resource]:
    """How its service desk is reached."""
    about = known.about
    found = (("phone", about.phone), ("email", about.email), ("url", about.website))
    return [{"system": system, "value": value, "use": "work"} for system, value in found if value]


def provision(known: CareService) -> list[Resource]:
    """What it costs."""
    if known.cost is None:
        return []
    return [concept(f"{HL7}/service-provision-conditions", COSTS[known.cost.kind], known.cost.note)]


OF_ORGANISATION: Mapping[str, Callable[[Organisation, int], Iterator[Resource]]] = {
    "Organization": organizations,
    "Location": sites,
    "PractitionerRole": functions,
    "Endpoint": endpoints,
}
"""The types that an organisation gives; `HealthcareService` is a service's, and areas are Locations too."""

_COMMON = {"_id": Parameter(Kind.TOKEN, "id"), "_lastUpdated": Parameter(Kind.DATE, "meta.lastUpdated")}
_ACTIVE = {"active": Parameter(Kind.TOKEN, "active")}
_STATUS = {"status": Parameter(Kind.TOKEN, "status")}
_NUMBER = {"identifier": Parameter(Kind.TOKEN, "identifier")}

DIRECTORY_PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "Organization": {
        **_COMMON,
        **_NUMBER,
        **_ACTIVE,
        "type": Parameter(Kind.TOKEN, "type"),
        "endpoint": Parameter(Kind.REFERENCE, "endpoint"),
    },
    "HealthcareService": {
        **_COMMON,
        **_NUMBER,
        **_ACTIVE,
        "service-type": Parameter(Kind.TOKEN, "type"),
        "organization": Parameter(Kind.REFERENCE, "providedBy"),
        "coverage-area": Parameter(Kind.REFERENCE, "coverageArea"),
        "location": Parameter(Kind.REFERENCE, "location"),
        "program": Parameter(Kind.TOKEN, "program"),
        "characteristic": Parameter(Kind.TOKEN, "characteristic"),
    },
    "Location": {
        **_COMMON,
        **_NUMBER,
        **_STATUS,
        "organization": Parameter(Kind.REFERENCE, "managingOrganization"),
    },
    "PractitionerRole": {
        **_COMMON,
        **_ACTIVE,
        "role": Parameter(Kind.TOKEN, "code"),
        "organization": Parameter(Kind.REFERENCE, "organization"),
        "location": Parameter(Kind.REFERENCE, "location"),
    },
    "Endpoint": {
        **_COMMON,
        **_STATUS,
        "organization": Parameter(Kind.REFERENCE, "managingOrganization"),
        "connection-type": Parameter(Kind.TOKEN, "connectionType"),
    },
}
"""What can be searched for, beside `name` where a type has one. Everything else is a 400."""

NAMED = frozenset({"Organization", "HealthcareService", "Location"})
"""The types that are also searched by `name`: its beginning, or with `:contains` and `:exact`."""


def directory_fits(resource: Resource, search: Search, names: list[tuple[str, str]]) -> bool:
    """Whether a resource is what a search means: every parameter, any of its alternatives."""
    known = DIRECTORY_PARAMETERS[resource["resourceType"]]
    by_token = all(
        any(token_fits(written(value), one) for value in values_at(resource, known[name].path) for one in some)
        for name, asked in search.tokens.items()
        for some in asked
    )
    by_reference = all(
        any(reference_fits(value, one) for value in values_at(resource, known[name].path) for one in some)
        for name, wanted in search.references.items()
        for some in wanted
    )
    moments = search.spans.get("_lastUpdated", [])
    in_time = all(moment_fits(resource["meta"]["lastUpdated"], span) for span in moments)
    return by_token and by_reference and in_time and all(name_fits(resource.get("name", ""), *each) for each in names)


def written(value: object) -> object:
    """A value as a token has it: true and false are codes."""
    return str(value).lower() if isinstance(value, bool) else value


def name_fits(name: str, parameter: str, asked: str) -> bool:
    """Whether a name is meant: its beginning, a part of it, or exactly it; accents count only for `:exact`."""
    _, _, modifier = parameter.partition(":")
    if modifier == "exact":
        return name == asked
    return folded(asked) in folded(name) if modifier == "contains" else folded(name).startswith(folded(asked))
