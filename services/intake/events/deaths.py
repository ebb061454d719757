"""What intake tells of a death: the person's id and the day, never from where it is known."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class PersonDied(Event):
    """A person has died. Told again with another day when the day is corrected."""

    type: ClassVar[str] = "intake.person-died.v1"
    person_id: UUID
    on: date = Field(description="The day of death")


class DeathWithdrawn(Event):
    """A death was told by mistake: the person lives."""

    type: ClassVar[str] = "intake.death-withdrawn.v1"
    person_id: UUID


DEATHS = (PersonDied, DeathWithdrawn)
