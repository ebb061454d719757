"""The one table of a case's life: which step leads from where to where."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import DomainError


class State(StrEnum):
    """Where a case stands. `requested` and `waiting` have no owner yet; `open`, `in-care` and `paused` always have."""

    REQUESTED = "requested"
    WAITING = "waiting"
    OPEN = "open"
    IN_CARE = "in-care"
    PAUSED = "paused"
    CLOSED = "closed"
    DECLINED = "declined"


class Phase(StrEnum):
    """Which of the four phases of case management it is in."""

    PLAN = "plan"
    COORDINATE = "coordinate"
    FOLLOW = "follow"
    EVALUATE = "evaluate"


class Move(StrEnum):
    """The steps that move a case from state to state."""

    WAITING_LIST = "waiting-list"
    DECLINE = "decline"
    ASSIGNMENT = "assignment"
    CARE_START = "care-start"
    PAUSE = "pause"
    RESUMPTION = "resumption"
    CLOSURE = "closure"
    REOPENING = "reopening"


@dataclass(frozen=True)
class Arc:
    """One kind of step: from any of these states to any of those."""

    move: Move
    start: frozenset[State]
    end: frozenset[State]


def arc(move: Move, start: set[State], *end: State) -> Arc:
    """An arc as it is written in the table."""
    return Arc(move, frozenset(start), frozenset(end))


UNOWNED = frozenset({State.REQUESTED, State.WAITING})
WORKED = frozenset({State.OPEN, State.IN_CARE})
"""Somebody works on it: visits, plan and tasks go on."""
OWNED = WORKED | {State.PAUSED}
"""It has an owner, a next step and its day."""
ENDED = frozenset({State.CLOSED, State.DECLINED})

ARCS: tuple[Arc, ...] = (
    arc(Move.WAITING_LIST, {State.REQUESTED}, State.WAITING),
    arc(Move.DECLINE, {*UNOWNED}, State.DECLINED),
    arc(Move.ASSIGNMENT, {*UNOWNED, State.OPEN}, State.OPEN),
    arc(Move.ASSIGNMENT, {State.IN_CARE}, State.IN_CARE),
    arc(Move.ASSIGNMENT, {State.PAUSED}, State.PAUSED),
    arc(Move.CARE_START, {State.OPEN}, State.IN_CARE),
    arc(Move.PAUSE, {*WORKED}, State.PAUSED),
    arc(Move.RESUMPTION, {State.PAUSED}, State.OPEN, State.IN_CARE),
    arc(Move.CLOSURE, {*OWNED}, State.CLOSED),
    arc(Move.REOPENING, {State.CLOSED}, State.OPEN, State.IN_CARE),
    arc(Move.REOPENING, {State.DECLINED}, State.REQUESTED),
)
"""A resumed or reopened case goes on where it was: in care after a first visit, open before it."""

NEXT: Mapping[State, frozenset[State]] = {
    state: frozenset(end for each in ARCS if state in each.start for end in each.end) for state in State
}
"""Where a case can go from each state."""


class IllegalStep(DomainError):
    """The case is not in a state that allows this step."""


def leads(move: Move, start: State, end: State) -> bool:
    """Whether the table has this step from one state to the other."""
    return any(each.move is move and start in each.start and end in each.end for each in ARCS)


def moves_from(state: State) -> list[Move]:
    """The steps that a case can take from this state, in the order of the table."""
    return [move for move in Move if any(each.move is move and state in each.start for each in ARCS)]
