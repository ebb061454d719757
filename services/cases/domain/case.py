"""The life of a case: the steps that move it. Values in, facts out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain.assignment import Assignment
from services.cases.domain.caseload import Load
from services.cases.domain.interval import Interval
from services.cases.domain.origin import Origin, Terms
from services.cases.domain.pause import FirstContact, Pause
from services.cases.domain.states import ENDED, OWNED, WORKED, IllegalStep, Move, Phase, State, leads, moves_from
from services.cases.domain.steps import (
    Closing,
    Declining,
    NextStep,
    Reopening,
    StepKind,
    UrgentTasksOpen,
    Waiting,
)
from services.cases.domain.task import Task
from services.cases.domain.words import refuse
from services.cases.events import (
    CaseAssigned,
    CaseClosed,
    CaseDeclined,
    CaseOpened,
    CasePaused,
    CaseReopened,
    CaseResumed,
    CaseWaitlisted,
    ClosingReason,
    DeclineReason,
    Discipline,
    FirstContactMade,
    Item,
    NextStepSet,
    OriginKind,
    PauseReason,
    PersonLinked,
    Urgency,
    UrgencyRaised,
    WantedDiscipline,
)
from shared.clock import BRUSSELS
from shared.events import Event
from shared.ids import new_id

AFTER_REOPENING = timedelta(days=7)


class Case(BaseModel):
    """One person's way through the programme. Days are days in Belgium.

    `organisation` is the one that answers for the case; `protocol_version` names the working rules in force when it
    was requested. `intervals` has one entry per stretch from the opening (or reopening) to its closing.
    `nis_code` is the municipality of the first visit that named one.
    """

    id: UUID
    organisation: str
    origin_kind: OriginKind
    origin_id: UUID
    person_id: UUID | None
    urgency: Urgency
    opened_at: datetime
    opened_on: date
    protocol_version: str = "1"
    pathway_id: UUID | None = None
    state: State = State.REQUESTED
    wanted_discipline: WantedDiscipline | None = None
    worker: str | None = None
    discipline: Discipline | None = None
    next_step: StepKind | None = None
    next_step_on: date | None = None
    waiting_since: date | None = None
    first_contact_on: date | None = None
    care_started_on: date | None = None
    paused_reason: PauseReason | None = None
    paused_until: date | None = None
    plan_version: int = 0
    agreed_version: int | None = None
    open_tasks: int = 0
    intervals: tuple[Interval, ...] = ()
    closed_on: date | None = None
    closing_reason: ClosingReason | None = None
    declined_reason: DeclineReason | None = None
    nis_code: str | None = None
    worker_from: date | None = None
    second_worker: str | None = None
    second_discipline: Discipline | None = None
    travel_minutes: int | None = None
    expected_close_on: date | None = None
    hand_over_version: int = 0

    @classmethod
    def open(cls, origin: Origin, urgency: Urgency, terms: Terms, at: datetime) -> tuple[Self, CaseOpened]:
        """The case of an origin, as a request that waits for an owner, on the terms in force at that moment."""
        case = cls(
            id=new_id(),
            organisation=terms.organisation,
            origin_kind=origin.kind,
            origin_id=origin.id,
            person_id=origin.person_id,
            urgency=urgency,
            opened_at=at,
            opened_on=at.astimezone(BRUSSELS).date(),
            protocol_version=terms.protocol_version,
            pathway_id=terms.pathway_id,
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

    def press(self, urgency: Urgency | None) -> list[Event]:
        """Somebody says how urgent it is: it may become more urgent, never less; nothing happens once it has ended."""
        if self.state in ENDED or urgency is not Urgency.URGENT or self.urgency is Urgency.URGENT:
            return []
        self.urgency = urgency
        return [UrgencyRaised(case_id=self.id, urgency=urgency)]

    def wait(self, waiting: Waiting, today: date) -> CaseWaitlisted:
        """Put the request on the waiting list. Raises IllegalStep."""
        self.state = self.after(Move.WAITING_LIST, State.WAITING)
        self.waiting_since = today
        self.wanted_discipline = waiting.wanted_discipline or self.wanted_discipline
        return CaseWaitlisted(case_id=self.id, wanted_discipline=self.wanted_discipline)

    def decline(self, declining: Declining) -> CaseDeclined:
        """Say no to the request, with a reason and an onward path. Raises IllegalStep."""
        self.state, self.declined_reason = self.after(Move.DECLINE, State.DECLINED), declining.reason
        return CaseDeclined(case_id=self.id, reason=declining.reason)

    def withdraw(self) -> CaseDeclined:
        """The request was taken back before anybody took it on. Raises IllegalStep."""
        self.state, self.declined_reason = self.after(Move.DECLINE, State.DECLINED), DeclineReason.REQUEST_WITHDRAWN
        return CaseDeclined(case_id=self.id, reason=self.declined_reason)

    def assign(self, assignment: Assignment, load: Load, today: date) -> CaseAssigned:
        """Give it an owner, or another one, with a next step and its day.

        Raises IllegalStep, CaseloadFull at the worker's cap without a reason, Unfit for a next step in the past.
        """
        state = self.after(Move.ASSIGNMENT, self.state if self.state in OWNED else State.OPEN)
        load.allow_one_more(assignment.over_cap_reason)
        self.plan_next(assignment.next_step, today)
        if not self.intervals:
            self.intervals = (Interval(number=1, begun_on=self.opened_on),)
        self.state, self.worker, self.discipline = state, assignment.worker, assignment.discipline
        self.worker_from = assignment.first_day(today)
        return CaseAssigned(
            case_id=self.id,
            worker=assignment.worker,
            discipline=assignment.discipline,
            organisation=self.organisation,
        )

    def note_first_contact(self, contact: FirstContact, today: date) -> FirstContactMade:
        """Note when the person was first spoken with, once. Raises IllegalStep, Unfit for a day that cannot be."""
        self.needs_owner()
        if self.first_contact_on is not None:
            raise self.illegal()
        refuse(contact.faults(self.opened_on, today))
        self.first_contact_on = contact.on
        return FirstContactMade(case_id=self.id, on=contact.on)

    def start_care(self, on: date) -> None:
        """The first home visit was made. Raises IllegalStep."""
        self.state, self.care_started_on = self.after(Move.CARE_START, State.IN_CARE), on

    def set_next_step(self, step: NextStep, today: date) -> NextStepSet:
        """Say what comes next, and by when. Raises IllegalStep without an owner, Unfit for a day that is past."""
        self.needs_owner()
        self.plan_next(step, today)
        return NextStepSet(case_id=self.id, kind=step.kind, due_on=step.due_on)

    def pause(self, pause: Pause, today: date) -> CasePaused:
        """Let it rest until a day; its owner stays, and its next step is not due before. Raises IllegalStep, Unfit."""
        state = self.after(Move.PAUSE, State.PAUSED)
        refuse(pause.faults(today))
        self.state, self.paused_reason, self.paused_until = state, pause.reason, pause.until
        self.next_step_on = max(pause.until, self.next_step_on or pause.until)
        return CasePaused(case_id=self.id, reason=pause.reason, until=pause.until)

    def resume(self) -> CaseResumed:
        """Go on after a pause, where it was. Raises IllegalStep where it does not rest."""
        self.state = self.after(Move.RESUMPTION, State.IN_CARE if self.care_started_on else State.OPEN)
        self.paused_reason = self.paused_until = None
        return CaseResumed(case_id=self.id)

    def close(self, closing: Closing, tasks: Sequence[Task], today: date) -> CaseClosed:
        """End it. Raises IllegalStep, UrgentTasksOpen without a reason, Unfit for a day that cannot be."""
        state = self.after(Move.CLOSURE, State.CLOSED)
        urgent = sum(task.urgent and task.is_open for task in tasks)
        if urgent and not closing.open_tasks_reason:
            raise UrgentTasksOpen(facts={"urgent": urgent})
        refuse(closing.faults(self.opened_on, today))
        self.next_step = self.next_step_on = None
        self.paused_reason = self.paused_until = None
        self.state, self.closed_on, self.closing_reason = state, closing.closed_on, closing.reason
        self.intervals = (
            *self.intervals[:-1],
            self.intervals[-1].ended(closing.closed_on, closing.reason, closing.summary),
        )
        return CaseClosed(
            case_id=self.id,
            person_id=self.person_id,
            closed_on=closing.closed_on,
            reason=closing.reason,
            items=[Item(task_id=task.id, domain=task.told_domain) for task in tasks if task.in_force],
        )

    def reopen(self, reopening: Reopening, tasks: Sequence[Task], today: date) -> CaseReopened:
        """Go on where it was, with the same owner, in a new interval; earlier completions stay in theirs.

        A declined request becomes a request again. Raises IllegalStep, Unfit for a next step in the past.
        """
        if self.state is State.DECLINED:
            self.state, self.declined_reason = self.after(Move.REOPENING, State.REQUESTED), None
            return CaseReopened(case_id=self.id)
        state = self.after(Move.REOPENING, State.IN_CARE if self.care_started_on else State.OPEN)
        call = NextStep(kind=StepKind.PHONE_CALL, due_on=today + AFTER_REOPENING)
        self.plan_next(reopening.next_step or call, today)
        self.state, self.closed_on, self.closing_reason = state, None, None
        begun = Interval(number=len(self.intervals) + 1, begun_on=today, note=reopening.reason)
        self.intervals = (*self.intervals, begun)
        for task in tasks:
            task.checked_by = None
        return CaseReopened(case_id=self.id)

    def allowed(self) -> list[Move]:
        """The steps that the table allows now."""
        return moves_from(self.state)

    def plan_next(self, step: NextStep | None, today: date) -> None:
        """Take over what comes next, where something is said. Raises Unfit for a day that is past."""
        if step is not None:
            refuse(step.faults(today))
            self.next_step, self.next_step_on = step.kind, step.due_on

    def needs_owner(self) -> None:
        """Raises IllegalStep unless somebody owns it."""
        if self.state not in OWNED:
            raise self.illegal()

    def needs_work(self) -> None:
        """Raises IllegalStep unless somebody works on it: it has an owner and does not rest."""
        if self.state not in WORKED:
            raise self.illegal()

    def after(self, move: Move, state: State) -> State:
        """The state that a move leads to. Raises IllegalStep where the table has no such move from here."""
        if not leads(move, self.state, state):
            raise self.illegal()
        return state

    def illegal(self) -> IllegalStep:
        """The refusal of a step, with where the case stands and what it may do from here."""
        return IllegalStep(facts={"state": self.state, "allowed": [move.value for move in self.allowed()]})
