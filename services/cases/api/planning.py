"""The routes of the plan: its versions, what differs between them, the person's word on them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.cases.api.doors import CasesDep, MayReadRecord, MayWork, OrganisationsDep, PlansDep, TasksDep, router
from services.cases.api.stepping import StepDep
from services.cases.api.views import CaseView, PlanView
from services.cases.domain import Agreement, PlanContent, Refusal, Standing, agree, draft, refuse_plan, refuse_unknown
from services.cases.domain.plan_diff import PlanDiff, compare
from services.cases.domain.share import Right
from shared.cursors import Page, PagingDep
from shared.errors import NotFound

Number = Annotated[int, Query(ge=1, le=100_000, description="Number of a version")]


@router.post("/{case_id:uuid}/plan", status_code=201)
async def draft_plan(
    body: PlanContent, step: StepDep, plans: PlansDep, tasks: TasksDep, organisations: OrganisationsDep, caller: MayWork
) -> PlanView:
    """Write the next version of the plan, a draft until the person agrees to it."""
    case = await step.case(caller, Right.WRITE_PLAN)
    await step.refuse_unwanted(case)
    accountable = body.organisations()
    known = await organisations.active_among(accountable.values())
    earlier = await plans.standing(case.id, case.agreed_version, case.plan_version)
    plan, fact = draft(case, body, Standing(await tasks.of(case.id), earlier), caller.subject, step.now)
    refuse_unknown(accountable, known)
    await step.keep(case, caller, fact)
    plans.add(plan)
    return PlanView.of(plan)


@router.post("/{case_id:uuid}/plan/agreement", status_code=201)
async def agree_plan(body: Agreement, step: StepDep, plans: PlansDep, tasks: TasksDep, caller: MayWork) -> CaseView:
    """Put the newest version of the plan in force: its tasks go to those who do them.

    By now at the latest the person's consent to case management is on record in intake.
    """
    case = await step.case(caller, Right.WRITE_PLAN)
    plan = await plans.find(case.id, body.plan_version)
    new, facts = agree(case, plan, await tasks.of(case.id), body.witnessed(caller.subject), step.today)
    await step.refuse_unagreed(case)
    tasks.add(*new)
    return await step.done(case, caller, *facts, words={"words": body.words})


@router.post("/{case_id:uuid}/plan/refusal", status_code=201)
async def refuse_plan_version(body: Refusal, step: StepDep, plans: PlansDep, caller: MayWork) -> CaseView:
    """Note that the person does not agree to the newest version, in their words: it stays a draft."""
    case = await step.case(caller, Right.WRITE_PLAN)
    plan = await plans.find(case.id, body.plan_version)
    fact = refuse_plan(case, plan, body.witnessed(caller.subject), step.today)
    return await step.done(case, caller, fact, words={"words": body.words})


@router.get("/{case_id:uuid}/plans")
async def list_plans(
    case_id: UUID, cases: CasesDep, plans: PlansDep, paging: PagingDep, caller: MayReadRecord
) -> Page[PlanView]:
    """Every version of a case's plan, the newest first."""
    case = await cases.get(case_id, caller)
    rows = await plans.page(case.id, paging.limit, paging.after)
    return paging.page([PlanView.of(row) for row in rows], [(row.number,) for row in rows])


@router.get("/{case_id:uuid}/plans/compare")
async def compare_plans(
    case_id: UUID,
    cases: CasesDep,
    plans: PlansDep,
    caller: MayReadRecord,
    from_: Annotated[Number, Query(alias="from", ge=1, le=100_000, description="Number of the version before")],
    to: Number,
) -> PlanDiff:
    """What differs between two versions: goals, needs, resources and tasks added, removed and changed, by field."""
    case = await cases.get(case_id, caller)
    before, after = await plans.find(case.id, from_), await plans.find(case.id, to)
    if before is None or after is None:
        raise NotFound
    return compare(before, after)
