"""What each indicator looks at in one case: nothing where it does not apply, else a value or why there is none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from services.assessment.domain.course import Point, due_on
from services.assessment.domain.facts import CaseFacts
from services.assessment.domain.outcome import AT_HOME, AdmissionType
from services.assessment.domain.quality import QualityMeasure, outcome_policy

MONTH_DAYS = Decimal("30.4375")
"""Days of a person-month: a year of 365.25 days by twelve."""

ASKED_AT = {"before": Point.START, "during": Point.CLOSE, "after": Point.ONE_MONTH}
READMISSION_DAYS = (30, 180)


class Kind(StrEnum):
    """What the number of an indicator is."""

    MEAN = "mean"
    PROPORTION = "proportion"
    RATE = "rate"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True)
class Observation:
    """What one case gives: a value with the days it covers, or null with a reason."""

    value: Decimal | None
    days: Decimal = Decimal(0)
    because: str | None = None


Observe = Callable[[CaseFacts, date], Observation | None]


@dataclass(frozen=True)
class Indicator:
    """One indicator at one point. `asked` names the people it looks at; `within` the indicator that it contains."""

    code: str
    at: str
    kind: Kind
    asked: str
    observe: Observe
    measure: str | None = None
    within: str | None = None


def all_indicators() -> Iterator[Indicator]:
    """Every indicator, those about the same people beside each other."""
    for point in Point:
        for measure in outcome_policy().quality_of_life:
            yield Indicator("quality-of-life", point, Kind.MEAN, point, _quality(point, measure), measure.code)
        yield Indicator("living-at-home", point, Kind.PROPORTION, point, _living(point))
        yield Indicator("satisfaction-mean", point, Kind.MEAN, point, _satisfaction(point))
        yield Indicator("satisfaction", point, Kind.DISTRIBUTION, point, _satisfaction(point))
        for span, asked_at in ASKED_AT.items():
            if asked_at is point:
                yield Indicator("unplanned-stays", span, Kind.RATE, point, _stays(span, point))
        if point is Point.START:
            for scale in ("difficulty", "need"):
                yield Indicator("need-change", "last-sheet", Kind.MEAN, point, _need_change(scale), f"eladeb-r.{scale}")
    shorter: str | None = None
    for days in READMISSION_DAYS:
        code = f"unplanned-readmission-{days}"
        yield Indicator(code, f"{days}-days", Kind.PROPORTION, "discharge", _readmission(days), within=shorter)
        shorter = code


def _is_due(case: CaseFacts, point: Point, today: date) -> bool:
    due = due_on(point, case.period)
    return due is not None and due <= today


def _at(point: Point, value: Callable[[CaseFacts], Decimal | int | None]) -> Observe:
    def observe(case: CaseFacts, today: date) -> Observation | None:
        if not _is_due(case, point, today):
            return None
        found = value(case)
        return Observation(None if found is None else Decimal(found))

    return observe


def _quality(point: Point, measure: QualityMeasure) -> Observe:
    return _at(point, lambda case: case.quality(point, measure.instrument, measure.scale))


def _living(point: Point) -> Observe:
    def at_home(case: CaseFacts) -> int | None:
        told = case.measures.get(point)
        return None if told is None or told.living_situation is None else int(told.living_situation in AT_HOME)

    return _at(point, at_home)


def _satisfaction(point: Point) -> Observe:
    def satisfaction(case: CaseFacts) -> int | None:
        told = case.measures.get(point)
        return told.satisfaction if told else None

    return _at(point, satisfaction)


def _need_change(scale: str) -> Observe:
    def change(case: CaseFacts) -> int | None:
        pair = case.need_change()
        if pair is None:
            return None
        first, last = pair
        return last.difficulty - first.difficulty if scale == "difficulty" else last.need - first.need

    return _at(Point.START, change)


def _stays(span: str, point: Point) -> Observe:
    def observe(case: CaseFacts, today: date) -> Observation | None:
        if not _is_due(case, point, today):
            return None
        known = case.span(span)
        if known is None:
            return Observation(None)
        days = (known[1] - known[0]).days + 1
        return Observation(Decimal(len(case.admitted(*known, AdmissionType.UNPLANNED))), Decimal(days))

    return observe


def readmitted(case: CaseFacts, days: int, today: date) -> Observation | None:
    """Whether the person of a hospital came back unplanned within so many days of discharge; None for other cases."""
    if not case.is_hospital_referred:
        return None
    if case.discharge_on is None:
        return Observation(None, because="no-discharge-date")
    last = case.discharge_on + timedelta(days)
    if last > today:
        return Observation(None, because="window-not-over")
    if not case.knows_stays(case.discharge_on, last):
        return Observation(None, because="not-observed")
    return Observation(Decimal(bool(case.admitted(case.discharge_on, last, AdmissionType.UNPLANNED))))


def _readmission(days: int) -> Observe:
    return lambda case, today: readmitted(case, days, today)
