"""Routes of a person's changes, relatives and proxies, and death."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.intake.api.doors import (
    Body,
    MayRead,
    MayUpdate,
    PersonHistoryDep,
    PersonsDep,
    RelationsDep,
    router,
)
from services.intake.domain import DeathSource, Mandate, Relation, RelationCode, refuse_impossible_relation
from services.intake.domain.identity import Day
from services.intake.events import PersonUpdated
from services.intake.store import PersonChangeRow, RelationRow
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag


class ChangeView(BaseModel):
    """One change of a person."""

    record_id: UUID = Field(description="The person's id, or that of a record merged into it")
    at: datetime
    by: str = Field(description="Subject of the token of who changed it, or `intake` where a referral brought it")
    fields: list[str] = Field(description="What was changed", examples=[["family_name"]])
    before: dict[str, JsonValue] = Field(description="What stood there before")

    @classmethod
    def of(cls, row: PersonChangeRow) -> "ChangeView":
        return cls(record_id=row.person_id, at=row.at, by=row.by, fields=sorted(row.before), before=row.before)


class NewRelation(Relation):
    """A relative or proxy to add; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class RelationView(BaseModel):
    """A relative or proxy."""

    id: UUID
    code: RelationCode
    mandates: list[Mandate]
    other_id: UUID | None
    name: str | None
    phone: str | None
    since: date | None
    until: date | None

    @classmethod
    def of(cls, row: RelationRow) -> "RelationView":
        return cls.model_validate(row, from_attributes=True)


class NewDeath(Body):
    """A death, as somebody told it."""

    on: Day
    source: DeathSource


class DeathView(NewDeath):
    """A death."""


@router.get("/persons/{person_id:uuid}/history")
async def list_changes(
    person_id: UUID, persons: PersonsDep, history: PersonHistoryDep, paging: PagingDep, caller: MayRead
) -> Page[ChangeView]:
    """What changed of a person and of the records merged into it, the latest first."""
    await persons.get(person_id, caller)
    rows = await history.page(await persons.records(person_id), paging.limit, paging.after)
    return paging.page([ChangeView.of(row) for row in rows], [(row.id,) for row in rows])


@router.get("/persons/{person_id:uuid}/relations")
async def list_relations(
    person_id: UUID, persons: PersonsDep, relations: RelationsDep, caller: MayRead
) -> Page[RelationView]:
    """The relatives and proxies of a person, in the order they were told."""
    await persons.get(person_id, caller)
    return Page(items=[RelationView.of(row) for row in await relations.of(person_id)], next=None)


@router.post("/persons/{person_id:uuid}/relations", status_code=201)
async def add_relation(
    person_id: UUID,
    body: NewRelation,
    persons: PersonsDep,
    relations: RelationsDep,
    caller: MayUpdate,
    response: Response,
) -> RelationView:
    """Add a relative or proxy: a person of the index, or a name and perhaps a telephone."""
    person = await persons.changeable(person_id, caller)
    if body.other_id:
        other = await persons.in_programme(body.other_id, person.programme, "/other_id")
        body = body.model_copy(update={"other_id": other.id})
    refuse_impossible_relation(body, person_id)
    row = RelationRow(person_id=person_id, **body.model_dump())
    relations.session.add(row)
    await persons.record(person, PersonUpdated(person_id=person_id, language=person.language))
    response.headers["location"] = f"/intake/persons/{person_id}/relations/{row.id}"
    return RelationView.of(row)


@router.delete("/persons/{person_id:uuid}/relations/{relation_id:uuid}", status_code=204)
async def remove_relation(
    person_id: UUID, relation_id: UUID, persons: PersonsDep, relations: RelationsDep, caller: MayUpdate
) -> None:
    """Remove a relative or proxy that was told by mistake; one that ended keeps its `until`."""
    person = await persons.changeable(person_id, caller)
    await relations.session.delete(await relations.get(person_id, relation_id))
    await persons.record(person, PersonUpdated(person_id=person_id, language=person.language))


@router.post("/persons/{person_id:uuid}/death", status_code=201)
async def record_death(
    person_id: UUID,
    body: NewDeath,
    persons: PersonsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayUpdate,
    tag: Tag,
) -> DeathView:
    """Note that a person has died, or correct the day; the same again changes nothing."""
    person = await persons.changeable(person_id, caller)
    seen.check(person)
    facts = person.die(body.on, body.source, local_date(clock))
    if facts:
        await persons.keep(person, facts, caller.subject)
    tag(person)
    return DeathView(on=body.on, source=body.source)


@router.delete("/persons/{person_id:uuid}/death", status_code=204)
async def withdraw_death(person_id: UUID, persons: PersonsDep, seen: IfMatch, caller: MayUpdate) -> None:
    """Take back a death told by mistake."""
    person = await persons.changeable(person_id, caller)
    seen.check(person)
    facts = person.live()
    if facts:
        await persons.keep(person, facts, caller.subject)
