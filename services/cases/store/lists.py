"""What is kept across cases: origins, known organisations, the agenda, the worklist, the caseload."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.cases.domain import ANSWERED_BY, RANK, Line, State, TaskStatus
from services.cases.events import Assignee, OriginKind
from services.cases.store.cases import OWNED
from services.cases.store.tables import CaseRow, LineRow, OrganisationRow, OriginRow, TaskRow
from shared.access import Scope
from shared.auth import Caller
from shared.store import Collection


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """Which cases a caller may see."""
    return true() if caller.scope == Scope.ALL else col(CaseRow.organisation) == caller.organisation


class Origins(Collection):
    """What is known of referrals and contacts."""

    async def hold(self, kind: OriginKind, origin_id: UUID) -> OriginRow:
        """The origin, made if need be and locked: whoever learns about it next waits, and sees what is learnt here."""
        await self.transaction.insert_once(OriginRow, kind=kind, id=origin_id)
        return (
            await self.session.exec(
                select(OriginRow).where(OriginRow.kind == kind, OriginRow.id == origin_id).with_for_update()
            )
        ).one()


class Organisations(Collection):
    """Our copy of the network's organisations."""

    async def learn(self, code: str, active: bool) -> None:
        """Replace our copy of one."""
        values = {"code": code, "active": active}
        copy = insert(OrganisationRow).values(values)
        await self.session.exec(copy.on_conflict_do_update(index_elements=["code"], set_={"active": active}))

    async def active_among(self, codes: Iterable[str]) -> set[str]:
        """Those of the codes that name an active organisation."""
        query = select(OrganisationRow.code).where(col(OrganisationRow.code).in_(set(codes)), OrganisationRow.active)
        return set((await self.session.exec(query)).all())


class Agenda(Collection):
    """The lines of the weekly meeting."""

    async def add(self, line: Line) -> bool:
        """Put a line on the agenda, once per source and once per open subject; says whether it is new."""
        return await self.transaction.insert_once(LineRow, **dict(line))

    async def settle(self, case_id: UUID, state: State, at: datetime) -> None:
        """Take off what the step of a case to this state answers."""
        lines = (col(LineRow.case_id) == case_id, col(LineRow.settled_at).is_(None))
        answered = col(LineRow.reason).in_(ANSWERED_BY[state])
        await self.session.exec(update(LineRow).where(*lines, answered).values(settled_at=at))

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[tuple[LineRow, CaseRow]]:
        """At most `limit` + 1 open lines with their cases: by rank of the reason, then the oldest first."""
        rank = case(
            {reason.value: place for reason, place in RANK.items()}, value=col(LineRow.reason), else_=len(RANK) + 1
        )
        query = (
            select(LineRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(LineRow.case_id))
            .where(seen_by(caller), col(LineRow.settled_at).is_(None))
        )
        if after:
            place = (int(after[0]), datetime.fromisoformat(after[1]), UUID(after[2]))
            query = query.where(tuple_(rank, col(LineRow.raised_at), col(LineRow.id)) > place)
        query = query.order_by(rank, col(LineRow.raised_at), col(LineRow.id))
        return list((await self.session.exec(query.limit(limit + 1))).all())


class Work(Collection):
    """Who has how much to do."""

    async def tasks(
        self,
        caller: Caller,
        wanted: tuple[TaskStatus, Assignee | None],
        limit: int,
        after: Sequence[str] | None,
    ) -> list[tuple[TaskRow, CaseRow]]:
        """At most `limit` + 1 tasks of cases that are not closed, the next due first."""
        status, assignee = wanted
        query = (
            select(TaskRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(TaskRow.case_id))
            .where(seen_by(caller), TaskRow.status == status, CaseRow.state != State.CLOSED)
        )
        if assignee:
            query = query.where(TaskRow.assignee == assignee)
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(TaskRow.due_on), col(TaskRow.id)) > place)
        query = query.order_by(col(TaskRow.due_on), col(TaskRow.id))
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def caseload(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[tuple[str, int]]:
        """At most `limit` + 1 workers who own open cases, with the number of these."""
        query = select(CaseRow.worker, func.count()).where(seen_by(caller), col(CaseRow.state).in_(OWNED))
        if after:
            query = query.where(col(CaseRow.worker) > after[0])
        query = query.group_by(col(CaseRow.worker)).order_by(col(CaseRow.worker)).limit(limit + 1)
        return [(worker or "", number) for worker, number in (await self.session.exec(query)).all()]
