"""The routes of the caseload: what each worker carries, now and on a day, and by which weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Query

from services.cases.api.doors import CaseloadDep, MayRead, WorkersDep, router
from services.cases.api.load_views import ExplainedLoad, Standing, WorkerLoad
from services.cases.api.workers import SubjectPath
from services.cases.domain.weights import Weights
from services.cases.domain.words import Day, refuse
from services.cases.store import Caseload, Workers
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault, NotFound
from shared.requests import ClockDep

AHEAD = timedelta(days=28)


@dataclass(frozen=True)
class Loads:
    """Reads what workers carry, today and on a day to come."""

    caseload: Caseload
    workers: Workers
    today: date
    on: date

    async def of(self, subjects: Sequence[str], caller: Caller) -> dict[str, Standing]:
        """Where each of these workers stands."""
        known = await self.workers.among(subjects)
        carried = await self.caseload.carried(subjects, caller)
        stands_in = await self.workers.standing_in(subjects, self.today)
        return {
            each: Standing(
                worker=known.get(each),
                carried=carried[each],
                cap=self.caseload.cap_of(known.get(each)),
                weights=self.caseload.weights,
                today=self.today,
                on=self.on,
                stands_in_for=stands_in.get(each, []),
            )
            for each in subjects
        }


async def current_loads(
    caseload: CaseloadDep,
    workers: WorkersDep,
    clock: ClockDep,
    on: Annotated[Day | None, Query(description="The day of the projection; by default four weeks ahead")] = None,
) -> Loads:
    """The loads in this request's transaction. Raises Unfit for a day that is past."""
    today = local_date(clock)
    refuse([Fault("/query/on", "in-past")] if on and on < today else [])
    return Loads(caseload, workers, today, on or today + AHEAD)


LoadsDep = Annotated[Loads, Depends(current_loads)]


@router.get("/caseload/weights")
async def read_weights(caseload: CaseloadDep, caller: MayRead) -> Weights:
    """The weights and levels in force, as data."""
    return caseload.weights


@router.get("/caseload")
async def read_caseload(caseload: CaseloadDep, loads: LoadsDep, paging: PagingDep, caller: MayRead) -> Page[WorkerLoad]:
    """What each worker carries now and, as far as one can tell, on a day to come; by worker."""
    subjects = await caseload.page(caller, paging.limit, paging.after)
    found = await loads.of(subjects, caller)
    return paging.page([WorkerLoad.of(each, found[each]) for each in subjects], [(each,) for each in subjects])


@router.get("/workers/{subject}/caseload")
async def explain_caseload(
    subject: SubjectPath, caseload: CaseloadDep, loads: LoadsDep, caller: MayRead
) -> ExplainedLoad:
    """What one worker carries, case by case, with what makes each weight."""
    if not await caseload.knows(subject, caller):
        raise NotFound
    standing = (await loads.of([subject], caller))[subject]
    return ExplainedLoad.explained(subject, standing, await caseload.seen_of(subject, caller))
