"""What the routes of cases answer with."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain import (
    Agreement,
    LifeDomain,
    MissionReason,
    NextStep,
    Phase,
    Plan,
    PlanTask,
    Reason,
    Resource,
    State,
    Statement,
    Task,
    TaskStatus,
    Visit,
)
from services.cases.events import (
    Assignee,
    ClosingReason,
    Discipline,
    Durability,
    OriginKind,
    PauseReason,
    Urgency,
    VisitKind,
    VisitStatus,
)
from services.cases.store import CaseRow, EntryRow, LineRow, PlanRow, TaskRow


class CaseSummary(BaseModel):
    """A case in a list."""

    id: UUID
    origin_kind: OriginKind
    origin_id: UUID
    person_id: UUID | None = Field(description="Null while the person is not identified yet")
    urgency: Urgency
    state: State
    phase: Phase
    opened_on: date
    worker: str | None = Field(description="The owner's subject; null before the assignment")
    discipline: Discipline | None
    next_step: NextStep | None = Field(description="Null before the assignment and after the closing")
    first_contact_on: date | None = Field(description="Day on which the programme first spoke with the person")
    care_started_on: date | None = Field(description="Day of the first home visit")
    paused_reason: PauseReason | None = Field(description="Why it rests; null while it goes on")
    paused_until: date | None = Field(description="The day it is expected to go on, where that is known")
    closed_on: date | None
    closing_reason: ClosingReason | None

    @classmethod
    def of(cls, case: CaseRow) -> "CaseSummary":
        return cls.model_validate(facts_of(case))


class TaskView(BaseModel):
    """A task of a plan in force."""

    id: UUID
    case_id: UUID
    title: str
    domain: LifeDomain
    organisation: str = Field(description="Code of the accountable organisation")
    assignee: Assignee
    due_on: date
    urgent: bool
    within_mission: bool
    mission_reason: MissionReason | None
    status: TaskStatus
    done_on: date | None
    evidence: str | None
    durability: Durability | None = Field(description="As the last follow-up call found it")

    @classmethod
    def of(cls, task: Task) -> "TaskView":
        return cls.model_validate(task, from_attributes=True)


class PlanView(BaseModel):
    """One version of the plan."""

    plan_version: int
    goals: list[Statement]
    needs: list[Statement]
    resources: list[Resource]
    tasks: list[PlanTask] = Field(description="With the id that each task has, or gets when the plan is agreed")
    person_words: str
    drafted_by: str
    drafted_at: datetime
    agreement: Agreement | None = Field(description="Null while it is a draft")

    @classmethod
    def of(cls, plan: Plan) -> "PlanView":
        return cls.model_validate({**dict(plan), "plan_version": plan.number})


class CaseView(CaseSummary):
    """A case as the people who work on it see it."""

    organisation: str = Field(description="The organisation that the case belongs to")
    plan: PlanView | None = Field(description="The agreed plan in force")
    draft: PlanView | None = Field(description="A newer version that waits for agreement")
    tasks: list[TaskView] = Field(description="Tasks in force and past ones, the next due first")
    allowed: list[State] = Field(description="The states it can move to from here")

    @classmethod
    def whole(cls, case: CaseRow, plan: PlanRow | None, draft: PlanRow | None, tasks: Sequence[TaskRow]) -> "CaseView":
        return cls.model_validate(
            {
                **facts_of(case),
                "plan": PlanView.of(plan) if plan else None,
                "draft": PlanView.of(draft) if draft else None,
                "tasks": [TaskView.of(task) for task in tasks],
                "allowed": case.allowed(),
            }
        )


class VisitView(BaseModel):
    """A visit."""

    id: UUID
    case_id: UUID
    kind: VisitKind
    status: VisitStatus
    on: date
    at: datetime | None
    minutes: int | None
    travel_minutes: int | None
    km: Decimal | None = Field(description="Kilometres, as a decimal string")
    note: str | None
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, visit: Visit) -> "VisitView":
        return cls.model_validate(visit, from_attributes=True)


class EntryView(BaseModel):
    """One fact of a case's life."""

    number: int
    kind: str = Field(description="Name of the fact, like `case-assigned`", examples=["case-assigned"])
    at: datetime
    by: str | None = Field(description="Who made the step; null when another service's fact did")
    facts: dict[str, Any] = Field(description="The fact as it was published: ids, codes and days")
    words: dict[str, str] = Field(description="What was written with the step, by field")

    @classmethod
    def of(cls, entry: EntryRow) -> "EntryView":
        return cls.model_validate(entry, from_attributes=True)


class WorkItem(TaskView):
    """A task on the worklist, with the case's person and owner."""

    person_id: UUID | None
    worker: str | None

    @classmethod
    def on_list(cls, task: TaskRow, case: CaseRow) -> "WorkItem":
        return cls.model_validate({**dict(task), "person_id": case.person_id, "worker": case.worker})


class WorkerLoad(BaseModel):
    """How many open cases a worker owns."""

    worker: str
    open: int
    cap: int = Field(description="From this number on, one more needs a reason")


class AgendaLine(BaseModel):
    """A line of the weekly meeting's agenda."""

    id: UUID
    reason: Reason = Field(description="Why the case is on the agenda")
    case_id: UUID
    person_id: UUID | None
    worker: str | None
    state: State
    subject_id: UUID = Field(description="What it is about: a task, a referral or the case itself")
    raised_at: datetime

    @classmethod
    def of(cls, line: LineRow, case: CaseRow) -> "AgendaLine":
        about = {"person_id": case.person_id, "worker": case.worker, "state": case.state}
        return cls.model_validate({**dict(line), **about})


def facts_of(case: CaseRow) -> dict[str, Any]:
    """The fields of a case that views are made of."""
    step = {"kind": case.next_step, "due_on": case.next_step_on} if case.next_step else None
    return {**dict(case), "phase": case.phase, "next_step": step}
