"""A fit of the topic model from its asking to its end, the topics that it gave, and two periods compared by them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.domain.topic_model import SEED, Theme
from services.intake.events.topics import (
    FitFailure,
    FitKind,
    TopicFitCompleted,
    TopicFitFailed,
    TopicFitRequested,
    TopicLabelled,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id

TURN = timedelta(minutes=10)
"""How long a process has a fit for itself before it must show a sign of life."""
TRIES = 3
SMALL = 5
"""A smaller number of notes is not told."""
STEP = 5
"""Numbers of notes are told in steps of so many, so that two of them cannot be told apart by one note."""
NAMED_BY = 3
"""A topic without a label is named by so many of its terms."""
SAME = 0.4
"""From this share of common terms on, a topic inherits the label of one of the model before."""

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


class FitUnderWay(DomainError):
    """A fit of the topic model is under way; see `fit_id`."""


class NoTopicModel(DomainError):
    """There is no topic model yet."""


class ImpossiblePeriod(DomainError):
    """These periods cannot be compared."""


class FitState(StrEnum):
    """How far a fit is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class TopicFit(BaseModel):
    """A fit. `wanted` is the number of topics asked for, None to let coherence choose; `progress` goes from 0 to 1."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    kind: FitKind
    wanted: int | None = None
    seed: int = SEED
    state: FitState = FitState.WAITING
    asked_by: str
    asked_at: datetime
    tries: int = 0
    turn_ends_at: datetime | None = None
    progress: float = 0.0
    notes: int = 0
    failure: FitFailure | None = None
    ended_at: datetime | None = None

    @classmethod
    def ask(
        cls, programme: str, kind: FitKind, wanted: int | None, subject: str, at: datetime
    ) -> tuple[Self, TopicFitRequested]:
        """A fit that waits for its turn."""
        fit = cls(id=new_id(), programme=programme, kind=kind, wanted=wanted, asked_by=subject, asked_at=at)
        return fit, TopicFitRequested(fit_id=fit.id, kind=kind)

    def take_turn(self, now: datetime) -> TopicFitFailed | None:
        """Begin, or begin again after a process that went away; fails after too many of them."""
        if self.tries >= TRIES:
            return self.fail(FitFailure.INTERRUPTED, now)
        self.state, self.progress, self.tries, self.turn_ends_at = FitState.RUNNING, 0.0, self.tries + 1, now + TURN
        return None

    def complete(self, notes: int, topics: int, now: datetime) -> TopicFitCompleted:
        """The model is there."""
        self.state, self.progress, self.notes, self.ended_at = FitState.DONE, 1.0, notes, now
        return TopicFitCompleted(fit_id=self.id, kind=self.kind, topics=topics)

    def fail(self, failure: FitFailure, now: datetime) -> TopicFitFailed:
        """There will be no model of this fit."""
        self.state, self.failure, self.ended_at = FitState.FAILED, failure, now
        return TopicFitFailed(fit_id=self.id, kind=self.kind, failure=failure)


class ModelTopic(BaseModel):
    """A topic of a model. `label` is a person's name for it; `documents` counts the notes placed since, too."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    fit_id: UUID
    number: int
    terms: tuple[str, ...]
    coherence: float
    documents: int
    label: str | None = None
    labelled_by: str | None = None

    @classmethod
    def of(cls, theme: Theme, fit: TopicFit, before: Sequence["ModelTopic"]) -> Self:
        """A topic of a new model; one that is much like a labelled topic of the model before keeps its label."""
        like = inherited(theme, before)
        return cls(
            id=new_id(),
            programme=fit.programme,
            fit_id=fit.id,
            number=theme.number,
            terms=theme.terms,
            coherence=theme.coherence,
            documents=theme.documents,
            label=like.label if like else None,
            labelled_by=like.labelled_by if like else None,
        )

    @property
    def name(self) -> str:
        """What a person called it, else its strongest words."""
        return self.label or ", ".join(self.terms[:NAMED_BY])

    def call(self, label: str | None, subject: str) -> TopicLabelled:
        """Give it a name, or none any more."""
        self.label, self.labelled_by = label, subject if label else None
        return TopicLabelled(topic_id=self.id, fit_id=self.fit_id)


def inherited(theme: Theme, before: Sequence[ModelTopic]) -> ModelTopic | None:
    """The labelled topic of the model before that has most terms in common, if enough."""

    def common(topic: ModelTopic) -> float:
        return len({*topic.terms} & {*theme.terms}) / len({*topic.terms} | {*theme.terms})

    nearest = max((topic for topic in before if topic.label), key=common, default=None)
    return nearest if nearest and common(nearest) >= SAME else None


def about(notes: int) -> int | None:
    """A number of notes as it may be told: in steps, None where it is small."""
    return None if notes < SMALL else STEP * round(notes / STEP)


class Period(BaseModel):
    """Whole calendar months, the last one included."""

    first: date
    after: date

    @classmethod
    def of(cls, begin: str, end: str, names: tuple[str, str]) -> Self:
        """From one month (YYYY-MM) to another; raises ImpossiblePeriod pointing at the query's `names`."""
        first, last = month(begin, names[0]), month(end, names[1])
        if last < first:
            raise ImpossiblePeriod(faults=[Fault(f"/query/{names[1]}", "before-start")])
        return cls(first=first, after=(last + timedelta(days=31)).replace(day=1))

    def refuse_overlap(self, other: "Period") -> None:
        """Raise ImpossiblePeriod where the two have a month in common."""
        if self.first < other.after and other.first < self.after:
            raise ImpossiblePeriod(faults=[Fault("/query/against_from", "overlaps")])


def month(told: str, name: str) -> date:
    """The first day of a month."""
    found = _MONTH.fullmatch(told)
    if found is None:
        raise ImpossiblePeriod(faults=[Fault(f"/query/{name}", "not-a-month")])
    return date(int(found[1]), int(found[2]), 1)


class Share(BaseModel):
    """A topic in a period. Both are None where there are too few notes to be told."""

    notes: int | None = Field(description="Notes, in steps of 5; null under 5")
    share: float | None = Field(description="Of the period's notes that stand in a topic; null under 5 notes")


def shares(counted: Mapping[int | None, int], numbers: Sequence[int], name: str) -> tuple[int, list[Share]]:
    """The notes of a period, in steps, and the share of each topic; raises ImpossiblePeriod where there are too few."""
    whole = about(sum(counted.get(number, 0) for number in numbers))
    if whole is None:
        raise ImpossiblePeriod(faults=[Fault(f"/query/{name}", "too-few-notes")])
    told = [about(counted.get(number, 0)) for number in numbers]
    return whole, [Share(notes=each, share=None if each is None else min(1.0, round(each / whole, 2))) for each in told]
