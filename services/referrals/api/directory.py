"""The directory's organisations."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, StrictBool

from services.referrals.api.doors import Body, OrganisationsDep, router
from services.referrals.domain import OrganisationKind
from services.referrals.domain.document import Code, Line
from services.referrals.store import OrganisationRow
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page

MayReadOrganisations = Annotated[Caller, Depends(May("organisation:read"))]
MayRegisterOrganisations = Annotated[Caller, Depends(May("organisation:register"))]


class OrganisationView(BaseModel):
    """An organisation of the directory."""

    code: str
    name: str
    kind: OrganisationKind
    active: bool


class OrganisationDescription(Body):
    """What is known of an organisation."""

    name: Line
    kind: OrganisationKind
    active: StrictBool = True


@router.get("/directory/organisations")
async def list_organisations(organisations: OrganisationsDep, caller: MayReadOrganisations) -> Page[OrganisationView]:
    """The organisations of the network."""
    rows = await organisations.all()
    return Page(items=[OrganisationView.model_validate(row, from_attributes=True) for row in rows], next=None)


@router.put("/directory/organisations/{code}")
async def register_organisation(
    code: Code, body: OrganisationDescription, organisations: OrganisationsDep, caller: MayRegisterOrganisations
) -> OrganisationView:
    """Register an organisation under the code that its tokens carry as `org_id`, or correct what is known of it."""
    known = await organisations.find(code)
    row = known or OrganisationRow(code=code, name=body.name, kind=body.kind)
    if known is None or (row.name, row.kind, row.active) != (body.name, body.kind, body.active):
        await organisations.record(row, row.describe(body.name, body.kind, body.active))
    return OrganisationView.model_validate(row, from_attributes=True)
