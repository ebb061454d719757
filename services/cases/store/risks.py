"""The cases that are about to lose their owner, their next step or its date."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, tuple_
from sqlmodel import col, select

from services.cases.domain.risk import RISK_RANK, Risk, Watch
from services.cases.domain.states import OWNED, UNOWNED, State
from services.cases.store.case_row import CaseRow
from services.cases.store.visibility import led_by
from services.cases.store.workers import WorkerRow
from shared.auth import Caller
from shared.clock import local_date
from shared.store import Collection

STATE, WORKER = col(CaseRow.state), col(CaseRow.worker)
DAY: ColumnElement[date] = case(
    (STATE.in_(UNOWNED), col(CaseRow.opened_on)),
    else_=func.coalesce(col(CaseRow.paused_until), col(CaseRow.next_step_on), col(CaseRow.opened_on)),
)
"""`domain.day_at_risk` in SQL."""


def rank(watch: Watch) -> ColumnElement[int]:
    """The rank of the most pressing of `domain.risks_of` in SQL; null where there is none."""
    owned, works = STATE.in_(OWNED), and_(STATE.in_(OWNED), STATE != State.PAUSED)
    rules: dict[Risk, ColumnElement[bool]] = {
        Risk.OWNER_LEFT: and_(owned, WORKER.in_(watch.left)),
        Risk.NO_OWNER: and_(STATE.in_(UNOWNED), watch.patience > DAY),
        Risk.PAUSE_OVER: and_(STATE == State.PAUSED, watch.today > DAY),
        Risk.STEP_OVERDUE: and_(works, watch.today > DAY),
        Risk.OWNER_ABSENT: and_(owned, WORKER.in_(watch.absent)),
        Risk.STEP_DUE: and_(works, watch.horizon >= DAY),
    }
    return case(*((rules[risk], RISK_RANK[risk]) for risk in Risk))


class Risks(Collection):
    """The cases at risk."""

    async def watch(self, days: int) -> Watch:
        """What cases are looked at with today."""
        today = local_date(self.transaction.clock)
        left: set[str] = set()
        absent: set[str] = set()
        for worker in (await self.session.exec(select(WorkerRow))).all():
            away = worker.away(today)
            if away:
                (left if away.left_on else absent).add(worker.subject)
        return Watch(today, days, frozenset(left), frozenset(absent))

    async def page(
        self, caller: Caller, watch: Watch, limit: int, after: Sequence[str] | None
    ) -> list[tuple[CaseRow, int]]:
        """At most `limit` + 1 cases at risk with their rank: by rank, then by day, then by id."""
        place = rank(watch)
        query = select(CaseRow, place).where(
            led_by(caller, self.transaction.clock.now()), STATE.in_(OWNED | UNOWNED), place.is_not(None)
        )
        if after:
            query = query.where(
                tuple_(place, DAY, col(CaseRow.id)) > (int(after[0]), date.fromisoformat(after[1]), UUID(after[2]))
            )
        query = query.order_by(place, DAY, col(CaseRow.id)).limit(limit + 1)
        return [(row, number) for row, number in (await self.session.exec(query)).all()]
