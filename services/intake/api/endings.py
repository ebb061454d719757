"""Routes of the end of people's data: restriction, legal holds, erasure; for coordination and the officer."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from services.intake.api.doors import Body, PersonsDep, router
from services.intake.domain.ending import Answer, EndingOver, ErasureState, Reason, RestrictionReason
from services.intake.events import Decided, Ground, Then
from services.intake.store.ending_rows import ErasureRow, HoldRow, RestrictionRow
from services.intake.store.endings import Endings
from services.intake.store.persons import PersonRow
from shared.access import May
from shared.auth import Caller
from shared.requests import Tag, opened

EndingsDep = Annotated[Endings, Depends(opened(Endings))]
MayRestrict = Annotated[Caller, Depends(May("restriction:ask"))]
MayReadRestriction = Annotated[Caller, Depends(May("restriction:read"))]
MayLift = Annotated[Caller, Depends(May("restriction:lift"))]
MayReadHold = Annotated[Caller, Depends(May("legal-hold:read"))]
MayHold = Annotated[Caller, Depends(May("legal-hold:write"))]
MayAskErasure = Annotated[Caller, Depends(May("erasure:ask"))]
MayConfirmErasure = Annotated[Caller, Depends(May("erasure:confirm"))]
MayReadErasure = Annotated[Caller, Depends(May("erasure:read"))]


class NewRestriction(Body):
    """Why a person's data are to be kept and nothing else (GDPR art. 18)."""

    reason: RestrictionReason


class RestrictionView(BaseModel):
    """A restriction; in force while `lifted_at` is null."""

    id: UUID
    person_id: UUID
    reason: RestrictionReason
    restricted_by: str
    restricted_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None

    @classmethod
    def of(cls, row: RestrictionRow) -> "RestrictionView":
        return cls.model_validate(row, from_attributes=True)


class NewHold(Body):
    """Why a person's data must stay as they are, and when somebody looks at that again. No names, no facts of care."""

    reason: Reason
    review_on: date


class HoldView(BaseModel):
    """A legal hold; in force while `ended_at` is null."""

    id: UUID
    person_id: UUID
    reason: str
    placed_by: str
    placed_at: datetime
    review_on: date
    ended_by: str | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: HoldRow) -> "HoldView":
        return cls.model_validate(row, from_attributes=True)


class NewErasure(Body):
    """On which ground a person's data are to end, and how."""

    ground: Ground
    then: Then = Field(default=Then.ERASE, description="`erase` or `pseudonymise`")


class ErasureView(BaseModel):
    """An erasure, and how far the five services are with it."""

    id: UUID
    person_id: UUID
    ground: Ground
    then: Then
    state: ErasureState
    asked_by: str
    asked_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    decisions: list[Decided]
    answers: list[Answer]
    missing: list[str] = Field(description="The services that have not answered yet")
    on_the_bus_until: date | None = Field(description="The last day on which the log can still hold the person's id")

    @classmethod
    def of(cls, row: ErasureRow) -> "ErasureView":
        return cls.model_validate(row, from_attributes=True)


async def current(person_id: UUID, persons: PersonsDep, caller: Caller) -> PersonRow:
    """Whom a record stands for; NotFound when there is none that this caller may see."""
    person = await persons.get(person_id, caller)
    return await persons.get(person.current_id, caller)


@router.post("/persons/{person_id:uuid}/restriction", status_code=201)
async def restrict_person(
    person_id: UUID, body: NewRestriction, persons: PersonsDep, endings: EndingsDep, caller: MayRestrict
) -> RestrictionView:
    """Keep a person's data and do nothing else with them: from now on nobody sees them but the officer.

    The restriction in force, where there is one.
    """
    person = await current(person_id, persons, caller)
    return RestrictionView.of(await endings.restrict(person, body.reason, caller.subject))


@router.get("/persons/{person_id:uuid}/restrictions")
async def list_restrictions(
    person_id: UUID, persons: PersonsDep, endings: EndingsDep, caller: MayReadRestriction
) -> list[RestrictionView]:
    """A person's restrictions, lifted ones too, the latest first."""
    person = await current(person_id, persons, caller)
    rows = await endings.restrictions(await persons.records(person.id), caller)
    return [RestrictionView.of(row) for row in rows]


@router.post("/persons/{person_id:uuid}/restriction/lift", status_code=201)
async def lift_restriction(
    person_id: UUID, persons: PersonsDep, endings: EndingsDep, caller: MayLift
) -> RestrictionView:
    """Let everything be as before; 409 where nothing is restricted."""
    person = await current(person_id, persons, caller)
    rows = await endings.restrictions(await persons.records(person.id), caller)
    row = next((row for row in rows if row.lifted_at is None), None)
    if row is None:
        raise EndingOver(facts={"state": "lifted"})
    await endings.lift(row, caller.subject)
    return RestrictionView.of(row)


@router.post("/persons/{person_id:uuid}/legal-holds", status_code=201)
async def place_legal_hold(
    person_id: UUID, body: NewHold, persons: PersonsDep, endings: EndingsDep, caller: MayHold
) -> HoldView:
    """Stop every erasure and pseudonymisation of a person's data until the hold is ended."""
    person = await current(person_id, persons, caller)
    return HoldView.of(await endings.hold(person, body.reason, body.review_on, caller.subject))


@router.get("/persons/{person_id:uuid}/legal-holds")
async def list_legal_holds(
    person_id: UUID, persons: PersonsDep, endings: EndingsDep, caller: MayReadHold
) -> list[HoldView]:
    """The holds on a person's data, ended ones too, the latest first."""
    person = await current(person_id, persons, caller)
    return [HoldView.of(row) for row in await endings.holds(await persons.records(person.id))]


@router.post("/legal-holds/{hold_id:uuid}/end", status_code=201)
async def end_legal_hold(hold_id: UUID, endings: EndingsDep, caller: MayHold) -> HoldView:
    """End a hold; 409 where it is ended already."""
    return HoldView.of(await endings.end_hold(hold_id, caller))


@router.post("/persons/{person_id:uuid}/erasure", status_code=201)
async def ask_erasure(
    person_id: UUID,
    body: NewErasure,
    persons: PersonsDep,
    endings: EndingsDep,
    caller: MayAskErasure,
    tag: Tag,
    response: Response,
) -> ErasureView:
    """Ask for the end of a person's data, which another confirms (two-person rule).

    409 while a legal hold is on them, and where the law asks to keep the care record: then until when, and what can
    be done instead.
    """
    person = await current(person_id, persons, caller)
    row = await endings.ask(person, body.ground, body.then, caller.subject)
    response.headers["location"] = f"/intake/erasures/{row.id}"
    return ErasureView.of(tag(row))


@router.get("/erasures/{erasure_id:uuid}")
async def read_erasure(erasure_id: UUID, endings: EndingsDep, caller: MayReadErasure, tag: Tag) -> ErasureView:
    """An erasure with the answers of the five services, and those that are missing."""
    return ErasureView.of(tag(await endings.get(erasure_id, caller)))


@router.post("/erasures/{erasure_id:uuid}/confirmation", status_code=201)
async def confirm_erasure(erasure_id: UUID, endings: EndingsDep, caller: MayConfirmErasure, tag: Tag) -> ErasureView:
    """Carry it out, irreversibly, by another than who asked; 409 for oneself, a hold, the law, or a settled one."""
    row = await endings.get(erasure_id, caller)
    await endings.confirm(row, caller.subject)
    return ErasureView.of(tag(row))


@router.post("/erasures/{erasure_id:uuid}/refusal", status_code=201)
async def refuse_erasure(erasure_id: UUID, endings: EndingsDep, caller: MayConfirmErasure, tag: Tag) -> ErasureView:
    """Do not carry it out; 409 where it is settled."""
    row = await endings.get(erasure_id, caller)
    await endings.refuse(row, caller.subject)
    return ErasureView.of(tag(row))
