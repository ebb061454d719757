"""What scheduler tells of follow-ups."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.scheduler.events.codes import (
    CancelReason,
    Escalation,
    ItemStatus,
    NextAction,
    Outcome,
    OutcomePoint,
)
from shared.events import Event


class CheckedItem(BaseModel):
    """One item of the care plan as found at a follow-up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: UUID = Field(description="The task of the plan, as cases names it")
    status: ItemStatus


class FollowUpPlanned(Event):
    """A follow-up of a closed case is planned."""

    type: ClassVar[str] = "scheduler.follow-up-planned.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: str = Field(description="Which step of the policy", examples=["one-month"])
    due_on: date = Field(description="The working day it is planned for, in Belgium; past where the closing was old")


class FollowUpDue(Event):
    """Its time has come, for the first time, after a failed attempt, or after a lost contact was restored."""

    type: ClassVar[str] = "scheduler.follow-up-due.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: str = Field(description="Which step of the policy", examples=["one-month"])
    due_on: date = Field(description="The working day it is due on, in Belgium")


class AttemptRecorded(Event):
    """Somebody tried to reach the person."""

    type: ClassVar[str] = "scheduler.attempt-recorded.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    kind: str = Field(description="Which step of the policy", examples=["one-month"])
    number: int = Field(description="Counts the attempts of this follow-up from 1")
    outcome: Outcome
    next_on: date | None = Field(description="The day of the next attempt; null when none is planned")


class FollowUpCompleted(Event):
    """The person was reached and each item of the care plan was checked."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: str = Field(description="Which step of the policy", examples=["one-month"])
    items: list[CheckedItem] = Field(description="Every item of the plan as it was at closing")
    satisfaction: int | None = Field(default=None, description="1 not at all, 5 fully; null where not asked")
    next_action: NextAction | None = Field(default=None, description="What the line proposes")
    outcome_point: OutcomePoint | None = Field(default=None, description="Which point of the outcomes is due now")


class FollowUpRefused(Event):
    """The person wants no follow-up."""

    type: ClassVar[str] = "scheduler.follow-up-refused.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    kind: str = Field(description="Which step of the policy", examples=["one-month"])


class FollowUpCancelled(Event):
    """It no longer makes sense: the case was reopened, or closed for a reason that ends all contact."""

    type: ClassVar[str] = "scheduler.follow-up-cancelled.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    reason: CancelReason | None = Field(default=None, description="Why; not said by the first versions")


class PersonUnreachable(Event):
    """As many attempts failed as the policy allows."""

    type: ClassVar[str] = "scheduler.person-unreachable.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    escalation: Escalation | None = Field(default=None, description="Who is turned to now, by the policy")


class FollowUpEscalated(Event):
    """The relative or the general practitioner was turned to, and the person is still not reached."""

    type: ClassVar[str] = "scheduler.follow-up-escalated.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where the case has no identified person")
    escalation: Escalation = Field(description="Who is turned to now: after a relative or a practitioner, the agenda")


class ContactRestored(Event):
    """There is a way again to a person who could not be reached: they got in touch, or somebody said when to call."""

    type: ClassVar[str] = "scheduler.contact-restored.v1"
    person_id: UUID


FOLLOW_UP = (
    FollowUpPlanned,
    FollowUpDue,
    AttemptRecorded,
    FollowUpCompleted,
    FollowUpRefused,
    FollowUpCancelled,
    PersonUnreachable,
    FollowUpEscalated,
    ContactRestored,
)
