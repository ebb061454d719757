"""What a follow-up holds: the plan as it was at closing, the attempts to reach the person, what was found."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.scheduler.events import CheckedItem, Outcome

ROUTINE = 5
"""The risk of a person of whom nothing particular is known; 0 is the highest, 9 the lowest."""


class Channel(StrEnum):
    """How somebody tried to reach the person."""

    CALL = "call"
    EMAIL = "email"
    VISIT = "visit"


class Item(BaseModel):
    """One item of the care plan at closing."""

    model_config = ConfigDict(frozen=True)

    task_id: UUID
    domain: str


class Attempt(BaseModel):
    """One try to reach the person. `by` is the worker's subject."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    channel: Channel
    outcome: Outcome
    call_back_on: date | None = None
    by: str


class Result(BaseModel):
    """What was found. `satisfaction` runs from 1 (not at all) to 5 (fully); `by` is the worker's subject."""

    model_config = ConfigDict(frozen=True)

    on: date
    items: tuple[CheckedItem, ...]
    satisfaction: int | None = None
    new_needs: tuple[str, ...] = ()
    note: str | None = None
    by: str


class Occasion(BaseModel):
    """What calls for follow-ups: the closing of a case, a discharge, a lapsed link.

    `origin_id` is what it happened to (the case, the referral, the campaign), `number` counts how often, from 1.
    `risk` orders who comes first: 0 for an open safety issue, then up.
    """

    model_config = ConfigDict(frozen=True)

    trigger: str
    origin_id: UUID
    number: int
    on: date
    case_id: UUID | None
    person_id: UUID | None
    organisation: str
    programme: str | None = None
    worker: str | None = None
    risk: int = ROUTINE
    items: tuple[Item, ...] = ()
