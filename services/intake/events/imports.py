"""What intake tells of imports."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.intake.events.codes import Direction, Outcome
from services.intake.events.contacts import TOPICS_SENT
from shared.events import Event


class ContactImported(Event):
    """A contact of the past came in from another list: nobody is to act on it, so it is no `contact-recorded`."""

    type: ClassVar[str] = "intake.contact-imported.v1"
    contact_id: UUID
    person_id: UUID | None = Field(description="Whom it was about; null for an anonymous question")
    on: date = Field(description="The day in Belgium on which it took place")
    direction: Direction
    outcome: Outcome
    topics: list[str] = Field(description=TOPICS_SENT, examples=[["care.medication", "need.housework"]])


IMPORTS = (ContactImported,)
