"""Who belongs to the circle of care of a case, and what a closing and a reopening do to it."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import IllegalStep, Unfit
from services.cases.domain.circle import AlreadyMember, CircleFull, MembershipEnded
from services.cases.domain.membership import Leave, MemberTerms, NewMember, Period
from services.cases.events import (
    CircleMemberEnded,
    Leaving,
    MemberKind,
    Relation,
    Role,
)
from shared.ids import new_id
from tests.cases.around import DAUGHTER, DAY, GP, HOME_NURSE, Around, faults
from tests.cases.record import NOW, ROOM, TODAY, assignment


def test_the_worker_whom_a_case_is_assigned_to_belongs_to_its_circle() -> None:
    registered = MemberTerms(employer="hospital", programme="relais-liege", responsible_organisation="relais")
    around = Around(assigned=False)

    around.follow(around.case.assign(assignment("anne"), ROOM, TODAY), registered={"anne": registered})

    (anne,) = around.members
    assert (anne.role, anne.worker, anne.terms.discipline) == (Role.CASE_MANAGER, "anne", "nurse")
    assert anne.terms.employer == "hospital"
    assert anne.terms.programme == "relais-liege"
    assert anne.terms.responsible_organisation == "relais"


def test_another_assignment_ends_the_membership_of_the_one_before() -> None:
    around = Around()

    around.follow(around.case.assign(assignment("bert"), ROOM, TODAY))

    assert [(member.worker, member.current) for member in around.members] == [("anne", False), ("bert", True)]
    assert around.members[0].last.reason is Leaving.REASSIGNED
    assert around.facts == [], "the assignment tells of it"


def test_a_line_nurse_of_the_circle_who_becomes_the_owner_is_a_member_once() -> None:
    around = Around()
    around.add(NewMember(kind=MemberKind.PROFESSIONAL, role=Role.LINE_NURSE, worker="bert"))

    around.follow(around.case.assign(assignment("bert"), ROOM, TODAY))

    assert [member.role for member in around.circle().current()] == [Role.CASE_MANAGER]
    assert isinstance(around.facts[-1], CircleMemberEnded)


def test_who_follows_the_person_already_can_be_noted_before_the_opening() -> None:
    around = Around(assigned=False)

    nurse = around.add(HOME_NURSE.model_copy(update={"since": date(2024, 3, 1)}))

    assert nurse.periods == (Period(interval=0, since=date(2024, 3, 1)),)
    assert nurse.belonged(date(2025, 1, 1))
    assert not nurse.belonged(date(2024, 2, 29))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"since": TODAY, "until": TODAY - DAY}, ("/until", "before-start")),
        ({"until": TODAY - DAY}, ("/until", "before-start")),
        ({"since": TODAY + DAY}, ("/since", "in-future")),
        ({"provides_since": TODAY + DAY}, ("/provides_since", "in-future")),
        ({"provides": ("food", "food")}, ("/provides", "repeated")),
        ({"organisation": None}, ("/organisation", "missing")),
        ({"role": None}, ("/role", "missing")),
        ({"role": Role.GENERAL_PRACTITIONER}, ("/role", "own-route")),
        ({"role": Role.CASE_MANAGER}, ("/role", "own-route")),
        ({"role": Role.LINE_NURSE}, ("/worker", "missing")),
        ({"relation": Relation.CHILD}, ("/relation", "not-for-this-kind")),
        ({"kind": MemberKind.INFORMAL, "role": None, "organisation": None}, ("/relation", "missing")),
        ({"kind": MemberKind.INFORMAL, "relation": "child", "role": None}, ("/organisation", "not-for-this-kind")),
    ],
)
def test_what_cannot_be_right_about_a_member_is_named(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    new = NewMember.model_validate({**HOME_NURSE.model_dump(), **changes})

    with pytest.raises(Unfit) as refused:
        Around().add(new)

    assert faults(refused) == [fault]


def test_the_same_organisation_in_the_same_role_is_a_member_once() -> None:
    around = Around()
    around.add(HOME_NURSE)

    with pytest.raises(AlreadyMember):
        around.add(HOME_NURSE)

    around.add(HOME_NURSE.model_copy(update={"role": Role.HOME_HELP}))


def test_two_daughters_of_whom_intake_knows_nothing_are_two_members() -> None:
    around = Around()
    around.add(DAUGHTER)
    around.add(DAUGHTER)
    known = DAUGHTER.model_copy(update={"person_id": new_id()})
    around.add(known)

    with pytest.raises(AlreadyMember):
        around.add(known)


def test_a_circle_has_an_end() -> None:
    around = Around()
    for _ in range(199):
        around.add(DAUGHTER)

    with pytest.raises(CircleFull):
        around.add(DAUGHTER)


def test_a_change_keeps_what_was_before() -> None:
    around = Around()
    nurse = around.add(HOME_NURSE)
    terms = MemberTerms(mission="Pansements", provides=("physical_health",), consent_to_share=True)

    (fact,) = around.circle().change(nurse, terms, "anne", NOW)

    assert fact.model_dump()["changed"] == ["mission", "provides", "consent_to_share"]
    assert [(each.terms, each.changed_by) for each in nurse.history] == [(MemberTerms(), "anne")]
    assert around.circle().change(nurse, terms, "anne", NOW) == [], "nothing new is no fact"


def test_a_membership_that_ended_is_neither_changed_nor_ended_again() -> None:
    around = Around()
    nurse = around.add(HOME_NURSE)
    leave = Leave(until=TODAY, reason=Leaving.SERVICE_ENDED)
    around.circle().end(nurse, leave)

    with pytest.raises(MembershipEnded):
        around.circle().end(nurse, leave)
    with pytest.raises(MembershipEnded):
        around.circle().change(nurse, MemberTerms(mission="x"), "anne", NOW)
    around.add(HOME_NURSE)


@pytest.mark.parametrize(
    ("until", "reason", "fault"),
    [
        (TODAY - DAY, Leaving.MOVED, ("/until", "before-start")),
        (TODAY + DAY, Leaving.MOVED, ("/until", "in-future")),
        (TODAY, Leaving.CLOSING, ("/reason", "own-route")),
        (TODAY, Leaving.REASSIGNED, ("/reason", "own-route")),
    ],
)
def test_an_end_has_a_day_and_a_reason_that_can_be(until: date, reason: Leaving, fault: tuple[str, str]) -> None:
    around = Around()
    nurse = around.add(HOME_NURSE)

    with pytest.raises(Unfit) as refused:
        around.circle().end(nurse, Leave(until=until, reason=reason))

    assert faults(refused) == [fault]
    assert nurse.current


def test_the_owner_leaves_by_another_assignment_only() -> None:
    around = Around()

    with pytest.raises(Unfit):
        around.circle().end(around.members[0], Leave(until=TODAY, reason=Leaving.OTHER))


def test_the_circle_of_a_closed_case_is_what_it_was() -> None:
    around = Around()
    nurse = around.add(HOME_NURSE)
    around.close()

    assert not around.current()
    assert {member.last.reason for member in around.members} == {Leaving.CLOSING}
    with pytest.raises(IllegalStep):
        around.add(DAUGHTER)
    with pytest.raises(IllegalStep):
        around.circle().end(nurse, Leave(until=TODAY, reason=Leaving.MOVED))


def test_reopening_brings_the_same_people_back_in_the_new_interval() -> None:
    around = Around()
    nurse, gone = around.add(HOME_NURSE), around.add(DAUGHTER)
    around.circle().end(gone, Leave(until=TODAY, reason=Leaving.MOVED))
    before = around.current()
    around.close()
    later = TODAY + 30 * DAY

    around.reopen(later)

    assert around.current() == before
    assert nurse.periods == (
        Period(interval=1, since=TODAY, until=TODAY, reason=Leaving.CLOSING),
        Period(interval=2, since=later),
    )
    assert [(member.role, member.current) for member in around.members if member.worker] == [(Role.CASE_MANAGER, True)]
    assert around.facts[-1].model_dump()["restored"] is True


STEPS = st.lists(
    st.sampled_from(["nurse", "help", "daughter", "gp", "end", "hand-over", "close-and-reopen"]), max_size=25
)


def some_step(around: Around, step: str, chance: Any) -> None:
    leaving = [member for member in around.circle().current() if not member.is_team]
    if step == "gp":
        around.identify(GP.model_copy(update={"organisation": chance.choice(["one", "two"])}))
    elif step == "end" and leaving:
        around.circle().end(chance.choice(leaving), Leave(until=TODAY, reason=Leaving.SERVICE_ENDED))
    elif step == "hand-over":
        around.follow(around.case.assign(assignment(chance.choice(["anne", "bert"])), ROOM, TODAY))
    elif step in {"nurse", "help"}:
        around.add(HOME_NURSE.model_copy(update={"role": Role(f"home-{step}")}))
    elif step == "daughter":
        around.add(DAUGHTER)


@given(STEPS, st.randoms(use_true_random=False))
def test_a_closing_with_its_reopening_changes_nobody(steps: list[str], chance: Any) -> None:
    around = Around()
    for step in steps:
        with suppress(AlreadyMember):
            some_step(around, step, chance)
        if step == "close-and-reopen":
            before = around.current()
            around.close()
            assert not around.current()
            around.reopen()
            assert around.current() == before

    owners = [member.worker for member in around.circle().current() if member.is_team]
    assert owners == [around.case.worker]
    assert sum(member.is_gp for member in around.circle().current()) <= 1
    for member in around.members:
        ended = member.periods[:-1] if member.current else member.periods
        assert all(period.until and period.since <= period.until and period.reason for period in ended)
