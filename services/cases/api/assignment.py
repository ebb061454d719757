"""The routes that give a case its workers, and say what it asks of them."""

from services.cases.api.doors import AgendaDep, CaseloadDep, MayAssign, WorkersDep, router
from services.cases.api.stepping import Step, StepDep
from services.cases.api.views import CaseView
from services.cases.domain import Assignment, Reason
from services.cases.domain.staffing import Staffing, assign, note_staffing
from services.cases.store import CaseRow, Workers
from shared.ids import new_id


@router.post("/{case_id:uuid}/assignment", status_code=201)
async def assign_case(
    body: Assignment, step: StepDep, workers: WorkersDep, caseload: CaseloadDep, agenda: AgendaDep, caller: MayAssign
) -> CaseView:
    """Give a case its owner, or another one, with a next step.

    Over the worker's cap this needs a reason and comes before the meeting; another profile than the wanted one needs
    a reason too.
    """
    case = await step.case(caller)
    await step.refuse_unwanted(case)
    await refuse_unfit_workers(body, case, step, workers)
    await caseload.lock(body.subjects)
    loads = {
        subject: await caseload.room_for(subject, case, is_second=subject != body.worker) for subject in body.subjects
    }
    facts = assign(case, body, loads, step.today)
    words = {"over_cap_reason": body.over_cap_reason, "discipline_reason": body.discipline_reason}
    answer = await step.done(case, caller, *facts, words=words)
    if any(load.is_over for load in loads.values()):
        await agenda.raise_line(case.id, Reason.CASELOAD_OVER_CAP, case.id, new_id())
    return answer


async def refuse_unfit_workers(body: Assignment, case: CaseRow, step: Step, workers: Workers) -> None:
    """Raise what speaks against the workers: absent, of another discipline or organisation than given."""
    known = await workers.among(body.subjects)
    named = [("", body.worker, body.discipline)]
    if body.second:
        named.append(("/second", body.second.worker, body.second.discipline))
    for pointer, subject, discipline in named:
        worker = known.get(subject)
        if worker:
            worker.refuse_other(discipline, case.organisation, pointer)
            worker.refuse_away(body.first_day(step.today))


@router.post("/{case_id:uuid}/staffing", status_code=201)
async def note_staffing_of_case(body: Staffing, step: StepDep, caller: MayAssign) -> CaseView:
    """Say which profile the person needs, how long the way is, and when the case is expected to end."""
    case = await step.case(caller)
    return await step.done(case, caller, note_staffing(case, body, step.today))
