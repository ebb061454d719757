"""Confidence intervals of 95 %: of a mean, of a proportion, of a rate. Exact decimals, no outside library.

- Mean: Student's t, two-sided. The quantile is that of the table row at or below the degrees of freedom, so that
  between two rows of the table the interval is slightly too wide, never too narrow.
- Proportion: Wilson's score interval without continuity correction (Wilson 1927), z = 1.959964.
- Rate of events per person-time: Byar's approximation to the exact Poisson limits (Breslow and Day 1987). It takes
  the stays as independent of each other, which stays of one person are not quite.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from services.assessment.domain.form_scoring import Number
from services.assessment.domain.instrument import Frozen

Z = Decimal("1.959964")

_T_TO_30 = (
    "12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 2.160 2.145 2.131 "
    "2.120 2.110 2.101 2.093 2.086 2.080 2.074 2.069 2.064 2.060 2.056 2.052 2.048 2.045 2.042"
)
_T = {number: Decimal(value) for number, value in enumerate(_T_TO_30.split(), start=1)}
_T |= {40: Decimal("2.021"), 60: Decimal("2.000"), 80: Decimal("1.990"), 100: Decimal("1.984"), 120: Decimal("1.980")}
_T |= {1000: Decimal("1.962")}

HALF_UP_2 = Decimal("0.01")
HALF_UP_4 = Decimal("0.0001")


class Estimate(Frozen):
    """A number with its interval; the interval is null where one value alone tells of no spread."""

    value: Number
    low: Number | None
    high: Number | None


def t_quantile(degrees: int) -> Decimal:
    """The 97.5 % quantile of Student's t, 3 places; `degrees` from 1."""
    return _T[max(known for known in _T if known <= degrees)]


def rounded(value: Decimal, to: Decimal) -> Decimal:
    """Half up."""
    return value.quantize(to, rounding=ROUND_HALF_UP)


def mean_of(values: Sequence[Decimal]) -> Estimate:
    """The mean with its interval, 2 places. At least one value."""
    n = len(values)
    mean = sum(values, Decimal(0)) / n
    if n == 1:
        return Estimate(value=rounded(mean, HALF_UP_2), low=None, high=None)
    variance = sum(((value - mean) ** 2 for value in values), Decimal(0)) / (n - 1)
    half = t_quantile(n - 1) * (variance / n).sqrt()
    low, high = (rounded(limit, HALF_UP_2) for limit in (mean - half, mean + half))
    return Estimate(value=rounded(mean, HALF_UP_2), low=low, high=high)


def proportion_of(part: int, whole: int) -> Estimate:
    """A proportion with Wilson's interval, 4 places. `whole` from 1."""
    p, n, z2 = Decimal(part) / whole, Decimal(whole), Z * Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * (p * (1 - p) / n + z2 / (4 * n * n)).sqrt() / (1 + z2 / n)
    low, high = max(centre - half, Decimal(0)), min(centre + half, Decimal(1))
    return Estimate(value=rounded(p, HALF_UP_4), low=rounded(low, HALF_UP_4), high=rounded(high, HALF_UP_4))


def rate_of(events: int, time: Decimal) -> Estimate:
    """Events per unit of time with Byar's interval, 4 places. `time` above 0."""
    low, high = Decimal(0), _byar(events + 1, Z) / time
    if events:
        low = _byar(events, -Z) / time
    return Estimate(value=rounded(events / time, HALF_UP_4), low=rounded(low, HALF_UP_4), high=rounded(high, HALF_UP_4))


def _byar(events: int, z: Decimal) -> Decimal:
    count = Decimal(events)
    return count * (1 - 1 / (9 * count) + z / (3 * count.sqrt())) ** 3
