"""What interrupts or opens a case's care: its pauses, and the first contact with the person."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from services.cases.domain.words import Day, Part, Prose
from services.cases.events import PauseReason
from shared.errors import Fault


class ContactChannel(StrEnum):
    """How the first contact was made."""

    PHONE = "phone"
    HOSPITAL_VISIT = "hospital-visit"
    HOME_VISIT = "home-visit"
    VIDEO = "video"
    OTHER = "other"


class Pause(Part):
    """Why a case rests, and the day it is expected to go on."""

    reason: PauseReason
    until: Day
    note: Prose | None = None

    def faults(self, today: date) -> list[Fault]:
        """A pause ends today or later."""
        return [Fault("/until", "in-past")] if self.until < today else []


class Resumption(Part):
    """What there is to say about going on."""

    note: Prose | None = None


class FirstContact(Part):
    """The first time that the programme spoke with the person; possible while still in hospital."""

    on: Day
    channel: ContactChannel = Field(description="How: a visit at home is also to be noted as a visit")

    def faults(self, opened_on: date, today: date) -> list[Fault]:
        """What cannot be right: a day to come, or one before the case was opened."""
        if self.on > today:
            return [Fault("/on", "in-future")]
        return [Fault("/on", "before-opening")] if self.on < opened_on else []
