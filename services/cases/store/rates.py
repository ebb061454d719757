"""The rates of organisations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer
from sqlmodel import Field, select

from services.cases.domain import PeriodIsClosed, Rate, RateTable, months_touched
from services.cases.events import RatesChanged
from services.cases.store.periods import Periods
from services.cases.store.table import Table
from shared.auth import Caller
from shared.ids import new_id
from shared.requests import MaybeSeen
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_rates_version = Column("version", Integer, nullable=False)


class RatesRow(Table, table=True):
    """All rates of an organisation."""

    __tablename__ = "rates"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _rates_version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str = Field(unique=True)
    rates: tuple[Rate, ...] = Field(default=(), sa_type=Json(tuple[Rate, ...]))
    changed_by: str
    changed_at: datetime
    version: int = Field(default=0, sa_column=_rates_version)


class Rates(Collection):
    """The rates of organisations."""

    async def find(self, organisation: str) -> RatesRow | None:
        """The rates that an organisation has set."""
        return (await self.session.exec(select(RatesRow).where(RatesRow.organisation == organisation))).first()

    async def all(self) -> dict[str, tuple[Rate, ...]]:
        """The rates of every organisation that has set some."""
        return {row.organisation: row.rates for row in (await self.session.exec(select(RatesRow))).all()}

    async def set(self, caller: Caller, rate: Rate, seen: MaybeSeen) -> RatesRow:
        """Set a rate of the caller's organisation from a day on.

        Raises a 428 problem without If-Match, StaleVersion, PeriodIsClosed where a closed month would cost otherwise.
        """
        row = await self.find(caller.organisation)
        if row:
            seen.check(row)
        table = RateTable(row.rates if row else ())
        closed = await Periods(self.transaction).closed_months(caller.organisation)
        touched = months_touched(closed, rate.valid_from, table.until(rate))
        if touched:
            raise PeriodIsClosed(facts={"months": touched})
        now = self.transaction.clock.now()
        row = row or RatesRow(organisation=caller.organisation, changed_by=caller.subject, changed_at=now)
        row.rates, row.changed_by, row.changed_at = table.with_rate(rate).rates, caller.subject, now
        fact = RatesChanged(organisation=caller.organisation, discipline=rate.discipline, valid_from=rate.valid_from)
        await self.record(row, fact)
        return row
