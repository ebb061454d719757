"""The routes of visits."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.api.doors import ActivitiesDep, CasesDep, MayReadRecord, MayVisit, VisitsDep, router
from services.cases.api.entering import discipline_of, enter_line, entered, enters_own_only
from services.cases.api.stepping import StepDep
from services.cases.api.views import VisitView
from services.cases.domain import Visit, VisitOutcome, VisitReport, activity_of, record_visit, settle_visit
from services.cases.events import VisitStatus
from services.cases.store import Activities, CaseRow, VisitRow
from shared.auth import Caller
from shared.cursors import Page, PagingDep


class SafetyNote(BaseModel):
    """What somebody wrote to beware of at an earlier visit."""

    visit_id: UUID
    on: date
    safety_note: str

    @classmethod
    def of(cls, visit: VisitRow) -> "SafetyNote":
        return cls.model_validate({**dict(visit), "visit_id": visit.id})


class RecordedVisit(VisitView):
    """A visit as it was just recorded."""

    earlier_safety_notes: list[SafetyNote] = Field(
        description="For a visit that is planned: the latest ten, newest first"
    )
    activity_id: UUID | None = Field(description="The line of work that it made by itself")
    next_visit: VisitView | None = Field(description="The visit that takes the place of a moved one")


async def account(visit: Visit, case: CaseRow, caller: Caller, activities: Activities) -> UUID | None:
    """Enter the line of work that a visit makes by itself."""
    worker = visit.worker or caller.subject
    known = await discipline_of(worker, case, caller, activities)
    line = activity_of(visit, entered(caller, activities), known)
    return (await enter_line(line, caller, activities, told=False)).id if line else None


@router.post("/{case_id:uuid}/visits", status_code=201)
async def record_visit_of_case(
    body: VisitReport, step: StepDep, visits: VisitsDep, activities: ActivitiesDep, caller: MayVisit
) -> RecordedVisit:
    """Note a visit that is planned, was made or was missed. The first one made begins the care.

    What it took becomes a line of work by itself. Without a worker it is the caller's where the caller may enter
    nobody else's work, else the owner's; a planned one is the owner's.
    """
    case = await step.case(caller)
    if body.worker is None and body.status is not VisitStatus.PLANNED and enters_own_only(caller):
        body = body.model_copy(update={"worker": caller.subject})
    visit, facts = record_visit(case, body, caller.subject, step.now)
    await step.keep(case, caller, *facts)
    planned = visit.status is VisitStatus.PLANNED
    notes = await visits.to_beware_of(case.id) if planned else []
    visits.add(visit)
    line = await account(visit, case, caller, activities)
    return RecordedVisit.model_validate(
        {
            **dict(visit),
            "earlier_safety_notes": [SafetyNote.of(note) for note in notes],
            "activity_id": line,
            "next_visit": None,
        }
    )


@router.post("/{case_id:uuid}/visits/{visit_id:uuid}/outcome", status_code=201)
async def record_outcome(
    visit_id: UUID, body: VisitOutcome, step: StepDep, visits: VisitsDep, activities: ActivitiesDep, caller: MayVisit
) -> RecordedVisit:
    """Note what became of a planned visit: made, missed (by whom and why), cancelled, or moved to another day."""
    case = await step.case(caller)
    visit = await visits.get(case.id, visit_id)
    moved, facts = settle_visit(case, visit, body, caller.subject, step.now)
    await step.keep(case, caller, *facts)
    if moved:
        visits.add(moved)
    notes = await visits.to_beware_of(case.id) if moved else []
    line = await account(visit, case, caller, activities)
    return RecordedVisit.model_validate(
        {
            **dict(visit),
            "earlier_safety_notes": [SafetyNote.of(note) for note in notes],
            "activity_id": line,
            "next_visit": VisitView.of(moved) if moved else None,
        }
    )


@router.get("/{case_id:uuid}/visits")
async def list_visits(
    case_id: UUID, cases: CasesDep, visits: VisitsDep, paging: PagingDep, caller: MayReadRecord
) -> Page[VisitView]:
    """The visits of a case, the latest first."""
    case = await cases.get(case_id, caller)
    rows = await visits.page(case.id, paging.limit, paging.after)
    return paging.page([VisitView.of(row) for row in rows], [(row.on.isoformat(), row.id) for row in rows])


@router.get("/{case_id:uuid}/visits/safety-notes")
async def list_safety_notes(
    case_id: UUID, cases: CasesDep, visits: VisitsDep, caller: MayReadRecord
) -> list[SafetyNote]:
    """What to beware of: the safety notes of the latest visits, ten at most, the newest first."""
    case = await cases.get(case_id, caller)
    return [SafetyNote.of(row) for row in await visits.to_beware_of(case.id)]
