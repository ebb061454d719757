"""What somebody brings to a step of a case: the next step and its day, an owner, a closing, a reopening."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from services.cases.domain.words import Day, Part, Prose
from services.cases.events import ClosingReason, DeclineReason, WantedDiscipline
from shared.errors import DomainError, Fault

LATE_ENTRY_YEARS = 2


class StepKind(StrEnum):
    """What is to be done next for a person."""

    HOME_VISIT = "home-visit"
    PHONE_CALL = "phone-call"
    CARE_PLAN = "care-plan"
    ACCOMPANIMENT = "accompaniment"
    PARTNER_CONTACT = "partner-contact"
    PAPERWORK = "paperwork"
    EVALUATION = "evaluation"
    CLOSURE = "closure"
    OTHER = "other"


class NextStep(Part):
    """What comes next, and by when."""

    kind: StepKind
    due_on: Day

    def faults(self, today: date) -> list[Fault]:
        """A next step lies ahead: today or later."""
        return [Fault("/next_step/due_on", "in-past")] if self.due_on < today else []


class NextStepNote(NextStep):
    """A next step that is set by itself, with what there is to say about it."""

    note: Prose | None = None

    def faults(self, today: date) -> list[Fault]:
        """A next step lies ahead: today or later."""
        return [Fault("/due_on", "in-past")] if self.due_on < today else []


class UrgentTasksOpen(DomainError):
    """Urgent tasks are still open; closing all the same needs a reason."""


class Waiting(Part):
    """What there is to say about a request that waits for a worker."""

    wanted_discipline: WantedDiscipline | None = Field(None, description="Which profile the person needs")
    note: Prose | None = None


class Declining(Part):
    """Why a request is not taken, and where the person can turn instead."""

    reason: DeclineReason
    onward_path: Prose = Field(description="Where the person can turn instead; never empty")


class Closing(Part):
    """How a case ends. The day may lie in the past: closings are often noted later."""

    closed_on: Day
    reason: ClosingReason
    summary: Prose
    open_tasks_reason: Prose | None = Field(None, description="Why urgent tasks may stay open")

    def faults(self, opened_on: date, today: date) -> list[Fault]:
        """What cannot be right about the day.

        A case that was opened today may be a late entry as a whole, so its closing may lie before its opening.
        """
        if self.closed_on > today:
            return [Fault("/closed_on", "in-future")]
        if self.closed_on < years_before(today, LATE_ENTRY_YEARS):
            return [Fault("/closed_on", "out-of-range")]
        if opened_on < today and self.closed_on < opened_on:
            return [Fault("/closed_on", "before-opening")]
        return []


class Reopening(Part):
    """Why a case goes on, and what comes first."""

    reason: Prose
    next_step: NextStep | None = Field(None, description="By default a phone call within a week")


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
