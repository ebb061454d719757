"""What cases tells of the people who own cases: their subjects, codes and days, never a name nor why they are away."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.cases.events.codes import Discipline, WantedDiscipline
from shared.events import Event


class WorkerDescribed(Event):
    """What others are told of a worker."""

    type: ClassVar[str] = ""
    worker_id: UUID
    subject: str = Field(description="The worker's subject, as in the tokens")
    discipline: Discipline
    employer: str = Field(description="Code of the employing organisation", examples=["centre"])
    programme: str = Field(description="Code of the programme", examples=["relais"])
    organisation: str = Field(description="Code of the organisation that answers for the cases", examples=["relais"])
    employed_from: date
    employed_until: date | None = Field(description="The last day; null while no end is known")


class WorkerRegistered(WorkerDescribed):
    """A worker can own cases."""

    type: ClassVar[str] = "cases.worker-registered.v1"


class WorkerChanged(WorkerDescribed):
    """What is known of a worker changed."""

    type: ClassVar[str] = "cases.worker-changed.v1"


class WorkerAbsenceNoted(Event):
    """A worker is, was or will be away; the days may replace earlier ones of the same absence."""

    type: ClassVar[str] = "cases.worker-absent.v1"
    worker_id: UUID
    subject: str
    absence_id: UUID
    from_on: date
    until: date = Field(description="The last day of the absence")


class WorkerAbsenceWithdrawn(Event):
    """An absence was taken back."""

    type: ClassVar[str] = "cases.worker-absence-withdrawn.v1"
    worker_id: UUID
    subject: str
    absence_id: UUID


class SecondWorkerAssigned(Event):
    """A second worker, mostly of the other discipline, works on the case; null when there is none any more."""

    type: ClassVar[str] = "cases.second-worker-assigned.v1"
    case_id: UUID
    worker: str | None
    discipline: Discipline | None


class StaffingNoted(Event):
    """What the case asks of a worker is known: the profile, the way there, the expected end."""

    type: ClassVar[str] = "cases.staffing-noted.v1"
    case_id: UUID
    wanted_discipline: WantedDiscipline | None
    travel_minutes: int | None = Field(description="Minutes on the way per visit, both directions, as declared")
    expected_close_on: date | None


WORKERS = (
    WorkerRegistered,
    WorkerChanged,
    WorkerAbsenceNoted,
    WorkerAbsenceWithdrawn,
    SecondWorkerAssigned,
    StaffingNoted,
)
