"""How these tests talk FHIR: every answer is read by our own strict models."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.referrals.formats.fhir import resources
from services.referrals.formats.fhir.elements import parse
from shared.testing.harness import UnderTest
from tests.referrals.pushes import fresh, id_of, push

FHIR = "/referrals/fhir"
REFUSAL = "https://relais.example/fhir/CodeSystem/business-status"
ORGANISATION = "https://relais.example/fhir/NamingSystem/organisation"


def checked(answer: httpx.Response) -> dict[str, Any]:
    """The resource of an answer, after our own models have read it and all that is in it."""
    found: dict[str, Any] = answer.json()
    check(found)
    return found


def check(resource: Mapping[str, Any]) -> None:
    """Read a resource by its model; a Bundle's entries too."""
    parse(getattr(resources, resource["resourceType"]), resource)
    for entry in resource.get("entry", ()):
        check(entry["resource"])


async def referred(referrals: UnderTest, **fields: Any) -> str:
    """A new referral of the first hospital; its id."""
    return str(id_of(await push(referrals, fresh(**fields))))


async def get(referrals: UnderTest, place: str, persona: str = "hospital-chu", **headers: str) -> httpx.Response:
    """GET under the FHIR base."""
    async with referrals.client(persona) as client:
        return await client.get(f"{FHIR}/{place}", headers=headers)


async def patch(
    referrals: UnderTest, persona: str, resource_id: str, body: Any, media: str = "application/json", **headers: str
) -> httpx.Response:
    """PATCH a Task."""
    async with referrals.client(persona) as client:
        content = json.dumps(body).encode()
        return await client.patch(
            f"{FHIR}/Task/{resource_id}", content=content, headers={"content-type": media, **headers}
        )


async def put(
    referrals: UnderTest, persona: str, resource: Mapping[str, Any], etag: str | None = "now"
) -> httpx.Response:
    """PUT a resource in the version it says, or under another If-Match, or under none."""
    version = f'W/"{resource["meta"]["versionId"]}"' if etag == "now" else etag
    headers = {"if-match": version} if version else {}
    async with referrals.client(persona) as client:
        return await client.put(
            f"{FHIR}/{resource['resourceType']}/{resource['id']}", json=dict(resource), headers=headers
        )


async def task(referrals: UnderTest, resource_id: str, persona: str = "hospital-chu") -> dict[str, Any]:
    """A Task as it stands."""
    return checked(await get(referrals, f"Task/{resource_id}", persona))


def merge(status: str, step: str | None = None, code: str | None = None, text: str | None = None) -> dict[str, Any]:
    """A merge body that asks for a state."""
    body: dict[str, Any] = {"status": status}
    if step:
        body["businessStatus"] = {"coding": [{"system": REFUSAL, "code": step}]}
    if code or text:
        reason: dict[str, Any] = {"coding": [{"system": REFUSAL, "code": code}]} if code else {}
        body["statusReason"] = {**reason, **({"text": text} if text else {})}
    return body


async def staff_patch(referrals: UnderTest, persona: str, resource_id: str, body: Any) -> httpx.Response:
    """PATCH as staff do: in the version that is there now."""
    seen = await get(referrals, f"Task/{resource_id}", "coordinator")
    return await patch(referrals, persona, resource_id, body, **{"if-match": seen.headers["etag"]})


CASE = {"origin_kind": "referral"}


async def open_case(referrals: UnderTest, resource_id: str) -> UUID:
    """Let cases open the case of a referral that is accepted."""
    case = uuid4()
    data = {"case_id": case, "origin_kind": "referral", "origin_id": resource_id, "person_id": None}
    await referrals.deliver("cases.case-opened.v1", case, data)
    return case


async def care_for(referrals: UnderTest, case: UUID) -> None:
    """Let the case go on: assigned, visited, planned."""
    events: list[tuple[str, dict[str, Any]]] = [
        ("cases.case-assigned.v1", {"discipline": "nurse", "organisation": "relais"}),
        ("cases.care-started.v1", {}),
        ("cases.plan-agreed.v1", {"plan_version": 2, "items": [{"domain": "housework"}, {"domain": "finances"}]}),
    ]
    for name, data in events:
        await referrals.deliver(name, case, {"case_id": case, **data})


def codes_of(outcome: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The (expression, code) pairs of an OperationOutcome."""
    return {
        (",".join(issue.get("expression", [])), issue["details"]["coding"][0]["code"]) for issue in outcome["issue"]
    }
