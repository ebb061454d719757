"""What the routes of cases answer with."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain import (
    Agreement,
    EvidenceKind,
    Interval,
    KnownResource,
    KnownStatement,
    Language,
    LifeDomain,
    MissionReason,
    Move,
    NextStep,
    Phase,
    Plan,
    PlanTask,
    Refusal,
    State,
    Stretch,
    Task,
    TaskStatus,
    Visit,
)
from services.cases.domain.staffing import missing
from services.cases.domain.task import TaskOrigin
from services.cases.events import (
    Assignee,
    ClosingReason,
    DeclineReason,
    Discipline,
    Durability,
    MissedBy,
    MissedReason,
    OriginKind,
    PauseReason,
    Place,
    TaskCancelReason,
    Urgency,
    VisitKind,
    VisitStatus,
    WantedDiscipline,
)
from services.cases.store import CaseRow, PlanRow, TaskRow, TimelineRow


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
    declined_reason: DeclineReason | None
    intervals: tuple[Stretch, ...] = Field(description="One per stretch; a reopening begins a new one")
    protocol_version: str = Field(description="The working rules in force when it was requested")
    wanted_discipline: WantedDiscipline | None
    waiting_since: date | None
    worker_from: date | None = Field(description="The owner's first day, where it lies ahead")
    second_worker: str | None = Field(description="A second worker, mostly of the other discipline")
    second_discipline: Discipline | None
    missing_disciplines: list[Discipline] = Field(description="Wanted profiles that nobody on an owned case has")
    travel_minutes: int | None = Field(description="Minutes on the way per visit, as declared")
    expected_close_on: date | None

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
    mission_note: str | None
    instead_of: str | None = Field(description="Organisation whose mission it would be")
    goals: list[UUID] = Field(description="Goals of the plan that it serves")
    resources: list[UUID] = Field(description="Resources of the plan that it uses")
    status: TaskStatus
    postponed: int = Field(description="How many times its day was put off")
    progressed_on: date | None
    done_on: date | None
    evidence: str | None
    evidence_kind: EvidenceKind | None
    cancelled_on: date | None
    cancel_reason: TaskCancelReason | None
    durability: Durability | None = Field(description="As the last follow-up call found it")
    origin: TaskOrigin = Field(description="`meeting` for what the weekly meeting decided: no item of the plan")
    origin_id: UUID | None = Field(description="The line of the meeting that it answers")
    minutes: int | None = Field(description="How long it took, where that was told")

    @classmethod
    def of(cls, task: Task) -> "TaskView":
        return cls.model_validate(task, from_attributes=True)


class PlanView(BaseModel):
    """One version of the plan."""

    plan_version: int
    goals: list[KnownStatement]
    needs: list[KnownStatement]
    resources: list[KnownResource]
    tasks: list[PlanTask] = Field(description="With the id that each task has, or gets when the plan is agreed")
    person_words: str
    language: Language | None
    drafted_by: str
    drafted_at: datetime
    agreement: Agreement | None = Field(description="Null while it is a draft")
    refusals: list[Refusal] = Field(description="What was said by those who did not agree to it")

    @classmethod
    def of(cls, plan: Plan) -> "PlanView":
        return cls.model_validate({**dict(plan), "plan_version": plan.number})


class CaseView(CaseSummary):
    """A case as the people who work on it see it."""

    organisation: str = Field(description="The organisation that the case belongs to")
    intervals: tuple[Interval, ...] = Field(description="With why each was reopened, and the summary of its closing")
    plan: PlanView | None = Field(None, description="The agreed plan in force; left out for whoever may not see it")
    draft: PlanView | None = Field(None, description="A newer version that waits for agreement")
    tasks: list[TaskView] = Field(description="Tasks in force and past ones, the next due first")
    allowed: list[Move] = Field(description="The steps that the table of states allows now")

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
    until: datetime | None = Field(description="End of the time slot that begins at `at`")
    worker: str | None = Field(description="Who makes it")
    place: Place = Field(description="The kind of place; never an address")
    nis_code: str | None
    address_note: str | None = Field(description="How to get in")
    safety_note: str | None = Field(description="What to beware of")
    missed_by: MissedBy | None
    missed_reason: MissedReason | None
    moved_to: UUID | None = Field(description="The visit that takes the place of a moved one")
    note: str | None = Field(description="For the whole team")
    nursing_note: str | None = Field(None, description="Left out for whoever may not see it")
    social_note: str | None = Field(None, description="Left out for whoever may not see it")
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, visit: Visit) -> "VisitView":
        return cls.model_validate(visit, from_attributes=True)


class EntryView(BaseModel):
    """One fact of a case's life."""

    id: UUID
    service: str = Field(description="The service that told it", examples=["cases"])
    kind: str = Field(description="Name of the fact, like `case-assigned`", examples=["case-assigned"])
    at: datetime
    by: str | None = Field(description="Who made the step; null when another service's fact did")
    facts: dict[str, Any] = Field(description="The fact as it was published: ids, codes and days")
    words: dict[str, str] = Field(description="What was written with the step, by field")

    @classmethod
    def of(cls, entry: TimelineRow) -> "EntryView":
        return cls.model_validate(entry, from_attributes=True)


def facts_of(case: CaseRow) -> dict[str, Any]:
    """The fields of a case that views are made of."""
    step = {"kind": case.next_step, "due_on": case.next_step_on} if case.next_step else None
    return {**dict(case), "phase": case.phase, "missing_disciplines": missing(case), "next_step": step}
