"""Offer per area: what covers a municipality, need by need, and which municipalities nothing covers."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from services.referrals.api.directory.checks import CareServicesDep, ChecksDep, Today
from services.referrals.api.directory.services import MayReadDirectory
from services.referrals.api.doors import router
from services.referrals.domain.care_service import NisCode
from services.referrals.domain.document import Code
from services.referrals.domain.service_search import Place
from services.referrals.store import Supply
from shared.cursors import Page, PagingDep


class DomainOffer(BaseModel):
    """What covers one need domain."""

    domain: str
    services: int
    by_capacity: dict[str, int] = Field(description="Services per capacity state; `unknown` where none was said")
    stale: int = Field(description="How many of them nobody has verified for six months")


class Offer(BaseModel):
    """What covers one municipality: services that name it, and those of the whole region."""

    commune: str
    name: str
    domains: list[DomainOffer]
    missing: list[str] = Field(description="Need domains that nothing covers here")


class CommuneOffer(BaseModel):
    """How many services cover a municipality; `named` are those that name it."""

    commune: str
    name: str
    province: str
    services: int
    named: int


class CoverageQuery(BaseModel):
    """Which municipality."""

    commune: NisCode


class CommunesQuery(BaseModel):
    """Which municipalities, and for which need."""

    domain: Code | None = None
    province: Annotated[str, Field(max_length=60)] | None = None
    at_most: Annotated[int, Field(ge=0, le=10_000)] = Field(0, description="Only those covered by no more services")


@router.get("/directory/coverage")
async def read_coverage(
    wanted: Annotated[CoverageQuery, Query()],
    services: CareServicesDep,
    checks: ChecksDep,
    today: Today,
    caller: MayReadDirectory,
) -> Offer:
    """What covers a municipality, per need domain, and what nothing covers."""
    await checks.of_query(None, wanted.commune)
    supply = await services.supply(Place(wanted.commune, None), today)
    offers = [offer_of(domain, supply) for domain in sorted(await checks.cards())]
    return Offer(
        commune=wanted.commune,
        name=checks.municipalities.by_code[wanted.commune].name,
        domains=offers,
        missing=[offer.domain for offer in offers if not offer.services],
    )


def offer_of(domain: str, supply: list[Supply]) -> DomainOffer:
    """The lines of one domain, added up."""
    lines = [line for line in supply if line.domain == domain]
    return DomainOffer(
        domain=domain,
        services=sum(line.services for line in lines),
        by_capacity={line.capacity or "unknown": line.services for line in lines},
        stale=sum(line.stale for line in lines),
    )


@router.get("/directory/coverage/communes")
async def list_thin_communes(
    wanted: Annotated[CommunesQuery, Query()],
    services: CareServicesDep,
    checks: ChecksDep,
    paging: PagingDep,
    caller: MayReadDirectory,
) -> Page[CommuneOffer]:
    """Municipalities that no service covers (or at most so many), for one need domain or for any; by NIS code."""
    await checks.of_query(wanted.domain, None)
    named, whole = await services.by_commune(wanted.domain)
    after = paging.after[0] if paging.after else ""
    items = [
        CommuneOffer(
            commune=code,
            name=known.name,
            province=known.province,
            services=named.get(code, 0) + whole,
            named=named.get(code, 0),
        )
        for code, known in sorted(checks.municipalities.by_code.items())
        if code > after and named.get(code, 0) + whole <= wanted.at_most and wanted.province in (None, known.province)
    ]
    items = items[: paging.limit + 1]
    return paging.page(items, [(item.commune,) for item in items])
