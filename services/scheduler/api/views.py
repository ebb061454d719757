"""What the routes of scheduler answer with."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain import Attempt, FollowUp, Item, Owner, Result, Status, Target, Trigger
from services.scheduler.events import OutcomePoint


class PolicyName(BaseModel):
    """The version of the policy that a follow-up was planned by."""

    code: str
    version: int


class FollowUpView(BaseModel):
    """A follow-up with its attempts and its result."""

    id: UUID
    case_id: UUID | None
    person_id: UUID | None
    kind: str = Field(description="Which step of its policy")
    owner: Owner
    status: Status
    allowed: list[Status] = Field(description="The states it can move to from here")
    policy: PolicyName
    trigger: Trigger = Field(description="What called for it")
    occasion: int = Field(description="Which closing (discharge, outage) it follows, from 1")
    counted_from: date = Field(description="The day of that closing (discharge, outage)")
    planned_on: date = Field(description="The working day it was planned for at first")
    due_on: date = Field(description="The working day it is to be done")
    due_at: datetime = Field(description="The instant at which it falls due")
    target: Target = Field(description="Whom to try next: the person, or whoever is turned to")
    outcome_point: OutcomePoint | None = Field(description="The point of the case's outcomes that is due with it")
    items: list[Item] = Field(description="The plan as it was at closing")
    attempts: list[Attempt]
    result: Result | None

    @classmethod
    def of(cls, row: FollowUp) -> "FollowUpView":
        policy = PolicyName(code=row.policy, version=row.policy_version)
        return cls.model_validate(
            {**dict(row), "policy": policy, "allowed": row.allowed(), "outcome_point": row.outcome_point},
            from_attributes=True,
        )


def keys_of(row: FollowUp) -> tuple[date, UUID]:
    """The sort key of a follow-up in a list."""
    return row.due_on, row.id
