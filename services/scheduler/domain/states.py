"""The states of a follow-up as one table, and what is said of a step or a value that cannot be."""

from collections.abc import Sequence
from enum import StrEnum

from services.scheduler.events import Outcome
from shared.errors import DomainError, Fault


class Status(StrEnum):
    """Where a follow-up stands."""

    PLANNED = "planned"
    DUE = "due"
    IN_PROGRESS = "in-progress"
    UNREACHABLE = "unreachable"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


WORKABLE = frozenset({Status.PLANNED, Status.DUE, Status.IN_PROGRESS})
_WORKED = {
    Status.PLANNED,
    Status.IN_PROGRESS,
    Status.UNREACHABLE,
    Status.COMPLETED,
    Status.REFUSED,
    Status.CANCELLED,
}

NEXT: dict[Status, set[Status]] = {
    Status.PLANNED: _WORKED | {Status.DUE},
    Status.DUE: _WORKED,
    Status.IN_PROGRESS: _WORKED,
    Status.UNREACHABLE: {Status.DUE, Status.PLANNED, Status.CANCELLED},
    Status.COMPLETED: set(),
    Status.REFUSED: set(),
    Status.CANCELLED: set(),
}
"""A failed attempt and a move plan it anew, so work leads back to planned.

Only a sign of life ends unreachable: the person got in touch (due), or whoever was turned to said when to call
(planned).
"""

FAILED = frozenset({Outcome.NO_ANSWER, Outcome.WRONG_NUMBER, Outcome.SPOKE_TO_RELATIVE})
"""The outcomes in which the person was not reached: these alone count towards unreachable."""

LEADS_TO = {
    Outcome.ANSWERED: Status.IN_PROGRESS,
    Outcome.CALL_BACK: Status.PLANNED,
    Outcome.REFUSED: Status.REFUSED,
}
"""Where the other outcomes lead."""


class IllegalStep(DomainError):
    """The follow-up is not in a state that allows this step."""


class WrongInput(DomainError):
    """Some values cannot be right."""


def repeated(pointer: str, values: Sequence[object]) -> list[Fault]:
    """A fault for each value that stands earlier in the list already."""
    return [Fault(pointer.format(place), "repeated") for place, each in enumerate(values) if each in values[:place]]


def refuse(faults: Sequence[Fault]) -> None:
    """Raise WrongInput if there is any fault."""
    if faults:
        raise WrongInput(faults=faults)
