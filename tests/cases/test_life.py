"""Any steps in any order: a case never gets into a state that its rules forbid."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.cases.domain import (
    ARCS,
    OWNED,
    Case,
    Completion,
    IllegalStep,
    Load,
    Move,
    NextStep,
    Pause,
    Reopening,
    State,
    StepKind,
    TaskStatus,
    Waiting,
    check_items,
    complete,
    record_visit,
)
from services.cases.domain.transfer import (
    Party,
    Transfer,
    TransferAcceptance,
    TransferOffer,
    TransferReason,
    hand_over,
    offer_transfer,
)
from services.cases.events import (
    CareStarted,
    CaseClosed,
    DeclineReason,
    Discipline,
    Durability,
    PauseReason,
    TransferKind,
    VisitStatus,
    WantedDiscipline,
)
from shared.errors import DomainError
from shared.events import Event
from shared.ids import new_id
from tests.cases.record import ROOM, TODAY, Record, assignment, closing, declining, task, visit

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
        self.transfer: Transfer | None = None

    @property
    def now(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 9, 30, tzinfo=UTC)

    def succeeded(self, facts: list[Event], before: State, move: Move | None = None) -> None:
        """Check a step that succeeded: it told something, and moved the case as the table says, or not at all."""
        after = self.record.case.state
        assert facts
        if move is None:
            assert after is before
        else:
            assert any(arc.move is move and before in arc.start and after in arc.end for arc in ARCS), (before, after)
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
        self.succeeded([fact], before.state, Move.ASSIGNMENT)

    @rule(status=st.sampled_from(VisitStatus), days=DAYS)
    def visit(self, status: VisitStatus, days: int) -> None:
        before = self.record.case.model_copy()
        try:
            made, facts = record_visit(
                self.record.case, visit(status, self.today + timedelta(days=days)), "anne", self.now
            )
        except DomainError:
            return self.refused(before)
        assert made.on >= self.record.case.opened_on
        started = any(isinstance(fact, CareStarted) for fact in facts)
        self.succeeded(facts, before.state, Move.CARE_START if started else None)

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
            fact = complete(self.record.case, chosen, completion, self.today)
        except DomainError:
            return self.refused(before)
        self.succeeded([fact], before.state)

    @precondition(lambda self: self.record.tasks)
    @rule(kind=st.sampled_from(["one-month", "six-months"]), status=st.sampled_from(Durability))
    def follow_up(self, kind: str, status: Durability) -> None:
        before = self.record.case.model_copy()
        found: dict[UUID, Durability] = {each.id: status for each in self.record.tasks}
        check_items(self.record.case, (new_id(), kind), found, self.record.tasks)
        self.refused(before)

    @rule(days=DAYS, reason=st.sampled_from(PauseReason))
    def pause(self, days: int, reason: PauseReason) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.pause(Pause(reason=reason, until=self.today + timedelta(days=days)), self.today)
        except DomainError:
            return self.refused(before)
        self.succeeded([fact], before.state, Move.PAUSE)

    @rule()
    def resume(self) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.resume()
        except IllegalStep:
            assert before.paused_reason is None
            return self.refused(before)
        self.succeeded([fact], before.state, Move.RESUMPTION)

    @rule(wanted=st.sampled_from([None, *WantedDiscipline]))
    def wait(self, wanted: WantedDiscipline | None) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.wait(Waiting(wanted_discipline=wanted), self.today)
        except IllegalStep:
            assert before.state is not State.REQUESTED
            return self.refused(before)
        self.succeeded([fact], before.state, Move.WAITING_LIST)

    @rule(reason=st.sampled_from(DeclineReason))
    def decline(self, reason: DeclineReason) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.decline(declining(reason))
        except IllegalStep:
            assert before.state not in {State.REQUESTED, State.WAITING}
            return self.refused(before)
        self.succeeded([fact], before.state, Move.DECLINE)

    @rule(days=DAYS)
    def set_next_step(self, days: int) -> None:
        before = self.record.case.model_copy()
        step = NextStep(kind=StepKind.CARE_PLAN, due_on=self.today + timedelta(days=days))
        try:
            fact = self.record.case.set_next_step(step, self.today)
        except DomainError:
            return self.refused(before)
        assert days >= 0
        self.succeeded([fact], before.state)

    @invariant()
    def a_paused_case_and_only_it_has_a_reason_and_a_return_day(self) -> None:
        case = self.record.case
        assert (case.state is State.PAUSED) == (case.paused_reason is not None) == (case.paused_until is not None)

    @invariant()
    def a_declined_case_and_only_it_has_a_reason(self) -> None:
        case = self.record.case
        assert (case.state is State.DECLINED) == (case.declined_reason is not None)

    @invariant()
    def every_stretch_but_the_last_has_ended(self) -> None:
        case = self.record.case
        assert [each.number for each in case.intervals] == list(range(1, len(case.intervals) + 1))
        assert all(each.ended_on for each in case.intervals[:-1])
        last_is_open = bool(case.intervals) and case.intervals[-1].ended_on is None
        assert last_is_open == (case.state in OWNED)

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
        self.succeeded([fact], before.state, Move.CLOSURE)

    @rule()
    def reopen(self) -> None:
        before = self.record.case.model_copy()
        try:
            fact = self.record.case.reopen(Reopening(reason="encore"), self.record.tasks, self.today)
        except IllegalStep:
            assert before.state is not State.CLOSED
            return self.refused(before)
        self.succeeded([fact], before.state, Move.REOPENING)

    @rule(worker=WORKERS, kind=st.sampled_from(TransferKind), decides=st.booleans(), written=st.booleans())
    def ask_transfer(self, worker: str, kind: TransferKind, decides: bool, written: bool) -> None:
        before = self.record.case.model_copy()
        to = worker if kind is TransferKind.TRANSFER else None
        offer = TransferOffer(kind=kind, to_worker=to, reason=TransferReason.WORKLOAD)
        party = Party(subject="bruno", organisation="relais", decides=decides)
        try:
            transfer, fact = offer_transfer(self.record.case, offer, party, written, self.now)
        except DomainError:
            return self.refused(before)
        assert transfer.from_worker == before.worker != transfer.to_worker
        self.transfer = transfer
        self.succeeded([fact], before.state)

    @precondition(lambda self: self.transfer)
    @rule(by=st.sampled_from(["anne", "bruno", "chef"]), days=DAYS)
    def accept_transfer(self, by: str, days: int) -> None:
        assert self.transfer
        before, waiting = self.record.case.model_copy(), self.transfer.model_copy()
        party = Party(subject=by, organisation="relais", decides=by == "chef")
        step = NextStep(kind=StepKind.HOME_VISIT, due_on=self.today + timedelta(days=days))
        acceptance = TransferAcceptance(discipline=Discipline.NURSE, next_step=step)
        try:
            self.transfer.check_answers(party)
            worker = self.transfer.taker(acceptance, party)
            facts = hand_over(self.record.case, self.transfer, acceptance, ROOM, (worker, self.today))
        except DomainError:
            assert self.transfer == waiting
            return self.refused(before)
        asked = waiting.to_worker if waiting.kind is TransferKind.TRANSFER else waiting.from_worker
        assert by in ("chef", asked)
        self.transfer = None
        self.owner = worker
        self.succeeded(facts, before.state, Move.ASSIGNMENT)

    @rule(person=st.sampled_from([UUID(int=1), UUID(int=2)]))
    def person_is_identified(self, person: UUID) -> None:
        known = self.record.case.person_id
        facts = self.record.case.link_person(person)
        assert len(facts) == (known != person)

    @invariant()
    def a_case_in_work_has_owner_next_step_and_day(self) -> None:
        case = self.record.case
        owned = case.state in OWNED
        assert owned == (case.next_step is not None) == (case.next_step_on is not None)
        assert (case.worker is not None and case.discipline is not None) or not owned

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
