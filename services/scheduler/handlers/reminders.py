"""What scheduler does on the clock so that nobody forgets: it reminds before the day, and after it."""

from datetime import date

from services.scheduler.domain import long_past, near
from services.scheduler.events import ReminderKind
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import BATCH, Calendars, Reminders, of_appointment, of_follow_up


@handlers.every(30.0)
async def remind_before(reminders: Reminders, calendars: Calendars, settings: Settings) -> bool:
    """Remind once of each follow-up and appointment whose day is near; true while more may wait."""
    calendar = await calendars.of(settings.organisation, settings.calendar)
    days = near(await reminders.today(), settings.remind_before, calendar)
    if days is None:
        return False
    calls = await reminders.follow_ups(ReminderKind.BEFORE, *days, await reminders.today())
    visits = await reminders.appointments(*days)
    for reminder in [*(of_follow_up(row, ReminderKind.BEFORE) for row in calls), *map(of_appointment, visits)]:
        await reminders.give(reminder)
    return BATCH in {len(calls), len(visits)}


@handlers.every(30.0)
async def remind_overdue(reminders: Reminders, calendars: Calendars, settings: Settings) -> bool:
    """Remind once of each follow-up whose day has passed by some working days; true while more may wait."""
    today = await reminders.today()
    calendar = await calendars.of(settings.organisation, settings.calendar)
    last = long_past(today, settings.remind_overdue, calendar)
    if last is None:
        return False
    calls = await reminders.follow_ups(ReminderKind.OVERDUE, date.min, last, today)
    for row in calls:
        await reminders.give(of_follow_up(row, ReminderKind.OVERDUE))
    return len(calls) == BATCH
