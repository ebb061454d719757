"""A call that the line owes: due at an instant, done by one of the line, and escalated when nobody does it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.domain.contact import AHEAD, FARTHEST, CallBackWish, Contact
from services.intake.events import (
    CallBackCancellation,
    CallBackCancelled,
    CallBackClaimed,
    CallBackCompleted,
    CallBackDue,
    CallBackEscalated,
    CallBackPlanned,
    CallBackPostponed,
    CallBackResult,
    Postponement,
    Urgency,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id
from shared.working_days import after_working_days


class CallBackOver(DomainError):
    """The call-back was made or cancelled: nothing more happens to it."""


class CallBackTaken(DomainError):
    """Somebody else has taken this call-back on; see `claimed_by`."""


class ImpossibleCallBack(DomainError):
    """Some of these values cannot be for a call-back."""


class CallBackState(StrEnum):
    """Where a call-back stands."""

    PLANNED = "planned"
    DUE = "due"
    ESCALATED = "escalated"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OPEN = frozenset({CallBackState.PLANNED, CallBackState.DUE, CallBackState.ESCALATED})


class Pace(BaseModel):
    """A programme's own times for call-backs, and the role that a late one goes to."""

    days: int = Field(description="Working days until one is due, where no time was agreed")
    urgent_hours: int = Field(description="Hours until an urgent one is due")
    escalation_days: int = Field(description="Working days that one may be late")
    escalates_to: str

    def due(self, urgency: Urgency | None, now: datetime) -> datetime:
        """When a call-back is due that no time was agreed for."""
        if urgency is Urgency.URGENT:
            return now + timedelta(hours=self.urgent_hours)
        return after_working_days(now, self.days)

    def late(self, due_at: datetime) -> datetime:
        """When a call-back that is due then is too late."""
        return after_working_days(due_at, self.escalation_days)


class CallBack(BaseModel):
    """A call-back. The phone is gone once it is over."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    contact_id: UUID
    person_id: UUID | None
    phone: str | None
    urgency: Urgency
    state: CallBackState
    due_at: datetime
    escalates_at: datetime
    escalated_at: datetime | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    postponed: int = 0
    result: CallBackResult | None = None
    cancellation: CallBackCancellation | None = None
    answered_by: UUID | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    planned_at: datetime

    @classmethod
    def plan(cls, contact: Contact, wish: CallBackWish, pace: Pace) -> tuple[Self, CallBackPlanned]:
        """Owe somebody a call after a contact."""
        now, urgency = contact.recorded_at, contact.urgency or Urgency.ROUTINE
        due_at = wish.due_at or pace.due(urgency, now)
        planned = cls(
            id=new_id(),
            programme=contact.programme,
            contact_id=contact.id,
            person_id=contact.person_id,
            phone=wish.phone,
            urgency=urgency,
            state=CallBackState.PLANNED,
            due_at=due_at,
            escalates_at=pace.late(due_at),
            planned_at=now,
        )
        fact = CallBackPlanned(
            call_back_id=planned.id, contact_id=contact.id, person_id=contact.person_id, due_at=due_at
        )
        return planned, fact

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.state in OPEN

    def claim(self, worker: str, at: datetime) -> list[CallBackClaimed]:
        """Take it on; raises CallBackTaken when somebody else has, CallBackOver. Nothing to tell for one's own."""
        self._refuse_over()
        self.refuse_other(worker)
        if self.claimed_by == worker:
            return []
        self.claimed_by, self.claimed_at = worker, at
        return [CallBackClaimed(call_back_id=self.id, worker=worker)]

    def give_back(self, worker: str) -> list[CallBackClaimed]:
        """Let others take it on; raises CallBackTaken, CallBackOver. Nothing to tell where nobody had it."""
        self._refuse_over()
        self.refuse_other(worker)
        if self.claimed_by is None:
            return []
        self.claimed_by = self.claimed_at = None
        return [CallBackClaimed(call_back_id=self.id, worker=None)]

    def refuse_other(self, worker: str) -> None:
        """Raise CallBackTaken unless this is who has it, or nobody has."""
        if self.claimed_by not in (None, worker):
            raise CallBackTaken(facts={"claimed_by": str(self.claimed_by)})

    def fall_due(self) -> CallBackDue:
        """Its time has come."""
        self.state = CallBackState.DUE
        return CallBackDue(call_back_id=self.id, contact_id=self.contact_id, person_id=self.person_id)

    def escalate(self, to: str, at: datetime) -> CallBackEscalated:
        """It is too late: whoever had it has it no longer."""
        self.state, self.escalated_at = CallBackState.ESCALATED, at
        self.claimed_by = self.claimed_at = None
        return CallBackEscalated(call_back_id=self.id, contact_id=self.contact_id, person_id=self.person_id, to=to)

    def postpone(self, until: datetime, reason: Postponement, now: datetime, pace: Pace) -> CallBackPostponed:
        """Call later; one that was escalated stays with whom it went to. Raises ImpossibleCallBack, CallBackOver."""
        self._refuse_over()
        if until < now - AHEAD:
            raise ImpossibleCallBack(faults=[Fault("/due_at", "in-past")])
        if until > now + FARTHEST:
            raise ImpossibleCallBack(faults=[Fault("/due_at", "out-of-range")])
        self.due_at, self.escalates_at = until, pace.late(until)
        self.postponed += 1
        if self.state is CallBackState.DUE:
            self.state = CallBackState.PLANNED
        return CallBackPostponed(call_back_id=self.id, due_at=until, reason=reason)

    def complete(
        self, result: CallBackResult, worker: str, at: datetime, answered_by: UUID | None = None
    ) -> CallBackCompleted:
        """It was made, or came about otherwise; raises CallBackOver."""
        self._end(CallBackState.COMPLETED, worker, at)
        self.result, self.answered_by = result, answered_by
        return CallBackCompleted(call_back_id=self.id, result=result, answered_by=answered_by)

    def cancel(self, reason: CallBackCancellation, worker: str, at: datetime) -> CallBackCancelled:
        """It is no longer owed; raises CallBackOver."""
        self._end(CallBackState.CANCELLED, worker, at)
        self.cancellation = reason
        return CallBackCancelled(call_back_id=self.id, reason=reason)

    def _end(self, state: CallBackState, worker: str, at: datetime) -> None:
        self._refuse_over()
        self.state, self.ended_at, self.ended_by, self.phone = state, at, worker, None

    def _refuse_over(self) -> None:
        if not self.is_open:
            raise CallBackOver(facts={"state": self.state.value})
