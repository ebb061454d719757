"""The general practitioner is known and told at key steps, and so are the other providers."""

from typing import Any

import pytest

from services.cases.domain import Unfit
from services.cases.domain.circle import AlreadyMember, GeneralPractitioner
from services.cases.domain.informing import (
    ConsentRefused,
    Missing,
    to_be_told,
)
from services.cases.domain.membership import Leave, NewMember
from services.cases.events import (
    GpStatus,
    KeyStep,
    Leaving,
    MemberKind,
    Role,
)
from shared.ids import new_id
from tests.cases.around import DAUGHTER, DAY, GP, HOME_NURSE, Around, faults
from tests.cases.record import TODAY


def test_the_general_practitioner_has_been_there_since_the_first_day_unless_told_otherwise() -> None:
    around = Around()

    gp = around.identify(today=TODAY + 5 * DAY)

    assert gp
    assert gp.last.since == TODAY


def test_another_general_practitioner_takes_the_place_of_the_one_before() -> None:
    around = Around()
    first = around.identify()
    with pytest.raises(AlreadyMember):
        around.identify()

    second = around.identify(GP.model_copy(update={"organisation": "other"}), TODAY + DAY)

    assert first
    assert first.last.reason is Leaving.REPLACED
    assert around.circle().gp() is second


@pytest.mark.parametrize(
    ("gp", "fault"),
    [
        (GeneralPractitioner(status=GpStatus.KNOWN), ("/organisation", "missing")),
        (GeneralPractitioner(status=GpStatus.NONE, organisation="x"), ("/organisation", "not-for-this-status")),
        (GP.model_copy(update={"since": TODAY + DAY}), ("/since", "in-future")),
    ],
)
def test_a_known_general_practitioner_is_named_and_none_is_not(gp: GeneralPractitioner, fault: tuple[str, str]) -> None:
    with pytest.raises(Unfit) as refused:
        Around().identify(gp)

    assert faults(refused) == [fault]


def test_a_request_misses_nothing_yet_and_an_opened_case_its_general_practitioner() -> None:
    assert Around(assigned=False).missing() == []
    assert Around().missing() == [Missing.NOT_IDENTIFIED]


@pytest.mark.parametrize("status", [GpStatus.NONE, GpStatus.REFUSES_TO_TELL])
def test_where_there_is_nobody_to_tell_nothing_is_missing(status: GpStatus) -> None:
    around = Around()

    around.identify(GeneralPractitioner(status=status))

    assert around.missing() == []


def test_the_general_practitioner_is_told_at_opening_plan_and_closing_of_every_interval() -> None:
    around = Around()
    around.identify()
    assert around.missing() == [Missing.OPENING]
    around.tell(KeyStep.OPENING)
    assert around.missing() == []

    around.case.agreed_version = 1
    assert around.missing() == [Missing.PLAN]
    around.tell(KeyStep.PLAN)
    around.case.agreed_version = 2
    assert around.missing() == [Missing.PLAN], "a new plan is another plan"
    around.tell(KeyStep.PLAN)

    around.close()
    assert around.missing() == [Missing.CLOSING]
    around.tell(KeyStep.CLOSING)
    assert around.missing() == []

    around.reopen(TODAY + DAY)
    assert around.missing() == [Missing.OPENING]


def test_a_new_general_practitioner_knows_nothing_yet() -> None:
    around = Around()
    around.identify()
    around.tell(KeyStep.OPENING)

    around.identify(GP.model_copy(update={"organisation": "other"}))

    assert around.missing() == [Missing.OPENING]


@pytest.mark.parametrize(
    ("step", "changes", "fault"),
    [
        (KeyStep.OPENING, {"on": TODAY + DAY}, ("/on", "in-future")),
        (KeyStep.OPENING, {"on": TODAY - DAY}, ("/on", "before-opening")),
        (KeyStep.PLAN, {}, ("/step", "not-reached")),
        (KeyStep.CLOSING, {}, ("/step", "not-reached")),
        (KeyStep.OPENING, {"member_id": new_id()}, ("/member_id", "unknown")),
    ],
)
def test_nobody_is_told_of_what_has_not_come(step: KeyStep, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    around = Around()
    around.identify()

    with pytest.raises(Unfit) as refused:
        around.tell(step, **changes)

    assert faults(refused) == [fault]


def test_who_is_not_identified_cannot_be_told() -> None:
    with pytest.raises(Unfit) as refused:
        Around().tell(KeyStep.OPENING)

    assert faults(refused) == [("/member_id", "gp-unknown")]


def test_before_the_opening_there_is_nothing_to_tell() -> None:
    around = Around(assigned=False)
    around.identify()

    with pytest.raises(Unfit) as refused:
        around.tell(KeyStep.OPENING)

    assert faults(refused) == [("/step", "not-reached")]


def test_where_the_person_does_not_want_it_nobody_is_told_and_nothing_is_missing() -> None:
    around = Around()
    around.identify(GP.model_copy(update={"consent_to_share": False}))

    assert around.missing() == []
    with pytest.raises(ConsentRefused):
        around.tell(KeyStep.OPENING)


def test_a_provider_who_left_was_not_told_afterwards() -> None:
    around = Around()
    nurse = around.add(HOME_NURSE)
    around.circle().end(nurse, Leave(until=TODAY, reason=Leaving.MOVED))

    with pytest.raises(Unfit) as refused:
        around.tell(KeyStep.OPENING, TODAY + DAY, member_id=nurse.id)

    assert faults(refused) == [("/on", "not-a-member-then")]


def test_other_providers_are_told_too_but_not_relatives_nor_our_own_workers() -> None:
    around = Around()
    nurse = around.add(HOME_NURSE)
    around.add(DAUGHTER)
    around.add(NewMember(kind=MemberKind.PROFESSIONAL, role=Role.LINE_NURSE, worker="lea"))
    around.add(HOME_NURSE.model_copy(update={"role": Role.PHARMACIST, "consent_to_share": False}))
    around.case.agreed_version = 1

    assert to_be_told(around.circle(), around.told) == {nurse.id: [KeyStep.OPENING, KeyStep.PLAN]}
    around.tell(KeyStep.OPENING, member_id=nurse.id)
    around.tell(KeyStep.PLAN, member_id=nurse.id)
    assert to_be_told(around.circle(), around.told) == {}

    around.close()
    assert to_be_told(around.circle(), around.told) == {nurse.id: [KeyStep.CLOSING]}
