"""What is counted of follow-ups."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from services.scheduler.api.doors import MayRead, ReportsDep, router
from services.scheduler.domain import WrongInput, add_months
from services.scheduler.store import AttemptCount, StepCount
from shared.clock import local_date
from shared.errors import Fault
from shared.requests import ClockDep

LONGEST = 36
"""Months that one report may cover."""


class AttemptReportView(BaseModel):
    """Counts by month and kind. A failed attempt, a person who cannot be reached and a refusal are counted apart."""

    first_month: date
    last_month: date
    attempts: list[AttemptCount] = Field(description="Each try, by what became of it")
    follow_ups: list[StepCount] = Field(description="What follow-ups came to")


@router.get("/reports/attempts")
async def report_attempts(
    reports: ReportsDep,
    clock: ClockDep,
    caller: MayRead,
    from_month: Annotated[date | None, Query(description="Any day of the first month; else eleven months ago")] = None,
    until_month: Annotated[date | None, Query(description="Any day of the last month; else this one")] = None,
) -> AttemptReportView:
    """Attempts by outcome, and how follow-ups ended, by month and kind; twelve months unless asked otherwise."""
    last = (until_month or local_date(clock)).replace(day=1)
    first = (from_month or add_months(last, -11)).replace(day=1)
    if not first <= last <= add_months(first, LONGEST - 1):
        raise WrongInput(faults=[Fault("/query/from_month", "out-of-range")])
    end = add_months(last, 1)
    return AttemptReportView(
        first_month=first,
        last_month=last,
        attempts=await reports.attempts(caller, first, end),
        follow_ups=await reports.steps(caller, first, end),
    )
