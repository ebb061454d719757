"""What intake tells of its topic model: that it was asked for, fitted, named. Never a word of it."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.events import Event


class FitKind(StrEnum):
    """What a fit does: everything anew, or the new notes on the model that there is."""

    FULL = "full"
    NEW_NOTES = "new-notes"


class FitFailure(StrEnum):
    """Why a fit gave no model."""

    TOO_FEW_NOTES = "too-few-notes"
    INTERRUPTED = "interrupted"


class TopicFitRequested(Event):
    """A topic model is to be fitted."""

    type: ClassVar[str] = "intake.topic-fit-requested.v1"
    fit_id: UUID
    kind: FitKind


class TopicFitCompleted(Event):
    """A fit is done; its topics are to be read at /intake/analytics/topics."""

    type: ClassVar[str] = "intake.topic-fit-completed.v1"
    fit_id: UUID
    kind: FitKind
    topics: int


class TopicFitFailed(Event):
    """A fit gave no model; the one before it stays."""

    type: ClassVar[str] = "intake.topic-fit-failed.v1"
    fit_id: UUID
    kind: FitKind
    failure: FitFailure


class TopicLabelled(Event):
    """Somebody gave a topic of the model a name, or took it back."""

    type: ClassVar[str] = "intake.topic-labelled.v1"
    topic_id: UUID
    fit_id: UUID


TOPICS = (TopicFitRequested, TopicFitCompleted, TopicFitFailed, TopicLabelled)
