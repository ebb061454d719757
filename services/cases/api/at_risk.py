"""The list of cases that are about to break the rule: an owner, a next step and a date."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.cases.api.doors import MayRead, RisksDep, router
from services.cases.domain import NextStep, State
from services.cases.domain.risk import Risk, Watch, day_at_risk, risks_of
from services.cases.events import Urgency
from services.cases.store import CaseRow
from shared.cursors import Page, PagingDep


class CaseAtRisk(BaseModel):
    """A case at risk, and why."""

    case_id: UUID
    person_id: UUID | None
    state: State
    urgency: Urgency
    worker: str | None
    next_step: NextStep | None
    day: date = Field(description="Of the next step, of the return from a pause, or of a request without an owner")
    days_over: int = Field(description="Days since then; negative while it lies ahead")
    reasons: list[Risk] = Field(description="Why, the most pressing first")

    @classmethod
    def of(cls, case: CaseRow, watch: Watch) -> "CaseAtRisk":
        day = day_at_risk(case)
        step = {"kind": case.next_step, "due_on": case.next_step_on} if case.next_step else None
        why = {"reasons": risks_of(case, watch), "day": day, "days_over": (watch.today - day).days}
        return cls.model_validate({**dict(case), "case_id": case.id, "next_step": step, **why})


@router.get("/at-risk")
async def list_cases_at_risk(
    risks: RisksDep,
    paging: PagingDep,
    caller: MayRead,
    days: Annotated[int, Query(ge=0, le=60, description="Days ahead; and how long a request may wait")] = 7,
) -> Page[CaseAtRisk]:
    """Cases without an owner who is there, or whose next step or return is over or near; the most pressing first."""
    watch = await risks.watch(days)
    rows = await risks.page(caller, watch, paging.limit, paging.after)
    keys = [(number, day_at_risk(case).isoformat(), case.id) for case, number in rows]
    return paging.page([CaseAtRisk.of(case, watch) for case, _ in rows], keys)
