"""What cases tells of what the follow-up calls found, and of what was decided on it."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class FollowUpChoice(StrEnum):
    """What is done about items of the plan that a follow-up call found lost."""

    REOPEN = "reopen"
    NEW_REFERRAL = "new-referral"
    STABLE = "stable"


class ItemLost(Event):
    """A follow-up call found an item of the plan lost: once per item and call."""

    type: ClassVar[str] = "cases.item-lost.v1"
    case_id: UUID
    task_id: UUID
    domain: str = Field(description="Life domain; `other` also where the domain itself is sensitive", examples=["food"])
    organisation: str = Field(description="Code of the organisation that answers for it", examples=["centre"])
    follow_up_id: UUID
    kind: str = Field(description="Which call found it", examples=["one-month"])


class FollowUpDecided(Event):
    """Somebody decided what to do about what a follow-up call found."""

    type: ClassVar[str] = "cases.follow-up-decided.v1"
    case_id: UUID
    follow_up_id: UUID
    choice: FollowUpChoice


FOLLOW_UPS = (ItemLost, FollowUpDecided)
