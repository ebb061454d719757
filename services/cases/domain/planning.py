"""The plan's way on a case: written, agreed or refused, its items checked after the closing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from services.cases.domain.agreement import Agreement, NotTheNewestPlan, Refusal
from services.cases.domain.case import Case
from services.cases.domain.drafting import Standing, settle
from services.cases.domain.plan import Plan, PlanContent
from services.cases.domain.task import Task
from services.cases.domain.tasking import assigned_task
from services.cases.domain.words import refuse
from services.cases.events import (
    AccountableItem,
    CheckedItem,
    Durability,
    ItemsChecked,
    PlanAgreed,
    PlanDrafted,
    PlanRefused,
)
from shared.clock import BRUSSELS
from shared.events import Event


def draft(case: Case, content: PlanContent, standing: Standing, by: str, now: datetime) -> tuple[Plan, PlanDrafted]:
    """Write the next version of the plan. Raises IllegalStep, Unfit for what `settle` refuses."""
    case.needs_work()
    parts = settle(content, standing, now.astimezone(BRUSSELS).date())
    case.plan_version += 1
    plan = Plan(
        **dict(parts),
        case_id=case.id,
        number=case.plan_version,
        person_words=content.person_words,
        language=content.language,
        drafted_by=by,
        drafted_at=now,
    )
    return plan, PlanDrafted(case_id=case.id, plan_version=plan.number)


def agree(
    case: Case, plan: Plan | None, tasks: Sequence[Task], agreement: Agreement, today: date
) -> tuple[list[Task], list[Event]]:
    """Put the newest version in force: (its new tasks, the facts).

    Raises IllegalStep, NotTheNewestPlan for another version or one agreed already, Unfit for a day that cannot be or
    a representative who is nothing to the person.
    """
    plan = waiting(case, plan)
    refuse(agreement.faults(case.opened_on, today))
    case.plan_next(agreement.next_step, today)
    new, assigned = plan.put_in_force(tasks)
    in_force = [task for task in (*tasks, *new) if task.in_force]
    plan.agreement = agreement
    case.agreed_version = plan.number
    case.open_tasks = sum(task.is_open for task in in_force)
    items = [
        AccountableItem(task_id=task.id, domain=task.told_domain, organisation=task.organisation) for task in in_force
    ]
    agreed = PlanAgreed(case_id=case.id, plan_version=plan.number, items=items, on=agreement.on)
    return new, [agreed, *(assigned_task(task) for task in assigned)]


def refuse_plan(case: Case, plan: Plan | None, refusal: Refusal, today: date) -> PlanRefused:
    """Note that the person does not agree: the version stays a draft. Raises what `agree` raises."""
    plan = waiting(case, plan)
    refuse(refusal.faults(case.opened_on, today))
    plan.refusals = (*plan.refusals, refusal)
    return PlanRefused(case_id=case.id, plan_version=plan.number, on=refusal.on)


def waiting(case: Case, plan: Plan | None) -> Plan:
    """The newest version, while it waits for the person's word. Raises IllegalStep, NotTheNewestPlan."""
    case.needs_work()
    if plan is None or plan.number != case.plan_version or plan.agreement is not None:
        raise NotTheNewestPlan(facts={"plan_version": case.plan_version})
    return plan


def check_items(
    case: Case, follow_up: tuple[UUID, str], found: Mapping[UUID, Durability], tasks: Sequence[Task]
) -> tuple[list[UUID], list[Event]]:
    """Take the results of a follow-up call over: (the items found lost, the facts).

    An earlier call never overrules a later one, whichever result comes first.
    """
    follow_up_id, kind = follow_up
    checked = [
        CheckedItem(task_id=task.id, status=found[task.id])
        for task in tasks
        if task.id in found and task.take_result(found[task.id], kind)
    ]
    lost = [item.task_id for item in checked if item.status is Durability.LOST]
    facts: list[Event] = [ItemsChecked(case_id=case.id, follow_up_id=follow_up_id, items=checked)]
    return lost, facts if checked else []
