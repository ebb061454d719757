"""What became of a person at one of four points: quality of life, where they live, stays in hospital, satisfaction.

A record is never changed: a correction is a new record that leaves the old one amended.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt

from services.assessment.domain.course import MONTHS_AFTER, Course, Period, Point, due_on
from services.assessment.domain.form_scoring import Number
from services.assessment.domain.instrument import Frozen
from services.assessment.events import OutcomeAmended, OutcomeRecorded, OutcomeWithdrawn
from shared.errors import DomainError, Fault
from shared.ids import new_id


class RefusedOutcome(DomainError):
    """The record contradicts itself, the case, or another record of the case."""


class OutcomeRecordedAlready(DomainError):
    """This point of the case has a record already; amend that one."""


class OutcomeOver(DomainError):
    """The record was amended or withdrawn: nothing more happens to it."""


class LivingSituation(StrEnum):
    """Where the person lives at that point (own list)."""

    AT_HOME = "at-home"
    WITH_FAMILY = "with-family"
    SERVICE_FLAT = "service-flat"
    CARE_HOME = "care-home"
    REHABILITATION = "rehabilitation"
    HOSPITAL = "hospital"
    NO_FIXED_HOME = "no-fixed-home"
    OTHER = "other"


AT_HOME = frozenset({LivingSituation.AT_HOME, LivingSituation.WITH_FAMILY, LivingSituation.SERVICE_FLAT})
"""What counts as living at home: own home, the family's, or a flat with services (ours)."""


class AdmissionType(StrEnum):
    """Whether an admission to hospital was planned."""

    PLANNED = "planned"
    UNPLANNED = "unplanned"


class KnownFrom(StrEnum):
    """Who told us of a stay."""

    HOSPITAL = "hospital"
    PERSON = "person"
    RELATIVE = "relative"
    PROFESSIONAL = "professional"


class ReferralSource(StrEnum):
    """Who brought the person to the programme (own list)."""

    LINE = "line"
    HOSPITAL = "hospital"
    GENERAL_PRACTITIONER = "general-practitioner"
    ASSOCIATION = "association"
    OTHER = "other"


class OutcomeStatus(StrEnum):
    """The life of a record: one recorded per case and point."""

    RECORDED = "recorded"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"


Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class HospitalStay(Frozen):
    """One stay in hospital, by its days in Belgium."""

    admitted_on: Day
    discharged_on: Day | None = Field(default=None, description="Null: still in hospital on the day of the record")
    admission: AdmissionType
    known_from: KnownFrom

    def until(self, measured_on: date) -> date:
        """The last day that the stay is known to have lasted to."""
        return self.discharged_on or measured_on


class QualityOfLife(Frozen):
    """One number of one instrument. Sheets of this service are linked; results from elsewhere are given."""

    instrument: Code = Field(examples=["who-5"])
    scale: Code = Field(examples=["percent"])
    value: Number
    sheet_id: UUID | None = Field(default=None, description="The sheet that the number comes from")


class Source(Frozen):
    """Who brought the person, and from which organisation."""

    kind: ReferralSource
    organisation: Code | None = None

    @property
    def code(self) -> str:
        """One word for a breakdown, such as `line` or `hospital:chu`."""
        return f"{self.kind.value}:{self.organisation}" if self.organisation else self.kind.value


class Findings(Frozen):
    """What was found, but for quality of life. Null means not asked or not known; an empty list of stays is none."""

    point: Point
    measured_on: Day = Field(description="The day that the answers are about, in Belgium")
    living_situation: LivingSituation | None = None
    stays: Annotated[tuple[HospitalStay, ...], Field(max_length=50)] | None = Field(
        default=None,
        description="Every stay: at start of the 180 days before the case, at close since its opening, later since "
        "its closing",
    )
    satisfaction: Annotated[StrictInt, Field(ge=1, le=5)] | None = Field(
        default=None, description="1 not at all satisfied, 5 fully"
    )
    satisfaction_comment: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        default=None, description="In the person's words; in no event and no export"
    )
    source: Source | None = Field(default=None, description="At start only; null: as the case came to us")


class Measures(Findings):
    """All that was found at one point."""

    quality_of_life: tuple[QualityOfLife, ...] = ()

    @property
    def answered(self) -> list[str]:
        """The codes of what was measured."""
        given = {
            "quality-of-life": bool(self.quality_of_life),
            "living-situation": self.living_situation is not None,
            "hospital-stays": self.stays is not None,
            "satisfaction": self.satisfaction is not None,
        }
        return [code for code, is_there in given.items() if is_there]


class Outcome(BaseModel):
    """The record of one point of one case."""

    id: UUID
    organisation: str
    case_id: UUID
    person_id: UUID | None
    point: Point
    measures: Measures
    status: OutcomeStatus
    amends: UUID | None
    amended_by: UUID | None
    withdrawn_for: str | None
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def take(
        cls, measures: Measures, course: Course, others: Sequence["Outcome"], by: str, at: datetime
    ) -> tuple[Self, OutcomeRecorded]:
        """Take in what was found; `others` are the records of the case that count. Raises RefusedOutcome."""
        told = {other.point: other.measures for other in others}
        if faults := [*contradictions(measures, course.period, at), *clashes(measures, told)]:
            raise RefusedOutcome(faults=faults)
        outcome = cls(
            id=new_id(),
            organisation=course.organisation,
            case_id=course.case_id,
            person_id=course.person_id,
            point=measures.point,
            measures=measures,
            status=OutcomeStatus.RECORDED,
            amends=None,
            amended_by=None,
            withdrawn_for=None,
            recorded_by=by,
            recorded_at=at,
        )
        return outcome, outcome._recorded()

    def amend(self, correction: "Outcome") -> tuple[OutcomeAmended, OutcomeRecorded]:
        """Give way to a correction of the same point; raises OutcomeOver, and RefusedOutcome for another point."""
        self._refuse_over()
        if correction.point is not self.point:
            raise RefusedOutcome(faults=[Fault("/point", "another-point")])
        self.status, self.amended_by = OutcomeStatus.AMENDED, correction.id
        correction.amends = self.id
        amended = OutcomeAmended(outcome_id=self.id, case_id=self.case_id, amended_by=correction.id)
        return amended, correction._recorded()

    def withdraw(self, reason: str) -> OutcomeWithdrawn:
        """Let the record count no more: it was an error, or the case goes on. Raises OutcomeOver."""
        self._refuse_over()
        self.status, self.withdrawn_for = OutcomeStatus.WITHDRAWN, reason
        return OutcomeWithdrawn(outcome_id=self.id, case_id=self.case_id, point=self.point.value, reason=reason)

    def _refuse_over(self) -> None:
        if self.status is not OutcomeStatus.RECORDED:
            raise OutcomeOver(facts={"status": self.status.value})

    def _recorded(self) -> OutcomeRecorded:
        return OutcomeRecorded(
            outcome_id=self.id,
            case_id=self.case_id,
            person_id=self.person_id,
            point=self.point.value,
            measured=self.measures.answered,
            amends=self.amends,
        )


def contradictions(measures: Measures, period: Period, at: datetime) -> Iterator[Fault]:
    """What is wrong with a record by itself and beside the days of its case."""
    today = period.day_of(at)
    if measures.measured_on > today:
        yield Fault("/measured_on", "in-future")
    if not measures.answered:
        yield Fault("", "nothing-measured")
    if measures.satisfaction_comment and measures.satisfaction is None:
        yield Fault("/satisfaction_comment", "comment-without-satisfaction")
    if measures.source and measures.point is not Point.START:
        yield Fault("/source", "at-start-only")
    yield from _untimely(measures, period)
    for number, stay in enumerate(measures.stays or ()):
        yield from _stay_faults(stay, measures, today, f"/stays/{number}")
    yield from _overlaps(measures)


def _untimely(measures: Measures, period: Period) -> Iterator[Fault]:
    if due_on(measures.point, period) is None:
        yield Fault("/point", "person-deceased" if period.has_died else "case-not-closed")
    elif period.closed_on and measures.point in MONTHS_AFTER and measures.measured_on <= period.closed_on:
        yield Fault("/measured_on", "before-closing")


def _stay_faults(stay: HospitalStay, measures: Measures, today: date, at: str) -> Iterator[Fault]:
    for name, day in (("admitted_on", stay.admitted_on), ("discharged_on", stay.discharged_on)):
        if day and day > today:
            yield Fault(f"{at}/{name}", "in-future")
        elif day and day > measures.measured_on:
            yield Fault(f"{at}/{name}", "after-measurement")
    if stay.discharged_on and stay.discharged_on < stay.admitted_on:
        yield Fault(f"{at}/discharged_on", "before-admission")


def _overlaps(measures: Measures) -> Iterator[Fault]:
    stays = measures.stays or ()
    for number, stay in enumerate(stays):
        if any(overlap((stay, measures), (earlier, measures)) for earlier in stays[:number]):
            yield Fault(f"/stays/{number}", "overlapping-stay")


def overlap(one: tuple[HospitalStay, Measures], other: tuple[HospitalStay, Measures]) -> bool:
    """Whether two stays share more than the day on which one ends and the other begins."""
    (stay, told), (second, told_later) = one, other
    if stay.admitted_on == second.admitted_on:
        return True
    return stay.admitted_on < second.until(told_later.measured_on) and second.admitted_on < stay.until(told.measured_on)


def clashes(measures: Measures, told: Mapping[Point, Measures]) -> Iterator[Fault]:
    """Stays that overlap one of another point. The same admission told again is the same stay, perhaps ended since."""
    others = [
        (stay, other) for point, other in told.items() if point is not measures.point for stay in other.stays or ()
    ]
    for number, stay in enumerate(measures.stays or ()):
        for known, other in others:
            same = known.admitted_on == stay.admitted_on
            ended = known.discharged_on and stay.discharged_on and known.discharged_on != stay.discharged_on
            if (same and ended) or (not same and overlap((stay, measures), (known, other))):
                yield Fault(f"/stays/{number}", "overlapping-stay")
                break
