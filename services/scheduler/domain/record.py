"""What a follow-up holds: the plan as it was at closing, the attempts to reach the person, what was found."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.scheduler.events import AskedBy, CheckedItem, MoveReason, NextAction, Outcome

ROUTINE = 5
"""The risk of a person of whom nothing particular is known; 0 is the highest, 9 the lowest."""


class Channel(StrEnum):
    """How somebody tried to reach the person."""

    CALL = "call"
    EMAIL = "email"
    VISIT = "visit"


class Target(StrEnum):
    """Whom somebody tries to reach: the person, or after exhausted attempts whoever the policy turns to."""

    PERSON = "person"
    RELATIVE = "relative"
    GENERAL_PRACTITIONER = "general-practitioner"


class Relation(StrEnum):
    """What a relative is to the person."""

    PARTNER = "partner"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    OTHER_FAMILY = "other-family"
    FRIEND = "friend"
    NEIGHBOUR = "neighbour"
    CARER = "carer"
    GUARDIAN = "guardian"


class Relative(BaseModel):
    """Who was spoken to in the person's place. `may_talk`: whether the person allows to talk with them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relation: Relation
    may_talk: bool


class Item(BaseModel):
    """One item of the care plan at closing."""

    model_config = ConfigDict(frozen=True)

    task_id: UUID
    domain: str


class Attempt(BaseModel):
    """One try to reach the person, or whoever was turned to. `by` is the worker's subject."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    channel: Channel
    target: Target = Target.PERSON
    outcome: Outcome
    relative: Relative | None = None
    call_back_on: date | None = None
    call_back_at: time | None = None
    by: str


class Move(BaseModel):
    """Another working day for a follow-up, and why. `by` is the worker's subject."""

    model_config = ConfigDict(frozen=True)

    to: date
    reason: MoveReason
    asked_by: AskedBy
    by: str


class StepKind(StrEnum):
    """What happened to a follow-up."""

    PLANNED = "planned"
    MOVED = "moved"
    ATTEMPT = "attempt"
    UNREACHABLE = "unreachable"
    ESCALATED = "escalated"
    RESTORED = "restored"
    REFUSED = "refused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Noted(BaseModel):
    """One step in the life of a follow-up: codes and days only.

    `by` is the worker's subject, None where an event or the clock did it; `reason` is the code of the step's own list
    (a move's or a cancellation's reason, an attempt's outcome, who is turned to).
    """

    model_config = ConfigDict(frozen=True)

    step: StepKind
    at: datetime | None = None
    by: str | None = None
    reason: str | None = None
    asked_by: AskedBy | None = None
    moved_from: date | None = None
    due_on: date | None = None


class Unhappy(StrEnum):
    """Why somebody is less than satisfied."""

    TOO_LATE = "too-late"
    TOO_LITTLE = "too-little"
    TOO_MANY_PEOPLE = "too-many-people"
    NOT_LISTENED_TO = "not-listened-to"
    NEED_NOT_MET = "need-not-met"
    HARD_TO_REACH = "hard-to-reach"
    COST = "cost"
    OTHER = "other"


class Result(BaseModel):
    """What was found. `satisfaction` runs from 1 (not at all) to 5 (fully); `by` is the worker's subject.

    `solved_needs` and `new_needs` are domains; `next_on` is the day of the other call that `call-again` asks for.
    """

    model_config = ConfigDict(frozen=True)

    on: date
    items: tuple[CheckedItem, ...]
    satisfaction: int | None = None
    satisfaction_reasons: tuple[Unhappy, ...] = ()
    solved_needs: tuple[str, ...] = ()
    new_needs: tuple[str, ...] = ()
    next_action: NextAction | None = None
    next_on: date | None = None
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
