"""Calendar feeds, by the hash of their token, and what stands in them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, delete, false, func, or_, tuple_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Field, col, select

from services.scheduler.domain import (
    MOST_FEEDS,
    Appointment,
    AppointmentStatus,
    CalendarEntry,
    EntryStatus,
    Feed,
    FeedOf,
    FollowUp,
    Language,
    Owner,
    Status,
    TooManyFeeds,
    hash_of,
)
from services.scheduler.store.appointments import AppointmentRow
from services.scheduler.store.follow_up_rows import WHOM, FollowUpRow
from services.scheduler.store.followed import FollowedCaseRow
from services.scheduler.store.related import whom_of
from services.scheduler.store.table import Table
from shared.access import Scope
from shared.acting import SERVICE
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.relationships.asked import excluded
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

BEHIND, AHEAD = timedelta(days=30), timedelta(days=400)
"""How far back and ahead a feed reaches from today."""
MOST_ENTRIES = 2000
A_CALL = timedelta(minutes=20)
_NOT_TO_BE = {Status.CANCELLED, Status.REFUSED, Status.UNREACHABLE}


class FeedRow(Table, Feed, table=True):
    """A feed that somebody may read by its token."""

    __tablename__ = "feed"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    worker: str = Field(index=True)
    of: FeedOf = Field(sa_type=text_enum(FeedOf))
    language: Language = Field(sa_type=text_enum(Language))
    token_hash: str = Field(unique=True)
    made_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))


class Feeds(Collection):
    """The feeds."""

    async def add(self, feed: Feed) -> FeedRow:
        """Keep a new feed; raises TooManyFeeds. Those that are over are forgotten."""
        await self.serialise(f"feed:{feed.worker}")
        mine = col(FeedRow.worker) == feed.worker
        await self.session.exec(delete(FeedRow).where(mine, col(FeedRow.expires_at) <= func.relais_now()))
        if (await self.session.exec(select(func.count()).select_from(FeedRow).where(mine))).one() >= MOST_FEEDS:
            raise TooManyFeeds
        row = FeedRow(**dict(feed))
        await self.keep(row)
        return row

    async def keep(self, row: FeedRow) -> None:
        """Write a feed down as it is now."""
        self.session.add(row)
        await self.session.flush()

    async def get(self, feed_id: UUID, caller: Caller) -> FeedRow:
        """One feed; NotFound when there is none that this caller may manage."""
        query = select(FeedRow).where(FeedRow.id == feed_id, *_manageable(caller)).with_for_update()
        row = (await self.session.exec(query)).one_or_none()
        if row is None:
            raise NotFound
        return row

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> Sequence[FeedRow]:
        """At most `limit` + 1 feeds, the oldest first."""
        place = (col(FeedRow.made_at), col(FeedRow.id))
        query = select(FeedRow).where(*_manageable(caller))
        if after:
            query = query.where(tuple_(*place) > (datetime.fromisoformat(after[0]), UUID(after[1])))
        return (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()

    async def end(self, row: FeedRow) -> None:
        """Nobody can read it from now on."""
        await self.session.delete(row)

    async def of_token(self, token: str) -> FeedRow:
        """The feed that a token opens; NotFound when it opens none, or none any more."""
        live = col(FeedRow.expires_at) > func.relais_now()
        query = select(FeedRow).where(FeedRow.token_hash == hash_of(token), live)
        async with self.transaction.in_name_of(SERVICE):
            row = (await self.session.exec(query)).one_or_none()
        if row is None:
            raise NotFound
        return row

    async def entries(self, feed: Feed, workers: set[str], today: date) -> list[CalendarEntry]:
        """What stands in a feed, by time; `workers` are the feed's own and those it stands in for today."""
        days = (today - BEHIND, today + AHEAD)
        theirs: ColumnElement[bool] = col(FollowUpRow.worker).in_(workers)
        if feed.of is FeedOf.LINE:
            theirs = or_(theirs, (col(FollowUpRow.owner) == Owner.LINE) & col(FollowUpRow.worker).is_(None))
        now, reader = self.transaction.clock.now(), as_caller(feed)
        calls = select(FollowUpRow).where(
            ~excluded(WHOM, reader, now),
            theirs,
            FollowUpRow.organisation == feed.organisation,
            col(FollowUpRow.due_on).between(*days),
        )
        rows = (await self.session.exec(calls.order_by(col(FollowUpRow.due_on)).limit(MOST_ENTRIES))).all()
        its_case = col(FollowedCaseRow.case_id) == AppointmentRow.case_id
        visits = (
            select(AppointmentRow)
            .outerjoin(FollowedCaseRow, its_case)
            .where(
                ~excluded(whom_of(AppointmentRow), reader, now),
                or_(col(AppointmentRow.worker).in_(workers), col(AppointmentRow.cadence).is_not(None)),
                AppointmentRow.organisation == feed.organisation,
                col(AppointmentRow.on).between(*days),
            )
        )
        kept = (await self.session.exec(visits.order_by(col(AppointmentRow.on)).limit(MOST_ENTRIES))).all()
        found = [call_of(row, row.version) for row in rows] + [visit_of(row, row.version) for row in kept]
        return sorted(found, key=lambda entry: (entry.begins, entry.id))


def as_caller(feed: Feed) -> Caller:
    """Whoever reads a feed, as far as exclusions ask: its worker. What stands in it are the worker's own promises."""
    roles = frozenset({"line-nurse"})
    return Caller(feed.worker, "", feed.organisation, roles, "", granted=roles)


def _manageable(caller: Caller) -> list[ColumnElement[bool]]:
    reach = {
        Scope.ALL: [],
        Scope.ORGANISATION: [col(FeedRow.organisation) == caller.organisation],
        Scope.OWN: [col(FeedRow.worker) == caller.subject],
    }
    return reach.get(Scope(caller.scope), [false()])


def call_of(row: FollowUp, version: int) -> CalendarEntry:
    """A follow-up in a calendar: a time to call, which blocks nothing else."""
    return CalendarEntry(
        id=row.id,
        group=row.trigger,
        kind=row.kind,
        begins=row.due_at,
        length=A_CALL,
        sequence=version,
        status=EntryStatus.CANCELLED if row.status in _NOT_TO_BE else EntryStatus.CONFIRMED,
        done=row.status is Status.COMPLETED,
    )


def visit_of(row: Appointment, version: int) -> CalendarEntry:
    """An appointment in a calendar; one of which only the day is known takes the whole day and blocks nothing."""
    begins, length = row.starts_at, timedelta(days=1)
    if begins and row.ends_at:
        length = row.ends_at - begins
    gone = row.status in {AppointmentStatus.CANCELLED, AppointmentStatus.MISSED}
    return CalendarEntry(
        id=row.id,
        group="appointment",
        kind=row.kind,
        begins=begins or datetime(row.on.year, row.on.month, row.on.day, tzinfo=UTC),
        length=length,
        sequence=version,
        status=EntryStatus.CANCELLED if gone else EntryStatus.CONFIRMED,
        done=row.status is AppointmentStatus.DONE,
        busy=begins is not None,
        day_only=begins is None,
    )
