"""The pathways of the organisations, version by version, and the explanations of what left them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Column, ForeignKey, Index, Integer, UniqueConstraint, tuple_
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

import services.cases.domain as domain_package
from services.cases.domain.case import Case
from services.cases.domain.origin import Terms
from services.cases.domain.pathway import (
    WATCHED,
    Deviation,
    Model,
    PathwayStep,
    PathwayVersion,
    Told,
    in_force,
    seen_as,
)
from services.cases.events import DeviationReason, PathwayStepCode
from services.cases.store.table import Table
from services.cases.store.timeline import TimelineRow
from shared.clock import BRUSSELS
from shared.encryption import EncryptedText
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

DEFAULT_FILE = Path(domain_package.__file__).with_name("default_pathway.json")
Which = Sequence[UUID] | SelectOfScalar[UUID]
_pathway_version = Column("version", Integer, nullable=False)


class Steps(BaseModel):
    """The pathway that is shipped: it holds wherever an organisation has none of its own."""

    model: Model
    steps: tuple[PathwayStep, ...]


@cache
def shipped() -> Steps:
    """The shipped pathway."""
    return Steps.model_validate_json(DEFAULT_FILE.read_text())


class PathwayRow(Table, table=True):
    """The pathway of one organisation: what is locked while a version is added."""

    __tablename__ = "pathway"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _pathway_version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str = Field(unique=True)
    version: int = Field(default=0, sa_column=_pathway_version)


class PathwayVersionRow(Table, PathwayVersion, table=True):
    """One version of a pathway."""

    __tablename__ = "pathway_version"
    __table_args__ = (UniqueConstraint("organisation", "number"), UniqueConstraint("organisation", "protocol_version"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    model: Model = Field(sa_type=text_enum(Model))
    steps: tuple[PathwayStep, ...] = Field(sa_type=Json(tuple[PathwayStep, ...]))


class DeviationRow(Table, Deviation, table=True):
    """Why a step of a case did not go as its pathway says."""

    __tablename__ = "pathway_deviation"
    __table_args__ = (Index("ix_pathway_deviation_case_id_at_id", "case_id", "at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    step: PathwayStepCode = Field(sa_type=text_enum(PathwayStepCode))
    reason: DeviationReason = Field(sa_type=text_enum(DeviationReason))
    note: str | None = Field(default=None, sa_type=EncryptedText)


class Pathways(Collection):
    """The pathways, and what cases made of them."""

    async def find(self, organisation: str) -> PathwayRow | None:
        """The pathway of an organisation, or None where it has none of its own."""
        return (await self.session.exec(select(PathwayRow).where(PathwayRow.organisation == organisation))).first()

    async def versions(self, organisation: str) -> list[PathwayVersionRow]:
        """Its versions, the newest first."""
        query = select(PathwayVersionRow).where(PathwayVersionRow.organisation == organisation)
        return list((await self.session.exec(query.order_by(col(PathwayVersionRow.number).desc()))).all())

    def add(self, made: PathwayVersion | Deviation) -> None:
        """Store a version or an explanation."""
        row = PathwayVersionRow if isinstance(made, PathwayVersion) else DeviationRow
        self.session.add(row(**dict(made)))

    async def terms(self, organisation: str, day: date, protocol_version: str) -> Terms:
        """On what terms an organisation takes a request of a day; the shipped pathway goes by the setting's name."""
        holds = in_force(await self.versions(organisation), day)
        if holds is None:
            return Terms(organisation=organisation, protocol_version=protocol_version)
        return Terms(organisation=organisation, protocol_version=holds.protocol_version, pathway_id=holds.id)

    async def of(self, cases: Iterable[Case]) -> dict[UUID | None, Steps]:
        """The pathways of some cases by their id; None is the shipped one."""
        wanted = {case.pathway_id for case in cases if case.pathway_id is not None}
        query = select(PathwayVersionRow).where(col(PathwayVersionRow.id).in_(wanted))
        found = (await self.session.exec(query)).all() if wanted else ()
        return {None: shipped(), **{row.id: Steps(model=row.model, steps=row.steps) for row in found}}

    async def told(self, case_ids: Which) -> Mapping[UUID, list[Told]]:
        """What the timelines of some cases tell of the steps of pathways."""
        query = select(TimelineRow.case_id, TimelineRow.kind, TimelineRow.at, TimelineRow.facts).where(
            col(TimelineRow.case_id).in_(case_ids), col(TimelineRow.kind).in_(WATCHED)
        )
        found: dict[UUID, list[Told]] = defaultdict(list)
        for case_id, kind, at, facts in (await self.session.exec(query)).all():
            found[case_id].append(Told(kind=seen_as(kind, facts.get("role")), day=day_of(at, facts)))
        return found

    async def deviations(self, case_ids: Which) -> list[DeviationRow]:
        """The explanations given on some cases, the oldest first."""
        query = select(DeviationRow).where(col(DeviationRow.case_id).in_(case_ids))
        return list((await self.session.exec(query.order_by(col(DeviationRow.at), col(DeviationRow.id)))).all())

    async def deviations_page(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[DeviationRow]:
        """At most `limit` + 1 explanations of a case, the newest first."""
        query = select(DeviationRow).where(DeviationRow.case_id == case_id)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(DeviationRow.at), col(DeviationRow.id)) < place)
        query = query.order_by(col(DeviationRow.at).desc(), col(DeviationRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


def day_of(at: datetime, facts: Mapping[str, Any]) -> date:
    """The day that a fact names for what was done, else the day in Belgium on which it was told."""
    named = facts.get("on") or facts.get("closed_on")
    return date.fromisoformat(named) if isinstance(named, str) else at.astimezone(BRUSSELS).date()
