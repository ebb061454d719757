"""Routes of people who look alike: the pairs to work on, and those of whom it is known that they are two."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.api.doors import ApartDep, Body, DuplicatesDep, MayReadMerge, MayTellApart, PersonsDep, router
from services.intake.api.persons import Card
from services.intake.domain import Grade, Reason
from services.intake.domain.merge import refuse_oneself
from services.intake.store import ApartOrigin
from shared.cursors import Page, PagingDep
from shared.errors import NotFound


class NotSame(Body):
    """Somebody whom a person is not."""

    other_id: UUID


class KnownOtherView(BaseModel):
    """Somebody whom a person is known not to be."""

    other_id: UUID
    origin: ApartOrigin
    said_by: str
    said_at: datetime


class PossibleDuplicate(BaseModel):
    """Two who could be one person."""

    people: list[Card] = Field(description="The two")
    grade: Grade
    reasons: list[Reason]
    found_at: datetime


@router.get("/possible-duplicates")
async def list_possible_duplicates(
    duplicates: DuplicatesDep, paging: PagingDep, caller: MayTellApart, grade: Grade | None = None
) -> Page[PossibleDuplicate]:
    """The pairs of the index that are certainly or probably one person: the certain first, then the longest waiting.

    A pair is gone once it is merged, or said to be two people. New and changed people are looked at within minutes.
    """
    rows = await duplicates.page(caller, grade, paging.limit, paging.after)
    items = [
        PossibleDuplicate(
            people=[Card.of(one), Card.of(two)], grade=pair.grade, reasons=list(pair.reasons), found_at=pair.found_at
        )
        for pair, one, two in rows
    ]
    return paging.page(items, [(row.grade, row.found_at.isoformat(), row.one_id, row.two_id) for row, *_ in rows])


@router.post("/persons/{person_id:uuid}/not-same", status_code=201)
async def tell_apart(
    person_id: UUID, body: NotSame, persons: PersonsDep, apart: ApartDep, caller: MayTellApart
) -> KnownOtherView:
    """Say that a person is not that other one: the two are never proposed or merged until it is taken back."""
    refuse_oneself(person_id, body.other_id, "/other_id")
    person = await persons.changeable(person_id, caller)
    other = await persons.in_programme(body.other_id, person.programme, "/other_id")
    refuse_oneself(person_id, other.id, "/other_id")
    await apart.say(person, [other.id], ApartOrigin.SAID, caller.subject)
    said = next(each for each in await apart.of(person_id) if each.other_id == other.id)
    return KnownOtherView.model_validate(said, from_attributes=True)


@router.get("/persons/{person_id:uuid}/not-same")
async def list_known_others(
    person_id: UUID, persons: PersonsDep, apart: ApartDep, caller: MayReadMerge
) -> Page[KnownOtherView]:
    """Whom a person is known not to be, the last said first."""
    person = await persons.current(person_id, caller)
    found = await apart.of(person.id)
    return Page(items=[KnownOtherView.model_validate(each, from_attributes=True) for each in found], next=None)


@router.delete("/persons/{person_id:uuid}/not-same/{other_id:uuid}", status_code=204)
async def take_back_apart(
    person_id: UUID, other_id: UUID, persons: PersonsDep, apart: ApartDep, caller: MayTellApart
) -> None:
    """Take it back that the two are two people."""
    person = await persons.changeable(person_id, caller)
    if not await apart.take_back(person.id, other_id):
        raise NotFound
