"""What intake tells of the call-backs that it owes."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class CallBackResult(StrEnum):
    """What came of a call-back."""

    REACHED = "reached"
    NOT_REACHED = "not-reached"
    SOLVED_OTHERWISE = "solved-otherwise"


class CallBackCancellation(StrEnum):
    """Why a call-back is no longer owed."""

    NO_LONGER_WISHED = "no-longer-wished"
    ENTERED_IN_ERROR = "entered-in-error"
    NO_WAY_TO_REACH = "no-way-to-reach"
    OTHER = "other"


class Postponement(StrEnum):
    """Why a call-back comes later."""

    NOT_REACHED = "not-reached"
    ASKED_FOR_LATER = "asked-for-later"
    INFORMATION_MISSING = "information-missing"
    NO_TIME = "no-time"


class CallBackPlanned(Event):
    """The line owes somebody a call."""

    type: ClassVar[str] = "intake.call-back-planned.v1"
    call_back_id: UUID
    contact_id: UUID
    person_id: UUID | None
    due_at: datetime


class CallBackClaimed(Event):
    """Somebody of the line has taken a call-back on, or gives it back."""

    type: ClassVar[str] = "intake.call-back-claimed.v1"
    call_back_id: UUID
    worker: str | None = Field(
        description="Subject of the one who calls; null when given back", examples=["line-nurse"]
    )


class CallBackDue(Event):
    """The time of a call-back has come: told once per date."""

    type: ClassVar[str] = "intake.call-back-due.v1"
    call_back_id: UUID
    contact_id: UUID
    person_id: UUID | None


class CallBackEscalated(Event):
    """Nobody called back in time: told once."""

    type: ClassVar[str] = "intake.call-back-escalated.v1"
    call_back_id: UUID
    contact_id: UUID
    person_id: UUID | None
    to: str = Field(description="The role that it goes to", examples=["coordinator"])


class CallBackPostponed(Event):
    """A call-back comes later."""

    type: ClassVar[str] = "intake.call-back-postponed.v1"
    call_back_id: UUID
    due_at: datetime
    reason: Postponement


class CallBackCompleted(Event):
    """A call-back is no longer owed, for it was made or came about otherwise."""

    type: ClassVar[str] = "intake.call-back-completed.v1"
    call_back_id: UUID
    result: CallBackResult
    answered_by: UUID | None = Field(description="The contact in which it came about")


class CallBackCancelled(Event):
    """A call-back is no longer owed."""

    type: ClassVar[str] = "intake.call-back-cancelled.v1"
    call_back_id: UUID
    reason: CallBackCancellation


CALL_BACKS = (
    CallBackPlanned,
    CallBackClaimed,
    CallBackDue,
    CallBackEscalated,
    CallBackPostponed,
    CallBackCompleted,
    CallBackCancelled,
)
