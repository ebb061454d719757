"""What reports of activity and funding are made from, read in one pass and never held as a whole."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func
from sqlmodel import col, select

from services.cases.domain import About, ActivityStatus, Dimension, Question, Rate, ReportKind, Tally, Tariffs, Work
from services.cases.domain.complexity import level_of
from services.cases.domain.weights import Level, Weights
from services.cases.events import ActivityKind, VisitStatus
from services.cases.store.activities import ActivityRow
from services.cases.store.case_row import CaseRow
from services.cases.store.complexity import Complexities
from services.cases.store.rates import Rates
from services.cases.store.visits import VisitRow
from shared.store import Collection

BATCH = 5_000
Levels = dict[UUID, Level]

WORK = (
    *(ActivityRow.worker, ActivityRow.case_id, ActivityRow.organisation, ActivityRow.discipline, ActivityRow.kind),
    *(ActivityRow.on, ActivityRow.source, ActivityRow.direct_minutes, ActivityRow.travel_minutes, ActivityRow.km),
    *(ActivityRow.participants, ActivityRow.visit_id),
)
VISIT = (VisitRow.worker, VisitRow.case_id, CaseRow.organisation, VisitRow.on, VisitRow.status)


class Reports(Collection):
    """The lines and visits of a stretch of days, added up."""

    async def tally(self, question: Question, kind: ReportKind, examples: tuple[Rate, ...], weights: Weights) -> Tally:
        """What a report adds up to; visits are counted in the report of activity only. Raises Unfit."""
        rates = await Rates(self.transaction).all()
        tally = Tally(question, Tariffs(rates, examples))
        by_level = Dimension.COMPLEXITY in question.group_by
        levels = await self.levels(question, weights) if by_level else {}
        async for about, work in self.works(question, levels):
            tally.add(about, work)
        if kind is ReportKind.ACTIVITY:
            async for about, status in self.visits(question, levels):
                tally.add_visit(about, status)
        return tally

    async def works(self, question: Question, levels: Levels) -> AsyncIterator[tuple[About, Work]]:
        """The lines that count."""
        nis = func.coalesce(ActivityRow.nis_code, CaseRow.nis_code)
        query: Select[Any] = select(*WORK, nis).select_from(ActivityRow)  # type: ignore[call-overload]
        query = query.outerjoin(CaseRow, col(CaseRow.id) == col(ActivityRow.case_id)).where(*lines_of(question))
        async for rows in self.batches(query):
            for worker, case_id, home, discipline, what, on, source, direct, travel, km, many, visit_id, code in rows:
                yield (
                    About(worker, case_id, levels.get(case_id), home, code, discipline, what, on, source),
                    Work(direct, travel, km, many, visit_id is not None),
                )

    async def visits(self, question: Question, levels: Levels) -> AsyncIterator[tuple[About, VisitStatus]]:
        """The visits that have their outcome."""
        nis = func.coalesce(VisitRow.nis_code, CaseRow.nis_code)
        line = select(ActivityRow.discipline).where(
            ActivityRow.visit_id == VisitRow.id, ActivityRow.status == ActivityStatus.CURRENT
        )
        query: Select[Any] = select(*VISIT, nis, line.limit(1).scalar_subquery())  # type: ignore[call-overload]
        query = query.join(CaseRow, col(CaseRow.id) == col(VisitRow.case_id)).where(*visits_of(question))
        what = ActivityKind.HOME_VISIT
        async for rows in self.batches(query):
            for worker, case_id, home, on, status, code, discipline in rows:
                yield About(worker, case_id, levels.get(case_id), home, code, discipline, what, on), status

    async def batches(self, query: "Select[Any]") -> AsyncIterator[Sequence[Any]]:
        """The rows of a query, a few thousand at a time."""
        answer = await self.session.stream(query.execution_options(yield_per=BATCH))
        async for rows in answer.partitions():
            yield rows

    async def levels(self, question: Question, weights: Weights) -> Levels:
        """The complexity of the cases that lines and visits belong to, as last assessed."""
        of_work = select(col(ActivityRow.case_id)).where(*lines_of(question), col(ActivityRow.case_id).is_not(None))
        of_visits = select(col(VisitRow.case_id)).join(CaseRow, col(CaseRow.id) == col(VisitRow.case_id))
        both = of_work.union(of_visits.where(*visits_of(question)))
        newest = await Complexities(self.transaction).newest(col(CaseRow.id).in_(both))
        found: Levels = {}
        for case_id, assessed in newest.items():
            level, _ = level_of(assessed.findings, weights)
            if level:
                found[case_id] = level
        return found


def lines_of(question: Question) -> list[Any]:
    """Which lines a question is about."""
    found: list[Any] = [
        ActivityRow.status == ActivityStatus.CURRENT,
        col(ActivityRow.on).between(question.first, question.last),
    ]
    if question.organisation is not None:
        found.append(ActivityRow.organisation == question.organisation)
    if question.worker is not None:
        found.append(ActivityRow.worker == question.worker)
    return found


def visits_of(question: Question) -> list[Any]:
    """Which visits a question is about."""
    found: list[Any] = [col(VisitRow.on).between(question.first, question.last)]
    if question.organisation is not None:
        found.append(CaseRow.organisation == question.organisation)
    if question.worker is not None:
        found.append(VisitRow.worker == question.worker)
    return found
