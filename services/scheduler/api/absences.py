"""The routes of absences: who is away, and who stands in."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from services.scheduler.api.doors import AbsencesDep, Body, MayReadCalendar, MayWriteAbsences, router
from services.scheduler.domain import Absence, Day, WrongInput
from services.scheduler.store import AbsenceRow
from shared.access import Scope
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.errors import Fault, NotFound
from shared.requests import IfMatch, Tag

LONGEST_ABSENCE = 366

Subject = Annotated[str, Field(min_length=1, max_length=200, description="A worker's subject, as in the tokens")]


class AbsenceBody(Body):
    """A worker will be away."""

    worker: Subject
    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="until", description="The last day away; at most a year")]
    substitute: Subject

    def faults(self) -> list[Fault]:
        """What does not fit together, each at its place."""
        found: list[Fault] = []
        if self.last < self.first:
            found.append(Fault("/until", "before-start"))
        elif (self.last - self.first).days >= LONGEST_ABSENCE:
            found.append(Fault("/until", "out-of-range"))
        if self.substitute == self.worker:
            found.append(Fault("/substitute", "same-worker"))
        return found


class AbsenceView(BaseModel):
    """Days on which a worker is away, both included, and who stands in."""

    id: UUID
    worker: str
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="until")
    substitute: str

    @classmethod
    def of(cls, row: AbsenceRow) -> "AbsenceView":
        """The view of a row."""
        return cls(id=row.id, worker=row.worker, first=row.first, last=row.last, substitute=row.substitute)


@router.post("/absences", status_code=201)
async def agree_absence(body: AbsenceBody, absences: AbsencesDep, caller: MayWriteAbsences, tag: Tag) -> AbsenceView:
    """Say who is away and who stands in: that worker's list shows the work of both.

    A worker's absences do not overlap, and substitutes never stand in for each other on the same day.
    """
    faults = body.faults()
    if not may_speak_for(caller, body.worker):
        faults.append(Fault("/worker", "not-yours"))
    if faults:
        raise WrongInput(faults=faults)
    return AbsenceView.of(tag(await absences.add(Absence(**dict(body), organisation=caller.organisation))))


@router.get("/absences")
async def list_absences(
    absences: AbsencesDep,
    paging: PagingDep,
    caller: MayReadCalendar,
    worker: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[AbsenceView]:
    """The absences of the caller's organisation by their first day; of one worker or of all."""
    rows = await absences.page(caller, worker, paging.limit, paging.after)
    return paging.page([AbsenceView.of(row) for row in rows], [(row.first, row.id) for row in rows])


@router.get("/absences/{absence_id:uuid}")
async def read_absence(absence_id: UUID, absences: AbsencesDep, caller: MayReadCalendar, tag: Tag) -> AbsenceView:
    """One absence."""
    return AbsenceView.of(tag(await absences.get(absence_id, caller)))


@router.delete("/absences/{absence_id:uuid}", status_code=204)
async def withdraw_absence(
    absence_id: UUID, absences: AbsencesDep, seen: IfMatch, caller: MayWriteAbsences
) -> Response:
    """The worker will be there after all: the work is on the own list again."""
    row = await absences.get(absence_id, caller, seen)
    if not may_speak_for(caller, row.worker):
        raise NotFound
    await absences.record(row, row.withdraw())
    return Response(status_code=204)


def may_speak_for(caller: Caller, worker: str) -> bool:
    """Whether a caller may say when this worker is away: case managers for themselves, a coordinator for all."""
    return caller.scope != Scope.OWN or caller.subject == worker
