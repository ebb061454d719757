"""What the meeting and the case managers gave the line to do, as cases tells it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Index, delete, exists, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select

from services.scheduler.store.closings import ClosingRow
from services.scheduler.store.deaths import DeathRow
from services.scheduler.store.followed import FollowedCaseRow
from services.scheduler.store.related import whom_of
from services.scheduler.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.relationships.asked import excluded
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class LineTaskRow(Table, table=True):
    """One open task of the line."""

    __tablename__ = "line_task"
    __table_args__ = (Index("ix_line_task_due_on_task_id", "due_on", "task_id"),)

    task_id: UUID = Field(primary_key=True)
    case_id: UUID
    domain: str
    organisation: str
    due_on: date


class LineTasks(Collection):
    """The open tasks of the line."""

    async def keep(self, task: LineTaskRow) -> None:
        """The line has this to do, now or still."""
        row = insert(LineTaskRow).values(**task.model_dump())
        fields = {name: row.excluded[name] for name in ("case_id", "domain", "organisation", "due_on")}
        await self.session.exec(row.on_conflict_do_update(index_elements=["task_id"], set_=fields))

    async def postpone(self, task_id: UUID, due_on: date) -> None:
        """It is due on another day; of no effect for others' tasks."""
        task = update(LineTaskRow).where(col(LineTaskRow.task_id) == task_id)
        await self.session.exec(task.values(due_on=due_on))

    async def drop(self, task_id: UUID) -> None:
        """Nobody at the line has this to do any more."""
        await self.session.exec(delete(LineTaskRow).where(col(LineTaskRow.task_id) == task_id))

    async def page(
        self, caller: Caller, days: tuple[date, date], limit: int, after: Sequence[str] | None
    ) -> Sequence[LineTaskRow]:
        """At most `limit` + 1 tasks of open cases due between two days, both included, those due first first.

        Not those of a person who has died: what is left to do there is for the case's meeting to say. A task relates
        the line to the person, as a promised call does, unless the person excludes whoever asks.
        """
        place = (col(LineTaskRow.due_on), col(LineTaskRow.task_id))
        closed = (col(ClosingRow.case_id) == LineTaskRow.case_id) & col(ClosingRow.reopened).is_(False)
        query = select(LineTaskRow).outerjoin(ClosingRow, closed).where(col(ClosingRow.case_id).is_(None))
        died = exists().where(
            col(FollowedCaseRow.case_id) == col(LineTaskRow.case_id),
            col(DeathRow.person_id) == col(FollowedCaseRow.person_id),
            col(DeathRow.withdrawn_on).is_(None),
        )
        query = query.where(col(LineTaskRow.due_on).between(*days), ~died)
        if caller.scope != Scope.ALL:
            query = query.where(col(LineTaskRow.organisation) == caller.organisation)
        its_case = aliased(FollowedCaseRow)
        query = query.outerjoin(its_case, col(its_case.case_id) == LineTaskRow.case_id)
        query = query.where(~excluded(whom_of(LineTaskRow, its_case), caller, self.transaction.clock.now()))
        if after:
            query = query.where(tuple_(*place) > (date.fromisoformat(after[0]), UUID(after[1])))
        return (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()
