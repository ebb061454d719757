"""What was cancelled because of deaths, as it is kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, text, tuple_
from sqlmodel import Field, col, select

from services.scheduler.domain import Stopped
from services.scheduler.events import StoppedDecision, StoppedKind
from services.scheduler.store.related import Related, open_to
from services.scheduler.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class StoppedRow(Table, Stopped, table=True):
    """One thing that a death stopped."""

    __tablename__ = "stopped"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_stopped_person_id", "person_id", postgresql_where=text("listed_on IS NULL")),
        Index("ix_stopped_listed_on_id", "listed_on", "id", postgresql_where=text("listed_on IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    of: StoppedKind = Field(sa_type=text_enum(StoppedKind))
    decision: StoppedDecision | None = Field(default=None, sa_type=text_enum(StoppedDecision))
    version: int = Field(default=0, sa_column=_version)


class StoppedOnes(Collection):
    """What deaths stopped, as far as the caller may see it; what waits for a decision relates to the person."""

    async def keep(self, stopped: Stopped) -> None:
        """Remember what was cancelled, for the case that the death is taken back."""
        self.session.add(StoppedRow(**dict(stopped)))
        await self.session.flush()

    async def put_on_list(self, person_id: UUID, on: date) -> None:
        """The person lives: whatever was cancelled waits for a decision."""
        today = await Relinks(self.transaction).current(person_id)
        query = select(StoppedRow).where(StoppedRow.person_id == today, col(StoppedRow.listed_on).is_(None))
        for row in (await self.session.exec(query.order_by(col(StoppedRow.id)).with_for_update())).all():
            await self.record(row, row.listed(on))

    async def get(self, stopped_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> StoppedRow:
        """One that is on the list or was; NotFound when there is none that this caller may see."""
        row = await self.session.get(StoppedRow, stopped_id)
        if row is None or row.listed_on is None or not (_sees_all(caller) or row.organisation == caller.organisation):
            raise NotFound
        await Related(self.transaction).demand(row.person_id, caller, is_owed=row.decision is None)
        if seen:
            seen.check(row)
        return row

    async def page(
        self, caller: Caller, decided: bool, limit: int, after: Sequence[str] | None
    ) -> Sequence[StoppedRow]:
        """At most `limit` + 1 that wait for a decision, or that were decided; the oldest first."""
        place = (col(StoppedRow.listed_on), col(StoppedRow.id))
        has_decision = col(StoppedRow.decision).is_not(None)
        query = select(StoppedRow).where(
            col(StoppedRow.listed_on).is_not(None), has_decision if decided else ~has_decision
        )
        if not _sees_all(caller):
            query = query.where(StoppedRow.organisation == caller.organisation)
        waits = col(StoppedRow.decision).is_(None)
        query = query.where(open_to(col(StoppedRow.person_id), caller, self.transaction.clock.now(), waits))
        if after:
            query = query.where(tuple_(*place) > (date.fromisoformat(after[0]), UUID(after[1])))
        return (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()


def _sees_all(caller: Caller) -> bool:
    return caller.scope == Scope.ALL
