"""The agenda of the weekly meeting: why a case is on it, what comes first, and which step answers a line."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.states import State
from shared.ids import new_id


class Reason(StrEnum):
    """Why a case is on the agenda."""

    PERSON_UNREACHABLE = "person-unreachable"
    ITEM_LOST = "item-lost"
    CANCELLATION_REQUESTED = "cancellation-requested"
    REFERRAL_CANCELLED = "referral-cancelled"


RANK: dict[Reason, int] = {
    Reason.PERSON_UNREACHABLE: 1,
    Reason.ITEM_LOST: 2,
    Reason.CANCELLATION_REQUESTED: 3,
    Reason.REFERRAL_CANCELLED: 4,
}
"""Safety first, then what was lost, then what a sender asks; within a rank the oldest line first."""

CANCELLATIONS = {Reason.CANCELLATION_REQUESTED, Reason.REFERRAL_CANCELLED}
_CALLS = {Reason.PERSON_UNREACHABLE, Reason.ITEM_LOST}

ANSWERED_BY: dict[State, set[Reason]] = {
    State.CLOSED: CANCELLATIONS | _CALLS,
    State.IN_CARE: _CALLS,
    State.ASSIGNED: _CALLS,
    State.OPENED: _CALLS,
}
"""A closing answers all that was raised before it; a reopening answers what the follow-up calls found."""


class Line(BaseModel):
    """A line on the agenda, open until a step of the case answers it.

    `subject_id` is what it is about (a task, a referral, the case itself), `source_id` what raised it (a follow-up,
    a referral): a subject has one open line per reason, and a source raises one line per subject.
    """

    id: UUID = Field(default_factory=new_id)
    case_id: UUID
    reason: Reason
    subject_id: UUID
    source_id: UUID
    raised_at: datetime
    settled_at: datetime | None = None


def concerns(reason: Reason, state: State) -> bool:
    """Whether a line makes sense for a case in this state: nobody needs to end a case that is closed."""
    return not (state is State.CLOSED and reason in CANCELLATIONS)
