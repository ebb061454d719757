"""Moves, call backs at an hour, relatives and practitioners, and what follows from a result; without any database."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.scheduler.domain import (
    CALL_AGAIN,
    Attempt,
    FollowUp,
    IllegalStep,
    Move,
    Policy,
    Relation,
    Relative,
    Result,
    Status,
    StepKind,
    Target,
    Unhappy,
    WrongInput,
    sequel,
)
from services.scheduler.events import CancelReason, MoveReason, NextAction, Outcome
from shared.events import Event
from tests.scheduler.making import (
    BY_PRACTITIONER,
    BY_RELATIVE,
    CALENDAR,
    NOW,
    POLICY,
    faults,
    follow_up,
    found,
    moved,
    tried,
)

MONDAY = date(2026, 11, 23)


def test_a_move_is_told_with_its_reason_and_kept() -> None:
    one = follow_up()
    one.fall_due()
    fact = one.move(moved(MONDAY), POLICY, CALENDAR, NOW)
    assert (one.status, one.due_on, one.due_at) == (Status.PLANNED, MONDAY, datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert (fact.moved_from, fact.due_on, fact.reason, fact.asked_by) == (
        date(2026, 11, 20),
        MONDAY,
        "in-hospital",
        "person",
    )
    one.move(moved(MONDAY + timedelta(days=1), MoveReason.PERSON_PREFERS), POLICY, CALENDAR, NOW)
    kept = [(each.moved_from, each.due_on, each.reason, each.by) for each in one.life() if each.step is StepKind.MOVED]
    assert kept == [
        (date(2026, 11, 20), MONDAY, "in-hospital", "nurse"),
        (MONDAY, date(2026, 11, 24), "person-prefers", "nurse"),
    ]
    assert one.planned_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (moved(date(2026, 11, 19)), "in-past"),
        (moved(date(2026, 11, 20)), "unchanged"),
        (moved(date(2026, 11, 21)), "not-a-working-day"),
        (moved(date(2026, 12, 25)), "not-a-working-day"),
        (moved(date(2027, 1, 20)), "out-of-range"),
    ],
)
def test_a_move_to_an_impossible_day_changes_nothing(move: Move, code: str) -> None:
    one = follow_up()
    before = one.model_copy()
    with pytest.raises(WrongInput) as error:
        one.move(move, POLICY, CALENDAR, NOW)
    assert faults(error) == [("/to", code)]
    assert one == before


def test_a_move_may_bring_it_forward_by_the_early_days_alone() -> None:
    one = follow_up(closed_on=date(2026, 11, 2))
    with pytest.raises(WrongInput) as error:
        one.move(moved(date(2026, 11, 24)), POLICY, CALENDAR, NOW)
    assert faults(error) == [("/to", "too-early")]
    one.move(moved(date(2026, 11, 25)), POLICY, CALENDAR, NOW)
    assert one.due_on == date(2026, 11, 25)


def test_a_move_is_no_failure_and_what_is_over_is_not_moved() -> None:
    one = follow_up()
    one.attempt(tried(Outcome.NO_ANSWER), POLICY, CALENDAR, NOW)
    one.move(moved(MONDAY), POLICY, CALENDAR, NOW)
    assert one.failures == 1
    one.cancel(CancelReason.PATIENT_WITHDREW, NOW)
    with pytest.raises(IllegalStep):
        one.move(moved(date(2026, 11, 25)), POLICY, CALENDAR, NOW)


def test_a_call_back_may_have_an_hour_and_the_next_attempt_has_the_policys_again() -> None:
    one = follow_up()
    one.attempt(tried(Outcome.CALL_BACK, call_back_on=MONDAY, call_back_at=time(14, 30)), POLICY, CALENDAR, NOW)
    assert one.due_at == datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
    later = datetime(2026, 11, 23, 13, 40, tzinfo=UTC)
    one.attempt(tried(Outcome.NO_ANSWER, later), POLICY, CALENDAR, later)
    assert one.due_at == datetime(2026, 11, 25, 8, tzinfo=UTC)


DAUGHTER = Relative(relation=Relation.CHILD, may_talk=True)


@pytest.mark.parametrize(
    ("attempt", "fault"),
    [
        (tried(Outcome.CALL_BACK, call_back_on=MONDAY, call_back_at=time(6, 59)), ("/call_back_at", "out-of-range")),
        (tried(Outcome.CALL_BACK, call_back_on=NOW.date(), call_back_at=time(10)), ("/call_back_at", "in-past")),
        (tried(Outcome.NO_ANSWER, call_back_at=time(10)), ("/call_back_at", "not-expected")),
        (tried(Outcome.NO_ANSWER, relative=DAUGHTER), ("/relative", "not-expected")),
        (tried(Outcome.NO_ANSWER, target=Target.RELATIVE), ("/target", "not-expected")),
    ],
)
def test_an_attempt_that_does_not_fit_changes_nothing(attempt: Attempt, fault: tuple[str, str]) -> None:
    one = follow_up()
    before = one.model_copy()
    with pytest.raises(WrongInput) as error:
        one.attempt(attempt, POLICY, CALENDAR, NOW)
    assert faults(error) == [fault]
    assert one == before


def lost(policy: Policy) -> tuple[FollowUp, list[Event]]:
    one = follow_up(policy=policy)
    return one, [fact for _ in range(3) for fact in one.attempt(tried(Outcome.NO_ANSWER), policy, CALENDAR, NOW)]


@pytest.mark.parametrize(
    ("policy", "escalation", "target"),
    [
        (POLICY, "agenda", Target.PERSON),
        (BY_RELATIVE, "relative", Target.RELATIVE),
        (BY_PRACTITIONER, "general-practitioner", Target.GENERAL_PRACTITIONER),
    ],
)
def test_exhausted_attempts_are_one_unreachable_person_and_the_policys_escalation(
    policy: Policy, escalation: str, target: Target
) -> None:
    one, facts = lost(policy)
    told = [fact.model_dump(mode="json")["escalation"] for fact in facts if fact.type.endswith("unreachable.v1")]
    assert (told, one.target, one.is_pursued) == ([escalation], target, target is not Target.PERSON)
    assert one.due_on == (date(2026, 11, 24) if target is Target.PERSON else MONDAY)


def test_a_relative_who_never_answers_leaves_it_to_the_meeting_and_nobody_is_told_unreachable_again() -> None:
    one, _ = lost(BY_RELATIVE)
    at_relative = tried(Outcome.NO_ANSWER, target=Target.RELATIVE)
    names = [
        [fact.type.split(".")[1] for fact in one.attempt(at_relative, BY_RELATIVE, CALENDAR, NOW)] for _ in range(3)
    ]
    assert names == [["attempt-recorded"], ["attempt-recorded"], ["attempt-recorded", "follow-up-escalated"]]
    assert (one.status, one.has_work) == (Status.UNREACHABLE, False)
    with pytest.raises(IllegalStep):
        one.attempt(at_relative, BY_RELATIVE, CALENDAR, NOW)


def test_a_relative_who_was_spoken_to_is_no_sign_of_life() -> None:
    one, _ = lost(BY_RELATIVE)
    spoke = tried(Outcome.SPOKE_TO_RELATIVE, target=Target.RELATIVE, relative=DAUGHTER)
    facts = one.attempt(spoke, BY_RELATIVE, CALENDAR, NOW)
    assert [fact.type.split(".")[1] for fact in facts] == ["attempt-recorded", "follow-up-escalated"]
    assert one.status is Status.UNREACHABLE


def test_whoever_says_when_to_call_brings_the_person_back_with_all_attempts() -> None:
    one, _ = lost(BY_PRACTITIONER)
    says = tried(Outcome.CALL_BACK, call_back_on=date(2026, 11, 30), target=Target.GENERAL_PRACTITIONER)
    facts = one.attempt(says, BY_PRACTITIONER, CALENDAR, NOW)
    assert [fact.type.split(".")[1] for fact in facts] == ["attempt-recorded", "contact-restored"]
    assert (one.status, one.due_on, one.failures, one.target) == (
        Status.PLANNED,
        date(2026, 11, 30),
        0,
        Target.PERSON,
    )


def test_a_relative_is_no_practitioner() -> None:
    one, _ = lost(BY_PRACTITIONER)
    wrong = tried(Outcome.SPOKE_TO_RELATIVE, target=Target.GENERAL_PRACTITIONER)
    with pytest.raises(WrongInput) as error:
        one.attempt(wrong, BY_PRACTITIONER, CALENDAR, NOW)
    assert faults(error) == [("/outcome", "not-expected")]


def test_a_call_again_is_planned_for_what_is_not_in_place() -> None:
    one = follow_up()
    fact = one.complete(found(next_action=NextAction.CALL_AGAIN, next_on=date(2026, 11, 28)), POLICY, NOW)
    following = sequel(one, POLICY, CALENDAR)
    assert (fact.next_action, fact.outcome_point) == ("call-again", "one-month")
    assert following
    assert (following.kind, following.due_on, following.items) == (CALL_AGAIN, date(2026, 11, 30), one.items)
    assert (following.case_id, following.origin_id, following.outcome_point) == (one.case_id, one.id, None)


def test_without_a_call_again_nothing_follows() -> None:
    one = follow_up(step=1, closed_on=date(2026, 5, 20))
    fact = one.complete(found(next_action=NextAction.REOPEN), POLICY, NOW)
    assert (fact.outcome_point, sequel(one, POLICY, CALENDAR)) == ("six-months", None)


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        (found(next_action=NextAction.CALL_AGAIN), ("/next_on", "required")),
        (found(next_on=MONDAY), ("/next_on", "not-expected")),
        (found(next_action=NextAction.CALL_AGAIN, next_on=NOW.date()), ("/next_on", "out-of-range")),
        (found(next_action=NextAction.CALL_AGAIN, next_on=date(2027, 1, 20)), ("/next_on", "out-of-range")),
        (found(satisfaction_reasons=(Unhappy.COST,)), ("/satisfaction_reasons", "not-expected")),
        (found(satisfaction=1, satisfaction_reasons=(Unhappy.COST,) * 2), ("/satisfaction_reasons/1", "repeated")),
        (found(solved_needs=("housing", "housing")), ("/solved_needs/1", "repeated")),
    ],
)
def test_a_result_whose_parts_do_not_fit_is_refused(result: Result, fault: tuple[str, str]) -> None:
    one = follow_up()
    before = one.model_copy()
    with pytest.raises(WrongInput) as error:
        one.complete(result, POLICY, NOW)
    assert faults(error) == [fault]
    assert one == before
