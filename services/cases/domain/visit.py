"""Visits: planned, then made, missed, cancelled or moved, with the time and the way they took."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.activity import DAY_MINUTES, NONE, Activity, Entered, Kilometres, Minutes, NisCode
from services.cases.domain.case import Case
from services.cases.domain.steps import NextStep
from services.cases.domain.words import Day, Instant, Part, Prose, Subject, refuse
from services.cases.events import (
    ActivityKind,
    CareStarted,
    Discipline,
    MissedBy,
    MissedReason,
    Place,
    VisitKind,
    VisitRecorded,
    VisitStatus,
)
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id

TOOK_TIME = frozenset({VisitStatus.DONE, VisitStatus.MISSED})
"""A visit that was missed took the way there at least."""


class VisitNotPlanned(DomainError):
    """This visit has its outcome already."""


class Slot(Part):
    """When a visit is: a day, or an instant with the end of the time slot where one is agreed."""

    on: Day | None = None
    at: Instant | None = None
    until: Instant | None = Field(None, description="End of the time slot that begins at `at`")

    @model_validator(mode="after")
    def on_or_at(self) -> Self:
        """Either the day or the instant, not both; a slot has a beginning and ends after it, within a day."""
        if (self.on is None) == (self.at is None):
            raise PydanticCustomError("on_or_at", "give either the day or the instant")
        if self.until and not (self.at and 0 < (self.until - self.at).total_seconds() <= DAY_MINUTES * 60):
            raise PydanticCustomError("slot", "a time slot ends after its beginning")
        return self

    @property
    def day(self) -> date:
        """The day in Belgium."""
        return self.on or self.at.astimezone(BRUSSELS).date()  # type: ignore[union-attr]

    @property
    def pointer(self) -> str:
        """Where the day was said."""
        return "/on" if self.on else "/at"

    def is_past(self, now: datetime) -> bool:
        """Whether the day, or the instant, is over."""
        return self.day < now.astimezone(BRUSSELS).date() or (self.at is not None and (self.until or self.at) < now)

    def is_future(self, now: datetime) -> bool:
        """Whether the day, or the instant, is yet to come."""
        return self.day > now.astimezone(BRUSSELS).date() or (self.at is not None and self.at > now)


class Took(Part):
    """The time and the way that a visit took."""

    minutes: Minutes | None = Field(None, description="Time with the person, in minutes")
    travel_minutes: Minutes | None = Field(None, description="Time on the way, both directions, in minutes")
    km: Kilometres | None = Field(None, description="Distance, both directions, in kilometres")

    @property
    def is_something(self) -> bool:
        """Whether there is anything to account for."""
        return bool(self.minutes or self.travel_minutes or self.km)


class VisitNotes(Part):
    """What was written of a visit. Each profession has notes of its own; `note` is what is shared with the team."""

    note: Prose | None = Field(None, description="For the whole team")
    nursing_note: Prose | None = Field(None, description="For nurses; social workers do not see it")
    social_note: Prose | None = Field(None, description="For social workers; nurses do not see it")


class VisitReport(Slot, Took, VisitNotes):
    """What a worker reports of a visit: the day, or the instant, where it is, and what it took."""

    kind: VisitKind
    status: VisitStatus
    next_step: NextStep | None = Field(None, description="What comes next, where this visit changes it")
    place: Place = Field(Place.HOME, description="The kind of place; never an address")
    address_note: Prose | None = Field(None, description="How to get in: floor, bell, dog. Kept here, told to nobody")
    safety_note: Prose | None = Field(None, description="What to beware of. Kept here, shown when a visit is planned")
    worker: Subject | None = Field(None, description="Who makes it; by default the case's owner")
    nis_code: NisCode | None = Field(None, description="NIS code of the municipality")
    missed_by: MissedBy | None = Field(None, description="Who missed it; of a missed visit only")
    missed_reason: MissedReason | None = Field(None, description="Why it was missed; of a missed visit only")

    def faults(self, opened_on: date, now: datetime) -> list[Fault]:
        """What cannot be right: before the opening, planned in the past, made or missed in the future."""
        if self.day < opened_on:
            return [Fault(self.pointer, "before-opening")]
        if self.status is VisitStatus.PLANNED and self.is_past(now):
            return [Fault(self.pointer, "in-past")]
        if self.status in TOOK_TIME and self.is_future(now):
            return [Fault(self.pointer, "in-future")]
        return faults_of_missing(self, self.status) + faults_of_time(self)


class VisitOutcome(Took, VisitNotes):
    """What became of a planned visit. It was made, or missed, on its day unless another one is said."""

    status: VisitStatus
    on: Day | None = Field(None, description="The day on which it was made, where that is not the planned one")
    safety_note: Prose | None = None
    missed_by: MissedBy | None = Field(None, description="Who missed it; needed for a missed visit")
    missed_reason: MissedReason | None = Field(None, description="Why it was missed; needed for a missed visit")
    worker: Subject | None = Field(None, description="Who made it, where that is not who planned to")
    moved_to: Slot | None = Field(None, description="The new day, or time slot; needed for a moved visit")
    next_step: NextStep | None = Field(None, description="What comes next, where this visit changes it")

    def faults(self, planned: "Visit", opened_on: date, now: datetime) -> list[Fault]:
        """What cannot be right about the outcome of a planned visit."""
        found = faults_of_missing(self, self.status) + faults_of_time(self)
        if self.status is VisitStatus.PLANNED:
            found.append(Fault("/status", "not-an-outcome"))
        if self.is_something and self.status not in TOOK_TIME:
            found.append(Fault("/minutes", "not-for-this-status"))
        if self.status is VisitStatus.MISSED:
            said = {"/missed_by": self.missed_by, "/missed_reason": self.missed_reason}
            found += [Fault(pointer, "required") for pointer, value in said.items() if value is None]
        if self.status in TOOK_TIME:
            day = self.on or planned.on
            found += [Fault("/on", "in-future")] if day > now.astimezone(BRUSSELS).date() else []
            found += [Fault("/on", "before-opening")] if day < opened_on else []
        return found + self.faults_of_move(now)

    def faults_of_move(self, now: datetime) -> list[Fault]:
        """A moved visit has a new day ahead, and no other has one."""
        if (self.status is VisitStatus.MOVED) != (self.moved_to is not None):
            return [Fault("/moved_to", "required" if self.moved_to is None else "not-for-this-status")]
        if self.moved_to and self.moved_to.is_past(now):
            return [Fault(f"/moved_to{self.moved_to.pointer}", "in-past")]
        return []


def faults_of_missing(said: VisitReport | VisitOutcome, status: VisitStatus) -> list[Fault]:
    """Only a missed visit was missed by somebody."""
    if status is VisitStatus.MISSED:
        return []
    found = {"/missed_by": said.missed_by, "/missed_reason": said.missed_reason}
    return [Fault(pointer, "not-for-this-status") for pointer, value in found.items() if value is not None]


def faults_of_time(said: Took) -> list[Fault]:
    """A visit has 24 hours at most."""
    over = (said.minutes or 0) + (said.travel_minutes or 0) > DAY_MINUTES
    return [Fault("/minutes", "day-over-24-hours")] if over else []


class Visit(BaseModel):
    """A visit on the record of a case. A moved one names the visit that takes its place."""

    id: UUID
    case_id: UUID
    kind: VisitKind
    status: VisitStatus
    on: date
    at: datetime | None
    until: datetime | None = None
    worker: str | None = None
    place: Place = Place.HOME
    nis_code: str | None = None
    minutes: int | None
    travel_minutes: int | None
    km: Decimal | None
    note: str | None
    nursing_note: str | None = None
    social_note: str | None = None
    address_note: str | None = None
    safety_note: str | None = None
    missed_by: MissedBy | None = None
    missed_reason: MissedReason | None = None
    moved_to: UUID | None = None
    recorded_by: str
    recorded_at: datetime

    def recorded(self) -> VisitRecorded:
        """The fact of where it stands now."""
        return VisitRecorded(
            case_id=self.case_id,
            visit_id=self.id,
            kind=self.kind,
            status=self.status,
            on=self.on,
            place=self.place,
            missed_by=self.missed_by,
            missed_reason=self.missed_reason,
            starts_at=self.at,
            ends_at=self.until,
            worker=self.worker,
        )


SAID = ("kind", "status", "at", "until", "place", "nis_code", "minutes", "travel_minutes", "km", "note")
NOTES = ("nursing_note", "social_note", "address_note", "safety_note", "missed_by", "missed_reason")
WRITTEN = ("note", "nursing_note", "social_note", "safety_note")


def record_visit(case: Case, report: VisitReport, by: str, now: datetime) -> tuple[Visit, list[Event]]:
    """Note a visit; the first one made begins the care. Raises IllegalStep, Unfit for a day that cannot be."""
    case.needs_work()
    refuse(report.faults(case.opened_on, now))
    case.plan_next(report.next_step, now.astimezone(BRUSSELS).date())
    said = {name: getattr(report, name) for name in (*SAID, *NOTES)}
    worker = report.worker or case.worker
    visit = Visit(id=new_id(), case_id=case.id, on=report.day, worker=worker, recorded_by=by, recorded_at=now, **said)
    case.nis_code = case.nis_code or visit.nis_code
    return visit, [visit.recorded(), *begin_care(case, visit)]


def settle_visit(
    case: Case, visit: Visit, outcome: VisitOutcome, by: str, now: datetime
) -> tuple[Visit | None, list[Event]]:
    """Note what became of a planned visit; the visit that takes the place of a moved one, and the facts.

    Raises IllegalStep, VisitNotPlanned where it has its outcome, Unfit for what cannot be.
    """
    case.needs_work()
    if visit.status is not VisitStatus.PLANNED:
        raise VisitNotPlanned(facts={"status": visit.status.value})
    refuse(outcome.faults(visit, case.opened_on, now))
    case.plan_next(outcome.next_step, now.astimezone(BRUSSELS).date())
    visit.status, visit.on = outcome.status, outcome.on or visit.on
    visit.worker = outcome.worker or visit.worker
    visit.minutes, visit.travel_minutes, visit.km = outcome.minutes, outcome.travel_minutes, outcome.km
    visit.missed_by, visit.missed_reason = outcome.missed_by, outcome.missed_reason
    for name in WRITTEN:
        setattr(visit, name, getattr(outcome, name) or getattr(visit, name))
    slot = outcome.moved_to
    if slot is None:
        return None, [visit.recorded(), *begin_care(case, visit)]
    again = {"id": new_id(), "status": VisitStatus.PLANNED, "on": slot.day, "at": slot.at, "until": slot.until}
    moved = Visit(**{**visit.model_dump(), **again, "recorded_by": by, "recorded_at": now})
    visit.moved_to = moved.id
    return moved, [visit.recorded(), moved.recorded()]


def begin_care(case: Case, visit: Visit) -> list[Event]:
    """The first visit made begins the care."""
    if visit.status is not VisitStatus.DONE or case.care_started_on is not None:
        return []
    case.start_care(visit.on)
    return [CareStarted(case_id=case.id, person_id=case.person_id, on=visit.on)]


def activity_of(visit: Visit, entered: Entered, discipline: Discipline | None) -> Activity | None:
    """The line of work that a visit makes by itself; None where nobody said what it took."""
    if visit.status not in TOOK_TIME or not (visit.minutes or visit.travel_minutes or visit.km):
        return None
    number = new_id()
    return Activity(
        id=number,
        root_id=number,
        organisation=entered.organisation,
        case_id=visit.case_id,
        visit_id=visit.id,
        kind=ActivityKind.HOME_VISIT,
        on=visit.on,
        worker=visit.worker or entered.by,
        discipline=discipline,
        direct_minutes=visit.minutes or 0,
        travel_minutes=visit.travel_minutes or 0,
        km=visit.km or NONE,
        nis_code=visit.nis_code,
        entered_by=entered.by,
        entered_at=entered.at,
    )
