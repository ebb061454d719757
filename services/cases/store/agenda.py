"""The lines of the weekly meeting."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, case, or_, text, tuple_, update
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select

from services.cases.domain import RANK, Line, Reason
from services.cases.domain.agenda import Signal
from services.cases.domain.purposes import TEAM_MEETING
from services.cases.events import Urgency
from services.cases.store.case_row import CaseRow
from services.cases.store.table import Table
from services.cases.store.ties import Ties
from services.cases.store.visibility import seen_by
from shared.agreements import Agreements
from shared.auth import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.relinks import Relinks
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class LineRow(Table, Line, table=True):
    """A line on the agenda of the meeting."""

    __tablename__ = "agenda_line"
    __table_args__ = (
        UniqueConstraint("case_id", "reason", "subject_id", "source_id"),
        Index(
            "uq_agenda_line_open",
            "case_id",
            "reason",
            "subject_id",
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    reason: Reason = Field(sa_type=text_enum(Reason))
    urgency: Urgency = Field(default=Urgency.ROUTINE, sa_type=text_enum(Urgency))


OPEN = col(LineRow.settled_at).is_(None)


def place() -> tuple[Any, Any, Any, Any]:
    """The order of `domain.place_of` in SQL; needs the case beside the line."""
    ranks = {reason.value: number for reason, number in RANK.items()}
    rank = case(ranks, value=col(LineRow.reason), else_=len(RANK) + 1)
    is_urgent = or_(col(LineRow.urgency) == Urgency.URGENT, col(CaseRow.urgency) == Urgency.URGENT)
    calm = case((is_urgent, 0), else_=1)
    return rank, calm, col(LineRow.since), col(LineRow.subject_id)


class Agenda(Collection):
    """The lines of the weekly meeting."""

    async def raise_line(self, case_id: UUID, reason: Reason, subject_id: UUID, source_id: UUID) -> bool:
        """Put a line on the agenda as of today, once per source and once per open subject; says whether it is new."""
        return await self.raise_signal(
            Signal(case_id, reason, subject_id, source_id, local_date(self.transaction.clock))
        )

    async def raise_signal(self, signal: Signal) -> bool:
        """Put a signal on the agenda, once per source and once per open subject; says whether it is new."""
        line = Line(
            case_id=signal.case_id,
            reason=signal.reason,
            subject_id=signal.subject_id,
            source_id=signal.source_id,
            since=signal.since,
            urgency=signal.urgency,
            raised_at=self.transaction.clock.now(),
        )
        is_new = await self.transaction.insert_once(LineRow, **dict(line))
        if is_new:
            await Ties(self.transaction).raised(line.case_id)
        return is_new

    async def raise_same_person(self, one: UUID, other: UUID, merge_id: UUID) -> None:
        """Put before the meeting, on each of two cases, that the other one is the same person's."""
        for case_id, subject_id in ((one, other), (other, one)):
            await self.raise_line(case_id, Reason.SAME_PERSON, subject_id, uuid5(merge_id, str(case_id)))

    async def settle_parted(self) -> None:
        """Take off that two cases are of the same person where they no longer are."""
        mine, other = aliased(CaseRow), aliased(CaseRow)
        still = select(mine.id).where(
            mine.id == LineRow.case_id, other.id == LineRow.subject_id, mine.person_id == other.person_id
        )
        await self._settle(col(LineRow.reason) == Reason.SAME_PERSON, ~still.exists())

    async def settle(self, case_id: UUID, reasons: Iterable[Reason]) -> None:
        """Take off what was answered about a case."""
        wanted = list(reasons)
        if wanted:
            await self._settle(col(LineRow.case_id) == case_id, col(LineRow.reason).in_(wanted))

    async def settle_subject(self, subject_id: UUID, reasons: Iterable[Reason]) -> None:
        """Take off what was answered about one thing: a task, a follow-up, a referral, a help request."""
        await self._settle(col(LineRow.subject_id) == subject_id, col(LineRow.reason).in_(list(reasons)))

    async def settle_line(self, line_id: UUID) -> None:
        """Take one line off."""
        await self._settle(col(LineRow.id) == line_id)

    async def settle_person(self, person_id: UUID, reasons: Iterable[Reason]) -> None:
        """Take off what was answered about a person, on all of the person's cases."""
        theirs = select(CaseRow.id).where(CaseRow.person_id == await Relinks(self.transaction).current(person_id))
        await self._settle(col(LineRow.case_id).in_(theirs), col(LineRow.reason).in_(list(reasons)))

    async def _settle(self, *which: ColumnElement[bool]) -> None:
        answered = update(LineRow).where(OPEN, *which).values(settled_at=self.transaction.clock.now())
        await self.session.exec(answered.execution_options(synchronize_session=False))

    async def of_case(self, case_id: UUID, reason: Reason) -> list[LineRow]:
        """The open lines of a case for one reason."""
        query = select(LineRow).where(LineRow.case_id == case_id, LineRow.reason == reason, OPEN)
        return list((await self.session.exec(query)).all())

    async def of_organisation(self, organisation: str, until: date) -> list[tuple[LineRow, CaseRow]]:
        """The open lines of an organisation's cases that stand since this day or longer, in order.

        None of somebody who does not want the meeting to speak of her or him.
        """
        query = (
            select(LineRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(LineRow.case_id))
            .where(CaseRow.organisation == organisation, OPEN, col(LineRow.since) <= until)
        )
        rows = list((await self.session.exec(query.order_by(*place()))).all())
        unwilling = await self.unwilling()
        return [(line, case) for line, case in rows if case.person_id not in unwilling]

    async def unwilling(self) -> set[UUID]:
        """The people who do not want a meeting to speak of them."""
        return await Agreements(self.transaction).denying(TEAM_MEETING)

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[tuple[LineRow, CaseRow]]:
        """At most `limit` + 1 open lines with their cases, in the order of the agenda."""
        key = place()
        query = (
            select(LineRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(LineRow.case_id))
            .where(seen_by(caller, self.transaction.clock.now()), OPEN)
        )
        if after:
            rank, calm, since, subject, line_id = after
            query = query.where(
                tuple_(*key, col(LineRow.id))
                > (int(rank), int(calm), date.fromisoformat(since), UUID(subject), UUID(line_id))
            )
        return list((await self.session.exec(query.order_by(*key, col(LineRow.id)).limit(limit + 1))).all())
