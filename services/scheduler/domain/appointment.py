"""An appointment's life: planned, moved, and then done, missed or cancelled; it takes its worker's time and travel."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.scheduler.domain.calendar import CLOSES, OPENS, instant_of
from services.scheduler.domain.states import IllegalStep, refuse
from services.scheduler.events import (
    AppointmentCancelled,
    AppointmentDone,
    AppointmentFact,
    AppointmentKind,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentPlanned,
    MeetingDue,
    MeetingPlanned,
)
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id

AHEAD = timedelta(days=731)
"""Nothing is planned further ahead."""
TRAVEL = 20
"""Minutes to get there, where nobody estimated them."""


class AppointmentStatus(StrEnum):
    """Where an appointment stands."""

    PLANNED = "planned"
    MOVED = "moved"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Place(StrEnum):
    """What sort of place it is; an address is never kept here."""

    HOME = "home"
    HOSPITAL = "hospital"
    OFFICE = "office"
    PARTNER = "partner"
    OUTDOORS = "outdoors"
    OTHER = "other"


class AppointmentClash(DomainError):
    """The worker or the person has another appointment at that time; `ids` names them."""


AHEAD_OF = (AppointmentStatus.PLANNED, AppointmentStatus.MOVED)
"""An appointment in these states is still to come, and may be changed."""

FACTS: dict[AppointmentStatus, type[AppointmentFact]] = {
    AppointmentStatus.PLANNED: AppointmentPlanned,
    AppointmentStatus.MOVED: AppointmentMoved,
    AppointmentStatus.CANCELLED: AppointmentCancelled,
    AppointmentStatus.MISSED: AppointmentMissed,
    AppointmentStatus.DONE: AppointmentDone,
}
"""The fact that tells of each state, the states from weak to strong (see `Appointment.hear`)."""

_STRENGTH = {status: place for place, status in enumerate(FACTS)}


class Times(BaseModel):
    """When an appointment is, in Belgian local time: the day alone, or the day with its first and last minute."""

    model_config = ConfigDict(frozen=True)

    on: date
    starts: time | None = None
    ends: time | None = None

    @property
    def starts_at(self) -> datetime | None:
        """The instant at which it starts, in UTC."""
        return instant_of(self.on, self.starts) if self.starts else None

    @property
    def ends_at(self) -> datetime | None:
        """The instant at which it ends, in UTC."""
        return instant_of(self.on, self.ends) if self.ends else None

    def faults(self, now: datetime) -> list[Fault]:
        """What cannot be right about them at this instant."""
        today = now.astimezone(BRUSSELS).date()
        if not today <= self.on <= today + AHEAD:
            return [Fault("/on", "in-past" if self.on < today else "too-far")]
        if self.starts is None or self.ends is None:
            both = self.starts is None and self.ends is None
            return [] if both else [Fault("/starts" if self.starts is None else "/ends", "required")]
        faults = [*self._faults_of("/starts", self.starts), *self._faults_of("/ends", self.ends)]
        if not faults and self.ends <= self.starts:
            faults.append(Fault("/ends", "before-start"))
        if not faults and instant_of(self.on, self.starts) < now:
            faults.append(Fault("/starts", "in-past"))
        return faults

    def _faults_of(self, pointer: str, at: time) -> list[Fault]:
        if at.tzinfo is not None:
            return [Fault(pointer, "not-local")]
        if not exists(self.on, at):
            return [Fault(pointer, "nonexistent-time")]
        return [] if OPENS <= at <= CLOSES else [Fault(pointer, "outside-hours")]


def exists(on: date, at: time) -> bool:
    """Whether Belgian clocks show this time on this day: in March they jump over an hour."""
    local = datetime.combine(on, at, BRUSSELS)
    return local.astimezone(UTC).astimezone(BRUSSELS).replace(tzinfo=None) == local.replace(tzinfo=None)


class Appointment(BaseModel):
    """A visit or another appointment of a worker; a meeting of a series has no worker of its own.

    `sort_at` is the start, or the beginning of the day while only the day is known. `travel_minutes` is an estimate of
    the way from the appointment before. An overlap is refused unless somebody allowed it and said why.
    """

    id: UUID = Field(default_factory=new_id)
    organisation: str
    case_id: UUID | None = None
    person_id: UUID | None = None
    visit_id: UUID | None = None
    cadence: str | None = None
    worker: str | None = None
    kind: AppointmentKind
    on: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    sort_at: datetime
    remind_at: datetime | None = None
    place: Place | None = None
    nis_code: str | None = None
    travel_minutes: int = TRAVEL
    status: AppointmentStatus = AppointmentStatus.PLANNED
    is_overlap_allowed: bool = False
    overlap_reason: str | None = None

    @classmethod
    def plan(cls, times: Times, **told: Any) -> Self:
        """A new one at these times; `facts_of_planning()` are its first facts."""
        when = {"on": times.on, "starts_at": times.starts_at, "ends_at": times.ends_at}
        return cls(**when, sort_at=times.starts_at or day_begins(times.on), **told)

    def fact(self) -> AppointmentFact:
        """The fact that tells of the state it is in."""
        return FACTS[self.status](
            appointment_id=self.id,
            case_id=self.case_id,
            kind=self.kind,
            on=self.on,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )

    def move(self, times: Times, now: datetime) -> AppointmentFact:
        """Give it another time. Raises IllegalStep when it is over, WrongInput for times that cannot be right."""
        self._check()
        refuse(times.faults(now))
        self._take(times)
        self.status = AppointmentStatus.MOVED
        return self.fact()

    def end(self, status: AppointmentStatus, now: datetime) -> AppointmentFact:
        """It took place, was missed or is cancelled.

        Raises IllegalStep when it is over already, WrongInput when it is said to be done or missed before its time.
        """
        self._check()
        if status is not AppointmentStatus.CANCELLED and self.sort_at > now:
            refuse([Fault("", "too-early")])
        self.status = status
        return self.fact()

    def hear(self, status: AppointmentStatus, times: Times) -> AppointmentFact | None:
        """Take over what another service tells of this visit; None where it says nothing new.

        Facts may come in any order: planned < moved < cancelled < missed < done, and a weaker word never undoes a
        stronger one.
        """
        if _STRENGTH[status] < _STRENGTH[self.status]:
            return None
        before = (self.status, self.on, self.starts_at, self.ends_at)
        if times.starts or times.on != self.on:
            self._take(times)
        self.status = status
        return None if before == (self.status, self.on, self.starts_at, self.ends_at) else self.fact()

    def remind(self) -> MeetingDue:
        """Say that a meeting is near, once."""
        self.remind_at = None
        return MeetingDue.model_validate(self._meeting())

    def meeting_planned(self) -> MeetingPlanned:
        """The fact that a series has this occurrence."""
        return MeetingPlanned.model_validate(self._meeting())

    def _meeting(self) -> dict[str, object]:
        when = {"on": self.on, "starts_at": self.starts_at, "ends_at": self.ends_at}
        return {"appointment_id": self.id, "cadence": self.cadence, **when}

    def facts_of_planning(self) -> list[Event]:
        """The facts that tell of a new appointment."""
        return [self.fact(), *([self.meeting_planned()] if self.cadence else [])]

    def allowed(self) -> list[AppointmentStatus]:
        """The states it can move to now."""
        return sorted(set(FACTS) - {AppointmentStatus.PLANNED}) if self.status in AHEAD_OF else []

    def _take(self, times: Times) -> None:
        self.on, self.starts_at, self.ends_at = times.on, times.starts_at, times.ends_at
        self.sort_at = times.starts_at or day_begins(times.on)

    def _check(self) -> None:
        if self.status not in AHEAD_OF:
            raise IllegalStep(facts={"state": self.status, "allowed": [each.value for each in self.allowed()]})


def day_begins(day: date) -> datetime:
    """The instant at which a Belgian day begins."""
    return instant_of(day, time())


def clash(ids: Sequence[UUID]) -> AppointmentClash:
    """The refusal that names the appointments in the way."""
    return AppointmentClash(facts={"ids": [str(each) for each in ids]})
