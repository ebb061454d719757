"""Routes of whom people do not want to see their records."""

from datetime import datetime
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import MayExclude, MayReadExclusions, NamedExclusionsDep, PersonsDep, router
from services.intake.domain.exclusion import Excluded
from services.intake.events import ExclusionReason
from services.intake.store import ExclusionRow
from shared.cursors import Page
from shared.requests import ClockDep


class NewExclusion(Excluded):
    """Whom a person excludes; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class ExclusionView(BaseModel):
    """An exclusion."""

    id: UUID
    organisation: str
    worker: str = Field(description="Subject of the worker's token; empty where the whole organisation is meant")
    reason: ExclusionReason
    said_by: str
    said_at: datetime
    ended_by: str | None
    ended_at: datetime | None = Field(description="Null while it holds")

    @classmethod
    def of(cls, row: ExclusionRow) -> "ExclusionView":
        return cls.model_validate(row, from_attributes=True)


@router.post("/persons/{person_id:uuid}/exclusions", status_code=201)
async def exclude(
    person_id: UUID,
    body: NewExclusion,
    persons: PersonsDep,
    exclusions: NamedExclusionsDep,
    clock: ClockDep,
    caller: MayExclude,
    response: Response,
) -> ExclusionView:
    """Note that a person does not want a worker, or another organisation, to see anything of theirs. It holds at once
    here and within seconds everywhere, and goes before every other reason to see it."""
    person = await persons.changeable(person_id, caller)
    said = ExclusionRow.say(person.id, person.programme, body, caller.subject, clock.now())
    await exclusions.keep(said, said.fact())
    response.headers["location"] = f"/intake/persons/{person_id}/exclusions/{said.id}"
    return ExclusionView.of(said)


@router.get("/persons/{person_id:uuid}/exclusions")
async def list_exclusions(
    person_id: UUID, persons: PersonsDep, exclusions: NamedExclusionsDep, caller: MayReadExclusions
) -> Page[ExclusionView]:
    """Whom a person excludes or has excluded, the last said first."""
    person = await persons.current(person_id, caller)
    return Page(items=[ExclusionView.of(row) for row in await exclusions.of(person.id)], next=None)


@router.delete("/persons/{person_id:uuid}/exclusions/{exclusion_id:uuid}", status_code=204)
async def end_exclusion(
    person_id: UUID,
    exclusion_id: UUID,
    persons: PersonsDep,
    exclusions: NamedExclusionsDep,
    clock: ClockDep,
    caller: MayExclude,
) -> None:
    """Note that a person takes an exclusion back."""
    person = await persons.current(person_id, caller)
    row = await exclusions.get(person.id, exclusion_id)
    await exclusions.keep(row, row.end(caller.subject, clock.now()))
