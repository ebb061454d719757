"""The routes of appointments: planned, moved, done, missed, cancelled; what overlaps, and how long the way is."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field, StrictInt

from services.scheduler.api.doors import (
    AbsencesDep,
    AppointmentsDep,
    Body,
    MayReadAppointments,
    MayWorkAppointments,
    RelatedDep,
    router,
)
from services.scheduler.domain import TRAVEL, Appointment, AppointmentStatus, Day, Place, Times, refuse
from services.scheduler.events import AppointmentKind
from services.scheduler.store import Absences, AppointmentRow, Asked
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, IfMatch, Tag

Worker = Annotated[str, Field(min_length=1, max_length=200, description="A worker's subject, as in the tokens")]
From = Annotated[Day | None, Query(alias="from")]
Until = Annotated[Day | None, Query(alias="to", description="Included")]


class TimesBody(Body):
    """When it is, in Belgian local time; without `starts` and `ends` the day alone."""

    on: Day
    starts: time | None = None
    ends: time | None = None
    allow_conflict: Annotated[bool, Field(description="Whether it may overlap with another")] = False
    reason: Annotated[str | None, Field(min_length=1, max_length=500, description="Why it may")] = None

    def times(self) -> Times:
        """The day and its times; raises WrongInput where an overlap is allowed without a reason, or the reverse."""
        if self.allow_conflict != (self.reason is not None):
            refuse([Fault("/reason", "required" if self.allow_conflict else "not-expected")])
        return Times(on=self.on, starts=self.starts, ends=self.ends)


class AppointmentBody(TimesBody):
    """An appointment to be made. Where it is, is said by a sort of place and a municipality, never by an address."""

    kind: AppointmentKind
    case_id: UUID | None = None
    person_id: UUID | None = None
    worker: Annotated[Worker | None, Field(description="The caller, where nobody is named")] = None
    place: Place | None = None
    nis_code: Annotated[str | None, Field(pattern=r"^[0-9]{5}$", description="The municipality, by Statbel")] = None
    travel_minutes: Annotated[StrictInt, Field(ge=0, le=240, description="The way there, estimated")] = TRAVEL


class MoveBody(TimesBody):
    """Another time, and another worker where one is named."""

    worker: Worker | None = None


class AppointmentView(BaseModel):
    """An appointment, with the time since the worker's appointment before it on that day."""

    id: UUID
    kind: AppointmentKind
    case_id: UUID | None
    person_id: UUID | None
    visit_id: UUID | None = Field(description="The visit in cases, where it comes from there")
    cadence: str | None = Field(description="The code of its series, where it is a meeting of one")
    worker: str | None
    on: date
    starts_at: datetime | None
    ends_at: datetime | None
    place: Place | None
    nis_code: str | None
    travel_minutes: int
    status: AppointmentStatus
    allowed: list[AppointmentStatus] = Field(description="The states it can move to from here")
    is_overlap_allowed: bool
    gap_minutes: int | None = Field(description="Minutes since the one before it, in a list; negative in an overlap")
    tight: bool = Field(description="Whether that is less than the way takes")
    worker_absent: bool = Field(description="Whether its worker is away that day, in a list")

    @classmethod
    def of(cls, row: AppointmentRow, before: datetime | None = None, away: bool = False) -> "AppointmentView":
        """The view of a row, and of the end of the appointment before it."""
        gap = int((row.starts_at - before).total_seconds() // 60) if before and row.starts_at else None
        tight = gap is not None and gap < row.travel_minutes
        more = {"gap_minutes": gap, "tight": tight, "worker_absent": away, "allowed": row.allowed()}
        return cls.model_validate({**dict(row), **more})


class ConflictView(BaseModel):
    """Two appointments at the same time; the one that starts earlier first."""

    appointment_id: UUID
    other_id: UUID
    worker: str | None = Field(description="Whose time both take; null when only the person has both")
    on: date
    minutes: int = Field(description="How long they overlap")
    allowed: bool = Field(description="Whether somebody allowed it, or it was agreed in another service")


@router.post("/appointments", status_code=201)
async def plan_appointment(
    body: AppointmentBody,
    appointments: AppointmentsDep,
    related: RelatedDep,
    clock: ClockDep,
    caller: MayWorkAppointments,
    tag: Tag,
    response: Response,
) -> AppointmentView:
    """Make an appointment; refused where its worker or its person has another one then, unless that is allowed."""
    times = body.times()
    refuse(times.faults(clock.now()))
    people = {body.person_id, await related.whom(None, body.case_id)} - {None}
    await related.demand_named([each for each in people if each], caller)
    told = body.model_dump(include={"kind", "case_id", "person_id", "place", "nis_code", "travel_minutes"})
    allowed = {"is_overlap_allowed": body.allow_conflict, "overlap_reason": body.reason}
    worker = body.worker or caller.subject
    new = Appointment.plan(times, **told, **allowed, organisation=caller.organisation, worker=worker)
    row = await appointments.add(new)
    response.headers["location"] = f"/scheduler/appointments/{row.id}"
    return AppointmentView.of(tag(row))


@router.get("/appointments")
async def list_appointments(
    appointments: AppointmentsDep,
    absences: AbsencesDep,
    paging: PagingDep,
    caller: MayReadAppointments,
    worker: Worker | None = None,
    case_id: UUID | None = None,
    person_id: UUID | None = None,
    first: From = None,
    last: Until = None,
) -> Page[AppointmentView]:
    """Appointments by their start: of a worker, a case, a person, and between two days."""
    asked = Asked(worker, case_id, person_id, first, last)
    rows = await appointments.page(caller, asked, paging.limit, paging.after)
    views = [AppointmentView.of(row, before, await is_away(row, absences)) for row, before in rows]
    return paging.page(views, [(row.sort_at.isoformat(), row.id) for row, _ in rows])


@router.get("/appointments/conflicts")
async def list_conflicts(
    appointments: AppointmentsDep,
    paging: PagingDep,
    caller: MayReadAppointments,
    worker: Worker | None = None,
    first: From = None,
    last: Until = None,
) -> Page[ConflictView]:
    """Appointments that overlap: those that somebody allowed, and those that were agreed in another service."""
    asked = Asked(worker=worker, first=first, last=last)
    found = await appointments.overlaps(caller, asked, paging.limit, paging.after)
    views = [
        ConflictView(
            appointment_id=each.one.id,
            other_id=each.other.id,
            worker=each.one.worker if each.one.worker == each.other.worker else None,
            on=each.one.on,
            minutes=each.minutes,
            allowed=each.one.is_overlap_allowed or each.other.is_overlap_allowed,
        )
        for each in found
    ]
    return paging.page(views, [(each.one.sort_at.isoformat(), each.one.id, each.other.id) for each in found])


@router.get("/appointments/{appointment_id:uuid}")
async def read_appointment(
    appointment_id: UUID, appointments: AppointmentsDep, caller: MayReadAppointments, tag: Tag
) -> AppointmentView:
    """One appointment."""
    return AppointmentView.of(tag(await appointments.get(appointment_id, caller)))


@router.post("/appointments/{appointment_id:uuid}/move", status_code=201)
async def move_appointment(
    appointment_id: UUID,
    body: MoveBody,
    appointments: AppointmentsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWorkAppointments,
    tag: Tag,
) -> AppointmentView:
    """Give it another time, refused as a new one would be."""
    row = await appointments.get(appointment_id, caller, seen)
    fact = row.move(body.times(), clock.now())
    row.worker = body.worker or row.worker
    row.is_overlap_allowed, row.overlap_reason = body.allow_conflict, body.reason
    await appointments.make_room(row)
    await appointments.record(row, fact)
    return AppointmentView.of(tag(row))


@router.post("/appointments/{appointment_id:uuid}/done", status_code=201)
async def note_done(
    appointment_id: UUID,
    appointments: AppointmentsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWorkAppointments,
    tag: Tag,
) -> AppointmentView:
    """Say that it took place; refused before it starts."""
    row = await appointments.get(appointment_id, caller, seen)
    await appointments.record(row, row.end(AppointmentStatus.DONE, clock.now()))
    return AppointmentView.of(tag(row))


@router.post("/appointments/{appointment_id:uuid}/missed", status_code=201)
async def note_missed(
    appointment_id: UUID,
    appointments: AppointmentsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWorkAppointments,
    tag: Tag,
) -> AppointmentView:
    """Say that one of the two was not there; refused before it starts."""
    row = await appointments.get(appointment_id, caller, seen)
    await appointments.record(row, row.end(AppointmentStatus.MISSED, clock.now()))
    return AppointmentView.of(tag(row))


@router.post("/appointments/{appointment_id:uuid}/cancel", status_code=201)
async def cancel_appointment(
    appointment_id: UUID,
    appointments: AppointmentsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWorkAppointments,
    tag: Tag,
) -> AppointmentView:
    """Call it off."""
    row = await appointments.get(appointment_id, caller, seen)
    await appointments.record(row, row.end(AppointmentStatus.CANCELLED, clock.now()))
    return AppointmentView.of(tag(row))


async def is_away(row: AppointmentRow, absences: Absences) -> bool:
    """Whether the worker of an appointment is away on its day."""
    if row.worker is None:
        return False
    return await absences.substitute_of(row.worker, row.on, row.organisation) != row.worker
