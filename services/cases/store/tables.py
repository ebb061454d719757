"""The tables of cases."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from services.cases.domain import (
    Agreement,
    Case,
    LifeDomain,
    Line,
    MissionReason,
    Origin,
    Plan,
    PlanTask,
    Reason,
    Resource,
    State,
    Statement,
    StepKind,
    Task,
    TaskStatus,
    Visit,
)
from services.cases.events import (
    Assignee,
    ClosingReason,
    Discipline,
    Durability,
    OriginKind,
    PauseReason,
    Urgency,
    VisitKind,
    VisitStatus,
)
from shared.ids import new_id
from shared.store import Json, service_registry, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""


_case_version = Column("version", Integer, nullable=False)


class CaseRow(Table, Case, table=True):
    """A case."""

    __tablename__ = "case"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _case_version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("origin_kind", "origin_id"),
        Index("ix_case_organisation_opened_at_id", "organisation", "opened_at", "id"),
        Index("ix_case_worker_open", "worker", postgresql_where=text("state IN ('assigned', 'in-care')")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    origin_kind: OriginKind = Field(sa_type=text_enum(OriginKind))
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    state: State = Field(default=State.OPENED, sa_type=text_enum(State))
    discipline: Discipline | None = Field(default=None, sa_type=text_enum(Discipline))
    next_step: StepKind | None = Field(default=None, sa_type=text_enum(StepKind))
    paused_reason: PauseReason | None = Field(default=None, sa_type=text_enum(PauseReason))
    closing_reason: ClosingReason | None = Field(default=None, sa_type=text_enum(ClosingReason))
    version: int = Field(default=0, sa_column=_case_version)


class EntryRow(Table, table=True):
    """One fact of a case's life, kept for good; its number is the version of the case that it made."""

    __tablename__ = "entry"

    case_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("case.id")])
    number: int = Field(primary_key=True)
    kind: str
    at: datetime
    by: str | None
    facts: dict[str, Any] = Field(sa_type=Json(dict[str, Any]))
    words: dict[str, str] = Field(sa_type=Json(dict[str, str]))


class VisitRow(Table, Visit, table=True):
    """A visit."""

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_case_id_on_id", "case_id", "on", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    kind: VisitKind = Field(sa_type=text_enum(VisitKind))
    status: VisitStatus = Field(sa_type=text_enum(VisitStatus))
    km: Decimal | None = Field(sa_type=Numeric(6, 2))


class PlanRow(Table, Plan, table=True):
    """One version of a plan."""

    __tablename__ = "plan"

    case_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("case.id")])
    number: int = Field(primary_key=True)
    goals: tuple[Statement, ...] = Field(sa_type=Json(tuple[Statement, ...]))
    needs: tuple[Statement, ...] = Field(sa_type=Json(tuple[Statement, ...]))
    resources: tuple[Resource, ...] = Field(sa_type=Json(tuple[Resource, ...]))
    tasks: tuple[PlanTask, ...] = Field(sa_type=Json(tuple[PlanTask, ...]))
    agreement: Agreement | None = Field(default=None, sa_type=Json(Agreement))


class TaskRow(Table, Task, table=True):
    """A task in force, or one that was."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_case_id", "case_id"),
        Index("ix_task_open", "due_on", "id", postgresql_where=text("status = 'open'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    domain: LifeDomain = Field(sa_type=text_enum(LifeDomain))
    assignee: Assignee = Field(sa_type=text_enum(Assignee))
    mission_reason: MissionReason | None = Field(sa_type=text_enum(MissionReason))
    status: TaskStatus = Field(default=TaskStatus.OPEN, sa_type=text_enum(TaskStatus))
    done_on: date | None = None
    durability: Durability | None = Field(default=None, sa_type=text_enum(Durability))


class LineRow(Table, Line, table=True):
    """A line on the agenda of the meeting."""

    __tablename__ = "agenda_line"
    __table_args__ = (
        UniqueConstraint("reason", "subject_id", "source_id"),
        Index(
            "uq_agenda_line_open",
            "case_id",
            "reason",
            "subject_id",
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    reason: Reason = Field(sa_type=text_enum(Reason))


class OriginRow(Table, Origin, table=True):
    """What is known of a referral or a contact, whether or not it has a case yet."""

    __tablename__ = "origin"

    kind: OriginKind = Field(primary_key=True, sa_type=text_enum(OriginKind))
    id: UUID = Field(primary_key=True)
    cancellation: Reason | None = Field(default=None, sa_type=text_enum(Reason))


class OrganisationRow(Table, table=True):
    """Our own copy of the organisations of the network: the code, and whether it is active."""

    __tablename__ = "organisation"

    code: str = Field(primary_key=True)
    active: bool
