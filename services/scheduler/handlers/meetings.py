"""Meetings on the clock: the next weeks are planned, and each meeting is told once when it is near."""

from services.scheduler.domain.cadence import HORIZON
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import CLAIM, Appointments, Calendars
from services.scheduler.store.cadences import Cadences


@handlers.every(30.0)
async def plan_meetings(
    cadences: Cadences, appointments: Appointments, calendars: Calendars, settings: Settings
) -> bool:
    """Plan the meetings of the next four weeks; a day that has one of the series already is left as it is."""
    until = await cadences.today() + HORIZON
    for cadence in await cadences.behind(until - HORIZON):
        calendar = await calendars.of(cadence.organisation, settings.calendar)
        for day in cadence.days(until, calendar):
            if not await appointments.has_meeting(cadence.organisation, cadence.code, day):
                await appointments.add(cadence.occurrence(day))
        cadence.planned_until = until
        await cadences.record(cadence, cadence.changed())
    return False


@handlers.every(5.0)
async def tell_of_meetings(appointments: Appointments) -> bool:
    """Say once of each meeting that it is near; true while more may wait."""
    near = await appointments.near_meetings(CLAIM)
    for meeting in near:
        await appointments.record(meeting, meeting.remind())
    return len(near) == CLAIM
