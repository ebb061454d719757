"""What was given to the line: the tasks that it took over and did, week by week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, cast, func, select
from sqlmodel import col

from services.cases.domain.task import TaskOrigin, TaskStatus
from services.cases.events import Assignee
from services.cases.store.case_row import CaseRow
from services.cases.store.plans import TaskRow
from services.cases.store.visibility import seen_by
from shared.auth import Caller
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's session is not typed for SQLAlchemy's own selects.


@dataclass(frozen=True)
class Week:
    """The line's tasks of one week: `timed` of those done have their minutes told."""

    week: date
    delegated: int
    by_meeting: int
    done: int
    timed: int
    minutes: int


def week_of(day: Any) -> ColumnElement[date]:
    """The Monday of a day's week."""
    return cast(func.date_trunc("week", day), Date)


class Delegations(Collection):
    """What was given to the line."""

    async def weeks(self, caller: Caller, start: date, end: date) -> list[Week]:
        """Every week with something given to the line or done by it, from `start` to `end` included, in order.

        A task counts as given in the week in which it was assigned to the line as a task, and as done in the week of
        the day on which it was done.
        """
        given_on = cast(func.timezone("Europe/Brussels", col(TaskRow.added_at)), Date)
        by_meeting = func.count().filter(col(TaskRow.origin) == TaskOrigin.MEETING)
        given = await self._by_week(caller, given_on, (start, end), func.count(), by_meeting)
        minutes = func.coalesce(func.sum(col(TaskRow.minutes)), 0)
        done_on = col(TaskRow.done_on)
        done = await self._by_week(
            caller, done_on, (start, end), func.count(), func.count(col(TaskRow.minutes)), cast(minutes, Integer)
        )
        return [
            Week(week, *given.get(week, (0, 0)), *done.get(week, (0, 0, 0)))
            for week in sorted(given.keys() | done.keys())
        ]

    async def _by_week(
        self, caller: Caller, day: Any, period: tuple[date, date], *figures: ColumnElement[Any]
    ) -> Mapping[date, tuple[int, ...]]:
        week = week_of(day)
        query = (
            select(week, *figures)
            .select_from(TaskRow)
            .join(CaseRow, col(CaseRow.id) == col(TaskRow.case_id))
            .where(
                seen_by(caller, self.transaction.clock.now()),
                col(TaskRow.assignee) == Assignee.LINE,
                day.between(*period),
            )
            .where(col(TaskRow.status) != TaskStatus.DROPPED)
        )
        return {row[0]: tuple(row[1:]) for row in (await self.session.exec(query.group_by(week))).all()}
