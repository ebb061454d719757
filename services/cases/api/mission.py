"""The reports over organisations: deviations from the pathway, models compared, the mission-boundary register."""

import calendar
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field

from services.cases.api.doors import (
    ComparisonsDep,
    MayListBoundary,
    MayReadComparisons,
    router,
)
from services.cases.domain.deviations import Observed, StepFigures, figures
from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.mission import OutsideTask, Register, for_outsiders, register
from services.cases.domain.models import CaseOutline, ModelFigures, compared
from services.cases.domain.pathway import first_days, standings
from services.cases.domain.task import MissionReason, TaskStatus
from services.cases.domain.words import Code, Day, refuse
from services.cases.events import DeviationReason, PathwayStepCode
from services.cases.formats.comparison import as_csv
from services.cases.store import CaseRow, Comparisons, Pathways, TaskRow
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep

LONGEST_DAYS = 1100


class Months(BaseModel):
    """The whole months that a report is about; part months would let two questions be subtracted to a day."""

    first: date
    last: date

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.first, self.last


async def months(
    first: Annotated[Day, Query(alias="from", description="First day of a month")],
    last: Annotated[Day, Query(alias="to", description="Last day of a month")],
) -> Months:
    """The period asked for."""
    checks = (
        ("/query/from", "not-a-month-border", first.day != 1),
        ("/query/to", "not-a-month-border", last.day != calendar.monthrange(last.year, last.month)[1]),
        ("/query/to", "until-before-from", last < first),
        ("/query/to", "too-long", (last - first).days > LONGEST_DAYS),
    )
    refuse([Fault(pointer, code) for pointer, code, wrong in checks if wrong])
    return Months(first=first, last=last)


MonthsDep = Annotated[Months, Depends(months)]


class DeviationReport(BaseModel):
    """How the cases requested in a period kept to their pathway."""

    first: date
    last: date
    rows: list[StepFigures]


class ModelReport(BaseModel):
    """How the organisational models compare over the cases requested in a period."""

    first: date
    last: date
    rows: list[ModelFigures]


class BoundaryReport(Register):
    """The mission-boundary register of the tasks due in a period."""

    first: date
    last: date


class BoundaryTask(BaseModel):
    """One task outside the mission."""

    id: UUID
    case_id: UUID
    title: str
    domain: LifeDomain
    reason: MissionReason
    accountable: str
    due_on: date
    status: TaskStatus
    worker: str | None = Field(description="The owner of the case")

    @classmethod
    def of(cls, task: TaskRow, case: CaseRow) -> "BoundaryTask":
        told = {"reason": task.mission_reason, "accountable": task.organisation, "worker": case.worker}
        return cls.model_validate({**dict(task), **told})


def is_outsider(caller: Caller) -> bool:
    """Whether somebody reads figures of organisations whose cases he does not work on."""
    return caller.scope == Scope.ALL


async def deviation_rows(caller: Caller, period: Months, comparisons: Comparisons, today: date) -> list[StepFigures]:
    """The figures of the pathway's steps."""
    pathways = Pathways(comparisons.transaction)
    cases = await comparisons.cases(caller, period.days)
    told = await comparisons.told(caller, period.days)
    reasons: dict[tuple[UUID, PathwayStepCode], DeviationReason] = {
        (each.case_id, each.step): each.reason for each in await comparisons.explained(caller, period.days)
    }
    known = await pathways.of(cases)
    rows = figures(
        Observed(
            organisation=case.organisation,
            model=known[case.pathway_id].model,
            standing=standing,
            reasons=tuple(filter(None, [reasons.get((case.id, standing.step))])),
        )
        for case in cases
        for standing in standings(case, known[case.pathway_id].steps, told.get(case.id, []), today)
    )
    return [each.for_outsiders() for each in rows] if is_outsider(caller) else rows


async def model_rows(caller: Caller, period: Months, comparisons: Comparisons) -> list[ModelFigures]:
    """The figures of the models."""
    cases = await comparisons.cases(caller, period.days)
    told = await comparisons.told(caller, period.days)
    visits = await comparisons.visits(caller, period.days)
    known = await Pathways(comparisons.transaction).of(cases)
    rows = compared(
        CaseOutline.of(
            case,
            known[case.pathway_id].model,
            first_days(told.get(case.id, [])).get(PathwayStepCode.ASSIGNMENT),
            visits.get(case.id, 0),
        )
        for case in cases
    )
    return [each.for_outsiders() for each in rows] if is_outsider(caller) else rows


async def boundary(caller: Caller, period: Months, comparisons: Comparisons) -> Register:
    """The register of a period."""
    found = await comparisons.outside(caller, period.days)
    known = await Pathways(comparisons.transaction).of([case for _, case in found])
    tasks = [
        OutsideTask(
            task_id=task.id,
            case_id=case.id,
            organisation=case.organisation,
            model=known[case.pathway_id].model,
            accountable=task.organisation,
            reason=task.mission_reason or MissionReason.OTHER,
            domain=task.domain,
        )
        for task, case in found
    ]
    return for_outsiders(tasks) if is_outsider(caller) else register(tasks)


def table(name: str, text: str) -> Response:
    """A CSV to keep."""
    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/reports/deviations")
async def report_deviations(
    period: MonthsDep, comparisons: ComparisonsDep, clock: ClockDep, caller: MayReadComparisons
) -> DeviationReport:
    """Per organisation, model and step: done in time, late, left out, with denominators and the reasons given."""
    rows = await deviation_rows(caller, period, comparisons, local_date(clock))
    return DeviationReport(first=period.first, last=period.last, rows=rows)


@router.get("/reports/deviations.csv", response_class=Response)
async def report_deviations_as_csv(
    period: MonthsDep, comparisons: ComparisonsDep, clock: ClockDep, caller: MayReadComparisons
) -> Response:
    """The same as CSV."""
    rows = await deviation_rows(caller, period, comparisons, local_date(clock))
    return table("deviations", as_csv(StepFigures, rows))


@router.get("/reports/models")
async def report_models(period: MonthsDep, comparisons: ComparisonsDep, caller: MayReadComparisons) -> ModelReport:
    """The organisational models side by side: waiting, first contact, visits, goals, reopenings, caseload."""
    rows = await model_rows(caller, period, comparisons)
    return ModelReport(first=period.first, last=period.last, rows=rows)


@router.get("/reports/models.csv", response_class=Response)
async def report_models_as_csv(period: MonthsDep, comparisons: ComparisonsDep, caller: MayReadComparisons) -> Response:
    """The same as CSV."""
    return table("models", as_csv(ModelFigures, await model_rows(caller, period, comparisons)))


@router.get("/reports/mission-boundary")
async def report_mission_boundary(
    period: MonthsDep, comparisons: ComparisonsDep, caller: MayReadComparisons
) -> BoundaryReport:
    """Tasks outside the mission by reason, domain, accountable organisation, organisation and model."""
    found = await boundary(caller, period, comparisons)
    return BoundaryReport(first=period.first, last=period.last, **dict(found))


@router.get("/reports/mission-boundary/tasks")
async def list_boundary_tasks(
    period: MonthsDep,
    comparisons: ComparisonsDep,
    paging: PagingDep,
    caller: MayListBoundary,
    reason: MissionReason | None = None,
    domain: LifeDomain | None = None,
    accountable: Annotated[Code | None, Query(description="Accountable organisation")] = None,
) -> Page[BoundaryTask]:
    """The tasks behind a figure of the register, the first due first."""
    wanted = (reason, domain, accountable)
    rows = await comparisons.outside_page(caller, period.days, wanted, paging.limit, paging.after)
    keys = [(task.due_on.isoformat(), task.id) for task, _ in rows]
    return paging.page([BoundaryTask.of(task, case) for task, case in rows], keys)
