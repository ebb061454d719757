"""Cases and what hangs on them: the record, its visits, plans and tasks, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, tuple_
from sqlmodel import col, select

from services.cases.domain import Case, Load, Plan, State, Task, Visit
from services.cases.events import CaseOpened, OriginKind
from services.cases.store.tables import CaseRow, EntryRow, PlanRow, TaskRow, VisitRow
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.events import Event
from shared.requests import SeenVersion
from shared.store import Collection

OWNED = (State.ASSIGNED, State.IN_CARE)


class Cases(Collection):
    """The cases, as far as the caller may see them."""

    async def get(self, case_id: UUID, caller: Caller | None = None, seen: SeenVersion | None = None) -> CaseRow:
        """One case; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        case = await self.session.get(CaseRow, case_id)
        if case is None or not visible(case, caller):
            raise NotFound
        if seen:
            seen.check(case)
        return case

    async def of_origin(self, kind: OriginKind, origin_id: UUID) -> CaseRow | None:
        """The case of an origin, locked, so that its state does not change while something is hung on it."""
        query = select(CaseRow).where(CaseRow.origin_kind == kind, CaseRow.origin_id == origin_id)
        return (await self.session.exec(query.with_for_update())).first()

    async def open(self, case: Case, fact: CaseOpened) -> bool:
        """Store a new case once per origin; says whether it is new."""
        new = await self.transaction.record_new(CaseRow, dict(case), fact)
        if new:
            self.session.add(self._entry(case.id, 1, fact, None))
        return new

    async def keep(self, case: CaseRow, by: str | None, *facts: Event, words: Mapping[str, str] | None = None) -> None:
        """Record a step: the case, its facts, and the lines of its timeline.

        `words` is what the worker wrote with the step; it stays with the first of the facts and is never published.
        """
        first = case.version + 1
        await self.record(case, *facts)
        for number, fact in enumerate(facts, start=first):
            entry = self._entry(case.id, number, fact, by)
            entry.words = dict(words or {}) if number == first else {}
            self.session.add(entry)

    def _entry(self, case_id: UUID, number: int, fact: Event, by: str | None) -> EntryRow:
        kind, facts = fact.type.split(".")[1], fact.model_dump(mode="json")
        at = self.transaction.clock.now()
        return EntryRow(case_id=case_id, number=number, kind=kind, at=at, by=by, facts=facts, words={})

    async def load_of(self, worker: str, cap: int, besides: UUID) -> Load:
        """A worker's open cases besides one, counted under a lock that the transaction holds to its end.

        Two assignments to the same worker wait for each other, so that both see what the other has taken.
        """
        await self.session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(f"worker:{worker}", 0))))
        query = select(func.count()).where(
            CaseRow.worker == worker, col(CaseRow.state).in_(OWNED), CaseRow.id != besides
        )
        return Load(open=(await self.session.exec(query)).one(), cap=cap)

    async def page(
        self,
        caller: Caller,
        state: State | None,
        worker: str | None,
        limit: int,
        after: Sequence[str] | None,
    ) -> list[CaseRow]:
        """At most `limit` + 1 cases, newest first."""
        query = select(CaseRow)
        if caller.scope != Scope.ALL:
            query = query.where(CaseRow.organisation == caller.organisation)
        if state:
            query = query.where(CaseRow.state == state)
        if worker:
            query = query.where(CaseRow.worker == worker)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(CaseRow.opened_at), col(CaseRow.id)) < place)
        query = query.order_by(col(CaseRow.opened_at).desc(), col(CaseRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def timeline(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[EntryRow]:
        """At most `limit` + 1 facts of a case, newest first."""
        query = select(EntryRow).where(EntryRow.case_id == case_id)
        if after:
            query = query.where(EntryRow.number < int(after[0]))
        query = query.order_by(col(EntryRow.number).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


def visible(case: Case, caller: Caller | None) -> bool:
    """Whether a caller may see a case; our own handlers are no caller."""
    return caller is None or caller.scope == Scope.ALL or case.organisation == caller.organisation


class Visits(Collection):
    """The visits of a case."""

    def add(self, visit: Visit) -> None:
        """Store a visit whose case is recorded already."""
        self.session.add(VisitRow(**dict(visit)))

    async def page(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[VisitRow]:
        """At most `limit` + 1 visits, the latest day first."""
        query = select(VisitRow).where(VisitRow.case_id == case_id)
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(VisitRow.on), col(VisitRow.id)) < place)
        query = query.order_by(col(VisitRow.on).desc(), col(VisitRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


class Plans(Collection):
    """The versions of a case's plan."""

    def add(self, plan: Plan) -> None:
        """Store a version whose case is recorded already."""
        self.session.add(PlanRow(**dict(plan)))

    async def find(self, case_id: UUID, number: int | None) -> PlanRow | None:
        """One version, or None."""
        return await self.session.get(PlanRow, (case_id, number)) if number else None

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
        self.session.add_all([TaskRow(**dict(task)) for task in tasks])

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
