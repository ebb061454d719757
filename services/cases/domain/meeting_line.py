"""A line of one meeting's agenda, frozen as it stood at the opening, and what the meeting decides on it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.agenda import Line, Place, Reason, Signal, more_urgent, place_of
from services.cases.domain.case import Case
from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.meeting_codes import SETTLING, WORDLESS
from services.cases.domain.states import State
from services.cases.domain.task import Task, TaskOrigin
from services.cases.domain.words import Code, Day, Part, Prose, refuse
from services.cases.domain.words import Line as Title
from services.cases.events import Assignee, Urgency
from services.cases.events.meeting import LineDecided, LineOutcome
from shared.errors import DomainError, Fault
from shared.ids import new_id


class LineDecidedAlready(DomainError):
    """The meeting has decided on this line."""


class TaskOrder(Part):
    """What somebody is to do after the meeting. Without an organisation, the case's own answers for it."""

    title: Title
    assignee: Assignee
    due_on: Day
    urgent: StrictBool = False
    domain: LifeDomain = LifeDomain.OTHER
    organisation: Code | None = None


class Decision(Part):
    """What the meeting decides on a line."""

    outcome: LineOutcome
    text: Prose | None = Field(None, description="Why; needed unless it becomes tasks or stays under watch")
    tasks: Annotated[tuple[TaskOrder, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def told(self) -> Self:
        """A decision that changes something says why, and tasks go with the outcome `task` alone."""
        if self.outcome not in WORDLESS and not self.text:
            raise PydanticCustomError("text_required", "this decision needs a text")
        if bool(self.tasks) is not (self.outcome is LineOutcome.TASK):
            raise PydanticCustomError("tasks_with_outcome", "tasks go with the outcome `task`, which has at least one")
        return self


class MeetingLine(BaseModel):
    """A line as it stood when the meeting began. `line_id` is the open line that it was made from."""

    id: UUID = Field(default_factory=new_id)
    meeting_id: UUID
    position: int
    line_id: UUID
    case_id: UUID
    reason: Reason
    subject_id: UUID
    source_id: UUID
    since: date
    urgency: Urgency
    worker: str | None
    state: State
    rolled_over: int
    outcome: LineOutcome | None = None
    text: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    tasks: tuple[UUID, ...] = ()
    orders: tuple[TaskOrder, ...] = Field((), description="The tasks as they were ordered")
    summary: str | None = None
    rolls_over: bool | None = Field(None, description="Whether it waits for the next meeting; known at the closing")

    def decide(self, decision: Decision, tasks: Sequence[Task], by: str, now: datetime) -> LineDecided:
        """Note what the meeting decides. Raises LineDecidedAlready, Unfit for a help request without an answer."""
        if self.outcome is not None:
            raise LineDecidedAlready(facts={"outcome": self.outcome})
        answers = self.reason is Reason.HELP_REQUESTED and decision.outcome in SETTLING
        refuse([Fault("/text", "text-required")] if answers and not decision.text else [])
        self.outcome, self.text, self.decided_by, self.decided_at = decision.outcome, decision.text, by, now
        self.tasks, self.orders = tuple(task.id for task in tasks), decision.tasks
        return LineDecided(
            meeting_id=self.meeting_id,
            line_id=self.id,
            case_id=self.case_id,
            reason=self.reason,
            outcome=decision.outcome,
            tasks=list(self.tasks),
        )


def frozen(
    meeting_id: UUID, lines: Iterable[tuple[Line, Case]], points: Mapping[UUID, int], until: date
) -> list[MeetingLine]:
    """The agenda of a meeting from the open lines and their cases: those that stand since its day or longer, in order.

    `points` has the complexity of the cases where it is known. The order is that of `place_of`.
    """
    standing = [(line, case) for line, case in lines if line.settled_at is None and line.since <= until]
    standing.sort(key=lambda each: place(each[0], each[1], points.get(each[1].id)))
    return [
        MeetingLine(
            meeting_id=meeting_id,
            position=number,
            line_id=line.id,
            case_id=line.case_id,
            reason=line.reason,
            subject_id=line.subject_id,
            source_id=line.source_id,
            since=line.since,
            urgency=more_urgent(line.urgency, case.urgency),
            worker=case.worker,
            state=case.state,
            rolled_over=line.rolled_over,
        )
        for number, (line, case) in enumerate(standing, start=1)
    ]


def place(line: Line, case: Case, points: int | None) -> Place:
    """Where an open line of a case stands."""
    urgency = more_urgent(line.urgency, case.urgency)
    signal = Signal(line.case_id, line.reason, line.subject_id, line.source_id, line.since, urgency)
    return place_of(signal, points)


def ordered_tasks(case: Case, line: MeetingLine, orders: Sequence[TaskOrder], today: date) -> list[Task]:
    """The tasks that a decision becomes: outside the plan, so that a case without one, or a closed one, has them too.

    Raises Unfit for a day that is past, and for a case manager's task where nobody owns the case.
    """
    faults = [Fault(f"/tasks/{number}/due_on", "in-past") for number, each in enumerate(orders) if each.due_on < today]
    faults += [
        Fault(f"/tasks/{number}/assignee", "no-worker")
        for number, each in enumerate(orders)
        if each.assignee is Assignee.CASE_MANAGER and case.worker is None
    ]
    refuse(faults)
    return [
        Task(
            id=new_id(),
            case_id=case.id,
            since=case.plan_version,
            title=each.title,
            domain=each.domain,
            organisation=each.organisation or case.organisation,
            assignee=each.assignee,
            due_on=each.due_on,
            urgent=each.urgent,
            within_mission=True,
            mission_reason=None,
            origin=TaskOrigin.MEETING,
            origin_id=line.id,
        )
        for each in orders
    ]
