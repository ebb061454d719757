"""What scheduler tells the others: ids, codes and days, never what was said."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events import Event


class Kind(StrEnum):
    """Which follow-up it is: how long after the closing of the case."""

    ONE_MONTH = "one-month"
    SIX_MONTHS = "six-months"


class Outcome(StrEnum):
    """What became of one attempt to reach the person."""

    NO_ANSWER = "no-answer"
    WRONG_NUMBER = "wrong-number"
    SPOKE_TO_RELATIVE = "spoke-to-relative"
    ANSWERED = "answered"
    CALL_BACK = "call-back"
    REFUSED = "refused"


class ItemStatus(StrEnum):
    """What became of one item of the care plan."""

    IN_PLACE = "in-place"
    WEAK = "weak"
    LOST = "lost"


class CheckedItem(BaseModel):
    """One item of the care plan as found at a follow-up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: UUID = Field(description="The task of the plan, as cases names it")
    status: ItemStatus


class FollowUpPlanned(Event):
    """A follow-up of a closed case is planned."""

    type: ClassVar[str] = "scheduler.follow-up-planned.v1"
    follow_up_id: UUID
    case_id: UUID
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: Kind
    due_on: date = Field(description="The working day it is planned for, in Belgium; past where the closing was old")


class FollowUpDue(Event):
    """Its time has come, for the first time, after a failed attempt, or after a lost contact was restored."""

    type: ClassVar[str] = "scheduler.follow-up-due.v1"
    follow_up_id: UUID
    case_id: UUID
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: Kind
    due_on: date = Field(description="The working day it is due on, in Belgium")


class AttemptRecorded(Event):
    """Somebody tried to reach the person."""

    type: ClassVar[str] = "scheduler.attempt-recorded.v1"
    follow_up_id: UUID
    case_id: UUID
    kind: Kind
    number: int = Field(description="Counts the attempts of this follow-up from 1")
    outcome: Outcome
    next_on: date | None = Field(description="The day of the next attempt; null when none is planned")


class FollowUpCompleted(Event):
    """The person was reached and each item of the care plan was checked."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    follow_up_id: UUID
    case_id: UUID
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: Kind
    items: list[CheckedItem] = Field(description="Every item of the plan as it was at closing")


class FollowUpRefused(Event):
    """The person wants no follow-up."""

    type: ClassVar[str] = "scheduler.follow-up-refused.v1"
    follow_up_id: UUID
    case_id: UUID
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: Kind


class FollowUpCancelled(Event):
    """It no longer makes sense: the case was reopened, or closed for a reason that ends all contact."""

    type: ClassVar[str] = "scheduler.follow-up-cancelled.v1"
    follow_up_id: UUID
    case_id: UUID


class PersonUnreachable(Event):
    """As many attempts failed as the policy allows."""

    type: ClassVar[str] = "scheduler.person-unreachable.v1"
    follow_up_id: UUID
    case_id: UUID
    person_id: UUID | None = Field(description="Null where the case has no identified person")


class ContactRestored(Event):
    """A person who could not be reached got in touch."""

    type: ClassVar[str] = "scheduler.contact-restored.v1"
    person_id: UUID


PUBLISHED = (
    FollowUpPlanned,
    FollowUpDue,
    AttemptRecorded,
    FollowUpCompleted,
    FollowUpRefused,
    FollowUpCancelled,
    PersonUnreachable,
    ContactRestored,
)
