"""The one state table with roles exchanged: every cell (from, to, by), as the domain really behaves."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from services.referrals.domain.answers import STATES, Stage
from services.referrals.domain.care_service import Channel
from services.referrals.domain.exchange import EXCHANGED, FULFILLER, PLAYS, Party, waits_for
from services.referrals.domain.history import IllegalMove, NotYourMove
from services.referrals.domain.outgoing import OutgoingReferral
from services.referrals.domain.outgoing_from import Addressee, Demand, of_demand
from services.referrals.domain.states import MOVES, Actor, State
from services.referrals.events import RefusalReason

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
Command = Callable[[OutgoingReferral], object]

COMMANDS: dict[str, tuple[Party, State, Command]] = {
    "acknowledge": (Party.FULFILLER, State.IN_TRIAGE, lambda r: r.acknowledge(FULFILLER, AT)),
    "accept": (Party.FULFILLER, State.ACCEPTED, lambda r: r.accept(FULFILLER, AT, None)),
    "wait-list": (Party.FULFILLER, State.WAITING_LIST, lambda r: r.wait_list(FULFILLER, AT, None)),
    "refuse": (Party.FULFILLER, State.REFUSED, lambda r: r.refuse(FULFILLER, AT, RefusalReason.AT_CAPACITY, "x")),
    "ask": (Party.FULFILLER, State.INFORMATION_REQUESTED, lambda r: r.ask(FULFILLER, AT, "?")),
    "inform": (Party.PLACER, State.IN_TRIAGE, lambda r: r.inform(AT, "!")),
    "void": (Party.PLACER, State.VOIDED, lambda r: r.void(AT, "x")),
}
ENDS = {Stage.DONE, Stage.NOT_ACHIEVED}


def asked(state: State) -> OutgoingReferral:
    """A referral that has come to this state."""
    referral = of_demand(Demand(organisation="centre", needs=["food"]), Addressee("centre", Channel.MANUAL), AT)
    referral.begin(AT)
    referral.state = state
    return referral


def outcome(referral: OutgoingReferral, command: Command) -> State | None:
    """Where a command leads; None where it is refused, and then nothing has changed."""
    before = referral.model_copy(deep=True)
    try:
        command(referral)
    except (IllegalMove, NotYourMove):
        assert referral == before
        return None
    assert referral.moves[-1].state is referral.state
    assert referral.moves[-1].version == before.version + 1
    return referral.state


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_makes_exactly_the_moves_of_the_table(state: State, name: str) -> None:
    party, end, command = COMMANDS[name]
    assert outcome(asked(state), command) == (end if (state, end, party) in EXCHANGED else None)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("stage", Stage)
def test_progress_makes_the_moves_of_the_table_and_an_end_implies_a_beginning(state: State, stage: Stage) -> None:
    end = STATES[stage]
    allowed = (state, end, Party.FULFILLER) in EXCHANGED
    begins = stage in ENDS and state in (State.ACCEPTED, State.WAITING_LIST)
    referral = asked(state)
    reached = outcome(referral, lambda r: r.progress(FULFILLER, AT, end, None, None))
    assert reached == (end if allowed or begins else None)
    if begins:
        assert [move.state for move in referral.moves[-2:]] == [State.CASE_OPENED, end]


@pytest.mark.parametrize("state", State)
def test_we_cancel_before_the_beginning_and_only_ask_afterwards(state: State) -> None:
    referral = asked(state)
    if (state, State.CANCELLED, Party.PLACER) in EXCHANGED:
        assert outcome(referral, lambda r: r.cancel(AT, "x")) is State.CANCELLED
    elif (state, State.CANCELLED, Party.FULFILLER) in EXCHANGED:
        with pytest.raises(IllegalMove):
            referral.grant_cancellation(FULFILLER, AT, None)
        referral.cancel(AT, "x")
        assert (referral.state, referral.cancellation_requested) == (state, True)
        assert outcome(referral, lambda r: r.grant_cancellation(FULFILLER, AT, None)) is State.CANCELLED
    else:
        assert outcome(referral, lambda r: r.cancel(AT, "x")) is None


def test_it_is_the_same_table_and_no_cell_of_it_is_lost() -> None:
    parts = [part for played in PLAYS.values() for part in played]
    assert sorted(parts) == sorted(Actor)
    for start, end, actor in MOVES:
        party = Party.PLACER if actor is Actor.SENDER else Party.FULFILLER
        assert (start, end, party) in EXCHANGED
    assert {(start, end) for start, end, _ in EXCHANGED} == {(start, end) for start, end, _ in MOVES}


def test_whoever_acts_next_is_the_other_side_of_the_table() -> None:
    assert {state for state in State if waits_for(state) is Party.PLACER} == {State.INFORMATION_REQUESTED}
    waiting = {State.RECEIVED, State.IN_TRIAGE, State.WAITING_LIST, State.ACCEPTED}
    assert {state for state in State if waits_for(state) is Party.FULFILLER} == waiting
