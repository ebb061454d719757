"""Rates: what an hour and a kilometre cost, from a day on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from services.cases.domain.words import Day, Part
from services.cases.events import Discipline

CENT = Decimal("0.01")
HOUR = 60

Euro = Annotated[
    Decimal, Field(ge=0, le=10_000, max_digits=7, decimal_places=2), AfterValidator(lambda euro: euro.quantize(CENT))
]
EuroPerKm = Annotated[
    Decimal,
    Field(ge=0, le=100, max_digits=7, decimal_places=4),
    AfterValidator(lambda euro: euro.quantize(Decimal("0.0001"))),
]


class Rate(Part):
    """What work costs in euro, from a day on and until the next rate of the same discipline begins."""

    valid_from: Day
    discipline: Discipline | None = Field(None, description="Null: every discipline that has no rate of its own")
    direct_hour: Euro = Field(description="Euro per hour of direct time")
    travel_hour: Euro = Field(description="Euro per hour on the way")
    km: EuroPerKm = Field(description="Euro per kilometre, four decimals at most")

    def amount(self, direct_minutes: int, travel_minutes: int, km: Decimal) -> Decimal:
        """What one line costs, rounded half-even to the cent once, over its three parts together."""
        sixtieths = self.direct_hour * direct_minutes + self.travel_hour * travel_minutes + self.km * km * HOUR
        return (sixtieths / HOUR).quantize(CENT, ROUND_HALF_EVEN)


class ExampleRates(Part):
    """A file of made-up rates, for days on which an organisation has set none; it says itself that it is an example."""

    about: str
    example: Literal[True]
    rates: tuple[Rate, ...]


@dataclass(frozen=True)
class RateTable:
    """The rates of one organisation; two of one discipline never begin on the same day, so none overlap.

    `examples` are made-up values that stand in for days on which the organisation has set none.
    """

    rates: tuple[Rate, ...]
    examples: tuple[Rate, ...] = ()

    def on(self, day: date, discipline: Discipline | None) -> tuple[Rate | None, bool]:
        """The rate in force on a day, and whether it is an example.

        The discipline's own comes first, then the one of every discipline, then the examples in the same order.
        """
        for rates in (self.rates, self.examples):
            found = newest(rates, day, discipline) or newest(rates, day, None)
            if found:
                return found, rates is self.examples
        return None, False

    def with_rate(self, new: Rate) -> "RateTable":
        """The table with one more rate, or another one from that day on; days before stay as they are."""
        others = [rate for rate in self.rates if (rate.discipline, rate.valid_from) != (new.discipline, new.valid_from)]
        ordered = sorted([*others, new], key=lambda rate: (rate.valid_from, rate.discipline or ""))
        return RateTable(tuple(ordered), self.examples)

    def until(self, new: Rate) -> date | None:
        """The day on which a later rate of the same discipline takes over; None where none does."""
        later = (rate.valid_from for rate in self.rates if rate.discipline is new.discipline)
        return min((day for day in later if day > new.valid_from), default=None)


@dataclass(frozen=True)
class Tariffs:
    """The rates of every organisation; the examples stand in where one has none."""

    rates: Mapping[str, tuple[Rate, ...]]
    examples: tuple[Rate, ...] = ()

    def on(self, organisation: str, day: date, discipline: Discipline | None) -> tuple[Rate | None, bool]:
        """The rate in force for an organisation's work on a day, and whether it is an example."""
        return RateTable(self.rates.get(organisation, ()), self.examples).on(day, discipline)


def newest(rates: Iterable[Rate], day: date, discipline: Discipline | None) -> Rate | None:
    """The rate of exactly this discipline that began last before a day, or on it."""
    begun = (rate for rate in rates if rate.discipline is discipline and rate.valid_from <= day)
    return max(begun, key=lambda rate: rate.valid_from, default=None)


def months_touched(closed: Iterable[str], first: date, until: date | None) -> list[str]:
    """Those of the closed months (YYYY-MM) that have a day from `first` on and before `until`."""
    last = (until.strftime("%Y-%m"), until.day > 1) if until else None
    begun = (month for month in closed if month >= first.strftime("%Y-%m"))
    return sorted(month for month in begun if last is None or month < last[0] or (month == last[0] and last[1]))
