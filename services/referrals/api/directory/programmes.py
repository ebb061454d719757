"""The register of programmes: who, where, for whom, with how much room."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from services.referrals.api.directory.checks import (
    ChecksDep,
    Today,
    refuse,
    refuse_other_organisations,
)
from services.referrals.api.doors import OrganisationsDep, ProgrammesDep, router
from services.referrals.domain.care_service import NisCode
from services.referrals.domain.document import Code, Day
from services.referrals.domain.programme import ProgrammeDescription
from services.referrals.store import ProgrammeRow, ProgrammeSearch
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.requests import IfMatchSaid, Tag

MayReadProgrammes = Annotated[Caller, Depends(May("programme:read"))]
MayWriteProgrammes = Annotated[Caller, Depends(May("programme:write"))]


class ProgrammeView(ProgrammeDescription):
    """A programme of the register."""

    code: str
    stale: bool = Field(description="Not verified for more than six months, or never")

    @classmethod
    def of(cls, row: ProgrammeRow, today: date) -> "ProgrammeView":
        """The view of a row."""
        fields = {name: getattr(row, name) for name in ProgrammeDescription.model_fields}
        return cls.model_construct(**fields, code=row.code, stale=row.is_stale(today))


class ProgrammeQuery(BaseModel):
    """What is looked for."""

    commune: NisCode | None = None
    organisation: Code | None = None
    category_limited: bool | None = None
    running_on: Day | None = None
    q: Annotated[str, Field(max_length=100)] | None = None


@router.get("/programmes")
async def find_programmes(
    wanted: Annotated[ProgrammeQuery, Query()],
    programmes: ProgrammesDep,
    checks: ChecksDep,
    today: Today,
    paging: PagingDep,
    caller: MayReadProgrammes,
) -> Page[ProgrammeView]:
    """Programmes by place, organisation, day and words; those that take only people of a category are labelled so."""
    await checks.of_query(None, wanted.commune)
    search = ProgrammeSearch(
        commune=wanted.commune,
        organisation=wanted.organisation,
        category_limited=wanted.category_limited,
        running_on=wanted.running_on,
        words=wanted.q,
    )
    rows = await programmes.page(search, paging.limit, paging.after)
    return paging.page([ProgrammeView.of(row, today) for row in rows], [(row.code,) for row in rows])


@router.get("/programmes/{code}")
async def read_programme(
    code: Code, programmes: ProgrammesDep, today: Today, caller: MayReadProgrammes, tag: Tag
) -> ProgrammeView:
    """One programme."""
    return ProgrammeView.of(tag(await programmes.get(code)), today)


@router.put("/programmes/{code}")
async def register_programme(
    code: Code,
    body: ProgrammeDescription,
    programmes: ProgrammesDep,
    organisations: OrganisationsDep,
    checks: ChecksDep,
    seen: IfMatchSaid,
    today: Today,
    caller: MayWriteProgrammes,
    tag: Tag,
) -> ProgrammeView:
    """Register a programme under its code, or replace what is known of it: a change needs `If-Match`."""
    refuse_other_organisations(caller, body.run_by)
    known = await programmes.find(code)
    if known:
        refuse_other_organisations(caller, known.run_by)
        if known.description != body:
            seen.check(known)
    await organisations.known(body.run_by)
    refuse(body.faults(today) + checks.of_communes(body.communes))
    row = known or programmes.new(code, body.run_by)
    if known is None or row.description != body:
        await programmes.record(row, row.describe(body))
    return ProgrammeView.of(tag(row), today)
