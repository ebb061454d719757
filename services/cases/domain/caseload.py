"""What a worker carries: the weight of each case, the cap, and what one case more would make of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from math import prod

from services.cases.domain.states import Phase
from services.cases.domain.weights import Level, Weights, hundredths
from shared.errors import DomainError

ZERO, ONE = Decimal(0), Decimal(1)


class CaseloadFull(DomainError):
    """With this case the worker carries more than the programme allows; assigning it all the same needs a reason."""


@dataclass(frozen=True)
class Load:
    """A worker's other cases and their weight, the cap, and the weight of the case to come.

    `weighted` is by default one point per case.
    """

    open: int
    cap: int
    weighted: Decimal | None = None
    added: Decimal = ONE

    @property
    def carried(self) -> Decimal:
        """The weight of the cases that the worker has."""
        return Decimal(self.open) if self.weighted is None else self.weighted

    @property
    def is_over(self) -> bool:
        """Whether one more is more than the cap."""
        return self.carried + self.added > self.cap

    def allow_one_more(self, reason: str | None) -> None:
        """Raise CaseloadFull where one more is more than the cap, unless there is a reason."""
        if self.is_over and not reason:
            weights = {"load": str(self.carried), "case_weight": str(self.added)}
            raise CaseloadFull(facts={"open": self.open, "cap": self.cap, **weights})


class TravelSource(StrEnum):
    """Where the minutes on the way come from."""

    VISITS = "visits"
    DECLARED = "declared"
    UNKNOWN = "unknown"


def travel_of(declared: int | None, visits: Sequence[int], weights: Weights) -> tuple[int | None, TravelSource]:
    """Minutes per visit, rounded down: the mean of the newest visits once there are enough, else what was declared.

    `visits` has the minutes of the visits made, the newest first.
    """
    read = visits[: weights.travel.visits_read]
    if read and (len(read) >= weights.travel.visits_needed or declared is None):
        return sum(read) // len(read), TravelSource.VISITS
    return (declared, TravelSource.DECLARED) if declared is not None else (None, TravelSource.UNKNOWN)


@dataclass(frozen=True)
class Effort:
    """What decides how heavy a case is. `points` are those of the complexity; `is_second`: a second worker's part."""

    level: Level | None
    travel_minutes: int | None
    phase: Phase
    is_paused: bool = False
    is_second: bool = False
    points: int | None = None
    travel_source: TravelSource = TravelSource.UNKNOWN

    def of(self, is_second: bool) -> "Effort":
        """The same case as its owner, or as its second worker carries it."""
        return replace(self, is_second=is_second)

    def weight(self, weights: Weights) -> Decimal:
        """complexity x travel x phase (or the weight of a pause), and the second worker's part of it."""
        factors = (weights.of_level(self.level), weights.of_travel(self.travel_minutes))
        return hundredths(prod((*factors, self.stage_weight(weights), self.share(weights)), start=ONE))

    def stage_weight(self, weights: Weights) -> Decimal:
        """What its phase weighs, or a pause."""
        return weights.paused if self.is_paused else weights.phase[self.phase]

    def share(self, weights: Weights) -> Decimal:
        """The part that this worker carries."""
        return weights.second_worker if self.is_second else ONE


def total(efforts: Iterable[Effort], weights: Weights) -> Decimal:
    """The weight of several cases."""
    return hundredths(sum((each.weight(weights) for each in efforts), ZERO))
