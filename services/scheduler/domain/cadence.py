"""The cadence of meetings: which day of the week, at what time, and what happens on a day off."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain.appointment import Appointment, Times, day_begins
from services.scheduler.domain.calendar import Calendar, instant_of
from services.scheduler.events import AppointmentKind, CadenceChanged
from shared.ids import new_id

HORIZON = timedelta(days=28)
"""Occurrences are planned so far ahead."""
REMINDER = timedelta(days=1)
"""A meeting is due to be prepared so long before it starts."""


class OnDayOff(StrEnum):
    """What becomes of a meeting whose day is not worked."""

    SKIP = "skip"
    MOVE = "move"


class Cadence(BaseModel):
    """A weekly meeting. `weekday` counts from Monday, 1, to Friday, 5; `planned_until` is the last day looked at."""

    id: UUID = Field(default_factory=new_id)
    organisation: str
    code: str
    weekday: int
    starts: time
    minutes: int
    on_day_off: OnDayOff
    active: bool = True
    planned_until: date

    def changed(self) -> CadenceChanged:
        """The fact that it is as it is now."""
        return CadenceChanged(cadence=self.code, weekday=self.weekday, active=self.active)

    def times(self, day: date) -> Times:
        """When the meeting of a day is."""
        ends = (datetime.combine(day, self.starts) + timedelta(minutes=self.minutes)).time()
        return Times(on=day, starts=self.starts, ends=ends)

    def days(self, until: date, calendar: Calendar) -> Iterator[date]:
        """The working days, after `planned_until`, of its occurrences up to a day."""
        day = self.planned_until + timedelta(days=1)
        while day <= until:
            if day.isoweekday() == self.weekday:
                if calendar.is_working_day(day):
                    yield day
                elif self.on_day_off is OnDayOff.MOVE:
                    yield calendar.on_or_after(day)
            day += timedelta(days=1)

    def occurrence(self, day: date) -> Appointment:
        """The meeting of a day; it takes nobody's time alone, so nothing clashes with it."""
        starts_at = instant_of(day, self.starts)
        return Appointment.plan(
            self.times(day),
            organisation=self.organisation,
            cadence=self.code,
            kind=AppointmentKind.MEETING,
            travel_minutes=0,
            remind_at=max(day_begins(day - REMINDER), starts_at - REMINDER),
        )
