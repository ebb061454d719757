"""The weekly meeting: its series, its meetings, their agendas and decisions."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import tuple_, update
from sqlmodel import col, select

from services.cases.domain.complexity import points_of
from services.cases.domain.meeting import Meeting, MeetingStillOpen
from services.cases.domain.meeting_codes import MeetingState
from services.cases.domain.meeting_line import MeetingLine, frozen
from services.cases.domain.meeting_series import MeetingSeries
from services.cases.domain.weights import Weights
from services.cases.store.agenda import Agenda, LineRow
from services.cases.store.case_row import CaseRow
from services.cases.store.caseload import Caseload
from services.cases.store.complexity import Complexities
from services.cases.store.meeting_rows import MeetingLineRow, MeetingRow, SeriesRow
from services.cases.store.signals import Signals
from services.cases.store.visibility import SUBJECT
from shared.access import Scope
from shared.acting import SERVICE
from shared.auth import Caller
from shared.clock import local_date
from shared.errors import NotFound
from shared.relationships.asked import related
from shared.requests import SeenVersion
from shared.store import Collection


class Meetings(Collection):
    """The weekly meetings, as far as the caller may see them."""

    async def series(self, organisation: str) -> SeriesRow | None:
        """The series of an organisation, where there is one."""
        return (await self.session.exec(select(SeriesRow).where(SeriesRow.organisation == organisation))).first()

    async def all_series(self) -> list[SeriesRow]:
        """Every series that goes on."""
        query = select(SeriesRow).where(col(SeriesRow.active)).order_by(col(SeriesRow.id))
        return list((await self.session.exec(query)).all())

    async def plan(self, series: MeetingSeries) -> None:
        """See that each week ahead has its meeting, once, and that those planned follow the series."""
        today = local_date(self.transaction.clock)
        for week in series.weeks_from(today):
            meeting, fact = Meeting.plan(series, week)
            await self.transaction.record_new(MeetingRow, dict(meeting), fact)
        planned = select(MeetingRow).where(
            MeetingRow.series_id == series.id, MeetingRow.state == MeetingState.PLANNED, col(MeetingRow.on) >= today
        )
        for row in (await self.session.exec(planned.order_by(col(MeetingRow.on)))).all():
            moved = row.follow(series, today)
            if moved:
                await self.record(row, *moved)

    async def get(self, meeting_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> MeetingRow:
        """One meeting; NotFound when there is none that this caller may see; StaleVersion by `seen`."""
        meeting = await self.session.get(MeetingRow, meeting_id)
        if meeting is None or (caller.scope != Scope.ALL and meeting.organisation != caller.organisation):
            raise NotFound
        if seen:
            seen.check(meeting)
        return meeting

    async def page(
        self, caller: Caller, state: MeetingState | None, limit: int, after: Sequence[str] | None
    ) -> list[MeetingRow]:
        """At most `limit` + 1 meetings, the latest first."""
        query = select(MeetingRow)
        if caller.scope != Scope.ALL:
            query = query.where(MeetingRow.organisation == caller.organisation)
        if state:
            query = query.where(MeetingRow.state == state)
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(MeetingRow.on), col(MeetingRow.id)) < place)
        query = query.order_by(col(MeetingRow.on).desc(), col(MeetingRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def begin(self, meeting: MeetingRow, by: str, now: datetime) -> None:
        """Open a meeting: what stands on its day is its agenda from now on. Raises what `Meeting.open` does.

        Raises MeetingStillOpen while another meeting of the organisation is open.
        """
        meeting.can_open(now)
        others = select(MeetingRow.id).where(
            MeetingRow.organisation == meeting.organisation, MeetingRow.state == MeetingState.OPEN
        )
        if (await self.session.exec(others)).first():
            raise MeetingStillOpen
        # The same sweep as the clock's: of all organisations.
        async with self.transaction.in_name_of(SERVICE):
            await Signals(self.transaction).sweep(meeting.on)
        lines = await self.agenda(meeting)
        await self.record(meeting, meeting.open(len(lines), by, now))
        self.session.add_all([MeetingLineRow(**dict(line)) for line in lines])

    async def agenda(self, meeting: Meeting) -> list[MeetingLine]:
        """The agenda that a meeting would have if it opened now; an empty one is an agenda too."""
        rows = await Agenda(self.transaction).of_organisation(meeting.organisation, meeting.on)
        return frozen(meeting.id, rows, await self.points(case for _, case in rows), meeting.on)

    async def points(self, cases: Iterable[CaseRow]) -> dict[UUID, int]:
        """The complexity of cases in points, where it is known."""
        weights: Weights = Caseload(self.transaction).weights
        newest = await Complexities(self.transaction).newest(col(CaseRow.id).in_({case.id for case in cases}))
        found = {case_id: points_of(row.findings, weights) for case_id, row in newest.items()}
        return {case_id: points for case_id, points in found.items() if points is not None}

    async def lines(self, meeting_id: UUID) -> list[MeetingLineRow]:
        """The frozen agenda of a meeting, in order."""
        query = select(MeetingLineRow).where(MeetingLineRow.meeting_id == meeting_id)
        return list((await self.session.exec(query.order_by(col(MeetingLineRow.position)))).all())

    async def willing(self, lines: Sequence[MeetingLine]) -> list[MeetingLine]:
        """Those of a running meeting's lines whose people still let the meeting speak of them."""
        unwilling = await Agenda(self.transaction).unwilling()
        query = select(CaseRow.id).where(col(CaseRow.person_id).in_(unwilling))
        withheld = set((await self.session.exec(query)).all())
        return [line for line in lines if line.case_id not in withheld]

    async def seen_among(self, lines: Sequence[MeetingLine], caller: Caller) -> list[MeetingLine]:
        """Those lines of an agenda whose cases are about people to whom the caller is related."""
        known = related(SUBJECT, caller, self.transaction.clock.now())
        query = select(CaseRow.id).where(col(CaseRow.id).in_({line.case_id for line in lines}), known)
        seen = set((await self.session.exec(query)).all())
        return [line for line in lines if line.case_id in seen]

    async def line(self, meeting_id: UUID, line_id: UUID) -> MeetingLineRow:
        """One line of this meeting's agenda; raises NotFound."""
        line = await self.session.get(MeetingLineRow, line_id)
        if line is None or line.meeting_id != meeting_id:
            raise NotFound
        return line

    async def roll_over(self, lines: Sequence[MeetingLineRow]) -> None:
        """Note which lines are still open at the closing: they count one meeting more, and wait for the next."""
        if not lines:
            return
        wanted = [line.line_id for line in lines]
        waiting = (
            update(LineRow)
            .where(col(LineRow.id).in_(wanted), col(LineRow.settled_at).is_(None))
            .values(rolled_over=LineRow.rolled_over + 1)
            .returning(col(LineRow.id))
            .execution_options(synchronize_session=False)
        )
        still_open = set((await self.session.exec(waiting)).scalars())
        for line in lines:
            line.rolls_over = line.line_id in still_open
