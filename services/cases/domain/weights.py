"""The weights of a caseload and the levels of complexity, as data that an operator may replace."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictInt, model_validator

from services.cases.domain.states import Phase
from services.cases.domain.words import Line, Part
from services.cases.events import Urgency

HUNDREDTH = Decimal("0.01")

Weight = Annotated[Decimal, Field(ge=0, le=10, max_digits=4, decimal_places=2)]
Points = Annotated[StrictInt, Field(ge=0, le=100)]


class Level(StrEnum):
    """How complex the needs around a person are, the most complex first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Finding(StrEnum):
    """What an assessment says about one dimension of complexity."""

    DOMINANT = "dominant"
    PRESENT = "present"
    NONE = "none"
    NOT_ASSESSED = "not_assessed"


class LevelWeight(Part):
    """A level: from how many points on, and how heavy a case of it is."""

    level: Level
    from_points: Points
    weight: Weight


class TravelBand(Part):
    """How heavy a case is from so many minutes on the way per visit on, both directions."""

    from_minutes: Annotated[StrictInt, Field(ge=0, le=1440)]
    weight: Weight


class ComplexityWeights(Part):
    """How dimensions add up to a level, what a level weighs, and what holds while none is known."""

    points: Mapping[Finding, Points]
    levels: tuple[LevelWeight, ...]
    unknown_weight: Weight = Field(description="Of a case whose complexity is not known")
    unknown_placed: Mapping[Urgency, Level] = Field(
        description="The level that a case waits at while its complexity is not known, by urgency"
    )

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Every finding, level and urgency once; the levels from the highest down to zero points."""
        starts = [each.from_points for each in self.levels]
        if [each.level for each in self.levels] != list(Level) or starts != sorted(set(starts), reverse=True):
            raise ValueError("levels: each once, from the highest down, with falling points")
        if starts[-1] != 0:
            raise ValueError("levels: the lowest begins at zero points")
        if set(self.points) != set(Finding) or set(self.unknown_placed) != set(Urgency):
            raise ValueError("points and unknown_placed: each code once")
        return self


class TravelWeights(Part):
    """How the way to a person weighs, and how many visits tell it."""

    bands: tuple[TravelBand, ...]
    unknown_weight: Weight
    visits_read: Annotated[StrictInt, Field(ge=1, le=50)] = Field(description="The newest visits whose mean counts")
    visits_needed: Annotated[StrictInt, Field(ge=1, le=50)] = Field(
        description="From so many visits on their mean goes before what was declared"
    )

    @model_validator(mode="after")
    def rising(self) -> Self:
        """The bands rise from zero minutes; no more visits are needed than are read."""
        starts = [each.from_minutes for each in self.bands]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError("bands: rising, from zero minutes on")
        if self.visits_needed > self.visits_read:
            raise ValueError("visits_needed: at most visits_read")
        return self


class Weights(Part):
    """What a case weighs in the caseload of its worker.

    weight = complexity x travel x phase (or `paused` while it rests), times `second_worker` for a second worker,
    rounded half up to hundredths. One point is a new case of medium complexity near by.
    """

    version: Line
    about: Line
    complexity: ComplexityWeights
    travel: TravelWeights
    phase: Mapping[Phase, Weight]
    paused: Weight
    second_worker: Weight = Field(description="The part of the weight that a second worker carries")

    @model_validator(mode="after")
    def all_phases(self) -> Self:
        """Every phase has its weight."""
        if set(self.phase) != set(Phase):
            raise ValueError("phase: each once")
        return self

    def level_of(self, points: int) -> Level:
        """The level that so many points reach."""
        return next(each.level for each in self.complexity.levels if points >= each.from_points)

    def of_level(self, level: Level | None) -> Decimal:
        """What a level weighs; None where it is not known."""
        known = {each.level: each.weight for each in self.complexity.levels}
        return known[level] if level else self.complexity.unknown_weight

    def of_travel(self, minutes: int | None) -> Decimal:
        """What so many minutes on the way weigh; None where they are not known."""
        if minutes is None:
            return self.travel.unknown_weight
        return next(each.weight for each in reversed(self.travel.bands) if minutes >= each.from_minutes)


def hundredths(value: Decimal) -> Decimal:
    """A weight in hundredths, halves up."""
    return value.quantize(HUNDREDTH, ROUND_HALF_UP)
