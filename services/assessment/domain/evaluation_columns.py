"""The columns of the evaluation export: each with its value, its description and whether others may know it.

No free text, no id, no day: the finest date is a month.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from services.assessment.domain.course import Point
from services.assessment.domain.evaluation import Column, ColumnType, Frame, Value, coarse
from services.assessment.domain.facts import CaseFacts
from services.assessment.domain.instrument import Dimension
from services.assessment.domain.observations import ASKED_AT, READMISSION_DAYS, readmitted
from services.assessment.domain.outcome import AT_HOME, AdmissionType, LivingSituation, ReferralSource
from services.assessment.domain.quality import QualityMeasure, outcome_policy


def columns() -> tuple[Column, ...]:
    """Every column there is, in order."""
    return (*_of_case(), *_of_assessment(), *(each for point in Point for each in _of_point(point)), *_of_stays())


def _of_case() -> Iterator[Column]:
    text, sources = ColumnType.TEXT, tuple(ReferralSource)
    yield Column(
        "pseudonym",
        text,
        "The person within this study; the same at every export of the study",
        lambda case, frame: frame.pseudonym(case.person_id) if case.person_id else None,
        missing="never",
    )
    yield Column(
        "episode",
        ColumnType.INTEGER,
        "Number of the person's case within this file",
        lambda _, frame: frame.episode,
        missing="never",
    )
    yield Column(
        "opened",
        text,
        "When the case opened",
        lambda case, frame: coarse(case.period.opened_on, frame.precision),
        is_quasi_identifier=True,
        missing="suppressed",
    )
    yield Column(
        "closed",
        text,
        "When the case closed",
        lambda case, frame: coarse(case.period.closed_on, frame.precision),
        is_quasi_identifier=True,
        missing="open, or suppressed",
    )
    yield Column(
        "closing_reason",
        text,
        "Why the case closed (code of the case file)",
        lambda case, _: case.closing_reason,
        is_quasi_identifier=True,
        missing="open, or suppressed",
    )
    yield Column(
        "source",
        text,
        "Who brought the person",
        lambda case, _: case.source.kind.value,
        is_quasi_identifier=True,
        codes=sources,
        missing="suppressed",
    )
    yield Column(
        "source_organisation",
        text,
        "The organisation that brought the person (code)",
        lambda case, _: case.source.organisation,
        is_quasi_identifier=True,
        missing="none, or suppressed",
    )


def _of_assessment() -> Iterator[Column]:
    yield Column("advice", ColumnType.TEXT, "Advice on admission of the current policy", lambda case, _: case.advice)
    for dimension in Dimension:
        yield Column(
            f"dimension_{dimension.value}",
            ColumnType.TEXT,
            f"State of the {dimension.value} dimension of the complexity profile",
            _dimension(dimension),
            codes=("not_assessed", "none", "present", "dominant"),
        )
    for which, place in (("first", 0), ("last", -1)):
        for scale in ("difficulty", "need"):
            yield Column(
                f"eladeb_{scale}_{which}",
                ColumnType.INTEGER,
                f"Sum of the {scale} scale of the person's {which} complete ELADEB-R sheet",
                _eladeb(scale, place),
                unit="0-60, or 0-63 with 21 cards",
                missing="no complete sheet",
            )


def _of_point(point: Point) -> Iterator[Column]:
    at = point.replace("-", "_")
    for measure in outcome_policy().quality_of_life:
        yield Column(
            f"{measure.code.replace('-', '_').replace('.', '_')}_{at}",
            ColumnType.NUMBER,
            f"Quality of life, {measure.code}, at {point.value}",
            _quality(point, measure),
            unit=f"{measure.lowest} to {measure.highest}",
        )
    yield Column(
        f"living_situation_{at}",
        ColumnType.TEXT,
        f"Living situation at {point.value}",
        _living(point),
        is_quasi_identifier=point is Point.START,
        codes=tuple(LivingSituation),
    )
    yield Column(
        f"living_at_home_{at}",
        ColumnType.BOOLEAN,
        f"Whether the living situation at {point.value} counts as living at home",
        _at_home(point),
        is_quasi_identifier=point is Point.START,
    )
    yield Column(
        f"satisfaction_{at}",
        ColumnType.INTEGER,
        f"Satisfaction at {point.value}",
        lambda case, _: told.satisfaction if (told := case.measures.get(point)) else None,
        unit="1 not at all to 5 fully",
    )


def _of_stays() -> Iterator[Column]:
    for span in ASKED_AT:
        for kind in AdmissionType:
            yield Column(
                f"{kind.value}_stays_{span}",
                ColumnType.INTEGER,
                f"Hospital stays with {kind.value} admission {span} the case, without the one it was referred from",
                _stays(span, kind),
                unit="stays",
                missing="stays of that period not known",
            )
        yield Column(
            f"days_observed_{span}",
            ColumnType.INTEGER,
            f"Days {span} the case of which the stays are known",
            _observed(span),
            unit="days",
            missing="stays of that period not known",
        )
    for days in READMISSION_DAYS:
        yield Column(
            f"unplanned_readmission_{days}",
            ColumnType.BOOLEAN,
            f"Unplanned admission from the day of discharge to day {days}, of people referred by a hospital",
            _readmission(days),
            missing="not referred by a hospital, discharge unknown, or window not fully observed",
        )


Read = Callable[[CaseFacts, Frame], Value]


def _dimension(dimension: Dimension) -> Read:
    return lambda case, _: case.dimensions.get(dimension.value)


def _eladeb(scale: str, place: int) -> Read:
    def read(case: CaseFacts, _: Frame) -> int | None:
        ordered = sorted(case.sheets, key=lambda sheet: sheet.filled_on)
        if not ordered:
            return None
        return ordered[place].difficulty if scale == "difficulty" else ordered[place].need

    return read


def _quality(point: Point, measure: QualityMeasure) -> Read:
    def read(case: CaseFacts, _: Frame) -> float | None:
        found: Decimal | None = case.quality(point, measure.instrument, measure.scale)
        return None if found is None else float(found)

    return read


def _living(point: Point) -> Read:
    def read(case: CaseFacts, _: Frame) -> str | None:
        told = case.measures.get(point)
        return told.living_situation.value if told and told.living_situation else None

    return read


def _at_home(point: Point) -> Read:
    def read(case: CaseFacts, _: Frame) -> bool | None:
        told = case.measures.get(point)
        return told.living_situation in AT_HOME if told and told.living_situation else None

    return read


def _stays(span: str, kind: AdmissionType) -> Read:
    def read(case: CaseFacts, _: Frame) -> int | None:
        known = case.span(span)
        return len(case.admitted(*known, kind)) if known else None

    return read


def _observed(span: str) -> Read:
    def read(case: CaseFacts, _: Frame) -> int | None:
        known = case.span(span)
        return (known[1] - known[0]).days + 1 if known else None

    return read


def _readmission(days: int) -> Read:
    def read(case: CaseFacts, frame: Frame) -> bool | None:
        found = readmitted(case, days, frame.today)
        return None if found is None or found.value is None else found.value > 0

    return read
