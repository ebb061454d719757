"""The people who own cases: their discipline, who employs them and who answers for them, and when they are away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt, StringConstraints

from services.cases.domain.words import Code, Day, Part, Subject, refuse
from services.cases.events import (
    Discipline,
    WorkerAbsenceNoted,
    WorkerAbsenceWithdrawn,
    WorkerChanged,
    WorkerRegistered,
)
from shared.errors import DomainError, Fault, NotFound
from shared.ids import new_id

ONE_DAY = timedelta(days=1)

Commune = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
Cap = Annotated[StrictInt, Field(ge=0, le=1000)]


class WorkerAbsent(DomainError):
    """This worker is absent, or no longer employed, on the day the case would begin with them."""


class WorkerElsewhere(DomainError):
    """The worker belongs to another organisation than the case; a transfer brings the case there."""


class AbsencePeriod(Part):
    """From which day to which day a worker is away, both included, and who stands in. Never why."""

    from_on: Day
    until: Day = Field(description="The last day of the absence")
    substitute: Subject | None = Field(None, description="The subject of the worker who stands in")

    def faults(self, subject: str, others: Sequence["Absence"]) -> list[Fault]:
        """What cannot be right: an end before the start, a substitute who is the worker, two absences at once."""
        if self.until < self.from_on:
            return [Fault("/until", "before-start")]
        found = [Fault("/substitute", "the-same-worker")] if self.substitute == subject else []
        if any(self.from_on <= each.until and each.from_on <= self.until for each in others):
            found.append(Fault("/from_on", "overlaps"))
        return found


class Absence(AbsencePeriod):
    """An absence on record."""

    id: UUID


class WorkerDescription(Part):
    """What is known of a worker. Employer, programme and responsible organisation are separate facts."""

    discipline: Discipline
    employer: Code = Field(description="Code of the organisation that employs the worker")
    programme: Code = Field(description="Code of the programme that the worker works for")
    organisation: Code = Field(description="Code of the organisation that answers for the worker's cases")
    municipalities: tuple[Commune, ...] = Field((), max_length=600, description="NIS codes; none means everywhere")
    cap: Cap | None = Field(None, description="Points that the worker carries at most; null for the programme's cap")
    employed_from: Day
    employed_until: Day | None = Field(None, description="The last day; null while no end is known")

    def faults(self) -> list[Fault]:
        """What cannot be right: an end before the start, a municipality twice."""
        found = []
        if self.employed_until and self.employed_until < self.employed_from:
            found.append(Fault("/employed_until", "before-start"))
        if len(set(self.municipalities)) < len(self.municipalities):
            found.append(Fault("/municipalities", "repeated"))
        return found


@dataclass(frozen=True)
class Away:
    """Why a worker takes no case on a day: until when (None for good), and who stands in."""

    until: date | None
    substitute: str | None
    left_on: date | None = None

    def refusal(self) -> WorkerAbsent:
        """The refusal, with the days and the substitute."""
        named = {"until": self.until, "left_on": self.left_on, "substitute": self.substitute}
        return WorkerAbsent(facts={name: str(value) for name, value in named.items() if value})


class Worker(BaseModel):
    """A worker, by the subject of their tokens."""

    id: UUID
    subject: str
    discipline: Discipline
    employer: str
    programme: str
    organisation: str
    municipalities: tuple[str, ...] = ()
    cap: int | None = None
    employed_from: date
    employed_until: date | None = None
    absences: tuple[Absence, ...] = ()

    @classmethod
    def register(cls, subject: str, description: WorkerDescription) -> tuple["Worker", WorkerRegistered]:
        """A new worker. Raises Unfit."""
        refuse(description.faults())
        worker = cls(id=new_id(), subject=subject, **dict(description))
        return worker, WorkerRegistered.model_validate(worker.told())

    def describe(self, description: WorkerDescription) -> WorkerChanged:
        """Replace what is known. Raises Unfit."""
        refuse(description.faults())
        for name, value in dict(description).items():
            setattr(self, name, value)
        return WorkerChanged.model_validate(self.told())

    @property
    def description(self) -> WorkerDescription:
        """What is known, as it was described."""
        return WorkerDescription(**{name: getattr(self, name) for name in WorkerDescription.model_fields})

    def told(self) -> dict[str, object]:
        """What others are told."""
        names = ("subject", "discipline", "employer", "programme", "organisation", "employed_from", "employed_until")
        return {"worker_id": self.id, **{name: getattr(self, name) for name in names}}

    def be_absent(self, period: AbsencePeriod, absence_id: UUID | None = None) -> WorkerAbsenceNoted:
        """Note an absence, or replace the one of this id. Raises Unfit, and NotFound for an unknown id."""
        others = tuple(each for each in self.absences if each.id != absence_id)
        if absence_id and len(others) == len(self.absences):
            raise NotFound
        refuse(period.faults(self.subject, others))
        absence = Absence(id=absence_id or new_id(), **dict(period))
        self.absences = tuple(sorted((*others, absence), key=lambda each: each.from_on))
        return WorkerAbsenceNoted(
            worker_id=self.id, subject=self.subject, absence_id=absence.id, from_on=absence.from_on, until=absence.until
        )

    def withdraw_absence(self, absence_id: UUID) -> WorkerAbsenceWithdrawn:
        """Take an absence back. Raises NotFound."""
        left = tuple(each for each in self.absences if each.id != absence_id)
        if len(left) == len(self.absences):
            raise NotFound
        self.absences = left
        return WorkerAbsenceWithdrawn(worker_id=self.id, subject=self.subject, absence_id=absence_id)

    def away(self, day: date) -> Away | None:
        """Whether the worker takes no case on a day, and until when."""
        if day < self.employed_from:
            return Away(self.employed_from - ONE_DAY, None)
        absent = next((each for each in self.absences if each.from_on <= day <= each.until), None)
        if self.employed_until and self.employed_until < day:
            return Away(None, None, self.employed_until)
        return Away(absent.until, absent.substitute) if absent else None

    def refuse_away(self, day: date) -> None:
        """Raise WorkerAbsent where the worker takes no case on a day."""
        away = self.away(day)
        if away:
            raise away.refusal()

    def refuse_other(self, discipline: Discipline, organisation: str, pointer: str = "") -> None:
        """Raise Unfit where the worker has another discipline, WorkerElsewhere for another organisation's case."""
        if self.organisation != organisation:
            raise WorkerElsewhere(facts={"organisation": self.organisation})
        if self.discipline is not discipline:
            refuse([Fault(f"{pointer}/discipline", "not-the-workers")])
