"""A task in force: what is to be done, who answers for it, and what becomes of it."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.words import Code, Day, Line, Part, Prose, refuse
from services.cases.events import Assignee, Durability, TaskCancelReason, TaskPostponeReason
from shared.errors import DomainError, Fault
from shared.ids import new_id

CHECKS = {"one-month": 1, "six-months": 2}
"""Which follow-up call has the last word on an item, in whatever order their results come."""


class MissionReason(StrEnum):
    """Why a task outside the programme's mission is done all the same."""

    NOBODY_ELSE = "nobody-else"
    SERVICE_REFUSED = "service-refused"
    WAITING_TIME = "waiting-time"
    COST = "cost"
    URGENCY = "urgency"
    OTHER = "other"


class TaskStatus(StrEnum):
    """Where a task stands; `dropped` when a newer agreed plan no longer holds it."""

    OPEN = "open"
    IN_PROGRESS = "in-progress"
    DONE = "done"
    CANCELLED = "cancelled"
    DROPPED = "dropped"


class TaskOrigin(StrEnum):
    """What a task comes from. A task of the weekly meeting is no item of the plan, whatever state its case is in."""

    PLAN = "plan"
    MEETING = "meeting"


UNFINISHED = frozenset({TaskStatus.OPEN, TaskStatus.IN_PROGRESS})
"""In these somebody still has something to do."""


class EvidenceKind(StrEnum):
    """How one can tell that a task is done."""

    DOCUMENT = "document"
    CONFIRMED = "confirmed"
    SEEN = "seen"
    PERSON_SAYS = "person-says"
    OTHER = "other"


class TaskNotOpen(DomainError):
    """This task is not open."""


class TaskTerms(Part):
    """What is to be done, in which domain of life, and which one organisation answers for it."""

    title: Line
    domain: LifeDomain
    organisation: Code = Field(description="Code of the one accountable organisation")
    assignee: Assignee
    due_on: Day
    urgent: StrictBool = False
    within_mission: StrictBool = True
    mission_reason: MissionReason | None = Field(None, description="Why nobody else; needed outside the mission")
    mission_note: Prose | None = Field(None, description="More on why nobody else; stays with the task")
    instead_of: Code | None = Field(None, description="Organisation whose mission it would be")

    @model_validator(mode="after")
    def reasoned(self) -> Self:
        """A task outside the mission says why; one within it is nobody else's."""
        if not self.within_mission and self.mission_reason is None:
            raise PydanticCustomError("mission_reason_required", "a task outside the mission needs a reason")
        if self.within_mission and (self.instead_of or self.mission_note):
            raise PydanticCustomError("within_mission", "a task within the mission is nobody else's")
        return self


class PlanTask(TaskTerms):
    """A task of a plan's version, under the id that it has or will have, with the goals and resources it is for."""

    id: UUID
    goals: tuple[UUID, ...] = Field((), description="Ids of the goals that it serves")
    resources: tuple[UUID, ...] = Field((), description="Ids of the resources that it uses")


class Completion(Part):
    """When a task was done, and how one can tell."""

    on: Day
    evidence: Prose
    evidence_kind: EvidenceKind | None = None
    minutes: Annotated[StrictInt, Field(ge=0, le=1440)] | None = Field(None, description="How long it took")


class Progress(Part):
    """What was done on a task that is not done yet."""

    on: Day
    note: Prose


class Cancellation(Part):
    """Why a task is not done any more."""

    on: Day
    reason: TaskCancelReason
    note: Prose | None = None


class Postponement(Part):
    """The later day on which a task is due, and why."""

    due_on: Day
    reason: TaskPostponeReason
    note: Prose | None = None


class Reassignment(Part):
    """Which one organisation answers for a task from now on, and who does it."""

    organisation: Code
    assignee: Assignee
    reason: Prose


TERMS = (*TaskTerms.model_fields, "goals", "resources")


class Task(BaseModel):
    """A task in force. `since` is the newest plan version there was when it came into force."""

    id: UUID
    case_id: UUID
    since: int
    title: str
    domain: LifeDomain
    organisation: str
    assignee: Assignee
    due_on: date
    urgent: bool
    within_mission: bool
    mission_reason: MissionReason | None
    mission_note: str | None = None
    instead_of: str | None = None
    goals: tuple[UUID, ...] = ()
    resources: tuple[UUID, ...] = ()
    status: TaskStatus = TaskStatus.OPEN
    postponed: int = Field(0, description="How many times its day was put off")
    progressed_on: date | None = None
    done_on: date | None = None
    evidence: str | None = None
    evidence_kind: EvidenceKind | None = None
    cancelled_on: date | None = None
    cancel_reason: TaskCancelReason | None = None
    durability: Durability | None = None
    checked_by: str | None = Field(None, description="Kind of the follow-up call that found it so")
    origin: TaskOrigin = TaskOrigin.PLAN
    origin_id: UUID | None = Field(None, description="The meeting's line that it answers")
    minutes: int | None = Field(None, description="How long it took, where that was told")

    @classmethod
    def of(cls, case_id: UUID, since: int, planned: PlanTask) -> Self:
        """A new task."""
        return cls(id=planned.id, case_id=case_id, since=since, **terms(planned))

    @property
    def in_force(self) -> bool:
        """Whether it is an item of the plan."""
        return self.is_planned and self.status not in {TaskStatus.DROPPED, TaskStatus.CANCELLED}

    @property
    def is_planned(self) -> bool:
        """Whether it comes from the plan."""
        return self.origin is TaskOrigin.PLAN

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.status in UNFINISHED

    @property
    def told_domain(self) -> str:
        """Its domain as other services may know it."""
        return self.domain.told

    def carry_over(self, planned: PlanTask, number: int) -> bool:
        """Take the terms of a newer version over while it is open; says whether they changed."""
        if not self.is_open:
            return False
        self.since = number
        changed = [name for name, value in terms(planned).items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, getattr(planned, name))
        return bool(changed)

    def take_result(self, status: Durability, kind: str) -> bool:
        """Note how a follow-up call of this kind found it; an earlier call never overrules a later one."""
        if CHECKS.get(kind, 0) < CHECKS.get(self.checked_by or "", 0) or (self.durability, self.checked_by) == (
            status,
            kind,
        ):
            return False
        self.durability, self.checked_by = status, kind
        return True

    def finish(self, completion: Completion) -> None:
        """Note that it is done; raises TaskNotOpen."""
        self.needs_open()
        self.status, self.done_on = TaskStatus.DONE, completion.on
        self.evidence, self.evidence_kind = completion.evidence, completion.evidence_kind
        self.minutes = completion.minutes

    def go_on(self, progress: Progress) -> None:
        """Note that somebody is at it; raises TaskNotOpen."""
        self.needs_open()
        self.status, self.progressed_on = TaskStatus.IN_PROGRESS, max(progress.on, self.progressed_on or progress.on)

    def cancel(self, cancellation: Cancellation) -> None:
        """Give it up; raises TaskNotOpen."""
        self.needs_open()
        self.status, self.cancelled_on, self.cancel_reason = (
            TaskStatus.CANCELLED,
            cancellation.on,
            cancellation.reason,
        )

    def postpone(self, postponement: Postponement, today: date) -> None:
        """Put its day off. Raises TaskNotOpen, Unfit for a day that is past or not later than the one it had."""
        self.needs_open()
        refuse([Fault("/due_on", "in-past")] if postponement.due_on < today else [])
        refuse([Fault("/due_on", "not-later")] if postponement.due_on <= self.due_on else [])
        self.due_on, self.postponed = postponement.due_on, self.postponed + 1

    def hand_to(self, reassignment: Reassignment) -> None:
        """Make another organisation answer for it. Raises TaskNotOpen, Unfit where nothing would change."""
        self.needs_open()
        same = (reassignment.organisation, reassignment.assignee) == (self.organisation, self.assignee)
        refuse([Fault("/organisation", "unchanged")] if same else [])
        self.organisation, self.assignee = reassignment.organisation, reassignment.assignee

    def needs_open(self) -> None:
        """Raises TaskNotOpen unless somebody still has something to do."""
        if not self.is_open:
            raise TaskNotOpen(facts={"state": self.status, "allowed": []})


def terms(planned: PlanTask) -> dict[str, Any]:
    """What a task says, by field, without its id."""
    return {name: getattr(planned, name) for name in TERMS}


def new_task(description: TaskTerms, goals: tuple[UUID, ...] = (), resources: tuple[UUID, ...] = ()) -> PlanTask:
    """A task of a plan under a new id, for these goals and with these resources."""
    said = {name: getattr(description, name) for name in TaskTerms.model_fields}
    return PlanTask(id=new_id(), goals=goals, resources=resources, **said)
