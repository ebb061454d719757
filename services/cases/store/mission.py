"""What the comparisons between organisations read: cases of a period, their visits, tasks outside the mission."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, tuple_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.pathway import Told
from services.cases.domain.task import MissionReason, TaskStatus
from services.cases.events import VisitStatus
from services.cases.store.case_row import CaseRow
from services.cases.store.pathways import DeviationRow, Pathways
from services.cases.store.plans import TaskRow
from services.cases.store.visibility import held_by, led_by
from services.cases.store.visits import VisitRow
from shared.auth import Caller
from shared.store import Collection

Period = tuple[date, date]


def requested_in(caller: Caller, period: Period) -> SelectOfScalar[UUID]:
    """The ids of the cases requested in a period that the caller's organisation leads."""
    return select(CaseRow.id).where(held_by(caller), CaseRow.opened_on >= period[0], CaseRow.opened_on <= period[1])


class Comparisons(Collection):
    """What reports over organisations are made of. Shared cases count for the organisation that leads them."""

    async def cases(self, caller: Caller, period: Period) -> list[CaseRow]:
        """The cases requested in a period."""
        query = select(CaseRow).where(col(CaseRow.id).in_(requested_in(caller, period)))
        return list((await self.session.exec(query)).all())

    async def told(self, caller: Caller, period: Period) -> Mapping[UUID, list[Told]]:
        """What their timelines tell of the steps of pathways."""
        return await Pathways(self.transaction).told(requested_in(caller, period))

    async def explained(self, caller: Caller, period: Period) -> list[DeviationRow]:
        """The explanations given on them, the oldest first."""
        return await Pathways(self.transaction).deviations(requested_in(caller, period))

    async def visits(self, caller: Caller, period: Period) -> dict[UUID, int]:
        """How many visits were made to each of them."""
        query = (
            select(VisitRow.case_id, func.count())
            .where(VisitRow.status == VisitStatus.DONE, col(VisitRow.case_id).in_(requested_in(caller, period)))
            .group_by(col(VisitRow.case_id))
        )
        return dict((await self.session.exec(query)).all())

    async def outside(self, caller: Caller, period: Period) -> list[tuple[TaskRow, CaseRow]]:
        """The tasks outside the mission that are due in a period, with their cases; dropped ones never counted."""
        query = (
            select(TaskRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(TaskRow.case_id))
            .where(held_by(caller), outside_in(period))
        )
        return list((await self.session.exec(query)).all())

    async def outside_page(
        self,
        caller: Caller,
        period: Period,
        wanted: tuple[MissionReason | None, LifeDomain | None, str | None],
        limit: int,
        after: Sequence[str] | None,
    ) -> list[tuple[TaskRow, CaseRow]]:
        """At most `limit` + 1 of these tasks, of a reason, a domain and an accountable organisation, the first due
        first."""
        reason, domain, accountable = wanted
        query = (
            select(TaskRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(TaskRow.case_id))
            .where(led_by(caller, self.transaction.clock.now()), outside_in(period))
        )
        if reason:
            query = query.where(TaskRow.mission_reason == reason)
        if domain:
            query = query.where(TaskRow.domain == domain)
        if accountable:
            query = query.where(TaskRow.organisation == accountable)
        if after:
            query = query.where(
                tuple_(col(TaskRow.due_on), col(TaskRow.id)) > (date.fromisoformat(after[0]), UUID(after[1]))
            )
        query = query.order_by(col(TaskRow.due_on), col(TaskRow.id)).limit(limit + 1)
        return list((await self.session.exec(query)).all())


def outside_in(period: Period) -> ColumnElement[bool]:
    """What makes a task one of the register: outside the mission, due in the period, not dropped by a newer plan."""
    return and_(
        col(TaskRow.within_mission).is_(False),
        col(TaskRow.due_on).between(*period),
        col(TaskRow.status) != TaskStatus.DROPPED,
    )
