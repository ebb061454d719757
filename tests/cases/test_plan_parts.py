"""What a version is made of: parts keep their ids, references mean parts of it, the person's word is signed off."""

from datetime import timedelta

import pytest

from services.cases.domain import (
    AgreedBy,
    Agreement,
    Cancellation,
    Completion,
    HowAgreed,
    LifeDomain,
    NotTheNewestPlan,
    Plan,
    PlanContent,
    Postponement,
    Progress,
    Reassignment,
    Refusal,
    Relation,
    Resource,
    Standing,
    Statement,
    TaskNotOpen,
    TaskStatus,
    Unfit,
    agree,
    cancel,
    complete,
    draft,
    postpone,
    progress,
    reassign,
    refuse_plan,
)
from services.cases.events import Assignee, TaskCancelReason, TaskPostponeReason
from shared.ids import new_id
from tests.cases.record import NOW, TODAY, Record, agreement, task

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def written(*goals: Statement, **parts: object) -> PlanContent:
    cooking = Statement(text="Cuisiner", domain=LifeDomain.FOOD)
    return PlanContent.model_validate({"goals": goals or (cooking,), "person_words": "Je veux cuisiner.", **parts})


def next_version(record: Record, content: PlanContent) -> Plan:
    plan, _ = draft(record.case, content, Standing(record.tasks, record.plans), "anne", NOW)
    record.plans.append(plan)
    return plan


def refused(record: Record, content: PlanContent) -> list[tuple[str, str]]:
    before = record.case.model_copy()
    with pytest.raises(Unfit) as error:
        next_version(record, content)
    assert record.case == before
    return [(fault.pointer, fault.code) for fault in error.value.faults]


def refusal(number: int, **changes: object) -> Refusal:
    said = {"plan_version": number, "agreed_by": "person", "how": "oral", "on": TODAY, "words": "Pas comme ça."}
    return Refusal.model_validate({**said, **changes})


def test_a_task_refers_to_goals_and_resources_by_place_or_by_id() -> None:
    record = Record().assign()
    niece = Resource(text="Ma nièce", domain=LifeDomain.FAMILY)
    first = next_version(record, written(resources=(niece,), tasks=(task(goals=[1, 1], resources=[1]),)))
    [goal], [resource] = first.goals, first.resources

    later = written(goal, resources=(resource,), tasks=(task(goals=[str(goal.id), 1], resources=[resource.id]),))
    second = next_version(record, later)

    for version in (first, second):
        assert (version.tasks[0].goals, version.tasks[0].resources) == ((goal.id,), (resource.id,))
        assert [each.id for each in version.goals] == [goal.id]


def test_a_reference_to_nothing_is_pointed_at() -> None:
    record = Record().assign()
    stranger = new_id()
    content = written(tasks=(task(), task(goals=[1, 2, stranger], resources=[1])))

    assert refused(record, content) == [
        ("/tasks/1/goals/1", "unknown-goal"),
        ("/tasks/1/goals/2", "unknown-goal"),
        ("/tasks/1/resources/0", "unknown-resource"),
    ]
    assert record.case.plan_version == 0


def test_a_goal_is_carried_over_once_and_only_from_this_case() -> None:
    record = Record().assign()
    [goal] = next_version(record, written()).goals
    foreign = Statement(id=new_id(), text="Autre", domain=LifeDomain.FOOD)

    assert refused(record, written(goal, foreign, goal)) == [
        ("/goals/1/id", "unknown-goal"),
        ("/goals/2/id", "unknown-goal"),
    ]
    helped = Resource(id=new_id(), text="Voisin")
    assert refused(record, written(goal, needs=(foreign,), resources=(helped,))) == [
        ("/needs/0/id", "unknown-need"),
        ("/resources/0/id", "unknown-resource"),
    ]


@pytest.mark.parametrize("wrong", [0, 51, -1, True, 1.0, "first", None, {}])
def test_a_reference_is_an_id_or_a_place(wrong: object) -> None:
    with pytest.raises(ValueError, match="an id, or a place"):
        task(goals=[wrong])


def test_only_a_task_that_is_carried_over_may_be_late() -> None:
    record = Record().in_force(task())
    [mine] = record.tasks

    assert refused(record, written(tasks=(task(due_on=YESTERDAY),))) == [("/tasks/0/due_on", "in-past")]
    plan = next_version(record, written(tasks=(task(task_id=mine.id, due_on=YESTERDAY),)))
    assert plan.tasks[0].due_on == YESTERDAY
    with pytest.raises(Unfit):
        record.add(task(due_on=YESTERDAY))


def test_a_task_outside_the_mission_says_why_and_whose_it_would_be() -> None:
    outside = task(within_mission=False, mission_reason="nobody-else", instead_of="centre", mission_note="Personne")
    record = Record().in_force(outside)
    [mine] = record.tasks

    assert (mine.mission_reason, mine.instead_of, mine.mission_note) == ("nobody-else", "centre", "Personne")
    for wrong in ({"within_mission": False, "instead_of": "centre"}, {"instead_of": "centre"}, {"mission_note": "x"}):
        with pytest.raises(ValueError, match="mission"):
            task(**wrong)


def test_a_refused_version_stays_a_draft_and_may_be_agreed_later() -> None:
    record = Record().assign()
    plan = record.draft(task())

    fact = refuse_plan(record.case, plan, refusal(1), TODAY)

    assert (fact.plan_version, plan.agreement, record.case.agreed_version) == (1, None, None)
    record.agree(1)
    assert (record.case.agreed_version, [each.words for each in plan.refusals]) == (1, ["Pas comme ça."])
    with pytest.raises(NotTheNewestPlan):
        refuse_plan(record.case, plan, refusal(1), TODAY)


def test_the_word_on_an_old_version_counts_for_nothing() -> None:
    record = Record().assign()
    old, _ = record.draft(task()), record.draft(task())

    with pytest.raises(NotTheNewestPlan):
        refuse_plan(record.case, old, refusal(1), TODAY)
    with pytest.raises(NotTheNewestPlan):
        record.agree(1)
    assert old.refusals == ()
    assert old.agreement is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"on": TOMORROW}, ("/on", "in-future")),
        ({"on": YESTERDAY}, ("/on", "before-opening")),
        ({"agreed_by": "representative"}, ("/relation", "required")),
    ],
)
def test_a_word_that_cannot_be_is_refused(changes: dict[str, object], fault: tuple[str, str]) -> None:
    record = Record().assign()
    plan = record.draft(task())

    with pytest.raises(Unfit) as agreed:
        agree(record.case, plan, [], Agreement.model_validate({**dict(agreement(1)), **changes}), TODAY)
    with pytest.raises(Unfit) as said_no:
        refuse_plan(record.case, plan, refusal(1, **changes), TODAY)

    for error in (agreed, said_no):
        assert [(each.pointer, each.code) for each in error.value.faults] == [fault]
    assert plan.agreement is None
    assert plan.refusals == ()


def test_an_oral_word_has_a_witness_and_a_signed_one_needs_none() -> None:
    for how, witness in ((HowAgreed.ORAL, "anne"), (HowAgreed.WRITTEN, None), (HowAgreed.ELECTRONIC, None)):
        assert agreement(1).model_copy(update={"how": how}).witnessed("anne").witness == witness
    assert agreement(1).model_copy(update={"witness": "paul"}).witnessed("anne").witness == "paul"


def test_only_a_representative_has_a_relation() -> None:
    said = {"plan_version": 1, "how": "written", "on": TODAY, "relation": Relation.CHILD}
    assert Agreement.model_validate({**said, "agreed_by": AgreedBy.REPRESENTATIVE}).relation is Relation.CHILD
    with pytest.raises(ValueError, match="speaks for themselves"):
        Agreement.model_validate({**said, "agreed_by": AgreedBy.PERSON})


def test_a_task_goes_on_and_is_done_or_given_up_once() -> None:
    record = Record().in_force(task(), task(LifeDomain.WORK), task(LifeDomain.CHILDREN))
    done, given_up, begun = record.tasks
    made = Progress(on=TODAY, note="Téléphoné")
    stop = Cancellation(on=TODAY, reason=TaskCancelReason.PERSON_DECLINES)

    for each in record.tasks:
        progress(record.case, each, made, TODAY)
    assert {each.status for each in record.tasks} == {TaskStatus.IN_PROGRESS}
    complete(record.case, done, Completion(on=TODAY, evidence="vu"), TODAY)
    fact = cancel(record.case, given_up, stop, TODAY)

    assert (fact.reason, record.case.open_tasks) == (TaskCancelReason.PERSON_DECLINES, 1)
    assert [each.in_force for each in record.tasks] == [True, False, True]
    for ended in (done, given_up):
        with pytest.raises(TaskNotOpen):
            progress(record.case, ended, made, TODAY)
        with pytest.raises(TaskNotOpen):
            cancel(record.case, ended, stop, TODAY)
    assert begun.is_open


def test_a_task_that_somebody_is_at_is_carried_over_or_dropped_like_an_open_one() -> None:
    record = Record().in_force(task(), task(LifeDomain.WORK))
    kept, left_out = record.tasks
    for each in record.tasks:
        progress(record.case, each, Progress(on=TODAY, note="x"), TODAY)

    record.agree(record.draft(task(task_id=kept.id, due_on=TOMORROW)).number)

    assert (kept.status, kept.due_on, left_out.status) == (TaskStatus.IN_PROGRESS, TOMORROW, TaskStatus.DROPPED)
    assert record.case.open_tasks == 1


def test_a_cancelled_task_cannot_be_carried_over() -> None:
    record = Record().in_force(task())
    [mine] = record.tasks
    cancel(record.case, mine, Cancellation(on=TODAY, reason=TaskCancelReason.OTHER), TODAY)

    assert refused(record, written(tasks=(task(task_id=mine.id),))) == [("/tasks/0/task_id", "unknown-task")]


def test_a_day_is_put_off_to_a_later_one() -> None:
    record = Record().in_force(task(due_on=TOMORROW))
    [mine] = record.tasks
    why = TaskPostponeReason.SERVICE_FULL

    for wrong, code in ((TOMORROW, "not-later"), (YESTERDAY, "in-past")):
        with pytest.raises(Unfit) as error:
            postpone(record.case, mine, Postponement(due_on=wrong, reason=why), TODAY)
        assert [(each.pointer, each.code) for each in error.value.faults] == [("/due_on", code)]
    later = TODAY + timedelta(days=9)
    fact = postpone(record.case, mine, Postponement(due_on=later, reason=why), TODAY)

    assert (fact.due_on, mine.due_on, mine.postponed) == (later, later, 1)


def test_another_organisation_answers_for_a_task_and_only_one() -> None:
    record = Record().in_force(task())
    [mine] = record.tasks

    same = Reassignment(organisation="centre", assignee=Assignee.LINE, reason="x")
    with pytest.raises(Unfit):
        reassign(record.case, mine, same)
    fact = reassign(record.case, mine, Reassignment(organisation="cpas", assignee=Assignee.PARTNER, reason="x"))

    assert (fact.organisation, mine.organisation, mine.assignee) == ("cpas", "cpas", Assignee.PARTNER)
