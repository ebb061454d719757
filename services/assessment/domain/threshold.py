"""Cut-offs live apart from instruments: each is dated, has its source, and never overlaps another of its kind."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PlainSerializer, ValidationError, model_validator

from services.assessment.domain.instrument import Frozen, InvalidInstrument, Labels
from shared.errors import DomainError, Fault


class RefusedThreshold(DomainError):
    """The cut-off overlaps another of its kind, or reads what its instrument does not have."""


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
    """One version of a cut-off: any of its conditions is enough. In force on both its first and its last day.

    `replaces` names the open-ended version of the same cut-off that ends on the day before this one begins.
    """

    instrument: str
    editions: tuple[str, ...] = Field(min_length=1)
    code: str
    labels: Labels
    any_of: tuple[Condition, ...] = Field(min_length=1)
    valid_from: date
    valid_to: date | None
    rule_version: str
    source: str
    replaces: str | None = None

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"{self.rule_version} ends before it begins")
        return self

    def in_force(self, day: date) -> bool:
        """Whether it holds on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def ending_before(self, day: date) -> Self:
        """This version, in force until the day before."""
        return self.model_copy(update={"valid_to": day - timedelta(days=1)})

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

    def find(self, instrument: str, code: str, rule_version: str) -> Threshold | None:
        """One version of a cut-off, or None."""
        wanted = (instrument, code, rule_version)
        return next((each for each in self.versions if (each.instrument, each.code, each.rule_version) == wanted), None)

    def joined(self, new: Threshold) -> Self:
        """These and one more, which may end an open one; raises RefusedThreshold where it overlaps."""
        ended = [each if not _replaces(new, each) else each.ending_before(new.valid_from) for each in self.versions]
        if any(each.overlaps(new) for each in ended):
            raise RefusedThreshold(faults=[Fault("/valid_from", "overlaps")])
        return self.model_copy(update={"versions": (*ended, new)})

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


def _replaces(new: Threshold, old: Threshold) -> bool:
    same = (new.instrument, new.code, new.replaces) == (old.instrument, old.code, old.rule_version)
    return same and old.valid_to is None and old.valid_from < new.valid_from


def _any(said: Iterable[bool | None]) -> bool | None:
    known: Sequence[bool] = [one for one in said if one is not None]
    return any(known) if known else None


def load_thresholds(source: Path) -> Thresholds:
    """Read and check the dated cut-offs; raises InvalidInstrument, OSError."""
    try:
        return Thresholds.model_validate_json(source.read_bytes())
    except ValidationError as error:
        raise InvalidInstrument(str(error)) from error
