"""The routes of the hand-over sheet and of the checklists of the phases."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.api.doors import (
    CasesDep,
    HandOversDep,
    MayRead,
    MayReadRecord,
    MayWork,
    TasksDep,
    VisitsDep,
    router,
)
from services.cases.api.stepping import StepDep
from services.cases.api.views import TaskView, VisitView
from services.cases.domain import NextStep, Phase, State
from services.cases.domain.handover import CHECKLIST, HandOver, Ticking, tick, write_hand_over
from services.cases.domain.labels import Label
from services.cases.events import Discipline, Urgency
from services.cases.store import CaseRow, SheetRow
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.requests import Tag

LAST_VISITS = 3


class SheetView(HandOver):
    """One version of the sheet."""

    number: int
    stretch: int = Field(description="Number of the interval that it was written in")
    written_by: str
    written_at: datetime

    @classmethod
    def of(cls, sheet: SheetRow) -> "SheetView":
        names = ("number", "stretch", "written_by", "written_at")
        return cls.model_validate({**dict(sheet.content), **{name: getattr(sheet, name) for name in names}})


class ChecklistLine(BaseModel):
    """One item of a phase's checklist."""

    code: str
    phase: Phase
    labels: Label
    is_done: bool
    done_by: str | None
    done_on: date | None


class Computed(BaseModel):
    """What the record says by itself."""

    state: State
    phase: Phase
    urgency: Urgency
    worker: str | None
    discipline: Discipline | None
    second_worker: str | None
    next_step: NextStep | None
    paused_until: date | None
    plan_version: int | None = Field(description="The agreed plan in force")
    open_tasks: list[TaskView] = Field(description="The next due first")
    overdue_tasks: int
    last_visits: list[VisitView] = Field(description="The latest three, planned ones too")
    checklist: list[ChecklistLine]


class HandOverView(BaseModel):
    """What the next worker needs: what the present one wrote, and what the record says."""

    case_id: UUID
    sheet: SheetView | None = Field(description="Null while none is written")
    is_current: bool = Field(description="Whether it was written since the opening or the last reopening")
    computed: Computed


@router.get("/{case_id:uuid}/hand-over")
async def read_hand_over(
    case_id: UUID,
    cases: CasesDep,
    hand_overs: HandOversDep,
    tasks: TasksDep,
    visits: VisitsDep,
    caller: MayReadRecord,
    tag: Tag,
) -> HandOverView:
    """The hand-over sheet: written and computed. The ETag is the case's."""
    case = tag(await cases.get(case_id, caller))
    sheet = await hand_overs.newest(case)
    open_tasks = [task for task in await tasks.of(case.id) if task.is_open]
    today = local_date(cases.transaction.clock)
    latest = (await visits.page(case.id, LAST_VISITS, None))[:LAST_VISITS]
    step = {"kind": case.next_step, "due_on": case.next_step_on} if case.next_step else None
    computed = Computed.model_validate(
        {
            **dict(case),
            "phase": case.phase,
            "next_step": step,
            "plan_version": case.agreed_version,
            "open_tasks": [TaskView.of(task) for task in open_tasks],
            "overdue_tasks": sum(task.due_on < today for task in open_tasks),
            "last_visits": [VisitView.of(visit) for visit in latest],
            "checklist": await checklist_of(case, hand_overs),
        }
    )
    written = SheetView.of(sheet) if sheet else None
    return HandOverView(case_id=case.id, sheet=written, is_current=await hand_overs.is_written(case), computed=computed)


async def checklist_of(case: CaseRow, hand_overs: HandOversDep) -> list[ChecklistLine]:
    """Every item with what is done of it in the case's present stretch."""
    ticks = await hand_overs.ticks(case)
    return [
        ChecklistLine(
            code=item.code,
            phase=item.phase,
            labels=item.label,
            is_done=item.code in ticks,
            done_by=ticks[item.code].done_by if item.code in ticks else None,
            done_on=ticks[item.code].done_on if item.code in ticks else None,
        )
        for item in CHECKLIST
    ]


@router.get("/{case_id:uuid}/hand-over/versions")
async def list_hand_overs(
    case_id: UUID, cases: CasesDep, hand_overs: HandOversDep, paging: PagingDep, caller: MayReadRecord
) -> Page[SheetView]:
    """Every version of a case's sheet, the newest first."""
    case = await cases.get(case_id, caller)
    rows = await hand_overs.page(case.id, paging.limit, paging.after)
    return paging.page([SheetView.of(row) for row in rows], [(row.number,) for row in rows])


@router.post("/{case_id:uuid}/hand-over", status_code=201)
async def write_sheet(body: HandOver, step: StepDep, hand_overs: HandOversDep, caller: MayWork) -> SheetView:
    """Write the next version of the hand-over sheet; earlier ones stay."""
    case = await step.case(caller)
    sheet, fact = write_hand_over(case, body, caller.subject, step.now, step.today)
    await step.keep(case, caller, fact)
    return SheetView.of(hand_overs.add(sheet))


@router.get("/{case_id:uuid}/checklist")
async def read_checklist(
    case_id: UUID, cases: CasesDep, hand_overs: HandOversDep, caller: MayRead, tag: Tag
) -> list[ChecklistLine]:
    """The checklists of the four phases, with what is done, by whom and when. The ETag is the case's."""
    return await checklist_of(tag(await cases.get(case_id, caller)), hand_overs)


@router.post("/{case_id:uuid}/checklist/{item}", status_code=201)
async def tick_item(
    item: str, body: Ticking, step: StepDep, hand_overs: HandOversDep, caller: MayWork
) -> list[ChecklistLine]:
    """Note that an item of a checklist is done, or take that back."""
    case = await step.case(caller)
    if item not in {each.code for each in CHECKLIST}:
        raise NotFound
    made, fact = tick(case, item, body, caller.subject, step.today)
    await step.keep(case, caller, fact)
    await hand_overs.tick(made, is_done=body.is_done)
    return await checklist_of(case, hand_overs)
