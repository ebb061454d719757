"""The care plan: its versions, written with the person, and the tasks that a version puts in force."""

from collections.abc import Sequence, Set
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.steps import NextStep
from services.cases.domain.words import Code, Day, Line, Part, Prose, Unfit
from services.cases.events import Assignee, Durability
from shared.errors import DomainError, Fault
from shared.ids import new_id


class LifeDomain(StrEnum):
    """Where in life a goal or a task lies: the codes of the ELADEB cards, and `other`."""

    LIVING_PLACE = "living_place"
    FINANCES = "finances"
    WORK = "work"
    LAW_JUSTICE = "law_justice"
    LEISURE = "leisure"
    ADMINISTRATIVE_TASKS = "administrative_tasks"
    HOUSEWORK = "housework"
    TRANSPORT = "transport"
    PUBLIC_PLACES = "public_places"
    FRIENDSHIP = "friendship"
    FAMILY = "family"
    CHILDREN = "children"
    INTIMATE_RELATIONSHIPS = "intimate_relationships"
    FOOD = "food"
    SELF_CARE = "self_care"
    PHYSICAL_HEALTH = "physical_health"
    MENTAL_HEALTH = "mental_health"
    ADDICTION = "addiction"
    TREATMENT = "treatment"
    SPIRITUALITY = "spirituality"
    SEXUALITY = "sexuality"
    OTHER = "other"


SENSITIVE = {LifeDomain.ADDICTION, LifeDomain.SEXUALITY, LifeDomain.LAW_JUSTICE, LifeDomain.MENTAL_HEALTH}
"""Domains whose mere presence is health or judicial data: they never leave this service in an event."""


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
    DONE = "done"
    DROPPED = "dropped"


class HowAgreed(StrEnum):
    """How the agreement was given."""

    ORAL = "oral"
    WRITTEN = "written"


class AgreedBy(StrEnum):
    """Who gave it."""

    PERSON = "person"
    REPRESENTATIVE = "representative"


class UnknownOrganisation(DomainError):
    """An accountable organisation is not in the directory, or no longer active."""


class NotTheNewestPlan(DomainError):
    """Only the newest version of the plan can be agreed, and only once."""


class NoAgreedPlan(DomainError):
    """A task belongs to an agreed plan, and this case has none yet."""


class TaskNotOpen(DomainError):
    """This task is not open."""


class TaskDescription(Part):
    """What is to be done, in which domain of life, and which organisation answers for it."""

    title: Line
    domain: LifeDomain
    organisation: Code = Field(description="Code of the accountable organisation")
    assignee: Assignee
    due_on: Day
    urgent: StrictBool = False
    within_mission: StrictBool = True
    mission_reason: MissionReason | None = Field(None, description="Needed where it is outside the mission")

    @model_validator(mode="after")
    def reasoned(self) -> Self:
        """A task outside the mission says why."""
        if not self.within_mission and self.mission_reason is None:
            raise PydanticCustomError("mission_reason_required", "a task outside the mission needs a reason")
        return self


class PlannedTask(TaskDescription):
    """A task in a plan that is being written; `task_id` carries a task of the case over into this version."""

    task_id: UUID | None = None


class PlanTask(TaskDescription):
    """A task of a plan's version, under the id that it has or will have."""

    id: UUID


class Statement(Part):
    """A goal or a need, in words, and the domain of life it lies in."""

    text: Prose
    domain: LifeDomain


class Resource(Part):
    """Something or somebody that helps already."""

    text: Prose
    domain: LifeDomain | None = None


class PlanContent(Part):
    """A plan as it is written with the person, in the person's own words."""

    goals: Annotated[tuple[Statement, ...], Field(min_length=1, max_length=30)]
    needs: Annotated[tuple[Statement, ...], Field(max_length=50)] = ()
    resources: Annotated[tuple[Resource, ...], Field(max_length=50)] = ()
    tasks: Annotated[tuple[PlannedTask, ...], Field(max_length=50)] = ()
    person_words: Prose


class Agreement(Part):
    """Who agreed to which version, how and when."""

    plan_version: Annotated[StrictInt, Field(ge=1, le=100_000)]
    agreed_by: AgreedBy
    how: HowAgreed
    on: Day
    next_step: NextStep | None = Field(None, description="What comes next, where the agreement changes it")


class Completion(Part):
    """When a task was done, and how one can tell."""

    on: Day
    evidence: Prose


def terms(description: TaskDescription) -> dict[str, Any]:
    """What a task says, by field, without its id."""
    return {name: getattr(description, name) for name in TaskDescription.model_fields}


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
    status: TaskStatus = TaskStatus.OPEN
    done_on: date | None = None
    evidence: str | None = None
    durability: Durability | None = None
    checked_by: str | None = Field(None, description="Kind of the follow-up call that found it so")

    @classmethod
    def of(cls, case_id: UUID, since: int, description: TaskDescription, task_id: UUID | None = None) -> Self:
        """A new task."""
        return cls(id=task_id or new_id(), case_id=case_id, since=since, **terms(description))

    @property
    def in_force(self) -> bool:
        """Whether it is an item of the plan."""
        return self.status is not TaskStatus.DROPPED

    @property
    def told_domain(self) -> str:
        """Its domain as other services may know it."""
        return LifeDomain.OTHER.value if self.domain in SENSITIVE else self.domain.value

    def carry_over(self, planned: PlanTask, number: int) -> bool:
        """Take the terms of a newer version over while it is open; says whether they changed."""
        if self.status is not TaskStatus.OPEN:
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
        if self.status is not TaskStatus.OPEN:
            raise TaskNotOpen(facts={"state": self.status, "allowed": []})
        self.status, self.done_on, self.evidence = TaskStatus.DONE, completion.on, completion.evidence


class Plan(BaseModel):
    """One version of a case's plan."""

    case_id: UUID
    number: int
    goals: tuple[Statement, ...]
    needs: tuple[Statement, ...]
    resources: tuple[Resource, ...]
    tasks: tuple[PlanTask, ...]
    person_words: str
    drafted_by: str
    drafted_at: datetime
    agreement: Agreement | None = None

    def put_in_force(self, tasks: Sequence[Task]) -> tuple[list[Task], list[Task]]:
        """Make the tasks those of this version: (the new ones, those that go to an assignee now).

        A task that came into force after this version was written stays, though the version cannot name it.
        """
        known = {task.id: task for task in tasks}
        listed = {each.id: each for each in self.tasks}
        new = [Task.of(self.case_id, self.number, each, each.id) for each in self.tasks if each.id not in known]
        kept = [task for task in tasks if task.id in listed and task.carry_over(listed[task.id], self.number)]
        for task in tasks:
            if task.status is TaskStatus.OPEN and task.id not in listed and task.since < self.number:
                task.status = TaskStatus.DROPPED
        return new, new + kept


def numbered(planned: Sequence[PlannedTask], tasks: Sequence[Task]) -> tuple[PlanTask, ...]:
    """The tasks of a version with their ids; raises for one that is carried over but not this case's, or twice."""
    known = {task.id for task in tasks if task.in_force}
    faults = []
    seen: set[UUID] = set()
    for number, each in enumerate(planned):
        if each.task_id is not None and (each.task_id not in known or each.task_id in seen):
            faults.append(Fault(f"/tasks/{number}/task_id", "unknown-task"))
        seen |= {each.task_id} if each.task_id else set()
    if faults:
        raise Unfit(faults=faults)
    return tuple(PlanTask(id=each.task_id or new_id(), **terms(each)) for each in planned)


def refuse_unknown(organisations: Sequence[str], known: Set[str], pointer: str = "/tasks/{}/organisation") -> None:
    """Raise UnknownOrganisation, pointing at each accountable organisation that is not among the known ones."""
    wrong = [number for number, code in enumerate(organisations) if code not in known]
    if wrong:
        raise UnknownOrganisation(faults=[Fault(pointer.format(number), "unknown-organisation") for number in wrong])
