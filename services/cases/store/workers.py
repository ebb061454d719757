"""The register of workers."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Integer, and_, func, true
from sqlmodel import Field, col, select

from services.cases.domain.worker import Absence, Worker
from services.cases.events import Discipline
from services.cases.store.table import Table
from shared.access import Scope
from shared.acting import SERVICE
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.requests import MaybeSeen, SeenVersion
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_worker_version = Column("version", Integer, nullable=False)


class WorkerRow(Table, Worker, table=True):
    """A worker."""

    __tablename__ = "worker"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _worker_version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subject: str = Field(unique=True)
    discipline: Discipline = Field(sa_type=text_enum(Discipline))
    organisation: str = Field(index=True)
    municipalities: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    absences: tuple[Absence, ...] = Field(default=(), sa_type=Json(tuple[Absence, ...]))
    version: int = Field(default=0, sa_column=_worker_version)


class Workers(Collection):
    """The workers, by subject."""

    async def find(self, subject: str) -> WorkerRow | None:
        """A registered worker of whichever organisation, or None: a subject works for one, and is away for all."""
        async with self.transaction.in_name_of(SERVICE):
            return (await self.session.exec(select(WorkerRow).where(WorkerRow.subject == subject))).first()

    async def among(self, subjects: Iterable[str]) -> dict[str, WorkerRow]:
        """Those of the subjects who are registered."""
        query = select(WorkerRow).where(col(WorkerRow.subject).in_(set(subjects)))
        async with self.transaction.in_name_of(SERVICE):
            return {row.subject: row for row in (await self.session.exec(query)).all()}

    async def get(self, subject: str, caller: Caller, seen: SeenVersion | MaybeSeen | None = None) -> WorkerRow:
        """A worker within the caller's reach; NotFound, and StaleVersion by `seen`."""
        query = select(WorkerRow).where(WorkerRow.subject == subject, of_organisation(caller))
        worker = (await self.session.exec(query)).first()
        if worker is None:
            raise NotFound
        if seen:
            seen.check(worker)
        return worker

    async def refuse_absent(self, subject: str, on_day: date) -> None:
        """Raise WorkerAbsent where the worker is away on a day, or has left; whoever is not registered never is."""
        worker = await self.find(subject)
        if worker:
            worker.refuse_away(on_day)

    async def able(self, organisations: Iterable[str], day: date) -> list[WorkerRow]:
        """The workers of these organisations who can take a case on a day, by subject."""
        query = select(WorkerRow).where(col(WorkerRow.organisation).in_(set(organisations)))
        rows = (await self.session.exec(query.order_by(col(WorkerRow.subject)))).all()
        return [row for row in rows if row.away(day) is None]

    async def standing_in(self, substitutes: Iterable[str], day: date) -> dict[str, list[str]]:
        """Who is absent on a day, by who stands in for them."""
        wanted = set(substitutes)
        query = select(WorkerRow).where(func.jsonb_array_length(col(WorkerRow.absences)) > 0)
        found: dict[str, list[str]] = {}
        for row in (await self.session.exec(query.order_by(col(WorkerRow.subject)))).all():
            away = row.away(day)
            if away and away.substitute in wanted:
                found.setdefault(away.substitute, []).append(row.subject)
        return found

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[WorkerRow]:
        """At most `limit` + 1 workers, by subject."""
        query = select(WorkerRow).where(of_organisation(caller))
        if after:
            query = query.where(WorkerRow.subject > after[0])
        return list((await self.session.exec(query.order_by(col(WorkerRow.subject)).limit(limit + 1))).all())


def may_see(caller: Caller, organisation: str) -> bool:
    """Whether a worker of this organisation is the caller's business."""
    return caller.scope == Scope.ALL or caller.organisation == organisation


def of_organisation(caller: Caller) -> ColumnElement[bool]:
    """Whether a worker is the caller's business, in a query; a team is those of one programme."""
    if caller.scope == Scope.ALL:
        return true()
    here = col(WorkerRow.organisation) == caller.organisation
    own = select(WorkerRow.programme).where(WorkerRow.subject == caller.subject, here)
    return and_(here, col(WorkerRow.programme).in_(own)) if caller.scope == Scope.TEAM else here
