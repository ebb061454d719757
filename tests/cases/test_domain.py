"""The rules of a case's life, one by one, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import (
    CaseloadFull,
    Completion,
    IllegalStep,
    LifeDomain,
    Load,
    NoAgreedPlan,
    NotTheNewestPlan,
    Phase,
    Reason,
    Reopening,
    State,
    StepKind,
    TaskNotOpen,
    TaskStatus,
    Unfit,
    UrgentTasksOpen,
    VisitReport,
    check_items,
    complete,
    concerns,
    record_visit,
)
from services.cases.domain.steps import years_before
from services.cases.events import (
    CareStarted,
    DeclineReason,
    Discipline,
    Durability,
    PlanAgreed,
    TaskAssigned,
    VisitKind,
    VisitStatus,
)
from shared.ids import new_id
from tests.cases.record import NOW, ROOM, TODAY, Record, assignment, closing, declining, opened, task, visit


def test_a_case_walks_from_opened_to_closed() -> None:
    record = Record().assign()
    _, first = record_visit(record.case, visit(), "anne", NOW)
    _, second = record_visit(record.case, visit(), "anne", NOW)
    record.case.close(closing(), [], TODAY)

    assert [type(fact) for fact in first if isinstance(fact, CareStarted)] == [CareStarted]
    assert not [fact for fact in second if isinstance(fact, CareStarted)]
    assert (record.case.state, record.case.next_step, record.case.worker) == (State.CLOSED, None, "anne")


def test_a_planned_or_missed_visit_does_not_begin_the_care() -> None:
    case = Record().assign().case

    record_visit(case, visit(VisitStatus.PLANNED, TODAY + timedelta(days=3)), "anne", NOW)
    record_visit(case, visit(VisitStatus.MISSED), "anne", NOW)

    assert (case.state, case.care_started_on) == (State.OPEN, None)


def test_a_visit_cannot_be_made_in_the_future_nor_before_the_opening() -> None:
    case = Record().assign().case
    later = VisitReport(kind=VisitKind.HOME_VISIT, status=VisitStatus.DONE, at=NOW + timedelta(minutes=1))

    for report in (visit(on=TODAY + timedelta(days=1)), visit(on=TODAY - timedelta(days=1)), later):
        with pytest.raises(Unfit):
            record_visit(case, report, "anne", NOW)
    assert case.state is State.OPEN


def test_the_day_of_a_visit_is_the_day_in_belgium() -> None:
    just_after_midnight = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    report = VisitReport(kind=VisitKind.HOME_VISIT, status=VisitStatus.DONE, at=just_after_midnight)

    made, _ = record_visit(Record().assign().case, report, "anne", NOW)

    assert made.on == TODAY


def test_a_full_caseload_takes_one_more_only_with_a_reason() -> None:
    case, full = opened(), Load(open=40, cap=40)

    with pytest.raises(CaseloadFull) as refused:
        case.assign(assignment(), full, TODAY)
    assert (case.state, refused.value.facts) == (
        State.REQUESTED,
        {"open": 40, "cap": 40, "load": "40", "case_weight": "1"},
    )

    case.assign(assignment(reason="Elle connaît la famille"), full, TODAY)
    assert case.worker == "anne"


def test_a_closed_case_is_reopened_before_it_is_assigned() -> None:
    case = Record().assign().case
    case.close(closing(), [], TODAY)

    with pytest.raises(IllegalStep):
        case.assign(assignment(), ROOM, TODAY)


def test_a_next_step_lies_ahead() -> None:
    with pytest.raises(Unfit) as refused:
        opened().assign(assignment(due_on=TODAY - timedelta(days=1)), ROOM, TODAY)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/next_step/due_on", "in-past")]


def test_only_the_newest_version_of_the_plan_can_be_agreed_and_only_once() -> None:
    record = Record().assign()
    record.draft(task())
    record.draft(task())

    for number in (1, 3):
        with pytest.raises(NotTheNewestPlan):
            record.agree(number)
    record.agree(2)
    with pytest.raises(NotTheNewestPlan):
        record.agree(2)
    assert record.case.agreed_version == 2


def test_an_agreement_tells_every_item_and_assigns_every_new_task() -> None:
    record = Record().assign()
    record.draft(task(), task(LifeDomain.FINANCES))

    agreed, *assigned = record.agree(1)

    assert isinstance(agreed, PlanAgreed)
    assert [item.domain for item in agreed.items] == ["food", "finances"]
    assert [fact.task_id for fact in assigned if isinstance(fact, TaskAssigned)] == [each.id for each in record.tasks]


def test_a_newer_plan_keeps_what_it_carries_over_and_drops_other_open_tasks() -> None:
    record = Record().in_force(task(), task(LifeDomain.FINANCES), task(LifeDomain.WORK))
    kept, dropped, finished = record.tasks
    complete(record.case, finished, Completion(on=TODAY, evidence="vu"), TODAY)
    later = TODAY + timedelta(days=9)
    record.draft(task(task_id=kept.id, due_on=later))
    added = record.add(task(LifeDomain.CHILDREN))

    agreed, *assigned = record.agree(2)

    assert (kept.due_on, kept.status, dropped.status) == (later, TaskStatus.OPEN, TaskStatus.DROPPED)
    assert (finished.status, added.status, record.case.open_tasks) == (TaskStatus.DONE, TaskStatus.OPEN, 2)
    assert [fact.task_id for fact in assigned if isinstance(fact, TaskAssigned)] == [kept.id]
    assert isinstance(agreed, PlanAgreed)
    assert {item.task_id for item in agreed.items} == {kept.id, finished.id, added.id}


def test_a_task_of_another_case_cannot_be_carried_over_nor_the_same_one_twice() -> None:
    record = Record().in_force(task())
    [mine] = record.tasks

    for tasks in ([task(task_id=new_id())], [task(task_id=mine.id), task(task_id=mine.id)]):
        with pytest.raises(Unfit) as refused:
            record.draft(*tasks)
        assert [fault.code for fault in refused.value.faults] == ["unknown-task"]
    assert record.case.plan_version == 1


def test_a_sensitive_domain_never_leaves_in_a_fact() -> None:
    record = Record().in_force(task(LifeDomain.ADDICTION), task(LifeDomain.FOOD))
    record.add(task(LifeDomain.LAW_JUSTICE))
    record.facts.append(record.case.close(closing(), record.tasks, TODAY))

    told = " ".join(fact.model_dump_json() for fact in record.facts)

    assert "addiction" not in told
    assert "law_justice" not in told
    assert record.tasks[0].domain is LifeDomain.ADDICTION


def test_a_task_needs_an_agreed_plan_and_is_done_once() -> None:
    record = Record().assign()
    with pytest.raises(NoAgreedPlan):
        record.add(task())
    record.agree(record.draft(task()).number)
    [only] = record.tasks

    complete(record.case, only, Completion(on=TODAY, evidence="vu"), TODAY)

    with pytest.raises(TaskNotOpen):
        complete(record.case, only, Completion(on=TODAY, evidence="vu"), TODAY)
    assert record.case.open_tasks == 0


def test_the_phase_follows_the_plan() -> None:
    record = Record().assign()
    phases = [record.case.phase]
    record.agree(record.draft(task()).number)
    phases.append(record.case.phase)
    complete(record.case, record.tasks[0], Completion(on=TODAY, evidence="vu"), TODAY)
    phases.append(record.case.phase)
    record.case.close(closing(), record.tasks, TODAY)

    assert [*phases, record.case.phase] == [Phase.PLAN, Phase.COORDINATE, Phase.FOLLOW, Phase.EVALUATE]


def test_open_urgent_tasks_need_a_reason_at_the_closing() -> None:
    record = Record().in_force(task(urgent=True))

    with pytest.raises(UrgentTasksOpen):
        record.case.close(closing(), record.tasks, TODAY)
    assert record.case.state is State.OPEN

    fact = record.case.close(closing(reason="Repris par la ligne"), record.tasks, TODAY)
    assert [item.task_id for item in fact.items] == [record.tasks[0].id]


@pytest.mark.parametrize(
    ("opened_days_ago", "closed_days_ago", "code"),
    [
        (0, 0, None),
        (0, 400, None),
        (0, 731, "out-of-range"),
        (0, -1, "in-future"),
        (10, 10, None),
        (10, 11, "before-opening"),
    ],
)
def test_a_closing_day_may_be_late_but_not_absurd(opened_days_ago: int, closed_days_ago: int, code: str | None) -> None:
    case = opened(NOW - timedelta(days=opened_days_ago))

    faults = closing(TODAY - timedelta(days=closed_days_ago)).faults(case.opened_on, TODAY)

    assert [fault.code for fault in faults] == ([code] if code else [])


def test_two_years_before_a_leap_day_is_28_february() -> None:
    assert years_before(date(2028, 2, 29), 2) == date(2026, 2, 28)


@pytest.mark.parametrize("visited", [True, False])
def test_a_reopened_case_keeps_its_owner_and_gets_a_next_step(visited: bool) -> None:
    case = Record().assign().case
    if visited:
        record_visit(case, visit(), "anne", NOW)
    case.close(closing(), [], TODAY)

    case.reopen(Reopening(reason="Le logement est perdu"), [], TODAY)

    assert case.state is (State.IN_CARE if visited else State.OPEN)
    assert (case.worker, case.discipline, case.closed_on) == ("anne", Discipline.NURSE, None)
    assert (case.next_step, case.next_step_on) == (StepKind.PHONE_CALL, TODAY + timedelta(days=7))


def test_a_request_is_declined_not_closed_and_reopens_as_a_request() -> None:
    case = opened()
    with pytest.raises(IllegalStep):
        case.close(closing(), [], TODAY)
    case.decline(declining())
    assert (case.state, case.declined_reason) == (State.DECLINED, DeclineReason.NOT_COMPLEX)

    case.reopen(Reopening(reason="Erreur"), [], TODAY)

    assert (case.state, case.worker, case.next_step, case.declined_reason) == (State.REQUESTED, None, None, None)


@given(order=st.permutations(["one-month", "six-months"]))
def test_the_later_call_has_the_last_word_in_any_order(order: list[str]) -> None:
    record = Record().in_force(task())
    [item] = record.tasks
    found = {"one-month": Durability.LOST, "six-months": Durability.IN_PLACE}

    for kind in order:
        check_items(record.case, (new_id(), kind), {item.id: found[kind]}, record.tasks)

    assert item.durability is Durability.IN_PLACE


def test_the_same_result_twice_changes_nothing_and_loses_nothing_twice() -> None:
    record = Record().in_force(task(), task())
    found = {record.tasks[0].id: Durability.LOST, record.tasks[1].id: Durability.WEAK, new_id(): Durability.LOST}
    follow_up = (new_id(), "one-month")

    lost, facts = check_items(record.case, follow_up, found, record.tasks)
    again = check_items(record.case, follow_up, found, record.tasks)

    assert (lost, len(facts)) == ([record.tasks[0].id], 1)
    assert again == ([], [])


def test_a_call_after_a_reopening_counts_again() -> None:
    record = Record().in_force(task())
    [item] = record.tasks
    record.case.close(closing(), record.tasks, TODAY)
    check_items(record.case, (new_id(), "six-months"), {item.id: Durability.LOST}, record.tasks)
    record.case.reopen(Reopening(reason="Perdu"), record.tasks, TODAY)
    record.case.close(closing(), record.tasks, TODAY)

    check_items(record.case, (new_id(), "one-month"), {item.id: Durability.IN_PLACE}, record.tasks)

    assert item.durability is Durability.IN_PLACE


def test_nobody_is_asked_to_end_a_case_that_is_closed() -> None:
    assert not concerns(Reason.CANCELLATION_REQUESTED, State.CLOSED)
    assert concerns(Reason.CANCELLATION_REQUESTED, State.IN_CARE)
    assert concerns(Reason.ITEM_LOST, State.CLOSED)
