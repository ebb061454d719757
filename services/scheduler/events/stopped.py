"""What scheduler tells of what was cancelled because of a death that turned out to be a mistake."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class StoppedKind(StrEnum):
    """What was cancelled: a follow-up, an appointment, or a place on a campaign."""

    FOLLOW_UP = "follow-up"
    APPOINTMENT = "appointment"
    CAMPAIGN = "campaign"


class StoppedDecision(StrEnum):
    """What becomes of it now that the person lives."""

    PLAN_AGAIN = "plan-again"
    LET_BE = "let-be"


class StoppedListed(Event):
    """A death was taken back: what was cancelled because of it waits for somebody to decide."""

    type: ClassVar[str] = "scheduler.stopped-listed.v1"
    stopped_id: UUID
    of: StoppedKind
    subject_id: UUID = Field(description="The follow-up, the appointment or the campaign")
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID


class StoppedDecided(Event):
    """Somebody has decided on it."""

    type: ClassVar[str] = "scheduler.stopped-decided.v1"
    stopped_id: UUID
    of: StoppedKind
    subject_id: UUID = Field(description="The follow-up, the appointment or the campaign")
    decision: StoppedDecision


STOPPED = (StoppedListed, StoppedDecided)
