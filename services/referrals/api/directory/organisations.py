"""The directory's organisations, and what others have learnt about working with them."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from services.referrals.api.directory.checks import (
    ChecksDep,
    Today,
    day_not_ahead,
    refuse,
    refuse_other_organisations,
)
from services.referrals.api.doors import Body, OrganisationsDep, router
from services.referrals.domain import OrganisationKind
from services.referrals.domain.document import Code, Day
from services.referrals.domain.organisation import About, KnowHow, OrganisationDescription
from services.referrals.store import OrganisationRow
from shared.access import May, Scope
from shared.auth import Caller
from shared.clock import Clock
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, IfMatchSaid, Tag

MayReadOrganisations = Annotated[Caller, Depends(May("organisation:read"))]
MayRegisterOrganisations = Annotated[Caller, Depends(May("organisation:register"))]
MayReadKnowHow = Annotated[Caller, Depends(May("know-how:read"))]
MayWriteKnowHow = Annotated[Caller, Depends(May("know-how:write"))]


class OrganisationView(About):
    """An organisation of the directory."""

    code: str
    name: str
    kind: OrganisationKind
    active: bool
    verified_on: date | None = Field(description="When what is said here was last checked")
    stale: bool = Field(description="Not verified for more than six months, or never")
    warnings: list[str] = Field(description="Codes of what looks wrong and was no reason to refuse")

    @classmethod
    def of(cls, row: OrganisationRow, today: date) -> "OrganisationView":
        """The view of a row."""
        about = {name: getattr(row.about, name) for name in About.model_fields}
        return cls.model_construct(
            **about,
            code=row.code,
            name=row.name,
            kind=row.kind,
            active=row.active,
            verified_on=row.verified_on,
            stale=row.is_stale(today),
            warnings=row.about.oddities(),
        )


class Verification(Body):
    """On which day somebody checked; today when left out."""

    on: Day | None = None


class NewNote(Body):
    """What was learnt about working with an organisation. About the organisation: never about a person."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]


class Notes(BaseModel):
    """The know-how about one organisation."""

    items: list[KnowHow]


@router.get("/directory/organisations")
async def list_organisations(
    organisations: OrganisationsDep, paging: PagingDep, today: Today, caller: MayReadOrganisations
) -> Page[OrganisationView]:
    """The organisations of the network, by code."""
    rows = await organisations.page(paging.limit, paging.after)
    return paging.page([OrganisationView.of(row, today) for row in rows], [(row.code,) for row in rows])


@router.get("/directory/organisations/{code}")
async def read_organisation(
    code: Code, organisations: OrganisationsDep, today: Today, caller: MayReadOrganisations, tag: Tag
) -> OrganisationView:
    """One organisation."""
    return OrganisationView.of(tag(await organisations.get(code)), today)


@router.put("/directory/organisations/{code}")
async def register_organisation(
    code: Code,
    body: OrganisationDescription,
    organisations: OrganisationsDep,
    checks: ChecksDep,
    seen: IfMatchSaid,
    clock: ClockDep,
    today: Today,
    caller: MayRegisterOrganisations,
    tag: Tag,
) -> OrganisationView:
    """Register an organisation under the code that its tokens carry as `org_id`, or correct what is known of it.

    What is left out stays as it is; null takes it away. `If-Match` is honoured where it is sent.
    """
    refuse_other_organisations(caller, code)
    known = await organisations.find(code)
    if known and seen.version:
        seen.check(known)
    row = known or new_organisation(code, body, clock, today)
    said = {name: getattr(body, name) for name in body.model_fields_set}
    description = row.description.model_copy(update=said)
    refuse(await checks.of_organisation(description))
    if known is None or row.description != description:
        await organisations.record(row, row.describe(description))
    return OrganisationView.of(tag(row), today)


def new_organisation(
    code: str, description: OrganisationDescription, clock: Clock, verified_on: date | None
) -> OrganisationRow:
    """An organisation still to be described and recorded."""
    name, kind = description.name, description.kind
    return OrganisationRow(code=code, name=name, kind=kind, verified_on=verified_on, updated_at=clock.now())


@router.post("/directory/organisations/{code}/verification", status_code=201)
async def verify_organisation(
    code: Code,
    body: Verification,
    organisations: OrganisationsDep,
    seen: IfMatch,
    today: Today,
    caller: MayRegisterOrganisations,
    tag: Tag,
) -> OrganisationView:
    """Say that what is known of it was checked and still holds: it is stale six months later."""
    refuse_other_organisations(caller, code)
    row = await organisations.get(code, seen)
    await organisations.record(row, row.verify(day_not_ahead(body.on, today)))
    return OrganisationView.of(tag(row), today)


@router.get("/directory/organisations/{code}/notes")
async def list_know_how(code: Code, organisations: OrganisationsDep, caller: MayReadKnowHow, tag: Tag) -> Notes:
    """What others have learnt about working with it. The programme's staff read all, others what they wrote."""
    row = tag(await organisations.get(code))
    return Notes(items=[note for note in row.notes if caller.scope == Scope.ALL or note.author == caller.organisation])


@router.post("/directory/organisations/{code}/notes", status_code=201)
async def write_know_how(
    code: Code,
    body: NewNote,
    organisations: OrganisationsDep,
    seen: IfMatch,
    today: Today,
    caller: MayWriteKnowHow,
    tag: Tag,
    response: Response,
) -> KnowHow:
    """Keep what your organisation has learnt about working with this one; it belongs to your organisation."""
    row = await organisations.get(code, seen)
    await organisations.record(row, row.learn(body.text, caller.organisation, today))
    note = tag(row).notes[-1]
    response.headers["location"] = f"/referrals/directory/organisations/{code}/notes/{note.number}"
    return note


@router.post("/directory/organisations/{code}/notes/{number:int}/retirement", status_code=201)
async def retire_know_how(
    code: Code,
    number: int,
    organisations: OrganisationsDep,
    seen: IfMatch,
    today: Today,
    caller: MayWriteKnowHow,
    tag: Tag,
) -> KnowHow:
    """Say that a note no longer holds; it stays readable with the day."""
    row = await organisations.get(code)
    refuse_other_organisations(caller, row.note(number).author)
    seen.check(row)
    await organisations.record(row, row.retire(number, today))
    return tag(row).note(number)
