"""Visits: planned, made or missed, with the time and the way they took."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.steps import NextStep
from services.cases.domain.words import Day, Instant, Part, Prose
from services.cases.events import VisitKind, VisitStatus
from shared.clock import BRUSSELS
from shared.errors import Fault

CENTI = Decimal("0.01")
Minutes = Annotated[StrictInt, Field(ge=0, le=1440)]
Kilometres = Annotated[
    Decimal, Field(ge=0, le=2000, max_digits=6, decimal_places=2), AfterValidator(lambda km: km.quantize(CENTI))
]


class VisitReport(Part):
    """What a worker reports of a visit: the day, or the instant, and what it took (minutes, kilometres)."""

    kind: VisitKind
    status: VisitStatus
    on: Day | None = None
    at: Instant | None = None
    minutes: Minutes | None = Field(None, description="Time with the person, in minutes")
    travel_minutes: Minutes | None = Field(None, description="Time on the way, both directions, in minutes")
    km: Kilometres | None = Field(None, description="Distance, both directions, in kilometres")
    note: Prose | None = None
    next_step: NextStep | None = Field(None, description="What comes next, where this visit changes it")

    @model_validator(mode="after")
    def on_or_at(self) -> Self:
        """Either the day or the instant, not both."""
        if (self.on is None) == (self.at is None):
            raise PydanticCustomError("on_or_at", "give either the day or the instant")
        return self

    @property
    def day(self) -> date:
        """The day of the visit in Belgium."""
        return self.on or self.at.astimezone(BRUSSELS).date()  # type: ignore[union-attr]

    def faults(self, opened_on: date, now: datetime) -> list[Fault]:
        """What cannot be right: before the case was opened, or made (or missed) in the future."""
        pointer = "/on" if self.on else "/at"
        if self.day < opened_on:
            return [Fault(pointer, "before-opening")]
        over = self.status is not VisitStatus.PLANNED
        if over and (self.day > now.astimezone(BRUSSELS).date() or (self.at is not None and self.at > now)):
            return [Fault(pointer, "in-future")]
        return []


class Visit(BaseModel):
    """A visit on the record of a case."""

    id: UUID
    case_id: UUID
    kind: VisitKind
    status: VisitStatus
    on: date
    at: datetime | None
    minutes: int | None
    travel_minutes: int | None
    km: Decimal | None
    note: str | None
    recorded_by: str
    recorded_at: datetime
