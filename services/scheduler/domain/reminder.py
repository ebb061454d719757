"""When somebody is reminded: some working days before a thing is due, and again when it is overdue."""

from datetime import date, timedelta
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain.calendar import Calendar
from services.scheduler.events import ReminderDue, ReminderKind, ReminderOf
from shared.ids import new_id


class Reminder(BaseModel):
    """One reminder; there is one for each day that a thing is or was planned for, of each kind."""

    id: UUID = Field(default_factory=new_id)
    of: ReminderOf
    subject_id: UUID
    case_id: UUID | None
    kind: ReminderKind
    owner: str
    worker: str | None
    due_on: date

    def told(self) -> ReminderDue:
        """The fact that somebody should think of it."""
        return ReminderDue(**self.model_dump(exclude={"id"}), reminder_id=self.id)


def near(today: date, working_days: int, calendar: Calendar) -> tuple[date, date] | None:
    """The days that are reminded of today because they are so many working days away, or less; None for never."""
    if working_days < 1:
        return None
    return today + timedelta(days=1), calendar.working_days_after(today, working_days)


def long_past(today: date, working_days: int, calendar: Calendar) -> date | None:
    """The last day of which so many working days have passed since; None for never."""
    if working_days < 1:
        return None
    day = today - timedelta(days=1)
    while calendar.working_days_after(day, working_days) > today:
        day -= timedelta(days=1)
    return day
