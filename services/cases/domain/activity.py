"""Activities: what somebody did on a day, for a case or for the programme, and the time and the way that it took."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictInt, StringConstraints

from services.cases.domain.words import Day, Part, Prose, Subject, refuse
from services.cases.events import Discipline
from services.cases.events.activity import (
    NIS,
    AccompanimentResult,
    ActivityCorrected,
    ActivityKind,
    ActivityRecorded,
    ActivityWithdrawn,
    DemandSource,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id

DAY_MINUTES = 24 * 60
CENTI = Decimal("0.01")
NONE = Decimal("0.00")

Minutes = Annotated[StrictInt, Field(ge=0, le=DAY_MINUTES)]
Kilometres = Annotated[
    Decimal, Field(ge=0, le=2000, max_digits=6, decimal_places=2), AfterValidator(lambda km: km.quantize(CENTI))
]
NisCode = Annotated[str, StringConstraints(pattern=NIS)]

ON_A_CASE = frozenset(ActivityKind) - {ActivityKind.TRAINING, ActivityKind.OUTREACH}
ON_NO_CASE = frozenset(
    {
        ActivityKind.TRAINING,
        ActivityKind.OUTREACH,
        ActivityKind.NETWORK_MEETING,
        ActivityKind.ADMINISTRATION,
        ActivityKind.OTHER,
    }
)


class ActivityNotCurrent(DomainError):
    """This line was corrected or withdrawn before; only the newest one of a chain can be."""


class PeriodIsClosed(DomainError):
    """The month is closed: its lines and rates stay as they are until it is reopened."""


class NotYourOwn(DomainError):
    """You may enter and change your own work only."""


class ActivityStatus(StrEnum):
    """Whether a line counts."""

    CURRENT = "current"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class ActivityEntry(Part):
    """What somebody enters, once: the day, what it was, and the time and the way that it took."""

    kind: ActivityKind
    on: Day
    direct_minutes: Minutes = Field(description="Time on the work itself, in minutes")
    travel_minutes: Minutes = Field(0, description="Time on the way, both directions, in minutes")
    km: Kilometres = Field(NONE, description="Distance, both directions, in kilometres")
    participants: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = Field(None, description="How many took part")
    result: AccompanimentResult | None = Field(None, description="What came of an accompaniment; needed there")
    nis_code: NisCode | None = Field(None, description="NIS code of the municipality; needed for an outreach")
    source: DemandSource | None = Field(None, description="Where an outreach is to raise demand; needed there")
    note: Prose | None = None
    worker: Subject | None = Field(None, description="Who did it; by default the caller")
    discipline: Discipline | None = Field(None, description="By default the worker's own, where that is known")

    @property
    def minutes(self) -> int:
        """Direct and travel time together."""
        return self.direct_minutes + self.travel_minutes

    def faults(self, opened_on: date | None, today: date) -> list[Fault]:
        """What cannot be right; `opened_on` is the opening of the case, None for work on no case."""
        return [
            *self.faults_of_the_day(opened_on, today),
            *self.faults_of_the_kind(opened_on is not None),
            *([Fault("/direct_minutes", "no-time")] if not self.minutes and not self.km else []),
            *([Fault("/direct_minutes", "day-over-24-hours")] if self.minutes > DAY_MINUTES else []),
        ]

    def faults_of_the_day(self, opened_on: date | None, today: date) -> list[Fault]:
        """Work lies behind us, and not before the case that it was for."""
        if self.on > today:
            return [Fault("/on", "in-future")]
        return [Fault("/on", "before-opening")] if opened_on and self.on < opened_on else []

    def faults_of_the_kind(self, for_case: bool) -> list[Fault]:
        """A result belongs to an accompaniment, a source to an outreach, which also says where it was."""
        outreach = self.kind is ActivityKind.OUTREACH
        found = [Fault("/kind", "needs-no-case" if for_case else "needs-a-case")]
        if self.kind in (ON_A_CASE if for_case else ON_NO_CASE):
            found = []
        found += belongs("/result", self.result, self.kind is ActivityKind.ACCOMPANIMENT)
        found += belongs("/source", self.source, outreach)
        if outreach and self.nis_code is None:
            found.append(Fault("/nis_code", "required"))
        return found


def belongs(pointer: str, value: StrEnum | None, wanted: bool) -> list[Fault]:
    """The fault of a value that is missing where it is wanted, or there where it is not."""
    if wanted == (value is not None):
        return []
    return [Fault(pointer, "required" if wanted else "not-for-this-kind")]


class ActivityCorrection(Part):
    """What the line should have been, and why."""

    reason: Prose
    values: ActivityEntry


class ActivityWithdrawal(Part):
    """Why the line should not be there."""

    reason: Prose


@dataclass(frozen=True)
class Entered:
    """Who enters a line, for which organisation, and when."""

    by: str
    organisation: str
    at: datetime


class Activity(BaseModel):
    """A line of work. It never changes: a correction is another line that `replaces` it.

    `root_id` is the first line of its chain; `reason` says why it replaces another one, or why it was withdrawn.
    """

    id: UUID
    root_id: UUID
    replaces: UUID | None = None
    replaced_by: UUID | None = None
    status: ActivityStatus = ActivityStatus.CURRENT
    organisation: str
    case_id: UUID | None
    visit_id: UUID | None = None
    kind: ActivityKind
    on: date
    worker: str
    discipline: Discipline | None
    direct_minutes: int
    travel_minutes: int
    km: Decimal
    participants: int | None = None
    result: AccompanimentResult | None = None
    nis_code: str | None = None
    source: DemandSource | None = None
    note: str | None = None
    reason: str | None = None
    entered_by: str
    entered_at: datetime

    @classmethod
    def of(cls, entry: ActivityEntry, case_id: UUID | None, entered: Entered, discipline: Discipline | None) -> Self:
        """The line of an entry; `discipline` is the worker's, as far as it is known."""
        number = new_id()
        said = {**dict(entry), "worker": entry.worker or entered.by, "discipline": discipline}
        return cls(
            id=number,
            root_id=number,
            organisation=entered.organisation,
            case_id=case_id,
            entered_by=entered.by,
            entered_at=entered.at,
            **said,
        )

    @property
    def minutes(self) -> int:
        """Direct and travel time together."""
        return self.direct_minutes + self.travel_minutes

    @property
    def month(self) -> str:
        """The month that it is accounted in, as YYYY-MM."""
        return month_of(self.on)

    def recorded(self) -> ActivityRecorded:
        """The fact that it counts from now on."""
        told = set(ActivityRecorded.model_fields) - {"activity_id", "km"}
        return ActivityRecorded(activity_id=self.id, km=str(self.km), **self.model_dump(include=told))

    def correct(self, correction: ActivityCorrection, entered: Entered) -> tuple[Self, ActivityCorrected]:
        """The line that stands for this one from now on; this one no longer counts. Raises ActivityNotCurrent.

        Worker, discipline, case and organisation stay, where the correction names no other worker or discipline.
        """
        self.needs_to_count()
        same = correction.values.worker in (None, self.worker)
        discipline = correction.values.discipline or (self.discipline if same else None)
        newest = type(self).of(
            correction.values.model_copy(update={"worker": correction.values.worker or self.worker}),
            self.case_id,
            Entered(entered.by, self.organisation, entered.at),
            discipline,
        )
        newest.root_id, newest.replaces, newest.visit_id = self.root_id, self.id, self.visit_id
        newest.reason = correction.reason
        self.status, self.replaced_by = ActivityStatus.CORRECTED, newest.id
        fact = ActivityCorrected(
            activity_id=self.id, case_id=self.case_id, replaced_by=newest.id, kind=self.kind, on=self.on
        )
        return newest, fact

    def withdraw(self, withdrawal: ActivityWithdrawal) -> ActivityWithdrawn:
        """It no longer counts. Raises ActivityNotCurrent."""
        self.needs_to_count()
        self.status, self.reason = ActivityStatus.WITHDRAWN, withdrawal.reason
        return ActivityWithdrawn(activity_id=self.id, case_id=self.case_id, kind=self.kind, on=self.on)

    def needs_to_count(self) -> None:
        """Raises ActivityNotCurrent where it was corrected or withdrawn."""
        if self.status is not ActivityStatus.CURRENT:
            newest = {"replaced_by": str(self.replaced_by)} if self.replaced_by else {}
            raise ActivityNotCurrent(facts={"status": self.status.value, **newest})


def month_of(day: date) -> str:
    """The month of a day, as YYYY-MM."""
    return day.strftime("%Y-%m")


def refuse_long_day(already: int, minutes: int) -> None:
    """Raise Unfit where a person's day would have more than 24 hours; `already` are the minutes entered before."""
    if already + minutes > DAY_MINUTES:
        refuse([Fault("/direct_minutes", "day-over-24-hours")])
