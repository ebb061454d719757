"""The services of the directory: found by need and place, kept by those who offer them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field

from services.referrals.api.directory.checks import (
    CareServicesDep,
    ChecksDep,
    Today,
    day_not_ahead,
    refuse,
    refuse_other_organisations,
)
from services.referrals.api.directory.organisations import Verification
from services.referrals.api.doors import Body, OrganisationsDep, ProgrammesDep, router
from services.referrals.domain import AlreadyRegistered
from services.referrals.domain.care_service import Language, NisCode, Places, PostalCode, ServiceDescription
from services.referrals.domain.document import Code, Day
from services.referrals.domain.service_search import Because, Place, ServiceSearch
from services.referrals.events import CapacityState
from services.referrals.store import CareServiceRow, ProgrammeRow
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.requests import IfMatch, Tag

MayReadDirectory = Annotated[Caller, Depends(May("directory:read"))]
MayWriteDirectory = Annotated[Caller, Depends(May("directory:write"))]


class Capacity(BaseModel):
    """How much room there is, as of a day."""

    state: CapacityState
    places: int | None
    on: date


class ProgrammeLabel(BaseModel):
    """The programme a service belongs to; one that takes only people of a category says so."""

    code: str
    name: str
    category_limited: bool
    category: str | None


class ServiceView(ServiceDescription):
    """A service of the directory."""

    id: UUID
    organisation: str
    code: str
    capacity: Capacity | None = Field(description="Null: nobody has said")
    verified_on: date | None = Field(description="When what is said here was last checked")
    stale: bool = Field(description="Not verified for more than six months, or never")
    of_programme: ProgrammeLabel | None

    @classmethod
    def of(cls, row: CareServiceRow, today: date, programmes: Mapping[str, ProgrammeRow]) -> "ServiceView":
        """The view of a row."""
        return cls.model_validate(viewed(row, today, programmes))


class FoundService(ServiceView):
    """A service that answers a search, with the reasons for its place in the answer."""

    because: list[Because]


def viewed(row: CareServiceRow, today: date, programmes: Mapping[str, ProgrammeRow]) -> dict[str, object]:
    """The fields of a view."""
    programme = programmes.get(row.programme or "")
    room = row.capacity and row.capacity_on and Capacity(state=row.capacity, places=row.places, on=row.capacity_on)
    return {
        **{name: getattr(row, name) for name in ServiceDescription.model_fields},
        **{name: getattr(row, name) for name in ("id", "organisation", "code", "verified_on")},
        "capacity": room or None,
        "stale": row.is_stale(today),
        "of_programme": programme and ProgrammeLabel.model_validate(programme, from_attributes=True),
    }


class NewService(ServiceDescription):
    """A service to register: whose it is, and the code under which that organisation knows it."""

    organisation: Code
    code: Code


class NewCapacity(Body):
    """How much room there is; today when no day is said."""

    state: CapacityState
    places: Places | None = None
    on: Day | None = None


class Wanted(BaseModel):
    """What a search asks for."""

    domain: Code | None = Field(None, description="Code of a need domain (an ELADEB-R card)")
    commune: NisCode | None = Field(None, description="NIS code of the municipality")
    postal_code: PostalCode | None = None
    language: Language | None = None
    capacity: CapacityState | None = None
    organisation: Code | None = None
    programme: Code | None = None
    stale: bool | None = None
    q: Annotated[str, Field(max_length=100)] | None = Field(None, description="Words of the name or the mission")


@router.get("/directory/services")
async def find_services(
    wanted: Annotated[Wanted, Query()],
    services: CareServicesDep,
    programmes: ProgrammesDep,
    checks: ChecksDep,
    today: Today,
    paging: PagingDep,
    caller: MayReadDirectory,
) -> Page[FoundService]:
    """Active services for a need at a place, and why each stands where it does.

    Order: room (available, assessment-needed, waiting-list, not said, full), then how surely the place is covered
    (named, whole region, perhaps), then the most recently verified. Perhaps: a municipality alone also finds services
    that name one of its postal codes, and a postal code those of its municipalities; with both, nothing is guessed.
    """
    await checks.of_query(wanted.domain, wanted.commune)
    search = ServiceSearch(
        today=today,
        domain=wanted.domain,
        place=Place.of(wanted.commune, wanted.postal_code, checks.municipalities),
        language=wanted.language,
        capacity=wanted.capacity,
        organisation=wanted.organisation,
        programme=wanted.programme,
        stale=wanted.stale,
        words=wanted.q,
    )
    found = await services.search(search, paging.limit, paging.after)
    known = await programmes.by_code({row.programme for row, _ in found if row.programme})
    items = [
        FoundService.model_validate({**viewed(row, today, known), "because": list(search.because(row))})
        for row, _ in found
    ]
    return paging.page(items, [key for _, key in found])


@router.post("/directory/services", status_code=201)
async def register_service(
    body: NewService,
    services: CareServicesDep,
    organisations: OrganisationsDep,
    checks: ChecksDep,
    today: Today,
    caller: MayWriteDirectory,
    tag: Tag,
    response: Response,
) -> ServiceView:
    """Register a service. Whoever describes it has just checked it: it counts as verified today."""
    refuse_other_organisations(caller, body.organisation)
    organisation = await organisations.known(body.organisation)
    refuse(await checks.of_service(body))
    known = await services.find(organisation.code, body.code)
    if known:
        raise AlreadyRegistered(facts={"id": str(known.id)})
    row = services.new(organisation.code, body.code)
    row.verified_on = today
    await services.record(row, row.describe(body))
    response.headers["location"] = f"/referrals/directory/services/{row.id}"
    return ServiceView.of(tag(row), today, await checks.programmes.by_code({row.programme or ""}))


@router.get("/directory/services/{service_id:uuid}")
async def read_service(
    service_id: UUID,
    services: CareServicesDep,
    programmes: ProgrammesDep,
    today: Today,
    caller: MayReadDirectory,
    tag: Tag,
) -> ServiceView:
    """One service, active or not."""
    row = tag(await services.get(service_id))
    return ServiceView.of(row, today, await programmes.by_code({row.programme or ""}))


@router.put("/directory/services/{service_id:uuid}")
async def change_service(
    service_id: UUID,
    body: ServiceDescription,
    services: CareServicesDep,
    checks: ChecksDep,
    seen: IfMatch,
    today: Today,
    caller: MayWriteDirectory,
    tag: Tag,
) -> ServiceView:
    """Replace what a service says of itself; `active: false` ends it. Room and verification are steps of their own."""
    row = await services.get(service_id, seen)
    refuse_other_organisations(caller, row.organisation)
    refuse(await checks.of_service(body))
    if row.description != body:
        await services.record(row, row.describe(body))
    return ServiceView.of(tag(row), today, await checks.programmes.by_code({row.programme or ""}))


@router.post("/directory/services/{service_id:uuid}/capacity", status_code=201)
async def set_capacity(
    service_id: UUID,
    body: NewCapacity,
    services: CareServicesDep,
    programmes: ProgrammesDep,
    seen: IfMatch,
    today: Today,
    caller: MayWriteDirectory,
    tag: Tag,
) -> ServiceView:
    """Say how much room there is. No person is named in the asking or in the answer."""
    row = await services.get(service_id, seen)
    refuse_other_organisations(caller, row.organisation)
    await services.record(row, row.has_room(body.state, body.places, day_not_ahead(body.on, today)))
    return ServiceView.of(tag(row), today, await programmes.by_code({row.programme or ""}))


@router.post("/directory/services/{service_id:uuid}/verification", status_code=201)
async def verify_service(
    service_id: UUID,
    body: Verification,
    services: CareServicesDep,
    programmes: ProgrammesDep,
    seen: IfMatch,
    today: Today,
    caller: MayWriteDirectory,
    tag: Tag,
) -> ServiceView:
    """Say that all of it was checked and still holds: it is stale six months later."""
    row = await services.get(service_id, seen)
    refuse_other_organisations(caller, row.organisation)
    await services.record(row, row.verify(day_not_ahead(body.on, today)))
    return ServiceView.of(tag(row), today, await programmes.by_code({row.programme or ""}))
