"""The cases as assessment heard of them, and where their referrals came from."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, update
from sqlmodel import Field, col, select

from services.assessment.domain.course import DECEASED, Period, Point
from services.assessment.domain.outcome import ReferralSource, Source
from services.assessment.store.table import Related, Table, open_to, within
from shared.auth import Caller
from shared.store import Collection, Json

FROM_REFERRAL = "referral"


def among(column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Whether a column holds one of any number of ids: one parameter, where a list of them has a limit."""
    listed: ColumnElement[bool] = col(column) == any_(bindparam(None, list(ids), ARRAY(Uuid)))
    return listed


class ReferralSourceRow(Table, table=True):
    """Which organisation sent a referral."""

    __tablename__ = "referral_source"

    referral_id: UUID = Field(primary_key=True)
    sender: str


class CourseRow(Table, table=True):
    """A case as far as assessment needs it: a narrow copy, kept by events."""

    __tablename__ = "course"

    case_id: UUID = Field(primary_key=True)
    organisation: str
    person_id: UUID | None = Field(default=None, index=True)
    origin_kind: str
    origin_id: UUID
    opened_on: date = Field(index=True)
    closed_on: date | None = None
    closing_reason: str | None = None
    discharge_on: date | None = None
    followed_up: tuple[Point, ...] = Field(default=(), sa_type=Json(tuple[Point, ...]))

    @property
    def period(self) -> Period:
        """The days of the case."""
        return Period(self.opened_on, self.closed_on, self.closing_reason == DECEASED)

    @property
    def referral_id(self) -> UUID | None:
        """The referral that the case came from, if it did."""
        return self.origin_id if self.origin_kind == FROM_REFERRAL else None

    def source(self, senders: dict[UUID, str]) -> Source:
        """Who brought the person, as the case came to us."""
        if self.referral_id is None:
            return Source(kind=ReferralSource.LINE)
        return Source(kind=ReferralSource.HOSPITAL, organisation=senders.get(self.referral_id))


class Courses(Collection):
    """The cases, in the order in which their facts come."""

    async def note_sender(self, referral_id: UUID, sender: str) -> None:
        """Note who sent a referral."""
        await self.transaction.insert_once(ReferralSourceRow, referral_id=referral_id, sender=sender)

    async def open(self, case: CourseRow) -> None:
        """Note a case."""
        await self.transaction.insert_once(CourseRow, **case.model_dump())

    async def change(self, case_id: UUID, **values: object) -> None:
        """Note what happened to a case."""
        await self.session.exec(update(CourseRow).where(col(CourseRow.case_id) == case_id).values(**values))

    async def followed_up(self, case_id: UUID, point: Point) -> None:
        """Note that the person was reached at a point."""
        course = await self.session.get(CourseRow, case_id, with_for_update=True)
        if course and point not in course.followed_up:
            course.followed_up = (*course.followed_up, point)
            await self.session.flush()

    async def get(self, case_id: UUID, caller: Caller) -> CourseRow:
        """One case; raises NotFound."""
        return await Related(self.transaction).seen(await self.session.get(CourseRow, case_id), caller)

    async def find(self, case_id: UUID) -> CourseRow | None:
        """One case, or None when nothing was heard of it."""
        return await self.session.get(CourseRow, case_id)

    async def opened_between(self, caller: Caller, first: date, last: date) -> list[CourseRow]:
        """The cases opened in a span of days, both included."""
        opened = col(CourseRow.opened_on)
        query = select(CourseRow).where(*within(CourseRow, caller), opened >= first, opened <= last)
        return list((await self.session.exec(query.order_by(opened, col(CourseRow.case_id)))).all())

    async def started_by(self, caller: Caller, today: date, limit: int, after: Sequence[str] | None) -> list[CourseRow]:
        """At most `limit` + 1 cases that opened until today, the oldest first."""
        opened, case_id = col(CourseRow.opened_on), col(CourseRow.case_id)
        query = select(CourseRow).where(*open_to(CourseRow, caller, self.transaction), opened <= today)
        if after:
            since, last = date.fromisoformat(after[0]), UUID(after[1])
            query = query.where((opened > since) | ((opened == since) & (case_id > last)))
        return list((await self.session.exec(query.order_by(opened, case_id).limit(limit + 1))).all())

    async def senders(self, courses: Sequence[CourseRow]) -> dict[UUID, str]:
        """Who sent the referrals of these cases."""
        wanted = [course.origin_id for course in courses if course.referral_id]
        query = select(ReferralSourceRow).where(among(ReferralSourceRow.referral_id, wanted))
        return {row.referral_id: row.sender for row in (await self.session.exec(query)).all()}
