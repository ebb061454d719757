"""Where a case stands, and where it can go from there."""

from enum import StrEnum

from shared.errors import DomainError


class State(StrEnum):
    """Where a case stands."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    IN_CARE = "in-care"
    CLOSED = "closed"


class Phase(StrEnum):
    """Which of the four phases of case management it is in."""

    PLAN = "plan"
    COORDINATE = "coordinate"
    FOLLOW = "follow"
    EVALUATE = "evaluate"


NEXT: dict[State, set[State]] = {
    State.OPENED: {State.ASSIGNED, State.CLOSED},
    State.ASSIGNED: {State.ASSIGNED, State.IN_CARE, State.CLOSED},
    State.IN_CARE: {State.IN_CARE, State.CLOSED},
    State.CLOSED: {State.OPENED, State.ASSIGNED, State.IN_CARE},
}
"""A closed case reopens where it was: in care after a first visit, assigned before, opened without an owner."""


class IllegalStep(DomainError):
    """The case is not in a state that allows this step."""
