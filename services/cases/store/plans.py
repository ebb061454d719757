"""The versions of a case's plan, and its tasks."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text, tuple_
from sqlmodel import Field, col, select

from services.cases.domain import (
    Agreement,
    EvidenceKind,
    KnownResource,
    KnownStatement,
    Language,
    LifeDomain,
    MissionReason,
    Plan,
    PlanTask,
    Refusal,
    Task,
    TaskStatus,
)
from services.cases.domain.task import TaskOrigin
from services.cases.events import Assignee, Durability, TaskCancelReason
from services.cases.store.table import Table
from services.cases.store.timeline import TimelineRow
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class PlanRow(Table, Plan, table=True):
    """One version of a plan."""

    __tablename__ = "plan"

    case_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("case.id")])
    number: int = Field(primary_key=True)
    goals: tuple[KnownStatement, ...] = Field(sa_type=EncryptedJson(tuple[KnownStatement, ...]))
    needs: tuple[KnownStatement, ...] = Field(sa_type=EncryptedJson(tuple[KnownStatement, ...]))
    resources: tuple[KnownResource, ...] = Field(sa_type=EncryptedJson(tuple[KnownResource, ...]))
    tasks: tuple[PlanTask, ...] = Field(sa_type=EncryptedJson(tuple[PlanTask, ...]))
    language: Language | None = Field(default=None, sa_type=text_enum(Language))
    agreement: Agreement | None = Field(default=None, sa_type=EncryptedJson(Agreement))
    refusals: tuple[Refusal, ...] = Field(default=(), sa_type=EncryptedJson(tuple[Refusal, ...]))
    person_words: str = Field(sa_type=EncryptedText)


class TaskRow(Table, Task, table=True):
    """A task in force, or one that was."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_case_id", "case_id"),
        Index("ix_task_open", "due_on", "id", postgresql_where=text("status IN ('open', 'in-progress')")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    domain: LifeDomain = Field(sa_type=text_enum(LifeDomain))
    assignee: Assignee = Field(sa_type=text_enum(Assignee))
    mission_reason: MissionReason | None = Field(sa_type=text_enum(MissionReason))
    status: TaskStatus = Field(default=TaskStatus.OPEN, sa_type=text_enum(TaskStatus))
    goals: tuple[UUID, ...] = Field(default=(), sa_type=Json(tuple[UUID, ...]))
    resources: tuple[UUID, ...] = Field(default=(), sa_type=Json(tuple[UUID, ...]))
    done_on: date | None = None
    evidence_kind: EvidenceKind | None = Field(default=None, sa_type=text_enum(EvidenceKind))
    cancel_reason: TaskCancelReason | None = Field(default=None, sa_type=text_enum(TaskCancelReason))
    durability: Durability | None = Field(default=None, sa_type=text_enum(Durability))
    origin: TaskOrigin = Field(default=TaskOrigin.PLAN, sa_type=text_enum(TaskOrigin))
    added_at: datetime
    title: str = Field(sa_type=EncryptedText)
    mission_note: str | None = Field(default=None, sa_type=EncryptedText)
    evidence: str | None = Field(default=None, sa_type=EncryptedText)


class Plans(Collection):
    """The versions of a case's plan."""

    def add(self, plan: Plan) -> None:
        """Store a version whose case is recorded already."""
        self.session.add(PlanRow(**dict(plan)))

    async def find(self, case_id: UUID, number: int | None) -> PlanRow | None:
        """One version, or None."""
        return await self.session.get(PlanRow, (case_id, number)) if number else None

    async def standing(self, case_id: UUID, *numbers: int | None) -> list[PlanRow]:
        """The versions of these numbers that there are, the newest first."""
        wanted = {number for number in numbers if number}
        query = select(PlanRow).where(PlanRow.case_id == case_id, col(PlanRow.number).in_(wanted))
        return list((await self.session.exec(query.order_by(col(PlanRow.number).desc()))).all())

    async def page(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[PlanRow]:
        """At most `limit` + 1 versions, the newest first."""
        query = select(PlanRow).where(PlanRow.case_id == case_id)
        if after:
            query = query.where(PlanRow.number < int(after[0]))
        query = query.order_by(col(PlanRow.number).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


class Tasks(Collection):
    """The tasks of a case."""

    def add(self, *tasks: Task) -> None:
        """Store tasks whose case is recorded already."""
        now = self.transaction.clock.now()
        self.session.add_all([TaskRow(**dict(task), added_at=now) for task in tasks])

    async def of(self, case_id: UUID) -> list[TaskRow]:
        """All of them, the next due first."""
        query = select(TaskRow).where(TaskRow.case_id == case_id).order_by(col(TaskRow.due_on), col(TaskRow.id))
        return list((await self.session.exec(query)).all())

    async def get(self, case_id: UUID, task_id: UUID) -> TaskRow:
        """One task of this case; raises NotFound."""
        task = await self.session.get(TaskRow, task_id)
        if task is None or task.case_id != case_id:
            raise NotFound
        return task

    async def history(self, case_id: UUID, task_id: UUID, limit: int, after: Sequence[str] | None) -> list[TimelineRow]:
        """At most `limit` + 1 facts about one task, the newest first."""
        about = func.jsonb_extract_path_text(TimelineRow.facts, "task_id") == str(task_id)
        query = select(TimelineRow).where(TimelineRow.case_id == case_id, about)
        if after:
            key = tuple_(col(TimelineRow.at), col(TimelineRow.place), col(TimelineRow.id))
            query = query.where(key < (datetime.fromisoformat(after[0]), int(after[1]), UUID(after[2])))
        latest = (col(TimelineRow.at).desc(), col(TimelineRow.place).desc(), col(TimelineRow.id).desc())
        return list((await self.session.exec(query.order_by(*latest).limit(limit + 1))).all())
