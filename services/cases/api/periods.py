"""The routes of the months of accounts."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from services.cases.api.doors import MayClosePeriod, MayReadActivity, PeriodsDep, router
from services.cases.domain import days_of, refuse
from services.cases.domain.words import Part, Prose
from services.cases.store import PeriodRow
from shared.clock import local_date
from shared.errors import Fault
from shared.requests import ClockDep

Month = Annotated[str, Path(pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])$", description="YYYY-MM")]


class PeriodReopening(Part):
    """Why a closed month is opened again."""

    reason: Prose


class PeriodView(BaseModel):
    """A month of an organisation that is closed, or was."""

    organisation: str
    month: str
    closed: bool = Field(description="While true, no line of the month is entered, corrected or withdrawn")
    changed_by: str
    changed_at: datetime
    reason: str | None = Field(description="Why it was reopened, if it was reopened last")

    @classmethod
    def of(cls, row: PeriodRow) -> "PeriodView":
        return cls.model_validate(row, from_attributes=True)


@router.get("/periods")
async def list_periods(periods: PeriodsDep, caller: MayReadActivity) -> list[PeriodView]:
    """The months of the organisation that are closed, or were, the latest first."""
    return [PeriodView.of(row) for row in await periods.all(caller.organisation)]


@router.post("/periods/{month}/closure", status_code=201)
async def close_period(month: Month, periods: PeriodsDep, clock: ClockDep, caller: MayClosePeriod) -> PeriodView:
    """Close a month that is over: its lines and the rates of its days stay as they are."""
    found = days_of(month)
    if found is None or found[1] >= local_date(clock):
        refuse([Fault("/path/month", "not-over")])
    return PeriodView.of(await periods.change(caller.organisation, month, caller.subject, closed=True))


@router.post("/periods/{month}/reopening", status_code=201)
async def reopen_period(month: Month, body: PeriodReopening, periods: PeriodsDep, caller: MayClosePeriod) -> PeriodView:
    """Open a closed month again, with a reason, so that its lines can be corrected."""
    row = await periods.change(caller.organisation, month, caller.subject, closed=False, reason=body.reason)
    return PeriodView.of(row)
