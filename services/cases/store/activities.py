"""Lines of work, and the months that they are accounted in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, Numeric, func, tuple_
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.cases.domain import (
    Activity,
    ActivityStatus,
    refuse_long_day,
)
from services.cases.events import AccompanimentResult, ActivityKind, DemandSource, Discipline
from services.cases.store.periods import Periods
from services.cases.store.table import Table
from services.cases.store.timeline import Timeline
from services.cases.store.workers import Workers
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_activity_version = Column("version", Integer, nullable=False)


class ActivityRow(Table, Activity, table=True):
    """A line of work."""

    __tablename__ = "activity"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _activity_version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_activity_worker_on", "worker", "on"),
        Index("ix_activity_case_id_on_id", "case_id", "on", "id"),
        Index("ix_activity_organisation_on_id", "organisation", "on", "id"),
        Index("ix_activity_root_id", "root_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    status: ActivityStatus = Field(default=ActivityStatus.CURRENT, sa_type=text_enum(ActivityStatus))
    case_id: UUID | None = Field(sa_column_args=[ForeignKey("case.id")])
    visit_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("visit.id")])
    kind: ActivityKind = Field(sa_type=text_enum(ActivityKind))
    discipline: Discipline | None = Field(sa_type=text_enum(Discipline))
    km: Decimal = Field(sa_type=Numeric(6, 2))
    result: AccompanimentResult | None = Field(default=None, sa_type=text_enum(AccompanimentResult))
    source: DemandSource | None = Field(default=None, sa_type=text_enum(DemandSource))
    note: str | None = Field(default=None, sa_type=EncryptedText)
    reason: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_activity_version)


@dataclass(frozen=True)
class Wanted:
    """Which lines a list is to show."""

    worker: str | None = None
    first: date | None = None
    last: date | None = None
    kind: ActivityKind | None = None
    all_versions: bool = False

    def limits(self) -> list[Any]:
        """The conditions that were asked for."""
        found: list[Any] = [ActivityRow.worker == self.worker] if self.worker else []
        found += [col(ActivityRow.on) >= self.first] if self.first else []
        found += [col(ActivityRow.on) <= self.last] if self.last else []
        return found + ([ActivityRow.kind == self.kind] if self.kind else [])


def entered_by(caller: Caller) -> list[Any]:
    """Whose lines a caller may see: their own, their organisation's, or all."""
    if caller.scope == Scope.ALL:
        return []
    own = [ActivityRow.worker == caller.subject] if caller.scope == Scope.OWN else []
    return [ActivityRow.organisation == caller.organisation, *own]


class Activities(Collection):
    """The lines of work, as far as the caller may see them."""

    async def get(self, activity_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> ActivityRow:
        """One line; NotFound where there is none that this caller may see; StaleVersion by `seen`."""
        query = select(ActivityRow).where(ActivityRow.id == activity_id, *entered_by(caller))
        found = (await self.session.exec(query)).first()
        if found is None:
            raise NotFound
        if seen:
            seen.check(found)
        return found

    async def chain(self, root_id: UUID) -> list[ActivityRow]:
        """All lines of a chain of corrections, the first one first."""
        query = select(ActivityRow).where(ActivityRow.root_id == root_id)
        return list((await self.session.exec(query.order_by(col(ActivityRow.entered_at), col(ActivityRow.id)))).all())

    async def enter(self, activity: Activity, words: str | None = None, *, told: bool = True) -> ActivityRow:
        """Store a line that counts from now on; `told` says whether the case's timeline tells of it, with its words.

        Raises PeriodIsClosed for a day of a closed month, Unfit where the worker's day would have over 24 hours.
        """
        await Periods(self.transaction).refuse_closed(activity.organisation, activity.month)
        refuse_long_day(await self.minutes_of(activity.worker, activity.on), activity.minutes)
        row = ActivityRow(**dict(activity))
        fact = row.recorded()
        await self.record(row, fact)
        if told:
            self.tell(row, fact, row.entered_by, words)
        return row

    async def replace(self, old: ActivityRow, new: Activity, fact: Event) -> ActivityRow:
        """Store a correction: the old line no longer counts, the new one does. Raises like `enter`."""
        await Periods(self.transaction).refuse_closed(old.organisation, old.month)
        await self.record(old, fact)
        self.tell(old, fact, new.entered_by, new.reason)
        return await self.enter(new)

    async def take_back(self, activity: ActivityRow, fact: Event, by: str) -> None:
        """Store a withdrawal. Raises PeriodIsClosed for a day of a closed month."""
        await Periods(self.transaction).refuse_closed(activity.organisation, activity.month)
        await self.record(activity, fact)
        self.tell(activity, fact, by, activity.reason)

    def tell(self, activity: Activity, fact: Event, by: str, words: str | None) -> None:
        """Write a fact on the timeline of the case, where the line is for one."""
        if activity.case_id:
            said = {"note": words} if words else {}
            Timeline(self.transaction).tell(activity.case_id, [fact], by, said)

    async def minutes_of(self, worker: str, on: date) -> int:
        """The minutes of a person's day that count, under a lock that the transaction holds to its end.

        Two entries for the same day wait for each other, so that both see what the other has entered.
        """
        await self.serialise(f"activity:{worker}:{on}")
        minutes = col(ActivityRow.direct_minutes) + col(ActivityRow.travel_minutes)
        query = select(func.coalesce(func.sum(minutes), 0)).where(
            ActivityRow.worker == worker, ActivityRow.on == on, ActivityRow.status == ActivityStatus.CURRENT
        )
        return int((await self.session.exec(query)).one())

    async def discipline_of(self, worker: str, caller: Caller) -> Discipline | None:
        """A worker's discipline as far as it is known: from the register, or from the caller's own token."""
        known = await Workers(self.transaction).find(worker)
        if known:
            return known.discipline
        own = caller.discipline if worker == caller.subject else ""
        return Discipline(own) if own in list(Discipline) else None

    async def page(self, caller: Caller, wanted: Wanted, limit: int, after: Sequence[str] | None) -> list[ActivityRow]:
        """At most `limit` + 1 lines, the latest day first."""
        query = select(ActivityRow).where(*entered_by(caller))
        query = query.where(*wanted.limits())
        if not wanted.all_versions:
            query = query.where(ActivityRow.status == ActivityStatus.CURRENT)
        return await self._latest(query, limit, after)

    async def of_case(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[ActivityRow]:
        """At most `limit` + 1 lines of a case that count, the latest day first."""
        query = select(ActivityRow).where(ActivityRow.case_id == case_id, ActivityRow.status == ActivityStatus.CURRENT)
        return await self._latest(query, limit, after)

    async def _latest(
        self, query: SelectOfScalar[ActivityRow], limit: int, after: Sequence[str] | None
    ) -> list[ActivityRow]:
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(ActivityRow.on), col(ActivityRow.id)) < place)
        query = query.order_by(col(ActivityRow.on).desc(), col(ActivityRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
