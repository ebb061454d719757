"""The routes of the worklists: cases by what is asked of them, tasks, and how much of each kind there is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.cases.api.doors import MayRead, WorkListsDep, router
from services.cases.api.views import CaseSummary, TaskView
from services.cases.domain import Phase, State
from services.cases.domain.search import CaseSearch, CaseTerms, WorkTerms
from services.cases.domain.states import UNOWNED
from services.cases.store import CaseRow, Standing, TaskRow, sort_key
from shared.clock import local_date
from shared.cursors import Page, Paging, PagingDep
from shared.requests import ClockDep

SOON = timedelta(days=7)


class WorkItem(TaskView):
    """A task on the worklist, with the case's person and owner."""

    person_id: UUID | None
    worker: str | None

    @classmethod
    def on_list(cls, task: TaskRow, case: CaseRow) -> "WorkItem":
        return cls.model_validate({**dict(task), "person_id": case.person_id, "worker": case.worker})


class Counts(BaseModel):
    """How many cases that have not ended there are, by where they stand."""

    running: int = Field(description="All of them")
    waiting: int = Field(description="Without an owner yet")
    on_hold: int = Field(description="Paused")
    overdue: int = Field(description="Their next step was due before today")
    next_7_days: int = Field(description="Their next step is due from today to a week from today")
    states: dict[State, int]
    phases: dict[Phase, int]

    @classmethod
    def of(cls, standings: Sequence[Standing]) -> "Counts":
        states = {state: sum(each.number for each in standings if each.state is state) for state in State}
        phases = {phase: sum(each.number for each in standings if each.phase is phase) for phase in Phase}
        return cls(
            running=sum(states.values()),
            waiting=sum(states[state] for state in UNOWNED),
            on_hold=states[State.PAUSED],
            overdue=sum(each.overdue for each in standings),
            next_7_days=sum(each.soon for each in standings),
            states={state: number for state, number in states.items() if number},
            phases={phase: number for phase, number in phases.items() if number},
        )


class WorkListsView(BaseModel):
    """What there is to do, in figures: the caller's own cases, and those of the organisation."""

    mine: Counts
    team: Counts


def page(paging: Paging, rows: Sequence[CaseRow], terms: CaseTerms) -> Page[CaseSummary]:
    """A page of cases in the order that was asked for."""
    return paging.page([CaseSummary.of(row) for row in rows], [sort_key(row, terms.sort) for row in rows])


@router.get("")
async def list_cases(
    lists: WorkListsDep, paging: PagingDep, clock: ClockDep, caller: MayRead, terms: Annotated[CaseTerms, Query()]
) -> Page[CaseSummary]:
    """Cases of the caller's organisation and those shared with it; all that is asked must hold."""
    rows = await lists.cases(caller, terms, local_date(clock), paging.limit, paging.after)
    return page(paging, rows, terms)


@router.post("/search")
async def search_cases(
    body: CaseSearch, lists: WorkListsDep, paging: PagingDep, clock: ClockDep, caller: MayRead
) -> Page[CaseSummary]:
    """The same list for terms that must not stand in an address, and for several persons at once."""
    rows = await lists.cases(caller, body, local_date(clock), paging.limit, paging.after)
    return page(paging, rows, body)


@router.get("/worklists")
async def read_worklists(lists: WorkListsDep, clock: ClockDep, caller: MayRead) -> WorkListsView:
    """How many cases there are to work on: the caller's and the organisation's, by stage and by day."""
    today = local_date(clock)
    standings = await lists.standings(caller, today, today + SOON)
    return WorkListsView(mine=Counts.of([each for each in standings if each.mine]), team=Counts.of(standings))


@router.get("/tasks")
async def list_tasks(
    lists: WorkListsDep, paging: PagingDep, caller: MayRead, terms: Annotated[WorkTerms, Query()]
) -> Page[WorkItem]:
    """The worklist: tasks of cases that have not ended, the next due first."""
    rows = await lists.tasks(caller, terms, paging.limit, paging.after)
    keys = [(task.due_on.isoformat(), task.id) for task, _ in rows]
    return paging.page([WorkItem.on_list(task, case) for task, case in rows], keys)
