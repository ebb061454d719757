"""Appointments as they are kept, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, and_, func, or_, text, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Field, col, select

from services.scheduler.domain import AHEAD_OF, Appointment, AppointmentStatus, Place, clash
from services.scheduler.events import AppointmentKind
from services.scheduler.store.followed import FollowedCaseRow
from services.scheduler.store.related import Related, open_to, whom_of
from services.scheduler.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

NOT_CANCELLED = text("status <> 'cancelled'")

_version = Column("version", Integer, nullable=False)


class AppointmentRow(Table, Appointment, table=True):
    """An appointment of a worker, or an occurrence of a meeting."""

    __tablename__ = "appointment"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_appointment_sort_at_id", "organisation", "sort_at", "id"),
        Index("ix_appointment_worker", "worker", "sort_at", postgresql_where=NOT_CANCELLED),
        Index("ix_appointment_person_id", "person_id", "sort_at", postgresql_where=NOT_CANCELLED),
        Index("ix_appointment_case_id", "case_id", "sort_at"),
        Index("ix_appointment_remind_at", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index("uq_appointment_visit_id", "visit_id", unique=True),
        Index("uq_appointment_cadence", "organisation", "cadence", "on", unique=True, postgresql_where=NOT_CANCELLED),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: AppointmentKind = Field(sa_type=text_enum(AppointmentKind))
    place: Place | None = Field(default=None, sa_type=text_enum(Place))
    status: AppointmentStatus = Field(default=AppointmentStatus.PLANNED, sa_type=text_enum(AppointmentStatus))
    overlap_reason: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


@dataclass(frozen=True)
class Asked:
    """Which appointments are asked for; None asks for all. Days are Belgian, both included."""

    worker: str | None = None
    case_id: UUID | None = None
    person_id: UUID | None = None
    first: date | None = None
    last: date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL."""
        same = {"worker": self.worker, "case_id": self.case_id, "person_id": self.person_id}
        found = [getattr(AppointmentRow, name) == value for name, value in same.items() if value is not None]
        if self.first:
            found.append(col(AppointmentRow.on) >= self.first)
        if self.last:
            found.append(col(AppointmentRow.on) <= self.last)
        return found


@dataclass(frozen=True)
class Overlap:
    """Two appointments of one worker or one person at the same time."""

    one: AppointmentRow
    other: AppointmentRow

    @property
    def minutes(self) -> int:
        """How long both last at once; both have their times, or they could not overlap."""
        ends = [each.ends_at for each in (self.one, self.other) if each.ends_at]
        return int((min(ends) - self.other.sort_at).total_seconds() // 60)


class Appointments(Collection):
    """The appointments, as far as the caller may see them."""

    async def add(self, appointment: Appointment) -> AppointmentRow:
        """Write a new one down; raises AppointmentClash."""
        row = AppointmentRow(**dict(appointment))
        await self.make_room(row)
        await self.record(row, *row.facts_of_planning())
        return row

    async def make_room(self, row: Appointment) -> None:
        """Raise AppointmentClash for what is in the way of an appointment, unless that is allowed.

        Plans for one worker or one person are made one after the other: two at once could not see each other.
        """
        for name in sorted({str(each) for each in (row.worker, row.person_id) if each}):
            await self.lock(name)
        if row.starts_at is None or row.ends_at is None or row.is_overlap_allowed:
            return
        other = AppointmentRow
        same = or_(
            and_(col(other.worker) == row.worker, col(other.worker).is_not(None)),
            and_(col(other.person_id) == row.person_id, col(other.person_id).is_not(None)),
        )
        meets = and_(col(other.starts_at) < row.ends_at, col(other.ends_at) > row.starts_at)
        query = select(other.id).where(other.organisation == row.organisation, NOT_CANCELLED, same, meets)
        with self.session.no_autoflush:
            found = (await self.session.exec(query.where(other.id != row.id).order_by(col(other.sort_at)))).all()
        if found:
            raise clash(found)

    async def lock(self, name: str | UUID) -> None:
        """Wait for whoever plans for the same worker, person or visit, until the end of this transaction."""
        await self.serialise(f"appointment:{name}")

    async def get(self, appointment_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> AppointmentRow:
        """One; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        row = await self.session.get(AppointmentRow, appointment_id)
        if row is None or not (caller.scope == Scope.ALL or row.organisation == caller.organisation):
            raise NotFound
        related = Related(self.transaction)
        await related.demand(await related.whom(row.person_id, row.case_id), caller)
        if seen:
            seen.check(row)
        return row

    async def of_visit(self, visit_id: UUID) -> AppointmentRow | None:
        """The appointment of another service's visit, if it is known."""
        return (await self.session.exec(select(AppointmentRow).where(AppointmentRow.visit_id == visit_id))).first()

    async def ahead_of_person(self, person_id: UUID) -> Sequence[AppointmentRow]:
        """The appointments still to come with a person, or for one of their cases; locked."""
        today = await Relinks(self.transaction).current(person_id)
        theirs = select(FollowedCaseRow.case_id).where(FollowedCaseRow.person_id == today)
        with_them = or_(col(AppointmentRow.person_id) == today, col(AppointmentRow.case_id).in_(theirs))
        query = select(AppointmentRow).where(with_them, col(AppointmentRow.status).in_(AHEAD_OF))
        return (await self.session.exec(query.order_by(col(AppointmentRow.id)).with_for_update())).all()

    async def page(
        self, caller: Caller, asked: Asked, limit: int, after: Sequence[str] | None
    ) -> Sequence[tuple[AppointmentRow, datetime | None]]:
        """At most `limit` + 1 by their start, each with the end of the worker's appointment before it that day."""
        before = aliased(AppointmentRow)
        ended = (
            select(func.max(before.ends_at))
            .where(before.worker == AppointmentRow.worker, before.on == AppointmentRow.on)
            .where(col(before.status) != AppointmentStatus.CANCELLED, before.id != AppointmentRow.id)
            .where(before.sort_at <= AppointmentRow.sort_at)
            .scalar_subquery()
        )
        place = (col(AppointmentRow.sort_at), col(AppointmentRow.id))
        if asked.person_id:
            asked = replace(asked, person_id=await Relinks(self.transaction).current(asked.person_id))
        query = select(AppointmentRow, ended).where(*asked.conditions())
        if caller.scope != Scope.ALL:
            query = query.where(AppointmentRow.organisation == caller.organisation)
        query = query.outerjoin(FollowedCaseRow, col(FollowedCaseRow.case_id) == AppointmentRow.case_id)
        query = query.where(open_to(whom_of(AppointmentRow), caller, self.transaction.clock.now()))
        if after:
            query = query.where(tuple_(*place) > (datetime.fromisoformat(after[0]), UUID(after[1])))
        return (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()

    async def overlaps(
        self, caller: Caller, asked: Asked, limit: int, after: Sequence[str] | None
    ) -> Sequence[Overlap]:
        """At most `limit` + 1 pairs that overlap, the earlier of each pair first; allowed ones too."""
        one, other = AppointmentRow, aliased(AppointmentRow)
        place = (col(one.sort_at), col(one.id), col(other.id))
        query = (
            select(one, other)
            .select_from(one)
            .join(other, col(other.organisation) == one.organisation)
            .where(*asked.conditions())
            .where(or_(col(one.worker) == other.worker, col(one.person_id) == other.person_id))
            .where(tuple_(one.sort_at, one.id) < tuple_(other.sort_at, other.id))
            .where(col(one.ends_at) > col(other.starts_at), col(one.starts_at) < col(other.ends_at))
            .where(*(col(each.status) != AppointmentStatus.CANCELLED for each in (one, other)))
        )
        if caller.scope != Scope.ALL:
            query = query.where(one.organisation == caller.organisation)
        now = self.transaction.clock.now()
        for each, its_case in ((one, aliased(FollowedCaseRow)), (other, aliased(FollowedCaseRow))):
            query = query.outerjoin(its_case, col(its_case.case_id) == each.case_id)
            query = query.where(open_to(whom_of(each, its_case), caller, now))
        if after:
            query = query.where(tuple_(*place) > (datetime.fromisoformat(after[0]), UUID(after[1]), UUID(after[2])))
        found = (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()
        return [Overlap(first, second) for first, second in found]

    async def has_meeting(self, organisation: str, cadence: str, day: date) -> bool:
        """Whether a series has a meeting on a day, a cancelled one aside."""
        query = select(AppointmentRow.id).where(NOT_CANCELLED, AppointmentRow.organisation == organisation)
        query = query.where(AppointmentRow.cadence == cadence, AppointmentRow.on == day)
        return (await self.session.exec(query)).first() is not None

    async def near_meetings(self, limit: int) -> Sequence[AppointmentRow]:
        """Meetings to come whose reminder is due by the database's clock, locked; those locked by others are left."""
        due = (col(AppointmentRow.remind_at) <= func.relais_now(), col(AppointmentRow.status).in_(AHEAD_OF))
        query = select(AppointmentRow).where(*due).order_by(col(AppointmentRow.remind_at)).limit(limit)
        return (await self.session.exec(query.with_for_update(skip_locked=True))).all()
