"""What cases tells of plans, their tasks and items."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.cases.events.codes import (
    Assignee,
    Durability,
)
from shared.events import Event


class Part(BaseModel):
    """A piece of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Part):
    """One item of the plan."""

    task_id: UUID
    domain: str = Field(description="Life domain; `other` also where the domain itself is sensitive", examples=["food"])


class AccountableItem(Item):
    """One item of the plan with the organisation that answers for it."""

    organisation: str = Field(description="Code of the accountable organisation", examples=["centre"])


class CheckedItem(Part):
    """How one item of the plan stands."""

    task_id: UUID
    status: Durability


class PlanDrafted(Event):
    """A new version of the plan waits for the person's agreement."""

    type: ClassVar[str] = "cases.plan-drafted.v1"
    case_id: UUID
    plan_version: int


class PlanAgreed(Event):
    """The person agreed to a version of the plan: its items are in force."""

    type: ClassVar[str] = "cases.plan-agreed.v1"
    case_id: UUID
    plan_version: int
    items: list[AccountableItem] = Field(description="Every item in force now")
    on: date | None = Field(default=None, description="The day the person agreed")


class TaskAssigned(Event):
    """A task of the plan is somebody's, newly or on new terms."""

    type: ClassVar[str] = "cases.task-assigned.v1"
    case_id: UUID
    task_id: UUID
    domain: str = Field(description="Life domain; `other` also where the domain itself is sensitive", examples=["food"])
    organisation: str = Field(description="Code of the accountable organisation", examples=["centre"])
    assignee: Assignee
    due_on: date


class TaskDone(Event):
    """A task of the plan is done."""

    type: ClassVar[str] = "cases.task-done.v1"
    case_id: UUID
    task_id: UUID
    on: date | None = Field(default=None, description="The day it was done")


class ItemsChecked(Event):
    """The results of a follow-up call stand on the plan's items."""

    type: ClassVar[str] = "cases.items-checked.v1"
    case_id: UUID
    follow_up_id: UUID
    items: list[CheckedItem] = Field(description="The items whose state was taken over")


PLAN = (PlanDrafted, PlanAgreed, TaskAssigned, TaskDone, ItemsChecked)
