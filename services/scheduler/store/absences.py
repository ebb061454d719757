"""Absences of workers and who stands in."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Integer, false, tuple_
from sqlmodel import Field, col, select

from services.scheduler.domain import Absence, stand_in
from services.scheduler.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class AbsenceRow(Table, Absence, table=True):
    """An absence; a withdrawn one is kept."""

    __tablename__ = "absence"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        CheckConstraint("first <= last", name="in_order"),
        Index("ix_absence_organisation_last", "organisation", "last"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int = Field(default=0, sa_column=_version)


class Absences(Collection):
    """The absences of an organisation's workers."""

    async def add(self, absence: Absence) -> AbsenceRow:
        """Write an absence down; raises OverlappingAbsence or SubstitutionCircle.

        An organisation's absences are agreed one after the other: two at once could close a circle.
        """
        await self.serialise(f"absence:{absence.organisation}")
        absence.check(await self._between(absence.organisation, absence.first, absence.last))
        row = AbsenceRow(**dict(absence))
        await self.record(row, row.told())
        return row

    async def get(self, absence_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> AbsenceRow:
        """One absence; NotFound when this caller may not see it; StaleVersion by `seen`."""
        row = await self.session.get(AbsenceRow, absence_id)
        if row is None or row.withdrawn or not (caller.scope == Scope.ALL or row.organisation == caller.organisation):
            raise NotFound
        if seen:
            seen.check(row)
        return row

    async def page(
        self, caller: Caller, worker: str | None, limit: int, after: Sequence[str] | None
    ) -> Sequence[AbsenceRow]:
        """At most `limit` + 1 absences of the caller's organisation by their first day; of one worker or of all."""
        place = (col(AbsenceRow.first), col(AbsenceRow.id))
        query = select(AbsenceRow).where(col(AbsenceRow.withdrawn) == false())
        if caller.scope != Scope.ALL:
            query = query.where(AbsenceRow.organisation == caller.organisation)
        if worker:
            query = query.where(AbsenceRow.worker == worker)
        if after:
            query = query.where(tuple_(*place) > (date.fromisoformat(after[0]), UUID(after[1])))
        return (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()

    async def substitute_of(self, worker: str, day: date, organisation: str) -> str:
        """Who does a worker's work on a day: the worker, or whoever stands in at the end of the chain."""
        return stand_in(worker, day, await self._between(organisation, day, day))

    async def covered_by(self, worker: str, day: date, organisation: str) -> set[str]:
        """The workers whose work a worker does on a day, the own included; empty for one who is away."""
        away = await self._between(organisation, day, day)
        return {each for each in {worker, *(absence.worker for absence in away)} if stand_in(each, day, away) == worker}

    async def _between(self, organisation: str, first: date, last: date) -> Sequence[AbsenceRow]:
        query = select(AbsenceRow).where(
            AbsenceRow.organisation == organisation,
            col(AbsenceRow.withdrawn) == false(),
            col(AbsenceRow.first) <= last,
            col(AbsenceRow.last) >= first,
        )
        return (await self.session.exec(query)).all()
