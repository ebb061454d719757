"""Giving a case its workers, and what the case asks of them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from services.cases.domain.assignment import Assignment, profiles
from services.cases.domain.case import Case
from services.cases.domain.caseload import Load
from services.cases.domain.states import ENDED, OWNED, Move
from services.cases.domain.words import Day, Part, refuse
from services.cases.events import Discipline, SecondWorkerAssigned, StaffingNoted, WantedDiscipline
from shared.errors import DomainError, Fault
from shared.events import Event


class WorkerExcluded(DomainError):
    """The person does not want this worker: somebody else must take the case."""


class Staffing(Part):
    """What a case asks of a worker. What is left out stays as it is; null takes it away."""

    wanted_discipline: WantedDiscipline | None = Field(None, description="Which profile the person needs")
    travel_minutes: Annotated[StrictInt, Field(ge=0, le=1440)] | None = Field(
        None, description="Minutes on the way per visit, both directions, while visits do not tell it"
    )
    expected_close_on: Day | None = Field(None, description="When the case is expected to end: for the projected load")

    def faults(self, today: date) -> list[Fault]:
        """What cannot be right: an expected end in the past."""
        past = self.expected_close_on and self.expected_close_on < today
        return [Fault("/expected_close_on", "in-past")] if past else []


def assign(case: Case, assignment: Assignment, loads: Mapping[str, Load], today: date) -> list[Event]:
    """Give it an owner, and a second worker where one is named; `loads` has everybody's load.

    Raises IllegalStep, Unfit, DisciplineMismatch and CaseloadFull where no reason is given.
    """
    if Move.ASSIGNMENT not in case.allowed():
        raise case.illegal()
    refuse(assignment.faults(today))
    assignment.refuse_mismatch(case.wanted_discipline)
    second = assignment.second
    if second:
        loads[second.worker].allow_one_more(assignment.over_cap_reason)
    facts: list[Event] = [case.assign(assignment, loads[assignment.worker], today)]
    worker, discipline = (second.worker, second.discipline) if second else (None, None)
    if worker != case.second_worker:
        facts.append(SecondWorkerAssigned(case_id=case.id, worker=worker, discipline=discipline))
    case.second_worker, case.second_discipline = worker, discipline
    return facts


def note_staffing(case: Case, staffing: Staffing, today: date) -> StaffingNoted:
    """Note what the case asks of a worker. Raises IllegalStep for an ended case, Unfit."""
    if case.state in ENDED:
        raise case.illegal()
    refuse(staffing.faults(today))
    for name in staffing.model_fields_set:
        setattr(case, name, getattr(staffing, name))
    return StaffingNoted(
        case_id=case.id,
        wanted_discipline=case.wanted_discipline,
        travel_minutes=case.travel_minutes,
        expected_close_on=case.expected_close_on,
    )


def missing(case: Case) -> list[Discipline]:
    """The wanted profiles that nobody who works on an owned case has."""
    if case.state not in OWNED or case.wanted_discipline is None:
        return []
    return sorted(profiles(case.wanted_discipline) - {case.discipline, case.second_discipline})
