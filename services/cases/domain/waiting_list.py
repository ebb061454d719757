"""The waiting list: complexity first, then time. Never a diagnosis, never an age; nothing of them is known here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from services.cases.domain.weights import Level, Weights
from services.cases.events import Discipline, Urgency, WantedDiscipline


class Rule(StrEnum):
    """By what a case has its level on the list: its complexity or, while that is not known, its urgency."""

    COMPLEXITY = "complexity"
    PROVISIONAL_URGENT = "provisional-urgent"
    PROVISIONAL_ROUTINE = "provisional-routine"


class Decider(StrEnum):
    """What puts a case behind the one before it: the parts of the order, from the first to the last."""

    LEVEL = "level"
    POINTS = "points"
    URGENCY = "urgency"
    TIME = "time"
    ID = "id"


PROVISIONAL = {Urgency.URGENT: Rule.PROVISIONAL_URGENT, Urgency.ROUTINE: Rule.PROVISIONAL_ROUTINE}

Key = tuple[int, int, int, datetime, UUID]


@dataclass(frozen=True)
class Request:
    """A case that nobody owns yet. `opened_at` is when it was requested: no later edit changes it."""

    case_id: UUID
    organisation: str
    urgency: Urgency
    opened_at: datetime
    level: Level | None = None
    points: int | None = None

    @property
    def rule(self) -> Rule:
        """By what it has its level."""
        return Rule.COMPLEXITY if self.level else PROVISIONAL[self.urgency]

    def placed_at(self, weights: Weights) -> Level:
        """The level that it waits at: its own or, while that is not known, the one of its urgency."""
        return self.level or weights.complexity.unknown_placed[self.urgency]

    def key(self, weights: Weights) -> Key:
        """Its place: level, points (whoever's are not known behind all others of the level), urgency, time, id."""
        points = -1 if self.level is None or self.points is None else self.points
        urgency = list(Urgency)[::-1].index(self.urgency)
        return list(Level).index(self.placed_at(weights)), -points, urgency, self.opened_at, self.case_id


@dataclass(frozen=True)
class Place:
    """A place on the list of an organisation, from 1; `behind_by` is None for the first."""

    rank: int
    request: Request
    placed_at: Level
    behind_by: Decider | None


def ranked(requests: Iterable[Request], weights: Weights) -> list[Place]:
    """The list of one organisation: the same for the same requests, in whatever order they come."""
    keyed = sorted((each.key(weights), each) for each in requests)
    behind = [None, *(decider(former[0], latter[0]) for former, latter in pairwise(keyed))]
    return [
        Place(rank, each, each.placed_at(weights), why)
        for rank, ((_, each), why) in enumerate(zip(keyed, behind, strict=False), start=1)
    ]


def decider(former: Key, latter: Key) -> Decider:
    """The first part of the order in which two differ."""
    return next(part for part, one, other in zip(Decider, former, latter, strict=True) if one != other)


def fits(wanted: WantedDiscipline | None, discipline: Discipline) -> bool:
    """Whether a worker of this discipline can take the case, alone or as one of two."""
    return wanted in (None, WantedDiscipline.BOTH) or wanted == discipline.value


def listed_by_organisation(requests: Sequence[Request], weights: Weights) -> list[Place]:
    """The lists of several organisations, one after the other by code."""
    codes = sorted({each.organisation for each in requests})
    return [
        place for code in codes for place in ranked([each for each in requests if each.organisation == code], weights)
    ]
