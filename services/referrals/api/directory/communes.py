"""The municipalities: found by the beginning of a name or by a postal code, never one derived from the other."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from services.referrals.api.directory.checks import MunicipalitiesDep
from services.referrals.api.directory.services import MayReadDirectory
from services.referrals.api.doors import router
from services.referrals.domain.municipality import Municipality
from shared.cursors import Page, PagingDep


class CommuneView(Municipality):
    """A municipality, from the dated list in use."""

    edition: str


class CommuneQuery(BaseModel):
    """What is looked for."""

    q: Annotated[str, Query(min_length=1, max_length=60, description="Beginning of a name, postal code or NIS code")]


@router.get("/directory/communes")
async def find_communes(
    wanted: Annotated[CommuneQuery, Query()], listed: MunicipalitiesDep, paging: PagingDep, caller: MayReadDirectory
) -> Page[CommuneView]:
    """Municipalities by name (accents aside), postal code or NIS code. One postal code can mean several of them."""
    found = [((rank, name, each.nis_code), each) for rank, name, each in listed.search(wanted.q)]
    if paging.after:
        rank, name, code = paging.after
        found = [line for line in found if line[0] > (int(rank), name, code)]
    found = found[: paging.limit + 1]
    items = [CommuneView(edition=listed.edition, **each.model_dump()) for _, each in found]
    return paging.page(items, [key for key, _ in found])
