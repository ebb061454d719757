"""What scheduler tells of changed plans: policies, calendars, absences, and what they do to follow-ups."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.scheduler.events.codes import AskedBy, MoveReason
from shared.events import Event


class FollowUpMoved(Event):
    """A planned follow-up has another day or another hour."""

    type: ClassVar[str] = "scheduler.follow-up-moved.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where no identified person is known")
    kind: str = Field(description="Which step of the policy", examples=["one-month"])
    moved_from: date = Field(description="The working day it was planned for before, in Belgium")
    due_on: date = Field(description="The working day it is planned for now; the same where its hour alone changed")
    reason: MoveReason
    asked_by: AskedBy | None = Field(default=None, description="Who wanted it; null where a change of rules did it")


class FollowUpReplanned(Event):
    """A planned follow-up keeps its time, but is done by another version of a policy."""

    type: ClassVar[str] = "scheduler.follow-up-replanned.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    kind: str = Field(description="Which step of the policy", examples=["one-month"])
    policy: str = Field(examples=["after-closing"])
    policy_version: int


class FollowUpLinked(Event):
    """It is known better what a follow-up belongs to."""

    type: ClassVar[str] = "scheduler.follow-up-linked.v1"
    follow_up_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it")
    person_id: UUID | None = Field(description="Null where no identified person is known")
    organisation: str = Field(examples=["relais"])
    worker: str | None = Field(description="The case manager who does it; null where the line does")


class PolicyChanged(Event):
    """A policy has a new version in force."""

    type: ClassVar[str] = "scheduler.policy-changed.v1"
    code: str = Field(examples=["after-closing"])
    version: int = Field(description="The version that new follow-ups are planned by; counts from 1")
    apply_to: str = Field(description="`planned` where planned follow-ups followed it", examples=["future"])


class CalendarChanged(Event):
    """An organisation works on other days."""

    type: ClassVar[str] = "scheduler.calendar-changed.v1"
    organisation: str = Field(examples=["relais"])


class WorkerAbsent(Event):
    """A worker will be away and somebody stands in."""

    type: ClassVar[str] = "scheduler.worker-absent.v1"
    absence_id: UUID
    worker: str = Field(description="The absent worker's subject, as in the tokens", examples=["case-manager-nurse"])
    substitute: str = Field(examples=["case-manager-social-worker"])
    first_on: date
    last_on: date


class AbsenceWithdrawn(Event):
    """A worker will not be away after all."""

    type: ClassVar[str] = "scheduler.absence-withdrawn.v1"
    absence_id: UUID
    worker: str = Field(examples=["case-manager-nurse"])


PLAN = (
    FollowUpMoved,
    FollowUpReplanned,
    FollowUpLinked,
    PolicyChanged,
    CalendarChanged,
    WorkerAbsent,
    AbsenceWithdrawn,
)
