"""The routes of dated rates."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.cases.api.doors import MayReadReports, MaySetRates, RatesDep, SettingsDep, router
from services.cases.domain import Rate
from services.cases.settings import Settings
from services.cases.store import RatesRow
from shared.requests import IfMatchSaid, Tag


class RatesView(BaseModel):
    """The rates of an organisation, by the day from which they hold."""

    organisation: str
    rates: list[Rate] = Field(description="Those that the organisation has set")
    example_rates: list[Rate] = Field(description="MADE-UP values, used and marked on days without rates of one's own")
    changed_by: str | None
    changed_at: datetime | None

    @classmethod
    def of(cls, organisation: str, row: RatesRow | None, settings: Settings) -> "RatesView":
        return cls(
            organisation=organisation,
            rates=list(row.rates) if row else [],
            example_rates=list(settings.stand_in_rates),
            changed_by=row.changed_by if row else None,
            changed_at=row.changed_at if row else None,
        )


@router.get("/rates")
async def read_rates(rates: RatesDep, settings: SettingsDep, caller: MayReadReports, tag: Tag) -> RatesView:
    """The rates of the caller's organisation. The ETag is there once it has set some."""
    row = await rates.find(caller.organisation)
    if row:
        tag(row)
    return RatesView.of(caller.organisation, row, settings)


@router.put("/rates")
async def set_rate(
    body: Rate, rates: RatesDep, settings: SettingsDep, seen: IfMatchSaid, caller: MaySetRates, tag: Tag
) -> RatesView:
    """Set the rate of a discipline, or of every one, from a day on. Days before that day cost what they did.

    A rate that begins on the same day is replaced. Needs If-Match once the organisation has rates; 409 where the
    days of a closed month would cost otherwise.
    """
    row = tag(await rates.set(caller, body, seen))
    return RatesView.of(caller.organisation, row, settings)
