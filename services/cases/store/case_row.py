"""The table of cases."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field

from services.cases.domain import Case, Interval, State, StepKind
from services.cases.events import (
    ClosingReason,
    DeclineReason,
    Discipline,
    OriginKind,
    PauseReason,
    Urgency,
    WantedDiscipline,
)
from services.cases.store.table import Table
from shared.encryption import EncryptedJson
from shared.ids import new_id
from shared.store import text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_case_version = Column("version", Integer, nullable=False)


class CaseRow(Table, Case, table=True):
    """A case."""

    __tablename__ = "case"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _case_version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("origin_kind", "origin_id"),
        Index("ix_case_organisation_opened_at_id", "organisation", "opened_at", "id"),
        Index("ix_case_person_id", "person_id"),
        Index("ix_case_worker_opened_at_id", "worker", "opened_at", "id"),
        Index("ix_case_organisation_state_opened_at_id", "organisation", "state", "opened_at", "id"),
        Index(
            "ix_case_organisation_next_step_on_id",
            "organisation",
            "next_step_on",
            "id",
            postgresql_where=text("next_step_on IS NOT NULL"),
        ),
        Index("ix_case_organisation_closed_on", "organisation", "closed_on"),
        Index("ix_case_worker_open", "worker", postgresql_where=text("state IN ('open', 'in-care', 'paused')")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    origin_kind: OriginKind = Field(sa_type=text_enum(OriginKind))
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    state: State = Field(default=State.REQUESTED, sa_type=text_enum(State))
    wanted_discipline: WantedDiscipline | None = Field(default=None, sa_type=text_enum(WantedDiscipline))
    discipline: Discipline | None = Field(default=None, sa_type=text_enum(Discipline))
    next_step: StepKind | None = Field(default=None, sa_type=text_enum(StepKind))
    paused_reason: PauseReason | None = Field(default=None, sa_type=text_enum(PauseReason))
    intervals: tuple[Interval, ...] = Field(default=(), sa_type=EncryptedJson(tuple[Interval, ...]))
    closing_reason: ClosingReason | None = Field(default=None, sa_type=text_enum(ClosingReason))
    declined_reason: DeclineReason | None = Field(default=None, sa_type=text_enum(DeclineReason))
    second_discipline: Discipline | None = Field(default=None, sa_type=text_enum(Discipline))
    version: int = Field(default=0, sa_column=_case_version)
