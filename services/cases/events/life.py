"""What cases tells of a case's life."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.cases.events.codes import (
    ClosingReason,
    DeclineReason,
    Discipline,
    MissedBy,
    MissedReason,
    OriginKind,
    PauseReason,
    Place,
    Urgency,
    VisitKind,
    VisitStatus,
    WantedDiscipline,
)
from services.cases.events.plan import Item
from shared.events import Event


class CaseOpened(Event):
    """A case exists; exactly one per origin."""

    type: ClassVar[str] = "cases.case-opened.v1"
    case_id: UUID
    origin_kind: OriginKind
    origin_id: UUID = Field(description="The referral, or the contact at the line")
    person_id: UUID | None = Field(description="Null while the person is not identified yet")
    urgency: Urgency


class PersonLinked(Event):
    """It is known now whom the case is about, or it was corrected."""

    type: ClassVar[str] = "cases.person-linked.v1"
    case_id: UUID
    person_id: UUID


class UrgencyRaised(Event):
    """The case is more urgent than it was said to be."""

    type: ClassVar[str] = "cases.urgency-raised.v1"
    case_id: UUID
    urgency: Urgency


class CaseWaitlisted(Event):
    """The request waits until a worker can take it."""

    type: ClassVar[str] = "cases.case-waitlisted.v1"
    case_id: UUID
    wanted_discipline: WantedDiscipline | None = Field(description="Which profile the person needs")


class CaseDeclined(Event):
    """The request is not taken; where the person can turn instead is kept with it."""

    type: ClassVar[str] = "cases.case-declined.v1"
    case_id: UUID
    reason: DeclineReason


class CaseAssigned(Event):
    """The case has an owner."""

    type: ClassVar[str] = "cases.case-assigned.v1"
    case_id: UUID
    worker: str = Field(description="The owner's subject, as in the tokens", examples=["case-manager-nurse"])
    discipline: Discipline
    organisation: str = Field(description="The organisation that the case belongs to", examples=["relais"])


class VisitRecorded(Event):
    """A visit was planned, made, missed, cancelled or moved; the same `visit_id` is told again with its outcome."""

    type: ClassVar[str] = "cases.visit-recorded.v1"
    case_id: UUID
    visit_id: UUID
    kind: VisitKind
    status: VisitStatus
    on: date
    place: Place | None = Field(default=None, description="The kind of place; never an address")
    missed_by: MissedBy | None = Field(default=None, description="Who missed it")
    missed_reason: MissedReason | None = Field(default=None, description="Why it was missed")
    starts_at: datetime | None = Field(default=None, description="Where the time is known and not the day alone")
    ends_at: datetime | None = Field(default=None, description="The end of the time slot, where there is one")
    worker: str | None = Field(default=None, description="Who makes it", examples=["case-manager-nurse"])


class CareStarted(Event):
    """The first home visit was made."""

    type: ClassVar[str] = "cases.care-started.v1"
    case_id: UUID
    person_id: UUID | None
    on: date | None = Field(default=None, description="The day of that visit")


class FirstContactMade(Event):
    """Somebody of the programme has spoken with the person for the first time."""

    type: ClassVar[str] = "cases.first-contact-made.v1"
    case_id: UUID
    on: date


class CasePaused(Event):
    """The case rests: nobody is expected to act before it goes on."""

    type: ClassVar[str] = "cases.case-paused.v1"
    case_id: UUID
    reason: PauseReason
    until: date | None = Field(description="The day it is expected to go on; null where nobody knows")


class CaseResumed(Event):
    """The case goes on after a pause."""

    type: ClassVar[str] = "cases.case-resumed.v1"
    case_id: UUID


class CaseClosed(Event):
    """The case is closed: the follow-up calls count from `closed_on`."""

    type: ClassVar[str] = "cases.case-closed.v1"
    case_id: UUID
    person_id: UUID | None
    closed_on: date = Field(description="The day care ended, which may lie before the day it was noted")
    reason: ClosingReason
    items: list[Item] = Field(description="The items of the agreed plan, to be checked in the follow-up calls")


class CaseReopened(Event):
    """The case goes on with the same people."""

    type: ClassVar[str] = "cases.case-reopened.v1"
    case_id: UUID


LIFE = (
    CaseOpened,
    PersonLinked,
    UrgencyRaised,
    CaseWaitlisted,
    CaseDeclined,
    CaseAssigned,
    VisitRecorded,
    CareStarted,
    FirstContactMade,
    CasePaused,
    CaseResumed,
    CaseClosed,
    CaseReopened,
)
