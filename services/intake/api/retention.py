"""Routes of the retention policy, and of those whose time is over."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from services.intake.api.doors import Body, PersonsDep, router
from services.intake.api.endings import EndingsDep, ErasureView
from services.intake.domain.retention import Policy
from services.intake.events import RecordType, Then
from services.intake.store.ending_rows import Policies
from shared.access import May
from shared.auth import Caller
from shared.requests import IfMatchSaid, Tag, opened

PoliciesDep = Annotated[Policies, Depends(opened(Policies))]
MayReadRetention = Annotated[Caller, Depends(May("retention:read"))]
MayWriteRetention = Annotated[Caller, Depends(May("retention:write"))]
MayRunRetention = Annotated[Caller, Depends(May("retention:run"))]


class PolicyView(BaseModel):
    """The retention policy in force; `changed_by` and `changed_at` are null while it is the shipped one."""

    policy: Policy
    changed_by: str | None
    changed_at: datetime | None


class Due(BaseModel):
    """Somebody whose data need not be kept any more, and what the policy says of them."""

    person_id: UUID
    record_types: list[RecordType]
    last_contact: date
    since: date = Field(description="The day from which nothing asks to keep them")
    then: Then
    held: bool = Field(description="Whether a legal hold stops it")


class Execution(Body):
    """Whose data are to end now; of those whose time is not over, or whom a hold keeps, nothing happens."""

    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]


@router.get("/retention-policies")
async def read_retention_policy(policies: PoliciesDep, caller: MayReadRetention, tag: Tag) -> PolicyView:
    """How long each kind of record is kept, and what happens then."""
    row = await policies.row()
    if row is None:
        return PolicyView(policy=await policies.current(), changed_by=None, changed_at=None)
    tag(row)
    return PolicyView(policy=row.content, changed_by=row.changed_by, changed_at=row.changed_at)


@router.put("/retention-policies")
async def write_retention_policy(
    body: Policy, policies: PoliciesDep, seen: IfMatchSaid, caller: MayWriteRetention, tag: Tag
) -> PolicyView:
    """Set the whole policy. 422 where a care record that the law binds would be kept under 30 or over 50 years."""
    row = await policies.row()
    if row:
        seen.check(row)
    row = tag(await policies.put(row, body, caller.subject))
    return PolicyView(policy=row.content, changed_by=row.changed_by, changed_at=row.changed_at)


@router.get("/retention/due")
async def list_due(endings: EndingsDep, caller: MayReadRetention) -> list[Due]:
    """Whose time is over today, the longest silent first, at most 200; nothing happens by looking."""
    return [
        Due(
            person_id=person_id,
            record_types=sorted(held.record_types),
            last_contact=held.last_contact,
            since=since,
            then=then,
            held=is_held,
        )
        for person_id, held, since, then, is_held in await endings.due()
    ]


@router.post("/retention/executions", status_code=201)
async def execute_due(
    body: Execution, persons: PersonsDep, endings: EndingsDep, caller: MayRunRetention
) -> list[ErasureView]:
    """End the data of these people whose time is over: the officer's confirmation of the list."""
    found = await persons.currents(body.person_ids, caller)
    people = {person.id: person for person in found.values()}.values()
    ended = [await endings.carry_out_due(person, caller.subject) for person in people]
    return [ErasureView.of(row) for row in ended if row]
