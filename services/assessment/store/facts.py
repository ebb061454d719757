"""Everything that is known of the cases of a cohort, read at once for the indicators and the export."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlmodel import col, or_, select

from services.assessment.domain.answers import SheetStatus
from services.assessment.domain.course import Point
from services.assessment.domain.facts import CaseFacts, NeedTotals
from services.assessment.domain.instrument import RaterType
from services.assessment.domain.outcome import Measures, QualityOfLife
from services.assessment.domain.quality import exact_result
from services.assessment.domain.scoring import ScaleState, SheetScore
from services.assessment.store.admissions import AdmissionRow
from services.assessment.store.courses import CourseRow, Courses, among
from services.assessment.store.outcomes import Outcomes
from services.assessment.store.sheets import SheetRow
from services.assessment.store.table import within
from shared.auth import Caller
from shared.store import Collection

NEEDS = "eladeb-r"
SHEETS_FROM = 30
"""Days before the opening of a case from which a sheet of the person belongs to it (ours)."""

R = TypeVar("R", SheetRow, AdmissionRow)


class Found(Generic[R]):
    """Rows by referral and by person."""

    def __init__(self, rows: Sequence[R]) -> None:
        self._by: dict[UUID, list[R]] = defaultdict(list)
        for row in rows:
            for key in {row.referral_id, row.person_id}:
                if key:
                    self._by[key].append(row)

    def of(self, case: CourseRow) -> list[R]:
        """The rows of a case: those about its person and those of its referral."""
        found: dict[UUID, R] = {}
        for key in (case.person_id, case.referral_id):
            for row in self._by.get(key, []) if key else []:
                found[row.id] = row
        return list(found.values())


class Cohorts(Collection):
    """The cases opened in a span of days, with all that assessment knows of them."""

    async def read(self, caller: Caller, first: date, last: date) -> list[CaseFacts]:
        """The cases opened from the first to the last day that the caller may count."""
        courses = Courses(self.transaction)
        cases = await courses.opened_between(caller, first, last)
        senders = await courses.senders(cases)
        measures = await self._measures(cases)
        sheets = await self._about(SheetRow, caller, cases, _needs())
        advice = await self._about(AdmissionRow, caller, cases, [col(AdmissionRow.is_current)])
        return [
            CaseFacts(
                case_id=case.case_id,
                person_id=case.person_id,
                came_by=case.source(senders),
                period=case.period,
                closing_reason=case.closing_reason,
                discharge_on=case.discharge_on,
                measures=measures.get(case.case_id, {}),
                sheets=need_totals(sheets.of(case), case.opened_on),
                **_advised(advice.of(case)),
            )
            for case in cases
        ]

    async def _about(self, kind: type[R], caller: Caller, cases: Sequence[CourseRow], which: list[Any]) -> Found[R]:
        """The rows of a kind that came with the cases' referrals or are about their persons."""
        persons = among(kind.person_id, {case.person_id for case in cases if case.person_id})
        referrals = among(kind.referral_id, {case.referral_id for case in cases if case.referral_id})
        query = select(kind).where(*within(kind, caller), *which, or_(persons, referrals))
        return Found((await self.session.exec(query.order_by(col(kind.id)))).all())

    async def _measures(self, cases: Sequence[CourseRow]) -> dict[UUID, dict[Point, Measures]]:
        rows = await Outcomes(self.transaction).current(*(case.case_id for case in cases))
        linked = {number.sheet_id for row in rows for number in row.measures.quality_of_life if number.sheet_id}
        sheets = await self._as_corrected(linked)
        found: dict[UUID, dict[Point, Measures]] = defaultdict(dict)
        for row in rows:
            numbers = [number for given in row.measures.quality_of_life if (number := as_it_stands(given, sheets))]
            found[row.case_id][row.point] = row.measures.model_copy(update={"quality_of_life": tuple(numbers)})
        return found

    async def _as_corrected(self, linked: set[UUID]) -> dict[UUID, SheetRow]:
        """Each linked sheet as it stands after its corrections."""
        stands: dict[UUID, SheetRow] = {}
        wanted = {sheet_id: sheet_id for sheet_id in linked}
        while wanted:
            query = select(SheetRow).where(among(SheetRow.id, set(wanted.values())))
            rows = {row.id: row for row in (await self.session.exec(query)).all()}
            stands |= {first: rows[now] for first, now in wanted.items() if now in rows}
            wanted = {first: later for first, now in wanted.items() if now in rows and (later := rows[now].amended_by)}
        return stands


def as_it_stands(given: QualityOfLife, sheets: Mapping[UUID, SheetRow]) -> QualityOfLife | None:
    """A number as its sheet says it now; None when the sheet was an error or has no such number any more."""
    if given.sheet_id is None:
        return given
    sheet = sheets.get(given.sheet_id)
    value = exact_result(sheet, given.scale) if sheet else None
    return None if value is None else given.model_copy(update={"value": value})


def need_totals(sheets: Sequence[SheetRow], opened_on: date) -> list[NeedTotals]:
    """The sums of the sheets of a case that are complete on both scales."""
    found = []
    for sheet in sheets:
        if sheet.filled_on < opened_on - timedelta(SHEETS_FROM) or not isinstance(sheet.result, SheetScore):
            continue
        difficulty, need = sheet.result.difficulty.total, sheet.result.need.total
        if {difficulty.state, need.state} == {ScaleState.COMPLETE} and None not in (difficulty.sum, need.sum):
            found.append(NeedTotals(sheet.filled_on, difficulty.sum or 0, need.sum or 0, difficulty.expected_n))
    return found


def _needs() -> list[Any]:
    counts = col(SheetRow.status).in_((SheetStatus.COMPLETED, SheetStatus.STOPPED))
    return [SheetRow.instrument == NEEDS, SheetRow.rater == RaterType.SELF, counts]


def _advised(advice: Sequence[AdmissionRow]) -> dict[str, Any]:
    if not advice:
        return {}
    newest = max(advice, key=lambda each: each.assessed_at)
    dimensions = {each.dimension.value: each.state.value for each in newest.profile.dimensions}
    return {"advice": newest.advice.value if newest.advice else None, "dimensions": dimensions}
