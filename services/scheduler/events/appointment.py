"""What scheduler tells of appointments and meetings: ids, codes, days and instants."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events import Event


class AppointmentKind(StrEnum):
    """What an appointment is for; `other` where another service told of one in a word that we do not know."""

    HOME_VISIT = "home-visit"
    HOSPITAL_VISIT = "hospital-visit"
    MEETING = "meeting"
    ACCOMPANIMENT = "accompaniment"
    OTHER = "other"


class AppointmentFact(Event):
    """What every fact about an appointment says."""

    appointment_id: UUID
    case_id: UUID | None = Field(description="Null where no case is behind it, as with a meeting")
    kind: AppointmentKind
    on: date = Field(description="The day in Belgium")
    starts_at: AwareDatetime | None = Field(description="Null while only the day is known")
    ends_at: AwareDatetime | None = Field(description="Null while only the day is known")


class AppointmentPlanned(AppointmentFact):
    """An appointment was made."""

    type: ClassVar[str] = "scheduler.appointment-planned.v1"


class AppointmentMoved(AppointmentFact):
    """It has another day, another time or another worker."""

    type: ClassVar[str] = "scheduler.appointment-moved.v1"


class AppointmentDone(AppointmentFact):
    """It took place."""

    type: ClassVar[str] = "scheduler.appointment-done.v1"


class AppointmentMissed(AppointmentFact):
    """The person was not there, or the worker did not come."""

    type: ClassVar[str] = "scheduler.appointment-missed.v1"


class AppointmentCancelled(AppointmentFact):
    """It will not take place."""

    type: ClassVar[str] = "scheduler.appointment-cancelled.v1"


class CadenceChanged(Event):
    """A weekly meeting was set up, changed, or has its next weeks planned."""

    type: ClassVar[str] = "scheduler.cadence-changed.v1"
    cadence: str = Field(description="The code of the series", examples=["team"])
    weekday: int = Field(description="Monday 1 to Friday 5")
    active: bool


class MeetingPlanned(Event):
    """A weekly meeting has its next occurrence."""

    type: ClassVar[str] = "scheduler.meeting-planned.v1"
    appointment_id: UUID
    cadence: str = Field(description="The code of the series", examples=["team"])
    on: date = Field(description="The day in Belgium")
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class MeetingDue(Event):
    """A meeting is near enough to be prepared: its agenda is to be drawn up."""

    type: ClassVar[str] = "scheduler.meeting-due.v1"
    appointment_id: UUID
    cadence: str = Field(description="The code of the series", examples=["team"])
    on: date = Field(description="The day in Belgium")
    starts_at: AwareDatetime
    ends_at: AwareDatetime


APPOINTMENT = (
    AppointmentPlanned,
    AppointmentMoved,
    AppointmentDone,
    AppointmentMissed,
    AppointmentCancelled,
    CadenceChanged,
    MeetingPlanned,
    MeetingDue,
)
