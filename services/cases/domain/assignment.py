"""Who owns a case from now on, and the profile that the person needs."""

from datetime import date

from pydantic import Field

from services.cases.domain.steps import NextStep
from services.cases.domain.words import Day, Part, Prose, Subject
from services.cases.events import Discipline, WantedDiscipline
from shared.errors import DomainError, Fault


class DisciplineMismatch(DomainError):
    """The person needs another profile than the one given; assigning all the same needs a reason."""


class Second(Part):
    """A second worker, mostly of the other discipline."""

    worker: Subject = Field(description="The second worker's subject, as in the tokens")
    discipline: Discipline


class Assignment(Part):
    """Who owns the case from now on, and what comes first."""

    worker: Subject = Field(description="The worker's subject, as in the tokens")
    discipline: Discipline
    second: Second | None = Field(None, description="A second worker, where the person needs both profiles")
    starts_on: Day | None = Field(None, description="The first day, where it lies ahead: after an absence, mostly")
    next_step: NextStep
    over_cap_reason: Prose | None = Field(None, description="Why one more, where the worker's caseload is full")
    discipline_reason: Prose | None = Field(None, description="Why this profile, where the person needs another one")

    @property
    def subjects(self) -> list[str]:
        """Everybody who works on the case from now on."""
        return [self.worker, self.second.worker] if self.second else [self.worker]

    def first_day(self, today: date) -> date:
        """The day the case begins with them."""
        return self.starts_on or today

    def faults(self, today: date) -> list[Fault]:
        """What cannot be right: a start in the past, a next step before the start, the same worker twice."""
        found = []
        if self.starts_on and self.starts_on < today:
            found.append(Fault("/starts_on", "in-past"))
        if self.starts_on and self.next_step.due_on < self.starts_on:
            found.append(Fault("/next_step/due_on", "before-start"))
        if self.second and self.second.worker == self.worker:
            found.append(Fault("/second/worker", "the-same-worker"))
        return found

    def given(self) -> set[Discipline]:
        """The profiles that work on the case."""
        return {self.discipline, self.second.discipline} if self.second else {self.discipline}

    def refuse_mismatch(self, wanted: WantedDiscipline | None) -> bool:
        """Whether the person needs another profile; raises DisciplineMismatch where no reason says why not."""
        given = self.given()
        if wanted is None or profiles(wanted) <= given:
            return False
        if not self.discipline_reason:
            raise DisciplineMismatch(facts={"wanted": wanted.value, "given": sorted(given)})
        return True


def profiles(wanted: WantedDiscipline) -> set[Discipline]:
    """The profiles that a person needs."""
    return set(Discipline) if wanted is WantedDiscipline.BOTH else {Discipline(wanted.value)}
