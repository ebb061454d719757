"""The programmes of the region: who runs one, where, for whom, with how much room, and for how long."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from services.referrals.domain.care_service import NisCodes, Places, Told, Words
from services.referrals.domain.document import Code, Day, Line
from services.referrals.domain.municipality import folded
from services.referrals.domain.upkeep import is_stale
from services.referrals.events import CapacityState, ProgrammeChanged
from shared.errors import Fault


class ProgrammeCapacity(Told):
    """How much room a programme has, as of a day."""

    state: CapacityState
    places: Places | None = None
    on: Day


class ProgrammeDescription(Told):
    """What is known of a programme.

    A programme that takes only people of one category (an illness, an age, an insurance) may exist and is labelled
    so: `category_limited` with the category in words.
    """

    name: Line
    run_by: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    whole_region: StrictBool = False
    communes: NisCodes = ()
    criteria: Annotated[Words, Field(min_length=1)]
    category_limited: StrictBool = False
    category: Line | None = None
    capacity: ProgrammeCapacity | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    website: Annotated[str, Field(max_length=300, pattern=r"^https?://[^\s]+$")] | None = None
    verified_on: Day | None = None

    def faults(self, today: date) -> list[Fault]:
        """What does not fit together."""
        found = []
        if self.category_limited != (self.category is not None):
            found.append(Fault("/category", "required" if self.category_limited else "not-limited"))
        if not self.whole_region and not self.communes:
            found.append(Fault("/communes", "required"))
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            found.append(Fault("/ends_on", "before-start"))
        if self.verified_on and self.verified_on > today:
            found.append(Fault("/verified_on", "in-future"))
        if self.capacity and self.capacity.on > today:
            found.append(Fault("/capacity/on", "in-future"))
        return found


class Programme(BaseModel):
    """A programme of the register, by its code."""

    id: UUID
    code: Code
    name: str = ""
    run_by: str = ""
    whole_region: bool = False
    communes: tuple[str, ...] = ()
    criteria: str = ""
    category_limited: bool = False
    category: str | None = None
    capacity: ProgrammeCapacity | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    website: str | None = None
    verified_on: date | None = None
    words: str = ""
    updated_at: datetime

    @property
    def description(self) -> ProgrammeDescription:
        """What is known of it, as it would be sent."""
        fields = {name: getattr(self, name) for name in ProgrammeDescription.model_fields}
        return ProgrammeDescription.model_construct(**fields)

    def describe(self, description: ProgrammeDescription) -> ProgrammeChanged:
        """Set what is known of it."""
        for name in ProgrammeDescription.model_fields:
            setattr(self, name, getattr(description, name))
        self.words = folded(f"{self.name} {self.code} {self.run_by} {self.criteria} {self.category or ''}")
        return ProgrammeChanged(
            programme=self.code,
            organisation=self.run_by,
            category_limited=self.category_limited,
            capacity=self.capacity.state if self.capacity else None,
        )

    def is_stale(self, today: date) -> bool:
        """Whether what is known of it has to be checked again."""
        return is_stale(self.verified_on, today)
