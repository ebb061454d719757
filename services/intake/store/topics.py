"""The topic models, their topics, and the fits that gave them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, func, or_, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, col, select

from services.intake.domain.topic_fit import TURN, FitState, FitUnderWay, ModelTopic, TopicFit
from services.intake.domain.topic_model import Fitted
from services.intake.events.topics import FitFailure, FitKind, TopicFitRequested
from services.intake.store.table import Table, visible
from services.intake.store.topic_notes import Places
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, text_enum

_fit_version = Column("version", Integer, nullable=False)
_topic_version = Column("version", Integer, nullable=False)


class TopicFitRow(Table, TopicFit, table=True):
    """One fit; in each programme one at a time is under way."""

    __tablename__ = "topic_fit"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _fit_version, "version_id_generator": False}
    __table_args__ = (
        Index(
            "ix_topic_fit_under_way", "programme", unique=True, postgresql_where=text("state IN ('waiting', 'running')")
        ),
        Index("ix_topic_fit_programme_id", "programme", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: FitKind = Field(sa_type=text_enum(FitKind))
    state: FitState = Field(default=FitState.WAITING, sa_type=text_enum(FitState))
    failure: FitFailure | None = Field(default=None, sa_type=text_enum(FitFailure), nullable=True)
    version: int = Field(default=0, sa_column=_fit_version)


class TopicModelRow(Table, table=True):
    """The model of a programme: `fit_id` is the full fit that gave it; `stored` has words, and no note."""

    __tablename__ = "topic_model"

    programme: str = Field(primary_key=True)
    fit_id: UUID = Field(foreign_key="topic_fit.id")
    fitted_at: datetime
    seed: int
    coherence: float
    words: int
    stored: bytes = Field(sa_type=LargeBinary)
    notes: int = 0
    unplaced: int = 0
    placed_since: int = 0
    first_on: date | None = None
    last_on: date | None = None


class ModelTopicRow(Table, ModelTopic, table=True):
    """A topic of the model."""

    __tablename__ = "model_topic"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _topic_version, "version_id_generator": False}
    __table_args__ = (Index("ix_model_topic_programme", "programme"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    terms: tuple[str, ...] = Field(sa_type=ARRAY(Text))
    version: int = Field(default=0, sa_column=_topic_version)


class TopicFits(Collection):
    """The fits of the topic model."""

    async def ask(self, fit: TopicFitRow, fact: TopicFitRequested) -> None:
        """Let a fit wait for its turn; raises FitUnderWay while another does."""
        query = select(TopicFitRow.id).where(
            TopicFitRow.programme == fit.programme, text("state IN ('waiting', 'running')")
        )
        await self.session.exec(
            select(func.pg_advisory_xact_lock(func.hashtextextended(f"topic-fit {fit.programme}", 0)))
        )
        under_way = (await self.session.exec(query)).first()
        if under_way:
            raise FitUnderWay(facts={"fit_id": str(under_way)})
        await self.record(fit, fact)

    async def get(self, fit_id: UUID, caller: Caller) -> TopicFitRow:
        """One fit; NotFound when there is none that this caller may see."""
        fit = await self.session.get(TopicFitRow, fit_id)
        if fit is None or not visible(fit, caller):
            raise NotFound
        return fit

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[TopicFitRow]:
        """At most `limit` + 1 fits, the latest first."""
        query = select(TopicFitRow)
        if caller.scope != Scope.ALL:
            query = query.where(TopicFitRow.programme == caller.organisation)
        if after:
            query = query.where(col(TopicFitRow.id) < UUID(after[0]))
        return list((await self.session.exec(query.order_by(col(TopicFitRow.id).desc()).limit(limit + 1))).all())

    async def claim(self) -> TopicFitRow | None:
        """The next fit that nobody works on, now in the caller's hands; None when there is none."""
        now = self.transaction.clock.now()
        gone = (col(TopicFitRow.state) == FitState.RUNNING) & (col(TopicFitRow.turn_ends_at) < now)
        query = select(TopicFitRow).where(or_(col(TopicFitRow.state) == FitState.WAITING, gone))
        query = query.order_by(col(TopicFitRow.id)).limit(1).with_for_update(skip_locked=True)
        fit = (await self.session.exec(query)).first()
        if fit is None:
            return None
        if failed := fit.take_turn(now):
            await self.record(fit, failed)
        else:
            self.session.add(fit)
            await self.session.flush()
        return fit

    async def go_on(self, fit: TopicFitRow, progress: float) -> None:
        """A sign of life: how far it is, and that its turn goes on."""
        later = self.transaction.clock.now() + TURN
        mine = update(TopicFitRow).where(col(TopicFitRow.id) == fit.id, col(TopicFitRow.tries) == fit.tries)
        await self.session.exec(mine.values(progress=progress, turn_ends_at=later))

    async def mine(self, fit: TopicFitRow) -> TopicFitRow | None:
        """The fit, held until the transaction ends, unless another process took it on meanwhile."""
        query = select(TopicFitRow).where(TopicFitRow.id == fit.id, TopicFitRow.tries == fit.tries)
        query = query.where(TopicFitRow.state == FitState.RUNNING).with_for_update()
        return (await self.session.exec(query)).first()


class TopicModels(Collection):
    """The models, one for each programme, with their topics and the places of notes."""

    async def of(self, programme: str) -> TopicModelRow | None:
        """The model of a programme, if there is one."""
        return await self.session.get(TopicModelRow, programme)

    async def topics(self, programme: str) -> list[ModelTopicRow]:
        """The topics of the model, the one of most notes first."""
        query = select(ModelTopicRow).where(ModelTopicRow.programme == programme)
        return list(
            (
                await self.session.exec(query.order_by(col(ModelTopicRow.documents).desc(), col(ModelTopicRow.number)))
            ).all()
        )

    async def topic(self, topic_id: UUID, caller: Caller) -> ModelTopicRow:
        """One topic of the model; NotFound when there is none that this caller may see."""
        topic = await self.session.get(ModelTopicRow, topic_id)
        if topic is None or not visible(topic, caller):
            raise NotFound
        return topic

    async def replace(self, fit: TopicFit, fitted: Fitted) -> None:
        """Put a new model in the place of the one before; a topic that is much like a labelled one keeps its label."""
        before, old = await self.topics(fit.programme), await self.of(fit.programme)
        for topic in before:
            await self.session.delete(topic)
        for theme in fitted.themes:
            self.session.add(ModelTopicRow.of(theme, fit, before))
        if old:
            await self.session.delete(old)
            await self.session.flush()
            await Places(self.transaction).forget(old.fit_id)
        model = TopicModelRow(
            programme=fit.programme,
            fit_id=fit.id,
            fitted_at=self.transaction.clock.now(),
            seed=fitted.seed,
            coherence=fitted.coherence,
            words=fitted.words,
            stored=fitted.stored,
        )
        self.session.add(model)
        await self.recount(model, 0)

    async def recount(self, model: TopicModelRow, new: int) -> None:
        """Count anew what stands where, after so many new notes found their place."""
        places = Places(self.transaction)
        counted = await places.counted(model.fit_id)
        model.unplaced = counted.get(None, 0)
        model.notes, model.placed_since = sum(counted.values()) - model.unplaced, model.placed_since + new
        model.first_on, model.last_on = await places.span(model.fit_id)
        self.session.add(model)
        await self.session.flush()
        for topic in await self.topics(model.programme):
            told = update(ModelTopicRow).where(col(ModelTopicRow.id) == topic.id)
            await self.session.exec(told.values(documents=counted.get(topic.number, 0)))
