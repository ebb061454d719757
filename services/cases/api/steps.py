"""The routes that move a case through its table of states."""

from services.cases.api.doors import MayClose, MayDecide, MayWork, TasksDep, router
from services.cases.api.stepping import StepDep
from services.cases.api.views import CaseView
from services.cases.domain import Closing, Declining, FirstContact, Pause, Reopening, Resumption, Waiting
from services.cases.domain.steps import NextStepNote


@router.post("/{case_id:uuid}/waiting-list", status_code=201)
async def put_on_waiting_list(body: Waiting, step: StepDep, caller: MayDecide) -> CaseView:
    """Let a request wait until a worker can take it; its place follows from complexity and time."""
    case = await step.case(caller)
    return await step.done(case, caller, case.wait(body, step.today), words={"note": body.note})


@router.post("/{case_id:uuid}/decline", status_code=201)
async def decline_case(body: Declining, step: StepDep, caller: MayDecide) -> CaseView:
    """Say no to a request, with a coded reason and where the person can turn instead."""
    case = await step.case(caller)
    return await step.done(case, caller, case.decline(body), words={"onward_path": body.onward_path})


@router.post("/{case_id:uuid}/first-contact", status_code=201)
async def record_first_contact(body: FirstContact, step: StepDep, caller: MayWork) -> CaseView:
    """Note the day on which the programme first spoke with the person; once per case."""
    case = await step.case(caller)
    fact = case.note_first_contact(body, step.today)
    return await step.done(case, caller, fact, words={"channel": body.channel})


@router.post("/{case_id:uuid}/next-step", status_code=201)
async def set_next_step(body: NextStepNote, step: StepDep, caller: MayWork) -> CaseView:
    """Say what comes next for the person, and by when."""
    case = await step.case(caller)
    return await step.done(case, caller, case.set_next_step(body, step.today), words={"note": body.note})


@router.post("/{case_id:uuid}/pause", status_code=201)
async def pause_case(body: Pause, step: StepDep, caller: MayWork) -> CaseView:
    """Let a case rest until a day: the person is in hospital, cannot be reached, or asks for it. Its owner stays."""
    case = await step.case(caller)
    return await step.done(case, caller, case.pause(body, step.today), words={"note": body.note})


@router.post("/{case_id:uuid}/resumption", status_code=201)
async def resume_case(body: Resumption, step: StepDep, caller: MayWork) -> CaseView:
    """Go on with a case that rests."""
    case = await step.case(caller)
    return await step.done(case, caller, case.resume(), words={"note": body.note})


@router.post("/{case_id:uuid}/closure", status_code=201)
async def close_case(body: Closing, step: StepDep, tasks: TasksDep, caller: MayClose) -> CaseView:
    """Close a case. The two follow-up calls are planned from `closed_on` on, which may lie in the past."""
    case = await step.case(caller)
    fact = case.close(body, await tasks.of(case.id), step.today)
    words = {"summary": body.summary, "open_tasks_reason": body.open_tasks_reason}
    return await step.done(case, caller, fact, words=words)


@router.post("/{case_id:uuid}/reopening", status_code=201)
async def reopen_case(body: Reopening, step: StepDep, tasks: TasksDep, caller: MayClose) -> CaseView:
    """Go on with a closed case, with the same owner and plan; or look at a declined request again."""
    case = await step.case(caller)
    await step.refuse_unwanted(case)
    fact = case.reopen(body, await tasks.of(case.id), step.today)
    return await step.done(case, caller, fact, words={"reason": body.reason})
