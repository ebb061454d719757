"""Any steps in any order: a case never gets into a state that its rules forbid."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.cases.domain import (
    NEXT,
    Case,
    Completion,
    IllegalStep,
    Load,
    Pause,
    Reopening,
    State,
    TaskStatus,
)
from services.cases.events import (
    CareStarted,
    CaseClosed,
    Durability,
    PauseReason,
    VisitStatus,
)
from shared.errors import DomainError
from shared.events import Event
from shared.ids import new_id
from tests.cases.record import TODAY, Record, assignment, closing, task, visit

WORKERS = st.sampled_from(["anne", "bruno"])
DAYS = st.sampled_from([0, -1, 1, 0, 0])


class CaseLife(RuleBasedStateMachine):
    """Any steps in any order: each either succeeds and tells at least one fact, or changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.record = Record()
        self.today = TODAY
        self.starts = 0
        self.owner: str | None = None

    @property
    def now(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 9, 30, tzinfo=UTC)

    def succeeded(self, facts: list[Event], before: State) -> None:
        """Check a step that succeeded: it told something and made a move that the table allows."""
        case = self.record.case
        assert facts
        assert case.state is before or case.state in NEXT[before]
        self.starts += sum(isinstance(fact, CareStarted) for fact in facts)

    def refused(self, before: Case) -> None:
        assert self.record.case == before

    @initialize(urgent=st.sampled_from([None, False, True]))
    def begin(self, urgent: bool | None) -> None:
        """Most lives begin with an agreed plan, so that short ones get far."""
        if urgent is not None:
            self.record.in_force(task(urgent=urgent), task())
            self.owner = "anne"

    @rule(days=st.integers(min_value=0, max_value=5))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(worker=WORKERS, open_cases=st.sampled_from([0, 40]), reason=st.sampled_from([None, "parce que"]), days=DAYS)
    def assign(self, worker: str, open_cases: int, reason: str | None, days: int) -> None:
        before = self.record.case.model_copy()
        wanted = assignment(worker, reason, self.today + timedelta(days=days))
        try:
            fact = self.record.case.assign(wanted, Load(open=open_cases, cap=40), self.today)
        except DomainError:
            return self.refused(before)
        assert open_cases < 40 or reason
        self.owner = worker
        self.succeeded([fact], before.state)

    @rule(status=st.sampled_from(VisitStatus), days=DAYS)
    def visit(self, status: VisitStatus, days: int) -> None:
        before = self.record.case.model_copy()
        try:
            made, facts = self.record.case.visit(visit(status, self.today + timedelta(days=days)), "anne", self.now)
        except DomainError:
            return self.refused(before)
        assert made.on >= self.record.case.opened_on
        self.succeeded(facts, before.state)

    @rule(tasks=st.lists(st.booleans(), max_size=3), carried=st.booleans())
    def draft(self, tasks: list[bool], carried: bool) -> None:
        before = self.record.case.model_copy()
        planned = [task(urgent=urgent) for urgent in tasks]
        if carried and self.record.tasks:
            planned.append(task(task_id=self.record.tasks[-1].id))
        try:
            self.record.draft(*planned)
        except DomainError:
            return self.refused(before)
        self.succeeded(self.record.facts[-1:], before.state)

    @rule(back=st.integers(min_value=0, max_value=1))
    def agree(self, back: int) -> None:
        before = self.record.case.model_copy()
        try:
            facts = self.record.agree(max(1, before.plan_version - back))
        except DomainError:
            return self.refused(before)
        assert back == 0 or before.plan_version == 1
        self.succeeded(facts, before.state)

    @rule(urgent=st.booleans())
    def add_task(self, urgent: bool) -> None:
        before = self.record.case.model_copy()
        try:
            self.record.add(task(urgent=urgent))
        except DomainError:
            return self.refused(before)
        self.succeeded(self.record.facts[-1:], before.state)

    @precondition(lambda self: self.record.tasks)
    @rule(data=st.data(), days=DAYS)
    def complete(self, data: st.DataObject, days: int) -> None:
        before = self.record.case.model_copy()
        chosen = data.draw(st.sampled_from(self.record.tasks))
        completion = Completion(on=self.today + timedelta(days=days), evidence="vu")
        try:
            fact = self.record.case.complete(chosen, completion, self.today)
        except DomainError:
            return self.refused(before)
        self.succeeded([fact], before.state)

    @precondition(lambda self: self.record.tasks)
    @rule(kind=st.sampled_from(["one-month", "six-months"]), status=st.sampled_from(Durability))
    def follow_up(self, kind: str, status: Durability) -> None:
        before = self.record.case.model_copy()
        found: dict[UUID, Durability] = {each.id: status for each in self.record.tasks}
        self.record.case.check_items((new_id(), kind), found, self.record.tasks)
        self.refused(before)

    @rule(days=DAYS, reason=st.sampled_from(PauseReason))
    def pause(self, days: int, reason: PauseReason) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.pause(Pause(reason=reason, until=self.today + timedelta(days=days)), self.today)
        except DomainError:
            return self.refused(before)
        self.succeeded([fact], before.state)

    @rule()
    def resume(self) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.resume()
        except IllegalStep:
            assert before.paused_reason is None
            return self.refused(before)
        self.succeeded([fact], before.state)

    @invariant()
    def only_a_case_in_work_rests(self) -> None:
        case = self.record.case
        assert case.paused_reason is None or case.state in {State.ASSIGNED, State.IN_CARE}
        assert case.paused_reason or case.paused_until is None

    @rule(days=DAYS, reason=st.sampled_from([None, "repris"]))
    def close(self, days: int, reason: str | None) -> None:
        before = self.record.case.model_copy()
        wanted = closing(self.today + timedelta(days=days), reason)
        try:
            fact: CaseClosed = self.record.case.close(wanted, self.record.tasks, self.today)
        except DomainError:
            return self.refused(before)
        assert before.state is not State.CLOSED
        assert {item.task_id for item in fact.items} == {each.id for each in self.record.tasks if each.in_force}
        self.succeeded([fact], before.state)

    @rule()
    def reopen(self) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.reopen(Reopening(reason="encore"), self.record.tasks, self.today)
        except IllegalStep:
            assert before.state is not State.CLOSED
            return self.refused(before)
        self.succeeded([fact], before.state)

    @rule(person=st.sampled_from([UUID(int=1), UUID(int=2)]))
    def person_is_identified(self, person: UUID) -> None:
        known = self.record.case.person_id
        facts = self.record.case.link_person(person)
        assert len(facts) == (known != person)

    @invariant()
    def a_case_in_work_has_owner_next_step_and_day(self) -> None:
        case = self.record.case
        in_work = case.state in {State.ASSIGNED, State.IN_CARE}
        assert in_work == (case.next_step is not None) == (case.next_step_on is not None)
        assert case.worker or not in_work

    @invariant()
    def roles_are_kept(self) -> None:
        assert self.record.case.worker == self.owner

    @invariant()
    def closed_cases_have_a_day_and_only_they(self) -> None:
        case = self.record.case
        assert (case.state is State.CLOSED) == (case.closed_on is not None) == (case.closing_reason is not None)

    @invariant()
    def care_starts_once(self) -> None:
        assert self.starts == (1 if self.record.case.care_started_on else 0)
        assert self.record.case.care_started_on or self.record.case.state is not State.IN_CARE

    @invariant()
    def open_tasks_are_counted(self) -> None:
        assert self.record.case.open_tasks == sum(each.status is TaskStatus.OPEN for each in self.record.tasks)

    @invariant()
    def at_most_one_plan_is_the_agreed_one(self) -> None:
        agreed = [plan.number for plan in self.record.plans if plan.agreement]
        assert self.record.case.agreed_version == (max(agreed) if agreed else None)
        assert [plan.number for plan in self.record.plans] == list(range(1, self.record.case.plan_version + 1))


TestCaseLife = CaseLife.TestCase
TestCaseLife.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
