"""What a death stopped: kept as long as it stands, put on a list when it is taken back, decided by somebody."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain.calendar import Calendar, instant_of
from services.scheduler.domain.follow_up import FollowUp
from services.scheduler.domain.policy import Policy
from services.scheduler.events import StoppedDecided, StoppedDecision, StoppedKind, StoppedListed
from shared.errors import DomainError
from shared.ids import new_id


class StoppedStepRefused(DomainError):
    """It does not wait for a decision: the death stands, or somebody has decided."""


class Stopped(BaseModel):
    """One thing that was cancelled because a person died. `subject_id` is a follow-up, an appointment or a campaign.

    `listed_on` is the day on which the death was taken back, None while it stands.
    """

    id: UUID = Field(default_factory=new_id)
    of: StoppedKind
    subject_id: UUID
    person_id: UUID
    case_id: UUID | None = None
    organisation: str
    listed_on: date | None = None
    decision: StoppedDecision | None = None
    decided_by: str | None = None

    def listed(self, on: date) -> StoppedListed:
        """The person lives: somebody has to say what becomes of it."""
        self.listed_on = on
        return StoppedListed(
            stopped_id=self.id,
            of=self.of,
            subject_id=self.subject_id,
            case_id=self.case_id,
            person_id=self.person_id,
        )

    def decide(self, decision: StoppedDecision, by: str) -> StoppedDecided:
        """Somebody says what becomes of it, once. Raises StoppedStepRefused."""
        if self.listed_on is None or self.decision is not None:
            raise StoppedStepRefused
        self.decision, self.decided_by = decision, by
        return StoppedDecided(stopped_id=self.id, of=self.of, subject_id=self.subject_id, decision=decision)


def renewed(stopped: FollowUp, policy: Policy, calendar: Calendar, today: date) -> FollowUp:
    """A cancelled follow-up planned anew, for its own day or the first working day from today on.

    It hangs on the one before it, so that it exists once, and on the same case.
    """
    day = calendar.on_or_after(max(stopped.due_on, today))
    kept = {
        name: getattr(stopped, name)
        for name in ("trigger", "kind", "case_id", "person_id", "organisation", "programme", "owner", "worker", "risk")
    }
    return FollowUp.model_validate(
        {
            **kept,
            "origin_id": stopped.id,
            "occasion": 1,
            "policy": policy.code,
            "policy_version": policy.version,
            "counted_from": stopped.counted_from,
            "planned_on": day,
            "due_on": day,
            "slot": policy.slot,
            "due_at": instant_of(day, policy.slot, policy.clock_zone),
            "items": stopped.items,
        }
    )
