"""Reading one resource, now or as it was; what is unknown and what is not yours get the same answer."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.referrals.api.fhir.doors import base_url, fhir_answer, router, version_headers
from services.referrals.api.fhir.partner import Partner, PartnerDep, part
from services.referrals.api.fhir.views import MayReadTask, Views, ViewsDep
from services.referrals.formats.fhir.outbound import SHOWN, find
from services.referrals.formats.fhir.outside import Outside, Resource
from shared.access import May
from shared.auth import Caller
from shared.errors import NotFound

Reader = Callable[..., Coroutine[Any, Any, Response]]


def found(outside: Outside, kind: str, resource_id: str) -> Resource:
    """One resource; NotFound where the referral does not show it."""
    resource = find(outside, kind, resource_id)
    if resource is None:
        raise NotFound
    return resource


def headers_of(resource: Resource) -> dict[str, str]:
    """ETag and Last-Modified of a resource."""
    meta = resource["meta"]
    return version_headers(int(meta["versionId"]), datetime.fromisoformat(meta["lastUpdated"]))


def answer_unless_seen(request: Request, resource: Resource) -> Response:
    """The resource, or 304 for a client that has this version (If-None-Match)."""
    headers = headers_of(resource)
    seen = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["etag"].removeprefix("W/") in seen or seen == ["*"]:
        return Response(status_code=304, headers=headers)
    return fhir_answer(resource, 200, headers)


def reader(kind: str) -> Reader:
    """The route that reads one type."""

    async def read(
        resource_id: str,
        request: Request,
        views: ViewsDep,
        partner: PartnerDep,
        caller: Annotated[Caller, Depends(May("fhir:read", f"{kind}.r"))],
    ) -> Response:
        """Read one resource of a referral that you are party to."""
        if addressed := await partner.find(resource_id, caller):
            return answer_unless_seen(request, part(addressed, kind, resource_id))
        return answer_unless_seen(request, found(await views.get(resource_id, caller), kind, resource_id))

    return read


for _kind in SHOWN:
    router.add_api_route(f"/{_kind}/{{resource_id}}", reader(_kind), methods=["GET"], name=f"fhir_read_{_kind}")


@router.get("/Task/{resource_id}/_history", name="fhir_history_Task")
async def read_task_history(
    resource_id: str, request: Request, views: ViewsDep, partner: PartnerDep, caller: MayReadTask
) -> Response:
    """Every state that a Task has been in, the latest first."""
    versions = await versions_of(resource_id, views, partner, caller)
    base = base_url(request)
    first = min(versions)
    entries = [history_entry(base, versions[number], number == first) for number in sorted(versions, reverse=True)]
    link = [{"relation": "self", "url": f"{base}/Task/{resource_id}/_history"}]
    return fhir_answer(
        {"resourceType": "Bundle", "type": "history", "total": len(entries), "link": link, "entry": entries}
    )


@router.get("/Task/{resource_id}/_history/{version}", name="fhir_vread_Task")
async def read_task_version(
    resource_id: str, version: str, request: Request, views: ViewsDep, partner: PartnerDep, caller: MayReadTask
) -> Response:
    """A Task as it was in one version; kept are the versions that a move made, and the present one."""
    versions = await versions_of(resource_id, views, partner, caller)
    if not version.isdigit() or len(version) > 9 or int(version) not in versions:
        raise NotFound
    return answer_unless_seen(request, versions[int(version)])


async def versions_of(resource_id: str, views: Views, partner: Partner, caller: Caller) -> dict[int, Resource]:
    """A Task in the versions that are kept, for either side; NotFound where there is none."""
    if addressed := await partner.find(resource_id, caller):
        part(addressed, "Task", resource_id)
        return addressed.versions()
    versions = task_versions(await views.get(resource_id, caller), resource_id)
    if not versions:
        raise NotFound
    return versions


def task_versions(outside: Outside, resource_id: str) -> dict[int, Resource]:
    """A Task in the versions that are kept."""
    pasts = [outside.at(move) for move in outside.referral.moves]
    made = {past.referral.version: find(past, "Task", resource_id) for past in pasts}
    made[outside.referral.version] = find(outside, "Task", resource_id)
    return {version: resource for version, resource in made.items() if resource is not None}


def history_entry(base: str, resource: Resource, is_first: bool) -> Resource:
    """One version in a history."""
    place = f"{resource['resourceType']}/{resource['id']}"
    return {
        "fullUrl": f"{base}/{place}",
        "resource": resource,
        "request": {"method": "POST", "url": "Task"} if is_first else {"method": "PUT", "url": place},
        "response": {
            "status": "201" if is_first else "200",
            "etag": f'W/"{resource["meta"]["versionId"]}"',
            "lastModified": resource["meta"]["lastUpdated"],
        },
    }
