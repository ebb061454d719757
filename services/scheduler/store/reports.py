"""Counts of what became of follow-ups, by month and kind: codes and numbers only."""

from datetime import date

from pydantic import BaseModel
from sqlalchemy import text

from services.scheduler.domain import StepKind
from services.scheduler.events import Outcome
from shared.access import Scope
from shared.auth import Caller
from shared.store import Collection

COUNTED = [
    StepKind.UNREACHABLE,
    StepKind.RESTORED,
    StepKind.REFUSED,
    StepKind.COMPLETED,
    StepKind.CANCELLED,
]
"""An attempt that failed, a person who cannot be reached and one who refuses are counted apart."""

_COUNT = """
    WITH happened AS (
        SELECT kind, each->>'{code}' AS code, (each->>'at')::timestamptz AT TIME ZONE 'Europe/Brussels' AS at
        FROM follow_up, jsonb_array_elements({column}) AS each
        WHERE CAST(:organisation AS text) IS NULL OR organisation = :organisation
    )
    SELECT date_trunc('month', at)::date AS month, kind, code, count(*) AS count FROM happened
    WHERE at >= :first AND at < :end GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
ATTEMPTS = text(_COUNT.format(code="outcome", column="attempts"))
STEPS = text(_COUNT.format(code="step", column="history"))


class AttemptCount(BaseModel):
    """So many attempts at follow-ups of a kind ended in this way. `month` is its first day, in Belgium."""

    month: date
    kind: str
    outcome: Outcome
    count: int


class StepCount(BaseModel):
    """So often a follow-up of a kind came to this. `month` is its first day, in Belgium."""

    month: date
    kind: str
    step: StepKind
    count: int


class Reports(Collection):
    """What is counted of follow-ups."""

    async def attempts(self, caller: Caller, first: date, end: date) -> list[AttemptCount]:
        """Attempts from a day to the day before another, by month, kind and outcome."""
        connection = await self.session.connection()
        rows = await connection.execute(ATTEMPTS, self._asked(caller, first, end))
        return [AttemptCount(month=row.month, kind=row.kind, outcome=row.code, count=row.count) for row in rows]

    async def steps(self, caller: Caller, first: date, end: date) -> list[StepCount]:
        """What follow-ups came to from a day to the day before another, by month and kind."""
        connection = await self.session.connection()
        rows = await connection.execute(STEPS, self._asked(caller, first, end))
        return [
            StepCount(month=row.month, kind=row.kind, step=row.code, count=row.count)
            for row in rows
            if row.code in COUNTED
        ]

    def _asked(self, caller: Caller, first: date, end: date) -> dict[str, object]:
        return {"organisation": None if caller.scope == Scope.ALL else caller.organisation, "first": first, "end": end}
