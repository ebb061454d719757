"""What becomes of the tasks of a case: added, begun, done, given up, put off, handed to another organisation."""

from datetime import date

from services.cases.domain.case import Case
from services.cases.domain.drafting import settle_task
from services.cases.domain.plan import NoAgreedPlan, Plan, TaskDescription
from services.cases.domain.task import Cancellation, Completion, Postponement, Progress, Reassignment, Task
from services.cases.domain.words import refuse
from services.cases.events import TaskAssigned, TaskCancelled, TaskDone, TaskPostponed, TaskProgressed
from shared.errors import Fault


def add_task(case: Case, agreed: Plan | None, description: TaskDescription, today: date) -> tuple[Task, TaskAssigned]:
    """Add a task to the agreed plan. Raises IllegalStep, NoAgreedPlan, Unfit for an unknown part or a past day."""
    case.needs_work()
    if agreed is None:
        raise NoAgreedPlan
    task = Task.of(case.id, case.plan_version, settle_task(description, agreed, today))
    case.open_tasks += 1
    return task, assigned_task(task)


def progress(case: Case, task: Task, made: Progress, today: date) -> TaskProgressed:
    """Note what was done on a task so far. Raises IllegalStep, TaskNotOpen, Unfit for a day that cannot be."""
    needs_reach(case, task)
    refuse_day(made.on, case, today)
    task.go_on(made)
    return TaskProgressed(case_id=case.id, task_id=task.id, on=made.on)


def complete(case: Case, task: Task, completion: Completion, today: date) -> TaskDone:
    """Note that a task is done. Raises IllegalStep, TaskNotOpen, Unfit for a day that cannot be."""
    needs_reach(case, task)
    refuse_day(completion.on, case, today)
    task.finish(completion)
    case.open_tasks -= int(task.is_planned)
    return TaskDone(case_id=case.id, task_id=task.id, on=completion.on)


def cancel(case: Case, task: Task, cancellation: Cancellation, today: date) -> TaskCancelled:
    """Give a task up, with the reason. Raises IllegalStep, TaskNotOpen, Unfit for a day that cannot be."""
    needs_reach(case, task)
    refuse_day(cancellation.on, case, today)
    task.cancel(cancellation)
    case.open_tasks -= int(task.is_planned)
    return TaskCancelled(case_id=case.id, task_id=task.id, reason=cancellation.reason, on=cancellation.on)


def postpone(case: Case, task: Task, postponement: Postponement, today: date) -> TaskPostponed:
    """Put a task's day off, with the reason. Raises IllegalStep, TaskNotOpen, Unfit for a day that is not later."""
    needs_reach(case, task)
    task.postpone(postponement, today)
    return TaskPostponed(case_id=case.id, task_id=task.id, due_on=task.due_on, reason=postponement.reason)


def reassign(case: Case, task: Task, reassignment: Reassignment) -> TaskAssigned:
    """Make another organisation answer for a task. Raises IllegalStep, TaskNotOpen, Unfit where nothing changes."""
    needs_reach(case, task)
    task.hand_to(reassignment)
    return assigned_task(task)


def needs_reach(case: Case, task: Task) -> None:
    """Raises IllegalStep for a task of the plan whose case nobody owns; a meeting's task goes on all the same."""
    if task.is_planned:
        case.needs_owner()


def refuse_day(on: date, case: Case, today: date) -> None:
    """Raises Unfit for a day to come, or one before there was a case."""
    refuse([Fault("/on", "in-future")] if on > today else [])
    refuse([Fault("/on", "before-opening")] if on < case.opened_on else [])


def assigned_task(task: Task) -> TaskAssigned:
    """The fact that a task is somebody's, on its terms of now."""
    return TaskAssigned(
        case_id=task.case_id,
        task_id=task.id,
        domain=task.told_domain,
        organisation=task.organisation,
        assignee=task.assignee,
        due_on=task.due_on,
    )
