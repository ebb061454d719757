"""The care plan: its versions, written with the person, and the tasks that a version puts in force."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.cases.domain.agreement import Agreement, Language, Refusal
from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.task import PlanTask, Task, TaskStatus, TaskTerms
from services.cases.domain.words import Part, Prose
from shared.errors import DomainError, Fault

MOST = 50


class UnknownOrganisation(DomainError):
    """An accountable organisation is not in the directory, or no longer active."""


class NoAgreedPlan(DomainError):
    """A task belongs to an agreed plan, and this case has none yet."""


def reference(value: Any) -> UUID | int:
    """A part of the plan, by its id or by its place in the list, counted from 1."""
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            value = None
    if isinstance(value, UUID) or (type(value) is int and 1 <= value <= MOST):
        return value
    raise PydanticCustomError("wrong_reference", "an id, or a place in the list counted from 1")


Reference = Annotated[
    UUID | int,
    PlainValidator(reference),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "integer", "minimum": 1, "maximum": MOST}]}
    ),
]
References = Annotated[tuple[Reference, ...], Field(max_length=MOST)]


class TaskDescription(TaskTerms):
    """A task as it is written down, with the goals it serves and the resources it uses, by id or by place."""

    goals: References = ()
    resources: References = ()


class PlannedTask(TaskDescription):
    """A task in a plan that is being written; `task_id` carries a task of the case over into this version."""

    task_id: UUID | None = None


class Statement(Part):
    """A goal or a need, in words, and the domain of life it lies in."""

    id: UUID | None = Field(None, description="Carries one of an earlier version over; a new one gets its id")
    text: Prose
    domain: LifeDomain


class Resource(Part):
    """Something or somebody that helps already."""

    id: UUID | None = Field(None, description="Carries one of an earlier version over; a new one gets its id")
    text: Prose
    domain: LifeDomain | None = None


class KnownStatement(Statement):
    """A goal or a need of a version, under the id that it keeps in later ones."""

    id: UUID


class KnownResource(Resource):
    """A resource of a version, under the id that it keeps in later ones."""

    id: UUID


class PlanContent(Part):
    """A plan as it is written with the person, in the person's own words."""

    goals: Annotated[tuple[Statement, ...], Field(min_length=1, max_length=30)]
    needs: Annotated[tuple[Statement, ...], Field(max_length=MOST)] = ()
    resources: Annotated[tuple[Resource, ...], Field(max_length=MOST)] = ()
    tasks: Annotated[tuple[PlannedTask, ...], Field(max_length=MOST)] = ()
    person_words: Prose
    language: Language | None = Field(None, description="Language that the plan is written in")

    def organisations(self) -> dict[str, str]:
        """Every organisation named, by the pointer to it."""
        return {pointer: code for n, task in enumerate(self.tasks) for pointer, code in named(task, f"/tasks/{n}")}


class PlanParts(BaseModel):
    """What a version holds, each part under its id."""

    goals: tuple[KnownStatement, ...]
    needs: tuple[KnownStatement, ...]
    resources: tuple[KnownResource, ...]
    tasks: tuple[PlanTask, ...]


class Plan(PlanParts):
    """One version of a case's plan."""

    case_id: UUID
    number: int
    person_words: str
    language: Language | None = None
    drafted_by: str
    drafted_at: datetime
    agreement: Agreement | None = None
    refusals: tuple[Refusal, ...] = ()

    def put_in_force(self, tasks: Sequence[Task]) -> tuple[list[Task], list[Task]]:
        """Make the tasks those of this version: (the new ones, those that go to an assignee now).

        A task that came into force after this version was written stays, though the version cannot name it.
        """
        known = {task.id: task for task in tasks}
        listed = {each.id: each for each in self.tasks}
        new = [Task.of(self.case_id, self.number, each) for each in self.tasks if each.id not in known]
        kept = [task for task in tasks if task.id in listed and task.carry_over(listed[task.id], self.number)]
        for task in tasks:
            if task.is_planned and task.is_open and task.id not in listed and task.since < self.number:
                task.status = TaskStatus.DROPPED
        return new, new + kept


def named(task: TaskTerms, pointer: str = "") -> list[tuple[str, str]]:
    """The organisations that a task names, each with the pointer to it."""
    accountable = (f"{pointer}/organisation", task.organisation)
    return [accountable, (f"{pointer}/instead_of", task.instead_of)] if task.instead_of else [accountable]


def refuse_unknown(named: dict[str, str], known: Set[str]) -> None:
    """Raise UnknownOrganisation, pointing at each named organisation that is not among the known ones."""
    wrong = [pointer for pointer, code in named.items() if code not in known]
    if wrong:
        raise UnknownOrganisation(faults=[Fault(pointer, "unknown-organisation") for pointer in wrong])
