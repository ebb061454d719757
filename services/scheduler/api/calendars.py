"""The routes of an organisation's working days."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from services.scheduler.api.doors import (
    CalendarsDep,
    MayReadCalendar,
    MayWriteCalendar,
    PlansDep,
    PoliciesDep,
    SettingsDep,
    router,
)
from services.scheduler.domain import (
    Calendar,
    Closed,
    Closure,
    ClosureReason,
    Day,
    Today,
    WrongInput,
    named_holidays,
)
from services.scheduler.store import Changes
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, IfMatchSaid, Tag

LONGEST_LOOK = 1100
"""Days that one question may span: three years and some."""


class CalendarView(BaseModel):
    """What an organisation adds to weekends and legal holidays."""

    closed_on_27_september: bool = Field(description="Whether the French Community's day is closed, every year")
    closed_days: list[date] = Field(description="Bridge days and the like")
    closures: list[Closure]
    planned: Annotated[Changes | None, Field(description="What the change did to planned follow-ups")] = None

    @classmethod
    def of(cls, calendar: Calendar, planned: Changes | None = None) -> "CalendarView":
        """The view of a calendar."""
        return cls(
            closed_on_27_september=calendar.closed_on_27_september,
            closed_days=sorted(calendar.closed_days),
            closures=list(calendar.closures),
            planned=planned,
        )


class ClosedDayView(BaseModel):
    """A day that is closed for more than being a weekend."""

    on: date
    why: Closed
    holiday: str | None = Field(description="Which legal holiday", examples=["easter-monday"])
    reason: ClosureReason | None = Field(description="Why the line is closed, with `line-closure` alone")

    @classmethod
    def of(cls, day: date, calendar: Calendar) -> "ClosedDayView":
        """The view of a closed day."""
        why = calendar.closed_by(day) or Closed.CLOSED_DAY
        closure = calendar.closure_of(day) if why is Closed.LINE_CLOSURE else None
        return cls(
            on=day, why=why, holiday=named_holidays(day.year).get(day), reason=closure.reason if closure else None
        )


@router.get("/calendar")
async def read_working_days(
    calendars: CalendarsDep, settings: SettingsDep, caller: MayReadCalendar, tag: Tag
) -> CalendarView:
    """The days that the caller's organisation closes; those of the settings while it has said nothing."""
    return CalendarView.of(tag(await calendars.row(caller.organisation, settings.calendar)).calendar)


@router.put("/calendar")
async def change_working_days(
    body: Calendar,
    calendars: CalendarsDep,
    plans: PlansDep,
    policies: PoliciesDep,
    settings: SettingsDep,
    seen: IfMatchSaid,
    clock: ClockDep,
    caller: MayWriteCalendar,
    tag: Tag,
) -> CalendarView:
    """Replace the days that the caller's organisation closes; a change needs `If-Match`.

    Follow-ups that are planned and not begun are counted again: off closed days, or back where days are open again.
    """
    faults = body.faults()
    if faults:
        raise WrongInput(faults=faults)
    row = await calendars.row(caller.organisation, settings.calendar)
    if row.calendar == body:
        return CalendarView.of(tag(row).calendar)
    if row.version or seen.version:
        seen.check(row)
    await calendars.change(row, body)
    today = Today(body, local_date(clock))
    planned = await plans.follow_calendar(caller.organisation, await policies.all(), today)
    return CalendarView.of(tag(row).calendar, planned)


@router.get("/calendar/days")
async def list_closed_days(
    calendars: CalendarsDep,
    settings: SettingsDep,
    paging: PagingDep,
    caller: MayReadCalendar,
    first: Annotated[Day, Query(alias="from")],
    last: Annotated[Day, Query(alias="to", description="At most 1,100 days later")],
) -> Page[ClosedDayView]:
    """The legal holidays of any year, and the days that the organisation closes; weekends are not listed."""
    if not 0 <= (last - first).days <= LONGEST_LOOK:
        raise WrongInput(faults=[Fault("/query/to", "out-of-range")])
    calendar = await calendars.of(caller.organisation, settings.calendar)
    after = date.fromisoformat(paging.after[0]) if paging.after else None
    days = [day for day in calendar.closed_between(first, last) if after is None or day > after][: paging.limit + 1]
    return paging.page([ClosedDayView.of(day, calendar) for day in days], [(day,) for day in days])
