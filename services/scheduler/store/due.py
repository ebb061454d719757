"""What is due by the database's clock, most urgent first, and how much of a backlog may fall due in a minute."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, any_, func, literal
from sqlalchemy.orm import load_only
from sqlmodel import Field, col, select

from services.scheduler.domain import ROUTINE
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.table import Table
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

CLAIM = 100

_FIRST = """
    SELECT first.id FROM generate_series({most_urgent}, 9) AS level (risk) CROSS JOIN LATERAL (
        SELECT id FROM follow_up
        WHERE status = 'planned' AND risk = level.risk AND due_at > {after} AND due_at <= {until}
            AND origin_id NOT IN (SELECT id FROM campaign WHERE status = 'paused')
            AND coalesce(person_id <> ALL (ARRAY(SELECT id FROM ended_subject WHERE state = 'restricted')), true)
        ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
    ) AS first LIMIT $1
"""
_DAY_AGO = "relais_now() - interval '1 day'"
_EVER = "timestamptz '-infinity'"
TODAY = _FIRST.format(
    most_urgent=0,
    after=f"CASE WHEN level.risk < {ROUTINE} THEN {_EVER} ELSE {_DAY_AGO} END",
    until="relais_now()",
)
BACKLOG = _FIRST.format(most_urgent=ROUTINE, after=_EVER, until=_DAY_AGO)


_READ = ("case_id", "person_id", "kind", "due_on", "status", "version")
_TOLD = load_only(*(getattr(FollowUpRow, name) for name in _READ), raiseload=True)
"""What falling due reads and changes; the rest of a row is several times as much work."""


class BacklogMinute(Table, table=True):
    """How much of the backlog fell due in the present minute: one row; whoever holds its lock catches up."""

    __tablename__ = "backlog_minute"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    minute: datetime = Field(sa_type=DateTime(timezone=True))
    taken: int


class Due(Collection):
    """Planned follow-ups whose time has come by `relais_now()`, the database's clock.

    Each claim locks what it gives and skips what others have locked: timers have no mutual order, so that loses
    nothing. A claim looks at each level of risk by the partial index on (risk, due_at): it stops at its limit, costs
    the same for a hundred due as for ten thousand, and never walks past a backlog that waits for its turn.
    """

    async def claim(self, limit: int = CLAIM) -> Sequence[FollowUpRow]:
        """What is urgent, however old, and the routine of the last day; by risk, then by time."""
        return await self._rows(await self._locked(TODAY, limit))

    async def claim_backlog(self, per_minute: int, limit: int = CLAIM) -> Sequence[FollowUpRow]:
        """Routine that is older than a day: at most so many in any minute by all replicas, and by one at a time."""
        if not await self._locked(BACKLOG, 1):
            return []
        await self.transaction.insert_once(BacklogMinute, id=1, minute=datetime(2000, 1, 1, tzinfo=UTC), taken=0)
        query = select(BacklogMinute, func.date_trunc("minute", func.relais_now())).with_for_update(skip_locked=True)
        found = (await self.session.exec(query)).first()
        if found is None:
            return []
        backlog, minute = found
        taken = backlog.taken if backlog.minute == minute else 0
        ids = await self._locked(BACKLOG, min(limit, max(0, per_minute - taken)))
        backlog.minute, backlog.taken = minute, taken + len(ids)
        await self.session.flush()
        return await self._rows(ids)

    async def _locked(self, sql: str, limit: int) -> Sequence[UUID]:
        """As the driver takes it: this is asked every second and mostly finds nothing, so what is asked is no work."""
        connection = await self.session.connection()
        return (await connection.exec_driver_sql(sql, (limit,))).scalars().all()

    async def _rows(self, ids: Sequence[UUID]) -> Sequence[FollowUpRow]:
        if not ids:
            return []
        wanted = col(FollowUpRow.id) == any_(literal(ids, ARRAY(Uuid)))
        urgent_first = (col(FollowUpRow.risk), col(FollowUpRow.due_at))
        query = select(FollowUpRow).where(wanted).order_by(*urgent_first).options(_TOLD)
        return (await self.session.exec(query)).all()
