"""What cases tells the others: ids, codes and days, never who the person is nor a word that anybody wrote."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events import Event


class OriginKind(StrEnum):
    """What a case came from."""

    REFERRAL = "referral"
    CONTACT = "contact"


class Urgency(StrEnum):
    """How soon somebody has to act."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Discipline(StrEnum):
    """The profile of a case manager; the programme needs both."""

    NURSE = "nurse"
    SOCIAL_WORKER = "social-worker"


class VisitKind(StrEnum):
    """What kind of visit."""

    HOME_VISIT = "home-visit"


class VisitStatus(StrEnum):
    """What became of a visit."""

    PLANNED = "planned"
    DONE = "done"
    MISSED = "missed"


class Assignee(StrEnum):
    """Who does a task."""

    LINE = "line"
    CASE_MANAGER = "case-manager"
    PARTNER = "partner"
    PERSON = "person"


class Durability(StrEnum):
    """How a plan item stands when the line calls after the closing."""

    IN_PLACE = "in-place"
    WEAK = "weak"
    LOST = "lost"


class ClosingReason(StrEnum):
    """Why a case ends."""

    GOALS_REACHED = "goals-reached"
    MOVED = "moved"
    DECEASED = "deceased"
    PATIENT_WITHDREW = "patient-withdrew"
    UNREACHABLE = "unreachable"
    HANDED_OVER = "handed-over"
    OTHER = "other"


class PauseReason(StrEnum):
    """Why a case rests."""

    READMITTED = "readmitted"
    UNREACHABLE = "unreachable"
    PATIENT_REQUEST = "patient-request"


class Part(BaseModel):
    """A piece of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Part):
    """One item of the plan."""

    task_id: UUID
    domain: str = Field(description="Life domain; `other` also where the domain itself is sensitive", examples=["food"])


class AccountableItem(Item):
    """One item of the plan with the organisation that answers for it."""

    organisation: str = Field(description="Code of the accountable organisation", examples=["centre"])


class CheckedItem(Part):
    """How one item of the plan stands."""

    task_id: UUID
    status: Durability


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


class CaseAssigned(Event):
    """The case has an owner."""

    type: ClassVar[str] = "cases.case-assigned.v1"
    case_id: UUID
    worker: str = Field(description="The owner's subject, as in the tokens", examples=["case-manager-nurse"])
    discipline: Discipline
    organisation: str = Field(description="The organisation that the case belongs to", examples=["relais"])


class VisitRecorded(Event):
    """A visit was planned, made or missed."""

    type: ClassVar[str] = "cases.visit-recorded.v1"
    case_id: UUID
    visit_id: UUID
    kind: VisitKind
    status: VisitStatus
    on: date


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


class PlanDrafted(Event):
    """A new version of the plan waits for the person's agreement."""

    type: ClassVar[str] = "cases.plan-drafted.v1"
    case_id: UUID
    plan_version: int


class PlanAgreed(Event):
    """The person agreed to a version of the plan: its items are in force."""

    type: ClassVar[str] = "cases.plan-agreed.v1"
    case_id: UUID
    plan_version: int
    items: list[AccountableItem] = Field(description="Every item in force now")


class TaskAssigned(Event):
    """A task of the plan is somebody's, newly or on new terms."""

    type: ClassVar[str] = "cases.task-assigned.v1"
    case_id: UUID
    task_id: UUID
    domain: str = Field(description="Life domain; `other` also where the domain itself is sensitive", examples=["food"])
    organisation: str = Field(description="Code of the accountable organisation", examples=["centre"])
    assignee: Assignee
    due_on: date


class TaskDone(Event):
    """A task of the plan is done."""

    type: ClassVar[str] = "cases.task-done.v1"
    case_id: UUID
    task_id: UUID


class ItemsChecked(Event):
    """The results of a follow-up call stand on the plan's items."""

    type: ClassVar[str] = "cases.items-checked.v1"
    case_id: UUID
    follow_up_id: UUID
    items: list[CheckedItem] = Field(description="The items whose state was taken over")


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


PUBLISHED = (
    CaseOpened,
    PersonLinked,
    CaseAssigned,
    VisitRecorded,
    CareStarted,
    FirstContactMade,
    CasePaused,
    CaseResumed,
    PlanDrafted,
    PlanAgreed,
    TaskAssigned,
    TaskDone,
    ItemsChecked,
    CaseClosed,
    CaseReopened,
)
