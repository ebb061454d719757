"""The routes of what the follow-up calls found: per call and per item, what can be done about it, and what was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.api.doors import AgendaDep, CasesDep, FollowUpResultsDep, MayClose, MayRead, TasksDep, router
from services.cases.api.stepping import StepDep
from services.cases.api.views import CaseView
from services.cases.domain import LifeDomain, Reason
from services.cases.domain.durability import FollowUpDecision
from services.cases.events import CheckedItem, Durability, FollowUpChoice
from services.cases.store import CaseRow, FollowUpResultRow, TaskRow


class NextRequest(BaseModel):
    """A request that carries a choice out, with what can be filled in already."""

    method: Literal["POST"] = "POST"
    href: str
    body: dict[str, UUID | str | None]


class Offer(BaseModel):
    """One thing that can be done about what a call found lost."""

    choice: FollowUpChoice
    decide: NextRequest = Field(description="Records the choice and makes a reopening; add the reason")
    then: list[NextRequest] = Field(description="What follows: a new referral per lost item; add its terms")


class CallResult(BaseModel):
    """What one call found, and what was decided."""

    follow_up_id: UUID
    kind: str = Field(description="`one-month` or `six-months` after the closing", examples=["one-month"])
    told_at: datetime
    items: list[CheckedItem]
    choice: FollowUpChoice | None = Field(description="Null while nothing is decided")
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    offers: list[Offer] = Field(description="What can be done now; empty without a loss, or once it is decided")


class Check(BaseModel):
    """How an item was found, and when."""

    kind: str
    follow_up_id: UUID
    told_at: datetime
    status: Durability


class ItemDurability(BaseModel):
    """An item of the plan over all its checks."""

    task_id: UUID
    title: str
    domain: LifeDomain
    organisation: str
    durability: Durability | None = Field(description="As the call with the last word found it; null before any")
    checks: list[Check] = Field(description="In the order of the calls")


class FollowUpResultsView(BaseModel):
    """How the plan of a case lasts after its closing."""

    items: list[ItemDurability]
    calls: list[CallResult]

    @classmethod
    def of(cls, case: CaseRow, results: Sequence[FollowUpResultRow], tasks: Sequence[TaskRow]) -> "FollowUpResultsView":
        known = [task for task in tasks if task.in_force or task.durability]
        return cls(
            items=[history(task, results) for task in known],
            calls=[
                CallResult.model_validate({**dict(result), "offers": offers(case, result, known)}) for result in results
            ],
        )


def history(task: TaskRow, results: Sequence[FollowUpResultRow]) -> ItemDurability:
    """An item with all its checks."""
    checks = [
        Check(kind=result.kind, follow_up_id=result.follow_up_id, told_at=result.told_at, status=item.status)
        for result in results
        for item in result.items
        if item.task_id == task.id
    ]
    about = {"title": task.title, "domain": task.domain, "organisation": task.organisation}
    return ItemDurability.model_validate({"task_id": task.id, **about, "durability": task.durability, "checks": checks})


def offers(case: CaseRow, result: FollowUpResultRow, tasks: Sequence[TaskRow]) -> list[Offer]:
    """What can be done about what a call found lost, ready to be sent."""
    lost = [task for task in tasks if task.id in result.lost]
    found = []
    for choice in result.choices(case):
        href = f"/cases/{case.id}/follow-up-results/{result.follow_up_id}/decision"
        then = [referral(case, task) for task in lost] if choice is FollowUpChoice.NEW_REFERRAL else []
        found.append(Offer(choice=choice, decide=NextRequest(href=href, body={"choice": choice}), then=then))
    return found


def referral(case: CaseRow, task: TaskRow) -> NextRequest:
    """A new outgoing referral for a lost item, to the organisation that answered for it."""
    body = {"case_id": case.id, "person_id": case.person_id, "organisation": task.organisation}
    return NextRequest(href="/referrals/outgoing", body=body)


@router.get("/{case_id:uuid}/follow-up-results")
async def read_follow_up_results(
    case_id: UUID, cases: CasesDep, results: FollowUpResultsDep, tasks: TasksDep, caller: MayRead
) -> FollowUpResultsView:
    """How each item of the plan lasts, call by call; for a loss that is not answered yet, what can be done."""
    case = await cases.get(case_id, caller)
    return FollowUpResultsView.of(case, await results.of(case.id), await tasks.of(case.id))


@router.post("/{case_id:uuid}/follow-up-results/{follow_up_id:uuid}/decision", status_code=201)
async def decide_on_follow_up(
    follow_up_id: UUID,
    body: FollowUpDecision,
    step: StepDep,
    results: FollowUpResultsDep,
    tasks: TasksDep,
    agenda: AgendaDep,
    caller: MayClose,
) -> CaseView:
    """Say what is done about the items that a call found lost: a reopening is made at once, the agenda is answered."""
    case = await step.case(caller)
    result = await results.get(case.id, follow_up_id)
    facts = result.decide(case, body, await tasks.of(case.id), (caller.subject, step.now), step.today)
    for task_id in result.lost:
        await agenda.settle_subject(task_id, [Reason.ITEM_LOST])
    return await step.done(case, caller, *facts, words={"reason": body.reason})
