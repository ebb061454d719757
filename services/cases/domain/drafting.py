"""How what was written becomes a version: every part gets the id that it keeps, every reference is resolved."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID

from services.cases.domain.plan import (
    KnownResource,
    KnownStatement,
    Plan,
    PlanContent,
    PlannedTask,
    PlanParts,
    Resource,
    Statement,
    TaskDescription,
)
from services.cases.domain.task import PlanTask, Task, TaskTerms
from services.cases.domain.words import refuse
from shared.errors import Fault
from shared.ids import new_id

Known = TypeVar("Known", KnownStatement, KnownResource)


@dataclass(frozen=True)
class Standing:
    """What a new version stands on: the case's tasks, and the newest versions before it (agreed, and drafted)."""

    tasks: Sequence[Task] = ()
    plans: Sequence[Plan] = ()

    def goals(self) -> set[UUID]:
        """The goals that can be carried over."""
        return {each.id for plan in self.plans for each in plan.goals}

    def needs(self) -> set[UUID]:
        """The needs that can be carried over."""
        return {each.id for plan in self.plans for each in plan.needs}

    def resources(self) -> set[UUID]:
        """The resources that can be carried over."""
        return {each.id for plan in self.plans for each in plan.resources}

    def task(self, task_id: UUID) -> Task | None:
        """A task that can be carried over."""
        return next((task for task in self.tasks if task.id == task_id and task.in_force), None)


@dataclass
class Settling:
    """A version in the making, with what was found wrong in it."""

    standing: Standing
    today: date
    faults: list[Fault] = field(default_factory=list)

    def known(
        self, kind: type[Known], written: Sequence[Statement | Resource], earlier: Set[UUID], part: str
    ) -> tuple[Known, ...]:
        """The parts under their ids; a fault for one that is carried over from nowhere, or twice."""
        seen: set[UUID] = set()
        for number, each in enumerate(written):
            if each.id is not None and (each.id not in earlier or each.id in seen):
                self.faults.append(Fault(f"/{part}/{number}/id", f"unknown-{part.removesuffix('s')}"))
            seen |= {each.id} if each.id else set()
        return tuple(kind.model_validate({**dict(each), "id": each.id or new_id()}) for each in written)

    def resolved(self, references: Sequence[UUID | int], ids: Sequence[UUID], pointer: str) -> tuple[UUID, ...]:
        """The ids that references mean, each once; a fault for one that means no part of this version."""
        kind = pointer.rpartition("/")[2].removesuffix("s")
        found: dict[UUID, None] = {}
        for number, each in enumerate(references):
            meant = ids[each - 1] if isinstance(each, int) and each <= len(ids) else each
            if isinstance(meant, UUID) and meant in ids:
                found[meant] = None
            else:
                self.faults.append(Fault(f"{pointer}/{number}", f"unknown-{kind}"))
        return tuple(found)

    def task(
        self, description: TaskDescription, parts: tuple[Sequence[UUID], Sequence[UUID]], pointer: str = ""
    ) -> PlanTask:
        """A task with what it refers to, in the goals and resources given; new where it is not carried over."""
        goals, resources = parts
        carried = description.task_id if isinstance(description, PlannedTask) else None
        if carried is None and description.due_on < self.today:
            self.faults.append(Fault(f"{pointer}/due_on", "in-past"))
        return PlanTask(
            id=carried or new_id(),
            goals=self.resolved(description.goals, goals, f"{pointer}/goals"),
            resources=self.resolved(description.resources, resources, f"{pointer}/resources"),
            **{name: getattr(description, name) for name in TaskTerms.model_fields},
        )

    def carried(self, tasks: Sequence[PlannedTask]) -> None:
        """Find a fault in each task that is carried over from elsewhere, or twice."""
        seen: set[UUID] = set()
        for number, each in enumerate(tasks):
            if each.task_id is not None and (self.standing.task(each.task_id) is None or each.task_id in seen):
                self.faults.append(Fault(f"/tasks/{number}/task_id", "unknown-task"))
            seen |= {each.task_id} if each.task_id else set()


def settle(content: PlanContent, standing: Standing, today: date) -> PlanParts:
    """The parts of a version from what was written.

    Raises Unfit for a goal, need, resource or task that is carried over from nowhere or twice, for a reference to no
    part of this version, and for a new task whose day is past (one that is carried over may be late).
    """
    settling = Settling(standing, today)
    goals = settling.known(KnownStatement, content.goals, standing.goals(), "goals")
    needs = settling.known(KnownStatement, content.needs, standing.needs(), "needs")
    resources = settling.known(KnownResource, content.resources, standing.resources(), "resources")
    settling.carried(content.tasks)
    parts = ([each.id for each in goals], [each.id for each in resources])
    tasks = tuple(settling.task(each, parts, f"/tasks/{number}") for number, each in enumerate(content.tasks))
    refuse(settling.faults)
    return PlanParts(goals=goals, needs=needs, resources=resources, tasks=tasks)


def settle_task(description: TaskDescription, agreed: Plan, today: date) -> PlanTask:
    """A task that is added to an agreed version. Raises Unfit as `settle` does."""
    settling = Settling(Standing(), today)
    parts = ([each.id for each in agreed.goals], [each.id for each in agreed.resources])
    task = settling.task(description, parts)
    refuse(settling.faults)
    return task
