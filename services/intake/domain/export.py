"""A copy of all that is held of a person, as they may ask for it (GDPR art. 15 and 20), and until when they have it."""

import calendar
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.events.exports import ExportState, SubjectExportChanged
from shared.errors import DomainError, Fault
from shared.ids import new_id

SERVICES = ("intake", "referrals", "assessment", "cases", "scheduler")
"""Who holds something of people: each gives its part."""

EXTENDED_BY = 2
"""Months by which the answer may be put off, once (GDPR art. 12 (3))."""


class AskedBy(StrEnum):
    """Who asked."""

    PERSON = "person"
    REPRESENTATIVE = "representative"


class ExportLanguage(StrEnum):
    """The languages of the readable copy (ISO 639-1)."""

    FRENCH = "fr"
    DUTCH = "nl"
    GERMAN = "de"
    ENGLISH = "en"


class Extension(StrEnum):
    """Why the answer takes longer: the two grounds of GDPR art. 12 (3)."""

    COMPLEXITY = "complexity"
    NUMBER_OF_REQUESTS = "number-of-requests"


class Delivery(StrEnum):
    """How the copy was given."""

    HANDED_OVER = "handed-over"
    POST = "post"
    SECURE_MESSAGE = "secure-message"


class Timeliness(StrEnum):
    """How an answer stands to its due date."""

    IN_TIME = "in-time"
    NEAR = "near"
    LATE = "late"


class ImpossibleExport(DomainError):
    """This request cannot be."""


class ExtensionOver(DomainError):
    """An answer is put off once, and not after its due date."""


class ExportIncomplete(DomainError):
    """Not every service has given its part yet."""


class ExportDelivered(DomainError):
    """The copy was given already."""


class ExportExpired(DomainError):
    """What was collected is deleted; ask for a new copy."""


class Terms(BaseModel):
    """An organisation's terms: days until an answer is due (0 for a month), and days that a copy is kept."""

    due_days: int = 0
    kept_days: int = 30


class Export(BaseModel):
    """A request for a copy, and how far it is. `keep_until` is the last day of what was collected."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    person_id: UUID
    asked_by: AskedBy
    asked_on: date
    language: ExportLanguage
    recorded_by: str
    recorded_at: datetime
    due_on: date
    state: ExportState = ExportState.COLLECTING
    completed_at: datetime | None = None
    keep_until: date | None = None
    extension: Extension | None = None
    extended_at: datetime | None = None
    delivery: Delivery | None = None
    delivered_at: datetime | None = None
    delivered_by: str | None = None

    def told(self) -> SubjectExportChanged:
        """The fact of how it stands."""
        return SubjectExportChanged(
            export_id=self.id,
            person_id=self.person_id,
            state=self.state,
            due_on=self.due_on,
            extended=self.extension is not None,
        )

    def extend(self, reason: Extension, at: datetime, today: date) -> SubjectExportChanged:
        """Put the answer off by two months; raises ExtensionOver."""
        if self.extension or self.delivered_at or today > self.due_on:
            raise ExtensionOver
        self.extension, self.extended_at = reason, at
        self.due_on = months_after(self.due_on, EXTENDED_BY)
        return self.told()

    def complete(self, at: datetime, today: date, terms: Terms) -> SubjectExportChanged:
        """Every service has given its part."""
        self.state, self.completed_at = ExportState.COMPLETE, at
        self.keep_until = today + timedelta(days=terms.kept_days)
        return self.told()

    def deliver(self, how: Delivery, by: str, at: datetime) -> SubjectExportChanged:
        """The person has it; raises ExportIncomplete and ExportDelivered."""
        if self.state is ExportState.COLLECTING:
            raise ExportIncomplete
        if self.delivered_at:
            raise ExportDelivered
        self.delivery, self.delivered_by, self.delivered_at = how, by, at
        if self.state is ExportState.COMPLETE:
            self.state = ExportState.DELIVERED
        return self.told()

    def expire(self) -> SubjectExportChanged:
        """What was collected is deleted."""
        self.state = ExportState.EXPIRED
        return self.told()

    def timeliness(self, today: date, warn_days: int) -> Timeliness:
        """Whether the answer is in time, near its due date, or late; that of a given one is measured by its day."""
        day = self.delivered_at.date() if self.delivered_at else today
        if day > self.due_on:
            return Timeliness.LATE
        is_near = not self.delivered_at and day + timedelta(days=warn_days) >= self.due_on
        return Timeliness.NEAR if is_near else Timeliness.IN_TIME


class ExportRequest(BaseModel):
    """Who asked for a copy, when and in which language."""

    asked_by: AskedBy
    asked_on: date | None = Field(None, description="The day on which it was asked; today where none is said")
    language: ExportLanguage

    def due_on(self, today: date, terms: Terms) -> tuple[date, date]:
        """The day of the request and the day on which the answer is due; raises ImpossibleExport for a day to come."""
        asked = self.asked_on or today
        if asked > today:
            raise ImpossibleExport(faults=[Fault("/asked_on", "in-future")])
        return asked, asked + timedelta(days=terms.due_days) if terms.due_days else months_after(asked, 1)

    def export(self, person_id: UUID, programme: str, by: str, due: tuple[date, date], at: datetime) -> "Export":
        """The request as it is kept."""
        said = {"asked_by": self.asked_by, "language": self.language, "asked_on": due[0], "due_on": due[1]}
        return Export(**said, person_id=person_id, programme=programme, recorded_by=by, recorded_at=at)


class Part(BaseModel):
    """One service's part: how often it was asked, when it is asked again, and why not yet."""

    export_id: UUID
    service: str
    tries: int = 0
    try_at: datetime | None = None
    failure: str | None = None
    collected_at: datetime | None = None

    def fail(self, why: str, at: datetime) -> Self:
        """It gave nothing: ask again, after a minute at first and after an hour at most."""
        self.failure, self.try_at = why, at + min(timedelta(minutes=2 ** min(self.tries - 1, 6)), timedelta(hours=1))
        return self


def months_after(day: date, months: int) -> date:
    """The same day that many months later, or the last one of that month (Regulation 1182/71, art. 3 (2) (c))."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
