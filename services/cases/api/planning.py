"""The routes of the plan: its versions, the agreement, its tasks."""

from uuid import UUID

from services.cases.api.doors import (
    CasesDep,
    MayDoTasks,
    MayWork,
    OrganisationsDep,
    PlansDep,
    TasksDep,
    router,
)
from services.cases.api.reading import whole
from services.cases.api.views import CaseView, PlanView, TaskView
from services.cases.domain import Agreement, Completion, PlanContent, TaskDescription, refuse_unknown
from shared.clock import local_date
from shared.requests import ClockDep, IfMatch, Tag


@router.post("/{case_id:uuid}/plan", status_code=201)
async def draft_plan(
    case_id: UUID,
    body: PlanContent,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    organisations: OrganisationsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> PlanView:
    """Write the next version of the plan, a draft until the person agrees to it."""
    case = await cases.get(case_id, caller, seen)
    accountable = [task.organisation for task in body.tasks]
    known = await organisations.active_among(accountable)
    plan, fact = case.draft(body, await tasks.of(case.id), caller.subject, clock.now())
    refuse_unknown(accountable, known)
    await cases.keep(case, caller.subject, fact)
    plans.add(plan)
    tag(case)
    return PlanView.of(plan)


@router.post("/{case_id:uuid}/plan/agreement", status_code=201)
async def agree_plan(
    case_id: UUID,
    body: Agreement,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> CaseView:
    """Put the newest version of the plan in force: its tasks go to those who do them."""
    case = await cases.get(case_id, caller, seen)
    plan = await plans.find(case.id, body.plan_version)
    new, facts = case.agree(plan, await tasks.of(case.id), body, local_date(clock))
    await cases.keep(case, caller.subject, *facts)
    tasks.add(*new)
    return await whole(tag(case), plans, tasks)


@router.post("/{case_id:uuid}/tasks", status_code=201)
async def add_task(
    case_id: UUID,
    body: TaskDescription,
    cases: CasesDep,
    tasks: TasksDep,
    organisations: OrganisationsDep,
    seen: IfMatch,
    caller: MayWork,
    tag: Tag,
) -> TaskView:
    """Add one task to the agreed plan."""
    case = await cases.get(case_id, caller, seen)
    known = await organisations.active_among([body.organisation])
    task, fact = case.add_task(body)
    refuse_unknown([body.organisation], known, "/organisation")
    await cases.keep(case, caller.subject, fact)
    tasks.add(task)
    tag(case)
    return TaskView.of(task)


@router.post("/{case_id:uuid}/tasks/{task_id:uuid}/completion", status_code=201)
async def complete_task(
    case_id: UUID,
    task_id: UUID,
    body: Completion,
    cases: CasesDep,
    tasks: TasksDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayDoTasks,
    tag: Tag,
) -> TaskView:
    """Note that a task is done, and how one can tell. The ETag is the case's."""
    case = await cases.get(case_id, caller, seen)
    task = await tasks.get(case.id, task_id)
    await cases.keep(case, caller.subject, case.complete(task, body, local_date(clock)))
    tag(case)
    return TaskView.of(task)
