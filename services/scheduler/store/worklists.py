"""Worklists: what is to be done, by whom, and who is at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, tuple_
from sqlalchemy import select as select_columns
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from services.scheduler.domain import WORKABLE, Owner, Status, Target, Trigger
from services.scheduler.store.campaign_rows import paused_campaigns
from services.scheduler.store.follow_up_rows import WHOM, FollowUpRow
from services.scheduler.store.languages import PersonLanguageRow
from services.scheduler.store.leases import LeaseRow
from shared.access import Scope
from shared.auth import Caller
from shared.relationships.asked import excluded
from shared.store import Collection


class When(StrEnum):
    """A part of the worklist: before today, today, or from today to Sunday."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"


class Order(StrEnum):
    """What comes first: the day, then the risk; or the risk, then the day."""

    DAY = "day"
    RISK = "risk"


@dataclass(frozen=True)
class Wanted:
    """Which part of the worklist. `workers` are subjects; None is everybody's. `on` is today in Belgium."""

    on: date
    days: tuple[date, date]
    owner: Owner | None = None
    workers: frozenset[str] | None = None
    language: str | None = None
    trigger: Trigger | None = None
    kind: str | None = None
    worst: int | None = None
    """Only risks up to this, 0 being the highest."""
    free: bool = False
    """Only what nobody else has claimed."""
    resting: bool = False
    """What rests, instead of what does not."""
    order: Order = Order.DAY
    done_by: frozenset[str] | None = None
    """Whose results a digest counts."""


@dataclass(frozen=True)
class Entry:
    """A follow-up with the language of its person and the live claim on the person."""

    follow_up: FollowUpRow
    language: str | None
    holder: str | None
    lease_until: datetime | None


@dataclass(frozen=True)
class Load:
    """How much there is to do until Sunday, of one owner and worker. `week` is today to Sunday."""

    owner: Owner
    worker: str | None
    today: int
    overdue: int
    week: int
    claimed: int
    held: int


@dataclass
class Sum:
    """What a digest counts, by the trigger and the kind of follow-up."""

    due: dict[tuple[str, str], int] = field(default_factory=dict)
    overdue: dict[tuple[str, str], int] = field(default_factory=dict)
    done: dict[tuple[str, str], int] = field(default_factory=dict)


_LEASED = and_(
    col(LeaseRow.subject_id) == func.coalesce(FollowUpRow.person_id, FollowUpRow.id),
    col(LeaseRow.until) > func.relais_now(),
)
TO_DO = or_(
    col(FollowUpRow.status).in_(WORKABLE - {Status.PLANNED}),
    and_(col(FollowUpRow.status) == Status.PLANNED, col(FollowUpRow.origin_id).not_in(paused_campaigns())),
    and_(col(FollowUpRow.status) == Status.UNREACHABLE, col(FollowUpRow.target) != Target.PERSON),
)
"""What somebody has to try: the person, or once the person cannot be reached, whoever is turned to.

Not what is planned in a campaign that is paused.
"""
_ORDERS = {
    Order.DAY: (col(FollowUpRow.due_on), col(FollowUpRow.risk), col(FollowUpRow.id)),
    Order.RISK: (col(FollowUpRow.risk), col(FollowUpRow.due_on), col(FollowUpRow.id)),
}


def place_of(row: FollowUpRow, order: Order) -> tuple[date | int | UUID, ...]:
    """The sort key of a follow-up in a worklist."""
    return (row.due_on, row.risk, row.id) if order is Order.DAY else (row.risk, row.due_on, row.id)


def visible(caller: Caller) -> list[ColumnElement[bool]]:
    """What narrows a query to the follow-ups that a caller may see."""
    return [] if caller.scope == Scope.ALL else [col(FollowUpRow.organisation) == caller.organisation]


def resting(on: date) -> ColumnElement[bool]:
    """Whether a follow-up rests on a day."""
    return func.coalesce(col(FollowUpRow.held_until) > on, False)


class Worklists(Collection):
    """What is to be done. Whoever owes a call is related to the person by that, unless the person excludes them."""

    async def page(self, caller: Caller, wanted: Wanted, limit: int, after: Sequence[str] | None) -> Sequence[Entry]:
        """At most `limit` + 1 follow-ups that are to be worked on."""
        place = _ORDERS[wanted.order]
        query = (
            select(FollowUpRow, PersonLanguageRow.language, LeaseRow.holder, LeaseRow.until)
            .outerjoin(PersonLanguageRow, col(PersonLanguageRow.person_id) == col(FollowUpRow.person_id))
            .outerjoin(LeaseRow, _LEASED)
            .where(*visible(caller), *_conditions(wanted, caller))
            .where(~excluded(WHOM, caller, self.transaction.clock.now()))
        )
        if after:
            one, two = (date.fromisoformat, int) if wanted.order is Order.DAY else (int, date.fromisoformat)
            query = query.where(tuple_(*place) > (one(after[0]), two(after[1]), UUID(after[2])))
        rows = (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()
        return [Entry(*row) for row in rows]

    async def loads(self, caller: Caller, today: date) -> Sequence[Load]:
        """How much there is to do until Sunday, by owner and worker."""
        due, owner, worker = col(FollowUpRow.due_on), col(FollowUpRow.owner), col(FollowUpRow.worker)
        active = ~resting(today)
        query = (
            select_columns(
                owner,
                worker,
                func.count().filter(active, due == today),
                func.count().filter(active, due < today),
                func.count().filter(active, due >= today),
                func.count().filter(col(LeaseRow.subject_id).is_not(None)),
                func.count().filter(resting(today)),
            )
            .select_from(FollowUpRow)
            .outerjoin(LeaseRow, _LEASED)
            .where(*visible(caller), TO_DO, due <= sunday_of(today))
            .group_by(owner, worker)
            .order_by(owner, worker.nulls_first())
        )
        return [Load(*row) for row in (await (await self.session.connection()).execute(query)).all()]

    async def holders(self, caller: Caller) -> Sequence[tuple[str, int]]:
        """How many people each worker has claimed just now, by subject."""
        query = select(LeaseRow.holder, func.count()).where(col(LeaseRow.until) > func.relais_now())
        if caller.scope != Scope.ALL:
            query = query.where(col(LeaseRow.organisation) == caller.organisation)
        rows = await self.session.exec(query.group_by(col(LeaseRow.holder)).order_by(col(LeaseRow.holder)))
        return [(holder, count) for holder, count in rows.all()]

    async def sums(self, caller: Caller, wanted: Wanted, since: date) -> Sum:
        """What is due on the day, what is overdue then, and what was done from `since` to the day before."""
        due, kinds = col(FollowUpRow.due_on), (col(FollowUpRow.trigger), col(FollowUpRow.kind))
        late, today = func.count().filter(due < wanted.on), func.count().filter(due == wanted.on)
        query = select(*kinds, late, today).where(*visible(caller), *_conditions(wanted, caller)).group_by(*kinds)
        found = Sum()
        for trigger, kind, overdue, due_today in (await self.session.exec(query)).all():
            found.overdue |= {(trigger, kind): overdue} if overdue else {}
            found.due |= {(trigger, kind): due_today} if due_today else {}
        found.done = await self._done(caller, wanted, since)
        return found

    async def _done(self, caller: Caller, wanted: Wanted, since: date) -> dict[tuple[str, str], int]:
        result: Any = col(FollowUpRow.result)
        on, by = func.jsonb_extract_path_text(result, "on"), func.jsonb_extract_path_text(result, "by")
        kinds = (col(FollowUpRow.trigger), col(FollowUpRow.kind))
        query = select(*kinds, func.count()).where(
            *visible(caller),
            col(FollowUpRow.status) == Status.COMPLETED,
            on >= since.isoformat(),
            on < wanted.on.isoformat(),
        )
        if wanted.done_by is not None:
            query = query.where(by.in_(wanted.done_by))
        rows = (await self.session.exec(query.group_by(*kinds))).all()
        return {(trigger, kind): count for trigger, kind, count in rows}


def _conditions(wanted: Wanted, caller: Caller) -> list[ColumnElement[bool]]:
    """The filters that are set, and what always holds of a worklist."""
    equal = {
        col(FollowUpRow.owner): wanted.owner,
        col(FollowUpRow.trigger): wanted.trigger,
        col(FollowUpRow.kind): wanted.kind,
        col(PersonLanguageRow.language): wanted.language,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    found += [TO_DO, col(FollowUpRow.due_on).between(*wanted.days)]
    found.append(resting(wanted.on) if wanted.resting else ~resting(wanted.on))
    if wanted.workers is not None:
        found.append(col(FollowUpRow.worker).in_(wanted.workers))
    if wanted.worst is not None:
        found.append(col(FollowUpRow.risk) <= wanted.worst)
    if wanted.free:
        found.append(or_(col(LeaseRow.holder).is_(None), col(LeaseRow.holder) == caller.subject))
    return found


def sunday_of(today: date) -> date:
    """The last day of the week."""
    return today + timedelta(days=6 - today.weekday())


def days_of(when: When | None, today: date) -> tuple[date, date]:
    """The first and last day of a part of the worklist; without a part, everything until Sunday."""
    parts = {
        When.OVERDUE: (date.min, today - timedelta(days=1)),
        When.TODAY: (today, today),
        When.WEEK: (today, sunday_of(today)),
    }
    return parts[when] if when else (date.min, sunday_of(today))
