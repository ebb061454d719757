"""The working days of each organisation."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, UniqueConstraint
from sqlmodel import Field, select

from services.scheduler.domain import Calendar
from services.scheduler.events import CalendarChanged
from services.scheduler.store.table import Table
from shared.ids import new_id
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class CalendarRow(Table, table=True):
    """The calendar that an organisation has set."""

    __tablename__ = "calendar"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (UniqueConstraint("organisation"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str
    calendar: Calendar = Field(sa_type=Json(Calendar))
    version: int = Field(default=0, sa_column=_version)


class Calendars(Collection):
    """The working days of each organisation: what it has set, or else what the settings say."""

    async def row(self, organisation: str, initial: Calendar) -> CalendarRow:
        """An organisation's calendar; in version 0 and not stored while it has set none."""
        found = await self.session.exec(select(CalendarRow).where(CalendarRow.organisation == organisation))
        return found.one_or_none() or CalendarRow(organisation=organisation, calendar=initial)

    async def of(self, organisation: str, initial: Calendar) -> Calendar:
        """The days that an organisation works on; `initial` are those of the settings."""
        return (await self.row(organisation, initial)).calendar

    async def change(self, row: CalendarRow, calendar: Calendar) -> None:
        """Set an organisation's calendar and tell of it; raises StaleVersion when another set it meanwhile."""
        row.calendar = calendar
        await self.record(row, CalendarChanged(organisation=row.organisation))
