"""What scheduler tells of the worklists: what rests, and what somebody should think of."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class HoldReason(StrEnum):
    """Why a follow-up rests."""

    PERSON_AWAY = "person-away"
    IN_HOSPITAL = "in-hospital"
    ASKED_TO_WAIT = "asked-to-wait"
    WAITING_FOR_PARTNER = "waiting-for-partner"
    SOMEBODY_ELSE_CALLS = "somebody-else-calls"


class ReminderKind(StrEnum):
    """Whether the day is still to come or has passed."""

    BEFORE = "before"
    OVERDUE = "overdue"


class ReminderOf(StrEnum):
    """What a reminder is about."""

    FOLLOW_UP = "follow-up"
    APPOINTMENT = "appointment"


class FollowUpHeld(Event):
    """A follow-up rests: it is on no worklist before the day."""

    type: ClassVar[str] = "scheduler.follow-up-held.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    until: date = Field(description="The day on which it is on the worklist again, in Belgium")
    reason: HoldReason


class FollowUpResumed(Event):
    """A follow-up that rested is on the worklist again, before its day."""

    type: ClassVar[str] = "scheduler.follow-up-resumed.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")


class ReminderDue(Event):
    """Somebody should think of this: its day comes, or has passed. Told once for each day that it was planned for."""

    type: ClassVar[str] = "scheduler.reminder-due.v1"
    reminder_id: UUID
    of: ReminderOf
    subject_id: UUID = Field(description="The follow-up or the appointment")
    case_id: UUID | None = Field(description="Null where no case is behind it")
    kind: ReminderKind
    owner: str = Field(description="Whose it is to do", examples=["line"])
    worker: str | None = Field(description="The worker's subject; null for whoever of the owner's role comes first")
    due_on: date = Field(description="The working day it is to be done, in Belgium")


WORKLIST = (FollowUpHeld, FollowUpResumed, ReminderDue)
