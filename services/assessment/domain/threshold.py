"""Cut-offs live apart from instruments: each is dated, has its source, and never overlaps another of its kind."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PlainSerializer, ValidationError, model_validator

from services.assessment.domain.instrument import Frozen, InvalidInstrument, Labels

Value = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class Side(StrEnum):
    """On which side of the value a result is remarkable."""

    AT_LEAST = "at_least"
    BELOW = "below"


class Condition(Frozen):
    """One result on one side of a value; `results` are added up before (an unknown one counts as nothing)."""

    results: tuple[str, ...] = Field(min_length=1)
    side: Side
    value: Value

    def holds(self, known: dict[str, Decimal]) -> bool | None:
        """Whether it holds; None when none of its results is known."""
        values = [known[code] for code in self.results if code in known]
        if not values:
            return None
        total = sum(values, Decimal(0))
        return total >= self.value if self.side is Side.AT_LEAST else total < self.value


class Threshold(Frozen):
    """One version of a cut-off: any of its conditions is enough. In force on both its first and its last day."""

    instrument: str
    editions: tuple[str, ...] = Field(min_length=1)
    code: str
    labels: Labels
    any_of: tuple[Condition, ...] = Field(min_length=1)
    valid_from: date
    valid_to: date | None
    rule_version: str
    source: str

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"{self.rule_version} ends before it begins")
        return self

    def in_force(self, day: date) -> bool:
        """Whether it holds on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: "Threshold") -> bool:
        """Whether both speak of the same on some day."""
        if (self.instrument, self.code) != (other.instrument, other.code) or not set(self.editions) & set(
            other.editions
        ):
            return False
        return self.valid_from <= (other.valid_to or date.max) and other.valid_from <= (self.valid_to or date.max)


class Crossed(Frozen):
    """What a cut-off says of a result; `crossed` null when the results it reads are not known."""

    code: str
    labels: Labels
    crossed: bool | None
    rule_version: str
    source: str


class Thresholds(Frozen):
    """Every cut-off in all its versions."""

    versions: tuple[Threshold, ...] = ()

    @model_validator(mode="after")
    def _never_overlap(self) -> Self:
        for one, other in combinations(self.versions, 2):
            if one.overlaps(other):
                raise ValueError(f"{other.rule_version} overlaps {one.rule_version}")
        return self

    def judge(self, instrument: str, edition: str, known: dict[str, Decimal], day: date) -> tuple[Crossed, ...]:
        """What the cut-offs in force on that day say of the results; of a partial sum give the lower bound."""
        return tuple(
            Crossed(
                code=each.code,
                labels=each.labels,
                crossed=_any(condition.holds(known) for condition in each.any_of),
                rule_version=each.rule_version,
                source=each.source,
            )
            for each in self.versions
            if each.instrument == instrument and edition in each.editions and each.in_force(day)
        )


def _any(said: Iterable[bool | None]) -> bool | None:
    known: Sequence[bool] = [one for one in said if one is not None]
    return any(known) if known else None


def load_thresholds(source: Path) -> Thresholds:
    """Read and check the dated cut-offs; raises InvalidInstrument, OSError."""
    try:
        return Thresholds.model_validate_json(source.read_bytes())
    except ValidationError as error:
        raise InvalidInstrument(str(error)) from error
