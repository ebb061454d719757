"""The route of the waiting list: complexity first, then time; every line explained."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.cases.api.caseload import Loads, LoadsDep
from services.cases.api.doors import MayRead, WaitingListDep, router
from services.cases.domain import State
from services.cases.domain.waiting_list import Decider, Place, Rule, fits, listed_by_organisation
from services.cases.domain.weights import Level
from services.cases.domain.words import Code
from services.cases.domain.worker_load import current, room
from services.cases.events import Discipline, Urgency, WantedDiscipline
from services.cases.store import WorkerRow
from services.cases.store.waiting_list import Waiter
from shared.auth import Caller
from shared.clock import BRUSSELS
from shared.cursors import Page, PagingDep


class Complexity(BaseModel):
    """How complex the needs were found, when, and by what."""

    level: Level
    points: int
    known_on: date = Field(description="The day on which the assessment was told")
    assessment_id: UUID = Field(description="To be read at /assessment/admissions/{assessment_id}")
    rule_version: str


class Able(BaseModel):
    """A worker of a fitting discipline who has room for the case today."""

    worker: str
    discipline: Discipline
    room: Decimal


class WaitingLine(BaseModel):
    """A place on the waiting list of an organisation, and what put it there."""

    rank: int
    case_id: UUID
    person_id: UUID | None
    organisation: str
    state: State
    urgency: Urgency
    opened_on: date
    days_waiting: int = Field(description="Days since the request, whatever was changed since")
    wanted_discipline: WantedDiscipline | None
    complexity: Complexity | None = Field(description="Null while none is known")
    placed_at: Level = Field(description="The level that it waits at")
    rule: Rule = Field(description="By what: its complexity or, while that is not known, its urgency")
    behind_by: Decider | None = Field(
        description="The first part of the order (level, points, urgency, time, id) in which it comes behind the line"
        " before; null for the first"
    )
    weight: Decimal = Field(description="The points that it will add to a load")
    workers_with_room: list[Able] = Field(description="Registered workers of a fitting discipline, most room first")


class WaitingQuery(BaseModel):
    """Which lines; ranks stay those of the whole list of their organisation."""

    wanted_discipline: WantedDiscipline | None = Field(None, description="Only those who need this profile")
    organisation: Code | None = Field(None, description="Only this organisation's list")

    def takes(self, waiter: Waiter) -> bool:
        """Whether a line is wanted."""
        fits_profile = self.wanted_discipline in (None, waiter.case.wanted_discipline)
        return fits_profile and self.organisation in (None, waiter.case.organisation)


@router.get("/waiting-list")
async def read_waiting_list(
    waiting: WaitingListDep,
    loads: LoadsDep,
    paging: PagingDep,
    wanted: Annotated[WaitingQuery, Query()],
    caller: MayRead,
) -> Page[WaitingLine]:
    """Requests and waiting cases, by organisation: complexity first, then time. Never by diagnosis or age."""
    weights = loads.caseload.weights
    waiters = {each.case.id: each for each in await waiting.all(caller)}
    places = listed_by_organisation([each.request for each in waiters.values()], weights)
    wanted_places = [each for each in places if wanted.takes(waiters[each.request.case_id])]
    page = after(wanted_places, paging.after, loads)[: paging.limit + 1]
    able = await with_room(loads, {each.request.organisation for each in page}, caller)
    lines = [line_of(each, waiters[each.request.case_id], loads, able) for each in page]
    return paging.page(lines, [cursor_of(each, loads) for each in page])


def place_of(place: Place, loads: Loads) -> tuple[str, int, int, int, datetime, UUID]:
    """Where a line stands among the lists of all organisations."""
    return (place.request.organisation, *place.request.key(loads.caseload.weights))


def cursor_of(place: Place, loads: Loads) -> Sequence[str]:
    """A line's place, as text."""
    *parts, opened_at, case_id = place_of(place, loads)
    return [*(str(part) for part in parts), opened_at.isoformat(), str(case_id)]


def after(places: Sequence[Place], cursor: Sequence[str] | None, loads: Loads) -> list[Place]:
    """The lines behind the one of a cursor, whether or not that one still waits."""
    if not cursor:
        return list(places)
    organisation, level, points, urgency, opened_at, case_id = cursor
    last = (organisation, int(level), int(points), int(urgency), datetime.fromisoformat(opened_at), UUID(case_id))
    return [each for each in places if place_of(each, loads) > last]


async def with_room(
    loads: Loads, organisations: Iterable[str], caller: Caller
) -> dict[str, list[tuple[WorkerRow, Decimal]]]:
    """The workers who can take a case today, with the points that they have left, by organisation."""
    able = await loads.workers.able(organisations, loads.today)
    standing = await loads.of([each.subject for each in able], caller)
    found: dict[str, list[tuple[WorkerRow, Decimal]]] = {}
    for worker in able:
        stands = standing[worker.subject]
        left = room(current(stands.carried, stands.weights).load, stands.cap)
        found.setdefault(worker.organisation, []).append((worker, left))
    return found


def line_of(
    place: Place, waiter: Waiter, loads: Loads, able: Mapping[str, Sequence[tuple[WorkerRow, Decimal]]]
) -> WaitingLine:
    """A line of the list."""
    case, weights = waiter.case, loads.caseload.weights
    weight = waiter.effort.weight(weights)
    fitting = [
        Able(worker=worker.subject, discipline=worker.discipline, room=left)
        for worker, left in able.get(case.organisation, [])
        if left >= weight and fits(case.wanted_discipline, worker.discipline)
    ]
    return WaitingLine(
        rank=place.rank,
        case_id=case.id,
        person_id=case.person_id,
        organisation=case.organisation,
        state=case.state,
        urgency=case.urgency,
        opened_on=case.opened_on,
        days_waiting=(loads.today - case.opened_on).days,
        wanted_discipline=case.wanted_discipline,
        complexity=complexity_of(waiter),
        placed_at=place.placed_at,
        rule=place.request.rule,
        behind_by=place.behind_by,
        weight=weight,
        workers_with_room=sorted(fitting, key=lambda each: (-each.room, each.worker)),
    )


def complexity_of(waiter: Waiter) -> Complexity | None:
    """The complexity behind a line."""
    assessed, level, points = waiter.assessed, waiter.request.level, waiter.request.points
    if assessed is None or level is None or points is None:
        return None
    return Complexity(
        level=level,
        points=points,
        known_on=assessed.told_at.astimezone(BRUSSELS).date(),
        assessment_id=assessed.id,
        rule_version=assessed.rule_version,
    )
