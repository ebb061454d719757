"""The cadences of meetings, in the caller's transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, UniqueConstraint, func
from sqlmodel import Field, col, select

from services.scheduler.domain import AHEAD_OF, AppointmentStatus
from services.scheduler.domain.cadence import HORIZON, Cadence, OnDayOff
from services.scheduler.store.appointments import AppointmentRow
from services.scheduler.store.table import Table
from shared.auth import Caller
from shared.clock import BRUSSELS
from shared.ids import new_id
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class CadenceRow(Table, Cadence, table=True):
    """A weekly meeting of an organisation."""

    __tablename__ = "cadence"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (UniqueConstraint("organisation", "code"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    on_day_off: OnDayOff = Field(sa_type=text_enum(OnDayOff))
    version: int = Field(default=0, sa_column=_version)


class Cadences(Collection):
    """The cadences of the caller's organisation."""

    async def today(self) -> date:
        """The day in Belgium by the database's clock."""
        now: datetime = (await self.session.exec(select(func.relais_now()))).one()
        return now.astimezone(BRUSSELS).date()

    async def all(self, caller: Caller) -> Sequence[CadenceRow]:
        """All of them, by code; there are a handful."""
        query = select(CadenceRow).where(CadenceRow.organisation == caller.organisation)
        return (await self.session.exec(query.order_by(CadenceRow.code))).all()

    async def find(self, organisation: str, code: str) -> CadenceRow | None:
        """One by its code."""
        query = select(CadenceRow).where(CadenceRow.organisation == organisation, CadenceRow.code == code)
        return (await self.session.exec(query.with_for_update())).first()

    async def behind(self, today: date) -> Sequence[CadenceRow]:
        """Those planned for less than three weeks, locked; those locked by others are left to them."""
        enough = today + HORIZON - timedelta(days=7)
        query = select(CadenceRow).where(CadenceRow.active, col(CadenceRow.planned_until) < enough)
        return (await self.session.exec(query.limit(20).with_for_update(skip_locked=True))).all()

    async def call_off(self, cadence: Cadence, after: date) -> None:
        """Cancel its meetings that are still to come after a day."""
        row = AppointmentRow
        query = select(row).where(row.organisation == cadence.organisation, row.cadence == cadence.code)
        query = query.where(col(row.on) > after, col(row.status).in_(AHEAD_OF)).with_for_update()
        for meeting in (await self.session.exec(query)).all():
            fact = meeting.end(AppointmentStatus.CANCELLED, self.transaction.clock.now())
            await self.record(meeting, fact)
