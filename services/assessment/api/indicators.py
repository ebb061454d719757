"""The indicators of a cohort: with denominators, missing data and intervals, and nothing about too few people."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from services.assessment.domain.facts import BEFORE_DAYS
from services.assessment.domain.indicator_texts import IndicatorText, indicator_texts
from services.assessment.domain.indicators import Cell, IndicatorResult, compute
from services.assessment.domain.instrument import Labels
from services.assessment.domain.observations import Kind
from services.assessment.domain.quality import ComparisonBase, outcome_policy
from services.assessment.settings import Settings
from services.assessment.store.facts import Cohorts
from shared.access import May
from shared.auth import Caller
from shared.clock import local_date
from shared.errors import DomainError, Fault
from shared.requests import ClockDep, configured, opened
from shared.service import router as service_router

router = service_router("assessment", tags=["indicators"])

CohortsDep = Annotated[Cohorts, Depends(opened(Cohorts))]
SettingsDep = Annotated[Settings, Depends(configured(Settings))]
MayReadIndicators = Annotated[Caller, Depends(May("indicator:read"))]


class NoCohort(DomainError):
    """A cohort is made of whole months, so that two questions cannot be subtracted to a day."""


@dataclass(frozen=True)
class Months:
    """The span of days of a cohort: whole months."""

    first: date
    last: date

    @classmethod
    def checked(cls, first: date, last: date, at: Sequence[str]) -> "Months":
        """The span; raises NoCohort with `not-a-month-border` or `ends-before-it-begins` at the two places."""
        faults = [Fault(at[0], "not-a-month-border")] if first.day != 1 else []
        if last.day != calendar.monthrange(last.year, last.month)[1]:
            faults.append(Fault(at[1], "not-a-month-border"))
        if last < first:
            faults.append(Fault(at[1], "ends-before-it-begins"))
        if faults:
            raise NoCohort(faults=faults)
        return cls(first, last)


class IndicatorView(BaseModel):
    """One indicator at one point, with what it means."""

    code: str
    at: str = Field(description="The point, the period or the window")
    kind: Kind
    measure: str | None = Field(description="The instrument and its number, where there is more than one")
    name: Labels
    definition: Labels
    numerator: Labels
    denominator: Labels
    total: Cell | None = Field(description="All sources together; null when one source was asked for")
    by_source: list[Cell]

    @classmethod
    def of(cls, result: IndicatorResult, text: IndicatorText, source: str | None) -> "IndicatorView":
        cells = [cell for cell in result.by_source if source in (None, cell.source)]
        return cls(
            **{name: getattr(result, name) for name in ("code", "at", "kind", "measure")},
            **{name: getattr(text, name) for name in IndicatorText.model_fields},
            total=result.total if source is None else None,
            by_source=cells,
        )


class IndicatorsView(BaseModel):
    """The indicators of the cases opened in a span of months. Counts and intervals; they prove no effect."""

    first: date
    last: date
    as_of: date
    source: str | None
    small_cell_limit: int = Field(description="Nothing is shown of fewer people than this")
    days_before: int = Field(description="How long before the case the stays are asked for")
    indicators: list[IndicatorView]
    comparisons: list[ComparisonBase] = Field(description="What hospitals published themselves; not computed here")


@router.get("/indicators")
async def read_indicators(
    cohorts: CohortsDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayReadIndicators,
    first: Annotated[date, Query(alias="from", description="First day of a month; cases opened from then on")],
    last: Annotated[date, Query(alias="to", description="Last day of a month; cases opened until then")],
    source: Annotated[str | None, Query(max_length=130, pattern=r"^[a-z0-9:_-]+$", examples=["hospital:chu"])] = None,
) -> IndicatorsView:
    """The indicators of a cohort, in total and by referral source."""
    months = Months.checked(first, last, ("/query/from", "/query/to"))
    today, texts = local_date(clock), indicator_texts()
    cases = await cohorts.read(caller, months.first, months.last)
    results = compute(cases, today, settings.small_cell_limit)
    return IndicatorsView(
        first=months.first,
        last=months.last,
        as_of=today,
        source=source,
        small_cell_limit=settings.small_cell_limit,
        days_before=BEFORE_DAYS,
        indicators=[IndicatorView.of(result, texts[result.code], source) for result in results],
        comparisons=list(outcome_policy().comparisons),
    )
