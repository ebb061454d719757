"""The directory over FHIR: real resources, strict search, and what changed since a moment (IHE mCSD 4.0.1)."""

from typing import Any

import httpx

from services.referrals.formats.fhir.elements import parse
from services.referrals.formats.fhir.resources.directory import Endpoint, HealthcareService, Location
from services.referrals.formats.fhir.resources.people import Organization, PractitionerRole
from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import LIEGE, ORGANISATIONS, SPA, offered, send
from tests.referrals.directory.test_organisations import CENTRE, WHOLE

FHIR = "/referrals/fhir"
MODELS: dict[str, Any] = {
    "Organization": Organization,
    "HealthcareService": HealthcareService,
    "Location": Location,
    "PractitionerRole": PractitionerRole,
    "Endpoint": Endpoint,
}


async def asked(referrals: UnderTest, path: str, persona: str = "hospital-chu") -> httpx.Response:
    """One question over FHIR."""
    async with referrals.client(persona) as client:
        return await client.get(path if path.startswith("http") else f"{FHIR}/{path}")


async def ids(referrals: UnderTest, path: str) -> list[str]:
    """The ids in every page of an answer, each resource checked against its model."""
    found: list[str] = []
    following: str | None = path
    while following:
        answer = await asked(referrals, following)
        assert answer.status_code == 200, answer.text
        bundle = answer.json()
        for entry in bundle.get("entry", []):
            parse(MODELS[entry["resource"]["resourceType"]], entry["resource"])
            found.append(entry["resource"]["id"])
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        following = links.get("next")
    return found


async def test_an_organisation_is_an_organization_a_site_a_service_desk_and_its_doors(referrals: UnderTest) -> None:
    body = {**WHOLE, "programmes": []}
    assert (await send(referrals, "operator", "PUT", CENTRE, body)).status_code == 200
    answer = await asked(referrals, "Organization/centre")
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    organization = answer.json()
    numbers = {each["system"].rpartition("/")[2]: each["value"] for each in organization["identifier"]}
    assert numbers == {"organisation": "centre", "cbe": "0403019261", "nihdi-organization": "71000436000"}
    assert organization["type"][0]["coding"][0]["code"] == "coordination-centre"
    assert [each["reference"] for each in organization["endpoint"]] == ["Endpoint/centre", "Endpoint/centre.mail"]
    endpoint = (await asked(referrals, "Endpoint/centre")).json()
    assert (endpoint["address"], endpoint["status"]) == ("https://fhir.centre.example/r4", "active")
    assert (await asked(referrals, "Endpoint/centre.mail")).json()["address"] == "mailto:accueil@centre.example"
    assert (await asked(referrals, "Location/centre")).json()["address"]["postalCode"] == "4000"
    desk = (await asked(referrals, "PractitionerRole/centre")).json()
    assert (desk["code"][0]["coding"][0]["code"], "practitioner" in desk) == ("service-desk", False)
    assert await ids(referrals, "PractitionerRole") == ["centre"]
    assert await ids(referrals, "Endpoint?organization=Organization/centre&_count=1") == ["centre", "centre.mail"]
    for kind, missing in (("Organization", "nobody"), ("Endpoint", "chu"), ("HealthcareService", "centre")):
        unknown = await asked(referrals, f"{kind}/{missing}")
        assert (unknown.status_code, unknown.json()["resourceType"]) == (404, "OperationOutcome")


async def test_a_service_is_found_by_its_need_its_area_and_its_organisation(referrals: UnderTest) -> None:
    here = (await offered(referrals, "here", "available")).rpartition("/")[2]
    there = (await offered(referrals, "there", communes=[SPA], organisation="chu")).rpartition("/")[2]
    wide = (await offered(referrals, "wide", communes=[], whole_region=True, active=False)).rpartition("/")[2]
    service = (await asked(referrals, f"HealthcareService/{here}")).json()
    assert service["characteristic"][0]["coding"][0]["code"] == "available"
    assert service["coverageArea"][0] == {"reference": f"Location/nis-{LIEGE}"}
    assert service["communication"][1]["coding"][0]["code"] == "fr-BE"
    place = (await asked(referrals, service["coverageArea"][0]["reference"])).json()
    assert (place["name"], place["physicalType"]["coding"][0]["code"]) == ("Liège", "jdn")
    queries = {
        "": [here, there, wide],
        "?service-type=housework": [here, there, wide],
        "?service-type=transport": [],
        f"?coverage-area=Location/nis-{SPA}": [there],
        "?coverage-area=Location/region": [wide],
        "?organization=Organization/chu": [there],
        "?active=true": [here, there],
        f"?_id={here},{wide}&_count=1": [here, wide],
        "?identifier=centre/here": [here],
        "?name=aide%20menag&active=false": [wide],
        "?name:exact=aide": [],
        "?characteristic=available": [here],
    }
    for query, expected in queries.items():
        assert await ids(referrals, f"HealthcareService{query}") == expected, query
    async with referrals.client("partner-centre") as client:
        posted = await client.post(f"{FHIR}/HealthcareService/_search", data={"organization": "chu"})
    assert [entry["resource"]["id"] for entry in posted.json()["entry"]] == [there]


async def test_organisations_and_places_are_found_by_name_number_and_kind(referrals: UnderTest) -> None:
    assert await ids(referrals, "Organization?name=CHU") == ["chu"]
    assert await ids(referrals, "Organization?name:contains=ospital") == ["hospital-other"]
    assert await ids(referrals, "Organization?type=hospital") == ["chu", "hospital-other"]
    assert await ids(referrals, "Organization?identifier=relais") == ["relais"]
    assert await ids(referrals, "Location?name=liege") == [f"nis-{LIEGE}"]
    assert await ids(referrals, f"Location?identifier={LIEGE}") == [f"nis-{LIEGE}"]
    assert await ids(referrals, "Location?_id=region,chu&_sort=-_lastUpdated") == ["chu", "region"]
    every = await ids(referrals, "Location?_count=200")
    assert len(every) == len(set(every)) > 589 + 4


async def test_a_copy_learns_what_changed_and_what_has_ended(referrals: UnderTest) -> None:
    path = await offered(referrals, "ends")
    referrals.clock.move(minutes=5)
    since = referrals.clock.now().isoformat().replace("+00:00", "Z")
    assert (await asked(referrals, f"HealthcareService/_history?_since={since}")).json().get("entry") is None
    service = (await send(referrals, "operator", "GET", path)).json()
    fields = ("name", "mission", "domains", "communes", "languages", "cost")
    ended = {**{name: service[name] for name in fields}, "active": False}
    assert (await send(referrals, "operator", "PUT", path, ended, '"1"')).status_code == 200
    await send(referrals, "operator", "PUT", f"{ORGANISATIONS}/new", {"name": "New", "kind": "other"})
    history = (await asked(referrals, f"HealthcareService/_history?_since={since}")).json()
    assert history["type"] == "history"
    [entry] = history["entry"]
    assert (entry["resource"]["active"], entry["request"]["method"], entry["response"]["etag"]) == (
        False,
        "PUT",
        'W/"2"',
    )
    [born] = (await asked(referrals, f"Organization/_history?_since={since}")).json()["entry"]
    assert (born["resource"]["id"], born["request"]["method"], born["response"]["status"]) == ("new", "POST", "201")
    assert (await ids(referrals, "Organization/_history?_count=2"))[0] == "new"
    assert len(await ids(referrals, "Organization/_history?_count=2")) == 5


UNKNOWN: list[str] = [
    "HealthcareService?colour=red",
    "Organization/_history?_since=yesterday",
    "Organization/_history?_at=2026-01-01",
    "Location?near=50,5",
    "PractitionerRole?practitioner=1",
    "Organization?active=",
]


async def test_an_unknown_parameter_is_an_error_and_never_ignored(referrals: UnderTest) -> None:
    for path in UNKNOWN:
        answer = await asked(referrals, path)
        assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome"), path


async def test_the_capability_statement_promises_the_directory_and_its_searches(referrals: UnderTest) -> None:
    resources = {each["type"]: each for each in (await asked(referrals, "metadata")).json()["rest"][0]["resource"]}
    for kind in MODELS:
        codes = {each["code"] for each in resources[kind]["interaction"]}
        assert {"read", "search-type", "history-type"} <= codes, kind
    searches = {each["name"] for each in resources["HealthcareService"]["searchParam"]}
    assert {"_id", "_lastUpdated", "service-type", "coverage-area", "name"} <= searches


async def test_who_is_no_party_of_the_network_reads_nothing(referrals: UnderTest) -> None:
    assert (await asked(referrals, "Organization", "analyst")).status_code == 403
    async with referrals.client() as nobody:
        assert (await nobody.get(f"{FHIR}/Organization")).status_code == 401
