"""All that is known of one case for the indicators: its period, its outcomes, and the days whose stays are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.assessment.domain.course import MONTHS_AFTER, Period, Point, due_on
from services.assessment.domain.outcome import AdmissionType, HospitalStay, Measures, ReferralSource, Source

BEFORE_DAYS = 180
"""How long before the case the stays are asked for at its start (ours)."""


@dataclass(frozen=True)
class NeedTotals:
    """The two sums of one complete sheet of the person's own, with the number of cards that they add up."""

    filled_on: date
    difficulty: int
    need: int
    cards: int


@dataclass(frozen=True)
class CaseFacts:
    """One case."""

    case_id: UUID
    person_id: UUID | None
    came_by: Source
    period: Period
    closing_reason: str | None = None
    discharge_on: date | None = None
    measures: Mapping[Point, Measures] = field(default_factory=dict)
    advice: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    sheets: Sequence[NeedTotals] = ()

    @property
    def source(self) -> Source:
        """Who brought the person: what was said at the start, else how the case came to us."""
        start = self.measures.get(Point.START)
        return start.source if start and start.source else self.came_by

    @property
    def is_hospital_referred(self) -> bool:
        """Whether a hospital sent the person."""
        return self.came_by.kind is ReferralSource.HOSPITAL

    @property
    def stays(self) -> list[HospitalStay]:
        """Every stay once: told at two points, the later point counts."""
        known: dict[date, HospitalStay] = {}
        for point in Point:
            for stay in self._stays_at(point) or ():
                known[stay.admitted_on] = stay
        return [known[day] for day in sorted(known)]

    def is_index(self, stay: HospitalStay) -> bool:
        """Whether this is the stay that the hospital referred from."""
        if not self.is_hospital_referred or self.discharge_on is None or stay.admitted_on >= self.discharge_on:
            return False
        return stay.discharged_on is None or stay.discharged_on >= self.discharge_on

    def admitted(self, first: date, last: date, kind: AdmissionType | None = None) -> list[HospitalStay]:
        """The stays that began in a span of days, both included, without the one that the referral came from."""
        return [
            stay
            for stay in self.stays
            if first <= stay.admitted_on <= last and kind in (None, stay.admission) and not self.is_index(stay)
        ]

    def span(self, name: str) -> tuple[date, date] | None:
        """First and last day of which the stays are known `before`, `during` or `after` the case; None when unknown."""
        opened, closed = self.period.opened_on, self.period.closed_on
        if name == "before":
            return self._ended(Point.START, opened - timedelta(BEFORE_DAYS), opened - timedelta(1))
        if closed is None:
            return None
        if name == "during":
            return self._ended(Point.CLOSE, opened, closed)
        spans = [
            self._ended(point, closed + timedelta(1), due)
            for point in MONTHS_AFTER
            if (due := due_on(point, self.period))
        ]
        return max((span for span in spans if span), key=lambda span: span[1], default=None)

    def knows_stays(self, first: date, last: date) -> bool:
        """Whether the records cover each day from the first to the last."""
        opened, closed = self.period.opened_on, self.period.closed_on or date.max
        asked_from = {Point.START: opened - timedelta(BEFORE_DAYS), Point.CLOSE: opened}
        day = first
        for point in Point:
            told = self.measures.get(point)
            if told and told.stays is not None and asked_from.get(point, closed) <= day:
                day = max(day, told.measured_on + timedelta(1))
        return day > last

    def need_change(self) -> tuple[NeedTotals, NeedTotals] | None:
        """The first and the last complete own sheet of two days with equally many cards."""
        ordered = sorted(self.sheets, key=lambda sheet: sheet.filled_on)
        if len(ordered) < 2 or ordered[0].cards != ordered[-1].cards or ordered[0].filled_on == ordered[-1].filled_on:
            return None
        return ordered[0], ordered[-1]

    def quality(self, point: Point, instrument: str, scale: str) -> Decimal | None:
        """The number of one instrument at a point, or None."""
        told = self.measures.get(point)
        for number in told.quality_of_life if told else ():
            if (number.instrument, number.scale) == (instrument, scale):
                return number.value
        return None

    def _stays_at(self, point: Point) -> Sequence[HospitalStay] | None:
        told = self.measures.get(point)
        return told.stays if told else None

    def _ended(self, point: Point, first: date, last: date) -> tuple[date, date] | None:
        told = self.measures.get(point)
        if told is None or told.stays is None:
            return None
        end = min(last, told.measured_on)
        return (first, end) if end >= first else None
