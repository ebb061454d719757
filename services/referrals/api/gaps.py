"""A demand that nothing exists for; who was left without; where a refused person could turn."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from services.referrals.api.doors import Body, ReferralsDep, router
from services.referrals.domain.document import Code
from services.referrals.domain.gap import Unmet, needs_of
from services.referrals.domain.outgoing_from import Needs
from services.referrals.domain.service_search import Because, Place, ServiceSearch
from services.referrals.events import CapacityState, GapSource
from services.referrals.settings import Settings
from services.referrals.store import CareServices, Gaps, LeftWithout, municipalities
from shared.access import May
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.ids import new_id
from shared.requests import ClockDep, configured, opened

GapsDep = Annotated[Gaps, Depends(opened(Gaps))]
CareServicesDep = Annotated[CareServices, Depends(opened(CareServices))]
SettingsDep = Annotated[Settings, Depends(configured(Settings))]
MayRecordGap = Annotated[Caller, Depends(May("gap:record"))]
MayReadLeftWithout = Annotated[Caller, Depends(May("left-without:read"))]
MayReadOnward = Annotated[Caller, Depends(May("onward-path:read"))]

MOST_OFFERED = 5


class UnmetDemand(Body):
    """A demand that nothing exists for: the needs, where, and why; never who."""

    needs: Annotated[Needs, Field(min_length=1)]
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$", description="NIS code of the municipality")] | None = None
    reason: Code = "no-service"


class LeftWithoutView(BaseModel):
    """Somebody whose demand failed and whom nobody has taken on since: ids and codes only."""

    kind: str = Field(description="`incoming` or `outgoing`: which kind of referral failed last")
    referral_id: UUID
    person_id: UUID | None
    reason: str | None
    since: str = Field(description="When it failed")
    is_pending: bool = Field(description="Whether another organisation has been asked and has not answered yet")

    @classmethod
    def of(cls, row: LeftWithout) -> "LeftWithoutView":
        return cls.model_validate({**vars(row), "since": row.since.isoformat()})


class OfferedService(BaseModel):
    """A service that covers the need at the person's place."""

    service_id: UUID
    organisation: str
    code: str
    name: str
    programme: str | None = Field(description="A programme for one category only is named, and refuses others")
    capacity: CapacityState | None
    because: list[Because] = Field(description="Why it stands here: room first, then the place")


class OnwardPath(BaseModel):
    """Where somebody with this need could turn."""

    domain: str
    services: list[OfferedService]


@router.post("/gaps", status_code=204)
async def record_gap(body: UnmetDemand, gaps: GapsDep, caller: MayRecordGap) -> None:
    """Record a demand that nothing exists for; with an Idempotency-Key it counts once. intake tells the figures."""
    await gaps.note(Unmet(GapSource.NO_SERVICE, new_id(), body.needs, body.commune, body.reason))


@router.get("/left-without")
async def list_left_without(gaps: GapsDep, paging: PagingDep, caller: MayReadLeftWithout) -> Page[LeftWithoutView]:
    """People whose demand was refused or not answered and whom nobody has taken on since, the longest first."""
    rows = await gaps.left_without(caller, paging.limit, paging.after)
    keys = [(row.since.isoformat(), row.referral_id) for row in rows]
    return paging.page([LeftWithoutView.of(row) for row in rows], keys)


@router.get("/{referral_id:uuid}/onward-paths")
async def read_onward_paths(
    referral_id: UUID,
    referrals: ReferralsDep,
    services: CareServicesDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayReadOnward,
) -> Page[OnwardPath]:
    """Services of the directory per need of a referral, where the person lives: what to offer with a refusal."""
    document = (await referrals.get(referral_id, caller)).document
    address = document.person.address
    commune, postal_code = (address.nis_code, address.postal_code) if address else (None, None)
    place = Place.of(commune, postal_code, municipalities(settings.municipalities))
    today = local_date(clock)
    paths = []
    for domain in needs_of(document):
        search = ServiceSearch(today, domain, place)
        paths.append(OnwardPath(domain=domain, services=await offered(services, search)))
    return Page(items=paths, next=None)


async def offered(services: CareServices, search: ServiceSearch) -> Sequence[OfferedService]:
    """The best answers to a search, with their reasons."""
    found = await services.search(search, MOST_OFFERED, None)
    return [
        OfferedService(
            service_id=service.id,
            organisation=service.organisation,
            code=service.code,
            name=service.name,
            programme=service.programme,
            capacity=service.capacity,
            because=list(search.because(service)),
        )
        for service, _ in found[:MOST_OFFERED]
    ]
