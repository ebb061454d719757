"""The common pathway as an organisation has configured it: its steps, when each is expected, and where a case left it.

A version holds for requests from a day on; a case keeps the version that was in force when it was requested (S50, S69).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.case import Case
from services.cases.domain.states import ENDED
from services.cases.domain.words import Day, Line, Part, Prose, refuse
from services.cases.events import DeviationReason, PathwayChanged, PathwayDeviationExplained, PathwayStepCode
from services.cases.events.circle import Role
from shared.errors import Fault
from shared.ids import new_id
from shared.working_days import working_days_after

ProtocolName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


class Model(StrEnum):
    """The organisational models of case management that live side by side (S80)."""

    HOSPITAL_BASED = "hospital-based"
    PATIENT_ASSOCIATION = "patient-association"
    COORDINATION_CENTRE = "coordination-centre"
    HEALTH_CENTRE = "health-centre"
    PROGRAMME = "programme"
    OTHER = "other"


class Unit(StrEnum):
    """What the days of a target are."""

    WORKING_DAYS = "working-days"
    CALENDAR_DAYS = "calendar-days"


class After(StrEnum):
    """From when on the days of a target count."""

    REQUEST = "request"
    ASSIGNMENT = "assignment"


class PathwayStep(Part):
    """One step: expected at most so many days after the request or the assignment, with what must be checked then."""

    step: PathwayStepCode
    within: Annotated[StrictInt, Field(ge=0, le=1000)]
    unit: Unit = Unit.WORKING_DAYS
    after: After = After.ASSIGNMENT
    mandatory: StrictBool = True
    checklist: Annotated[tuple[Line, ...], Field(max_length=30)] = ()

    def expected_by(self, requested_on: date, assigned_on: date | None) -> date | None:
        """The last day on which it is in time; None where nothing counts yet."""
        start = requested_on if self.after is After.REQUEST else assigned_on
        if start is None:
            return None
        if self.unit is Unit.CALENDAR_DAYS:
            return start + timedelta(days=self.within)
        return working_days_after(start, self.within)


class PathwayContent(Part):
    """A version of a pathway: its protocol's name, the organisation's model, and the steps in their order."""

    protocol_version: ProtocolName
    model: Model
    valid_from: Day = Field(description="Requests from this day on follow it; never a day that is past")
    steps: Annotated[tuple[PathwayStep, ...], Field(min_length=1, max_length=30)]

    @model_validator(mode="after")
    def once_each(self) -> Self:
        """A step stands in a pathway once."""
        if len({each.step for each in self.steps}) != len(self.steps):
            raise PydanticCustomError("repeated_step", "a step stands in a pathway once")
        return self


class PathwayVersion(BaseModel):
    """One version as it is kept; never changed afterwards."""

    id: UUID
    organisation: str
    number: int
    protocol_version: str
    model: Model
    valid_from: date
    steps: tuple[PathwayStep, ...]
    recorded_by: str
    recorded_at: datetime


class Told(Part):
    """One fact of a case's timeline, as far as a pathway looks at it."""

    kind: str
    day: date


DONE_BY: Mapping[PathwayStepCode, frozenset[str]] = {
    PathwayStepCode.ASSIGNMENT: frozenset({"case-assigned"}),
    PathwayStepCode.FIRST_CONTACT: frozenset({"first-contact-made"}),
    PathwayStepCode.HOME_VISIT: frozenset({"care-started"}),
    PathwayStepCode.PLAN_DRAFTED: frozenset({"plan-drafted"}),
    PathwayStepCode.PLAN_AGREED: frozenset({"plan-agreed"}),
    PathwayStepCode.GP_INFORMED: frozenset({"gp-informed"}),
    PathwayStepCode.REVIEW_MEETING: frozenset({"line-decided"}),
    PathwayStepCode.CLOSING_EVALUATION: frozenset({"case-closed"}),
}
"""Which facts of the timeline show that a step was done; the first of them counts."""

WATCHED = frozenset({"provider-informed"}).union(*DONE_BY.values())
"""The kinds of facts to look at; `gp-informed` is that a provider who is the GP was informed."""


class Outcome(StrEnum):
    """How a step of a case stands."""

    PENDING = "pending"
    OVERDUE = "overdue"
    IN_TIME = "in-time"
    EARLY = "early"
    LATE = "late"
    SKIPPED = "skipped"


class StepStanding(BaseModel):
    """How one step of a case's pathway stands. `deviation_days` are calendar days after the expected one."""

    step: PathwayStepCode
    mandatory: bool
    checklist: tuple[str, ...]
    expected_by: date | None
    done_on: date | None
    outcome: Outcome
    deviation_days: int | None = Field(description="Negative where it was done before the day it is due by")
    out_of_order: bool = Field(description="Done before a step that the pathway puts in front of it")

    @property
    def deviates(self) -> bool:
        """Whether the case left the pathway here."""
        left = self.outcome in {Outcome.LATE, Outcome.OVERDUE, Outcome.EARLY}
        return left or self.out_of_order or (self.mandatory and self.outcome is Outcome.SKIPPED)


class Explanation(Part):
    """Why a step did not go as the pathway says."""

    step: PathwayStepCode
    reason: DeviationReason
    note: Prose | None = None


class Deviation(BaseModel):
    """An explanation as it is kept."""

    id: UUID
    case_id: UUID
    step: PathwayStepCode
    reason: DeviationReason
    note: str | None
    by: str
    at: datetime


def seen_as(kind: str, role: object) -> str:
    """The kind under which a pathway sees a fact: telling the GP is a step, telling another provider is none."""
    return "gp-informed" if (kind, role) == ("provider-informed", Role.GENERAL_PRACTITIONER) else kind


def first_days(told: Sequence[Told]) -> dict[PathwayStepCode, date]:
    """The first day on which each step was done, from the facts of the timeline."""
    found: dict[PathwayStepCode, date] = {}
    for step, kinds in DONE_BY.items():
        days = [each.day for each in told if each.kind in kinds]
        if days:
            found[step] = min(days)
    return found


def standings(case: Case, steps: Sequence[PathwayStep], told: Sequence[Told], today: date) -> list[StepStanding]:
    """How each step of the case stands today, in the pathway's order."""
    done = first_days(told)
    assigned_on = done.get(PathwayStepCode.ASSIGNMENT)
    found = []
    for number, each in enumerate(steps):
        on = done.get(each.step)
        expected = each.expected_by(case.opened_on, assigned_on)
        started = case.opened_on if each.after is After.REQUEST else assigned_on
        before = [done[other.step] for other in steps[:number] if other.step in done]
        found.append(
            StepStanding(
                step=each.step,
                mandatory=each.mandatory,
                checklist=each.checklist,
                expected_by=expected,
                done_on=on,
                outcome=outcome(on, (started, expected), case.state in ENDED, today),
                deviation_days=deviation(on, expected, today),
                out_of_order=on is not None and any(day > on for day in before),
            )
        )
    return found


def outcome(on: date | None, window: tuple[date | None, date | None], is_over: bool, today: date) -> Outcome:
    """How a step stands that is due within a window (from, by)."""
    started, expected = window
    if on is None:
        if is_over:
            return Outcome.SKIPPED
        return Outcome.OVERDUE if expected and expected < today else Outcome.PENDING
    if expected and on > expected:
        return Outcome.LATE
    return Outcome.EARLY if started and on < started else Outcome.IN_TIME


def deviation(on: date | None, expected: date | None, today: date) -> int | None:
    """Calendar days between the expected day and the day it was done; for an overdue step, until today."""
    if expected is None:
        return None
    if on is not None:
        return (on - expected).days
    return (today - expected).days if today > expected else None


def explain(
    case: Case, explanation: Explanation, steps: Sequence[PathwayStep], by: tuple[str, datetime]
) -> tuple[Deviation, PathwayDeviationExplained]:
    """Note why a step deviates. Raises Unfit for a step that the case's pathway does not have."""
    refuse([] if any(each.step is explanation.step for each in steps) else [Fault("/step", "not-in-pathway")])
    made = Deviation(
        id=new_id(),
        case_id=case.id,
        step=explanation.step,
        reason=explanation.reason,
        note=explanation.note,
        by=by[0],
        at=by[1],
    )
    return made, PathwayDeviationExplained(case_id=case.id, step=made.step, reason=made.reason)


def next_version(
    organisation: str,
    content: PathwayContent,
    before: Sequence[PathwayVersion],
    pathway_id: UUID,
    by: tuple[str, datetime, date],
) -> tuple[PathwayVersion, PathwayChanged]:
    """A new version for an organisation. Raises Unfit for a day that is past, or a protocol's name used before."""
    subject, now, today = by
    faults = [Fault("/valid_from", "in-past")] if content.valid_from < today else []
    if any(each.protocol_version == content.protocol_version for each in before):
        faults.append(Fault("/protocol_version", "taken"))
    refuse(faults)
    made = PathwayVersion(
        id=new_id(),
        organisation=organisation,
        number=len(before) + 1,
        recorded_by=subject,
        recorded_at=now,
        **dict(content),
    )
    fact = PathwayChanged(
        pathway_id=pathway_id,
        organisation=organisation,
        protocol_version=made.protocol_version,
        valid_from=made.valid_from,
    )
    return made, fact


def in_force(versions: Sequence[PathwayVersion], day: date) -> PathwayVersion | None:
    """The version that holds for requests of a day: the latest to begin, of two the one written last."""
    begun = [each for each in versions if each.valid_from <= day]
    return max(begun, key=lambda each: (each.valid_from, each.number), default=None)
