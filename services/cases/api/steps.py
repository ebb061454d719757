"""The routes that move a case: assignment, first contact, visits, pauses, closure, reopening."""

from uuid import UUID

from services.cases.api.doors import (
    AgendaDep,
    CasesDep,
    MayAssign,
    MayClose,
    MayWork,
    PlansDep,
    SettingsDep,
    TasksDep,
    VisitsDep,
    router,
)
from services.cases.api.reading import whole
from services.cases.api.views import CaseView, VisitView
from services.cases.domain import Assignment, Closing, FirstContact, Pause, Reopening, Resumption, VisitReport
from shared.clock import local_date
from shared.requests import ClockDep, IfMatch, Tag


def said(**words: str | None) -> dict[str, str]:
    """What was written with a step, without what was left out."""
    return {name: text for name, text in words.items() if text}


@router.post("/{case_id:uuid}/assignment", status_code=201)
async def assign_case(
    case_id: UUID,
    body: Assignment,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    seen: IfMatch,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayAssign,
    tag: Tag,
) -> CaseView:
    """Give a case its owner, or another one, with a next step. Over the worker's cap this needs a reason."""
    case = await cases.get(case_id, caller, seen)
    load = await cases.load_of(body.worker, settings.caseload_cap, case.id)
    fact = case.assign(body, load, local_date(clock))
    await cases.keep(case, caller.subject, fact, words=said(over_cap_reason=body.over_cap_reason))
    return await whole(tag(case), plans, tasks)


@router.post("/{case_id:uuid}/visits", status_code=201)
async def record_visit(
    case_id: UUID,
    body: VisitReport,
    cases: CasesDep,
    visits: VisitsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> VisitView:
    """Note a visit that is planned, was made or was missed. The first one made begins the care."""
    case = await cases.get(case_id, caller, seen)
    visit, facts = case.visit(body, caller.subject, clock.now())
    await cases.keep(case, caller.subject, *facts)
    visits.add(visit)
    tag(case)
    return VisitView.of(visit)


@router.post("/{case_id:uuid}/first-contact", status_code=201)
async def record_first_contact(
    case_id: UUID,
    body: FirstContact,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> CaseView:
    """Note the day on which the programme first spoke with the person; once per case."""
    case = await cases.get(case_id, caller, seen)
    fact = case.note_first_contact(body, local_date(clock))
    await cases.keep(case, caller.subject, fact, words=said(channel=body.channel))
    return await whole(tag(case), plans, tasks)


@router.post("/{case_id:uuid}/pause", status_code=201)
async def pause_case(
    case_id: UUID,
    body: Pause,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayWork,
    tag: Tag,
) -> CaseView:
    """Let a case rest: the person is in hospital again, cannot be reached, or asks for it. Its owner stays."""
    case = await cases.get(case_id, caller, seen)
    fact = case.pause(body, local_date(clock))
    await cases.keep(case, caller.subject, fact, words=said(note=body.note))
    return await whole(tag(case), plans, tasks)


@router.post("/{case_id:uuid}/resumption", status_code=201)
async def resume_case(
    case_id: UUID,
    body: Resumption,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    seen: IfMatch,
    caller: MayWork,
    tag: Tag,
) -> CaseView:
    """Go on with a case that rests."""
    case = await cases.get(case_id, caller, seen)
    await cases.keep(case, caller.subject, case.resume(), words=said(note=body.note))
    return await whole(tag(case), plans, tasks)


@router.post("/{case_id:uuid}/closure", status_code=201)
async def close_case(
    case_id: UUID,
    body: Closing,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    agenda: AgendaDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayClose,
    tag: Tag,
) -> CaseView:
    """Close a case. The two follow-up calls are planned from `closed_on` on, which may lie in the past."""
    case = await cases.get(case_id, caller, seen)
    fact = case.close(body, await tasks.of(case.id), local_date(clock))
    words = said(summary=body.summary, open_tasks_reason=body.open_tasks_reason)
    await cases.keep(case, caller.subject, fact, words=words)
    await agenda.settle(case.id, case.state, clock.now())
    return await whole(tag(case), plans, tasks)


@router.post("/{case_id:uuid}/reopening", status_code=201)
async def reopen_case(
    case_id: UUID,
    body: Reopening,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    agenda: AgendaDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayClose,
    tag: Tag,
) -> CaseView:
    """Go on with a closed case, with the same owner and plan."""
    case = await cases.get(case_id, caller, seen)
    fact = case.reopen(body, await tasks.of(case.id), local_date(clock))
    await cases.keep(case, caller.subject, fact, words=said(reason=body.reason))
    await agenda.settle(case.id, case.state, clock.now())
    return await whole(tag(case), plans, tasks)
