"""The routes of the tasks of a plan: added, begun, done, given up, put off, handed over, and their history."""

from uuid import UUID

from services.cases.api.doors import (
    CasesDep,
    MayDoTasks,
    MayRead,
    MayWork,
    OrganisationsDep,
    PlansDep,
    TasksDep,
    router,
)
from services.cases.api.stepping import StepDep
from services.cases.api.views import EntryView, TaskView
from services.cases.domain import (
    Cancellation,
    Completion,
    Postponement,
    Progress,
    Reassignment,
    TaskDescription,
    add_task,
    cancel,
    complete,
    named,
    postpone,
    progress,
    reassign,
    refuse_unknown,
)
from services.cases.domain.share import Right, allow_own_task
from shared.cursors import Page, PagingDep


@router.post("/{case_id:uuid}/tasks", status_code=201)
async def add_task_to_plan(
    body: TaskDescription,
    step: StepDep,
    plans: PlansDep,
    tasks: TasksDep,
    organisations: OrganisationsDep,
    caller: MayWork,
) -> TaskView:
    """Add one task to the agreed plan."""
    case = await step.case(caller, Right.ADD_TASKS)
    await step.refuse_unwanted(case)
    accountable = dict(named(body))
    known = await organisations.active_among(accountable.values())
    task, fact = add_task(case, await plans.find(case.id, case.agreed_version), body, step.today)
    refuse_unknown(accountable, known)
    await step.keep(case, caller, fact)
    tasks.add(task)
    return TaskView.of(task)


@router.post("/{case_id:uuid}/tasks/{task_id:uuid}/progress", status_code=201)
async def note_progress(task_id: UUID, body: Progress, step: StepDep, tasks: TasksDep, caller: MayDoTasks) -> TaskView:
    """Note what was done on a task that is not done yet. The ETag is the case's."""
    case = await step.case(caller, Right.COMPLETE_OWN_TASKS)
    task = await tasks.get(case.id, task_id)
    allow_own_task(case, caller.organisation, task)
    await step.keep(case, caller, progress(case, task, body, step.today), words={"note": body.note})
    return TaskView.of(task)


@router.post("/{case_id:uuid}/tasks/{task_id:uuid}/completion", status_code=201)
async def complete_task(
    task_id: UUID, body: Completion, step: StepDep, tasks: TasksDep, caller: MayDoTasks
) -> TaskView:
    """Note that a task is done, and how one can tell. The ETag is the case's."""
    case = await step.case(caller, Right.COMPLETE_OWN_TASKS)
    task = await tasks.get(case.id, task_id)
    allow_own_task(case, caller.organisation, task)
    await step.keep(case, caller, complete(case, task, body, step.today), words={"evidence": body.evidence})
    return TaskView.of(task)


@router.post("/{case_id:uuid}/tasks/{task_id:uuid}/cancellation", status_code=201)
async def cancel_task(task_id: UUID, body: Cancellation, step: StepDep, tasks: TasksDep, caller: MayWork) -> TaskView:
    """Give a task up, with the reason: it is no item of the plan any more. The ETag is the case's."""
    case = await step.case(caller)
    task = await tasks.get(case.id, task_id)
    await step.keep(case, caller, cancel(case, task, body, step.today), words={"note": body.note})
    return TaskView.of(task)


@router.post("/{case_id:uuid}/tasks/{task_id:uuid}/postponement", status_code=201)
async def postpone_task(
    task_id: UUID, body: Postponement, step: StepDep, tasks: TasksDep, caller: MayDoTasks
) -> TaskView:
    """Put a task's day off, with the reason. The ETag is the case's."""
    case = await step.case(caller, Right.COMPLETE_OWN_TASKS)
    task = await tasks.get(case.id, task_id)
    allow_own_task(case, caller.organisation, task)
    await step.keep(case, caller, postpone(case, task, body, step.today), words={"note": body.note})
    return TaskView.of(task)


@router.post("/{case_id:uuid}/tasks/{task_id:uuid}/reassignment", status_code=201)
async def reassign_task(
    task_id: UUID,
    body: Reassignment,
    step: StepDep,
    tasks: TasksDep,
    organisations: OrganisationsDep,
    caller: MayWork,
) -> TaskView:
    """Make another organisation answer for a task, or somebody else do it. The ETag is the case's."""
    case = await step.case(caller)
    task = await tasks.get(case.id, task_id)
    fact = reassign(case, task, body)
    refuse_unknown({"/organisation": body.organisation}, await organisations.active_among([body.organisation]))
    await step.keep(case, caller, fact, words={"reason": body.reason})
    return TaskView.of(task)


@router.get("/{case_id:uuid}/tasks/{task_id:uuid}/history")
async def read_task_history(
    case_id: UUID, task_id: UUID, cases: CasesDep, tasks: TasksDep, paging: PagingDep, caller: MayRead
) -> Page[EntryView]:
    """Everything that became of one task, the newest first."""
    case = await cases.get(case_id, caller)
    await tasks.get(case.id, task_id)
    rows = await tasks.history(case.id, task_id, paging.limit, paging.after)
    return paging.page([EntryView.of(row) for row in rows], [(row.at.isoformat(), row.place, row.id) for row in rows])
