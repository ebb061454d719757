"""What a follow-up holds: the plan as it was at closing, the attempts to reach the person, what was found."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.scheduler.events import CheckedItem, Outcome


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


class Closing(BaseModel):
    """The closing of a case; `number` counts the closings of that case from 1."""

    model_config = ConfigDict(frozen=True)

    case_id: UUID
    person_id: UUID | None
    organisation: str
    number: int
    closed_on: date
    items: tuple[Item, ...]
