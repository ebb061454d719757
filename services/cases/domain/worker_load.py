"""The load of a worker, as it stands and as it will stand on a day, by phase and by complexity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.cases.domain.caseload import ZERO, Effort, total
from services.cases.domain.weights import Weights

PAUSED, UNKNOWN = "paused", "unknown"


class Change(StrEnum):
    """What changes a load until a day: a case expected to end, a pause that ends, a case offered in or out."""

    ENDING = "ending"
    RESUMING = "resuming"
    ARRIVING = "arriving"
    LEAVING = "leaving"


@dataclass(frozen=True)
class Carried:
    """A case that a worker carries, and the days that will change its weight."""

    case_id: UUID
    effort: Effort
    resumes_on: date | None = None
    ends_on: date | None = None
    is_leaving: bool = False
    is_arriving: bool = False

    def change(self, on: date) -> Change | None:
        """What will have become of it on a day; an end goes before a pause."""
        if self.is_arriving:
            return Change.ARRIVING
        if self.is_leaving:
            return Change.LEAVING
        if self.ends_on and self.ends_on <= on:
            return Change.ENDING
        if self.effort.is_paused and self.resumes_on and self.resumes_on <= on:
            return Change.RESUMING
        return None

    def later(self, on: date) -> Effort | None:
        """Its effort on a day; None when the worker will not carry it any more."""
        change = self.change(on)
        if change in (Change.LEAVING, Change.ENDING):
            return None
        return replace(self.effort, is_paused=False) if change is Change.RESUMING else self.effort


@dataclass(frozen=True)
class Share:
    """Some of a load: how many cases, and their weight."""

    cases: int
    load: Decimal


@dataclass(frozen=True)
class Sum:
    """A load in whole and in parts."""

    cases: int
    load: Decimal
    by_phase: dict[str, Share]
    by_complexity: dict[str, Share]


def sum_of(efforts: Sequence[Effort], weights: Weights) -> Sum:
    """A load by phase (`paused` apart) and by level of complexity (`unknown` apart); the parts add up to the whole."""
    phases: dict[str, list[Effort]] = {}
    levels: dict[str, list[Effort]] = {}
    for each in efforts:
        phases.setdefault(PAUSED if each.is_paused else each.phase.value, []).append(each)
        levels.setdefault(each.level.value if each.level else UNKNOWN, []).append(each)
    return Sum(len(efforts), total(efforts, weights), shares(phases, weights), shares(levels, weights))


def shares(parts: dict[str, list[Effort]], weights: Weights) -> dict[str, Share]:
    """The shares of some parts, by name."""
    return {name: Share(len(parts[name]), total(parts[name], weights)) for name in sorted(parts)}


def current(carried: Iterable[Carried], weights: Weights) -> Sum:
    """The load as it stands: what is only offered to the worker does not count yet."""
    return sum_of([each.effort for each in carried if not each.is_arriving], weights)


def projected(carried: Sequence[Carried], on: date, weights: Weights) -> tuple[Sum, dict[Change, list[UUID]]]:
    """The load on a day, if all that is expected happens; and the cases behind each change."""
    later = [effort for each in carried if (effort := each.later(on)) is not None]
    changes = {kind: sorted(each.case_id for each in carried if each.change(on) is kind) for kind in Change}
    return sum_of(later, weights), {kind: cases for kind, cases in changes.items() if cases}


def room(load: Decimal, cap: int) -> Decimal:
    """What is left below the cap, never less than nothing."""
    return max(Decimal(cap) - load, ZERO)
