"""A referral's life: who may move it where, and that what has ended stays ended."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain import (
    NEXT,
    Actor,
    Document,
    IdentifierReused,
    IllegalMove,
    KnownInstrument,
    MissingConsent,
    NotYourMove,
    Referral,
    Sheet,
    State,
    check_sheet,
)
from services.referrals.domain.document import fingerprint
from services.referrals.events import (
    CancellationCode,
    CancellationRequested,
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralProgressed,
    RefusalReason,
)
from shared.errors import DomainError
from tests.referrals.pushes import FULL, LONG_SHEET, MINIMAL, SHEET, changed, turned

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
OVER = {State.REFUSED, State.REDIRECTED, State.CLOSED, State.NOT_ACHIEVED, State.CANCELLED, State.VOIDED}
OPEN = {State.RECEIVED, State.IN_TRIAGE, State.INFORMATION_REQUESTED}
BEFORE = OPEN | {State.WAITING_LIST, State.ACCEPTED}
IN_CARE = {State.CASE_OPENED, State.FIRST_CONTACT, State.HOME_VISIT_DONE, State.CARE_PLAN_SHARED}
OPEN_CASE = IN_CARE | {State.PAUSED}


def referral(state: State = State.RECEIVED, **changes: Any) -> Referral:
    """A referral in any state."""
    document = Document.model_validate(MINIMAL)
    made = Referral.model_construct(**Referral.facts_of(document, "chu", NOW, True))
    made.state = state
    for name, value in changes.items():
        setattr(made, name, value)
    return made


Act = Callable[[Referral, Actor], object]

ACTS: Mapping[str, tuple[Act, set[Actor], set[State], State | None]] = {
    "triage": (
        lambda one, by: one.triage(by, NOW),
        {Actor.LINE_NURSE, Actor.COORDINATOR},
        {State.RECEIVED, State.INFORMATION_REQUESTED},
        State.IN_TRIAGE,
    ),
    "ask": (
        lambda one, by: one.ask(by, NOW, "?"),
        {Actor.LINE_NURSE, Actor.COORDINATOR},
        {State.RECEIVED, State.IN_TRIAGE},
        State.INFORMATION_REQUESTED,
    ),
    "inform": (
        lambda one, by: one.inform(by, NOW, "!", None),
        {Actor.SENDER},
        {State.INFORMATION_REQUESTED},
        State.IN_TRIAGE,
    ),
    "wait_list": (
        lambda one, by: one.wait_list(by, NOW, None),
        {Actor.COORDINATOR},
        OPEN | {State.ACCEPTED},
        State.WAITING_LIST,
    ),
    "accept": (
        lambda one, by: one.accept(by, NOW, None),
        {Actor.COORDINATOR},
        OPEN | {State.WAITING_LIST},
        State.ACCEPTED,
    ),
    "refuse": (
        lambda one, by: one.refuse(by, NOW, RefusalReason.OUTSIDE_AREA, "elsewhere"),
        {Actor.COORDINATOR, Actor.SYSTEM},
        OPEN | {State.WAITING_LIST},
        State.REFUSED,
    ),
    "redirect": (
        lambda one, by: one.redirect(by, NOW, "centre", None),
        {Actor.COORDINATOR},
        BEFORE,
        State.REDIRECTED,
    ),
    "cancel": (lambda one, by: one.cancel(by, NOW, "mistake"), {Actor.SENDER}, BEFORE | OPEN_CASE, None),
    "void": (lambda one, by: one.void(by, NOW, "wrong person"), {Actor.SENDER}, OPEN, State.VOIDED),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_step_is_open_to_its_actors_in_its_states_and_to_nobody_else_nowhere_else(act: str) -> None:
    do, actors, states, after = ACTS[act]
    for state, by in product(State, Actor):
        one = referral(state)
        before = one.moves
        if by not in actors:
            with pytest.raises(NotYourMove):
                do(one, by)
        elif state not in states:
            with pytest.raises(IllegalMove) as refused:
                do(one, by)
            assert refused.value.facts == {"state": state, "allowed": sorted(NEXT[state])}
        else:
            do(one, by)
            expected = after or (state if state in OPEN_CASE else State.CANCELLED)
            assert one.state is expected
            assert (one.moves[:-1], one.moves[-1].state, one.moves[-1].actor) == (before, expected, by)
            continue
        assert (one.state, one.moves, one.cancellation_requested) == (state, before, False)


FOLLOWS = {
    State.CASE_OPENED: {State.ACCEPTED, State.WAITING_LIST, State.PAUSED},
    State.FIRST_CONTACT: {State.CASE_OPENED},
    State.HOME_VISIT_DONE: {State.CASE_OPENED, State.FIRST_CONTACT, State.CARE_PLAN_SHARED},
    State.CARE_PLAN_SHARED: {State.CASE_OPENED, State.FIRST_CONTACT, State.HOME_VISIT_DONE},
    State.PAUSED: IN_CARE,
    State.CLOSED: OPEN_CASE,
    State.NOT_ACHIEVED: OPEN_CASE,
}


def test_a_referral_follows_its_case_from_where_that_makes_sense_and_stays_elsewhere() -> None:
    for state, (target, sources) in product(State, FOLLOWS.items()):
        one, case = referral(state), uuid4()
        told = one.follow_case(target, case, NOW, "reason")
        assert one.state is (target if state in sources else state)
        assert one.case_id == (case if state in sources else None)
        if state not in sources:
            assert told is None
        elif target in OVER:
            assert told == ReferralClosed(referral_id=one.id, achieved=target is State.CLOSED)
        else:
            assert told == ReferralProgressed(referral_id=one.id, case_id=case, state=target)


def test_every_state_has_its_row_and_ends_are_final() -> None:
    assert set(NEXT) == set(State)
    assert {state for state in State if not NEXT[state]} == OVER


Do = Callable[[Referral], object]
ANY_STEP: list[Do] = [
    *(lambda one, do=do, by=by: do(one, by) for (do, *_), by in product(ACTS.values(), Actor)),
    *(lambda one, target=target: one.follow_case(target, uuid4(), NOW) for target in FOLLOWS),
]


@given(st.lists(st.sampled_from(ANY_STEP), max_size=30), st.booleans())
def test_whatever_happens_each_move_is_allowed_and_what_is_over_stays_over(steps: list[Do], consent: bool) -> None:
    one = referral(consent_given=consent)
    for do in steps:
        before, moves = one.state, len(one.moves)
        try:
            do(one)
        except DomainError:
            assert (one.state, len(one.moves)) == (before, moves)
        if before in OVER:
            assert (one.state, len(one.moves)) == (before, moves)
        elif one.state is not before:
            assert one.state in NEXT[before]
            assert len(one.moves) == moves + 1
    assert all(move.at == NOW for move in one.moves)
    accepted = any(move.state is State.ACCEPTED for move in one.moves)
    assert consent or not accepted


def test_without_consent_nobody_is_accepted_save_in_an_emergency() -> None:
    one = referral(consent_given=False)
    with pytest.raises(MissingConsent):
        one.accept(Actor.COORDINATOR, NOW, None)
    with pytest.raises(MissingConsent):
        one.accept(Actor.COORDINATOR, NOW, "")
    assert one.state is State.RECEIVED
    told = one.accept(Actor.COORDINATOR, NOW, "unconscious, no relative found")
    assert isinstance(told, ReferralAccepted)
    assert one.moves[-1].note == "unconscious, no relative found"


def test_what_is_over_says_so_even_when_consent_is_missing_too() -> None:
    with pytest.raises(IllegalMove):
        referral(State.REFUSED, consent_given=False).accept(Actor.COORDINATOR, NOW, None)


@pytest.mark.parametrize(("reported", "after"), [(True, True), (False, False), (None, False)])
def test_the_sender_may_report_the_consent_with_its_answer(reported: bool | None, after: bool) -> None:
    one = referral(State.INFORMATION_REQUESTED, consent_given=False)
    one.inform(Actor.SENDER, NOW, "asked again", reported)
    assert one.consent_given is after


def test_a_consent_may_be_taken_back() -> None:
    one = referral(State.INFORMATION_REQUESTED, consent_given=True)
    one.inform(Actor.SENDER, NOW, "changed her mind", False)
    with pytest.raises(MissingConsent):
        one.accept(Actor.COORDINATOR, NOW, None)


def test_before_the_case_is_open_a_cancellation_cancels() -> None:
    one = referral(State.ACCEPTED)
    assert isinstance(one.cancel(Actor.SENDER, NOW, "moved away"), ReferralCancelled)
    assert (one.state, one.cancellation_requested) == (State.CANCELLED, False)


@pytest.mark.parametrize("state", sorted(OPEN_CASE))
def test_once_the_case_is_open_a_cancellation_only_asks(state: State) -> None:
    case = uuid4()
    one = referral(state, case_id=case)
    told = one.cancel(Actor.SENDER, NOW, "ward closes the form")
    assert told == CancellationRequested(referral_id=one.id, case_id=case)
    assert (one.state, one.cancellation_requested) == (state, True)
    assert (one.moves[-1].state, one.moves[-1].reason) == (state, "cancellation-requested")


def test_only_a_cancellation_that_was_asked_for_is_granted_and_by_a_coordinator() -> None:
    for state, by, asked in product(State, Actor, (False, True)):
        one = referral(state, cancellation_requested=asked)
        if by is Actor.COORDINATOR and state in OPEN_CASE and asked:
            assert one.grant_cancellation(by, NOW, None).code is CancellationCode.GRANTED
            assert one.state is State.CANCELLED
        else:
            with pytest.raises((NotYourMove, IllegalMove)):
                one.grant_cancellation(by, NOW, None)
            assert one.state is state


def test_a_correction_is_the_senders_before_anything_is_decided_and_keeps_the_identifier() -> None:
    better = document("/urgency", "routine").model_copy(
        update={"identifier": Document.model_validate(MINIMAL).identifier}
    )
    for state, by in product(State, Actor):
        one = referral(state)
        first = one.fingerprint
        if by is Actor.SENDER and state in OPEN | {State.WAITING_LIST}:
            assert "person" in one.correct(by, better, True).parts
            assert (one.document, one.fingerprint, one.state) == (better, first, state)
            assert one.corrected_fingerprint == fingerprint(better.content())
        else:
            with pytest.raises((NotYourMove, IllegalMove)):
                one.correct(by, better, True)
            assert one.document == Document.model_validate(MINIMAL)
    with pytest.raises(IdentifierReused):
        referral().correct(Actor.SENDER, Document.model_validate(FULL), True)


def test_an_answer_belongs_to_the_question_that_is_open() -> None:
    one = referral()
    for round_of in (1, 2):
        one.ask(Actor.LINE_NURSE, NOW, f"question {round_of}")
        one.inform(Actor.SENDER, NOW, f"answer {round_of}", None)
    assert [(message.number, message.kind, message.answers) for message in one.messages] == [
        (1, "question", None),
        (2, "answer", 1),
        (3, "question", None),
        (4, "answer", 3),
    ]
    assert one.open_question() is None


@pytest.mark.parametrize("state", State)
def test_a_message_moves_nothing_and_may_be_sent_in_every_state(state: State) -> None:
    one = referral(state)
    one.write(Actor.SENDER, NOW, "she is home")
    assert (one.state, one.messages[-1].text, len(one.moves)) == (state, "she is home", 1)


def test_what_is_served_by_another_road_does_not_stay_open() -> None:
    for state in State:
        one = referral(state)
        if state in OPEN | {State.WAITING_LIST}:
            assert one.serve_elsewhere(NOW).reason is RefusalReason.EXISTING_CASE_MANAGER
            assert (one.state, one.moves[-1].actor) == (State.REFUSED, Actor.SYSTEM)
        else:
            with pytest.raises((IllegalMove, NotYourMove)):
                one.serve_elsewhere(NOW)


def test_each_move_knows_the_version_that_it_made() -> None:
    one = referral(version=4)
    one.triage(Actor.LINE_NURSE, NOW)
    assert one.moves[-1].version == 5


def document(pointer: str, value: Any) -> Document:
    """The full document with one change."""
    return Document.model_validate(changed(FULL, pointer, value))


def test_order_of_keys_and_defaults_written_out_are_the_same_content() -> None:
    one = Document.model_validate(FULL)
    assert fingerprint(Document.model_validate(turned(FULL)).content()) == fingerprint(one.content())
    spelt = {**FULL, "attachments": [], "reason": {**FULL["reason"]}}
    assert Document.model_validate(spelt).content() == one.content()
    dotted = document("/person/niss", "50.02.03-001.03")
    assert dotted.content() == one.content()


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/urgency", "routine"),
        ("/person/family_name", "Other"),
        ("/consent/given", False),
        ("/sheets/0/answers/housework/difficulty", 1),
        ("/reason/factors", ["carer_burden", "housing"]),
        ("/person/phones", []),
    ],
)
def test_another_value_anywhere_is_other_content(pointer: str, value: Any) -> None:
    assert document(pointer, value).content() != Document.model_validate(FULL).content()


def test_a_document_of_today_has_no_fault() -> None:
    assert list(Document.model_validate(FULL).faults_on(TODAY)) == []
    assert list(document("/consent/on", "2026-11-20").faults_on(TODAY)) == []
    assert list(document("/stay/discharge_on", "2026-11-02").faults_on(TODAY)) == []


@given(st.integers(0, 99), st.integers(1, 12), st.integers(1, 28), st.integers(1, 997), st.booleans())
def test_every_right_register_number_is_taken_and_no_other(
    year: int, month: int, day: int, number: int, is_late: bool
) -> None:
    head = f"{year:02}{month:02}{day:02}{number:03}"
    early, late = 97 - int(head) % 97, 97 - int(f"2{head}") % 97
    right = late if is_late and year <= 24 else early
    assert Document.model_validate(with_niss(f"{head}{right:02}")).person.niss == f"{head}{right:02}"
    wrong = right % 97 + 1
    if wrong not in {early, late}:
        with pytest.raises(ValueError, match="NISS"):
            Document.model_validate(with_niss(f"{head}{wrong:02}"))


def with_niss(niss: str) -> dict[str, Any]:
    """The small document with a register number."""
    return {**MINIMAL, "person": {**MINIMAL["person"], "niss": niss}}


ELADEB = KnownInstrument(
    code="eladeb-r",
    edition="2011",
    cards=("housework", "addiction", "finances"),
    max_level=3,
    sources=("P", "F", "E", "?"),
)


def found(answers: Any) -> list[tuple[str, str]]:
    """The faults of answers, their place under `answers`."""
    sheet = Sheet.model_validate({**SHEET, "answers": answers})
    return [(fault.pointer.removeprefix("/answers"), fault.code) for fault in check_sheet(ELADEB, sheet, ())]


@pytest.mark.parametrize("sheet", [SHEET, LONG_SHEET], ids=["compact", "long"])
def test_a_right_sheet_has_no_fault(sheet: Mapping[str, Any]) -> None:
    assert found(sheet["answers"]) == []


@given(
    st.dictionaries(
        st.sampled_from(["housework", "addiction", "finances"]),
        st.fixed_dictionaries(
            {"difficulty": st.none() | st.integers(0, 3), "need": st.none() | st.integers(0, 3)},
            optional={"absent": st.none()},
        ),
    )
)
def test_levels_from_nought_to_three_are_right(answers: dict[str, dict[str, Any]]) -> None:
    assert found(answers) == []


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["difficulty", "need", "sources", "absent", "presence", "level", "absent_reason", "domain", "note", "x"]


@given(
    st.dictionaries(st.sampled_from(ELADEB.cards), st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=4))
    | st.lists(st.dictionaries(st.sampled_from(NAMES), JUNK | st.sampled_from(ELADEB.cards), max_size=4), max_size=3)
    | st.lists(
        st.fixed_dictionaries(
            {"domain": st.sampled_from(ELADEB.cards)},
            optional={scale: st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=4) for scale in NAMES[:2]},
        ),
        max_size=3,
    )
)
def test_no_answers_whatever_break_the_check(answers: Any) -> None:
    assert all(pointer.startswith("/") or pointer == "" for pointer, _ in found(answers))
