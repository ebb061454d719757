"""What cases gives the line to do is on the line's list until it is done."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.handlers.registry import handlers
from services.scheduler.store import LineTaskRow, LineTasks
from shared.events import Reading

LINE = "line"


class TaskAssigned(Reading):
    """cases has given somebody a task of a plan, or of the meeting."""

    type: ClassVar[str] = "cases.task-assigned.v1"
    case_id: UUID
    task_id: UUID
    domain: str
    organisation: str
    assignee: str
    due_on: date


class TaskDone(Reading):
    """A task is done."""

    type: ClassVar[str] = "cases.task-done.v1"
    task_id: UUID


class TaskCancelled(Reading):
    """A task is given up."""

    type: ClassVar[str] = "cases.task-cancelled.v1"
    task_id: UUID


class TaskPostponed(Reading):
    """A task is due later."""

    type: ClassVar[str] = "cases.task-postponed.v1"
    task_id: UUID
    due_on: date


@handlers.on(TaskAssigned)
async def list_line_task(event: TaskAssigned, tasks: LineTasks) -> None:
    """The line's list shows it; a task that went to somebody else leaves the list."""
    if event.assignee != LINE:
        await tasks.drop(event.task_id)
        return
    await tasks.keep(LineTaskRow(**event.model_dump(exclude={"assignee"})))


@handlers.on(TaskDone)
async def strike_line_task(event: TaskDone, tasks: LineTasks) -> None:
    """It leaves the list."""
    await tasks.drop(event.task_id)


@handlers.on(TaskCancelled)
async def drop_line_task(event: TaskCancelled, tasks: LineTasks) -> None:
    """It leaves the list."""
    await tasks.drop(event.task_id)


@handlers.on(TaskPostponed)
async def postpone_line_task(event: TaskPostponed, tasks: LineTasks) -> None:
    """It stands on the list by its new day."""
    await tasks.postpone(event.task_id, event.due_on)
