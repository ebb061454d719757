"""What cases tells of plans refused, of what becomes of tasks, and of decisions between organisations."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.cases.events.codes import (
    DecisionKind,
    DecisionStatus,
    DecisionSubject,
    TaskCancelReason,
    TaskPostponeReason,
)
from shared.events import Event


class PlanRefused(Event):
    """The person does not agree to the newest version of the plan: it stays a draft."""

    type: ClassVar[str] = "cases.plan-refused.v1"
    case_id: UUID
    plan_version: int
    on: date


class TaskProgressed(Event):
    """Somebody is at a task of the plan."""

    type: ClassVar[str] = "cases.task-progressed.v1"
    case_id: UUID
    task_id: UUID
    on: date


class TaskCancelled(Event):
    """A task of the plan is given up: it is no item of it any more."""

    type: ClassVar[str] = "cases.task-cancelled.v1"
    case_id: UUID
    task_id: UUID
    reason: TaskCancelReason
    on: date


class TaskPostponed(Event):
    """A task of the plan is due later."""

    type: ClassVar[str] = "cases.task-postponed.v1"
    case_id: UUID
    task_id: UUID
    due_on: date = Field(description="The new day")
    reason: TaskPostponeReason


class DecisionRecorded(Event):
    """Something was decided, remarked or disputed between organisations; what it says stays with the case."""

    type: ClassVar[str] = "cases.decision-recorded.v1"
    case_id: UUID
    decision_id: UUID
    kind: DecisionKind
    subject: DecisionSubject
    organisations: list[str] = Field(description="Codes of the organisations concerned", examples=[["centre"]])
    on: date
    status: DecisionStatus
    amends: UUID | None = Field(default=None, description="The decision that this one corrects")


class DecisionAnswered(Event):
    """An organisation said yes or no to a joint decision."""

    type: ClassVar[str] = "cases.decision-answered.v1"
    case_id: UUID
    decision_id: UUID
    organisation: str = Field(examples=["centre"])
    agreed: bool
    on: date
    status: DecisionStatus


TASKS = (PlanRefused, TaskProgressed, TaskCancelled, TaskPostponed, DecisionRecorded, DecisionAnswered)
