"""The life of a case: the steps that a case manager takes. Values in, facts out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain.origin import Origin
from services.cases.domain.pause import FirstContact, Pause
from services.cases.domain.plan import (
    Agreement,
    Completion,
    NoAgreedPlan,
    NotTheNewestPlan,
    Plan,
    PlanContent,
    Task,
    TaskDescription,
    TaskStatus,
    numbered,
)
from services.cases.domain.states import NEXT, IllegalStep, Phase, State
from services.cases.domain.steps import Assignment, Closing, Load, NextStep, Reopening, StepKind, UrgentTasksOpen
from services.cases.domain.visit import Visit, VisitReport
from services.cases.domain.words import Unfit
from services.cases.events import (
    AccountableItem,
    CareStarted,
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CasePaused,
    CaseReopened,
    CaseResumed,
    CheckedItem,
    ClosingReason,
    Discipline,
    Durability,
    FirstContactMade,
    Item,
    ItemsChecked,
    OriginKind,
    PauseReason,
    PersonLinked,
    PlanAgreed,
    PlanDrafted,
    TaskAssigned,
    TaskDone,
    Urgency,
    VisitRecorded,
    VisitStatus,
)
from shared.clock import BRUSSELS
from shared.errors import Fault
from shared.events import Event
from shared.ids import new_id

AFTER_REOPENING = timedelta(days=7)


class Case(BaseModel):
    """One person's way through the programme. `opened_on` and `closed_on` are days in Belgium."""

    id: UUID
    organisation: str
    origin_kind: OriginKind
    origin_id: UUID
    person_id: UUID | None
    urgency: Urgency
    opened_at: datetime
    opened_on: date
    state: State = State.OPENED
    worker: str | None = None
    discipline: Discipline | None = None
    next_step: StepKind | None = None
    next_step_on: date | None = None
    first_contact_on: date | None = None
    care_started_on: date | None = None
    paused_reason: PauseReason | None = None
    paused_until: date | None = None
    plan_version: int = 0
    agreed_version: int | None = None
    open_tasks: int = 0
    closed_on: date | None = None
    closing_reason: ClosingReason | None = None

    @classmethod
    def open(cls, origin: Origin, urgency: Urgency, organisation: str, at: datetime) -> tuple[Self, CaseOpened]:
        """A new case of an origin."""
        case = cls(
            id=new_id(),
            organisation=organisation,
            origin_kind=origin.kind,
            origin_id=origin.id,
            person_id=origin.person_id,
            urgency=urgency,
            opened_at=at,
            opened_on=at.astimezone(BRUSSELS).date(),
        )
        fact = CaseOpened(
            case_id=case.id,
            origin_kind=case.origin_kind,
            origin_id=case.origin_id,
            person_id=case.person_id,
            urgency=case.urgency,
        )
        return case, fact

    @property
    def phase(self) -> Phase:
        """Plan until a plan is agreed, coordinate while tasks are open, then follow; evaluate once closed."""
        if self.state is State.CLOSED:
            return Phase.EVALUATE
        if self.agreed_version is None:
            return Phase.PLAN
        return Phase.COORDINATE if self.open_tasks else Phase.FOLLOW

    def link_person(self, person_id: UUID) -> list[Event]:
        """Note whom it is about; nothing happens when that is known already."""
        if self.person_id == person_id:
            return []
        self.person_id = person_id
        return [PersonLinked(case_id=self.id, person_id=person_id)]

    def assign(self, assignment: Assignment, load: Load, today: date) -> CaseAssigned:
        """Give it an owner, or another one, with a next step and its day; a closed case is reopened first.

        Raises IllegalStep, CaseloadFull at the worker's cap without a reason, Unfit for a next step in the past.
        """
        if self.state is State.CLOSED:
            raise self._illegal()
        state = self._next(State.IN_CARE if self.state is State.IN_CARE else State.ASSIGNED)
        load.allow_one_more(assignment.over_cap_reason)
        self._plan_next(assignment.next_step, today)
        self.state, self.worker, self.discipline = state, assignment.worker, assignment.discipline
        return CaseAssigned(
            case_id=self.id,
            worker=assignment.worker,
            discipline=assignment.discipline,
            organisation=self.organisation,
        )

    def visit(self, report: VisitReport, by: str, now: datetime) -> tuple[Visit, list[Event]]:
        """Note a visit; the first one made begins the care. Raises IllegalStep, Unfit for a day that cannot be."""
        self._needs_owner()
        refuse(report.faults(self.opened_on, now))
        self._plan_next(report.next_step, now.astimezone(BRUSSELS).date())
        took = {
            name: getattr(report, name) for name in ("kind", "status", "at", "minutes", "travel_minutes", "km", "note")
        }
        visit = Visit(id=new_id(), case_id=self.id, on=report.day, recorded_by=by, recorded_at=now, **took)
        facts: list[Event] = [
            VisitRecorded(case_id=self.id, visit_id=visit.id, kind=visit.kind, status=visit.status, on=visit.on)
        ]
        if visit.status is VisitStatus.DONE and self.care_started_on is None:
            self.state, self.care_started_on = self._next(State.IN_CARE), visit.on
            facts.append(CareStarted(case_id=self.id, person_id=self.person_id, on=visit.on))
        return visit, facts

    def note_first_contact(self, contact: FirstContact, today: date) -> FirstContactMade:
        """Note when the person was first spoken with, once. Raises IllegalStep, Unfit for a day that cannot be."""
        self._needs_owner()
        if self.first_contact_on is not None:
            raise self._illegal()
        refuse(contact.faults(self.opened_on, today))
        self.first_contact_on = contact.on
        return FirstContactMade(case_id=self.id, on=contact.on)

    def pause(self, pause: Pause, today: date) -> CasePaused:
        """Let it rest. Its state and owner stay. Raises IllegalStep where it rests already, Unfit."""
        self._needs_owner()
        if self.paused_reason is not None:
            raise self._illegal()
        refuse(pause.faults(today))
        self.paused_reason, self.paused_until = pause.reason, pause.until
        return CasePaused(case_id=self.id, reason=pause.reason, until=pause.until)

    def resume(self) -> CaseResumed:
        """Go on after a pause. Raises IllegalStep where it does not rest."""
        if self.paused_reason is None:
            raise self._illegal()
        self.paused_reason = self.paused_until = None
        return CaseResumed(case_id=self.id)

    def draft(self, content: PlanContent, tasks: Sequence[Task], by: str, now: datetime) -> tuple[Plan, PlanDrafted]:
        """Write the next version of the plan. Raises IllegalStep, Unfit for a task carried over from elsewhere."""
        self._needs_owner()
        planned = numbered(content.tasks, tasks)
        self.plan_version += 1
        plan = Plan(
            case_id=self.id,
            number=self.plan_version,
            goals=content.goals,
            needs=content.needs,
            resources=content.resources,
            tasks=planned,
            person_words=content.person_words,
            drafted_by=by,
            drafted_at=now,
        )
        return plan, PlanDrafted(case_id=self.id, plan_version=plan.number)

    def agree(
        self, plan: Plan | None, tasks: Sequence[Task], agreement: Agreement, today: date
    ) -> tuple[list[Task], list[Event]]:
        """Put the newest version in force: (its new tasks, the facts).

        Raises IllegalStep, NotTheNewestPlan for another version or one agreed already, Unfit for a day to come.
        """
        self._needs_owner()
        if plan is None or plan.number != self.plan_version or plan.agreement is not None:
            raise NotTheNewestPlan(facts={"plan_version": self.plan_version})
        refuse([Fault("/on", "in-future")] if agreement.on > today else [])
        self._plan_next(agreement.next_step, today)
        new, assigned = plan.put_in_force(tasks)
        in_force = [task for task in (*tasks, *new) if task.in_force]
        plan.agreement = agreement
        self.agreed_version = plan.number
        self.open_tasks = sum(task.status is TaskStatus.OPEN for task in in_force)
        items = [
            AccountableItem(task_id=task.id, domain=task.told_domain, organisation=task.organisation)
            for task in in_force
        ]
        agreed = PlanAgreed(case_id=self.id, plan_version=plan.number, items=items)
        return new, [agreed, *(self._assigned(task) for task in assigned)]

    def add_task(self, description: TaskDescription) -> tuple[Task, TaskAssigned]:
        """Add a task to the agreed plan. Raises IllegalStep, NoAgreedPlan."""
        self._needs_owner()
        if self.agreed_version is None:
            raise NoAgreedPlan
        task = Task.of(self.id, self.plan_version, description)
        self.open_tasks += 1
        return task, self._assigned(task)

    def complete(self, task: Task, completion: Completion, today: date) -> TaskDone:
        """Note that a task is done. Raises IllegalStep, TaskNotOpen, Unfit for a day to come."""
        self._needs_owner()
        refuse([Fault("/on", "in-future")] if completion.on > today else [])
        task.finish(completion)
        self.open_tasks -= 1
        return TaskDone(case_id=self.id, task_id=task.id)

    def check_items(
        self, follow_up: tuple[UUID, str], found: Mapping[UUID, Durability], tasks: Sequence[Task]
    ) -> tuple[list[UUID], list[Event]]:
        """Take the results of a follow-up call over: (the items found lost, the facts).

        An earlier call never overrules a later one, whichever result comes first.
        """
        follow_up_id, kind = follow_up
        checked = [
            CheckedItem(task_id=task.id, status=found[task.id])
            for task in tasks
            if task.id in found and task.take_result(found[task.id], kind)
        ]
        lost = [item.task_id for item in checked if item.status is Durability.LOST]
        facts: list[Event] = [ItemsChecked(case_id=self.id, follow_up_id=follow_up_id, items=checked)]
        return lost, facts if checked else []

    def close(self, closing: Closing, tasks: Sequence[Task], today: date) -> CaseClosed:
        """End it. Raises IllegalStep, UrgentTasksOpen without a reason, Unfit for a day that cannot be."""
        state = self._next(State.CLOSED)
        urgent = sum(task.urgent and task.status is TaskStatus.OPEN for task in tasks)
        if urgent and not closing.open_tasks_reason:
            raise UrgentTasksOpen(facts={"urgent": urgent})
        refuse(closing.faults(self.opened_on, today))
        self.next_step = self.next_step_on = None
        self.paused_reason = self.paused_until = None
        self.state, self.closed_on, self.closing_reason = state, closing.closed_on, closing.reason
        return CaseClosed(
            case_id=self.id,
            person_id=self.person_id,
            closed_on=closing.closed_on,
            reason=closing.reason,
            items=[Item(task_id=task.id, domain=task.told_domain) for task in tasks if task.in_force],
        )

    def reopen(self, reopening: Reopening, tasks: Sequence[Task], today: date) -> CaseReopened:
        """Go on with the same owner where it was. Raises IllegalStep, Unfit for a next step in the past."""
        if self.state is not State.CLOSED:
            raise self._illegal()
        before = State.ASSIGNED if self.worker else State.OPENED
        state = self._next(State.IN_CARE if self.care_started_on else before)
        call = NextStep(kind=StepKind.PHONE_CALL, due_on=today + AFTER_REOPENING)
        self._plan_next(reopening.next_step or (call if self.worker else None), today)
        self.state, self.closed_on, self.closing_reason = state, None, None
        for task in tasks:
            task.checked_by = None
        return CaseReopened(case_id=self.id)

    def allowed(self) -> list[State]:
        """The states it can move to now."""
        return sorted(NEXT[self.state])

    def _assigned(self, task: Task) -> TaskAssigned:
        return TaskAssigned(
            case_id=self.id,
            task_id=task.id,
            domain=task.told_domain,
            organisation=task.organisation,
            assignee=task.assignee,
            due_on=task.due_on,
        )

    def _plan_next(self, step: NextStep | None, today: date) -> None:
        if step is not None:
            refuse(step.faults(today))
            self.next_step, self.next_step_on = step.kind, step.due_on

    def _needs_owner(self) -> None:
        if self.state not in {State.ASSIGNED, State.IN_CARE}:
            raise self._illegal()

    def _next(self, state: State) -> State:
        if state not in NEXT[self.state]:
            raise self._illegal()
        return state

    def _illegal(self) -> IllegalStep:
        return IllegalStep(facts={"state": self.state, "allowed": [state.value for state in self.allowed()]})


def refuse(faults: Sequence[Fault]) -> None:
    """Raise Unfit where there are faults."""
    if faults:
        raise Unfit(faults=faults)
