"""The weekly meeting by its rules: which day, which order, which decision, and what waits for the next one."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import Case, Reason, Unfit
from services.cases.domain.agenda import Line
from services.cases.domain.meeting import (
    Calling,
    Closure,
    LineSummary,
    Meeting,
    MeetingNotThere,
    MeetingTooEarly,
    Move,
)
from services.cases.domain.meeting_codes import OUTCOMES, REASONS, SUBJECTS, MeetingState
from services.cases.domain.meeting_line import (
    Decision,
    LineDecidedAlready,
    MeetingLine,
    TaskOrder,
    frozen,
    ordered_tasks,
)
from services.cases.domain.meeting_series import MeetingSeries, SeriesTerms
from services.cases.domain.task import TaskOrigin
from services.cases.domain.working_days import day_in_week
from services.cases.events import Assignee, Urgency
from services.cases.events.meeting import LineOutcome
from shared.ids import new_id
from shared.working_days import is_working_day
from tests.cases.record import opened

SPACE = UUID("01900000-0000-7000-8000-000000000000")
MEETING_DAY = date(2026, 11, 26)
MORNING = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
ANNE = {"subject": "anne", "role": "chair"}
LEA = {"subject": "lea", "role": "line-nurse"}


def terms(**changes: object) -> SeriesTerms:
    return SeriesTerms.model_validate({"weekday": 4, "time": "09:30", "members": [ANNE, LEA], **changes})


def series(**changes: object) -> MeetingSeries:
    found, _ = MeetingSeries.of("relais", terms(**changes))
    return found


def planned() -> Meeting:
    meeting, _ = Meeting.plan(series(), date(2026, 11, 23))
    return meeting


def begun(lines: int = 0) -> Meeting:
    meeting = planned()
    meeting.open(lines, "anne", MORNING)
    return meeting


def line(case: Case, reason: Reason, since: date = date(2026, 11, 20), **changes: object) -> Line:
    subject = uuid5(SPACE, f"{case.id}{reason}")
    known = {"case_id": case.id, "reason": reason, "subject_id": subject, "source_id": subject}
    return Line.model_validate({**known, "since": since, "raised_at": MORNING, **changes})


def meeting_line(reason: Reason = Reason.ITEM_LOST) -> MeetingLine:
    case = opened()
    [found] = frozen(new_id(), [(line(case, reason), case)], {}, MEETING_DAY)
    return found


def test_every_reason_and_outcome_has_its_words_and_its_subject() -> None:
    assert set(REASONS) == set(SUBJECTS) == set(Reason)
    assert set(OUTCOMES) == set(LineOutcome)


def test_a_holiday_gives_way_to_the_next_working_day_of_its_week_else_to_one_before() -> None:
    assert day_in_week(date(2026, 5, 11), 3) == date(2026, 5, 15), "Ascension Day"
    assert day_in_week(date(2026, 12, 21), 4) == date(2026, 12, 24), "Christmas on a Friday"
    assert day_in_week(date(2026, 11, 23), 3) == MEETING_DAY


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 4))
def test_a_meeting_is_on_a_working_day_of_its_own_week(day: date, weekday: int) -> None:
    monday = day - timedelta(days=day.weekday())

    found = day_in_week(monday, weekday)

    assert is_working_day(found)
    assert monday <= found <= monday + timedelta(days=6)


def test_the_weeks_ahead_have_a_meeting_and_a_day_that_is_past_has_none() -> None:
    assert next(iter(series().weeks_from(date(2026, 11, 26)))) == date(2026, 11, 23)
    assert next(iter(series().weeks_from(date(2026, 11, 27)))) == date(2026, 11, 30)
    assert list(series(active=False).weeks_from(MEETING_DAY)) == []


def test_a_meeting_begins_at_the_same_local_hour_in_summer_and_in_winter() -> None:
    winter, summer = planned(), planned()
    summer.on = date(2026, 7, 2)

    assert winter.starts_at.astimezone(UTC).hour == 8
    assert summer.starts_at.astimezone(UTC).hour == 7


def test_a_meeting_moved_by_hand_does_not_follow_the_series_again() -> None:
    by_hand, by_series = planned(), planned()
    by_hand.move(Move(on=date(2026, 11, 27)), date(2026, 11, 20))
    changed = series(weekday=2, time="14:00")

    assert by_hand.follow(changed, date(2026, 11, 20)) == []
    [moved] = by_series.follow(changed, date(2026, 11, 20))
    assert (by_hand.on, by_series.on, moved.time) == (date(2026, 11, 27), date(2026, 11, 24), "14:00")


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 11, 19), "in-past"), (date(2026, 12, 7), "out-of-range"), (date(2027, 1, 1), "out-of-range")],
)
def test_a_meeting_is_not_moved_into_the_past_or_far_away(day: date, code: str) -> None:
    with pytest.raises(Unfit) as refused:
        planned().move(Move(on=day), date(2026, 11, 20))

    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_meeting_opens_on_its_day_and_only_once() -> None:
    meeting = planned()

    with pytest.raises(MeetingTooEarly):
        meeting.open(0, "anne", MORNING - timedelta(days=1))
    meeting.open(0, "anne", MORNING)
    for step in (
        lambda: meeting.open(0, "anne", MORNING),
        lambda: meeting.cancel(Calling(reason="Grève")),
        lambda: meeting.move(Move(on=date(2026, 11, 27)), MEETING_DAY),
    ):
        with pytest.raises(MeetingNotThere) as refused:
            step()
        assert refused.value.facts == {"state": "open", "allowed": ["decision", "closure"]}


def test_minutes_are_signed_once() -> None:
    meeting = begun()
    meeting.close(Closure(attendees=("anne", "anne", "lea")), [], True, "anne", MORNING)

    assert (meeting.state, meeting.attendees, meeting.signed_by) == (MeetingState.HELD, ("anne", "lea"), "anne")
    with pytest.raises(MeetingNotThere):
        meeting.close(Closure(attendees=("lea",)), [], True, "lea", MORNING)


def test_a_quorum_counts_members_and_no_guests() -> None:
    strict = series(quorum=2)

    assert strict.is_quorate(("anne", "lea", "guest"))
    assert not strict.is_quorate(("anne", "guest"))
    assert series().is_quorate(("guest",))


def test_a_summary_of_a_line_that_is_not_on_the_agenda_is_refused() -> None:
    with pytest.raises(Unfit) as refused:
        begun().close(
            Closure(attendees=("anne",), lines=(LineSummary(line_id=new_id(), summary="Rien"),)),
            [],
            True,
            "anne",
            MORNING,
        )

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/lines/0/line_id", "unknown-line")]


def test_the_agenda_goes_by_reason_then_urgency_then_complexity_then_age() -> None:
    calm, urgent, complex_one, old = (opened() for _ in range(4))
    urgent.urgency = Urgency.URGENT
    lines = [
        (line(calm, Reason.STEP_OVERDUE), calm),
        (line(old, Reason.STEP_OVERDUE, date(2026, 10, 1)), old),
        (line(complex_one, Reason.STEP_OVERDUE), complex_one),
        (line(urgent, Reason.STEP_OVERDUE), urgent),
        (line(calm, Reason.FOLLOW_UP_DUE, date(2026, 1, 1)), calm),
        (line(calm, Reason.PERSON_UNREACHABLE, MEETING_DAY), calm),
    ]

    agenda = frozen(new_id(), lines, {complex_one.id: 7}, MEETING_DAY)

    assert [(each.reason, each.case_id) for each in agenda] == [
        (Reason.PERSON_UNREACHABLE, calm.id),
        (Reason.STEP_OVERDUE, urgent.id),
        (Reason.STEP_OVERDUE, complex_one.id),
        (Reason.STEP_OVERDUE, old.id),
        (Reason.STEP_OVERDUE, calm.id),
        (Reason.FOLLOW_UP_DUE, calm.id),
    ]
    assert [each.position for each in agenda] == [1, 2, 3, 4, 5, 6]


def test_what_came_after_the_meetings_day_waits_for_the_next_meeting() -> None:
    case = opened()
    late = line(case, Reason.ITEM_LOST, MEETING_DAY + timedelta(days=1))

    assert frozen(new_id(), [(late, case)], {}, MEETING_DAY) == []


CASES = [opened() for _ in range(6)]
FEW = [Reason.ITEM_LOST, Reason.STEP_OVERDUE, Reason.REQUEST_NEW]
SIGNALS = st.lists(
    st.tuples(st.sampled_from(CASES), st.sampled_from(FEW), st.dates(date(2026, 11, 24), MEETING_DAY)),
    unique_by=lambda each: (each[0].id, each[1]),
    max_size=25,
)


@given(SIGNALS, st.randoms(use_true_random=False))
def test_the_order_of_the_agenda_does_not_depend_on_the_order_in_which_signals_came(
    signals: list[tuple[Case, Reason, date]], random: object
) -> None:
    lines = [(line(case, reason, since), case) for case, reason, since in signals]
    shuffled = [(each.model_copy(update={"id": new_id(), "raised_at": MORNING}), case) for each, case in lines]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    first, again = (frozen(SPACE, some, {}, MEETING_DAY) for some in (lines, shuffled))

    told = [[each.model_dump(exclude={"id", "line_id"}) for each in agenda] for agenda in (first, again)]
    assert told[0] == told[1]


@pytest.mark.parametrize("outcome", [each for each in LineOutcome if each not in {"task", "keep-watching"}])
def test_a_decision_that_changes_something_says_why(outcome: LineOutcome) -> None:
    with pytest.raises(ValueError, match="text_required"):
        Decision(outcome=outcome)

    assert Decision(outcome=outcome, text="Parce que").text


def test_tasks_go_with_the_outcome_task_alone() -> None:
    order = TaskOrder(title="Rappeler", assignee=Assignee.LINE, due_on=MEETING_DAY)

    for wrong in ({"outcome": LineOutcome.TASK}, {"outcome": LineOutcome.KEEP_WATCHING, "tasks": (order,)}):
        with pytest.raises(ValueError, match="tasks_with_outcome"):
            Decision(**wrong)


def test_a_line_is_decided_on_once() -> None:
    found = meeting_line()
    found.decide(Decision(outcome=LineOutcome.KEEP_WATCHING), [], "anne", MORNING)

    with pytest.raises(LineDecidedAlready):
        found.decide(Decision(outcome=LineOutcome.NO_ACTION, text="Non"), [], "anne", MORNING)


def test_a_help_request_is_not_settled_without_an_answer() -> None:
    order = TaskOrder(title="Rappeler", assignee=Assignee.LINE, due_on=MEETING_DAY)

    with pytest.raises(Unfit):
        meeting_line(Reason.HELP_REQUESTED).decide(
            Decision(outcome=LineOutcome.TASK, tasks=(order,)), [], "anne", MORNING
        )


def test_a_task_of_the_meeting_is_no_item_of_the_plan_and_its_organisation_is_the_cases_own() -> None:
    case, found = opened(), meeting_line()
    order = TaskOrder(title="Rappeler", assignee=Assignee.LINE, due_on=MEETING_DAY)

    [task] = ordered_tasks(case, found, [order], MEETING_DAY)

    assert (task.origin, task.origin_id, task.in_force) == (TaskOrigin.MEETING, found.id, False)
    assert (task.organisation, task.assignee, task.is_open) == (case.organisation, "line", True)


def test_a_task_for_nobody_and_a_task_for_yesterday_are_refused() -> None:
    orders = [
        TaskOrder(title="Voir", assignee=Assignee.CASE_MANAGER, due_on=MEETING_DAY),
        TaskOrder(title="Appeler", assignee=Assignee.LINE, due_on=MEETING_DAY - timedelta(days=1)),
    ]

    with pytest.raises(Unfit) as refused:
        ordered_tasks(opened(), meeting_line(), orders, MEETING_DAY)

    assert {(fault.pointer, fault.code) for fault in refused.value.faults} == {
        ("/tasks/0/assignee", "no-worker"),
        ("/tasks/1/due_on", "in-past"),
    }


def test_a_member_twice_and_a_quorum_out_of_reach_are_refused() -> None:
    for wrong in ({"members": [ANNE, ANNE]}, {"quorum": 3}, {"time": "25:00"}, {"weekday": 0}):
        with pytest.raises(ValueError, match="1 validation error"):
            terms(**wrong)
