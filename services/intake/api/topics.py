"""Routes of the topic model: have it fitted, read its topics, name them, compare two periods. Never a note."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from services.intake.api.doors import (
    Body,
    MayFitTopics,
    MayLabelTopic,
    MayReadTopics,
    PlacesDep,
    TopicFitsDep,
    TopicModelsDep,
    TopicNotesDep,
    router,
)
from services.intake.domain.identity import Line
from services.intake.domain.topic_fit import FitState, NoTopicModel, Period, Share, about, shares
from services.intake.domain.topic_model import LEAST_NOTES, TooFewNotes
from services.intake.events.topics import FitFailure, FitKind
from services.intake.store import ModelTopicRow, TopicFitRow, TopicModelRow
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.requests import ClockDep, IfMatch, Tag

MONTH = "A month, YYYY-MM"
Month = Annotated[str, Query(max_length=7, description=MONTH)]


class NewFit(Body):
    """What to fit."""

    kind: FitKind = FitKind.FULL
    topics: int | None = Field(default=None, ge=2, le=40, description="By default as many as there are themes")


class FitView(BaseModel):
    """A fit of the topic model."""

    id: UUID
    kind: FitKind
    topics: int | None = Field(description="How many topics were asked for")
    seed: int
    state: FitState
    progress: float = Field(description="From 0 to 1")
    notes: int | None = Field(description="Notes that it read, in steps of 5; null under 5")
    failure: FitFailure | None
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, fit: TopicFitRow) -> Self:
        told = {name: getattr(fit, name) for name in cls.model_fields if name not in {"topics", "notes"}}
        return cls(**told, topics=fit.wanted, notes=about(fit.notes))


class TopicView(BaseModel):
    """A topic of the model."""

    id: UUID
    name: str = Field(description="Its label, else its three strongest words")
    label: str | None
    labelled_by: str | None
    terms: list[str] = Field(description="The strongest words first, as they are mostly written")
    documents: int | None = Field(description="Notes whose strongest topic it is, in steps of 5; null under 5")
    coherence: float = Field(description="c_v of its terms, 0 to 1")

    @classmethod
    def of(cls, topic: ModelTopicRow) -> Self:
        told = {name: getattr(topic, name) for name in ("id", "name", "label", "labelled_by", "coherence")}
        return cls(**told, terms=list(topic.terms), documents=about(topic.documents))


class TopicsView(BaseModel):
    """The topic model of the programme."""

    fit_id: UUID
    fitted_at: datetime
    seed: int
    coherence: float = Field(description="Mean c_v of the topics, 0 to 1")
    notes: int | None = Field(description="Notes that stand in a topic, in steps of 5")
    placed_since: int | None = Field(description="Of them, placed since the full fit; null under 5")
    unplaced: int | None = Field(description="Notes without a word that counts; null under 5")
    words: int = Field(description="Stems in the model")
    first_on: date | None = Field(description="The first month of its notes, as its first day")
    last_on: date | None = Field(description="The last month of its notes, as its first day")
    topics: list[TopicView] = Field(description="The one of most notes first")

    @classmethod
    def of(cls, model: TopicModelRow, topics: list[ModelTopicRow]) -> Self:
        told = {name: getattr(model, name) for name in ("fit_id", "fitted_at", "seed", "coherence", "words")}
        counts = {name: about(getattr(model, name)) for name in ("notes", "placed_since", "unplaced")}
        days = {name: day and day.replace(day=1) for name in ("first_on", "last_on") if (day := getattr(model, name))}
        return cls(
            **told, **counts, first_on=days.get("first_on"), last_on=days.get("last_on"),
            topics=[TopicView.of(topic) for topic in topics],
        )  # fmt: skip


class Label(Body):
    """A name for a topic."""

    label: Line | None = Field(description="Null takes it back; must not name anybody")


class Compared(BaseModel):
    """A topic in two periods."""

    id: UUID
    name: str
    period: Share
    against: Share
    change: float | None = Field(description="Share in the period less share in the other; null when one is not told")


class ComparisonView(BaseModel):
    """Two periods by the topics of the model."""

    fit_id: UUID
    notes: int = Field(description="Notes of the period, in steps of 5")
    against_notes: int
    topics: list[Compared]


@router.post("/analytics/topics/fits", status_code=202)
async def ask_for_fit(
    body: NewFit,
    fits: TopicFitsDep,
    models: TopicModelsDep,
    notes: TopicNotesDep,
    clock: ClockDep,
    caller: MayFitTopics,
    response: Response,
) -> FitView:
    """Have a model fitted in the background, or the new notes placed on the one there is. 409 when there are too few
    notes, no model to place them on, or a fit under way."""
    programme = caller.organisation
    if body.kind is FitKind.NEW_NOTES and await models.of(programme) is None:
        raise NoTopicModel
    count = await notes.count(programme, LEAST_NOTES)
    if count < LEAST_NOTES:
        raise TooFewNotes(facts={"least": LEAST_NOTES})
    fit, fact = TopicFitRow.ask(programme, body.kind, body.topics, caller.subject, clock.now())
    await fits.ask(fit, fact)
    response.headers["location"] = f"/intake/analytics/topics/fits/{fit.id}"
    return FitView.of(fit)


@router.get("/analytics/topics/fits")
async def list_fits(fits: TopicFitsDep, paging: PagingDep, caller: MayReadTopics) -> Page[FitView]:
    """The fits, the latest first."""
    rows = await fits.page(caller, paging.limit, paging.after)
    return paging.page([FitView.of(row) for row in rows], [(row.id,) for row in rows])


@router.get("/analytics/topics/fits/{fit_id:uuid}")
async def read_fit(fit_id: UUID, fits: TopicFitsDep, caller: MayReadTopics) -> FitView:
    """How far a fit is, or what came of it."""
    return FitView.of(await fits.get(fit_id, caller))


@router.get("/analytics/topics")
async def read_topics(models: TopicModelsDep, caller: MayReadTopics) -> TopicsView:
    """The topics of the programme's model; 404 before the first fit."""
    model = await models.of(caller.organisation)
    if model is None:
        raise NotFound
    return TopicsView.of(model, await models.topics(caller.organisation))


@router.get("/analytics/topics/comparison")
async def compare_periods(
    models: TopicModelsDep,
    places: PlacesDep,
    caller: MayReadTopics,
    begin: Annotated[str, Query(alias="from", max_length=7, description=MONTH)],
    to: Month,
    against_from: Month,
    against_to: Month,
) -> ComparisonView:
    """The share of each topic in two periods of whole months, small ones hidden."""
    period = Period.of(begin, to, ("from", "to"))
    other = Period.of(against_from, against_to, ("against_from", "against_to"))
    period.refuse_overlap(other)
    model = await models.of(caller.organisation)
    if model is None:
        raise NoTopicModel
    topics = await models.topics(caller.organisation)
    numbers = [topic.number for topic in topics]
    whole, these = shares(await places.counted(model.fit_id, period), numbers, "from")
    against, those = shares(await places.counted(model.fit_id, other), numbers, "against_from")
    compared = [
        Compared(id=topic.id, name=topic.name, period=this, against=that, change=change(this, that))
        for topic, this, that in zip(topics, these, those, strict=True)
    ]
    return ComparisonView(fit_id=model.fit_id, notes=whole, against_notes=against, topics=compared)


def change(this: Share, that: Share) -> float | None:
    """How much a share grew."""
    return None if this.share is None or that.share is None else round(this.share - that.share, 2)


@router.get("/analytics/topics/{topic_id:uuid}")
async def read_topic(topic_id: UUID, models: TopicModelsDep, caller: MayReadTopics, tag: Tag) -> TopicView:
    """One topic of the model."""
    return TopicView.of(tag(await models.topic(topic_id, caller)))


@router.put("/analytics/topics/{topic_id:uuid}/label")
async def label_topic(
    topic_id: UUID, body: Label, models: TopicModelsDep, caller: MayLabelTopic, seen: IfMatch, tag: Tag
) -> TopicView:
    """Give a topic a name; a new model's topic that is much like it inherits the name."""
    topic = await models.topic(topic_id, caller)
    seen.check(topic)
    await models.record(topic, topic.call(body.label, caller.subject))
    return TopicView.of(tag(topic))
