"""The routes that only read: cases, their timeline, the worklist, the caseload, the agenda."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.cases.api.doors import (
    AgendaDep,
    CasesDep,
    MayRead,
    MayReadMeeting,
    PlansDep,
    SettingsDep,
    TasksDep,
    VisitsDep,
    WorkDep,
    router,
)
from services.cases.api.views import (
    AgendaLine,
    CaseSummary,
    CaseView,
    EntryView,
    PlanView,
    VisitView,
    WorkerLoad,
    WorkItem,
)
from services.cases.domain import RANK, State, TaskStatus
from services.cases.domain.words import Subject
from services.cases.events import Assignee
from services.cases.store import CaseRow, Plans, Tasks
from shared.cursors import Page, PagingDep
from shared.requests import Tag


async def whole(case: CaseRow, plans: Plans, tasks: Tasks) -> CaseView:
    """A case with its plan, the draft that waits, and its tasks."""
    agreed = await plans.find(case.id, case.agreed_version)
    newest = await plans.find(case.id, case.plan_version)
    draft = newest if case.plan_version != case.agreed_version else None
    return CaseView.whole(case, agreed, draft, await tasks.of(case.id))


@router.get("")
async def list_cases(
    cases: CasesDep,
    paging: PagingDep,
    caller: MayRead,
    state: State | None = None,
    worker: Annotated[Subject | None, Query(description="Cases of this owner")] = None,
    mine: Annotated[bool, Query(description="Cases of the caller; goes before `worker`")] = False,
) -> Page[CaseSummary]:
    """Cases of the caller's organisation, newest first."""
    rows = await cases.page(caller, state, caller.subject if mine else worker, paging.limit, paging.after)
    return paging.page([CaseSummary.of(row) for row in rows], [(row.opened_at.isoformat(), row.id) for row in rows])


@router.get("/{case_id:uuid}")
async def read_case(
    case_id: UUID, cases: CasesDep, plans: PlansDep, tasks: TasksDep, caller: MayRead, tag: Tag
) -> CaseView:
    """One case with its phase, owner, next step, plan and tasks."""
    return await whole(tag(await cases.get(case_id, caller)), plans, tasks)


@router.get("/{case_id:uuid}/plans")
async def list_plans(
    case_id: UUID, cases: CasesDep, plans: PlansDep, paging: PagingDep, caller: MayRead
) -> Page[PlanView]:
    """Every version of a case's plan, the newest first."""
    case = await cases.get(case_id, caller)
    rows = await plans.page(case.id, paging.limit, paging.after)
    return paging.page([PlanView.of(row) for row in rows], [(row.number,) for row in rows])


@router.get("/{case_id:uuid}/visits")
async def list_visits(
    case_id: UUID, cases: CasesDep, visits: VisitsDep, paging: PagingDep, caller: MayRead
) -> Page[VisitView]:
    """The visits of a case, the latest first."""
    case = await cases.get(case_id, caller)
    rows = await visits.page(case.id, paging.limit, paging.after)
    return paging.page([VisitView.of(row) for row in rows], [(row.on.isoformat(), row.id) for row in rows])


@router.get("/{case_id:uuid}/timeline")
async def read_timeline(case_id: UUID, cases: CasesDep, paging: PagingDep, caller: MayRead) -> Page[EntryView]:
    """Everything that happened to a case, the newest first."""
    case = await cases.get(case_id, caller)
    rows = await cases.timeline(case.id, paging.limit, paging.after)
    return paging.page([EntryView.of(row) for row in rows], [(row.number,) for row in rows])


@router.get("/tasks")
async def list_tasks(
    work: WorkDep,
    paging: PagingDep,
    caller: MayRead,
    assignee: Assignee | None = None,
    status: TaskStatus = TaskStatus.OPEN,
) -> Page[WorkItem]:
    """The worklist: tasks of cases that are not closed, the next due first."""
    rows = await work.tasks(caller, (status, assignee), paging.limit, paging.after)
    keys = [(task.due_on.isoformat(), task.id) for task, _ in rows]
    return paging.page([WorkItem.on_list(task, case) for task, case in rows], keys)


@router.get("/caseload")
async def read_caseload(work: WorkDep, settings: SettingsDep, paging: PagingDep, caller: MayRead) -> Page[WorkerLoad]:
    """How many open cases each worker owns, by worker."""
    rows = await work.caseload(caller, paging.limit, paging.after)
    loads = [WorkerLoad(worker=worker, open=number, cap=settings.caseload_cap) for worker, number in rows]
    return paging.page(loads, [(worker,) for worker, _ in rows])


@router.get("/meetings/agenda")
async def read_agenda(agenda: AgendaDep, paging: PagingDep, caller: MayReadMeeting) -> Page[AgendaLine]:
    """The open lines of the weekly meeting: by rank of their reason, then the oldest first."""
    rows = await agenda.page(caller, paging.limit, paging.after)
    keys = [(RANK[line.reason], line.raised_at.isoformat(), line.id) for line, _ in rows]
    return paging.page([AgendaLine.of(line, case) for line, case in rows], keys)
