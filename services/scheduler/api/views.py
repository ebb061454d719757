"""What the routes of scheduler answer with."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain import Attempt, FollowUp, Item, Owner, Result, Status, Trigger


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
    items: list[Item] = Field(description="The plan as it was at closing")
    attempts: list[Attempt]
    result: Result | None

    @classmethod
    def of(cls, row: FollowUp) -> "FollowUpView":
        policy = PolicyName(code=row.policy, version=row.policy_version)
        return cls.model_validate({**dict(row), "policy": policy, "allowed": row.allowed()}, from_attributes=True)


class WorkItem(BaseModel):
    """A follow-up on the worklist."""

    follow_up_id: UUID
    reason: str = Field(description="Why somebody is to be reached")
    case_id: UUID | None
    person_id: UUID | None
    status: Status
    due_on: date
    overdue: bool = Field(description="True when its day has passed")
    attempts: int = Field(description="How often somebody tried so far")

    @classmethod
    def of(cls, row: FollowUp, today: date) -> "WorkItem":
        return cls(
            follow_up_id=row.id,
            reason=row.kind,
            case_id=row.case_id,
            person_id=row.person_id,
            status=row.status,
            due_on=row.due_on,
            overdue=row.due_on < today,
            attempts=len(row.attempts),
        )


def keys_of(row: FollowUp) -> tuple[date, UUID]:
    """The sort key of a follow-up in a list."""
    return row.due_on, row.id
