"""Follow-ups as they are kept, in the caller's transaction."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Integer, UniqueConstraint, and_, func, text, true, tuple_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Field, col, select

from services.scheduler.domain import WORKABLE, Attempt, FollowUp, Item, Owner, Result, Status, Trigger
from services.scheduler.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

CLAIM = 100
_PLANNED = text("status = 'planned'")
_UNREACHABLE = text("status = 'unreachable'")

_version = Column("version", Integer, nullable=False)


class FollowUpRow(Table, FollowUp, table=True):
    """A follow-up with its attempts and its result."""

    __tablename__ = "follow_up"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("trigger", "origin_id", "occasion", "kind"),
        CheckConstraint("slot BETWEEN '07:00' AND '20:00'", name="slot_in_hours"),
        Index("ix_follow_up_case_id", "case_id"),
        Index("ix_follow_up_due_on_id", "due_on", "id"),
        Index("ix_follow_up_planned", "due_at", postgresql_where=_PLANNED),
        Index("ix_follow_up_unreachable", "person_id", postgresql_where=_UNREACHABLE),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    trigger: Trigger = Field(sa_type=text_enum(Trigger))
    owner: Owner = Field(sa_type=text_enum(Owner))
    slot: time
    status: Status = Field(default=Status.PLANNED, sa_type=text_enum(Status))
    items: tuple[Item, ...] = Field(sa_type=Json(tuple[Item, ...]))
    attempts: tuple[Attempt, ...] = Field(default=(), sa_type=Json(tuple[Attempt, ...]))
    result: Result | None = Field(default=None, sa_type=Json(Result))
    version: int = Field(default=0, sa_column=_version)


class When(StrEnum):
    """A part of the worklist: before today, today, or from today to Sunday."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"


class FollowUps(Collection):
    """The follow-ups, as far as the caller may see them."""

    async def plan(self, follow_up: FollowUp) -> bool:
        """Store a follow-up with its first fact, once per case, closing and kind; says whether it was new."""
        return await self.transaction.record_new(FollowUpRow, dict(follow_up), follow_up.planned())

    async def get(self, follow_up_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> FollowUpRow:
        """One follow-up; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        row = await self.session.get(FollowUpRow, follow_up_id)
        if row is None or not (caller.scope == Scope.ALL or row.organisation == caller.organisation):
            raise NotFound
        if seen:
            seen.check(row)
        return row

    async def open_of_case(self, case_id: UUID) -> Sequence[FollowUpRow]:
        """The follow-ups of a case that are not over."""
        live = col(FollowUpRow.status).in_(WORKABLE | {Status.UNREACHABLE})
        query = select(FollowUpRow).where(FollowUpRow.case_id == case_id, live).order_by(col(FollowUpRow.id))
        return (await self.session.exec(query)).all()

    async def unreachable_of(self, person_id: UUID) -> Sequence[FollowUpRow]:
        """The follow-ups that wait for a person to get in touch."""
        query = select(FollowUpRow).where(FollowUpRow.person_id == person_id, _UNREACHABLE)
        return (await self.session.exec(query.order_by(col(FollowUpRow.id)))).all()

    async def claim_due(self, limit: int = CLAIM) -> Sequence[FollowUpRow]:
        """Planned follow-ups whose time has come by the database's clock, locked; those locked by others are skipped.

        `relais_now()` is that clock. Timers have no mutual order, so skipping loses nothing.
        """
        now = func.relais_now()
        query = select(FollowUpRow).where(_PLANNED, col(FollowUpRow.due_at) <= now).order_by(col(FollowUpRow.due_at))
        return (await self.session.exec(query.limit(limit).with_for_update(skip_locked=True))).all()

    async def page(
        self, caller: Caller, case_id: UUID | None, limit: int, after: Sequence[str] | None
    ) -> Sequence[FollowUpRow]:
        """At most `limit` + 1 follow-ups, those due first first."""
        wanted = col(FollowUpRow.case_id) == case_id if case_id else true()
        return await self._ordered(caller, wanted, limit, after)

    async def worklist(
        self, caller: Caller, days: tuple[date, date], limit: int, after: Sequence[str] | None
    ) -> Sequence[FollowUpRow]:
        """At most `limit` + 1 follow-ups that the line has to work on between two days, both included."""
        wanted = and_(
            col(FollowUpRow.owner) == Owner.LINE,
            col(FollowUpRow.status).in_(WORKABLE),
            col(FollowUpRow.due_on).between(*days),
        )
        return await self._ordered(caller, wanted, limit, after)

    async def _ordered(
        self, caller: Caller, wanted: ColumnElement[bool], limit: int, after: Sequence[str] | None
    ) -> Sequence[FollowUpRow]:
        place = (col(FollowUpRow.due_on), col(FollowUpRow.id))
        query = select(FollowUpRow).where(wanted)
        if caller.scope != Scope.ALL:
            query = query.where(FollowUpRow.organisation == caller.organisation)
        if after:
            query = query.where(tuple_(*place) > (date.fromisoformat(after[0]), UUID(after[1])))
        return (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()


def days_of(when: When | None, today: date) -> tuple[date, date]:
    """The first and last day of a part of the worklist; without a part, everything until Sunday."""
    sunday = today + timedelta(days=6 - today.weekday())
    parts = {
        When.OVERDUE: (date.min, today - timedelta(days=1)),
        When.TODAY: (today, today),
        When.WEEK: (today, sunday),
    }
    return parts[when] if when else (date.min, sunday)
