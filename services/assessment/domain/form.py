"""An instrument with items instead of cards, as data: a questionnaire, points from inputs, or results of others alone.

One definition covers them: items with their allowed values, and scales that add or average items or other scales.
An instrument without scales keeps results as they were sent and computes nothing (licensed instruments).
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from services.assessment.domain.instrument import (
    AbsentReason,
    Dimension,
    Direction,
    Frozen,
    Labels,
    Language,
    Rater,
    Rights,
    repeated,
)

Code = str


class Option(Frozen):
    """One allowed value of an item, with its label where the rights allow one."""

    value: Decimal
    code: str | None = None
    labels: Labels | None = None


class Band(Frozen):
    """Points from this value on (inclusive), up to the next band."""

    at_least: Decimal
    points: Decimal


class Item(Frozen):
    """One item. Its values are a list of options, or a range with a step; `bands` turn the value into points.

    `reverse` mirrors the value inside its range before it counts. Without `labels` the code is shown.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    order: int
    required: bool = True
    sensitive: bool = False
    dimension: Dimension | None = None
    labels: Labels | None = None
    options: tuple[Option, ...] = ()
    lowest: Decimal | None = None
    highest: Decimal | None = None
    step: Decimal = Decimal(1)
    reverse: bool = False
    bands: tuple[Band, ...] = ()
    missing: tuple[AbsentReason, ...] = (AbsentReason.DECLINED, AbsentReason.UNKNOWN, AbsentReason.NOT_ASKED)

    @property
    def range(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest value, in the item's own unit."""
        values = [option.value for option in self.options]
        if values:
            return min(values), max(values)
        return self.lowest or Decimal(0), self.highest if self.highest is not None else Decimal(0)

    def allows(self, value: Decimal) -> bool:
        """Whether this is one of the item's values."""
        if self.options:
            return any(option.value == value for option in self.options)
        low, high = self.range
        return low <= value <= high and (value - low) % self.step == 0

    def counted(self, value: Decimal) -> Decimal:
        """What the value adds to a scale: mirrored or turned into points where the definition says so."""
        low, high = self.range
        turned = low + high - value if self.reverse else value
        if not self.bands:
            return turned
        return max((band for band in self.bands if band.at_least <= turned), key=lambda band: band.at_least).points

    @property
    def extremes(self) -> tuple[Decimal, Decimal]:
        """The least and the most that the item can add to a scale."""
        if self.bands:
            points = [band.points for band in self.bands]
            return min(points), max(points)
        return self.range


class ItemScale(Frozen):
    """A number made of items, or of other scales: their sum or their mean, then multiplied.

    With fewer than `min_answered` values there is no number; null means that every value is needed.
    `places` are the decimals of the result, half up.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    order: int
    rule: Literal["sum", "mean"]
    items: tuple[Code, ...] = ()
    scales: tuple[Code, ...] = ()
    multiply: Decimal = Decimal(1)
    min_answered: int | None = Field(default=None, ge=1)
    places: int = Field(default=0, ge=0, le=4)
    labels: Labels | None = None


class Form(Frozen):
    """One edition of an instrument with items. An answer keeps the version it was given under for ever."""

    method: Literal["items"]
    code: str = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")
    edition: str
    spec_version: str
    scoring_version: str
    name: str
    full_name_fr: str
    status: str
    direction: Direction
    reference_window: str | None
    source: str = Field(description="Where the scoring rule comes from")
    rights: Rights
    languages: tuple[Language, ...]
    rater_types: tuple[Rater, ...]
    items: tuple[Item, ...] = Field(min_length=1)
    scales: tuple[ItemScale, ...] = ()

    @property
    def results_only(self) -> bool:
        """Whether results of others are kept and nothing is computed."""
        return not self.scales

    def item(self, code: str) -> Item:
        """The item of this code; KeyError when there is none."""
        return {item.code: item for item in self.items}[code]

    @property
    def in_order(self) -> tuple[ItemScale, ...]:
        """The scales, each after those it is made of."""
        return tuple(_sorted(self.scales))

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        problems = [
            *repeated("item", (item.code for item in self.items)),
            *repeated("scale", (scale.code for scale in self.scales)),
            *(problem for item in self.items for problem in _item_problems(item)),
            *(problem for scale in self.scales for problem in self._scale_problems(scale)),
        ]
        if not problems and len(list(_sorted(self.scales))) != len(self.scales):
            problems = ["scales: a scale is made of itself"]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _scale_problems(self, scale: ItemScale) -> Iterator[str]:
        items, scales = {item.code for item in self.items}, {each.code for each in self.scales}
        if not set(scale.items) <= items or not set(scale.scales) <= scales:
            yield f"scale {scale.code}: unknown reference"
        if bool(scale.items) is bool(scale.scales):
            yield f"scale {scale.code}: made of items or of scales, one of them"
        if (scale.min_answered or 1) > len(scale.items or scale.scales):
            yield f"scale {scale.code}: asks for more answers than it has"


def _sorted(scales: Iterable[ItemScale]) -> Iterator[ItemScale]:
    waiting, known = list(scales), set[str]()
    while ready := [scale for scale in waiting if set(scale.scales) <= known]:
        yield from ready
        known |= {scale.code for scale in ready}
        waiting = [scale for scale in waiting if scale.code not in known]


def _item_problems(item: Item) -> Iterator[str]:
    if bool(item.options) is (item.highest is not None):
        yield f"item {item.code}: either options or a range"
    low, high = item.range
    if low > high or item.step <= 0:
        yield f"item {item.code}: an empty range"
    if item.bands and min(band.at_least for band in item.bands) > low:
        yield f"item {item.code}: no band for the lowest value"
