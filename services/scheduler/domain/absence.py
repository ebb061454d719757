"""Absences of workers: who stands in, and that nobody's list is left without anybody."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.events import AbsenceWithdrawn, WorkerAbsent
from shared.errors import DomainError
from shared.ids import new_id


class OverlappingAbsence(DomainError):
    """This worker is away on some of these days already."""


class SubstitutionCircle(DomainError):
    """On some day the substitutes would stand in for each other, and nobody would be there."""


class Absence(BaseModel):
    """Days on which a worker is away and somebody stands in, both days included. Workers are named by subject."""

    id: UUID = Field(default_factory=new_id)
    organisation: str
    worker: str
    substitute: str
    first: date
    last: date
    withdrawn: bool = False

    def told(self) -> WorkerAbsent:
        """The fact that it is agreed."""
        return WorkerAbsent(
            absence_id=self.id,
            worker=self.worker,
            substitute=self.substitute,
            first_on=self.first,
            last_on=self.last,
        )

    def withdraw(self) -> AbsenceWithdrawn:
        """The worker will be there after all."""
        self.withdrawn = True
        return AbsenceWithdrawn(absence_id=self.id, worker=self.worker)

    def check(self, others: Sequence["Absence"]) -> None:
        """Raise OverlappingAbsence or SubstitutionCircle where it does not fit beside the others."""
        span = self.first, self.last
        if any(meets(span, other) for other in others if other.worker == self.worker):
            raise OverlappingAbsence
        if self._closes_circle(self.substitute, span, others):
            raise SubstitutionCircle

    def _closes_circle(self, worker: str, span: tuple[date, date], others: Sequence["Absence"]) -> bool:
        """Whether the chain of substitutes from a worker on leads back to the absent one on some day."""
        if worker == self.worker:
            return True
        return any(
            self._closes_circle(other.substitute, (max(span[0], other.first), min(span[1], other.last)), others)
            for other in others
            if other.worker == worker and meets(span, other)
        )


def meets(span: tuple[date, date], other: Absence) -> bool:
    """Whether an absence has a day in this span."""
    return other.first <= span[1] and span[0] <= other.last


def stand_in(worker: str, day: date, absences: Iterable[Absence]) -> str:
    """Who does a worker's work on a day: the worker, or the last of the chain of substitutes."""
    away = {each.worker: each.substitute for each in absences if each.first <= day <= each.last}
    for _ in range(len(away)):
        worker = away.get(worker, worker)
    return worker
